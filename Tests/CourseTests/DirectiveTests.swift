import CommandLanguage
import Shell
import Testing

@testable import Course

/// The directives that courses asked for: questions with choices, replies, marks of checks, what is fixed, withheld and
/// taught, wrong submissions.
@Suite struct DirectiveTests {
  static let full = """
    @lesson full "Everything"
    @goal "You can move a process." minutes 15
    @fixed nodes
    @withhold checkpoint restore
    @accept lines "the lines are the point"
    @setup
    node add a b
    spawn p1 --on a --pages 8
    @ask why choice "What grows?" "freeze time" "latency" "neither"
    @answer "freeze time"
    @if $why == "latency" | Latency is paid three times,
    | whatever the size.
    @step move points 4
    @teaches migrate --pretransfer run node-add
    @withhold link fail
    @allow node-set
    @check at p1.node == b "p1 should be on b" essential weight 3
    @check calm step.message.lost == 0 guard hidden seeds 2
    @forbid node-failed kept
    @forbid link-failed
    @solution
    migrate p1 b
    @wrong stay fails at
    run 1s
    @wrong machines fails refused
    node add c
    @wrong break fails node-failed
    fail a
    recover a
    @accept mechanisms "all of them do it"
    @explain when p1.migration.mechanism == pretransfer | It ran
    | on.
    @explain It moved.
    @explain when p1.node == b
    | It is there.
    """

