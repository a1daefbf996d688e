/// Statements between `{` and `}`; the span holds the braces.
public struct Block: Sendable, Equatable {
  /// In the order in which they are executed.
  public var statements: [Statement]
  /// From brace to brace.
  public var span: SourceSpan

  public init(statements: [Statement], span: SourceSpan) {
    self.statements = statements
    self.span = span
  }
}

/// One command or statement of a script.
public struct Statement: Sendable, Equatable {
  /// What a statement is.
  public enum Kind: Sendable, Equatable {
    case command(CommandCall)
    case `let`(String, Expression)
    /// The branches of `if` and each `else if`, then the block of `else`.
    case `if`([Branch], else: Block?)
    case forEach(String, [Argument], Block)
    case `repeat`(Expression, Block)
    /// The condition is evaluated before each round.
    case `while`(Expression, Block)
    case define(String, parameters: [String], Block)
    case expect(Expression, why: Template?)
    /// Passes when the one command in the block is refused. When there is a text, the message must have it.
    case expectError(containing: Template?, Block)
    case program(ProgramDeclaration)
    /// A command that a file named by `source` may define. The session parses its span when its turn comes.
    case deferred
  }

  /// What it is.
  public var kind: Kind
  /// All of it, with its blocks.
  public var span: SourceSpan

  public init(kind: Kind, span: SourceSpan) {
    self.kind = kind
    self.span = span
  }
}

/// A condition and what happens when it holds.
public struct Branch: Sendable, Equatable {
  /// Evaluated when the conditions of the branches before are false.
  public var condition: Expression
  /// The block that is executed then.
  public var block: Block

  public init(condition: Expression, block: Block) {
    self.condition = condition
    self.block = block
  }
}

/// A command with its arguments, sorted by the parameters of its spec.
public struct CommandCall: Sendable, Equatable {
  /// The command.
  public var spec: CommandSpec
  /// One entry for each parameter of the spec, in order; empty where an optional one is absent.
  public var arguments: [[Argument]]
  /// Its own flags, in the order typed.
  public var flags: [FlagUse]
  /// `--to` and `--append`, which every command takes.
  public var outputFlags: [FlagUse]
  /// What stands behind `|`: a command of the system's shell, which reads the output.
  public var pipe: String?
  /// From the first word to the end of the last argument or flag, or of the line behind `|`.
  public var span: SourceSpan
  /// The words that name the command.
  public var wordsSpan: SourceSpan

  public init(
    spec: CommandSpec, arguments: [[Argument]], flags: [FlagUse], outputFlags: [FlagUse] = [], pipe: String? = nil, span: SourceSpan,
    wordsSpan: SourceSpan
  ) {
    self.spec = spec
    self.arguments = arguments
    self.flags = flags
    self.outputFlags = outputFlags
    self.pipe = pipe
    self.span = span
    self.wordsSpan = wordsSpan
  }

  /// The arguments for a parameter, in the order typed; none when it is absent, or not one of the command's.
  public func arguments(for parameter: ParameterSpec) -> [Argument] {
    guard let index = spec.parameters.firstIndex(where: { $0.name == parameter.name }), index < arguments.count else {
      return []
    }
    return arguments[index]
  }

  /// The uses of a flag, in the order typed.
  public func uses(of flag: FlagSpec) -> [FlagUse] { flags.filter { $0.flag.name == flag.name } }

  /// The file into which the output goes, as it was given; nil when it goes to the screen.
  public var outputFile: Argument? { outputFlags.first { $0.flag == CommandTable.outputFile }?.value }

  /// Whether the output is added to what the file holds.
  public var appends: Bool { outputFlags.contains { $0.flag == CommandTable.appends } }
}

/// A flag as it was given.
public struct FlagUse: Sendable, Equatable {
  /// Which flag it is.
  public var flag: FlagSpec
  /// Present exactly when the flag takes a value.
  public var value: Argument?
  /// The flag with its value.
  public var span: SourceSpan

  public init(flag: FlagSpec, value: Argument?, span: SourceSpan) {
    self.flag = flag
    self.value = value
    self.span = span
  }
}

/// An argument of a command. Every case ends with the span it covers.
public indirect enum Argument: Sendable, Equatable {
  /// A bare word: a name, one of a parameter's words, a file, or a word of a help topic.
  case name(String, SourceSpan)
  case string(Template)
  case literal(Literal, SourceSpan)
  /// `$x`.
  case variable(String, SourceSpan)
  /// `$(…)`, a path such as `$p.node`, or the argument for an expression parameter.
  case expression(Expression, SourceSpan)
  /// `3` or `0..15`; both ends are literals, variables or expressions.
  case pages(first: Argument, last: Argument?, SourceSpan)
  /// `key=value`.
  case assignment(key: String, Argument, SourceSpan)
  /// `a,b`.
  case group([Argument], SourceSpan)
  case block(Block)

  /// Where it stands.
  public var span: SourceSpan {
    switch self {
    case .string(let template): template.span
    case .block(let block): block.span
    case .name(_, let span), .literal(_, let span), .variable(_, let span), .expression(_, let span),
      .pages(_, _, let span), .assignment(_, _, let span), .group(_, let span):
      span
    }
  }
}
