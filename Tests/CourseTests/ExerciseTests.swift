import CommandLanguage
import Foundation
import Shell
import Testing

@testable import Course

/// Exercises that are taken at a prompt, as they are graded.
@Suite struct ExerciseTests {
  private typealias Course = TutorTests.Course
  private typealias Learner = TutorTests.Learner

  private static let text = """
    @lesson journey "A journey"
    @goal "You can move a process there and back." minutes 5
    @param pages 8..64
    @setup
    node add a b c
    spawn p1 --on a --pages $pages
    run 10ms
    | `p1` has $pages pages.
    @step out points 3
    | Move `p1` to `b`.
    @check away p1.node == b "p1 should be on b" essential
    @check brief p1.migration.freezeTime < 1s "it stood still too long" weight 2
    @check whole p1.remote == 0 guard
    @check any p1.migrations == 1 hidden seeds 2 weight 3
    @forbid node-failed
    @hint Use `migrate`.
    @solution
    migrate p1 b
    @explain It moved in one go.
    @setup
    spawn p2 --on c --pages $pages
    @step back points 4
    | Move `p1` back, and `p2` to `a`.
    @check home p1.node == a seeds 2
    @check both p2.node == a
    @solution
    migrate p1 a
    migrate p2 a
    """

  private static let pages = [Lesson.Parameter(name: "pages", range: 8...64)].values(seed: 1)[0].value

  private func learner() throws -> Learner {
    let course = try Course()
    try course.write(Self.text, to: "journey.migsh")
    try course.write("title: T\nlessons: [two-steps.migsh, journey.migsh]\n", to: "course.yaml")
    return try Learner(course)
  }

  private func path(_ learner: Learner, _ name: String) -> String { learner.course.folder.appending(path: name).path }

  private func file(_ learner: Learner, _ name: String) throws -> String {
    try String(contentsOfFile: path(learner, name), encoding: .utf8)
  }

  // MARK: - The way through an exercise

