import CommandLanguage
import Shell
import Testing

@testable import Course

/// What the directives do when a lesson is played, proved and graded.
@Suite struct DirectiveEffectTests {
  /// An exercise that weighs its checks.
  static let weighed = """
    @lesson weighed "Weighed"
    @setup
    node add a b c
    spawn p1 --on a
    spawn p2 --on a
    @step move points 8
    @check one p1.node == b weight 3
    @check two p2.node == b
    @check calm c.up guard
    @solution
    migrate p1 b
    migrate p2 b
    """

  @Test(arguments: [
    ("migrate p1 b\nmigrate p2 b", 800), ("migrate p1 b", 600), ("migrate p2 b", 200), ("now", 0),
    ("migrate p1 b\nmigrate p2 b\nfail c", 600), ("migrate p1 b\nfail c", 400), ("migrate p2 b\nfail c", 0),
    ("fail c", 0),
  ]) func weightsAndGuardsCount(_ part: String, _ hundredths: Int) throws {
    #expect(try grade(Self.weighed, part).total == hundredths)
  }

  @Test func withoutAnEssentialCheckTheStepEarnsNothing() throws {
    let exercise = Self.weighed.replacing("@check two p2.node == b", with: "@check two p2.node == b essential")
    #expect(try grade(exercise, "migrate p1 b").total == 0)
    #expect(try grade(exercise, "migrate p2 b").total == 200)
    #expect(try grade(exercise, "migrate p2 b").text.contains("two (essential)"))
    #expect(try grade(exercise, "migrate p2 b").text.contains("one (weight 3)"))
  }

  @Test func linesAndMachinesAreFixed() throws {
    let changes = [
      "link set a b --latency 0s", "network set --latency 0s", "node set a --speed 2", "node add d", "set latency 0s",
      "set bandwidth 10Gbps", "set profile datacenter-2025",
    ]
    for command in changes {
      let report = try grade(moving, "\(command)\nmigrate p1 b")
      let problem = try #require(report.problems.first)
      #expect(problem.message.hasSuffix("` cannot be used here"), "\(problem.message)")
      #expect(report.total == 0)
    }
    let allowed = moving.replacing("@step move points 4", with: "@step move points 4\n@allow link-set")
    #expect(try grade(allowed, "link set a b --latency 0s\nmigrate p1 b").isPassed)
    #expect(try grade(allowed, "network set --latency 0s\nmigrate p1 b").total == 0)
    let settings = moving.replacing("@step move points 4", with: "@step move points 4\n@allow set")
    #expect(try grade(settings, "set latency 0s\nmigrate p1 b").isPassed)
    // To look is no change.
    #expect(try grade(moving, "set latency\nmigrate p1 b").isPassed)
    let open = moving.replacing("@setup", with: "@fixed nodes\n@setup")
    #expect(try grade(open, "network set --latency 0s\nmigrate p1 b").isPassed)
  }

  @Test func whatIsWithheldCannotBeUsed() throws {
    let exercise = moving.replacing("@step move points 4", with: "@step move points 4\n@withhold undo")
    let report = try grade(exercise, "migrate p1 b\nundo\nmigrate p1 b")
    #expect(report.problems.first?.message == "`undo` cannot be used here")
    #expect(report.problems.first?.text.hasSuffix("\n  this step is about doing without it") == true)
    #expect(try grade(moving, "migrate p1 b\nundo\nmigrate p1 b").isPassed)
    for (word, statement) in [
      ("program", "program mine { compute 1ms }"), ("repeat", "repeat 2 { now }"), ("define", "define f { now }"),
      ("let", "let x = 1"),
    ] {
      let exercise = moving.replacing("@step move points 4", with: "@step move points 4\n@withhold \(word)")
      let report = try grade(exercise, "\(statement)\nmigrate p1 b")
      #expect(report.problems.first?.message == "`\(word)` cannot be used here")
    }
    // The next step has it again, and so has a set-up.
    let two =
      exercise + "\n@setup\nundo\nspawn p2 --on a\n@step more points 1\n@check at p2.node == b\n@solution\nmigrate p2 b"
    let second = try grade(two, "@step move\nmigrate p1 b\n@step more\nmigrate p2 b\nundo\nmigrate p2 b")
    #expect(second.steps.last?.earned == 100, "\(second.text)")
  }

