/// A way round an exercise that `migsh test` tries on every step with points. It must not earn full marks, unless the
/// step says `@accept` with its name.
enum BatteryAttempt: String, Sendable, CaseIterable {
  case lines
  case machines
  case mechanisms
  case swappedNames = "swapped-names"
  case rebuilt
  case trialAndError = "trial-and-error"
  case sentBefore = "sent-before"
  case otherDirection = "other-direction"
  case withheldCommands = "withheld-commands"

  /// What it tries.
  var summary: String {
    switch self {
    case .lines: "faster and slower lines, or none of the latency, before the solution"
    case .machines: "faster and slower machines, or with more memory, before the solution"
    case .mechanisms: "every other mechanism in place of the solution's"
    case .swappedNames: "the solution with two names swapped"
    case .rebuilt: "the set-up made again under the same names after `reset`, with the solution's end as its beginning"
    case .trialAndError: "the solution after a failed attempt that is undone"
    case .sentBefore: "what the solution sends first, and what it breaks afterwards"
    case .otherDirection: "messages in the other direction"
    case .withheldCommands: "the commands that the step withholds"
    }
  }
}
