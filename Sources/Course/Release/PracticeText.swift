import CommandLanguage
import Shell

/// An exercise as a student may have it to practise with: a lesson with the student's numbers, set-ups, tasks and the checks
/// that may be seen. Solutions, hidden checks, explanations, what must not pass and all comments are left out.
struct PracticeText {
  private let exercise: Lesson
  private let release: Lesson.Release
  private let showsHints: Bool
  /// The parameters, with the values that they have in it.
  private let values: [String: Int64]
  private var lines: [String] = []
  /// The commands of the set-up that is being read; nil as long as there are none.
  private var setup: SourceSpan?
  private var section = Section.prose

  /// What a line belongs to that is no directive.
  private enum Section { case prose, setup, leftOut }

  /// - Parameters:
  ///   - seed: the one that grading uses.
  ///   - practiceSeed: draws in its place what is secret, and everything random then, so that the file does not tell it.
  init(_ exercise: Lesson, for student: String, seed: UInt64, practiceSeed: UInt64, showsHints: Bool) {
    self.exercise = exercise
    self.showsHints = showsHints
    let own = exercise.parameters.values(seed: seed)
    let secret = exercise.parameters.values(seed: practiceSeed)
    let chosen = zip(exercise.parameters, zip(own, secret)).map { parameter, values in
      (parameter.name, parameter.isSecret ? values.1.value : values.0.value)
    }
    values = Dictionary(uniqueKeysWithValues: chosen)
    let hasSecrets = exercise.parameters.contains(where: \.isSecret)
    release = Lesson.Release(student: InertText.line(student), seed: hasSecrets ? practiceSeed : seed)
  }

  /// The text of the file.
  static func of(
    _ exercise: Lesson, for student: String, seed: UInt64, practiceSeed: UInt64, showsHints: Bool
  ) -> String {
    var text = PracticeText(
      exercise, for: student, seed: seed, practiceSeed: practiceSeed, showsHints: showsHints)
    return text.write()
  }

  private mutating func write() -> String {
    let source = exercise.source
    for line in source.lineSpans {
      switch source.firstByte(of: line) {
      case UInt8(ascii: "@"):
        endSetup()
        takeDirective(line)
      case UInt8(ascii: "|"):
        endSetup()
        if section == .prose { lines.append(source.text(line)) }
      case UInt8(ascii: "#") where section != .setup: continue
      case nil: if section == .prose { lines.append("") }
      default: if section == .setup { setup = SourceSpan(start: setup?.start ?? line.start, end: line.end) }
      }
    }
    endSetup()
    return "# To practise: `exercise start FILE` in migsh, with the name of this file.\n"
      + lines.joined(separator: "\n").replacing(/\n{3,}/, with: "\n\n") + "\n"
  }

  private mutating func endSetup() {
    guard section == .setup else { return }
    if let setup { lines.append(Self.withoutComments(exercise.source.text(setup))) }
    setup = nil
    section = .prose
  }

  // MARK: - Directives

  private mutating func takeDirective(_ line: SourceSpan) {
    let text = exercise.source.text(line)
    let word = text.dropFirst().prefix { !$0.isWhitespace }
    section = .prose
    switch Directive(rawValue: String(word)) {
    case .lesson: lines += [Self.withoutComments(text), Self.line(of: release)]
    case .param: takeParameter(Self.withoutComments(text))
    case .goal, .details, .continues, .fixed, .allow, .withhold, .forbid: lines.append(Self.withoutComments(text))
    case .setup:
      lines.append("@setup")
      section = .setup
    case .step:
      lines.append(Self.withoutComments(text))
      takeUnseen(of: line)
    case .check: if !isHidden(line) { lines.append(Self.withoutComments(text)) }
    case .hint: if showsHints { lines.append(text) }
    case .ask, .answer, .teaches, .covers, .accept, .released, .unseen: break
    case .reply, .solution, .wrong, .explain, nil: section = .leftOut
    }
  }

  private static func line(of release: Lesson.Release) -> String {
    "@released to \(quotedText(release.student ?? "")) seed \(release.seed)"
  }

  private mutating func takeParameter(_ text: String) {
    let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
    guard words.count > 1, let value = values[words[1]] else { return }
    lines.append("@param \(words[1]) \(value)..\(value)\(words.last == "secret" ? " secret" : "")")
  }

  private mutating func takeUnseen(of line: SourceSpan) {
    guard let step = exercise.steps.first(where: { $0.span.start == line.start }) else { return }
    let unseen = step.hiddenChecks
    if unseen.count > 0 { lines.append("@unseen \(unseen.count) weight \(unseen.weight)") }
  }

  private func isHidden(_ line: SourceSpan) -> Bool {
    exercise.steps.contains { $0.checks.contains { $0.span.start == line.start && $0.marks.isHidden } }
  }

  /// A text without its comments, which may be notes of the author.
  private static func withoutComments(_ text: String) -> String {
    let comments = LooseToken.all(in: text).filter { $0.kind == .comment }
    guard !comments.isEmpty else { return text }
    var bytes = Array(text.utf8)
    for comment in comments.reversed() { bytes.removeSubrange(comment.range) }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      .map { line in String(line.reversed().drop { $0 == " " }.reversed()) }.filter { !$0.isEmpty }.joined(
        separator: "\n")
  }
}

extension Lesson.Step {
  /// The checks that students do not see, whether they are here or left out.
  var hiddenChecks: Lesson.UnseenChecks {
    let hidden = checks.filter(\.marks.isHidden)
    return Lesson.UnseenChecks(
      count: unseen.count + hidden.count,
      weight: unseen.weight + hidden.filter { !$0.marks.isGuard }.reduce(0) { $0 + $1.marks.weight })
  }
}
