import CommandLanguage
import Foundation
import Shell
import TestSupport
import Testing

@testable import Course

/// What students are given to practise with, and hand in: it is graded as they were told.
@Suite struct HandInTests {
  private static let secret = "a secret"

  private static func exercise(_ name: String) throws -> Lesson {
    try lesson(readSource(ShippedCourseTests.root.appending(path: "Lessons/exercises/\(name).migsh").path).text)
  }

  /// The commands of a script as they would be typed.
  private static func entries(_ script: Lesson.Script) -> [String] {
    script.statements.map { script.source.fullText(of: $0) }
  }

  /// What is typed in each step, in several ways: as the solutions have it; with the wrong submissions of a step; with
  /// something tried and undone.
  private static func ways(_ exercise: Lesson) -> [[[String]]] {
    let solutions = exercise.steps.map { entries($0.solution) }
    var ways = [solutions, solutions.map { ["run 1ms", "undo"] + $0 + ["ps", "nonsense"] }]
    for (index, step) in exercise.steps.enumerated() {
      for wrong in step.wrong { ways.append(solutions[..<index] + [entries(wrong.script)] + solutions[(index + 1)...]) }
      ways.append(solutions[..<index] + [entries(step.solution) + ["fail a", "undo"]] + solutions[(index + 1)...])
    }
    return ways
  }

  /// Types an exercise in some ways, from what was released, and hands it in. `check` says what grading finds.
  @Test(arguments: [
    ("move-it", "ada"), ("move-it", "bob"), ("survive", "ada"), ("brief-stop", "zoë"), ("cores", "bob"),
  ])
  func gradingFindsWhatCheckSaid(_ name: String, _ student: String) throws {
    let exercise = try Self.exercise(name)
    let verdicts = try Self.ways(exercise).flatMap { try self.verdicts(exercise, student, typing: $0) }
    #expect(verdicts.count > 20 && Set(verdicts).isSuperset(of: [.passed, .failed]))
  }

