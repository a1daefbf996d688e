/// Parses a source into statements, up to its first mistake.
///
/// The specs of a table say how to parse commands, the grammar how to parse statements. Only the session that executes
/// them checks what depends on the world: whether a name exists, what a variable holds.
public struct Parser {
  /// What is allowed at a terminal but not in a file.
  public struct Options: Sendable {
    /// Whether a unique prefix of a flag is enough, as at a terminal.
    public var allowAbbreviatedFlags: Bool
    /// Whether `|` may hand output to a command of the system's shell, as at a terminal.
    public var allowPipes: Bool

    /// By default as in a file.
    public init(allowAbbreviatedFlags: Bool = false, allowPipes: Bool = false) {
      self.allowAbbreviatedFlags = allowAbbreviatedFlags
      self.allowPipes = allowPipes
    }
  }

  /// How deep blocks, parentheses, lists and texts may be nested in each other.
  public static let deepestNesting = Lexer.deepestNesting
  /// How many statements and steps one script may hold.
  public static let mostStatements = 100_000
  /// How many operators one expression may have, including those in parentheses.
  public static let mostOperators = 256

  let source: SourceText
  let options: Options
  /// The commands known so far: the given ones, and those that `define` made in the text already parsed.
  public internal(set) var table: CommandTable

  var lexer: Lexer
  /// The end of the token that was used up last.
  var lastEnd: Int
  var nesting = 0
  var statementCount = 0
  var operatorCount = 0
  var isInExpression = false
  /// Whether it reads how a list is made from another.
  var isInSelection = false
  /// Whether a `source` came before: it may define commands that the parser does not know.
  var hasSourced = false
  /// The mistakes behind which it went on; nil when it stops at the first.
  var mistakes: [Diagnostic]?

  /// A parser for a whole source, or for the part of it that a span covers, such as a deferred statement.
  public init(
    source: SourceText, table: CommandTable, options: Options = Options(), span: SourceSpan? = nil
  ) {
    self.source = source
    self.table = table
    self.options = options
    let range = span ?? SourceSpan(start: 0, end: source.utf8.count)
    lexer = Lexer(source: source, range: range)
    lastEnd = lexer.position
  }

  /// Parses everything up to the end. Throws the first mistake.
  public mutating func parseScript() throws(Diagnostic) -> [Statement] {
    try parseStatements(inside: nil)
  }

  private mutating func parseStatements(inside open: SourceSpan?) throws(Diagnostic) -> [Statement] {
    try parseParts(inside: open) { (parser, token) throws(Diagnostic) in
      let statement = try parser.parseStatement(token)
      try parser.expectStatementEnd()
      return statement
    }
  }

  /// Statements or steps up to the end, or up to the brace that closes the one given.
  ///
  /// - Parameter parsePart: parses the part that begins with a token.
  mutating func parseParts<Part>(
    inside open: SourceSpan?, _ parsePart: (inout Parser, Token) throws(Diagnostic) -> Part
  ) throws(Diagnostic) -> [Part] {
    var parts: [Part] = []
    let level = nesting
    while true {
      let start = lexer.nextStart
      do throws(Diagnostic) {
        guard let token = try nextPart(inside: open) else { return parts }
        parts.append(try parsePart(&self, token))
      } catch {
        try passMistake(error, from: start, level: level, isInBlock: open != nil)
      }
    }
  }

  /// The first token of the next part; nil at the end of the text, or at the brace that closes the one given.
  private mutating func nextPart(inside open: SourceSpan?) throws(Diagnostic) -> Token? {
    try skipSeparators()
    let token = try lexer.peek()
    if token.isSymbol(.closeBrace) {
      guard open == nil else { return nil }
      throw source.diagnostic(at: token.span, "this `}` closes nothing")
    }
    if token.kind == .end {
      if let open { try refuseUnclosed(open) }
      return nil
    }
    try countStatement(at: token.span)
    return token
  }

  mutating func parseBlock() throws(Diagnostic) -> Block {
    let open = try expectOpenBrace()
    try enter(at: open)
    defer { nesting -= 1 }
    let statements = try parseStatements(inside: open)
    let close = try advance()
    return Block(statements: statements, span: open.through(close.span))
  }
}

// MARK: - Tokens

extension Parser {
  @discardableResult
  mutating func advance() throws(Diagnostic) -> Token {
    let token = try lexer.next()
    lastEnd = token.span.end
    return token
  }

