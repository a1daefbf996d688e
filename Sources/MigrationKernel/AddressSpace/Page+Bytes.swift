/// Parts of a page. Writing keeps the one form that a page has for its contents: see `Page`.
extension Page {
  /// Copies bytes from `offset` on, as many as the buffer holds.
  func copyBytes(from offset: Int, to buffer: UnsafeMutableBufferPointer<UInt8>) {
    switch self {
    case .zero: buffer.initialize(repeating: 0)
    case .word(let word):
      for place in buffer.indices { buffer.initializeElement(at: place, to: word.byte(offset + place)) }
    case .bytes(let bytes): _ = buffer.initialize(fromContentsOf: bytes[offset..<offset + buffer.count])
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
      for place in 0..<size { number |= UInt64(bytes[offset + place]) << UInt64(place * 8) }
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
      } else if number == 0 {
        return
      }
    }
    modifyBytes(in: offset..<offset + size, pageSize: pageSize) { bytes in
      for place in 0..<size { bytes[offset + place] = number.byte(place) }
    }
  }

  /// Writes bytes from `offset` on.
  mutating func write(_ new: some Collection<UInt8>, at offset: Int, pageSize: Int) {
    let count = new.count
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

  /// Changes bytes in a place of the page, without a copy if nothing shares them.
  private mutating func modifyBytes(in place: Range<Int>, pageSize: Int, _ change: (inout [UInt8]) -> Void) {
    var bytes = contents(pageSize: pageSize)
    // The page lets go of its bytes first, so that the change happens in place and not in a copy.
    self = .zero
    change(&bytes)
    self = bytes.isWord(changedIn: place) ? Page(word: bytes.span.number(at: 0)) : .bytes(bytes)
  }
}

extension [UInt8] {
  /// Whether all bytes behind the first eight are zero, after a change in a place of a page that had others or that made
  /// others.
  fileprivate func isWord(changedIn place: Range<Int>) -> Bool {
    // Behind the first eight nothing has changed.
    guard place.upperBound > 8 else { return false }
    // A page that was full mostly stays so, and then the bytes that were changed and their neighbours mostly show it.
    let near = Swift.max(8, place.lowerBound - 1)..<Swift.min(count, place.upperBound + 1)
    return near.allSatisfy { self[$0] == 0 } && span.isZero(from: 8)
  }
}

extension UInt64 {
  /// The byte at a place of the little-endian number, and zero behind it.
  fileprivate func byte(_ place: Int) -> UInt8 { place < 8 ? UInt8(truncatingIfNeeded: self >> UInt64(place * 8)) : 0 }
}
