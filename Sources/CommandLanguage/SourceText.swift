/// A piece of text with a name, in which every offset has a line and a column.
///
/// Offsets are UTF-8 offsets from the start of `text`. A slice of a larger file keeps its true line numbers
/// through `firstLine`.
public struct SourceText: Sendable, Equatable {
  /// The most bytes that a source may hold: 4 MiB.
  public static let sizeLimit = 4 * 1024 * 1024

  /// What places print in front of the line: `lesson.migsh` or `<prompt>`.
  public let name: String
  /// All of it.
  public let text: String
  /// The folder of the file that it was read from, which may be empty for the working directory. Files that it names are
  /// looked for there. Nil for what was typed.
  public let folder: String?
  /// The number of the first line of `text`, counted from 1.
  public let firstLine: Int
  /// The bytes of `text`.
  public let utf8: [UInt8]

  private let lineStarts: [Int]

  /// Makes a source of a text that is known to be well formed, such as a slice of a checked source. Its lines end in
  /// newlines.
  public init(name: String, text: String, firstLine: Int = 1, folder: String? = nil) {
    self.name = name
    self.folder = folder
    self.text = text
    self.firstLine = firstLine
    utf8 = Array(text.utf8)
    var starts = [0]
    for (offset, byte) in utf8.enumerated() where byte == Ascii.newline {
      starts.append(offset + 1)
    }
    lineStarts = starts
  }

  /// Makes a source of the bytes of a file or of standard input. Drops a byte order mark at the start, and a carriage
  /// return before a newline, so that a file means and prints the same whatever system wrote it.
  ///
  /// Throws a diagnostic with the place when the bytes are more than `sizeLimit`, are not UTF-8, or hold a
  /// control character other than tab, newline and such a carriage return.
  public init(name: String, bytes: [UInt8], folder: String? = nil) throws(Diagnostic) {
    guard bytes.count <= Self.sizeLimit else {
      let start = SourceText(name: name, text: String(decoding: bytes.prefix(80), as: UTF8.self))
      throw start.diagnostic(
        at: SourceSpan(start: 0, end: 0), "this text has \(bytes.count) bytes, and the most is \(Self.sizeLimit)",
        remedy: "split it, and join the parts with `source FILE`")
    }
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let content = Self.withPlainLineEnds(bytes.starts(with: mark) ? Array(bytes.dropFirst(mark.count)) : bytes)
    let isUTF16 = [[0xFF, 0xFE], [0xFE, 0xFF]].contains { bytes.starts(with: $0) }
    guard !isUTF16, let text = String(validating: content, as: UTF8.self) else {
      let offset = Self.firstInvalidOffset(in: content)
      let repaired = SourceText(name: name, text: String(decoding: content, as: UTF8.self))
      throw repaired.diagnostic(
        at: SourceSpan(start: offset, end: offset + 1), isUTF16 ? "this text is UTF-16" : "this byte is not UTF-8",
        remedy: "save the file as UTF-8")
    }
    self.init(name: name, text: text, folder: folder)
    for offset in utf8.indices {
      let following = offset + 1 < utf8.count ? utf8[offset + 1] : nil
      if utf8[offset] == Ascii.carriageReturn {
        throw diagnostic(
          at: SourceSpan(start: offset, end: offset + 1), "a carriage return does not end a line",
          remedy: "save the file with newlines")
      }
      guard let code = Ascii.controlCode(utf8[offset], following: following) else { continue }
      throw diagnostic(
        at: SourceSpan(start: offset, end: offset + 1), "the control character \(code) cannot stand in a text",
        remedy: "remove it; a tab in a string is written \\t")
    }
  }

  /// Where a span begins.
  public func place(of span: SourceSpan) -> SourcePlace {
    let (line, column) = location(span.start)
    return SourcePlace(file: name, line: line, column: column)
  }

  /// The line and column of an offset. Columns count characters from 1. An offset outside the text counts as its nearer
  /// end.
  public func location(_ offset: Int) -> (line: Int, column: Int) {
    let index = lineIndex(of: offset)
    let range = lineRange(index)
    let end = min(max(offset, range.lowerBound), range.upperBound)
    return (firstLine + index, characterCount(range.lowerBound..<end) + 1)
  }

