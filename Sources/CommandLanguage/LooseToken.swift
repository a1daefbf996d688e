/// A token of a text that may be unfinished or wrong, as while it is typed. What the lexer refuses becomes a token too.
public struct LooseToken: Sendable, Equatable {
  /// What it is.
  public enum Kind: Sendable, Equatable {
    /// A name, or a part of the text that is no token of the language.
    case word
    case number
    /// A text in quotes. When it is not closed, it goes on to the end.
    case text(isClosed: Bool)
    /// `$x`, or `$` alone.
    case variable
    /// `$(`.
    case substitution
    /// `--name`.
    case flag
    /// A sign such as `{` or `==`.
    case symbol
    /// A newline or `;`.
    case separator
    /// From `#` to the end of the line.
    case comment
  }

  /// What it is.
  public let kind: Kind
  /// All of it, as typed.
  public let text: String
  /// Where it stands, in UTF-8 offsets.
  public private(set) var range: Range<Int>
  /// Whether white space, or nothing at all, stands before it.
  public let hasSpaceBefore: Bool

  /// The tokens of a text, in order.
  public static func all(in text: String) -> [LooseToken] {
    let source = SourceText(name: "", text: text)
    return all(in: source, 0..<source.utf8.count)
  }

  /// Variables, `$(` and what follows it in a text in quotes. Nothing in one in single quotes.
  ///
  /// Takes time in proportion to this token, and not to the text around it.
  public var parts: [LooseToken] {
    guard case .text = kind, text.hasPrefix("\"") else { return [] }
    let source = SourceText(name: "", text: text)
    let end = source.utf8.count
    var parts: [LooseToken] = []
    var offset = 1
    while offset < end {
      let byte = source.utf8[offset]
      let following = offset + 1 < end ? source.utf8[offset + 1] : nil
      if byte == UInt8(ascii: "\\") {
        offset += 2
      } else if byte == UInt8(ascii: "$"), following == UInt8(ascii: "(") {
        let groupEnd = Self.endOfGroup(in: source, from: offset, within: end)
        parts += Self.all(in: source, offset..<groupEnd)
        offset = groupEnd
      } else if byte == UInt8(ascii: "$"), following.map(Ascii.isLetter) == true {
        let lexer = Lexer(source: source, range: SourceSpan(start: offset, end: end))
        let nameEnd = lexer.endOfName(from: offset + 1)
        parts.append(LooseToken(.variable, source, offset..<nameEnd))
        offset = nameEnd
      } else {
        offset += 1
      }
    }
    return parts.map { $0.moved(by: range.lowerBound) }
  }

  private func moved(by distance: Int) -> LooseToken {
    var token = self
    token.range = range.lowerBound + distance..<range.upperBound + distance
    return token
  }

  private init(_ kind: Kind, _ source: SourceText, _ range: Range<Int>) {
    self.kind = kind
    self.range = range
    text = source.text(SourceSpan(start: range.lowerBound, end: range.upperBound))
    let before = range.lowerBound > 0 ? source.utf8[range.lowerBound - 1] : Ascii.newline
    hasSpaceBefore = Ascii.isBlank(before) || before == Ascii.newline
  }

  private static func all(in source: SourceText, _ range: Range<Int>) -> [LooseToken] {
    var tokens: [LooseToken] = []
    var offset = range.lowerBound
    while offset < range.upperBound {
      // What the lexer says of a mistake repeats the whole line: a line of mistakes would take its length squared.
      var lexer = Lexer(
        source: source, range: SourceSpan(start: offset, end: range.upperBound), describesMistakes: false)
      let start = lexer.nextStart
      tokens += comments(in: source, offset..<start)
      guard start < range.upperBound else { break }
      let token = next(&lexer, source, from: start, to: range.upperBound)
      tokens.append(token)
      offset = token.range.upperBound
    }
    return tokens
  }

  /// The comments in what the lexer passes as blank.
  private static func comments(in source: SourceText, _ range: Range<Int>) -> [LooseToken] {
    var comments: [LooseToken] = []
    var offset = range.lowerBound
    while offset < range.upperBound {
      guard source.utf8[offset] == UInt8(ascii: "#") else {
        offset += 1
        continue
      }
      let end = source.utf8[offset..<range.upperBound].firstIndex(of: Ascii.newline) ?? range.upperBound
      comments.append(LooseToken(.comment, source, offset..<end))
      offset = end
    }
    return comments
  }

  private static func next(
    _ lexer: inout Lexer, _ source: SourceText, from start: Int, to end: Int
  ) -> LooseToken {
    let first = source.utf8[start]
    if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
      let close = endOfGroup(in: source, from: start, within: end)
      let isClosed = close < end || close > start + 1 && isWhole(source, start..<close)
      return LooseToken(.text(isClosed: isClosed), source, start..<close)
    }
    if let token = try? lexer.next() {
      let kind: Kind =
        switch token.kind {
        case .name: .word
        case .number: .number
        case .string: .text(isClosed: true)
        case .variable: .variable
        case .substitution: .substitution
        case .flag: isFlagPlace(source, token.span.start) ? .flag : .symbol
        case .symbol: .symbol
        case .separator: .separator
        case .end: .word
        }
      return LooseToken(kind, source, token.span.start..<max(token.span.end, start + 1))
    }
    if first == UInt8(ascii: "$") { return LooseToken(.variable, source, start..<start + 1) }
    // A number with a wrong unit, a sign that the language does not have, or a name that is too long: all of that, since
    // what is left of it would be as long, and so on.
    var offset = Ascii.isLetter(first) ? lexer.endOfName(from: start) : lexer.endOfCharacter(from: start)
    while offset < end, Ascii.isNameByte(source.utf8[offset]) || source.utf8[offset] >= 0x80 { offset += 1 }
    return LooseToken(.word, source, start..<min(offset, end))
  }

  /// Whether what stands before a flag lets it be one. The lexer does not see that here.
  private static func isFlagPlace(_ source: SourceText, _ offset: Int) -> Bool {
    guard offset > 0 else { return true }
    let before = source.utf8[offset - 1]
    return Ascii.isBlank(before) || [Ascii.newline, UInt8(ascii: ";"), UInt8(ascii: "{")].contains(before)
  }

  /// Where a text in quotes, or a group that begins with `$(`, is closed; `end` when it is not.
  private static func endOfGroup(in source: SourceText, from start: Int, within end: Int) -> Int {
    var nesting = Nesting()
    var offset = start
    while offset < end {
      offset += nesting.step(source.utf8[offset], following: offset + 1 < end ? source.utf8[offset + 1] : nil)
      if nesting.isClosed { return min(offset, end) }
    }
    return end
  }

  private static func isWhole(_ source: SourceText, _ range: Range<Int>) -> Bool {
    var nesting = Nesting()
    var offset = range.lowerBound
    while offset < range.upperBound {
      let following = offset + 1 < range.upperBound ? source.utf8[offset + 1] : nil
      offset += nesting.step(source.utf8[offset], following: following)
    }
    return nesting.isClosed
  }
}
