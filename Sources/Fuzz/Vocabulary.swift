import Chronicle
import CommandLanguage
import MigrationKernel
import Shell
import Simulator

/// The words of which hostile input is made, and how commands are put together: from the shell's own tables, so that what
/// is added there is tried here.
struct Vocabulary {
  /// Words with a meaning, and signs.
  let words: [String]
  private let specs: [CommandSpec]
  /// Paths below a process, a node, and others.
  private let fields: [String]

  init() {
    specs = Session { _ in }.table.all
    var help = ""
    var session = Session { help += $0 }
    for topic in ["fields", "set", "programs", "expressions"] {
      _ = session.execute(SourceText(name: "vocabulary", text: topic == "set" ? "set" : "help \(topic)"))
    }
    let shown = help.split { !($0.isLetter || $0.isNumber || "._-".contains($0)) }.map(String.init)
    fields = shown.filter { $0.contains(".") && !$0.hasSuffix(".") && !$0.hasPrefix(".") }
    let commands = specs.flatMap { spec in spec.words + spec.flags.map { "--\($0.name)" } }
    let kinds = EventKind.allCases.map(\.rawValue)
    var seen: Set<String> = []
    words = (commands + shown + kinds + Self.names + Self.steps + Self.signs + quantities).filter {
      seen.insert($0).inserted
    }
  }

  let quantities = Self.amounts + Self.ranges

  private static let amounts = [
    "0", "1", "2", "3", "63", "64", "65", "255", "256", "1000", "65536", "1000000", "268435456", "4294967296",
    "9223372036854775807", "9223372036854775808", "-1", "0.5", "1.5", "1e9", "1e30", "1e308", "1e-9", "0.0001", "1ns",
    "1us", "1ms", "10ms", "1s", "60s", "3600s", "1e9s", "4611686018427387903ns", "9223372036854775807ns", "1e30s", "0s",
    "0B", "1B", "8B", "4KiB", "1MiB", "4GiB", "1TiB", "1e18B", "0bps", "1bps", "1kbps", "100Mbps", "1Gbps", "1e15bps",
    "0%", "1%", "50%", "99.9%", "100%", "101%",
  ]

  private static let ranges = ["0..15", "0..0", "15..0", "63..64", "0..9223372036854775807"]

  private static let names = [
    "a", "b", "c", "p", "q", "r", "p1", "p2", "x", "n", "m", "f", "self", "parent", "me", "counter", "hot", "scan",
    "idle",
    "random", "zipf", "echo", "pinger", "producer", "consumer", "worker", "$x", "$n", "$p", "$last", "peer=q", "x=1",
    "to=q",
  ]

  private static let steps = Step.Word.allCases.map(\.rawValue) + ["as", "timeout", "random", "next", "else"]

  private static let signs = [
    "(", ")", "{", "}", "[", "]", "+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "and", "or", "not", "in",
    ",",
    ";", "..", "=", ".", "\"text\"", "'raw'", "\"$x\"", "\"$(p.node)\"", "$(1 / 0)", "\\", "\"", "#", "|", "@", "@step",
    "@check", "@setup", "@solution", "@param", "@ask", "@answer", "@hint", "@explain", "@forbid", "@lesson", "points",
    "hidden",
    "seeds", "within", "needs", "é", "\u{1F600}", "\u{301}", "\u{200F}", "count(", "min(", "max(", "sum(", "abs(",
  ]

  /// A line that an input can hold.
  func line(_ generator: inout Generator, for kind: Subject.Kind) -> String {
    switch kind {
    case .values: expression(&generator, depth: 0)
    case .course: generator.below(3) == 0 ? command(&generator) : directive(&generator)
    case .lesson: generator.below(4) == 0 ? directive(&generator) : command(&generator)
    case .commands, .syntax, .editor, .submission, .report, .packets: command(&generator)
    }
  }

  // MARK: - Lessons

  private func directive(_ generator: inout Generator) -> String {
    let name = generator.pick(["at", "fast", "safe", "move", "n", "again", "é", ""])
    let text = generator.pick(["\"text\"", "\"$x and $(now)\"", "\"`p` is on $(p.node)\"", "\"", "'raw'"])
    switch generator.below(14) {
    case 0: return "@step \(name) points \(generator.pick(quantities))"
    case 1: return "@step \(name)"
    case 2, 3: return "@check \(name) \(expression(&generator, depth: 1)) \(text)"
    case 4: return "@check \(name) \(expression(&generator, depth: 1)) hidden seeds \(generator.pick(quantities))"
    case 5: return "@param \(name) \(generator.pick(Self.ranges + ["64..256", "x..y", "5"]))"
    case 6: return "@ask \(name) \(text) within \(generator.pick(["20%", "0%", "1e9%", "20", "-1%"]))"
    case 7: return "@answer \(expression(&generator, depth: 1))"
    case 8: return "@forbid \(generator.pick(words))"
    case 9: return "@\(generator.pick(["hint", "explain"])) It takes $(\(expression(&generator, depth: 2)))."
    case 10: return generator.pick(["@setup", "@solution", "@details none", "@details full", "@details actual-only"])
    case 11: return "| Of $(\(expression(&generator, depth: 2))), 10 ms and `run 5ms` come \(generator.pick(words))."
    case 12: return "  - exercises/\(name).migsh"
    default: return "@lesson \(name) \(text) needs \(name)"
    }
  }

  // MARK: - Commands

