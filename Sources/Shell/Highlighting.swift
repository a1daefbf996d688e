import CommandLanguage

/// A part of what is typed, and what it is.
public struct HighlightedPart: Sendable, Equatable {
  /// What a part can be.
  public enum Kind: Sendable, Equatable {
    /// A word of a command, of a statement, or of a step of a program.
    case command
    /// A word or flag that there is not, and that no further letter makes one of those that there are.
    case unknown
    case flag, text, number, variable, comment
    /// One sign that opens or closes something.
    case bracket
  }

  /// Where it stands, in UTF-8 offsets.
  public let range: Range<Int>
  /// What it is.
  public let kind: Kind
}

extension Session {
  /// The parts of a text, which may be unfinished, that look different from the rest; in order, and those that stand inside
  /// others after these.
  public func highlight(_ text: String) -> [HighlightedPart] { highlighting(after: "")(text) }

  /// Finds the same in a line that follows `earlier`. The result can be asked after every key.
  public func highlighting(after earlier: String) -> (_ line: String) -> [HighlightedPart] {
    let start = earlier.utf8.count
    let tokens = LooseToken.all(in: earlier)
    let empty = Highlighter(table: table)
    if case .text(isClosed: false)? = tokens.last?.kind {
      // The line begins inside a text.
      return { line in
        empty.parts(of: earlier + line).compactMap { part in
          guard part.range.upperBound > start else { return nil }
          let range = max(0, part.range.lowerBound - start)..<part.range.upperBound - start
          return HighlightedPart(range: range, kind: part.kind)
        }
      }
    }
    var known = empty
    for token in tokens { known.pass(token, of: earlier) }
    known.parts = []
    return { [known] line in known.parts(of: line) }
  }
}

private struct Highlighter {
  let table: CommandTable
  /// How long the text is.
  private var length = 0
  var parts: [HighlightedPart] = []
  var statements = LooseStatements()
  /// The commands that the text itself defines.
  var defined: Set<String> = []

  init(table: CommandTable) { self.table = table }

  /// The parts of what follows.
  func parts(of text: String) -> [HighlightedPart] {
    var highlighter = self
    highlighter.length = text.utf8.count
    for token in LooseToken.all(in: text) { highlighter.pass(token, of: text) }
    return highlighter.parts
  }

  mutating func pass(_ token: LooseToken, of text: String) {
    let range = token.range
    switch token.kind {
    case .word:
      if let kind = kind(ofWord: token) { add(range, kind) }
      if statements.innermost.tokens.count == 1, statements.innermost.tokens[0].text == "define" {
        defined.insert(token.text)
      }
    case .number: add(range, .number)
    case .text:
      add(range, .text)
      for part in token.parts { passInText(part) }
    case .variable: add(range, .variable)
    case .substitution, .symbol: addSign(token)
    case .flag: add(range, isKnown(flag: token) ? .flag : .unknown)
    case .comment: add(range, .comment)
    case .separator: break
    }
    statements.pass(token)
  }

  private mutating func passInText(_ token: LooseToken) {
    switch token.kind {
    case .number: add(token.range, .number)
    case .variable: add(token.range, .variable)
    case .substitution, .symbol: addSign(token)
    default: break
    }
  }

  private mutating func addSign(_ token: LooseToken) {
    let range = token.range
    if token.kind == .substitution { add(range.lowerBound..<range.upperBound - 1, .variable) }
    guard let last = token.text.last, "(){}[]".contains(last) else { return }
    add(range.upperBound - 1..<range.upperBound, .bracket)
  }

  private mutating func add(_ range: Range<Int>, _ kind: HighlightedPart.Kind) {
    parts.append(HighlightedPart(range: range, kind: kind))
  }

  /// What a word is; nil for a name, and for one that may become the word of a command.
  private func kind(ofWord token: LooseToken) -> HighlightedPart.Kind? {
    let level = statements.innermost
    switch level.place {
    case .expression: return nil
    case .steps:
      if Step.Word(rawValue: token.text) != nil || token.text == "else" { return .command }
      let isBeginning = isUnfinished(token) && Step.Word.allCases.contains { $0.rawValue.hasPrefix(token.text) }
      return statements.isAtStart && !isBeginning ? .unknown : nil
    case .commands:
      if let last = level.tokens.last, last.text == "}" || last.text == "else" {
        let word = last.text == "}" ? "else" : "if"
        return token.text == word ? .command : isUnfinished(token) && word.hasPrefix(token.text) ? nil : .unknown
      }
      return kind(ofCommandWord: token, after: level.tokens)
    }
  }

  private func kind(ofCommandWord token: LooseToken, after before: [LooseToken]) -> HighlightedPart.Kind? {
    let words = before.map(\.text)
    guard before.allSatisfy({ $0.kind == .word }) else { return nil }
    // An `else` may stand on a line of its own.
    if words.isEmpty, defined.contains(token.text) || token.text == "else" { return .command }
    let longer = (words.first.map(table.commands) ?? table.all).filter {
      $0.words.count > words.count && $0.words.starts(with: words)
    }
    if longer.contains(where: { $0.words[words.count] == token.text }) { return .command }
    if isUnfinished(token), longer.contains(where: { $0.words[words.count].hasPrefix(token.text) }) { return nil }
    // Where the words so far are a command, this is its argument.
    let isCommandWanted = words.isEmpty || !longer.isEmpty && table.lookup(words) == nil && !words.contains("program")
    return isCommandWanted ? .unknown : nil
  }

  /// Whether the user may be typing at its end.
  private func isUnfinished(_ token: LooseToken) -> Bool { token.range.upperBound == length }

  private func isKnown(flag token: LooseToken) -> Bool {
    let words = statements.innermost.tokens.prefix { $0.kind == .word }.map(\.text)
    let specs = (1...3).compactMap { count in words.count < count ? nil : table.lookup(Array(words.prefix(count))) }
    guard let spec = specs.last else { return true }
    // A flag may be abbreviated.
    return spec.acceptedFlags.contains { "--\($0.name)".hasPrefix(token.text) }
  }
}