  @Test(.whenThorough, arguments: names) func soItIsInEveryExercise(_ name: String) throws {
    let exercise = try Self.exercise(name)
    guard !exercise.parameters.contains(where: \.isSecret) else { return }
    for way in Self.ways(exercise) { #expect(!(try verdicts(exercise, "ada", typing: way).isEmpty)) }
  }

  /// The verdicts of grading on what is typed in each step, each found to be what `check` said.
  private func verdicts(_ exercise: Lesson, _ student: String, typing way: [[String]]) throws -> [Verdict] {
    let name = exercise.name
    let seed = StudentSeed.seed(secret: Self.secret, exercise: name, student: student)
    let course = try TutorTests.Course()
    try course.write(
      try #require(try ExerciseRelease(exercise, for: (student, seed)).practice), to: "\(name).exercise")
    let learner = try TutorTests.Learner(course)
    #expect(learner.type("exercise start \(course.folder.path)/\(name).exercise").contains("numbers of \(student)."))
    var said: [[CheckResult]] = []
    for (entries, step) in zip(way, exercise.steps) {
      guard learner.prompt.hasPrefix("exercise \(name):\(step.name) ") else { break }
      for entry in entries { learner.type(entry) }
      said.append(try #require(learner.tutor.visit).judge(learner.session))
      learner.type("next")
    }
    let shown = learner.type("hand-in \(course.folder.path)/out.migsh")
    #expect(shown.hasPrefix("wrote ") && !shown.contains("does not do the same"), "\(shown)")
    let text = try readSource(course.folder.path + "/out.migsh")
    let report = try Grader(exercise).grade(
      Submission(student: student, text: .success(text), for: exercise), seed: seed)
    #expect(report.problems.isEmpty && report.fault == nil, "\(report.text)")
    var verdicts: [Verdict] = []
    // A step that was better judged from another world than one's own is another matter, and so is a check that failed with
    // other numbers.
    for (step, results) in zip(report.steps, said) where step.basis == .own {
      for check in step.checks where !check.isHidden && check.seed == nil {
        let other = try #require(results.first { $0.name == check.name })
        #expect(other.verdict == check.verdict, "\(name) \(student) \(step.name) \(check.name): \(text.text)")
        verdicts.append(check.verdict)
      }
    }
    return verdicts
  }

  /// With a course at hand the numbers are the same, and so is what was typed.
  @Test func theCourseAndTheReleaseAreOne() throws {
    let course = try TutorTests.Course()
    let exercise = try Self.exercise("move-it")
    try course.write(exercise.source.text, to: "move-it.migsh")
    let seed = StudentSeed.seed(secret: Self.secret, exercise: "move-it", student: "ada")
    try course.write(try #require(ExerciseRelease(exercise, for: ("ada", seed)).practice), to: "move-it.exercise")
    let learner = try TutorTests.Learner(course)
    learner.tutor.courseSecret = Self.secret
    learner.type("exercise start \(course.folder.path)/move-it.migsh --student ada", "migrate shop b")
    let other = try TutorTests.Learner(course)
    let head = other.type("exercise start \(course.folder.path)/move-it.exercise")
    #expect(head.contains("done again: 1 line") && other.type("check").hasSuffix("\n3 of 3 points\n"))
    // As a lesson it would have no solutions.
    #expect(other.type("lesson \(course.folder.path)/move-it.exercise").contains("done again"))
    #expect(
      other.type("exercise start \(course.folder.path)/move-it.exercise --student bob")
        == "this file has the numbers of ada, and no others\n")
    #expect(other.type("hint") == "there is no hint for this step\n")
    learner.tutor.courseSecret = ""
    let without = learner.type("exercise start \(course.folder.path)/move-it.migsh --student ada")
    #expect(without.replacing("\n", with: " ").contains("There is no secret of a course here"))
  }

  private static let names: [String] = {
    let folder = ShippedCourseTests.root.appending(path: "Lessons/exercises").path
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".migsh") }
      .map { String($0.dropLast(6)) }.sorted()
  }()

  /// What is released to practise with has everything that may be seen, and nothing else.
  @Test(arguments: names) func aReleaseToPractiseWithIsWhole(_ name: String) throws {
    let exercise = try Self.exercise(name)
    let text = try #require(try ExerciseRelease(exercise, for: ("ada", 4711), practiceSeed: 42).practice)
    let practice = try lesson(text)
    let hasSecrets = exercise.parameters.contains(where: \.isSecret)
    #expect(practice.release == Lesson.Release(student: "ada", seed: hasSecrets ? 42 : 4711))
    #expect(practice.name == name && practice.points == exercise.points && practice.details == exercise.details)
    let (graded, others) = (exercise.parameters.values(seed: 4711), exercise.parameters.values(seed: 42))
    let own = exercise.parameters.indices.map { exercise.parameters[$0].isSecret ? others[$0].value : graded[$0].value }
    #expect(practice.parameters.map(\.range) == own.map { $0...$0 })
    for (ours, theirs) in zip(practice.steps, exercise.steps) {
      #expect(ours.checks.map(\.name) == theirs.checks.filter { !$0.marks.isHidden }.map(\.name))
      #expect(ours.forbidden.map(\.kind) == theirs.forbidden.map(\.kind) && ours.withheld == theirs.withheld)
      #expect(ours.hiddenChecks == theirs.hiddenChecks && ours.points == theirs.points)
      #expect(ours.solution.statements.isEmpty && ours.wrong.isEmpty && ours.explanation.isEmpty && ours.hints.isEmpty)
      #expect(ours.task.count == theirs.task.count && ours.preamble.count == theirs.preamble.filter(\.isReleased).count)
    }
    #expect(practice.steps.count == exercise.steps.count)
    #expect(!text.split(separator: "\n").dropFirst().contains { $0.hasPrefix("#") })
  }

  /// What grading keeps secret is not in the file, and what was learnt from it is no answer.
  @Test func secretsAreOthers() throws {
    let exercise = try Self.exercise("find-the-line")
    let salts = (0..<8).map { exercise.parameters.values(seed: 100 + UInt64($0))[0].value }
    for (index, salt) in salts.enumerated() {
      let text = try #require(
        try ExerciseRelease(exercise, for: ("ada", 100 + UInt64(index)), practiceSeed: 7).practice)
      #expect(!text.contains("\(salt)..") && text.contains(" seed 7\n"))
    }
    let course = try TutorTests.Course()
    try course.write(
      try #require(try ExerciseRelease(exercise, for: ("ada", 100), practiceSeed: 7).practice), to: "x.exercise")
    let learner = try TutorTests.Learner(course)
    let head = learner.type("exercise start \(course.folder.path)/x.exercise")
    #expect(head.contains("What it does not tell you is\ndifferent when it is graded."), "\(head)")
    #expect(learner.type("print $salt").contains("there is no variable `$salt`"))
    for entry in Self.entries(exercise.steps[0].solution) { learner.type(entry) }
    #expect(learner.type("check").contains("passed  right\n"))
    learner.type("hand-in \(course.folder.path)/out.migsh")
    let report = try Grader(exercise).grade(
      Submission(student: "ada", text: .success(try readSource(course.folder.path + "/out.migsh")), for: exercise),
      seed: 100)
    #expect(report.isPassed, "\(report.text)")
  }

  @Test(arguments: [
    ("@released", "the seed is missing"), ("@released to seed 1", "the student is missing"),
    ("@released to \"ada\" seed x", "`x` is not a seed"), ("@released seed 1 2", "`2` cannot stand here"),
    ("@released seed 1\n@released seed 1", "this is said twice"),
    ("@released seed 1\n@step a points 1\n@unseen 0 weight 1", "`0` is not the number of checks"),
    ("@released seed 1\n@step a points 1\n@unseen 1", "the weight is missing"),
    ("@released seed 1\n@step a points 1\n@unseen 1 weight 1\n@unseen 1 weight 1", "this is said twice"),
    ("@step a points 1\n@unseen 1 weight 1", "the step `a` has no solution"),
  ]) func mistakesInReleasedFilesAreSaid(_ lines: String, _ message: String) {
    #expect(mistake("@lesson x \"X\"\n\(lines)")?.contains(message) == true)
  }
}

extension Lesson.Preamble {
  /// Whether it is in what is released.
  fileprivate var isReleased: Bool { if case .question = self { false } else { true } }
}
