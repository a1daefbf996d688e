/// Cuts a stretch of a source into tokens, one at a time when the parser asks.
///
/// Only the parser knows what may stand in a place. The words of files and help topics follow other rules than names,
/// so the parser reads them with `nextRawWord` instead of `next`.
struct Lexer {
  /// The most bytes of a name.
  static let longestName = 1024

  let source: SourceText
  /// Where the lexer looks for the next token.
  private(set) var position: Int
  /// The end of the stretch.
  let end: Int
  /// Whether a newline counts as white space, as it does inside parentheses and brackets.
  var newlineIsBlank = false {
    didSet { cached = nil }
  }

  private let start: Int
  private var cached: Token?

  /// How deep parentheses and texts may be nested inside one text.
  static let deepestNesting = 64

  /// Whether what it throws says anything: to somebody who only wants to know that there is a mistake, it need not.
  private let describesMistakes: Bool

  init(source: SourceText, range: SourceSpan, describesMistakes: Bool = true) {
    self.source = source
    self.describesMistakes = describesMistakes
    end = min(max(range.end, 0), source.utf8.count)
    start = min(max(range.start, 0), end)
    position = start
  }

  /// The next token, which is not used up.
  mutating func peek() throws(Diagnostic) -> Token {
    if let cached { return cached }
    let token = try scan()
    cached = token
    return token
  }

  /// The next token, which is used up.
  @discardableResult
  mutating func next() throws(Diagnostic) -> Token {
    let token = try peek()
    position = token.span.end
    cached = nil
    return token
  }

  /// Reads `20 ms` as `20ms`, when that comes next: what is printed can be typed.
  mutating func joinUnit() throws(Diagnostic) {
    let number = try peek()
    guard case .number(let literal) = number.kind, literal.dimension == .count || literal.dimension == .number else {
      return
    }
    var unitStart = number.span.end
    while let byte = byte(unitStart), byte == Ascii.space { unitStart += 1 }
    var unitEnd = unitStart
    while let byte = byte(unitEnd), Ascii.isNameByte(byte) || byte == UInt8(ascii: "-") { unitEnd += 1 }
    let unit = text(unitStart, unitEnd)
    guard unitStart > number.span.end, Unit.all.contains(where: { $0.name == unit }) else { return }
    let digits = text(number.span.start, number.span.end).split(separator: ".", omittingEmptySubsequences: false)
    let notation = NumberNotation(whole: digits[0], fraction: digits.count > 1 ? digits[1] : "", unit: unit[...])
    do {
      let token = Token(
        kind: .number(try notation.literal()), span: SourceSpan(start: number.span.start, end: unitEnd),
        hasSpaceBefore: number.hasSpaceBefore)
      cached = token
    } catch {
      throw diagnostic(error, number: SourceSpan(start: number.span.start, end: unitEnd), unitStart: unitStart)
    }
  }

  /// Where the next token begins.
  var nextStart: Int { afterBlanks(from: position) }

  /// Whether a statement ends here: at a separator, a closing brace or the end.
  var isAtStatementEnd: Bool {
    guard let byte = byte(nextStart) else { return true }
    return byte == Ascii.newline || byte == UInt8(ascii: ";") || byte == UInt8(ascii: "}")
  }

  /// Whether a flag comes next.
  var isAtFlag: Bool { isFlag(at: nextStart) }

  /// Whether `|` comes next.
  var isAtPipe: Bool { byte(nextStart) == UInt8(ascii: "|") }

  /// The next character.
  var nextCharacter: SourceSpan { SourceSpan(start: nextStart, end: endOfCharacter(from: nextStart)) }

  /// The text from the next character to the end of the line, which is used up.
  mutating func nextRestOfLine() -> (text: String, span: SourceSpan) {
    let lineStart = nextStart
    var offset = lineStart
    while let byte = byte(offset), byte != Ascii.newline { offset += 1 }
    position = offset
    cached = nil
    let span = SourceSpan(start: lineStart, end: offset)
    return (source.text(span), span)
  }