  /// A whole command. Most of the time it is right, except for the things that it names.
  func command(_ generator: inout Generator, depth: Int = 0) -> String {
    let spec = generator.pick(specs)
    var parts = spec.words
    for parameter in spec.parameters {
      switch parameter.arity {
      case .one: parts.append(argument(parameter.kind, of: spec, &generator, depth))
      case .optional:
        if generator.below(2) == 0 { parts.append(argument(parameter.kind, of: spec, &generator, depth)) }
      case .many, .any:
        for _ in 0..<generator.below(3) + (parameter.arity == .many ? 1 : 0) {
          parts.append(argument(parameter.kind, of: spec, &generator, depth))
        }
      }
    }
    for flag in spec.flags where generator.below(max(3, spec.flags.count / 2)) == 0 {
      parts.append("--\(flag.name)")
      if let kind = flag.value { parts.append(argument(kind, of: spec, &generator, depth)) }
    }
    return parts.joined(separator: " ")
  }

  private func argument(
    _ kind: ParameterKind, of spec: CommandSpec, _ generator: inout Generator, _ depth: Int
  ) -> String {
    if generator.below(24) == 0 { return generator.pick(words) }
    switch kind {
    case .newName: return generator.pick(["a", "b", "c", "p", "q", "r", "s", "f"])
    case .node: return generator.pick(["a", "b", "c", "$x"])
    case .names: return generator.pick(["none", "none,threshold", "random,random", "none,nobody"])
    case .nodeGroup: return generator.pick(["a", "b", "a,b", "c", "a,b,c"])
    case .process: return generator.pick(["p", "q", "r", "p1", "p2", "$x"])
    case .program: return generator.pick(Self.names)
    case .checkpoint: return generator.pick(["p", "f"])
    case .variableName: return generator.pick(["x", "n", "m", "p"])
    case .thing, .text, .settingValue, .topic: return generator.pick(words)
    case .message: return generator.pick(["\"text\"", "'raw'", "\"$x and $(now)\"", "\"\"", "\"got $m\""])
    case .time:
      return generator.pick(["0s", "1ns", "1us", "1ms", "5ms", "10ms", "100ms", "1s", "20s", "$x", "3600s", "1e30s"])
    case .size: return generator.pick(["0B", "1B", "8B", "4KiB", "64KiB", "1MiB", "1GiB", "1TiB", "$x"])
    case .rate: return generator.pick(["0bps", "1bps", "1Mbps", "100Mbps", "10Gbps", "$x"])
    case .share: return generator.pick(["0%", "1%", "20%", "50%", "99%", "100%", "$x"])
    case .count, .page:
      return generator.pick(["0", "1", "2", "3", "5", "16", "64", "1000", "$x", "$n", generator.pick(quantities)])
    case .number: return generator.pick(["0", "0.5", "1", "2", "10", "1e9", "$x"])
    case .expression: return expression(&generator, depth: 0)
    case .pages: return generator.pick(["0", "3", "0..15", "5..$x", "0..63"])
    case .word(let words): return words.isEmpty ? "" : generator.pick(words)
    case .path: return generator.pick(["lost.migsh", "\"lost.svg\""])
    case .assignment: return generator.pick(["peer=q", "x=1", "peer=p", "x=\"y\"", "to=p", "n=3", "pages=4"])
    case .block:
      guard depth < 3 else { return "{ }" }
      let isProgram = spec.words == ["program"]
      let parts = (0..<generator.below(4)).map { _ in
        isProgram ? step(&generator, depth: depth) : command(&generator, depth: depth + 1)
      }
      return "{ \(parts.joined(separator: isProgram ? " " : "; ")) }"
    }
  }

  private func step(_ generator: inout Generator, depth: Int) -> String {
    let pages = generator.pick(["0", "1", "0..15", "random 0..63", "next 0..7", "$n", "0..$n", "random 3..$pages"])
    let nested = depth < 3 ? "{ \(step(&generator, depth: depth + 1)) }" : "{ }"
    switch generator.below(13) {
    case 0: return "compute \(argument(.time, of: CommandSpec(words: [], summary: ""), &generator, depth))"
    case 1: return "read \(pages)"
    case 2, 3: return "write \(pages)"
    case 4: return "send \(generator.pick(["p", "q", "$peer", "$self", "$parent"])) \"text $n\""
    case 5: return "send q 'x' else \(nested)"
    case 6: return "receive as m timeout \(generator.pick(["0s", "1ms", "5s"]))"
    case 7: return "receive reply \"got\""
    case 8: return "print \"at $now $m\""
    case 9: return "sleep \(generator.pick(["0s", "1ms", "10ms", "9223372036854775807ns"]))"
    case 10: return "repeat \(generator.pick(["", "3", "0", "$n"])) \(nested)"
    case 11: return "fork \(generator.pick(["c", "q", "r"])) \(nested)"
    default:
      return generator.pick([
        "thread \(nested)", "lock l \(nested)", "lock m \(nested)", "barrier b 2", "join", "read-file f as m",
        "write-file f \"at $m\"", "exit",
      ])
    }
  }

  private func expression(_ generator: inout Generator, depth: Int) -> String {
    guard depth < 4, generator.below(3) > 0 else {
      switch generator.below(4) {
      case 0: return fields.isEmpty ? "now" : generator.pick(fields)
      case 1: return generator.pick(Self.amounts)
      default:
        return generator.pick([
          "p.node", "p.migration.freezeTime", "a.load", "$x", "true", "now", "[1, 2]", "\"text\"", "q.state",
        ])
      }
    }
    let left = expression(&generator, depth: depth + 1)
    let right = expression(&generator, depth: depth + 1)
    switch generator.below(5) {
    case 0: return "not \(left)"
    case 1: return "\(generator.pick(["count", "min", "max", "sum", "abs"]))(\(left))"
    case 2: return "(\(left))"
    default:
      let operators = ["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "and", "or", "in"]
      return "\(left) \(generator.pick(operators)) \(right)"
    }
  }
}