  @Test func leadsThroughAnExercise() throws {
    let learner = try learner()
    #expect(
      learner.type("exercise start journey") == """

        A journey
        =========

        You can move a process there and back. About 5 minutes.

        7 points in 2 steps, with seed 1. `check` says what holds, `next` goes on, and
        `hand-in FILE` writes what you typed.

        `p1` has \(Self.pages) pages.

        [1/2] out (3 points)

        Move `p1` to `b`.

        """)
    #expect(learner.prompt == "exercise journey:out 10 ms> ")
    #expect(
      learner.type("check") == """
        open  away
        could not be checked  brief: `p1.migration.freezeTime` is none: no migration of p1 has come that far
        passed  whole
        passed  no node-failed
        0 of the 1.5 points of these checks; 1 check that you do not see decides on 1.5 more

        """)
    #expect(learner.type("exercise hint") == "Hint 1 of 1: Use `migrate`.\n")
    #expect(learner.type("hint") == "there are no more hints\n")
    let done = learner.type("migrate p1 b")
    #expect(
      done.hasSuffix(
        "passed: away, brief\nStep 1 of 2 passes: 1.5 of the 1.5 points of these checks; 1 check that you do not see "
          + "decides on 1.5 more. `next` goes on.\n"), "\(done)")
    // What is typed from here on belongs to the step, too.
    #expect(learner.type("run 1ms") == "it is \(formatTime(learner.session.state.world.now))\n")
    #expect(learner.type("next").contains("\n\nIt moved in one go.\n\n[2/2] back (4 points)\n"))
    #expect(learner.type("migrate p1 a").contains("passed: home; still open: both\n"))
    #expect(learner.type("check").hasSuffix("\n2 of 4 points\nWith other numbers, too, this is graded: home.\n"))
    #expect(
      learner.type("migrate p2 a").hasSuffix(
        "Step 2 of 2 passes: 4 of 4 points. `hand-in FILE` writes what you typed.\n"))
    #expect(
      learner.type("next").hasSuffix("This was the last step of journey: `hand-in FILE` writes what you typed.\n"))
    let handedIn = learner.type("hand-in \(path(learner, "out.migsh"))")
    #expect(
      handedIn == """
        wrote 4 lines to \(path(learner, "out.migsh"))
        STEP  POINTS   OF  NOT PASSED
        out      1.5  1.5
        back       4    4
        1 check that you do not see decides on 1.5 more

        """)
    #expect(
      try file(learner, "out.migsh") == """
        # migsh hand-in 1: journey, seed 1

        @step out
        migrate p1 b
        run 1ms

        @step back
        migrate p1 a
        migrate p2 a

        """)
    #expect(
      learner.type("exercise list").contains(
        "journey        2       7     5.5  You can move a process there and back.\n"))
    #expect(try learner.course.progress().contains("done journey back\n"))
    #expect(learner.type("leave").contains("what you typed is kept, and `exercise start` goes on"))
    #expect(learner.session.typedLines == nil)
  }

  @Test func onlyExercisesAreTaken() throws {
    let learner = try learner()
    #expect(learner.type("hand-in x.migsh").contains("no exercise is under way: `exercise start NAME` takes one"))
    #expect(learner.type("exercise check").contains("no lesson is under way"))
    try learner.course.write(TutorTests.lessonText.replacing(" points 2", with: ""), to: "plain.migsh")
    let plain = learner.type("exercise start \(path(learner, "plain.migsh"))")
    #expect(plain.contains("two-steps is a lesson and no exercise: `lesson "))
    #expect(learner.type("exercise start jurney").contains("did you mean `journey`?"))
    #expect(learner.type("exercise start journey --step bck").contains("did you mean `back`?"))
    #expect(learner.prompt.hasPrefix("migsh "))
    learner.type("lesson journey")
    #expect(learner.prompt.hasPrefix("journey:out "))
    #expect(learner.type("hand-in x.migsh").contains("no exercise is under way"))
    #expect(learner.type("exercise") == learner.type("exercise list"))
    // A question in it is not asked.
    #expect(learner.type("exercise start two-steps").hasSuffix("[1/2] move (2 points)\n\nMove it to `b`.\n"))
    #expect(learner.type("exercise").hasPrefix("Two steps: 2 steps\n> 1 move"))
    #expect(
      learner.type("skip") == "nothing is shown in an exercise: `hint` helps, and `next` goes on without this step\n")
  }

  // MARK: - Free play

  @Test func whatWasUndoneIsLeftOut() throws {
    let learner = try learner()
    learner.type(
      "exercise start journey", "migrate p1 c", "undo", "nonsense", "kill p9", "migrate p1 b --pretr", "undo", "redo")
    learner.type("hand-in \(path(learner, "out.migsh"))")
    #expect(try file(learner, "out.migsh").contains("@step out\nmigrate p1 b --pretransfer\n\n@step back\n"))
    // Nobody can undo what was before the step.
    #expect(learner.type("undo", "undo").contains("there is nothing to undo\n"))
    #expect(learner.prompt == "exercise journey:out 10 ms> ")
  }

  @Test func whatIsForbiddenStaysSoAndIsHandedIn() throws {
    let learner = try learner()
    learner.type("exercise start journey", "run 1ms")
    #expect(learner.type("fail c").contains("not allowed here: node-failed (`again` begins the step anew)\n"))
    learner.type("undo", "migrate p1 b")
    let check = learner.type("check")
    #expect(
      check.contains("failed  no node-failed: expected not once: a node failed; found 1 time, in what was undone\n"))
    #expect(check.contains("\nWhat is forbidden stays so when it is undone, and is handed in: `again` begins"))
    let handedIn = learner.type("hand-in \(path(learner, "out.migsh"))")
    #expect(handedIn.contains("out        0  1.5  no node-failed\n") && !handedIn.contains("does not do the same"))
    #expect(try file(learner, "out.migsh").contains("@step out\nrun 1ms\nfail c\nundo\nmigrate p1 b\n\n"))
    // Once it begins anew, nothing of that is left.
    #expect(
      learner.type("again") == "\n`p1` has \(Self.pages) pages.\n\n[1/2] out (3 points)\n\nMove `p1` to `b`.\n")
    learner.type("migrate p1 b")
    #expect(learner.type("check").contains("passed  no node-failed\n"))
    learner.type("hand-in \(path(learner, "out.migsh")) --force")
    #expect(try file(learner, "out.migsh").contains("@step out\nmigrate p1 b\n\n"))
  }

  /// A value that was measured and then undone is handed in as what was typed, and not as a number: it is another with
  /// other seeds.
  @Test func whatWasMeasuredIsHandedInAsTyped() throws {
    let learner = try learner()
    learner.type(
      "exercise start journey", "checkpoint start", "migrate p1 c", "let stood = p1.migration.freezeTime",
      "restore start", "run $stood", "migrate p1 b")
    let handedIn = learner.type("hand-in \(path(learner, "out.migsh"))")
    #expect(!handedIn.contains("does not do the same") && handedIn.contains("out      1.5  1.5\n"), "\(handedIn)")
    #expect(
      try file(learner, "out.migsh").contains(
        "checkpoint start\nmigrate p1 c\nlet stood = p1.migration.freezeTime\nrestore start\nrun $stood\nmigrate p1 b\n"
      ))
  }

  @Test func aScriptThatWasExecutedIsHandedInAsWhatItDid() throws {
    let learner = try learner()
    try learner.course.write("let n = 2\nmigrate p1 b\n", to: "mine.migsh")
    learner.type(
      "exercise start journey", "source \(path(learner, "mine.migsh"))", "ps --to \(path(learner, "ps.txt"))")
    let handedIn = learner.type("hand-in \(path(learner, "out.migsh"))")
    #expect(handedIn.contains("out      1.5  1.5\n"), "\(handedIn)")
    #expect(try file(learner, "out.migsh").contains("\nlet n = 2\nmigrate p1 b\nps\n"))
    #expect(try !file(learner, "out.migsh").contains("source"))
  }

  /// Of a command that was stopped the time counts that has passed.
  @Test func whatWasStoppedIsHandedInAsFarAsItWent() throws {
    let learner = try learner()
    var asked = 0
    learner.type("exercise start journey")
    learner.session.isInterrupted = {
      asked += 1
      return asked == 3
    }
    #expect(learner.type("run 400s").contains("interrupted: stopped"))
    let time = learner.session.state.world.now
    let handedIn = learner.type("migrate p1 b", "hand-in \(path(learner, "out.migsh"))")
    #expect(handedIn.contains("out      1.5  1.5\n") && !handedIn.contains("does not do the same"), "\(handedIn)")
    #expect(try file(learner, "out.migsh").contains("@step out\nrun \(time - 10_000_000)ns\nmigrate p1 b\n"))
  }

  @Test func onesOwnStepsAreKept() throws {
    let learner = try learner()
    learner.type("exercise start journey", "migrate p1 b", "next", "migrate p2 b")
    // Back, as it stood; and what was typed in the later step is done again.
    #expect(learner.type("back").contains("What you typed in this step is done again: 1 line."))
    #expect(learner.prompt.hasPrefix("exercise journey:out ") && learner.type("print p1.node") == "b\n")
    learner.type("run 5ms")
    #expect(
      learner.type("next").hasSuffix(
        "What you typed in this step is done again: 1 line. `again` begins the step anew.\n"))
    #expect(learner.type("print p2.node") == "b\n")
    // In a world in which that is not possible, as far as it goes.
    learner.type("back", "kill p1", "spawn p1x --on b", "next", "migrate p2 a", "migrate p1x a", "back", "undo")
    let again = learner.type("next")
    #expect(
      again.contains("It does not work any more from here on:\nwhat you typed:4:9: error: there is no process `p1x`"),
      "\(again)")
    learner.type("hand-in \(path(learner, "out.migsh"))")
    #expect(try file(learner, "out.migsh").hasSuffix("@step back\nmigrate p2 b\nprint p2.node\nmigrate p2 a\n"))
  }

  @Test func aWorldThatDoesNotFitKeepsOneInTheStep() throws {
    let learner = try learner()
    learner.type("exercise start journey", "spawn p2 --on a")
    let next = learner.type("next")
    #expect(next.contains("The step `back` cannot be set up in the world that you have made:\n"))
    #expect(
      next.contains(
        "it is also judged from the world of the exercise's own solutions.\nYou are back in the step before."))
    #expect(learner.prompt.hasPrefix("exercise journey:out "))
    #expect(learner.type("check").contains("open  away"))
  }

  /// As long as the shell lives, what was typed is kept without a file, too.
  @Test func nothingIsLostWithoutAPlaceForIt() throws {
    let learner = try learner()
    learner.tutor.progress = ProgressKeeper(path: nil)
    learner.type("exercise start journey", "migrate p1 b", "next", "migrate p1 a")
    #expect(learner.type("exercise start journey --step out").contains("done again: 1 line."))
    #expect(learner.type("next").contains("done again: 1 line."))
    // The second step cannot be set up in this world, and it is entered without the first before it.
    learner.type("back", "spawn p2 --on a")
    #expect(learner.type("exercise start journey --step back").contains("You are back in the step before.\n"))
    #expect(learner.prompt.hasPrefix("exercise journey:out "))
  }

  // MARK: - Coming back

  @Test func anotherShellGoesOn() throws {
    let learner = try learner()
    learner.type("exercise start journey --student ada", "migrate p1 b", "next", "migrate p1 a", "migrate p2 b", "undo")
    let other = try Learner(learner.course)
    let head = other.type("exercise start journey --student ada")
    let flowing = head.replacing("\n", with: " ")
    #expect(flowing.contains("with the numbers of ada.") && flowing.contains("You go on where you left off."))
    #expect(head.hasSuffix("What you typed in this step is done again: 1 line. `again` begins the step anew.\n"))
    #expect(other.type("check").contains("\n2 of 4 points\n"))
    // It can be undone as if it had just been typed.
    #expect(other.type("undo").hasPrefix("took back `migrate p1 a`"))
    #expect(other.type("exercise start journey --step out").contains("[1/2] out"))
    // With other numbers nothing has been typed.
    #expect(!(try Learner(learner.course).type("exercise start journey --student eve").contains("done again")))
  }

  // MARK: - Files

  @Test func noFileOfOthersIsReplaced() throws {
    let learner = try learner()
    learner.type("exercise start journey --student ada", "migrate p1 b")
    try learner.course.write("mine\n", to: "mine.txt")
    for flag in ["", " --force"] {
      #expect(learner.type("hand-in \(path(learner, "mine.txt"))\(flag)").contains("it stays as it is"))
    }
    #expect(try file(learner, "mine.txt") == "mine\n")
    let out = path(learner, "out.migsh")
    #expect(learner.type("hand-in \(out)").hasPrefix("wrote 1 line to "))
    #expect(
      learner.type("run 1ms", "hand-in \(out)").hasSuffix("is what you handed in earlier: `--force` replaces it\n"))
    #expect(learner.type("exercise hand-in \(out) --force").hasPrefix("wrote 2 lines to "))
    // Another student's stays.
    learner.type("exercise start journey --student eve")
    #expect(learner.type("hand-in \(out) --force").contains("it stays as it is"))
    try FileManager.default.createSymbolicLink(
      atPath: path(learner, "link"), withDestinationPath: path(learner, "mine.txt"))
    #expect(learner.type("hand-in \(path(learner, "link")) --force").contains("it stays as it is"))
    #expect(mkfifo(path(learner, "pipe"), 0o600) == 0)
    #expect(learner.type("hand-in \(path(learner, "pipe")) --force").contains("it stays as it is"))
    #expect(learner.type("hand-in /nonexistent/x").contains("cannot be written: no such file or directory"))
  }

  /// The world can have no more than in grading. How much was done for it is another matter.
  @Test func whatIsTooMuchForGradingIsSaid() throws {
    let learner = try learner()
    learner.type("exercise start journey")
    #expect(learner.type("run 700s").contains("expected at most 600 s"))
    learner.type("repeat 11000 { let n = 1 }", "migrate p1 b")
    let handedIn = learner.type("hand-in \(path(learner, "out.migsh"))")
    #expect(handedIn.contains("out        0  1.5  away, brief\n") && handedIn.contains("more than 10000 commands"))
    #expect(handedIn.contains("The file does not do the same as what you typed: away is failed there, and passed here"))
    learner.type("leave")
    #expect(learner.type("run 700s").hasPrefix("it is "))
  }

  @Test func asDataEveryPartIsALine() throws {
    let learner = try learner()
    learner.session.options.format = .json
    let lines = learner.type("exercise start journey", "migrate p1 b", "check", "hand-in \(path(learner, "o.migsh"))")
      .split(separator: "\n")
    #expect(lines.allSatisfy { $0.hasPrefix("{\"v\":1,") && $0.hasSuffix("}") })
    #expect(lines.contains { $0.contains("\"earned\":150,\"hidden\":1") })
    #expect(
      lines.contains { $0.contains("\"exercise\":\"journey\"") } && !lines.contains { $0.contains("\"name\":\"any\"") })
  }
}