  @Test func readsEveryDirective() throws {
    let lesson = try lesson(Self.full)
    #expect(lesson.goal?.text == "You can move a process." && lesson.goal?.minutes == 15)
    let step = try #require(lesson.steps.first)
    let question = try #require(step.questions.first)
    #expect(question.choices == ["freeze time", "latency", "neither"] && question.tolerance == nil)
    #expect(step.replies.map(\.text.count) == [2])
    #expect(
      step.teaches == [
        Lesson.TaughtCommand(name: "migrate", flags: ["pretransfer"]), Lesson.TaughtCommand(name: "run", flags: []),
        Lesson.TaughtCommand(name: "node add", flags: []),
      ])
    #expect(
      Set(step.withheld.keys) == ["checkpoint", "restore", "link fail", "node add", "node remove"])
    #expect(step.checks.map(\.marks.isEssential) == [true, false])
    #expect(step.checks.map(\.marks.weight) == [3, 1])
    #expect(step.checks.map(\.marks.isGuard) == [false, true])
    #expect(step.forbidden.map(\.keptOnly) == [true, false])
    #expect(step.wrong.map(\.name) == ["stay", "machines", "break"])
    #expect(step.wrong.map(\.catcher) == ["at", "refused", "node-failed"])
    #expect(step.wrong.map(\.script.source.text) == ["run 1s", "node add c", "fail a\nrecover a"])
    #expect(step.accepted.map(\.attempt) == [.lines, .mechanisms])
    #expect(step.explanation.map { $0.condition == nil } == [false, true, false])
    #expect(step.explanation.map(\.text.count) == [2, 1, 1])
    #expect(try prove(Self.full) == [])
  }

  @Test func exercisesFixLinesAndMachines() throws {
    let step = try #require(try lesson(moving).steps.first)
    let settings = ["latency", "bandwidth", "loss", "jitter", "retransmission-timeout", "profile"].map { "set \($0)" }
    let commands = ["link set", "network set", "node add", "node set", "node remove"]
    #expect(Set(step.withheld.keys) == Set(commands + settings))
    let lessonsStep = try #require(try lesson(moving.replacing(" points 4", with: "")).steps.first)
    #expect(lessonsStep.withheld.isEmpty)
  }

  /// What stands after `@lesson one "One"`, the place of its mistake, and how the message about it begins.
  static let bad: [(text: String, place: String, message: String)] = [
    ("@gaol \"x\" minutes 1", "2:1", "there is no directive `@gaol`"),
    ("@goal \"x\" minutes 1\n@goal \"x\" minutes 1", "3:1", "a lesson has one goal"),
    ("@goal minutes 1", "2:7", "the goal is missing"),
    ("@goal \"x\"", "2:1", "nothing says how long the lesson takes"),
    ("@goal \"x\" minutes 0", "2:19", "`0` is not the number of minutes"),
    ("@step s\n@goal \"x\" minutes 1\n@solution", "3:1", "`@goal` comes too late"),
    ("@fixed", "2:1", "`@fixed` needs network or nodes"),
    ("@fixed node", "2:8", "`node` is nothing that can be fixed"),
    ("@allow", "2:1", "`@allow` needs a command"), ("@allow link-sett", "2:8", "there is no command `link-sett`"),
    ("@allow run", "2:8", "`run` is not fixed"), ("@withhold chekpoint", "2:11", "there is no command `chekpoint`"),
    ("@allow checkpoint", "2:8", "`checkpoint` is not fixed"),
    ("@withhold undo --x", "2:16", "`--x` cannot stand here"),
    ("@step s\n@solution\n@setup\n@withhold undo", "5:1", "`@withhold` belongs to no step here"),
    ("@ask q choice \"Why?\" \"a\"\n@answer \"a\"", "2:25", "a choice needs two answers or more"),
    ("@ask q choice \"Why?\" \"a\" \"a\"\n@answer \"a\"", "2:26", "there is a choice `a` already"),
    ("@ask q choice \"Why?\" \"a\" \"$(now)\"\n@answer \"a\"", "2:26", "a choice is a plain text"),
    ("@ask q choice \"Why?\" \"a\" \"b\" within 3%\n@answer \"a\"", "2:30", "`within` cannot stand here"),
    ("@ask q choise \"Why?\" \"a\" \"b\"\n@answer \"a\"", "2:8", "the question is missing"),
    ("@ask q choice \"Why?\" \"more\" \"less\"\n@answer \"mroe\"", "3:9", "`mroe` is not among the choices"),
    ("@ask q \"Why?\"\n@answer \"more\"", "3:9", "the answer to a question without choices is no text"),
    ("@if $q == 1 | x", "2:1", "this reply belongs to no question"),
    ("@ask q \"1?\"\n@answer 1\n@if $q == 1", "4:1", "this reply says nothing"),
    ("@ask q \"1?\"\n@answer 1\n@if | x", "4:1", "`@if` needs an expression"),
    ("@ask q \"1?\"\n@answer 1\n@if $q == 1 then | x", "4:13", "`then` cannot stand here"),
    ("@step s\n@check c now == 0s gaurd\n@solution", "3:20", "`gaurd` cannot stand here"),
    ("@step s\n@check c now == 0s weight\n@solution", "3:1", "the weight is missing"),
    ("@step s\n@check c now == 0s weight 0\n@solution", "3:27", "`0` is not the weight"),
    ("@step s\n@check c now == 0s guard guard\n@solution", "3:26", "`guard` is said twice"),
    ("@step s\n@check refused now == 0s\n@solution", "3:8", "a check cannot be called `refused`"),
    ("@step s\n@forbid node-failed keptt\n@solution", "3:21", "`keptt` cannot stand here"),
    ("@step s\n@wrong\n@solution", "3:1", "`@wrong` needs a name"),
    ("@step s\n@wrong w\n@solution", "3:1", "nothing says what must catch `w`"),
    ("@step s\n@wrong w fails\n@solution", "3:1", "`fails` needs a check"),
    ("@step s\n@wrong w fails att\n@check at now == 1s\n@solution", "3:16", "the step has no check `att`"),
    (
      "@step s\n@wrong w fails refused\n@wrong w fails refused\n@solution", "4:8", "the step has a wrong submission `w`"
    ),
    ("@step s\n@wrong w fails refused\nnod add\n@solution", "4:1", ""),
    ("@wrong w fails x", "2:1", "`@wrong` belongs to a step"),
    ("@step s\n@teaches\n@solution", "3:1", "`@teaches` needs a command"),
    ("@step s\n@teaches migrat\n@solution", "3:10", "there is no command `migrat`"),
    ("@step s\n@teaches migrate --pretransfr\n@solution", "3:18", "`migrate` has no flag `--pretransfr`"),
    ("@step s\n@teaches --pretransfer\n@solution", "3:10", "`--pretransfer` cannot stand here"),
    ("@accept lines", "2:1", "nothing says why `lines` is accepted"),
    ("@accept line \"x\"", "2:9", "`migsh test` does not try `line`"),
    ("@accept lines \"x\"\n@accept lines \"x\"", "3:9", "`lines` is accepted already"),
    ("@accept", "2:1", "`@accept` needs what is accepted"),
    ("@step s\n@solution\n@explain when now == 0s", "4:1", "this part of the explanation says nothing"),
    ("@step s\n@solution\n@explain when", "4:1", "`@explain` needs an expression"),
  ]

  @Test(arguments: bad) func diagnoses(_ text: String, _ place: String, _ message: String) {
    let shown = mistake("@lesson one \"One\"\n" + text)
    #expect(shown?.hasPrefix("lesson:\(place): error: \(message)") == true, "\(shown ?? "no mistake")")
  }

  @Test(arguments: [
    ("@gaol \"x\" minutes 1", "@goal"), ("@wihthold undo", "@withhold"), ("@fixed node", "nodes"),
    ("@withhold chekpoint", "checkpoint"), ("@allow link-sett", "link-set"), ("@accept line \"x\"", "lines"),
    ("@ask q choise \"Why?\" \"a\" \"b\"\n@answer \"a\"", "choice"),
    ("@step s\n@check c now == 0s gaurd\n@solution", "guard"),
    ("@step s\n@forbid node-failed keptt\n@solution", "kept"),
    ("@step s\n@teaches migrate --pretransfr\n@solution", "--pretransfer"),
    ("@step s\n@wrong w fails att\n@check at now == 1s\n@solution", "at"),
    ("@ask q choice \"Why?\" \"more\" \"less\"\n@answer \"mroe\"", "\"more\""),
  ]) func saysWhatWasMeant(_ text: String, _ suggestion: String) {
    let shown = mistake("@lesson one \"One\"\n" + text)
    #expect(shown?.contains("\n  did you mean `\(suggestion)`?") == true, "\(shown ?? "no mistake")")
  }

  @Test func aBarInATextIsNoProse() throws {
    let lesson = try lesson(
      Self.full.replacing("@if $why == \"latency\"", with: "@if $why == \"a|b\" or $why == 'latency'"))
    #expect(lesson.steps.first?.replies.count == 1)
  }

  /// The page for authors has every directive as it is written, and everything that the battery tries.
  @Test func thePageForAuthorsIsComplete() throws {
    let page = try String(
      contentsOf: ShippedCourseTests.root.appending(path: "Sources/Course/Course.docc/Writing-lessons.md"),
      encoding: .utf8)
    for directive in Directive.allCases {
      let row = "| `\(directive.usage.replacing("|", with: "\\|"))` | \(directive.summary)"
      #expect(page.contains(row), "\(row)")
    }
    for attempt in BatteryAttempt.allCases { #expect(page.contains("| `\(attempt.rawValue)` |")) }
    let example = page.split(separator: "\n", omittingEmptySubsequences: false).drop {
      $0 != "    @lesson first-move \"A first move\""
    }
    .prefix { $0.hasPrefix("    ") }.map { $0.dropFirst(4) }.joined(separator: "\n")
    #expect(try prove(example) == [])
  }
}