  /// Whether the next token touches the last one.
  var nextTouches: Bool { nextStart == position && byte(position) != nil && byte(position) != Ascii.newline }

  func byte(_ offset: Int) -> UInt8? { offset >= start && offset < end ? source.utf8[offset] : nil }

  /// The next raw word; nil when none comes next. It ends at white space, at a separator, or at a sign that begins a
  /// quotation, a group or a comment.
  mutating func nextRawWord() -> (word: String, span: SourceSpan)? {
    let wordStart = nextStart
    var offset = wordStart
    while let byte = byte(offset), !Ascii.isBlank(byte), byte != Ascii.newline, !Self.endsRawWord.contains(byte) {
      if byte == UInt8(ascii: "\\"), afterContinuation(at: offset) != nil { break }
      offset += 1
    }
    guard offset > wordStart else { return nil }
    position = offset
    cached = nil
    let span = SourceSpan(start: wordStart, end: offset)
    return (source.text(span), span)
  }

  private static let endsRawWord = Array(";#\"'(){}$".utf8)
}

// MARK: - Tokens

extension Lexer {
  private func scan() throws(Diagnostic) -> Token {
    let offset = nextStart
    guard let first = byte(offset) else { return token(.end, from: offset, to: offset) }
    if Ascii.isLetter(first) {
      let nameEnd = try endOfShortName(from: offset)
      return token(.name(text(offset, nameEnd)), from: offset, to: nameEnd)
    }
    if Ascii.isDigit(first) { return try scanNumber(from: offset) }
    switch first {
    case Ascii.newline, UInt8(ascii: ";"):
      return token(.separator, from: offset, to: offset + 1)
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      let (parts, stringEnd) = try scanString(from: offset)
      return token(.string(parts), from: offset, to: stringEnd)
    case UInt8(ascii: "$"):
      return try scanVariable(from: offset)
    case UInt8(ascii: "-") where isFlag(at: offset):
      let nameEnd = try endOfShortName(from: offset + 2)
      return token(.flag(text(offset + 2, nameEnd)), from: offset, to: nameEnd)
    default:
      let pair = Symbol(rawValue: text(offset, min(offset + 2, end)))
      guard let symbol = pair ?? Symbol(rawValue: text(offset, offset + 1)) else {
        throw unexpectedCharacter(at: offset)
      }
      return token(.symbol(symbol), from: offset, to: offset + symbol.rawValue.utf8.count)
    }
  }

  private func scanVariable(from offset: Int) throws(Diagnostic) -> Token {
    if byte(offset + 1) == UInt8(ascii: "(") { return token(.substitution, from: offset, to: offset + 2) }
    guard let first = byte(offset + 1), Ascii.isLetter(first) else {
      throw complaint(
        at: SourceSpan(start: offset, end: offset + 1), "`$` stands alone",
        expected: "the name of a variable such as $x, or $(expression)")
    }
    let nameEnd = try endOfShortName(from: offset + 1)
    return token(.variable(text(offset + 1, nameEnd)), from: offset, to: nameEnd)
  }

  private func scanNumber(from offset: Int) throws(Diagnostic) -> Token {
    let wholeEnd = endOfDigits(from: offset)
    var fractionStart = wholeEnd
    var unitStart = wholeEnd
    if byte(wholeEnd) == UInt8(ascii: "."), let digit = byte(wholeEnd + 1), Ascii.isDigit(digit) {
      fractionStart = wholeEnd + 1
      unitStart = endOfDigits(from: fractionStart)
    }
    var unitEnd = unitStart
    if byte(unitStart) == UInt8(ascii: "%") {
      unitEnd += 1
      try checkRemainderSign(at: unitStart)
    } else {
      // Takes bytes outside ASCII into the unit, so that `5µs` is only one mistake.
      while let byte = byte(unitEnd), Ascii.isNameByte(byte) || byte >= 0x80 { unitEnd += 1 }
    }
    let unit = text(unitStart, unitEnd)
    let notation = NumberNotation(
      whole: text(offset, wholeEnd)[...], fraction: text(fractionStart, unitStart)[...], unit: unit[...])
    do {
      return token(.number(try notation.literal()), from: offset, to: unitEnd)
    } catch {
      throw diagnostic(error, number: SourceSpan(start: offset, end: unitEnd), unitStart: unitStart)
    }
  }

