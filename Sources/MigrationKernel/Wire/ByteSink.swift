/// Where the bytes of a packet go.
///
/// One description of the encoding serves to count its bytes, to fold them into a digest, and to write them.
/// Numbers are little-endian; texts and lists have a 32-bit count before them.
package protocol ByteSink {
  mutating func put(_ value: UInt64, bytes: Int)
  mutating func put(_ text: String)
  mutating func put(_ page: Page, pageSize: Int)
  mutating func put(_ bytes: [UInt8])
  /// Bytes that say nothing: the rest of a message's body whose size was given apart from its text.
  mutating func putPadding(_ count: Int)
}

/// Something that travels: its encoding, and beside it the decoding.
///
/// Decoding is total: any bytes give a value or a `WireError`, and no more memory is asked for than the bytes at hand
/// could fill, but for sets of pages, for which `ByteReader` has a bound of its own. What was decoded is safe to use:
/// numbers that name a place (an instruction, a register, a page) name one that is there.
protocol WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink)
  init(from reader: inout ByteReader) throws(WireError)
}

extension ByteSink {
  mutating func put8(_ value: UInt8) { put(UInt64(value), bytes: 1) }
  mutating func put16(_ value: UInt16) { put(UInt64(value), bytes: 2) }
  mutating func put32(_ value: UInt32) { put(UInt64(value), bytes: 4) }
  mutating func put64(_ value: UInt64) { put(value, bytes: 8) }
  mutating func putCount(_ count: Int) { put(UInt64(count), bytes: 4) }
  mutating func put(_ flag: Bool) { put8(flag ? 1 : 0) }

  mutating func put(_ value: some WireValue) { value.encode(into: &self) }

  mutating func putList(_ values: some Collection<some WireValue>) {
    putCount(values.count)
    for value in values { value.encode(into: &self) }
  }
}

extension ByteSink {
  /// Puts what `put` puts, but for so many bytes that say nothing: they have gone before, in parts.
  mutating func putRest(after sentBefore: UInt32, _ put: (inout Rest<Self>) -> Void) {
    var rest = Rest(sink: self, sentBefore: Int(sentBefore))
    put(&rest)
    self = rest.sink
  }
}

/// Leaves out bytes that say nothing and have gone before.
struct Rest<Sink: ByteSink>: ByteSink {
  fileprivate var sink: Sink
  fileprivate var sentBefore: Int

  mutating func put(_ value: UInt64, bytes: Int) { sink.put(value, bytes: bytes) }
  mutating func put(_ text: String) { sink.put(text) }
  mutating func put(_ page: Page, pageSize: Int) { sink.put(page, pageSize: pageSize) }
  mutating func put(_ bytes: [UInt8]) { sink.put(bytes) }
  mutating func putPadding(_ count: Int) {
    let before = min(count, sentBefore)
    sentBefore -= before
    sink.putPadding(count - before)
  }
}

/// Counts bytes.
struct ByteCounter: ByteSink {
  private(set) var count = 0
  /// Those of them that say nothing.
  private(set) var padding = 0
  mutating func put(_ value: UInt64, bytes: Int) { count += bytes }
  mutating func put(_ text: String) { count += 4 + text.utf8.count }
  mutating func put(_ page: Page, pageSize: Int) { count += pageSize }
  mutating func put(_ bytes: [UInt8]) { count += bytes.count }
  mutating func putPadding(_ count: Int) {
    self.count += count
    padding += count
  }
}

/// Folds bytes into a number that is equal for equal packets.
struct ByteDigest: ByteSink {
  private(set) var value: UInt64 = 0
  mutating func put(_ word: UInt64, bytes: Int) { value = mixed(value ^ word &+ UInt64(bytes)) }
  mutating func put(_ text: String) {
    putCount(text.utf8.count)
    var text = text
    text.withUTF8 { for byte in $0 { put8(byte) } }
  }
  mutating func put(_ page: Page, pageSize: Int) { put64(page.digest(at: 0)) }
  mutating func put(_ bytes: [UInt8]) { for byte in bytes { put8(byte) } }
  mutating func putPadding(_ count: Int) {}
}

/// Writes bytes.
package struct ByteWriter: ByteSink {
  package private(set) var bytes: [UInt8] = []
  package init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }
  package mutating func put(_ value: UInt64, bytes count: Int) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
  }
  package mutating func put(_ text: String) {
    putCount(text.utf8.count)
    bytes.append(contentsOf: text.utf8)
  }
  package mutating func put(_ page: Page, pageSize: Int) {
    if let word = page.word, pageSize >= 8 {
      put64(word)
      putPadding(pageSize - 8)
    } else {
      let start = page.start(ofAtLeast: min(8, pageSize))
      bytes.append(contentsOf: start)
      putPadding(pageSize - start.count)
    }
  }
  package mutating func put(_ bytes: [UInt8]) { self.bytes.append(contentsOf: bytes) }
  package mutating func putPadding(_ count: Int) {
    var left = count
    while left > 0 {
      bytes.append(contentsOf: Self.zeros[..<min(left, Self.zeros.count)])
      left -= min(left, Self.zeros.count)
    }
  }

  /// To copy zeros is cheaper than to write them one by one.
  private static let zeros = [UInt8](repeating: 0, count: 4096)
}
