/// Parts of a page. Writing keeps the one form that a page has for its contents: see `Page`.
extension Page {
  /// Copies bytes from `offset` on, as many as the buffer holds.
  func copyBytes(from offset: Int, to buffer: UnsafeMutableBufferPointer<UInt8>) {
    switch self {
    case .zero: buffer.initialize(repeating: 0)
    case .word(let word):
      for place in buffer.indices { buffer.initializeElement(at: place, to: word.byte(offset + place)) }
    case .bytes(let bytes):
      var rest = buffer
      if offset < bytes.count {
        let end = buffer.initialize(fromContentsOf: bytes[offset..<min(bytes.count, offset + buffer.count)])
        rest = UnsafeMutableBufferPointer(rebasing: buffer[end...])
      }
      rest.initialize(repeating: 0)
    }
  }

  /// The little-endian number in `size` bytes from `offset` on.
  func number(at offset: Int, size: Int) -> UInt64 {
    switch self {
    case .zero: return 0
    case .word(let word):
      return offset < 8 ? word >> UInt64(offset * 8) & UInt64.max >> UInt64(64 - size * 8) : 0
    case .bytes(let bytes):
      var number: UInt64 = 0
      for place in 0..<max(0, min(size, bytes.count - offset)) {
        number |= UInt64(bytes[offset + place]) << UInt64(place * 8)
      }
      return number
    }
  }

  /// Writes a little-endian number into `size` bytes from `offset` on.
  mutating func write(_ number: UInt64, at offset: Int, size: Int, pageSize: Int) {
    if let word = word {
      if offset < 8 {
        // What does not fit in the word has to be zero for the page to stay one.
        let inside = min(size, 8 - offset)
        if inside == 8 || number >> UInt64(inside * 8) == 0 {
          let mask = (UInt64.max >> UInt64(64 - inside * 8)) << UInt64(offset * 8)
          self = Page(word: word & ~mask | number << UInt64(offset * 8) & mask)
          return
        }
      }
    }
    if number == 0, offset >= keptCount { return }
    modifyBytes(in: offset..<offset + size, pageSize: pageSize) { bytes in
      for place in 0..<size { bytes[offset + place] = number.byte(place) }
    }
  }

  /// Writes bytes from `offset` on.
  mutating func write(_ new: some Collection<UInt8>, at offset: Int, pageSize: Int) {
    let count = new.count
    if offset == 0, count >= keptCount {
      // Nothing is left of what was there. A whole array is not copied: whoever gave it shares it.
      self = Page(contents: [UInt8](new))
      return
    }
    if var word = word {
      var fits = true
      for (place, byte) in zip(offset..., new) {
        if place < 8 {
          word = word & ~(0xFF << UInt64(place * 8)) | UInt64(byte) << UInt64(place * 8)
        } else if byte != 0 {
          fits = false
          break
        }
      }
      if fits {
        self = Page(word: word)
        return
      }
    }
    modifyBytes(in: offset..<offset + count, pageSize: pageSize) { bytes in
      for (place, byte) in zip(offset..., new) { bytes[place] = byte }
    }
  }

  /// Changes bytes in a place of the page, without a copy if nothing shares them and they end as far behind as before.
  private mutating func modifyBytes(in place: Range<Int>, pageSize: Int, _ change: (inout [UInt8]) -> Void) {
    var bytes = start(ofAtLeast: word == nil ? 0 : min(max(8, place.upperBound), pageSize))
    // The page lets go of its bytes first, so that the change happens in place and not in a copy.
    self = .zero
    bytes.appendZeros(upTo: place.upperBound, pageSize: pageSize)
    change(&bytes)
    self = Page(contents: bytes)
  }
}

extension [UInt8] {
  /// Makes room for twice as much when there is not enough, so that a page which is filled byte by byte is not copied for
  /// each of them; but never for more than a page.
  fileprivate mutating func appendZeros(upTo end: Int, pageSize: Int) {
    guard end > count else { return }
    if end > capacity { reserveCapacity(Swift.max(end, Swift.min(2 * capacity, pageSize))) }
    append(contentsOf: repeatElement(0, count: end - count))
  }
}

extension UInt64 {
  /// The byte at a place of the little-endian number, and zero behind it.
  fileprivate func byte(_ place: Int) -> UInt8 { place < 8 ? UInt8(truncatingIfNeeded: self >> UInt64(place * 8)) : 0 }
}
