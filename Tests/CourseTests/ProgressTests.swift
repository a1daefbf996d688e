import Foundation
import Glibc
import Testing

@testable import Course

/// A learner's progress, in a file that shells share.
@Suite struct ProgressTests {
  private func path(_ course: TutorTests.Course) -> String { course.progressPath }

  @Test func twoShellsKeepEachOthersSteps() throws {
    let course = try TutorTests.Course()
    var one = ProgressKeeper(path: course.progressPath)
    var two = ProgressKeeper(path: course.progressPath)
    one.note(.done, of: "a", in: "first")
    two.note(.done, of: "b", in: "first")
    two.note(.skipped, of: "a", in: "first")
    one.notePlace("c", in: "first")
    one.note(.skipped, of: "x", in: "second")
    #expect(
      try course.progress() == """
        # migsh progress 1
        done first a
        done first b
        skipped second x
        at first c

        """)
    two.refresh()
    #expect(two.book.outcome(of: "x", in: "second") == .skipped && two.book.places["first"] == "c")
    // What one wrote earlier does not take the other's place away.
    two.notePlace("d", in: "first")
    one.note(.done, of: "y", in: "second")
    #expect(ProgressKeeper(path: course.progressPath).book.places["first"] == "d")
  }

  @Test func manyShellsAtOnceLoseNothing() async throws {
    let course = try TutorTests.Course()
    let path = course.progressPath
    await withTaskGroup(of: Void.self) { group in
      for shell in 0..<4 {
        group.addTask {
          var keeper = ProgressKeeper(path: path)
          for step in 0..<25 { keeper.note(.done, of: "s\(step)", in: "l\(shell)") }
        }
      }
    }
    let book = ProgressKeeper(path: path).book
    #expect(book.outcomes.values.map(\.count).sorted() == [25, 25, 25, 25])
  }

  @Test func whatIsUnknownIsKept() {
    let text = "# migsh progress 1\ndone a b\nat a c\nstars a b 3\nnonsense\n"
    var book = ProgressBook(text)
    #expect(book.outcome(of: "b", in: "a") == .done && book.places == ["a": "c"])
    book.note(.skipped, of: "b", in: "a")
    #expect(book.text == text)
    // Of points the most counts, and a later version may say more than this one knows.
    var points = ProgressBook("earned x one 150\nearned x one 50\nearned x two -1\nearned x two 3 4\n")
    points.merge(ProgressBook("earned x one 200\n"))
    #expect(points.earnings == ["x": ["one": 200]])
    #expect(points.text == "# migsh progress 1\nearned x one 200\nearned x two -1\nearned x two 3 4\n")
    #expect(ProgressBook("\u{0}\n\n done\nat x\ndone a b c\n").outcomes.isEmpty)
  }

  @Test func aFolderThatCannotBeWrittenIsSaidOnce() throws {
    // A file where a folder should be: no permission is needed for this to fail, not even for root.
    let course = try TutorTests.Course()
    try course.write("", to: "state")
    let learner = try TutorTests.Learner(course)
    let said = learner.type("lesson two-steps")
    #expect(said.contains("progress cannot be kept (") && said.contains("the lesson goes on\n"))
    #expect(said.contains("? What grows with its size?"))
    let rest = learner.type("skip", "skip", "migrate p1 b", "progress")
    #expect(!rest.contains("cannot be kept") && rest.contains("1/2"))
  }

  @Test func aFullDiskIsSaidOnce() throws {
    let course = try TutorTests.Course()
    try FileManager.default.createDirectory(
      atPath: course.folder.path + "/state/migsh", withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: course.progressPath, withDestinationPath: "/dev/full")
    let learner = try TutorTests.Learner(course)
    #expect(learner.type("lesson two-steps").contains("progress cannot be kept ("))
    #expect(!learner.type("skip", "skip", "migrate p1 b").contains("cannot be kept"))
    #expect(learner.type("progress").contains("1/2"))
  }

  /// Ends shells at random moments, in the midst of writing as well.
  @Test func whateverEndsAShellTheFileCanBeRead() throws {
    let course = try TutorTests.Course()
    let script = "lesson two-steps\nskip\nskip\n" + String(repeating: "again\nmigrate p1 b\n", count: 400)
    try course.write(script, to: "script.txt")
    for round in 0..<12 {
      let process = Process()
      process.executableURL = ExitStatusTests.program
      process.arguments = ["lesson", "--lessons", course.folder.path]
      process.environment = ["XDG_STATE_HOME": course.folder.path + "/state"]
      process.standardInput = try FileHandle(forReadingFrom: course.folder.appending(path: "script.txt"))
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      // The last one comes to its end.
      if round < 11 {
        usleep(useconds_t(30_000 + round * 9_000))
        kill(process.processIdentifier, SIGKILL)
      }
      process.waitUntilExit()
      guard let text = try? course.progress() else { continue }
      #expect(text.hasPrefix(ProgressBook.heading + "\n") && text.hasSuffix("\n"))
      #expect(ProgressBook(text).text == text)
    }
    #expect(ProgressKeeper(path: course.progressPath).book.places["two-steps"] == "move")
  }
}