  private func checkRemainderSign(at offset: Int) throws(Diagnostic) {
    guard let following = byte(offset + 1), Ascii.isNameByte(following) || following == UInt8(ascii: "$") else {
      return
    }
    throw complaint(
      at: SourceSpan(start: offset, end: offset + 1), "`%` that touches a number makes it a share",
      remedy: "for the remainder put a space on both sides of `%`")
  }

  private func diagnostic(_ problem: NumberNotation.Problem, number: SourceSpan, unitStart: Int) -> Diagnostic {
    let text = source.text(number)
    switch problem {
    case .unknownUnit:
      let span = SourceSpan(start: unitStart, end: number.end)
      let unit = source.text(span)
      let isMicro = unit == "\u{B5}s" || unit == "\u{3BC}s"
      return complaint(
        at: span, "`\(shortened(unit))` is no unit",
        expected: "ns, us, ms, s, min, h; B, KiB, MiB, GiB, kB, MB, GB; bps, kbps, Mbps, Gbps; or %",
        suggestion: isMicro ? "us" : closest(to: unit, among: Unit.all.map(\.name)),
        remedy: unit.count > 4 ? "a name begins with a letter" : nil)
    case .notWhole(let smallest):
      return complaint(
        at: number, "`\(shortened(text))` is no whole number of \(smallest)", remedy: "quantities are never rounded")
    case .tooLarge:
      return complaint(at: number, "`\(shortened(text))` is too large a number")
    case .tooManyDigits:
      return complaint(at: number, "this number has too many digits", expected: "at most 38")
    }
  }
}

// MARK: - Characters

extension Lexer {
  private func token(_ kind: Token.Kind, from offset: Int, to tokenEnd: Int) -> Token {
    Token(
      kind: kind, span: SourceSpan(start: offset, end: tokenEnd), hasSpaceBefore: hasSpace(before: offset))
  }

  func hasSpace(before offset: Int) -> Bool {
    guard let byte = byte(offset - 1) else { return true }
    return Ascii.isBlank(byte) || byte == Ascii.newline
  }

  /// Whether white space, or the end, stands at an offset.
  func hasSpace(at offset: Int) -> Bool {
    guard let byte = byte(offset) else { return true }
    return Ascii.isBlank(byte) || byte == Ascii.newline
  }

  private func isFlag(at offset: Int) -> Bool {
    guard starts(with: "--", at: offset), let first = byte(offset + 2), Ascii.isLetter(first) else { return false }
    return hasSpace(before: offset) || byte(offset - 1) == UInt8(ascii: ";") || byte(offset - 1) == UInt8(ascii: "{")
  }

  private func afterBlanks(from start: Int) -> Int {
    var offset = start
    while let byte = byte(offset) {
      if Ascii.isBlank(byte) || newlineIsBlank && byte == Ascii.newline {
        offset += 1
      } else if byte == UInt8(ascii: "#") {
        while let byte = self.byte(offset), byte != Ascii.newline { offset += 1 }
      } else if byte == UInt8(ascii: "\\"), let next = afterContinuation(at: offset) {
        offset = next
      } else {
        break
      }
    }
    return offset
  }

  /// Where the text goes on after a `\` at the end of a line; nil when something else follows the `\`.
  private func afterContinuation(at offset: Int) -> Int? {
    var next = offset + 1
    while let byte = byte(next), Ascii.isBlank(byte) { next += 1 }
    guard let byte = byte(next) else { return next }
    return byte == Ascii.newline ? next + 1 : nil
  }

