/// The commands that the parser knows, in the order in which they were added. Modules above add their own.
public struct CommandTable: Sendable {
  /// Every spec, those of the grammar first.
  public private(set) var all: [CommandSpec] = []

  private var indexByName: [String: Int] = [:]
  private var indicesByFirstWord: [String: [Int]] = [:]

  /// A table with the statements of the grammar and these commands.
  public init(_ specs: [CommandSpec] = []) {
    let specs = Self.grammar + specs
    all.reserveCapacity(specs.count)
    indexByName.reserveCapacity(specs.count)
    indicesByFirstWord.reserveCapacity(specs.count)
    for spec in specs { add(spec) }
  }

  /// Adds a command. It replaces one with the same words. Ignores a spec without words.
  public mutating func add(_ spec: CommandSpec) {
    guard let first = spec.words.first else { return }
    let name = spec.name
    if let index = indexByName[name] {
      all[index] = spec
      return
    }
    indexByName[name] = all.count
    indicesByFirstWord[first, default: []].append(all.count)
    all.append(spec)
  }

  /// The command with exactly these words.
  public func lookup(_ words: [String]) -> CommandSpec? {
    indexByName[words.joined(separator: " ")].map { all[$0] }
  }

  /// Every command that starts with this word, in the order added.
  public func commands(startingWith word: String) -> [CommandSpec] {
    (indicesByFirstWord[word] ?? []).map { all[$0] }
  }

  /// Words with a meaning of their own. They cannot be names.
  public static let reservedWords = [
    "and", "cluster", "define", "else", "error", "event", "expect", "false", "for", "if", "in", "jobs", "let",
    "message", "none",
    "not",
    "now", "or", "program", "repeat", "true", "until", "while",
  ]

  /// Whether a word has a meaning of its own and so cannot be a name.
  public static func isReserved(_ word: String) -> Bool { reservedSet.contains(word) }

  private static let reservedSet = Set(reservedWords)

  /// Whether a text can name something: `[A-Za-z][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*`, and not reserved.
  public static func isName(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, let last = bytes.last, Ascii.isLetter(first), Ascii.isNameByte(last) else {
      return false
    }
    let dash = UInt8(ascii: "-")
    return bytes.allSatisfy { Ascii.isNameByte($0) || $0 == dash }
      && !zip(bytes, bytes.dropFirst()).contains { $0 == dash && $1 == dash } && !isReserved(text)
  }

  /// The one-line usage: `node add NAME... [--cores N]`.
  public func usage(_ spec: CommandSpec) -> String {
    if let notation = spec.notation { return notation }
    return (spec.words + spec.parameters.map(notation) + flagNotations(spec)).joined(separator: " ")
  }

  /// More words than these are not shown where one of them may stand.
  private static let mostWords = 20

  private func notation(_ parameter: ParameterSpec) -> String {
    let name =
      switch parameter.kind {
      case .message: "\"\(parameter.name)\""
      case .word(let words) where words.count <= Self.mostWords: words.joined(separator: "|")
      case .block: "{ }"
      default: parameter.name
      }
    switch parameter.arity {
    case .one: return name
    case .optional: return "[\(name)]"
    case .many: return "\(name)..."
    case .any: return "[\(name)...]"
    }
  }

  /// Flags that exclude each other share one pair of brackets, in the place of the first.
  private func flagNotations(_ spec: CommandSpec) -> [String] {
    var notations: [String] = []
    var shown: Set<String> = []
    for flag in spec.flags where !shown.contains(flag.name) {
      let group = spec.exclusiveFlags.first { $0.contains(flag.name) } ?? [flag.name]
      let members = spec.flags.filter { group.contains($0.name) && !shown.contains($0.name) }
      shown.formUnion(members.map(\.name))
      let repeated = members.count == 1 && flag.repeatable
      notations.append("[" + members.map(\.notation).joined(separator: " | ") + "]" + (repeated ? "..." : ""))
    }
    return notations
  }
}

extension CommandTable {
  private static let scripting = "Scripting"

  /// The flags of every command: where its output goes.
  static let outputFlags = [outputFile, appends]
  /// The file into which a command's output goes.
  static let outputFile = FlagSpec(
    name: "to", value: .path, valueName: "FILE", summary: "write the output to a file, and not to the screen")
  /// Adds to that file instead of replacing it.
  static let appends = FlagSpec(name: "append", summary: "with --to: add to what the file holds")

