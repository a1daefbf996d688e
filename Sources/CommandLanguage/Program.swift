/// `program NAME { … }`.
public struct ProgramDeclaration: Sendable, Equatable {
  /// What it is called.
  public var name: String
  /// Where that stands.
  public var nameSpan: SourceSpan
  /// Its steps, in order.
  public var body: [Step]
  /// From `program` to the closing brace.
  public var span: SourceSpan
  /// The notation as typed, from `program` to the closing brace.
  public var sourceText: String

  public init(name: String, nameSpan: SourceSpan, body: [Step], span: SourceSpan, sourceText: String) {
    self.name = name
    self.nameSpan = nameSpan
    self.body = body
    self.span = span
    self.sourceText = sourceText
  }
}

/// One step of a program.
public struct Step: Sendable, Equatable {
  /// What a step does.
  public indirect enum Kind: Sendable, Equatable {
    /// For a time on a core of speed 1.
    case compute(Operand)
    case read(PageSelector)
    case write(PageSelector)
    /// To a name or variable; `otherwise` are the steps of `else`.
    case send(to: Operand, text: Template, otherwise: [Step]?)
    /// Waits for a message, stores it in the variable `as`, and gives up after the time `timeout`.
    case receive(as: String?, timeout: Operand?)
    case reply(Template)
    case print(Template)
    case sleep(Operand)
    /// For ever, without a count.
    case `repeat`(count: Operand?, [Step])
    case fork(String, [Step])
    case thread([Step])
    case exit
  }

  /// What it does.
  public var kind: Kind
  /// All of the step.
  public var span: SourceSpan

  public init(kind: Kind, span: SourceSpan) {
    self.kind = kind
    self.span = span
  }

  /// The words that start a step, in the order in which help shows them.
  public static let keywords = [
    "compute", "read", "write", "send", "receive", "reply", "print", "sleep", "repeat", "fork", "thread", "exit",
  ]
}

/// What a step works with; a variable is resolved as the step runs.
public enum Operand: Sendable, Equatable {
  case literal(Literal, SourceSpan)
  /// `$x`.
  case variable(String, SourceSpan)
  /// A bare name.
  case name(String, SourceSpan)

  /// Where it stands.
  public var span: SourceSpan {
    switch self {
    case .literal(_, let span), .variable(_, let span), .name(_, let span): span
    }
  }
}

/// The pages that a step touches. Literal ends are in order and not negative.
public enum PageSelector: Sendable, Equatable {
  case page(Operand)
  /// Every page from the first to the last, both included.
  case range(first: Operand, last: Operand)
  /// One page of the range, drawn anew each time.
  case random(first: Operand, last: Operand)
  /// One page of the range, the one after the last time's.
  case next(first: Operand, last: Operand)
}
