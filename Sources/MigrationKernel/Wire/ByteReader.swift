/// Why bytes are no packet.
public enum WireError: Error, Sendable, Equatable {
  /// The bytes end within a value. `offset`: where that began.
  case truncated(offset: Int)
  /// Its sender speaks another version of the encoding.
  case otherVersion(UInt8)
  /// There is no such kind of packet.
  case unknownKind(UInt8)
  /// A value that its field cannot have, `what` being the field. `offset`: where it began.
  case badValue(StaticString, offset: Int)
  /// More bytes than the packet says that it has.
  case trailing(Int)

  public static func == (left: WireError, right: WireError) -> Bool { left.description == right.description }
}

extension WireError: CustomStringConvertible {
  /// What is wrong, and what can be done about it.
  public var description: String { "\(what): \(remedy)" }

  /// What is wrong.
  public var what: String {
    switch self {
    case .truncated(let offset): "the packet ends within the value at byte \(offset)"
    case .otherVersion(let version):
      "the packet is of version \(version), and this kernel reads version \(WireHeader.version)"
    case .unknownKind(let kind): "there is no packet of kind \(kind)"
    case .badValue(let what, let offset): "byte \(offset) holds no \(what)"
    case .trailing(let count): "\(count) bytes follow the end of the packet"
    }
  }

  /// What can be done about it.
  var remedy: String {
    switch self {
    case .truncated: "part of it is missing; let its sender send it again"
    case .otherVersion, .unknownKind: "run the same migsh on both nodes"
    case .badValue, .trailing: "the packet was damaged, or its sender does not keep to the encoding"
    }
  }
}

/// Takes values out of the bytes of a packet, from the first to the last.
struct ByteReader {
  /// The most memory that the sets of pages in one packet may take, in bytes: a stretch of many pages is named in few bytes.
  static let pageSetLimit = 256 << 20
  /// How deep the programs of coprocesses may be nested in one another.
  static let nestingLimit = 256

  private let bytes: [UInt8]
  private(set) var offset = 0
  private var pageSetBytesLeft = Self.pageSetLimit
  private var depth = 0
  /// Bytes that say nothing and have come before, in parts.
  private var sentBefore = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var remaining: Int { bytes.count - offset }

  // MARK: - Numbers

  mutating func take(bytes count: Int) throws(WireError) -> UInt64 {
    guard remaining >= count else { throw .truncated(offset: offset) }
    var value: UInt64 = 0
    for place in 0..<count { value |= UInt64(bytes[offset + place]) << UInt64(place * 8) }
    offset += count
    return value
  }

  mutating func take8() throws(WireError) -> UInt8 { UInt8(truncatingIfNeeded: try take(bytes: 1)) }
  mutating func take16() throws(WireError) -> UInt16 { UInt16(truncatingIfNeeded: try take(bytes: 2)) }
  mutating func take32() throws(WireError) -> UInt32 { UInt32(truncatingIfNeeded: try take(bytes: 4)) }
  mutating func take64() throws(WireError) -> UInt64 { try take(bytes: 8) }

  /// A number of at most `limit`, `what` being its field.
  mutating func take32(most limit: Int, _ what: StaticString) throws(WireError) -> Int {
    let start = offset
    let value = Int(try take32())
    guard value <= limit else { throw .badValue(what, offset: start) }
    return value
  }

  mutating func takeFlag() throws(WireError) -> Bool { try takeCode("flag") { [false, true][safe: $0] } }

  /// One byte that stands for a value, `what` being the field.
  mutating func takeCode<Value>(_ what: StaticString, _ meaning: (UInt8) -> Value?) throws(WireError) -> Value {
    let start = offset
    guard let value = meaning(try take8()) else { throw .badValue(what, offset: start) }
    return value
  }

  // MARK: - Lists

  /// How many values follow, each of at least `size` bytes.
  mutating func takeCount(ofAtLeast size: Int) throws(WireError) -> Int {
    let start = offset
    let count = Int(try take32())
    guard count <= remaining / size else { throw .truncated(offset: start) }
    return count
  }

  /// A value whose type says how it is read.
  mutating func take<Value: WireValue>() throws(WireError) -> Value { try Value(from: &self) }

  mutating func takeList<Value: WireValue>(_: Value.Type, ofAtLeast size: Int) throws(WireError) -> [Value] {
    try takeList(ofAtLeast: size) { (reader) throws(WireError) in try Value(from: &reader) }
  }

  mutating func takeList<Value>(
    ofAtLeast size: Int, _ element: (inout ByteReader) throws(WireError) -> Value
  ) throws(WireError) -> [Value] {
    let count = try takeCount(ofAtLeast: size)
    var values: [Value] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try element(&self)) }
    return values
  }

  mutating func takeBytes(_ count: Int) throws(WireError) -> [UInt8] {
    guard count <= remaining else { throw .truncated(offset: offset) }
    defer { offset += count }
    return Array(bytes[offset..<offset + count])
  }

  mutating func takePage(_ size: Int) throws(WireError) -> Page {
    guard size <= remaining else { throw .truncated(offset: offset) }
    defer { offset += size }
    return Page(copying: bytes.span.extracting(offset..<offset + size))
  }

  mutating func takeText() throws(WireError) -> String {
    let start = offset
    let count = try takeCount(ofAtLeast: 1)
    guard let text = String(validating: bytes[offset..<offset + count], as: UTF8.self) else {
      throw .badValue("text in UTF-8", offset: start)
    }
    offset += count
    return text
  }

  /// Moves over bytes that say nothing.
  mutating func skipPadding(_ count: Int) throws(WireError) {
    let before = min(count, sentBefore)
    sentBefore -= before
    let count = count - before
    guard count <= remaining else { throw .truncated(offset: offset) }
    offset += count
  }

  /// How many of the bytes that say nothing have come before, in parts: they are missing in what follows.
  mutating func takeSentBefore() throws(WireError) -> UInt32 {
    let start = offset
    let count = try take32()
    guard count > 0 else { throw .badValue("size of parts", offset: start) }
    sentBefore = Int(count)
    return count
  }

  /// - Throws: when more has come before than belongs to what has been read.
  func finishParts() throws(WireError) {
    if sentBefore > 0 { throw .badValue("end of parts", offset: offset) }
  }

  // MARK: - Bounds

  /// Counts the memory of one more set of pages, the last of which is below `pageCount`.
  mutating func chargePageSet(of pageCount: Int) throws(WireError) {
    pageSetBytesLeft -= (pageCount + 63) / 64 * 8
    if pageSetBytesLeft < 0 { throw .badValue("set of pages that fits in memory", offset: offset) }
  }

  /// Takes something that may hold more of its kind.
  mutating func nested<Value>(
    _ take: (inout ByteReader) throws(WireError) -> Value
  ) throws(WireError) -> Value {
    guard depth < Self.nestingLimit else { throw .badValue("program of bounded depth", offset: offset) }
    depth += 1
    defer { depth -= 1 }
    return try take(&self)
  }

  /// - Throws: `trailing` when anything is left.
  func finish() throws(WireError) { if remaining > 0 { throw .trailing(remaining) } }
}

extension Array {
  /// The element at a place that may not be there.
  subscript(safe place: some BinaryInteger) -> Element? { place < count ? self[Int(place)] : nil }
}
