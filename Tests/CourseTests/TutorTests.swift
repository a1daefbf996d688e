import CommandLanguage
import Foundation
import Shell
import Testing

@testable import Course

/// The tutor, driven by entries as they would be typed.
@Suite struct TutorTests {
  static let lessonText = """
    @lesson two-steps "Two steps"
    @goal "You can move a process and see what that costs." minutes 10
    | Here is `p1`.
    @setup
    node add a b c
    spawn p1 --on a --pages 8
    run 10ms
    @ask grow choice "What grows with its size?" "freeze time" "latency"
    @answer "freeze time"
    @if $grow == "latency" | Latency is paid three times, whatever the size.
    @ask freeze "How long will it stand still?" within 50%
    @answer p1.migration.freezeTime
    @step move points 2
    | Move it to `b`.
    @check at p1.node == b "p1 should be on b"
    @check often p1.migrations == 1 hidden
    @check up c.up "c should be up" guard
    @forbid node-failed
    @hint Use `migrate`.
    @hint Type `migrate p1 b`.
    @solution
    migrate p1 b
    @explain It moved.
    @explain when p1.migration.mechanism == pretransfer | It ran on meanwhile.
    @setup
    spawn p2 --on b
    @step follow
    | Move `p2` to `a`.
    @check at p2.node == a
    @withhold undo
    @solution
    migrate p2 a
    """

  /// A folder with a course of one lesson. It is removed with the value.
  final class Course {
    let folder = FileManager.default.temporaryDirectory.appending(path: "migsh-tutor-\(UUID().uuidString)")
    var progressPath: String { folder.appending(path: "state/migsh/progress").path }

    init(_ text: String = TutorTests.lessonText) throws {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try write(text, to: "two-steps.migsh")
      try write(moving, to: "moving.migsh")
      try write("title: T\nlessons: [two-steps.migsh, moving.migsh]\n", to: "course.yaml")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func write(_ text: String, to name: String) throws {
      try Data(text.utf8).write(to: folder.appending(path: name))
    }

    func progress() throws -> String { try String(contentsOfFile: progressPath, encoding: .utf8) }
  }

  /// Something to which a session writes.
  final class Output { var text = "" }

  /// A learner at a prompt.
  final class Learner {
    let output = Output()
    let course: Course
    var session: Session
    var tutor: Tutor

    init(_ course: Course, columns: Int? = nil) throws {
      self.course = course
      session = Session { [output] in output.text += $0 }
      session.options.isInteractive = true
      session.options.columns = columns
      tutor = Tutor(
        library: try LessonLibrary(folder: course.folder.path), progress: ProgressKeeper(path: course.progressPath))
      tutor.prepare(&session)
    }

    /// What an entry shows.
    @discardableResult func type(_ entries: String...) -> String {
      output.text = ""
      for entry in entries { _ = tutor.enter(SourceText(name: "prompt", text: entry), in: &session) }
      return output.text
    }

    var prompt: String { tutor.prompt(in: session) }
  }

  // MARK: - The way through a lesson

