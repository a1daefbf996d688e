import CommandLanguage
import Foundation
import Shell
import Testing

@testable import Course

@Suite struct ReportTests {
  @Test func jsonHasItsShape() throws {
    let report = try grade(moving, "migrate p1 b\nmigrate p1 z", seed: StudentSeed.highest)
    let pages = try #require(report.values.first?.value)
    let marks = #""essential":false,"weight":1,"guard":false"#
    let nothing = #""message":null,"expected":null,"found":null,"event":null,"reason":null"#
    let check = nothing + #","forbidden":false,"seed":null}"#
    let shown =
      #"ada.migsh:2:12: error: there is no node `z`\n  migrate p1 z\n             ^\n  expected one of the nodes a, b"#
    let digest = Digest.hexadecimal(of: Array(moving.utf8))
    let parts = try #require(report.json["digests"]?["parts"]).encoded
    #expect(parts.hasPrefix(#"{"parameters":""#))
    let use = report.used.map { #"{"limit":"\#($0.limit.rawValue)","used":\#($0.used),"most":\#($0.most)}"# }
      .joined(separator: ",")
    #expect(report.used.contains(GradeReport.Usage(.commands, used: 5, most: 10_000)))
    #expect(
      report.json.encoded == """
        {"schema":"migsh/grade/v2","engine":"\(migshVersion)","audience":"teacher","exercise":"moving",\
        "title":"Moving","details":"full","student":"ada","section":null,"file":"","status":"graded",\
        "statusText":null,"cause":"In step move, ada.migsh:2:12: there is no node `z`",\
        "seed":9007199254740991,"parameters":{"pages":\(pages)},"secret":[],"total":4.0,"max":4,"passed":false,"steps":[\
        {"name":"move","points":4,"earned":4.0,"basis":"own","begun":true,"answered":true,"checks":[\
        {"name":"at","verdict":"passed","hidden":false,\(marks),\(check),\
        {"name":"whole","verdict":"passed","hidden":true,\(marks),\(check),\
        {"name":"no node-failed","verdict":"passed","hidden":false,\
        "essential":false,"weight":0,"guard":true,\(nothing),"forbidden":true,"seed":null}]}],\
        "errors":[{"step":"move","kind":"error","file":"ada.migsh","line":2,"column":12,\
        "message":"there is no node `z`","text":"\(shown)"}],"furtherErrors":0,"fault":null,\
        "digests":{"exercise":"\(digest)","submission":null,"parts":\(parts)},"used":[\(use)],"isolation":[],"picture":null,"likeness":null,\
        "courseSecret":null,"regrade":null}
        """)
    #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(report.json.encoded.utf8)) }
  }

