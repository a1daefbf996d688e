/// The name of a command, its parameters and flags, and its help. The parser and help read the same spec.
public struct CommandSpec: Sendable, Equatable {
  /// The words of its name, such as `["node", "add"]`.
  public var words: [String]
  /// Its parameters, in the order in which arguments are typed.
  public var parameters: [ParameterSpec]
  /// Its flags, in the order in which help shows them.
  public var flags: [FlagSpec]
  /// One line.
  public var summary: String
  /// What help says below the summary; empty when the summary is enough.
  public var details: String
  /// Uses that help shows, each as it is typed. Help executes the first, and shows what it prints.
  public var examples: [String]
  /// What is executed before each of them; empty when nothing has to be there.
  public var preparation: String
  /// What help executes after the first, to show what that has done; empty when that shows by itself.
  public var sequel: String
  /// The heading under which help lists it.
  public var group: String
  /// Whether it needs a copy of the world, which a live cluster cannot give.
  public var needsWorldCopy: Bool
  /// Groups of flags, named without `--`. One use of the command may have at most one flag of each group.
  public var exclusiveFlags: [[String]]
  /// The usage line, when it cannot be made from the parameters.
  public var notation: String?
  /// Whether `define` made it, so that it may be defined again.
  public var isUserDefined: Bool

  public init(
    words: [String], parameters: [ParameterSpec] = [], flags: [FlagSpec] = [], summary: String, details: String = "",
    examples: [String] = [], preparation: String = "", sequel: String = "", group: String = "",
    needsWorldCopy: Bool = false, exclusiveFlags: [[String]] = [],
    notation: String? = nil, isUserDefined: Bool = false
  ) {
    self.words = words
    self.parameters = parameters
    self.flags = flags
    self.summary = summary
    self.details = details
    self.examples = examples
    self.preparation = preparation
    self.sequel = sequel
    self.group = group
    self.needsWorldCopy = needsWorldCopy
    self.exclusiveFlags = exclusiveFlags
    self.notation = notation
    self.isUserDefined = isUserDefined
  }

  /// Its own flags, and those of every command.
  public var acceptedFlags: [FlagSpec] { flags + outputFlags }

  /// Where its output goes: flags of every command but those that execute others, which have outputs of their own, and the
  /// statements of the grammar.
  var outputFlags: [FlagSpec] {
    let hasOutput = !isUserDefined && words != ["source"] && !CommandTable.grammar.contains { $0.words == words }
    return hasOutput ? CommandTable.outputFlags : []
  }

  /// The words as they are typed: `node add`.
  public var name: String { words.joined(separator: " ") }

  /// The spec of a command that `define` makes: one argument of any kind for each parameter.
  public static func userDefined(name: String, parameters: [String]) -> CommandSpec {
    CommandSpec(
      words: [name], parameters: parameters.map { ParameterSpec(name: $0, kind: .text) },
      summary: "a command of your own", group: "Your own commands", isUserDefined: true)
  }
}

/// How many arguments a parameter takes.
public enum Arity: Sendable, Hashable {
  case one
  /// None or one.
  case optional
  /// One or more.
  case many
  /// None or more.
  case any

  var isRequired: Bool { self == .one || self == .many }
  var isRepeated: Bool { self == .many || self == .any }
}

/// A positional parameter of a command. Arguments fill parameters from left to right. Each parameter takes as many as
/// it can.
public struct ParameterSpec: Sendable, Equatable {
  /// Its name in usage, such as `NAME`.
  public var name: String
  /// The kind of argument that it takes.
  public var kind: ParameterKind
  /// How many arguments it takes.
  public var arity: Arity

  public init(name: String, kind: ParameterKind, arity: Arity = .one) {
    self.name = name
    self.kind = kind
    self.arity = arity
  }
}

/// A flag of a command.
public struct FlagSpec: Sendable, Equatable {
  /// Without `--`.
  public var name: String
  /// The kind of its value; nil for a flag without a value.
  public var value: ParameterKind?
  /// What usage calls the value; nil for the usual name of its kind.
  public var valueName: String?
  /// One line of help.
  public var summary: String
  /// Whether it may be given more than once.
  public var repeatable: Bool

  public init(
    name: String, value: ParameterKind? = nil, valueName: String? = nil, summary: String, repeatable: Bool = false
  ) {
    self.name = name
    self.value = value
    self.valueName = valueName
    self.summary = summary
    self.repeatable = repeatable
  }