  @Test func whatWasUndoneIsForbiddenToo() throws {
    let tried = "fail b\nundo\nmigrate p1 b"
    let report = try grade(moving, tried)
    #expect(report.verdicts("move")["no node-failed"] == .failed && report.total == 0)
    #expect(report.steps.first?.checks.last?.found == "1 time, in what was undone")
    #expect(try grade(moving.replacing("@forbid node-failed", with: "@forbid node-failed kept"), tried).isPassed)
    for way in ["checkpoint x\nfail b\nrestore x\nmigrate p1 b", "fail b\nstep back\nmigrate p1 b"] {
      #expect(try grade(moving, way).total == 0)
    }
    // To do something again is not to do it twice, and a setup is no part of the step.
    #expect(try grade(moving, "migrate p1 b\nundo\nredo").isPassed)
    #expect(try grade(moving.replacing("run 10ms", with: "fail b\nundo"), "migrate p1 b").isPassed)
  }

  @Test func aStepCountsWhatHappenedInIt() throws {
    let text = """
      @lesson one "One"
      @setup
      node add a b
      spawn p1 --on a --program idle
      spawn p2 --on b --program idle
      send p1 p2 "before"
      run 1s
      @step s
      @check sent step.message.delivered == 2 and message.delivered == 3
      @check time step.now == 1s and now == 2s
      @check moved step.p1.migrations == 0 and step.p3.received == 0
      @solution
      spawn p3 --on a --program idle
      send p1 p2 "during" --count 2
      run 1s
      """
    let (output, status) = try play(text)
    #expect(status == .success, "\(output)")
    let failed = try play(text.replacing("delivered == 2", with: "delivered == 3"))
    #expect(failed.output.contains("found step.message.delivered is 2, message.delivered is 3"), "\(failed.output)")
    let node = try play(text.replacing("step.now == 1s", with: "step.p1.node == a"))
    #expect(node.output.contains("`step` counts what happened since the step began, and this is a node"))
  }

  // MARK: - Playing

  @Test func aLessonBeginsWithItsGoal() throws {
    let (output, status) = try play(DirectiveTests.full)
    #expect(status == .success)
    #expect(output.hasPrefix("Everything\n==========\n\nYou can move a process. About 15 minutes.\n\n? What grows?\n"))
    #expect(output.contains("? What grows?\n  1 freeze time\n  2 latency\n  3 neither\n"))
    #expect(output.contains("= What grows? freeze time\n"))
    #expect(!output.contains("paid three times") && !output.contains("It ran"))
    #expect(output.hasSuffix("It moved.\n\nIt is there.\n") || output.hasSuffix("It moved.\nIt is there.\n"))
  }

  @Test func proseIsWrappedOnceItsNumbersAreKnown() throws {
    let prose = """
      | One $(1 + 1) \(String(repeating: "word ", count: 20))
      | and `migrate p1 b --pretransfer` on.
      |
      | - an item \(String(repeating: "that goes on ", count: 8))
      |   and on
      | - another
      |
      |     kept   as it is
      """
    let (output, _) = try play(PlayTests.single(prose + "\n@solution\nnow"))
    #expect(output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    let words = Array(repeating: "word", count: 5).joined(separator: " ")
    #expect(output.contains("\n\(words) and `migrate p1 b --pretransfer` on.\n\n- an item that"), "\(output)")
    #expect(output.contains("\n  goes on that goes on that goes on and on\n- another\n"))
    #expect(output.contains("\n    kept   as it is\n"))
  }

  // MARK: - Proving

  static let wrong = moving + "\n@wrong stay fails at\nrun 1s"

