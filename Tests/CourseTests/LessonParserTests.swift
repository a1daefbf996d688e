import CommandLanguage
import Testing

@testable import Course

@Suite struct LessonParserTests {
  @Test func readsEveryPart() throws {
    let lesson = try lesson(
      """
      # A comment, and an empty line

      @lesson one "First things" needs zero other
      @param pages 64..256   # drawn
      @details actual-only
      | Before
      @setup
      node add a b
      define go { spawn p1 --pages $pages }
      go
      | Between, $(now)
      @ask freeze "How long?" within 20%
      @answer p1.migration.freezeTime
      @step move points 4
      | Move `p1`, not \\$x.
      @check at p1.node == b
      @check fast p1.migration.freezeTime < 20ms "p1 had $(p1.pages)" hidden seeds 20
      @forbid node-failed   # a kind
      @hint Look at `help migrate`
      @hint Then type it
      @solution
      migrate p1 b
      @explain It took
      | a while.
      @step again
      @solution
      """)
    #expect(lesson.name == "one")
    #expect(lesson.title == "First things")
    #expect(lesson.needs == ["zero", "other"])
    #expect(lesson.parameters.map(\.name) == ["pages"])
    #expect(lesson.parameters.first?.range == 64...256)
    #expect(lesson.parameters.first?.middle == 160)
    #expect(lesson.details == .actualOnly)
    #expect(lesson.points == 4)
    let step = try #require(lesson.steps.first)
    #expect(step.preamble.count == 4)
    #expect(step.questions.map(\.tolerance) == [0.2])
    #expect(step.task.count == 1)
    #expect(step.checks.map(\.name) == ["at", "fast"])
    #expect(step.checks.map(\.marks.isHidden) == [false, true])
    #expect(step.checks.map(\.marks.furtherSeeds) == [0, 20])
    #expect(step.forbidden.map(\.kind.name) == ["node-failed"])
    #expect(step.hints.count == 2)
    #expect(step.explanation.map(\.text.count) == [2])
    #expect(step.solution.source.text == "migrate p1 b")
    #expect(step.solution.source.firstLine == 22)
    #expect(lesson.steps.last?.points == 0)
  }

  @Test(arguments: [
    ("@lesson a \"A\"", true), ("\n# x\n  @lesson a \"A\"", true), ("@lesson", true), ("@lessons a", false),
    ("node add a\n@lesson a \"A\"", false), ("", false), ("# only", false), ("\u{FEFF}@lesson", false),
  ]) func tellsLessonsFromScripts(_ text: String, _ isLesson: Bool) {
    #expect(Lesson.isLesson(SourceText(name: "x", text: text)) == isLesson)
  }

  static let head = "@lesson one \"One\"\n"

