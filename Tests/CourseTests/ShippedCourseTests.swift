import CommandLanguage
import Foundation
import Shell
import TestSupport
import Testing

@testable import Course

/// The course in `Lessons` does what it promises.
@Suite struct ShippedCourseTests {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let folder = root.appending(path: "Lessons").path

  static func lessons() throws -> [Lesson] {
    try CourseOutline(folder: folder).lessons.map {
      try Lesson(parsing: try readSource("\(folder)/\($0)", name: $0), table: table)
    }
  }

  @Test func everyFileIsInTheOutline() throws {
    let files = try FileManager.default.subpathsOfDirectory(atPath: Self.folder).filter { $0.hasSuffix(".migsh") }
    #expect(Set(files) == Set(try CourseOutline(folder: Self.folder).lessons))
    #expect(CourseOutline.mistakes(inOrder: try Self.lessons()) == [])
  }

  @Test func everyStatementOfTheNotesIsTaught() throws {
    var index = try CourseIndex(parsing: try readSource("\(Self.folder)/statements.yaml"))
    #expect(index.entries.count == 64)
    #expect(index.enter(try Self.lessons()) == [])
  }

  @Test func translationsAreWholeAndUpToDate() throws {
    var count = 0
    for (file, lesson) in zip(try CourseOutline(folder: Self.folder).lessons, try Self.lessons()) {
      for language in TranslationFiles.languages(beside: "\(Self.folder)/\(file)") {
        count += 1
        let translation = try TranslationFiles.translation(into: language, beside: "\(Self.folder)/\(file)")
        let proof = TranslationProof(translation, of: lesson, table: table)
        #expect(proof.problems == [])
        #expect(proof.shownCount == proof.count)
        // Each says what it translates, so that it cannot become stale unseen.
        #expect(translation.entries.allSatisfy { $0.digest != nil })
      }
    }
    #expect(count >= 1)
  }

