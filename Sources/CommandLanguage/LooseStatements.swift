/// Follows the statements of a text that may be unfinished, token by token: what is open, and what the innermost
/// statement has so far.
public struct LooseStatements: Sendable {
  /// What may stand in a place.
  public enum Place: Sendable, Equatable {
    case commands
    /// Inside the braces of a program.
    case steps
    /// Inside parentheses or brackets.
    case expression
  }

  /// Something that is open: the whole text, a block, or an expression.
  public struct Level: Sendable {
    /// What may stand in it.
    public let place: Place
    /// The tokens of the statement, step or expression that is under way, without comments.
    public fileprivate(set) var tokens: [LooseToken] = []
    fileprivate let closing: String
  }

  /// What is open, the innermost last.
  public private(set) var levels = [Level(place: .commands, closing: "")]

  /// Nothing is read yet.
  public init() {}

  /// The innermost level that is open.
  public var innermost: Level { levels[levels.count - 1] }

  /// Whether a word that comes next begins a statement or a step. The name of a command may have further words.
  public var isAtStart: Bool {
    switch innermost.place {
    case .commands: innermost.tokens.isEmpty
    case .steps: innermost.tokens.isEmpty || innermost.tokens.last?.text == "}"
    case .expression: false
    }
  }

  /// Goes past one token.
  public mutating func pass(_ token: LooseToken) {
    let top = levels.count - 1
    let place = levels[top].place
    switch token.kind {
    case .comment: return
    case .separator where place != .expression: levels[top].tokens = []
    case .symbol where ["{", "(", "["].contains(token.text), .substitution:
      levels[top].tokens.append(token)
      open(token.text)
    case .symbol where ["}", ")", "]"].contains(token.text):
      if top > 0, levels[top].closing == token.text { levels.removeLast() }
      levels[levels.count - 1].tokens.append(token)
    case .word where place == .steps && Step.Word(rawValue: token.text) != nil:
      levels[top].tokens = [token]
    default: levels[top].tokens.append(token)
    }
  }

  private mutating func open(_ sign: String) {
    guard sign == "{" else {
      levels.append(Level(place: .expression, closing: sign == "[" ? "]" : ")"))
      return
    }
    let isProgram = innermost.tokens.first?.text == "program" && innermost.place == .commands
    levels.append(Level(place: isProgram ? .steps : innermost.place == .steps ? .steps : .commands, closing: "}"))
  }
}
