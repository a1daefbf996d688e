import Shell

/// A place in a text as editors count: lines from 0, and UTF-16 units from the start of the line.
struct TextPosition: Equatable {
  var line: Int
  var character: Int

  init(line: Int, character: Int) { (self.line, self.character) = (line, character) }

  /// - Parameter json: as it comes from a client; nil when it is no place.
  init?(_ json: JSON?) {
    guard let line = json?["line"]?.wholeNumber, let character = json?["character"]?.wholeNumber, line >= 0,
      character >= 0
    else { return nil }
    (self.line, self.character) = (line, character)
  }

  var json: JSON {
    .object([("line", .integer(Int64(line))), ("character", .integer(Int64(character)))])
  }
}

/// The bytes of a text, as far as its lines matter.
struct TextLines {
  let bytes: [UInt8]
  /// Where the lines begin.
  private let starts: [Int]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    var starts = [0]
    for (offset, byte) in bytes.enumerated() {
      let isReturn = byte == 0x0D && (offset + 1 == bytes.count || bytes[offset + 1] != 0x0A)
      if byte == 0x0A || isReturn { starts.append(offset + 1) }
    }
    self.starts = starts
  }

  var count: Int { starts.count }

  /// The line without its end.
  func range(ofLine line: Int) -> Range<Int> {
    let start = starts[line]
    var end = line + 1 < starts.count ? starts[line + 1] : bytes.count
    while end > start, bytes[end - 1] == 0x0A || bytes[end - 1] == 0x0D { end -= 1 }
    return start..<end
  }

  /// Where a place is. A place behind the end of its line, or of the text, counts as that end.
  func offset(of position: TextPosition) -> Int {
    guard position.line < starts.count else { return bytes.count }
    let line = range(ofLine: position.line)
    var offset = line.lowerBound
    var units = 0
    while offset < line.upperBound {
      let (length, width) = Self.measure(bytes[offset])
      guard units + width <= position.character else { break }
      units += width
      offset = min(offset + length, line.upperBound)
    }
    return offset
  }

  func position(of offset: Int) -> TextPosition {
    let line = line(of: offset)
    return TextPosition(line: line, character: units(starts[line]..<max(starts[line], min(offset, bytes.count))))
  }

  /// The line that holds an offset.
  func line(of offset: Int) -> Int {
    var (low, high) = (0, starts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= offset { low = middle } else { high = middle }
    }
    return low
  }

  func json(_ range: Range<Int>) -> JSON {
    .object([("start", position(of: range.lowerBound).json), ("end", position(of: range.upperBound).json)])
  }

  func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// How many UTF-16 units a stretch has.
  private func units(_ range: Range<Int>) -> Int {
    range.reduce(0) { $0 + ((bytes[$1] & 0xC0) == 0x80 ? 0 : Self.measure(bytes[$1]).width) }
  }

  /// How many bytes a character has that begins with a byte, and how many UTF-16 units.
  private static func measure(_ first: UInt8) -> (length: Int, width: Int) {
    switch first {
    case 0..<0x80: (1, 1)
    case 0xC0..<0xE0: (2, 1)
    case 0xE0..<0xF0: (3, 1)
    case 0xF0...: (4, 2)
    default: (1, 1)
    }
  }
}