  /// The same for a name that is no longer than names may be: tables repeat them for every row.
  private func endOfShortName(from offset: Int) throws(Diagnostic) -> Int {
    let nameEnd = endOfName(from: offset)
    guard nameEnd - offset <= Self.longestName else {
      throw complaint(
        at: SourceSpan(start: offset, end: nameEnd), "this name is longer than \(Self.longestName) bytes")
    }
    return nameEnd
  }

  func endOfName(from offset: Int) -> Int {
    var nameEnd = offset
    while let byte = byte(nameEnd) {
      if Ascii.isNameByte(byte) {
        nameEnd += 1
      } else if byte == UInt8(ascii: "-"), let next = self.byte(nameEnd + 1), Ascii.isNameByte(next) {
        nameEnd += 2
      } else {
        break
      }
    }
    return nameEnd
  }

  func endOfDigits(from offset: Int) -> Int {
    var digitsEnd = offset
    while let byte = byte(digitsEnd), Ascii.isDigit(byte) { digitsEnd += 1 }
    return digitsEnd
  }

  func endOfCharacter(from offset: Int) -> Int {
    var next = offset + 1
    while let byte = byte(next), 0x80...0xBF ~= byte { next += 1 }
    return next
  }

  private func starts(with text: String, at offset: Int) -> Bool {
    text.utf8.enumerated().allSatisfy { byte(offset + $0.offset) == $0.element }
  }

  func text(_ start: Int, _ end: Int) -> String { source.text(SourceSpan(start: start, end: end)) }

  /// A diagnostic about a part of the source. It takes time in proportion to the line that it repeats.
  func complaint(
    at span: SourceSpan, _ message: @autoclosure () -> String, expected: String? = nil, suggestion: String? = nil,
    remedy: String? = nil
  ) -> Diagnostic {
    guard describesMistakes else { return Self.mistake }
    return source.diagnostic(at: span, message(), expected: expected, suggestion: suggestion, remedy: remedy)
  }

  /// What is thrown when nobody reads it.
  private static let mistake = Diagnostic(
    place: SourcePlace(file: "", line: 1, column: 1), sourceLine: "", message: "")

  private func unexpectedCharacter(at offset: Int) -> Diagnostic {
    let replacements = [
      "&&": "and", "||": "or", "&": "and", "|": "or", "!": "not", "\u{201C}": "\"", "\u{201D}": "\"",
      "\u{2018}": "'", "\u{2019}": "'", "\u{2013}": "-", "\u{2212}": "-", "\u{2014}": "--",
    ]
    var span = SourceSpan(start: offset, end: endOfCharacter(from: offset))
    if starts(with: "&&", at: offset) || starts(with: "||", at: offset) { span.end = offset + 2 }
    let character = source.text(span)
    if let code = byte(offset).flatMap({ Ascii.controlCode($0, following: byte(offset + 1)) }) {
      return complaint(at: span, "the control character \(code) cannot stand in a text")
    }
    if character == "\u{A0}" {
      return complaint(
        at: span, "this is a space that does not break (U+00A0)", remedy: "type a plain space instead")
    }
    if character == "\\" {
      return complaint(at: span, "`\\` stands in the middle of a line", expected: "`\\` at its end only")
    }
    return complaint(
      at: span, "`\(character)` cannot stand here", suggestion: replacements[character],
      remedy: (byte(offset) ?? 0) >= 0x80 && replacements[character] == nil
        ? "names use the letters A to Z; other text stands in quotes" : nil)
  }
}

/// A piece of the source as messages quote it: its first line, and at most forty characters.
func shortened(_ text: String) -> String {
  let line = text.prefix { !$0.isNewline }
  let head = line.prefix(40)
  return head.count < text.count ? head + "…" : String(head)
}