  mutating func skipSeparators() throws(Diagnostic) {
    while try lexer.peek().kind == .separator { try advance() }
  }

  /// Uses up the next token if it is this sign.
  mutating func skip(_ symbol: Symbol) throws(Diagnostic) -> Bool {
    guard try lexer.peek().isSymbol(symbol) else { return false }
    try advance()
    return true
  }

  /// Uses up the next token if it is this word.
  mutating func skip(word: String) throws(Diagnostic) -> Bool {
    guard try lexer.peek().isName(word) else { return false }
    try advance()
    return true
  }

  mutating func expectOpenBrace() throws(Diagnostic) -> SourceSpan {
    let token = try lexer.peek()
    guard token.isSymbol(.openBrace) else { throw unexpected(token, expected: "`{`") }
    return try advance().span
  }

  mutating func expectStatementEnd() throws(Diagnostic) {
    let token = try lexer.peek()
    if token.kind == .separator || token.kind == .end || token.isSymbol(.closeBrace) { return }
    throw unexpected(token, expected: "the end of the line, or `;`")
  }

  /// Goes one level deeper. The caller goes back up with `nesting -= 1`.
  mutating func enter(at span: SourceSpan) throws(Diagnostic) {
    guard nesting < Self.deepestNesting else {
      throw source.diagnostic(
        at: span, "this nests deeper than \(Self.deepestNesting) levels",
        remedy: "use `let` for a part of an expression, and `define` for a part of a script")
    }
    nesting += 1
  }

  mutating func countStatement(at span: SourceSpan) throws(Diagnostic) {
    statementCount += 1
    guard statementCount <= Self.mostStatements else {
      throw source.diagnostic(
        at: span, "a script holds at most \(Self.mostStatements) statements and steps",
        remedy: "use `repeat`, or split it and join the parts with `source FILE`")
    }
  }
}

// MARK: - Diagnostics

extension Parser {
  /// "`x` cannot stand here", with the place of the token; at an end, the place behind the last token.
  func unexpected(_ token: Token, expected: String, suggestion: String? = nil, remedy: String? = nil) -> Diagnostic {
    if let missing = missingText(token) {
      return source.diagnostic(
        at: endOfLast, "\(missing) comes too early", expected: expected, suggestion: suggestion, remedy: remedy)
    }
    return source.diagnostic(
      at: token.span, "\(quoted(token)) cannot stand here", expected: expected, suggestion: suggestion, remedy: remedy)
  }

  /// What a message calls the end of a statement; nil for a token that does not end one.
  func missingText(_ token: Token) -> String? {
    switch token.kind {
    case .end where source.text(SourceSpan(start: lexer.end, end: lexer.end + 1)) == ")": "`)`"
    case .end: "the end of the line"
    case .separator: source.text(token.span) == ";" ? "`;`" : "the end of the line"
    default: nil
    }
  }

  /// The place just behind the last token.
  var endOfLast: SourceSpan { SourceSpan(start: lastEnd, end: lastEnd) }

  func quoted(_ token: Token) -> String { "`\(shortened(source.text(token.span)))`" }

  func unclosed(_ open: SourceSpan) -> Diagnostic {
    let sign = source.text(open)
    let closing = sign == "{" ? "}" : sign == "[" ? "]" : ")"
    return source.diagnostic(at: open, "this `\(sign)` is never closed", expected: "a closing \(closing)")
  }

  /// Refuses a word that cannot be a new name.
  func checkNewName(_ name: String, at span: SourceSpan) throws(Diagnostic) {
    guard CommandTable.isReserved(name) else { return }
    throw source.diagnostic(
      at: span, "`\(name)` is a reserved word and cannot be a name",
      remedy: "choose another name, such as `\(name)1`")
  }

  /// A name that stands by itself, such as that of a program or a variable.
  mutating func expectNewName(_ kind: ParameterKind) throws(Diagnostic) -> (name: String, span: SourceSpan) {
    let token = try lexer.peek()
    guard case .name(let name) = token.kind else {
      let isVariable = if case .variable = token.kind { true } else { false }
      throw unexpected(
        token, expected: kind.description, remedy: isVariable ? "where it is made a name stands without `$`" : nil)
    }
    try checkNewName(name, at: token.span)
    try advance()
    return (name, token.span)
  }
}