  /// The flag as usage shows it: `--pages N`.
  public var notation: String {
    guard let kind = value else { return "--\(name)" }
    return "--\(name) \(valueName ?? kind.usualValueName)"
  }
}

/// A kind of argument. Wherever a value may stand, `$x` and `$(…)` may stand too, whose kinds show only when they are
/// executed.
public enum ParameterKind: Sendable, Hashable {
  /// A name for something new, so no reserved word.
  case newName
  case node
  /// Nodes joined by commas: `a,b`.
  case nodeGroup
  /// Names joined by commas: `none,mine`.
  case names
  case process
  case program
  case checkpoint
  /// A variable, named without `$`.
  case variableName
  /// Any name.
  case thing
  /// One argument of any kind: a name, a path, a number, a text, pages.
  case text
  /// The value of a setting: a word, a number or a quantity.
  case settingValue
  /// A text in quotes.
  case message
  case time
  case size
  case rate
  case share
  case count
  case number
  case expression
  case page
  case pages
  /// One of these words.
  case word([String])
  /// A file, as a bare word or a text in quotes.
  case path
  /// A word of a help topic.
  case topic
  /// `key=value`.
  case assignment
  /// Commands in braces.
  case block

  /// The kind in words, with its article: "a time".
  public var noun: String {
    switch self {
    case .newName: "a new name"
    case .node: "a node's name"
    case .nodeGroup: "nodes joined by commas"
    case .names: "names joined by commas"
    case .process: "a process's name"
    case .program: "a program's name"
    case .checkpoint: "a checkpoint's name"
    case .variableName: "a variable's name"
    case .thing: "a name"
    case .text, .settingValue: "a value"
    case .message: "a text in quotes"
    case .time: "a time"
    case .size: "a size"
    case .rate: "a rate"
    case .share: "a share"
    case .count: "a whole number"
    case .number: "a number"
    case .expression: "an expression"
    case .page: "a page's number"
    case .pages: "a page or a range of pages"
    case .word(let words): words.count == 1 ? "the word" : "one of the words"
    case .path: "a file"
    case .topic: "a word"
    case .assignment: "a setting"
    case .block: "commands in braces"
    }
  }

  /// The kind in words, with an example: "a time such as 10ms".
  public var description: String {
    if case .word(let words) = self { return words.map { "`\($0)`" }.joined(separator: ", ", last: " or ") }
    return "\(noun) such as \(example)"
  }

  private var example: String {
    switch self {
    case .newName, .process, .thing: "p1"
    case .node: "a"
    case .nodeGroup: "a,b"
    case .names: "none,threshold"
    case .program: "counter"
    case .checkpoint: "before"
    case .variableName: "x"
    case .text: "p1, 10ms or \"text\""
    case .settingValue: "json, 3 or 10ms"
    case .message: "\"hello\""
    case .time: "10ms"
    case .size: "4KiB"
    case .rate: "100Mbps"
    case .share: "20%"
    case .count, .page: "3"
    case .number: "1.5"
    case .expression: "p1.node == b"
    case .pages: "3 or 0..15"
    case .word(let words): words.first ?? ""
    case .path: "run.svg or \"my run.svg\""
    case .topic: "migrate"
    case .assignment: "key=value"
    case .block: "{ run 10ms }"
    }
  }

  /// What usage calls a flag's value of this kind.
  var usualValueName: String {
    switch self {
    case .newName, .variableName, .thing: "NAME"
    case .node: "NODE"
    case .nodeGroup, .names: "A,B"
    case .process, .program, .share: "P"
    case .checkpoint: "NAME"
    case .text, .settingValue: "VALUE"
    case .message: "\"text\""
    case .time: "T"
    case .size: "SIZE"
    case .rate: "R"
    case .count: "N"
    case .number: "X"
    case .expression: "EXPRESSION"
    case .page: "PAGE"
    case .pages: "PAGES"
    case .word(let words): words.joined(separator: "|")
    case .path: "FILE"
    case .topic: "WORD"
    case .assignment: "key=value"
    case .block: "{ }"
    }
  }
}

extension [String] {
  /// The strings joined, with another separator before the last.
  func joined(separator: String, last: String) -> String {
    guard count > 1, let final = self.last else { return first ?? "" }
    return dropLast().joined(separator: separator) + last + final
  }
}