  /// The statements of the grammar, described like commands so that help knows them.
  public static let grammar: [CommandSpec] = [
    CommandSpec(
      words: ["let"],
      parameters: [
        ParameterSpec(name: "NAME", kind: .variableName), ParameterSpec(name: "=", kind: .word(["="])),
        ParameterSpec(name: "EXPRESSION", kind: .expression),
      ],
      summary: "gives a variable a value", details: "The value is read as $NAME, in commands and in texts.",
      examples: ["let pages = 64", "let before = p1.pages"], preparation: "node add a b; spawn p1; run 20ms",
      sequel: "print $pages * 4", group: scripting),
    CommandSpec(
      words: ["if"],
      parameters: [
        ParameterSpec(name: "EXPRESSION", kind: .expression), ParameterSpec(name: "BLOCK", kind: .block),
      ],
      summary: "runs commands when a condition holds",
      details: "`else if` may follow any number of times, then `else`.",
      examples: ["if p1.node == a { migrate p1 b } else { say \"already there\" }"],
      preparation: "node add a b; spawn p1; run 20ms", group: scripting,
      notation: "if EXPRESSION { } [else { }]"),
    CommandSpec(
      words: ["for"],
      parameters: [
        ParameterSpec(name: "NAME", kind: .variableName), ParameterSpec(name: "in", kind: .word(["in"])),
        ParameterSpec(name: "VALUE", kind: .text, arity: .many), ParameterSpec(name: "BLOCK", kind: .block),
      ],
      summary: "runs commands once for each of some values",
      details: "A list stands for its elements, and 0..3 for 0, 1, 2 and 3.",
      examples: [
        "for n in a b c { fail $n }", "for p in a.processes { migrate $p b }", "for n in [1, 2, 4] { print $n }",
      ], preparation: "node add a b c d; spawn p1 --on d; spawn p2",
      group: scripting, notation: "for NAME in A B C { } | for NAME in LIST { }"),
    CommandSpec(
      words: ["repeat"],
      parameters: [ParameterSpec(name: "N", kind: .expression), ParameterSpec(name: "BLOCK", kind: .block)],
      summary: "runs commands a number of times", examples: ["repeat 3 { run 10ms }"],
      preparation: "node add a b; spawn p1; run 20ms", group: scripting),
    CommandSpec(
      words: ["while"],
      parameters: [
        ParameterSpec(name: "EXPRESSION", kind: .expression), ParameterSpec(name: "BLOCK", kind: .block),
      ],
      summary: "runs commands again and again as long as a condition holds",
      details: "The condition is looked at before each round.",
      examples: ["while p1.received < 3 { run 10ms }"],
      preparation: "node add a; spawn p1 --program echo; spawn p2 --program pinger --set peer=p1", group: scripting,
      notation: "while EXPRESSION { }"),
    CommandSpec(
      words: ["define"],
      parameters: [
        ParameterSpec(name: "NAME", kind: .newName),
        ParameterSpec(name: "PARAM", kind: .variableName, arity: .any), ParameterSpec(name: "BLOCK", kind: .block),
      ],
      summary: "makes a command of your own", details: "Inside the braces each parameter is read as $PARAM.",
      examples: ["define there-and-back p { migrate $p b; migrate $p a }"],
      preparation: "node add a b; spawn p1; run 20ms", sequel: "there-and-back p1", group: scripting,
      notation: "define NAME PARAM... { }"),
    CommandSpec(
      words: ["expect"],
      parameters: [
        ParameterSpec(name: "EXPRESSION", kind: .expression),
        ParameterSpec(name: "why it matters", kind: .message, arity: .optional),
      ],
      summary: "checks that an expression is true",
      examples: ["expect p1.node == b", "expect message.lost == 0 \"no message may vanish\""],
      preparation: "node add a b; spawn p1 --on b", group: scripting),
    CommandSpec(
      words: ["expect", "error"],
      parameters: [
        ParameterSpec(name: "part of the text", kind: .message, arity: .optional),
        ParameterSpec(name: "BLOCK", kind: .block),
      ],
      summary: "checks that a command is refused", examples: ["expect error \"down\" { migrate p1 b }"],
      preparation: "node add a b; spawn p1; fail b",
      group: scripting, notation: "expect error [\"part of the text\"] { COMMAND }"),
    CommandSpec(
      words: ["program"],
      parameters: [ParameterSpec(name: "NAME", kind: .newName), ParameterSpec(name: "STEPS", kind: .block)],
      summary: "declares what a process executes",
      details: """
        Steps: \(Step.Word.allCases.compactMap(\.help?.usage).joined(separator: ", ")). \
        PAGES is 3, 0..15, `random 0..63` or `next 0..63`. $x is resolved as the step runs.
        """,
      examples: ["program greet { print \"hello\"  sleep 1s }"], preparation: "node add a",
      sequel: "spawn p1 --program greet; run 10ms; output p1", group: "Processes",
      notation: "program NAME { STEPS }"),
  ]
}