  @Test func textIsATable() throws {
    let report = try grade(moving, "migrate p1 z")
    let pages = try #require(report.values.first?.value)
    #expect(
      report.text == """
        Moving (moving)
        student ada, seed 7, pages \(pages)

        What went wrong first: In step move, ada.migsh:1:12: there is no node `z`

        STEP  CHECK           VERDICT  POINTS
        move                              0/4
              at              failed
              whole (hidden)  failed
              no node-failed  passed

        move, at: p1 is to be on b; expected p1.node == b; found p1.node is a
        move: 0 of 2 parts passed: 0 of 4 points
        In step move:
        ada.migsh:1:12: error: there is no node `z`
          migrate p1 z
                     ^
          expected one of the nodes a, b

        0 of 4 points

        """)
    let teachers = report.text(columns: 60, isColored: true)
    #expect(teachers.contains("\n      whole (hidden)  \u{1B}[31mfailed\u{1B}[0m\n"))
    #expect(teachers.contains("\nmove, whole: expected p1.migration.pagesSent == $pages;"))
    #expect(report.isPassed == false && !report.text.contains("\u{1B}"))
  }

  @Test func aFaultIsNotTheStudents() throws {
    let exercise = try lesson(moving)
    let report = GradeReport(
      exercise: exercise, student: "ada", seed: 1, values: [], steps: [], problems: [],
      fault: "an invariant does not hold")
    #expect(!report.isPassed)
    #expect(report.json.encoded.contains(#""errors":[],"furtherErrors":0,"fault":"an invariant does not hold","#))
    #expect(report.cause == "Grading failed, and not the student: an invariant does not hold")
    #expect(report.text.contains("for a fault that is not the student's:\nan invariant does not hold\n"))
  }

  @Test func theCauseIsWhatWentWrongFirst() throws {
    let journey = GradingTests.journey
    #expect(try grade(journey, GradingTests.solution).cause == nil)
    // A mistake comes before the checks that fail because of it, but not before what failed in an earlier step.
    #expect(
      try grade(journey, "@step out\nmigrate p1 z").cause == "In step out, ada.migsh:2:12: there is no node `z`")
    #expect(
      try grade(journey, "@step out\nrun 1ms\n@step back\nmigrate p1 z").cause
        == "In step out, the check `away` failed: p1 is to be on b; expected p1.node == b; found p1.node is a")
    #expect(
      try grade(journey, "@step outt\n").cause == "In the submission, ada.migsh:1:1: the exercise has no step `outt`")
    // A hidden check has no reason for a student.
    let hidden = try grade(
      moving.replacing("pagesSent == $pages", with: "pagesSent == 0"), "migrate p1 b"
    ).asShownToStudent
    #expect(hidden.cause == "In step move, the check `whole` failed")
    let forbidden = try grade(moving, "migrate p1 b\nfail a\nrecover a")
    #expect(forbidden.cause?.hasPrefix("In step move, something happened that it forbids, `node-failed`: ") == true)
  }

  /// Two steps. The second can be done in the first.
  static let pair = """
    @lesson pair "A pair"
    @setup
    node add a b
    spawn p1 --on a
    spawn p2 --on a
    @step first points 3
    @check there p1.node == b
    @solution
    migrate p1 b
    @step second points 4
    @check there p2.node == b
    @check whole p2.remote == 0 guard
    @solution
    migrate p2 b
    """

  @Test(arguments: [
    ("", "no command stands under `@step second`"), ("# @step second\n", "no command stands under `@step second`"),
    ("@step second\n# migrate p2 b\n", "no command stands under `@step second`"),
    ("@step second\nrun 1ms\n", "every check held already when it began"),
  ]) func whatWasDoneInAnotherStepIsSaidToCountNothing(_ second: String, _ reason: String) throws {
    let report = try grade(Self.pair, "@step first\nmigrate p1 b\nmigrate p2 b\n" + second)
    let sentence = "\(reason), and what earlier steps did does not count here"
    #expect(report.steps.map(\.earned) == [300, 0] && report.problems.isEmpty && !report.isPassed)
    #expect(report.cause == "In step second, \(sentence)")
    #expect(report.text.hasSuffix("second: 0 of 4 points, since \(sentence)\n\n3 of 7 points\n"), "\(report.text)")
    #expect(report.text.contains("there          held before\n        whole (guard)  passed\n"), "\(report.text)")
    #expect(try GradeReport(json: report.json).cause == report.cause)
  }

  @Test(arguments: [
    ("migrate p1 b\nmigrate p2 b", nil), ("", "0 of 6 points, since the essential check `one` did not pass"),
    ("migrate p2 b", "0 of 6 points, since the essential check `one` did not pass"),
    ("migrate p1 b", "2 of 4 parts passed (a check is one part, `two` 2): 3 of 6 points"),
    (
      "migrate p1 b\nlink fail a b",
      "2 of 4 parts passed (a check is one part, `two` 2), and the guard `whole` takes one away: 1.5 of 6 points"
    ),
    ("migrate p1 b\nkill p2", "0 of 6 points, since something happened that the step forbids (`process-killed`)"),
  ]) func howPointsComeAboutIsSaid(_ answer: String, _ account: String?) throws {
    let exercise = """
      @lesson move "Moves"
      @setup
      node add a b
      spawn p1 --on a
      spawn p2 --on a
      @step move points 6
      @check one p1.node == b essential
      @check two p2.node == b weight 2
      @check three p1.migrations == 1
      @check whole event.link-failed.count == 0 guard
      @forbid process-killed
      @solution
      migrate p1 b
      migrate p2 b
      """
    let report = try grade(exercise, answer)
    #expect(report.steps.first?.account == account, "\(report.text)")
  }

  @Test func aFingerprintTellsSecretsApart() throws {
    let print = try #require(StudentSeed.fingerprint(ofSecret: "geheim"))
    #expect(StudentSeed.fingerprint(ofSecret: "") == nil && StudentSeed.isFingerprint(print))
    #expect(
      print == StudentSeed.fingerprint(ofSecret: "geheim") && print != StudentSeed.fingerprint(ofSecret: "geheim2"))
    for text in ["", "0123456", "0123456g", "01234567 ", "0123456A"] { #expect(!StudentSeed.isFingerprint(text)) }
  }

  @Test func seedsDependOnSecretExerciseAndStudent() {
    let seed = StudentSeed.seed(secret: "s", exercise: "e", student: "ada")
    #expect(seed == StudentSeed.seed(secret: "s", exercise: "e", student: "ada"))
    let others = [("t", "e", "ada"), ("s", "f", "ada"), ("s", "e", "bob"), ("s", "ea", "da"), ("", "", "")]
    let all = [seed] + others.map { StudentSeed.seed(secret: $0.0, exercise: $0.1, student: $0.2) }
    #expect(Set(all).count == all.count)
    #expect(all.allSatisfy { $0 <= StudentSeed.highest })
  }

  static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// Cases 1, 2 and 6 of RFC 4231.
  @Test(arguments: [
    (
      [UInt8](repeating: 0x0B, count: 20), "Hi There",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      Array("Jefe".utf8), "what do ya want for nothing?",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
  ]) func authenticates(_ key: [UInt8], _ text: String, _ code: String) {
    #expect(Self.hexadecimal(StudentSeed.authenticationCode(of: Array(text.utf8), key: key)) == code)
  }
}
