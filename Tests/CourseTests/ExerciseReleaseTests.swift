import CommandLanguage
import Foundation
import Shell
import Testing

@testable import Course

/// What students may have of an exercise.
@Suite struct ExerciseReleaseTests {
  private static let text = """
    @lesson finding "Finding the fast one"
    @goal "You can find it." minutes 5
    @param pages 8..64
    @param which 0..1
    @setup
    node add a b
    spawn p1 --on a --pages $pages
    let fast = p1
    | Each has $pages pages, and the limit is $(20ms).
    @step find points 3
    | Move the fast one to `b`.
    @check at p1.node == b "p1 should be on b, with $pages pages" essential
    @check fast $fast.node == b "$fast should be on b" weight 2
    @check secret p1.migrations == 1 "once only" hidden seeds 3
    @forbid node-failed
    @hint Look at them.
    @hint Use `migrate`.
    @solution
    migrate p1 b
    @explain It was p1 all the time.
    @wrong nothing fails at
    run 1ms
    @step rest points 1
    | Let $(1ms) pass. `p1` is on `b` now.
    @check later now > 0ms
    @solution
    run 1ms
    """

  @Test func aReleaseHasWhatStudentsMayKnow() throws {
    let release = try ExerciseRelease(lesson(Self.text), for: ("ada\n# x", 7), showsHints: true)
    let pages = try #require(release.text.split(separator: "`$pages` is ").last?.split(separator: ".").first)
    #expect(
      release.markdown.components(separatedBy: "\n## Limits").first == """
        # Finding the fast one

        You can find it. About 5 minutes.

        For ada # x: `$pages` is \(pages).

        Each has \(pages) pages, and the limit is 20 ms.

        ## Step 1: find (3 points)

        Move the fast one to `b`.

        What is checked:

        - at (without it the step earns nothing): p1 should be on b, with \(pages) pages
        - fast (weight 2)
        - not once: a node failed
        - more that is not told here

        What cannot be used:

        - `link set`, `network set`, `set bandwidth`, `set jitter`, `set latency`, `set loss`, `set profile`, `set retransmission-timeout`: the lines are fixed here: use them as they are
        - `node add`, `node remove`, `node set`: the machines are fixed here: use them as they are

        Hints, from the vaguest to the plainest:

        1. Look at them.
        2. Use `migrate`.

        ## Step 2: rest (1 point)

        Let 1 ms pass. `p1` is on `b` now.

        What is checked:

        - later

        What cannot be used:

        - `link set`, `network set`, `set bandwidth`, `set jitter`, `set latency`, `set loss`, `set profile`, `set retransmission-timeout`: the lines are fixed here: use them as they are
        - `node add`, `node remove`, `node set`: the machines are fixed here: use them as they are

        """)
    #expect(
      release.skeleton == """
        # Finding the fast one
        # What to do is in finding.txt and finding.md.

        @step find
        # 3 points. What is checked:
        # - at (without it the step earns nothing): p1 should be on b, with \(pages) pages
        # - fast (weight 2)
        # - not once: a node failed
        # - more that is not told here

        @step rest
        # 1 point. What is checked:
        # - later

        """)
  }

  @Test func numbersAreThoseOfGrading() throws {
    let exercise = try lesson(Self.text)
    for seed: UInt64 in 1...5 {
      let report = try Grader(exercise).grade(
        Submission(student: "ada", text: .success(SourceText(name: "x", text: "")), for: exercise), seed: seed)
      let pages = try #require(report.values.first { $0.name == "pages" }).value
      let text = try ExerciseRelease(exercise, for: ("ada", seed)).text
      #expect(text.contains("Each has \(pages) pages") && !text.contains("which") && !text.contains("Hints"))
    }
    let text = try ExerciseRelease(exercise).text
    #expect(text.contains("Everybody has numbers of their own: `$pages` from 8 to 64."))
    #expect(text.contains("Each has $pages pages, and the limit is 20 ms."))
  }

  @Test func aLessonIsNotReleased() throws {
    let text = Self.text.replacing(" points 3", with: "").replacing(" points 1", with: "")
    #expect(throws: Diagnostic.self) { try ExerciseRelease(lesson(text)) }
  }

  private static let exercises: [String] = {
    let folder = ShippedCourseTests.root.appending(path: "Lessons/exercises").path
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".migsh") }
      .sorted()
  }()

  /// No line of a solution, of what must not pass, of an explanation or of a hidden check, and no message of one, is in what
  /// is released of any exercise, but for what the prose itself says.
  @Test(arguments: exercises) func noReleaseTellsTheSolution(_ name: String) throws {
    let source = try readSource(ShippedCourseTests.root.appending(path: "Lessons/exercises/\(name)").path)
    let exercise = try lesson(source.text)
    var (secrets, shown): ([String], String) = ([], "")
    for step in exercise.steps {
      let scripts = [step.solution] + step.wrong.map(\.script)
      secrets += scripts.flatMap { $0.source.text.split(separator: "\n").map(String.init) }
      let hidden = step.checks.filter(\.marks.isHidden)
      secrets += hidden.map { source.text($0.condition.span) } + Self.literals(hidden.compactMap(\.message))
      secrets += Self.literals(step.explanation.flatMap(\.text) + step.replies.flatMap(\.text))
      let prose = step.preamble.flatMap { item -> [Template] in if case .prose(let lines) = item { lines } else { [] } }
      shown +=
        (prose + step.task + step.hints).map { source.text($0.span) }.joined(separator: "\n")
        .replacing("\\$", with: "$") + "\n"
    }
    secrets = secrets.map { $0.trimmingCharacters(in: .whitespaces) }.filter { $0.count > 3 && !shown.contains($0) }
    #expect(!secrets.isEmpty)
    for student: (String, UInt64)? in [nil, ("ada", 4711)] {
      let release = try ExerciseRelease(exercise, for: student, showsHints: true)
      let texts = [release.markdown, release.text, release.skeleton]
      for secret in secrets { for text in texts { #expect(!text.contains(secret), "\(secret)") } }
      let submission = Submission(
        student: "ada", text: .success(SourceText(name: "x", text: release.skeleton)), for: exercise)
      #expect(submission.mistakes.isEmpty && submission.parts.count == exercise.steps.count)
      let report = try Grader(exercise).grade(submission, seed: 4711)
      #expect(report.problems.isEmpty && report.total == 0 && !report.isPassed)
    }
  }

  private static func literals(_ templates: [Template]) -> [String] {
    templates.flatMap(\.segments).compactMap { segment in
      if case .literal(let text) = segment, text.count > 15 { text } else { nil }
    }
  }
}