  @Test func leadsThroughALesson() throws {
    let course = try Course()
    let learner = try Learner(course)
    let head = learner.type("lesson two-steps")
    #expect(
      head == """

        Two steps
        =========

        You can move a process and see what that costs. About 10 minutes.

        Here is `p1`.

        ? What grows with its size?
          1 freeze time
          2 latency

        """)
    #expect(learner.prompt == "two-steps, answer with 1 to 2? ")
    #expect(learner.type("2") == "noted: latency\n\n? How long will it stand still?\n")
    #expect(learner.prompt == "two-steps, answer with a time? ")
    #expect(learner.type("7ms") == "noted: 7 ms\n\n[1/2] move (2 points)\n\nMove it to `b`.\n")
    #expect(learner.prompt == "two-steps:move 10 ms> ")
    let done = learner.type("migrate p1 b")
    #expect(done.contains("\npassed: at, often\n= What grows with its size? freeze time. You said latency: not so.\n"))
    #expect(done.contains("\n= How long will it stand still? ") && done.contains("You said 7 ms: "))
    #expect(
      done.hasSuffix(
        "\n\nLatency is paid three times, whatever the size.\n\nIt moved.\n\n"
          + "Step 1 of 2 is done, 2 points. `next` goes on.\n"), "\(done)")
    #expect(learner.prompt.hasPrefix("two-steps:move done, "))
    #expect(learner.type("next") == "\n[2/2] follow\n\nMove `p2` to `a`.\n")
    let last = learner.type("migrate p2 a")
    #expect(
      last.hasSuffix(
        "passed: at\n\nStep 2 of 2 is done. That was the last step; "
          + "`lesson moving` enters the exercise that comes next.\n"))
    #expect(
      learner.type("next")
        == "this was the last step of two-steps; `lesson moving` enters the exercise that comes next\n")
    #expect(
      try course.progress() == """
        # migsh progress 1
        done two-steps follow
        done two-steps move
        at two-steps follow

        """)
  }

  @Test func explanationsFollowWhatWasDone() throws {
    let learner = try Learner(Course())
    learner.type("lesson two-steps", "freeze time", "skip")
    let done = learner.type("migrate p1 b --pretransfer")
    #expect(done.contains("You said freeze time: right.") && !done.contains("paid three times"))
    #expect(done.contains("\nIt ran on meanwhile.\n"))
    #expect(done.components(separatedBy: "You said").count == 2)
  }

  @Test(arguments: [
    ("1", nil), ("freeze time", nil), ("Freeze", nil), ("\"latency\"", nil), ("lat", nil),
    ("3", "answer with a number from 1 to 2, or with the words; `skip` leaves the question out\n"),
    ("nonsense", "answer with a number from 1 to 2, or with the words; `skip` leaves the question out\n"),
  ]) func choicesAreTakenInAnySpelling(_ typed: String, _ complaint: String?) throws {
    let learner = try Learner(Course())
    learner.type("lesson two-steps")
    let said = learner.type(typed)
    #expect(
      complaint == nil ? said.hasPrefix("noted: ") && said.contains("\n\n? How long") : said == complaint, "\(said)")
  }

  @Test(arguments: [
    ("20ms", nil), ("20 ms", nil), ("1.5s", nil), ("0s", nil),
    ("20", "`20` is a bare number; answer with a time, such as 20ms\n"),
    ("20KiB", "`20KiB` is a size; answer with a time, such as 20ms\n"),
    ("20ms or so", "answer with a time, such as 20ms; `skip` leaves the question out\n"),
    ("long", "answer with a time, such as 20ms; `skip` leaves the question out\n"),
  ]) func numbersHaveTheirUnits(_ typed: String, _ complaint: String?) throws {
    let learner = try Learner(Course())
    learner.type("lesson two-steps", "1")
    let said = learner.type(typed)
    #expect(
      complaint == nil ? said.hasPrefix("noted: ") && said.contains("\n\n[1/2] move") : said == complaint, "\(said)")
  }

  @Test func theShellWorksWhileAQuestionIsAsked() throws {
    let learner = try Learner(Course())
    learner.type("lesson two-steps")
    #expect(learner.type("ps").contains("p1"))
    learner.type("kill p1", "fail a")
    #expect(learner.prompt == "two-steps, answer with 1 to 2? ")
    #expect(learner.type("1").contains("what you tried meanwhile is put aside"))
    learner.type("skip")
    #expect(learner.type("print p1.node") == "a\n")
    #expect(learner.type("migrate p1 b").contains("is done"))
  }

  // MARK: - Help on the way

  @Test func hintsComeOneAtATime() throws {
    let learner = try Learner(Course())
    learner.type("lesson two-steps", "skip", "skip")
    #expect(learner.type("hint") == "Hint 1 of 2: Use `migrate`.\n")
    #expect(learner.type("lesson hint") == "Hint 2 of 2: Type `migrate p1 b`.\n")
    #expect(learner.type("hint") == "there are no more hints: `skip` shows how it is done\n")
  }

  @Test func checksSayWhatIsMissing() throws {
    let learner = try Learner(Course())
    learner.type("lesson two-steps", "skip", "skip")
    let said = learner.type("check")
    // Nothing was tried yet, so nothing has failed, and an exercise does not say what it looks for.
    #expect(said.contains("open  at\n") && said.contains("open  often: hidden, so it says no more\n"))
    #expect(said.contains("passed  up\n") && !said.contains("failed  ") && !said.contains("again"))
    #expect(
      learner.type("next") == "this step is not done: `check` says what is missing, `skip` shows how it is done\n")
    let news = learner.type("migrate p1 c")
    #expect(
      news.contains("passed: often; still open: at\n`check` says what each asks for, `again` begins the step anew."))
    let tried = learner.type("check")
    #expect(tried.contains("open  at: p1 should be on b; expected p1.node == b; found p1.node is c\n"))
    #expect(tried.hasSuffix("`again` begins the step anew\n"))
    #expect(learner.type("migrate p1 b").contains("no longer: often\n"))
    #expect(!learner.type("ps").contains("passed"))
  }

  @Test func skippingShowsTheSolutionAndEarnsNothing() throws {
    let course = try Course()
    let learner = try Learner(course)
    learner.type("lesson two-steps", "skip", "skip", "kill p1")
    let shown = learner.type("skip")
    #expect(shown.hasPrefix("> migrate p1 b\n"))
    #expect(shown.hasSuffix("It moved.\n\nStep 1 of 2 is shown, and earns nothing. `next` goes on.\n"))
    #expect(try course.progress().contains("skipped two-steps move\n"))
    // Once done, it is done.
    learner.type("again", "migrate p1 b")
    #expect(try course.progress().contains("done two-steps move\n"))
    learner.type("again", "skip")
    #expect(try course.progress().contains("done two-steps move\n"))
  }

  /// What can be said again is what was shown, and nothing changes.
  @Test func textIsSaidAgain() throws {
    let learner = try Learner(Course())
    learner.type("lesson two-steps")
    let question = "\n? What grows with its size?\n  1 freeze time\n  2 latency\n"
    #expect(learner.type("text") == "\nHere is `p1`.\n" + question)
    #expect(learner.type("hint") == "a question has no hints: a guess is enough, and `skip` leaves it out\n")
    #expect(learner.type("again").hasPrefix("The step begins anew, with its first question.\n"))
    learner.type("1", "1ms", "run 5ms")
    #expect(learner.type("text") == "\nHere is `p1`.\n\n[1/2] move (2 points)\n\nMove it to `b`.\n")
    #expect(learner.prompt == "two-steps:move 15 ms> ")
    learner.type("migrate p1 b")
    #expect(learner.type("hint") == "this step is done, so it has no more hints: `next` goes on\n")
  }

  /// A step that no process is left to do says so.
  @Test func aStepThatCannotBeDoneAnyMoreSaysSo() throws {
    let learner = try Learner(Course())
    learner.type("lesson two-steps", "skip", "skip")
    let told = "No process runs any more, and the step is not done: `again` begins it anew.\n"
    #expect(learner.type("kill p1").contains(told))
    #expect(learner.type("check").contains("failed  at: "))
    #expect(!learner.type("ps").contains(told))
    #expect(learner.type("again", "migrate p1 b").contains("is done"))
  }

  /// An apostrophe in an answer opens nothing.
  @Test func anAnswerNeedsNoEndOfQuotes() throws {
    let learner = try Learner(Course())
    #expect(!learner.tutor.takesAsAnswer("i don't know", in: learner.session))
    learner.type("lesson two-steps")
    #expect(learner.tutor.takesAsAnswer("i don't know", in: learner.session))
    #expect(!learner.tutor.takesAsAnswer("say 'x", in: learner.session))
    #expect(learner.type("i don't know").hasPrefix("answer with a number from 1 to 2"))
  }

  /// Signs at the beginning of lines are words where the screen is heard.
  @Test func whoHearsTheScreenIsToldWordsForSigns() throws {
    let learner = try Learner(Course())
    learner.session.options.screen.tellsPictures = true
    #expect(learner.type("lesson two-steps").contains("\nQuestion: What grows with its size?\n"))
    learner.type("skip", "skip")
    #expect(learner.type("migrate p1 b").contains("\nAnswer: What grows with its size? freeze time."))
    #expect(learner.type("steps").contains("  1 move  done, where you are\n"))
    #expect(learner.type("lesson list").contains(#/moving +.* none +0/1 +none/#))
  }

  /// No line is broken by the terminal in the middle of a word.
  @Test func whatTheTutorSaysFitsTheScreen() throws {
    let learner = try Learner(Course(), columns: 40)
    let text = learner.type("lesson two-steps", "3", "1", "20", "1ms", "check", "migrate p1 c", "steps", "migrate p1 b")
    for line in text.split(separator: "\n") { #expect(line.count <= 40, "\(line)") }
  }

  // MARK: - Free play

  @Test func againBringsTheStepBack() throws {
    let learner = try Learner(Course())
    learner.type("lesson two-steps", "1", "1ms")
    #expect(learner.type("fail a").contains("not allowed here: node-failed (`again` begins the step anew)\n"))
    #expect(learner.type("undo", "migrate p1 b").contains("passed: at, often\n"))
    // What was forbidden has happened, though it was undone.
    #expect(!learner.prompt.contains("done"))
    #expect(
      learner.type("again") == """
        The world is back at 10 ms, where the step began.

        Here is `p1`.

        [1/2] move (2 points)

        Move it to `b`.

        """)
    #expect(learner.type("print p1.node").hasPrefix("a\n"))
    let done = learner.type("migrate p1 b")
    #expect(done.contains("You said 1 ms") && done.contains("is done"))
  }

  @Test func undoWorksAcrossTheStart() throws {
    let learner = try Learner(Course())
    learner.type("lesson two-steps", "skip", "skip")
    let said = learner.type("undo")
    #expect(said.contains("took back `run 10ms`"))
    #expect(said.contains("This is before the step `move` began, so it is not checked"))
    #expect(!learner.type("undo").contains("This is before"))
    #expect(!learner.type("redo 2").contains("This is before"))
    #expect(learner.type("migrate p1 b").contains("is done"))
    // And back to the world before the lesson.
    let other = try Learner(Course())
    other.type("node add x", "lesson two-steps", "skip", "skip", "undo 4")
    #expect(other.type("print count(cluster.nodes)").hasPrefix("1\n"))
    #expect(other.type("again", "print p1.node").hasSuffix("a\n"))
  }

  @Test func whatIsTriedAfterAStepDoesNotSpoilTheNext() throws {
    let learner = try Learner(Course())
    learner.type("lesson two-steps", "skip", "skip", "migrate p1 b", "fail b", "reset")
    let next = learner.type("next")
    #expect(next.hasPrefix("What you tried since the step was done is put aside; `undo` would bring it back.\n"))
    #expect(next.hasSuffix("\n[2/2] follow\n\nMove `p2` to `a`.\n"))
    #expect(learner.type("migrate p2 a").contains("Step 2 of 2 is done."))
  }

  @Test func aWorldThatDoesNotFitIsReplaced() throws {
    // In the learner's own world there is a p2 already.
    let learner = try Learner(Course())
    learner.type("lesson two-steps", "skip", "skip", "spawn p2 --on a", "migrate p1 b")
    let next = learner.type("next")
    #expect(next.contains("does not fit the next step"), "\(next)")
    #expect(learner.type("migrate p2 a").contains("Step 2 of 2 is done."))
  }

  @Test func oneCanGoBackAndStartAnywhere() throws {
    let learner = try Learner(Course())
    let head = learner.type("lesson two-steps --step follow")
    #expect(head.contains("The step before `follow` has been done for you; `steps` lists them.\n"))
    #expect(learner.type("print p1.node") == "b\n")
    learner.type("back")
    #expect(learner.prompt == "two-steps, answer with 1 to 2? ")
    #expect(learner.type("back") == "this is the first step of two-steps; `again` begins it anew\n")
    learner.type("lesson --step follow")
    #expect(learner.prompt.hasPrefix("two-steps:follow "))
    #expect(learner.type("lesson --step fallow").contains("did you mean `follow`?"))
  }

  @Test func aLearnerGoesOnWhereTheyLeftOff() throws {
    let course = try Course()
    let first = try Learner(course)
    first.type("lesson two-steps", "skip", "skip", "migrate p1 b", "next")
    let second = try Learner(course)
    let head = second.type("lesson two-steps")
    #expect(head.contains("You go on where you left off. The step before `follow` has been done for you"))
    second.type("migrate p2 a")
    // Once all is done it begins from the beginning.
    #expect(try Learner(course).type("lesson two-steps").contains("? What grows with its size?"))
  }

  @Test func whatIsWithheldIsRefusedInItsStepAlone() throws {
    let learner = try Learner(Course())
    learner.type("lesson two-steps", "skip", "skip")
    #expect(learner.type("node add z").contains("the machines are fixed here"))
    #expect(learner.type("reset").contains("`reset` cannot be used here"))
    learner.type("migrate p1 b", "next", "migrate p2 c")
    #expect(learner.type("undo").contains("`undo` cannot be used here"))
    learner.type("leave")
    #expect(learner.type("undo").contains("took back"))
    #expect(learner.prompt.hasPrefix("migsh "))
  }

  @Test func stepsAndLessonsAreListed() throws {
    let learner = try Learner(Course())
    #expect(
      learner.type("hint")
        == "no lesson is under way: `lesson NAME` enters one, and `lesson list` shows them; `exercise start NAME` takes an exercise\n"
    )
    let list = learner.type("lesson")
    #expect(list.hasPrefix("You have done 0 of 0 lessons and 0 of 2 exercises.\n"), "\(list)")
    #expect(list.contains(#/two-steps  exercise: Two steps +10 +0/2\n/#), "\(list)")
    learner.type("lesson two-steps", "skip", "skip", "migrate p1 b", "next", "skip")
    #expect(learner.type("steps").contains("  1 move  done\n> 2 follow  skipped\n"))
    #expect(learner.type("progress").contains(#/two-steps  exercise: Two steps +10 +1/2 +1\n/#))
    #expect(learner.type("lesson two-stpes").contains("did you mean `two-steps`?"))
    #expect(learner.type("leave").hasPrefix("You have left two-steps."))
  }

  @Test func aLessonIsNoScript() throws {
    let course = try Course()
    let learner = try Learner(course)
    let file = course.folder.appending(path: "two-steps.migsh").path
    #expect(learner.type("source \"\(file)\"").contains("`lesson two-steps` enters it at a prompt"))
    #expect(learner.type("run \(file)").contains("is a lesson: `lesson two-steps` enters it"))
    #expect(learner.type("lesson \(file)").contains("Two steps"))
  }

  @Test func asDataEveryPartIsALine() throws {
    let learner = try Learner(Course())
    learner.session.options.format = .json
    let lines = learner.type("lesson two-steps", "1", "2ms", "migrate p1 b", "next").split(separator: "\n")
    #expect(lines.allSatisfy { $0.hasPrefix("{\"v\":1,") && $0.hasSuffix("}") })
    #expect(lines.contains { $0.contains("\"question\":\"grow\"") })
    #expect(lines.contains { $0.contains("\"answer\":\"freeze\"") && $0.contains("\"prediction\":") })
    #expect(lines.contains { $0.contains("\"done\":\"move\",\"skipped\":false") })
  }

  @Test func tabOffersLessonsAndSteps() throws {
    let learner = try Learner(Course())
    func offers(_ text: String) -> [String] {
      learner.session.complete(text, at: text.utf8.count).candidates.map(\.text)
    }
    #expect(offers("lesson two") == ["two-steps"])
    #expect(offers("lesson mo") == ["moving"])
    #expect(offers("lesson hi") == ["hint"])
    #expect(offers("hin") == [])
    learner.type("lesson two-steps")
    #expect(offers("hin") == ["hint"])
    #expect(offers("lesson --step f") == ["follow"])
    #expect(learner.tutor.choices == ["freeze time", "latency"])
  }

  @Test func withoutATutorThereIsNoLesson() {
    var output = ""
    var session = Session { output += $0 }
    #expect(session.execute(SourceText(name: "x", text: "lesson list")) == .refused)
    #expect(output.contains("there is no tutor here"))
  }

  @Test func aLessonWithAMistakeSaysSo() throws {
    let course = try Course(Self.lessonText.replacing("spawn p2 --on b", with: "spawn p2 --on z"))
    let learner = try Learner(course)
    learner.type("lesson two-steps", "skip", "skip", "migrate p1 b")
    #expect(learner.type("next").contains("the lesson has a mistake, and ends here:"))
    #expect(learner.prompt.hasPrefix("migsh "))
    #expect(learner.type("print p1.node").hasSuffix("b\n"))
    try course.write("@lesson two-steps", to: "two-steps.migsh")
    #expect(learner.type("lesson two-steps").contains("the lesson has no title"))
  }
}
