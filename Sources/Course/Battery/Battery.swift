import CommandLanguage
import Shell

/// What the battery tries on a step with points: ways round it that must not earn all of them.
struct Battery {
  /// A submission that is tried.
  struct Try: Hashable, Sendable {
    /// Nil for doing nothing, which no step may accept.
    let attempt: BatteryAttempt?
    let text: String

    /// Its name in reports.
    var name: String { attempt?.rawValue ?? "nothing" }
  }

  private let step: Lesson.Step
  /// The set-ups up to the step, in order.
  private let setups: [Lesson.Script]
  private let nodes: [String]
  private let processes: [String]
  private static let mostSwaps = 12

  /// - Parameters:
  ///   - lesson: the lesson of the step.
  ///   - session: as it is when the step begins.
  init(_ step: Lesson.Step, of lesson: Lesson, in session: borrowing Session) {
    self.step = step
    var setups: [Lesson.Script] = []
    for other in lesson.steps {
      for case .setup(let script) in other.preamble { setups.append(script) }
      if other.name == step.name { break }
    }
    self.setups = setups
    let world = session.state.world
    nodes = world.members.map { world[$0].name }
    processes = world.processes.all.filter { $0.fate == .alive }.map(\.name)
  }

  /// All that is tried, each text once.
  var tries: [Try] {
    let solution = step.solution
    var tries = [Try(attempt: nil, text: "now"), Try(attempt: nil, text: "run 10s")]
    let plain = solution.withoutIdea
    for change in ["--latency 0s --bandwidth 100Gbps", "--latency 0s", "--bandwidth 1kbps", "--latency 1s"] {
      tries.append(Try(attempt: .lines, text: "network set \(change)\n\(plain)"))
    }
    tries += linesBetween(plain)
    for change in ["--speed 100", "--speed 0.1", "--memory 64GiB", "--interface 100Gbps"] {
      tries.append(Try(attempt: .machines, text: "node set \(nodes.joined(separator: " ")) \(change)\n\(plain)"))
    }
    tries += (solution.otherTransfers + solution.otherForwardings).map { Try(attempt: .mechanisms, text: $0) }
    tries += swaps.map { Try(attempt: .swappedNames, text: $0) }
    tries += rebuilt
    tries += trialsAndErrors
    if let text = solution.sentBefore { tries.append(Try(attempt: .sentBefore, text: text)) }
    if let text = solution.otherDirection { tries.append(Try(attempt: .otherDirection, text: text)) }
    for command in step.withheld.keys.sorted() {
      tries.append(
        Try(attempt: .withheldCommands, text: "\(command) \(arguments(of: command))\n\(solution.source.text)"))
    }
    var seen: Set<Try> = []
    return tries.filter { $0.text != solution.source.text && seen.insert($0).inserted }
  }

  /// Every line on its own made fast, since `network set` leaves those alone that were set.
  private func linesBetween(_ plain: String) -> [Try] {
    guard nodes.count >= 2, nodes.count <= 12 else { return [] }
    var commands: [String] = []
    for (index, node) in nodes.enumerated() {
      for other in nodes[(index + 1)...] {
        commands.append("link set \(node) \(other) --latency 0s --bandwidth 100Gbps")
      }
    }
    return [Try(attempt: .lines, text: commands.joined(separator: "\n") + "\n" + plain)]
  }

  private var swaps: [String] {
    var texts: [String] = []
    for names in [processes, nodes] where names.count <= 40 {
      for (index, one) in names.enumerated() {
        for other in names[(index + 1)...] where texts.count < Self.mostSwaps {
          if let text = step.solution.swapped(one, other), !texts.contains(text) { texts.append(text) }
        }
      }
    }
    return texts
  }

  private var rebuilt: [Try] {
    let whole = setups.map(\.source.text).joined(separator: "\n")
    var texts = ["reset\n\(whole)\n\(step.solution.source.text)"]
    let spawned = setups.flatMap { script in
      script.calls.filter { $0.spec.name == "spawn" }.map { (script.source, $0) }
    }
    let text = step.solution.rebuilt { name in
      let call = spawned.last { source, call in
        (call.arguments.first ?? []).contains { argument in source.text(argument.span) == name }
      }
      return call.map { source, call in
        call.flags.filter { !["on", "count"].contains($0.flag.name) }.map { source.text($0.span) }
          .joined(separator: " ")
      } ?? ""
    }
    if let text { texts.append(text) }
    return texts.map { Try(attempt: .rebuilt, text: $0) }
  }

  /// Something is tried first and taken back, by `undo` and by a checkpoint.
  private var trialsAndErrors: [Try] {
    let solution = step.solution.source.text
    let wrong = step.solution.otherTransfers.first ?? solution
    // Where taking back is withheld, the attempt would be the solution itself, and nothing would follow it.
    let isWithheld = { (command: String) in step.withheld[command] != nil }
    let byUndo = isWithheld("undo") ? [] : ["repeat 1 {\n\(wrong)\n}\nundo\n\(solution)"]
    let byCheckpoint =
      isWithheld("checkpoint") || isWithheld("restore")
      ? [] : ["checkpoint start\n\(wrong)\nrestore start\n\(solution)"]
    return (byUndo + byCheckpoint).map { Try(attempt: .trialAndError, text: $0) }
  }

  /// Arguments with which a command can be read, so that it is refused for being withheld.
  private func arguments(of command: String) -> String {
    let (node, other) = (nodes.first ?? "a", nodes.dropFirst().first ?? "b")
    return switch command {
    case "link set": "\(node) \(other) --latency 1ms"
    case "network set": "--latency 1ms"
    case "set latency", "set jitter", "set retransmission-timeout": "1ms"
    case "set bandwidth": "1Gbps"
    case "set loss": "0%"
    case "set profile": "datacenter-2025"
    case "node add": "battery"
    case "node set": "\(node) --speed 1"
    case "node remove", "fail", "recover": node
    case "checkpoint", "restore": "battery"
    case "link fail", "link heal", "link drop", "link repeat": "\(node) \(other)"
    case "driver lose", "driver repeat", "driver alter": "\(node) message"
    case "driver replace": node
    case "migrate", "kill", "freeze", "resume", "start", "wait": processes.first ?? "p"
    default: ""
    }
  }
}
