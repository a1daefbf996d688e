import CommandLanguage

/// The commands, and flags of them, that a course has introduced so far.
public struct Vocabulary: Sendable {
  /// The flags of each command that was taught.
  private var flags: [String: Set<String>] = [:]

  public init() {}

  /// Adds everything that a lesson introduces.
  public mutating func add(_ lesson: Lesson) { for step in lesson.steps { add(step.teaches) } }

  mutating func add(_ taught: [Lesson.TaughtCommand]) {
    for command in taught { flags[command.name, default: []].formUnion(command.flags) }
  }

  /// Whether nothing was taught.
  var isEmpty: Bool { flags.isEmpty }

  /// The problems with a solution that uses what was not taught.
  func problems(with script: Lesson.Script) -> [Diagnostic] {
    var problems: [Diagnostic] = []
    for call in script.calls where !call.spec.isUserDefined {
      let name = call.spec.name
      guard let known = flags[name] else {
        problems.append(
          script.source.diagnostic(
            at: call.wordsSpan, "no lesson up to here teaches `\(name)`",
            remedy: "the step that introduces it says @teaches \(name)"))
        continue
      }
      for use in call.flags where !known.contains(use.flag.name) {
        problems.append(
          script.source.diagnostic(
            at: use.span, "no lesson up to here teaches `\(name) --\(use.flag.name)`",
            remedy: "the step that introduces it says @teaches \(name) --\(use.flag.name)"))
      }
    }
    return problems
  }
}
