import CommandLanguage
import Shell

/// How a check ended. A check that cannot be evaluated has neither failed nor passed.
public enum Verdict: String, Sendable, CaseIterable {
  case passed
  case failed
  case unchecked = "could-not-be-checked"

  /// In words.
  public var text: String { self == .unchecked ? "could not be checked" : rawValue }
}

/// The verdict on one check, or on one kind of event that a step forbids.
public struct CheckResult: Sendable {
  /// The check's name; `no node-failed` for what is forbidden.
  public let name: String
  /// Whether it held.
  public var verdict = Verdict.passed
  /// Whether this is something that must not happen; otherwise it is something that must hold.
  public let isForbidden: Bool
  /// Whether students see only the verdict.
  public let isHidden: Bool
  /// Whether the step earns nothing without it.
  public let isEssential: Bool
  /// How much it counts beside the other checks of the step.
  public let weight: Int
  /// Whether it can lose points, and earn none.
  public let isGuard: Bool
  /// What the lesson says of a failure.
  public var message: String?
  /// What the check expected, in words; nil when there is nothing to say.
  public var expected: String?
  /// What it found instead.
  public var found: String?
  /// The first event in the log that should not have happened.
  public var event: String?
  /// Why it could not be checked.
  public var reason: String?
  /// The further seed with which it failed; nil when that was the student's own, or when it did not fail.
  public var seed: UInt64?
  /// The directive behind the check; empty in a report that was read back.
  let span: SourceSpan

  init(_ check: Lesson.Check) {
    name = check.name
    isHidden = check.marks.isHidden
    isEssential = check.marks.isEssential
    weight = check.marks.weight
    isGuard = check.marks.isGuard
    isForbidden = false
    span = check.span
  }

  init(_ event: Lesson.ForbiddenEvent) {
    name = "no \(event.kind.name)"
    isHidden = false
    isEssential = false
    weight = 0
    isGuard = true
    isForbidden = true
    span = event.span
  }

  /// A result that a report tells of.
  init(
    name: String, isForbidden: Bool, isHidden: Bool, isEssential: Bool, weight: Int, isGuard: Bool, verdict: Verdict
  ) {
    self.name = name
    self.isForbidden = isForbidden
    self.isHidden = isHidden
    self.isEssential = isEssential
    self.weight = weight
    self.isGuard = isGuard
    self.verdict = verdict
    span = SourceSpan(start: 0, end: 0)
  }

  /// Its name in the lesson: that of a forbidden kind of event stands there alone.
  var checkName: String { isForbidden ? String(name.dropFirst(3)) : name }

  /// The text after the name, on one line; nil when there is nothing to say.
  package var explanation: String? {
    var parts: [String] = []
    if let message { parts.append(message) }
    if let reason { parts.append(reason) }
    if let expected { parts.append("expected \(expected)") }
    if let found, !found.isEmpty { parts.append("found \(found)") }
    if let event { parts.append("first at \(event)") }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  /// What commands that show a check say about it.
  var data: [(String, JSON)] {
    [
      ("name", .string(name)), ("verdict", .string(verdict.rawValue)), ("hidden", .boolean(isHidden)),
      ("essential", .boolean(isEssential)), ("weight", .integer(Int64(weight))), ("guard", .boolean(isGuard)),
      ("message", JSON(message)), ("expected", JSON(expected)), ("found", JSON(found)), ("event", JSON(event)),
      ("reason", JSON(reason)),
    ]
  }
}
