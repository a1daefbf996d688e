import CommandLanguage
import Course

/// What stands at a place in a text, as far as editors ask for it.
struct Place {
  enum Kind {
    /// `$name`.
    case variable(String)
    /// Words of a command, with its name.
    case command(String)
    case flag(String, of: CommandSpec)
    case step(Step.Word)
    /// A path into the world, up to the part that is pointed at.
    case path(String)
    /// `@name` in a lesson.
    case directive(String)
    case word(String)
  }

  let kind: Kind
  let range: Range<Int>

  /// - Parameter offset: where it is pointed at; a token is there from its first character to the place behind its last.
  init?(in view: DocumentView, _ declarations: Declarations, at offset: Int, _ table: CommandTable) {
    let line = view.lines.line(of: offset)
    if view.kind(ofLine: line) == .commands {
      self.init(among: declarations.tokens, at: offset, in: view.commands, table)
      return
    }
    // A line of prose or a directive.
    let range = view.lines.range(ofLine: line)
    let text = view.lines.text(range)
    let start = text.utf8.prefix { $0 == 0x20 || $0 == 0x09 }.count
    let sign = text.utf8.dropFirst(start)
    if sign.first == UInt8(ascii: "@") {
      let word = sign.dropFirst().prefix { $0 > 0x20 }
      let end = range.lowerBound + start + 1 + word.count
      if offset <= end {
        self.init(.directive(String(decoding: word, as: UTF8.self)), range.lowerBound + start..<end)
        return
      }
    }
    // Texts follow other rules, so that only what is behind a `$` counts.
    guard let found = Self.variable(in: text, at: offset - range.lowerBound) else { return nil }
    self.init(
      found.kind, range.lowerBound + found.range.lowerBound..<range.lowerBound + found.range.upperBound)
  }

  private init(_ kind: Kind, _ range: Range<Int>) { (self.kind, self.range) = (kind, range) }

  private static func variable(in text: String, at offset: Int) -> Place? {
    let bytes = Array(text.utf8)
    func isName(_ byte: UInt8) -> Bool {
      byte < 0x80 && (Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber)
        || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }
    var start = min(offset, bytes.count)
    while start > 0, isName(bytes[start - 1]) { start -= 1 }
    if start > 0, bytes[start - 1] == UInt8(ascii: "$") { start -= 1 }
    guard start < bytes.count, bytes[start] == UInt8(ascii: "$") else { return nil }
    var end = start + 1
    while end < bytes.count, isName(bytes[end]) { end += 1 }
    while end > start + 1, bytes[end - 1] == UInt8(ascii: "-") { end -= 1 }
    guard end > start + 1 else { return nil }
    return Place(.variable(String(decoding: bytes[start + 1..<end], as: UTF8.self)), start..<end)
  }

  private init?(among tokens: [LooseToken], at offset: Int, in text: String, _ table: CommandTable) {
    // Of two that touch, the second is meant.
    guard let index = tokens.lastIndex(where: { $0.range.lowerBound <= offset && offset <= $0.range.upperBound })
    else { return nil }
    let token = tokens[index]
    var statements = LooseStatements()
    for token in tokens[..<index] { statements.pass(token) }
    switch token.kind {
    case .variable where token.text.count > 1:
      self.init(.variable(String(token.text.dropFirst())), token.range)
    case .text:
      let part = token.parts.last { part in
        part.kind == .variable && part.range.lowerBound <= offset && offset <= part.range.upperBound
      }
      guard let part, part.text.count > 1 else { return nil }
      self.init(.variable(String(part.text.dropFirst())), part.range)
    case .flag:
      let words = statements.innermost.tokens.prefix { $0.kind == .word }.map(\.text)
      let specs = (1...3).compactMap { $0 <= words.count ? table.lookup(Array(words.prefix($0))) : nil }
      guard let spec = specs.last else { return nil }
      self.init(.flag(String(token.text.dropFirst(2)), of: spec), token.range)
    case .word: self.init(word: token, among: tokens, index, statements, table)
    case .number, .substitution, .symbol, .separator, .comment, .variable: return nil
    }
  }

  private init(
    word token: LooseToken, among tokens: [LooseToken], _ index: Int, _ statements: LooseStatements,
    _ table: CommandTable
  ) {
    let level = statements.innermost
    if level.place == .steps, let step = Step.Word(rawValue: token.text), statements.isAtStart || !level.tokens.isEmpty
    {
      self.init(.step(step), token.range)
      return
    }
    let before = level.tokens
    if level.place == .commands, before.allSatisfy({ $0.kind == .word }) {
      let following = tokens[(index + 1)...].prefix(2).prefix { $0.kind == .word }.map(\.text)
      let words = before.map(\.text) + [token.text] + following
      let counts = stride(from: min(3, words.count), through: before.count + 1, by: -1)
      if let spec = counts.lazy.compactMap({ table.lookup(Array(words.prefix($0))) }).first {
        self.init(.command(spec.name), token.range)
        return
      }
      if before.isEmpty, !table.commands(startingWith: token.text).isEmpty {
        self.init(.command(token.text), token.range)
        return
      }
    }
    // A path: everything up to here that touches.
    var first = index
    while first > 0, !tokens[first].hasSpaceBefore,
      tokens[first - 1].range.upperBound == tokens[first].range.lowerBound,
      tokens[first - 1].text == "." || [.word, .variable].contains(tokens[first - 1].kind)
    { first -= 1 }
    guard first < index else {
      self.init(.word(token.text), token.range)
      return
    }
    self.init(.path(tokens[first...index].map(\.text).joined()), token.range)
  }
}
