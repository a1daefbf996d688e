/// One token of a source.
struct Token: Equatable {
  enum Kind: Equatable {
    case name(String)
    case number(Literal)
    case string([StringPart])
    /// `$x`.
    case variable(String)
    /// `$(`.
    case substitution
    /// `--name`.
    case flag(String)
    case symbol(Symbol)
    /// A newline or `;`.
    case separator
    case end
  }

  var kind: Kind
  var span: SourceSpan
  /// Whether white space, or nothing at all, stands before it.
  var hasSpaceBefore: Bool

  func isSymbol(_ symbol: Symbol) -> Bool { kind == .symbol(symbol) }
  func isName(_ word: String) -> Bool { kind == .name(word) }
}

/// A part of a quoted text.
enum StringPart: Equatable {
  case literal(String)
  case variable(String, SourceSpan)
  /// What stands between `$(` and `)`.
  case substitution(SourceSpan)
}

/// The signs of the language, of one or two characters.
enum Symbol: String {
  case equal = "=="
  case notEqual = "!="
  case lessOrEqual = "<="
  case greaterOrEqual = ">="
  case range = ".."
  case less = "<"
  case greater = ">"
  case assign = "="
  case plus = "+"
  case minus = "-"
  case times = "*"
  case divided = "/"
  case remainder = "%"
  case openParenthesis = "("
  case closeParenthesis = ")"
  case openBrace = "{"
  case closeBrace = "}"
  case openBracket = "["
  case closeBracket = "]"
  case comma = ","
  case dot = "."
}