  @Test(arguments: [
    (wrong, nil),
    (
      wrong.replacing("run 1s", with: "run 1s\nmigrate p1 b"),
      "lesson:14:1: error: the wrong submission `stay` passes"
    ),
    (
      wrong.replacing("fails at", with: "fails node-failed"),
      "lesson:14:1: error: the wrong submission `stay` is not caught by `node-failed`"
    ),
    (wrong.replacing("fails at", with: "fails refused"), "lesson:14:1: error: no command of the wrong submission"),
    (wrong.replacing("run 1s", with: "fail z"), "lesson:14:1: error: the wrong submission `stay` stops at an error"),
    (wrong.replacing("run 1s", with: "node add c").replacing("fails at", with: "fails refused"), nil),
    (
      wrong.replacing("to be on b\"", with: "to be on b\" guard").replacing(
        "== $pages hidden seeds 3", with: "== $pages guard"), "lesson:7:1: error: all checks of the step `move` are"
    ),
    (
      wrong.replacing("@forbid node-failed", with: "@check up a.up"),
      "lesson:11:1: error: doing nothing passes the check `up`"
    ), (wrong.replacing("@forbid node-failed", with: "@check up a.up guard"), nil),
    (
      wrong + "\n@explain There was `node-failed`.",
      "lesson:16:10: error: the explanation names `node-failed`, and none"
    ),
    (wrong + "\n@explain There was `migration-offered`, and no node-failed.", nil),
    (wrong + "\n@explain when p1.node == a | $(nonsense)", nil),
    (wrong + "\n@explain when p1.node | x", "lesson:16:15: error: `p1.node` is a node"),
  ]) func proves(_ text: String, _ start: String?) throws {
    let problems = try prove(text)
    #expect(problems.count == (start == nil ? 0 : 1), "\(problems)")
    if let start { #expect(problems.first?.hasPrefix(start) == true, "\(problems)") }
  }

  static func asked(_ question: String, _ reply: String) -> String {
    moving.replacing("@step move", with: "\(question)\n\(reply)\n@step move")
  }

  @Test(arguments: [
    ("@ask q choice \"Why?\" \"more\" \"less\"\n@answer \"more\"", "@if $q == \"less\" | No, $(p1.node).", nil),
    (
      "@ask q choice \"Why?\" \"more\" \"less\"\n@answer \"more\"", "@if $q == \"leess\" | No.",
      "lesson:9:5: error: no prediction leads to this reply"
    ),
    (
      "@ask q choice \"Why?\" \"more\" \"less\"\n@answer \"more\"", "@if $q == \"less\" | $(p9.node).",
      "lesson:9:22: error: nothing here is called `p9`"
    ),
    (
      "@ask q choice \"Why?\" \"more\" \"less\"\n@answer p1.node", "@if $q == \"less\" | No.",
      "lesson:8:9: error: the answer is b, which is not among the choices"
    ), ("@ask q \"How long?\"\n@answer p1.migration.freezeTime", "@if $q > p1.migration.freezeTime * 2 | Less.", nil),
    (
      "@ask q \"How long?\"\n@answer p1.migration.freezeTime", "@if $q < 0s | Less.",
      "lesson:9:5: error: no prediction leads to this reply"
    ),
    (
      "@ask q \"Where?\"\n@answer p1.node", "@if $q > 1 | Less.",
      "lesson:8:9: error: the answer is b, which is no number"
    ),
  ]) func provesReplies(_ question: String, _ reply: String, _ start: String?) throws {
    let problems = try prove(Self.asked(question, reply))
    #expect(start == nil ? problems.isEmpty : problems.first?.hasPrefix(start ?? "") == true, "\(problems)")
  }

  @Test func solutionsUseWhatWasTaught() throws {
    let first = try lesson(moving.replacing("@step move points 4", with: "@step move points 4\n@teaches migrate"))
    var taught = Vocabulary()
    var prover = Prover(first, hasBattery: false, taught: taught)
    #expect(prover.prove(seeds: 1...1).map(\.text) == [])
    var untaught = Prover(try lesson(moving), hasBattery: false, taught: taught)
    #expect(
      untaught.prove(seeds: 1...1).map(\.text).first?.hasPrefix(
        "lesson:13:1: error: no lesson up to here teaches `migrate`") == true)
    taught.add(first)
    let second = try lesson(moving.replacing("migrate p1 b", with: "repeat 1 { migrate p1 b --pretransfer }"))
    var later = Prover(second, hasBattery: false, taught: taught)
    #expect(
      later.prove(seeds: 1...1).map(\.text).first?.hasPrefix(
        "lesson:13:25: error: no lesson up to here teaches `migrate --pretransfer`") == true)
  }
}
