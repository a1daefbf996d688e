import CommandLanguage

/// What a step keeps the learner from using: what is fixed, and the commands that are withheld.
struct FixedParts {
  /// A part of the cluster that learners may not change.
  enum Part: String, CaseIterable {
    case network, nodes

    /// The commands that change it.
    var commands: [String] {
      switch self {
      case .network:
        ["link set", "network set"]
          + ["latency", "bandwidth", "loss", "jitter", "retransmission-timeout", "profile"].map { "set \($0)" }
      case .nodes: ["node add", "node set", "node remove"]
      }
    }

    /// Why these are refused.
    var reason: String {
      switch self {
      case .network: "the lines are fixed here: use them as they are"
      case .nodes: "the machines are fixed here: use them as they are"
      }
    }
  }

  /// Nil when nothing is said.
  var fixed: [Part]?
  var allowed: [String] = []
  var withheld: [String] = []

  /// Why each command is refused in a step: what is said for the lesson counts, and then what is said for the step. In
  /// exercises all parts are fixed, unless something else is said.
  static func refusals(lesson: FixedParts, step: FixedParts, isExercise: Bool) -> [String: String] {
    var refusals: [String: String] = [:]
    for part in step.fixed ?? lesson.fixed ?? (isExercise ? Part.allCases : []) {
      for command in part.commands { refusals[command] = part.reason }
    }
    refusals.allow(lesson.allowed)
    for command in lesson.withheld { refusals[command] = "this lesson is about doing without it" }
    refusals.allow(step.allowed)
    for command in step.withheld { refusals[command] = "this step is about doing without it" }
    return refusals
  }
}

extension [String: String] {
  /// Refuses some commands no longer: `set` stands for all settings.
  fileprivate mutating func allow(_ commands: [String]) {
    for command in commands { self = filter { $0.key != command && !$0.key.hasPrefix(command + " ") } }
  }
}