  /// The number of the last line of the text.
  public var lastLine: Int { firstLine + lineStarts.count - 1 }

  /// The text of the line that holds an offset, without its line end.
  public func line(at offset: Int) -> String {
    String(decoding: utf8[lineRange(lineIndex(of: offset))], as: UTF8.self)
  }

  /// The text that a span covers, as far as it lies inside this source.
  public func text(_ span: SourceSpan) -> String {
    let start = min(max(span.start, 0), utf8.count)
    let end = min(max(span.end, start), utf8.count)
    return String(decoding: utf8[start..<end], as: UTF8.self)
  }

  /// A diagnostic about a span of this source. The caret covers the part of the span on its first line.
  public func diagnostic(
    at span: SourceSpan, _ message: String, expected: String? = nil, suggestion: String? = nil, remedy: String? = nil
  ) -> Diagnostic {
    let (line, column) = location(span.start)
    let range = lineRange(lineIndex(of: span.start))
    let start = min(max(span.start, range.lowerBound), range.upperBound)
    let end = min(max(span.end, start), range.upperBound)
    return Diagnostic(
      place: SourcePlace(file: name, line: line, column: column), sourceLine: self.line(at: span.start),
      caretWidth: max(1, characterCount(start..<end)), message: message, expected: expected, suggestion: suggestion,
      remedy: remedy)
  }

  private func lineIndex(of offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low
  }

  private func lineRange(_ index: Int) -> Range<Int> {
    let start = lineStarts[index]
    return start..<(index + 1 < lineStarts.count ? lineStarts[index + 1] - 1 : utf8.count)
  }

  private func characterCount(_ range: Range<Int>) -> Int {
    String(decoding: utf8[range], as: UTF8.self).count
  }

  private static func withPlainLineEnds(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.contains(Ascii.carriageReturn) else { return bytes }
    return bytes.indices.filter { offset in
      bytes[offset] != Ascii.carriageReturn || offset + 1 == bytes.count || bytes[offset + 1] != Ascii.newline
    }.map { bytes[$0] }
  }

  private static func firstInvalidOffset(in bytes: [UInt8]) -> Int {
    var parser = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var offset = 0
    while case .valid(let scalar) = parser.parseScalar(from: &iterator) {
      offset += scalar.count
    }
    return offset
  }
}

/// A stretch of one source, as UTF-8 offsets from `start` up to and without `end`.
public struct SourceSpan: Sendable, Hashable {
  /// The offset of the first byte.
  public var start: Int
  /// The offset after the last byte.
  public var end: Int

  public init(start: Int, end: Int) {
    self.start = start
    self.end = end
  }

  /// The span from the start of this one to the end of another.
  public func through(_ other: SourceSpan) -> SourceSpan {
    SourceSpan(start: start, end: max(end, other.end))
  }
}

/// The bytes that the language gives a meaning, and their classes.
enum Ascii {
  static let newline = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let tab = UInt8(ascii: "\t")
  static let space = UInt8(ascii: " ")

  static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }
  static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

  static func isLetter(_ byte: UInt8) -> Bool {
    UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
  }

  static func isNameByte(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "_") }

  /// The name of the control character that starts here, as `U+001B`; nil for what a text may hold.
  static func controlCode(_ byte: UInt8, following: UInt8?) -> String? {
    if byte == 0xC2, let following, 0x80...0x9F ~= following { return codeName(following) }
    let isControl = byte < 0x20 && byte != tab && byte != newline && byte != carriageReturn || byte == 0x7F
    return isControl ? codeName(byte) : nil
  }

  private static func codeName(_ value: UInt8) -> String {
    "U+00" + (value < 0x10 ? "0" : "") + String(value, radix: 16, uppercase: true)
  }
}

extension SourceText {
  /// Whether the text is a lesson: its first line, apart from empty lines and comments, is `@lesson`.
  public var beginsLesson: Bool {
    for line in utf8.split(separator: UInt8(ascii: "\n")) {
      let content = line.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
      if content.isEmpty || content.first == UInt8(ascii: "#") { continue }
      guard content.starts(with: Array("@lesson".utf8)) else { return false }
      return content.dropFirst("@lesson".utf8.count).first.map { $0 <= UInt8(ascii: " ") } ?? true
    }
    return false
  }
}