  @Test func unknownDirective() {
    let shown = mistake(Self.head + "@step s\n  @chek at now == 0s")
    #expect(
      shown == """
        lesson:3:3: error: there is no directive `@chek`
            @chek at now == 0s
            ^~~~~
          expected @lesson, @goal, @param, @released, @details, @continues, @fixed, @allow, @withhold, @setup, @ask, \
        @answer, @if, @step, @teaches, @covers, @check, @unseen, @forbid, @hint, @solution, @wrong, @accept, @explain
          did you mean `@check`?
        """)
  }

  @Test func mistakeInAnExpression() {
    let shown = mistake(Self.head + "@step s\n@check at p1.node = b\n@solution")
    #expect(
      shown == """
        lesson:3:19: error: `=` cannot stand here
          @check at p1.node = b
                            ^
          expected an operator
          did you mean `==`?
          `=` is for `let` alone
        """)
  }

  @Test func mistakeInAScript() {
    let shown = mistake(Self.head + "@step s\n@solution\n  node add a\n  nod add b")
    #expect(shown?.hasPrefix("lesson:5:3: error: ") == true, "\(shown ?? "")")
  }

  @Test func unknownKindOfEvent() {
    let shown = mistake(Self.head + "@step s\n@forbid node-faild")
    #expect(shown?.contains("lesson:3:9: error: there is no kind of event `node-faild`") == true)
    #expect(shown?.contains("did you mean `node-failed`?") == true)
    #expect(shown?.contains("process-lost, ") == true)
  }

  /// A text after the `@lesson` line, the line and column of its mistake, and the message about it.
  static let bad: [(text: String, place: String, message: String)] = [
    ("@check at now == 0s", "2:1", "`@check` belongs to a step, and none begins before it"),
    ("@hint x\n@step s\n@solution", "2:1", "`@hint` belongs to a step"),
    ("@step s\n@solution\n@step s\n@solution", "4:7", "there is a step `s` already, on line 2"),
    ("@step s\n@check c now == 0s\n@check c now == 0s\n@solution", "4:8", "the step has a check `c` already"),
    ("@step s\n@check c now == 0s later\n@solution", "3:20", "`later` cannot stand here"),
    ("@step s\n@check c now == 0s seeds x\n@solution", "3:26", "`x` is not the number of seeds"),
    ("@step s\n@check c now == 0s seeds\n@solution", "3:1", "the number of seeds is missing"),
    ("@step s\n@check c\n@solution", "3:1", "`@check` needs an expression"),
    ("@step s\n@check c now ==\n@solution", "3:16", "the end of the line comes too early"),
    ("@step s\n@check 1 now == 0s\n@solution", "3:8", "`1` is not a name"),
    ("@step s\n@forbid\n@solution", "3:1", "`@forbid` needs a kind of event"),
    ("@step s\n@forbid node-failed\n@forbid node-failed\n@solution", "4:9", "`node-failed` is forbidden already"),
    ("@step s", "2:1", "the step `s` has no solution"),
    ("@step s points 4\n@solution", "2:1", "the step `s` has points and no check"),
    ("@step s points 0\n@solution", "2:16", "`0` is not the number of points"),
    ("@step s marks 4\n@solution", "2:9", "`marks` cannot stand here"),
    ("@step\n@solution", "2:1", "`@step` needs a name"),
    ("@step s\n@solution\n@solution", "4:1", "the step has two solutions"),
    ("@step s\n@solution x", "3:11", "`x` cannot stand here"),
    ("@step s\n@solution\n| after", "4:1", "prose cannot stand behind the solution"),
    ("@step s\n@hint\n@solution", "3:1", "`@hint` needs a text"),
    ("@step s\n@explain x\n@explain y", "4:1", "the step is explained twice"),
    ("@step s\n@solution\n@lesson two \"Two\"", "4:1", "a lesson has one `@lesson`"),
    ("@step s\n@solution\n@param n 1..2", "4:1", "`@param` comes too late"),
    ("@param n 1..2\n@param n 1..2", "3:8", "there is a parameter `n` already"),
    ("@param n 1-2", "2:10", "`1-2` is not a range"), ("@param n -1..2", "2:10", "`-1..2` is not a range"),
    ("@param n", "2:1", "the parameter has no range"), ("@param n 3..2", "2:10", "this range is reversed"),
    ("@param now 1..2", "2:8", "`now` is not a name"),
    ("@details some", "2:10", "there are no details `some`"), ("@details", "2:1", "`@details` needs one of full"),
    ("@details full\n@details none", "3:1", "the details are said twice"),
    ("@setup\nnode add a", "2:1", "no step follows this `@setup`"),
    ("@ask q \"Why?\"\n@answer 1", "2:1", "no step follows this `@ask`"),
    ("@ask q \"Why?\"\n@step s\n@solution", "2:1", "the question `q` has no answer"),
    ("@ask q \"Why?\"\n| prose\n@answer 1", "2:1", "the question `q` has no answer"),
    ("@ask q \"Why?\"", "2:1", "the question `q` has no answer"),
    ("@answer 1", "2:1", "this `@answer` has no question"),
    ("@ask q Why?\n@answer 1", "2:8", "the question is missing"),
    ("@ask q \"Why?\" within 3\n@answer 1", "2:1", "`within` takes a share of the answer"),
    ("@ask q \"Why?\" about 3%\n@answer 1", "2:15", "`about` cannot stand here"),
    (
      "@ask q \"1?\"\n@answer 1\n@ask q \"2?\"\n@answer 2\n@step s\n@solution", "4:6", "there is a question `q` already"
    ),
    ("node add a\n@step s\n@solution", "2:1", "this command belongs to no part of the lesson"),
    ("| $(now ==)\n@step s\n@solution", "2:11", "`)` comes too early"),
    ("| $(now\n@step s\n@solution", "2:3", "this `$(` is never closed"), ("| prose", "2:8", "this lesson has no step"),
    ("@exercise two \"Two\"", "2:1", "there is no directive `@exercise`"), ("@", "2:1", "there is no directive `@`"),
  ]

  @Test(arguments: bad) func diagnoses(_ text: String, _ place: String, _ message: String) {
    let shown = mistake(Self.head + text)
    #expect(shown?.hasPrefix("lesson:\(place): error: \(message)") == true, "\(shown ?? "no mistake")")
  }

  @Test(arguments: [
    ("", "lesson:1:1: error: this is not a lesson"), ("| prose", "lesson:1:1: error: this stands before the lesson"),
    ("node add a", "lesson:1:1: error: this stands before the lesson begins"),
    ("@step s", "lesson:1:1: error: this stands before the lesson begins"),
    ("@lesson", "lesson:1:1: error: `@lesson` needs a name"),
    ("@lesson one", "lesson:1:12: error: the lesson has no title"),
    ("@lesson one \"\"", "lesson:1:15: error: the lesson has no title"),
    ("@lesson one \"One\" needs", "lesson:1:1: error: `@lesson` needs the name of a lesson after `needs`"),
    ("@lesson one \"One\" wants zero", "lesson:1:19: error: `wants` cannot stand here"),
    ("@lesson one \"One", "lesson:1:13: error: the text that begins here never ends"),
  ]) func diagnosesTheBeginning(_ text: String, _ start: String) {
    #expect(mistake(text)?.hasPrefix(start) == true, "\(mistake(text) ?? "no mistake")")
  }

  /// A lesson from which a part is cut, or in which a part is doubled, is parsed or diagnosed.
  @Test func survivesMutilation() {
    let bytes = Array(moving.utf8)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      for length in [1, 7, 40] {
        let end = min(start + length, bytes.count)
        for changed in [bytes[..<start] + bytes[end...], bytes[..<end] + bytes[start...]] {
          let text = String(decoding: changed, as: UTF8.self)
          #expect((try? lesson(text)) != nil || mistake(text)?.isEmpty == false)
        }
      }
    }
  }
}