  /// For steps of the exercises on message forwarding: a wrong submission, and the check that fails for it.
  static let wrongAnswers: [(exercise: String, step: String, part: String, check: String)] = [
    ("one-of-each", "first", "send visitor desk \"x\"\nmigrate desk b\nrun 1s", "kind"),
    ("one-of-each", "second", "send clerk till \"x\"\nmigrate till b\nrun 1s", "kind"),
    (
      "one-of-each", "second",
      "migrate till b --async\nrun until till.state == frozen\nsend clerk till \"x\"\nrun 1s", "kind"
    ),
    ("one-of-each", "third", "migrate shelf b\nsend visitor shelf \"x\" --count 2\nrun 1s", "kind"),
    ("no-order-lost", "aware", clerk("send desk \"x\" else { print \"it came back\" }"), "all"),
    ("no-order-lost", "aware", clerk("send desk \"x\""), "told"),
    (
      "no-order-lost", "unaware",
      clerk("send store \"x\" else { print \"it came back\"  send store \"x\" }", name: "mate", to: "store"), "quiet"
    ),
    ("no-order-lost", "silent", bank("link-traversal"), "clean"),
    ("no-order-lost", "silent", bank("resend-returned"), "silent"),
    ("no-order-lost", "silent", bank("link-update"), "silent"),
    (
      "where-home-is", "near", "spawn desk --on a --program idle\nmigrate desk c\nsend clerk desk \"x\"\nrun 1s", "soon"
    ),
    ("where-home-is", "near", "spawn desk --on c --program idle\nsend clerk desk \"x\"\nrun 1s", "away"),
    ("where-home-is", "cut", "fail c\nsend clerk desk \"x\"\nrun 5s", "alive"),
    ("where-home-is", "cut", "fail a\nsend clerk desk \"x\"\nrun 5s", "returned"),
    ("where-home-is", "back", "recover b\nsend clerk desk \"x\"\nrun 1s", "came"),
    ("broken-chain", "chain", "migrate desk b\nmigrate desk c\nsend clerk desk \"x\"\nrun 1s", "any"),
    ("broken-chain", "taught", "fail b\nsend visitor desk \"x\" --count 2\nrun 5s", "no message-returned"),
    (
      "broken-chain", "taught", "migrate desk a\nfail b\nsend visitor desk \"x\" --count 2\nrun 5s",
      "no migration-offered"
    ),
    ("broken-chain", "found", "recover b\nsend newcomer desk \"x\"\nrun 5s", "no node-recovered"),
    ("broken-chain", "found", "send newcomer desk \"x\"\nrun 5s", "came"),
    ("nine-messages", "nine", "send ann desk \"x\" --count 2\nrun 1s\nmigrate desk b\nrun 1s", "nine"),
    (
      "nine-messages", "nine",
      "for name in ann ben cid { send $name desk \"x\" }\nrun 1s\nmigrate desk b\nrun 1s", "nine"
    ),
    ("nine-messages", "budget", host("link-update"), "thrifty"),
    ("nine-messages", "cut", "migrate desk c\nrun 1s\nfail e\nrun 5s", "silent"),
    ("nine-messages", "cut", "fail e\nrun 2s\nmigrate desk c\nrun 5s", "forgotten"),
    ("family-move", "together", "migrate planner b --with-coprocesses\nrun 1s", "away"),
    ("family-move", "apart", callers(before: ""), "direct"),
    ("family-move", "apart", callers(before: "set communication direct", work: "run 0s"), "works"),
    ("survive", "late", "migrate clerk b\nrun 1s", "cut"),
    ("survive", "late", cut("clerk", when: "clerk.state == frozen", heals: true), "no connection-broken"),
    ("survive", "late", "freeze clerk\nrun $gap\nresume clerk\nmigrate clerk b", "no process-frozen"),
    ("survive", "two", "migrate store b\nrun 1s", "aborted"),
    ("survive", "two", cut("store", when: "store.state == frozen"), "copy"),
    ("survive", "two", cut("store", when: "store.node == b"), "runs"),
    (
      "survive", "two",
      cut("store", when: "store.state == frozen") + "\nspawn other --on b --pages $pages", "no process-created"
    ),
    ("survive", "doubt", cut("till", when: "till.state == frozen", heals: true), "no migration-aborted"),
    ("survive", "doubt", cut("till", when: "till.node == b"), "at"),
    ("survive", "doubt", cut("till", when: "till.migration.status == completed", heals: true), "stood"),
    ("cut-loose", "pages", "fail a d\nrun 2s", "no process-lost"),
    (
      "cut-loose", "pages", "run until film.remote == 0 and store.remote == 0\nfail a d\nrun 2s", "soon"
    ),
    (
      "cut-loose", "pages",
      "migrate film c --on-reference --push\nmigrate store c --flush --backing d --push\nrun 1s\nfail a d\nrun 2s",
      "film"
    ),
    ("cut-loose", "pages", "migrate film a\nmigrate film c\nmigrate store d\nfail a d\nrun 2s", "store"),
    ("cut-loose", "links", desk("link-traversal", last: "fail a c\nsend visitor desk \"x\""), "came"),
    ("cut-loose", "links", desk("origin", last: "fail a c\nsend visitor desk \"x\""), "no message-returned"),
    ("cut-loose", "links", desk("link-update", last: "send visitor desk \"x\"\nrun 1s\nfail a c"), "after"),
    ("cut-loose", "terminal", "fail a\nrun 3s\nrecover a\nrun 10s", "all"),
    ("cut-loose", "terminal", "freeze report\nrun 3s\nresume report\nrun 5s", "crashed"),
    ("cut-loose", "terminal", "freeze report\nfail a\nrun 3s\nrecover a", "works"),
  ]

  private static func clerk(_ step: String, name: String = "clerk", to desk: String = "desk") -> String {
    """
    program orders { repeat $orders { \(step)  sleep 5ms } }
    spawn \(name) --on c --program orders
    run 30ms
    migrate \(desk) b
    run 2s
    """
  }

  private static func bank(_ mechanism: String) -> String {
    """
    spawn bank --on a --pages $pages --program idle --forwarding \(mechanism)
    spawn teller --on c --program idle
    migrate bank b
    run 1s
    send teller bank "x"
    run 5s
    """
  }

  private static func host(_ mechanism: String) -> String {
    """
    spawn host --on a --program idle --forwarding \(mechanism)
    spawn guest --count $guests --on d --program guest --set host=host
    run 100ms
    migrate host b
    run 1s
    send guest1 host "x"
    run 5s
    """
  }

  private static func callers(before first: String, work: String = "run 500ms") -> String {
    """
    \(first)
    spawn caller --on a --program caller
    run 10ms
    migrate caller b
    migrate callee c
    \(work)
    fail a
    run 1s
    """
  }

  private static func cut(_ process: String, when moment: String, heals: Bool = false) -> String {
    """
    migrate \(process) b --async
    run until \(moment)
    link fail a b
    send customer \(process) "x"
    run 3s
    \(heals ? "link heal a b" : "")
    run 2s
    """
  }

  private static func desk(_ mechanism: String, last: String) -> String {
    """
    spawn desk --on a --program idle --forwarding \(mechanism)
    migrate desk c
    migrate desk e
    run 1s
    \(last)
    run 10s
    """
  }

  @Test(arguments: wrongAnswers) func whatIsNotTheAnswerFails(
    _ answer: (exercise: String, step: String, part: String, check: String)
  ) throws {
    let exercise = try #require(try Self.lessons().first { $0.name == answer.exercise })
    let number = try #require(exercise.steps.firstIndex { $0.name == answer.step })
    let before = exercise.steps[..<number].map { "@step \($0.name)\n\($0.solution.source.text)\n" }.joined()
    let submission = Submission(
      student: "ada",
      text: .success(SourceText(name: "ada.migsh", text: "\(before)@step \(answer.step)\n\(answer.part)\n")),
      for: exercise)
    let report = try Grader(exercise).grade(submission, seed: 7)
    #expect(report.problems.isEmpty)
    #expect(report.verdicts(answer.step)[answer.check] == .failed, "\(report.text)")
    #expect(report.steps[..<number].allSatisfy { $0.earned == $0.points * 100 }, "\(report.text)")
  }

  @Test func everySolutionIsWorthAllPoints() throws {
    for exercise in try Self.lessons() where exercise.points > 0 {
      let flaw = try Grader(exercise).flaw(seed: 7)
      #expect(flaw == nil, "\(flaw?.text ?? "")")
    }
  }

  @Test func orderIsChecked() throws {
    let one = try lesson(moving.replacing("@lesson moving \"Moving\"", with: "@lesson moving \"Moving\" needs first"))
    let two = try lesson(moving)
    let mistakes = CourseOutline.mistakes(inOrder: [one, two]).map(\.message)
    #expect(
      mistakes == [
        "`moving` needs `first`, and no lesson before it has that name", "there is a lesson `moving` already",
      ])
  }

  @Test(arguments: [
    ("title: T\nlessons: [a.migsh, b.migsh]", nil), ("lessons: []", "`title` is missing"),
    ("title: T\nlessons: 3", "`lessons` is not a list of files"),
    ("title: T\nlessons:\n  - a: b", "`lessons` is not a list of files"),
    ("title: [x]\nlessons: []", "`title` is not a text"), ("- title", "`title` is missing"),
    ("title: T\ntitle: U\nlessons: []", "course.yaml:2:1: `title` stands here twice"),
    ("title: T\nlessons: [*a]", "course.yaml:2:11: an alias cannot stand here"),
    ("title: \(String(repeating: "[", count: 40))", "this nests deeper than 32 levels"),
    ("title: T\nlessons: [a", "course.yaml:3:1: did not find expected ',' or ']'"),
    ("title: T\nlessons: [a, a]", "`a` is listed twice"), ("title: [", ""), ("", ""),
    ("title: T\nlessons: [\"a\\e[2J\", \"a\\e[2J\"]", "`a\u{FFFD}[2J` is listed twice"),
  ]) func outlines(_ text: String, _ mistake: String?) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "migsh-outline-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: folder.appending(path: "course.yaml"))
    guard let mistake else {
      #expect(try CourseOutline(folder: folder.path).lessons == ["a.migsh", "b.migsh"])
      return
    }
    let error = #expect(throws: CourseOutline.Mistake.self) { try CourseOutline(folder: folder.path) }
    #expect(error?.description.hasPrefix("\(folder.path)/course.yaml:") == true)
    #expect(error?.description.hasSuffix(mistake) == true, "\(error?.description ?? "")")
  }
}
