import CommandLanguage
import Shell
import Testing

@testable import Course

@Suite struct PlayTests {
  @Test func showsEverythingInOrder() throws {
    let (output, status) = try play(
      """
      @lesson one "One"
      @param pages 10..21
      | There are $pages pages.
      @setup
      node add a b
      spawn p1 --on a --pages $pages
      @ask sent "How many pages go?"
      @answer p1.migration.pagesSent
      @step move
      | Move it.
      |
      | Now.
      @check at p1.node == b
      @forbid node-failed
      @solution
      migrate p1 b --async
      run 100ms
      @explain It is on $(p1.node).
      | There.
      """)
    #expect(status == .success)
    #expect(
      output == """
        One
        ===

        There are 15 pages.

        ? How many pages go?

        [1/1] move

        Move it.

        Now.

        > migrate p1 b --async
        migration 1: p1 from a to b, total-freezing, negotiating
          phase          negotiating, 0 ns since the decision
          pages sent     0, 0 B
          process state  0 B
          control        1 packet, 51 B
        > run 100ms
        it is 100 ms

        = How many pages go? 15

        passed  at
        passed  no node-failed

        It is on b. There.

        """)
  }

  static func single(_ parts: String) -> String { "@lesson one \"One\"\n@setup\nnode add a b\n@step s\n" + parts }

  @Test func aFailedCheckSaysWhatWasFound() throws {
    let (output, status) = try play(
      Self.single("@check up a.up and b.up \"$(count(cluster.nodes)) are to be up\"\n@solution\nfail b"))
    #expect(status == .failed)
    #expect(output.contains("failed  up: 2 are to be up; expected a.up and b.up; found a.up is true, b.up is false\n"))
  }

  @Test func whatIsForbiddenIsFoundInTheLog() throws {
    let text = """
      @lesson one "One"
      @setup
      node add a b
      fail b
      recover b
      @step s
      @check up b.up
      @forbid node-failed
      @solution
      run 1s
      fail a
      recover a
      fail b
      recover b
      """
    let (output, status) = try play(text)
    #expect(status == .failed)
    let told = "failed  no node-failed: expected not once: a node failed; found 2 times"
    #expect(output.contains(told + "; first at 1 s on a: the node failed\n"))
    // The log may have dropped the event, but the session still knows that it happened.
    let dropped = try play(text.replacing("run 1s", with: "run 1s\nset log-size 0"))
    #expect(dropped.status == .failed && dropped.output.contains(told + "\n"))
    #expect(try play(text.replacing("fail a\nrecover a\nfail b\nrecover b", with: "now")).status == .success)
  }

  @Test func whatCannotBeWorkedOutIsNeitherPassedNorFailed() throws {
    let (output, status) = try play(Self.single("@check who p9.node == b\n@solution\nnow"))
    #expect(status == .failed)
    #expect(output.contains("could not be checked  who: nothing here is called `p9`\n"))
  }

  @Test func aRefusedSolutionEndsTheLesson() throws {
    let (output, status) = try play(Self.single("@check up a.up\n@solution\nfail c\n@step t\n@solution"))
    #expect(status == .refused)
    #expect(output.contains("lesson:7:6: error: there is no node `c`"))
    #expect(!output.contains("passed") && !output.contains("[2/2]"))
  }

  @Test func aRefusedSetupEndsTheLesson() throws {
    let (output, status) = try play("@lesson one \"One\"\n@setup\nfail c\n@step s\n@solution")
    #expect(status == .refused)
    #expect(output.contains("lesson:3:6: error: there is no node `c`") && !output.contains("[1/1]"))
  }

  @Test func proseThatCannotBeWorkedOutIsAnError() throws {
    let (output, status) = try play(Self.single("| It is on $(p1.node).\n@solution"))
    #expect(status == .refused)
    #expect(output.contains("lesson:5:14: error: nothing here is called `p1`"))
  }

  @Test func asDataEachPartIsALine() throws {
    let (output, status) = try play(
      Self.single("| Prose\n@check up a.up \"\"\n@check down not b.up\n@solution\nnow\n@explain So"), format: .json)
    #expect(status == .failed)
    let lines = output.split(separator: "\n")
    #expect(lines.allSatisfy { $0.hasPrefix("{\"v\":1,\"place\":\"lesson:") && $0.hasSuffix("\"error\":null}") })
    #expect(lines.count == 8)
    #expect(
      lines.contains {
        $0.contains("\"place\":\"lesson:7\"") && $0.contains("\"ok\":false")
          && $0.contains("\"check\":{\"name\":\"down\",\"verdict\":\"failed\"")
      })
    #expect(lines.last?.contains("\"data\":{\"explanation\":\"So\"}") == true)
  }

  @Test func parametersComeFromTheSeed() throws {
    let lesson = try lesson(moving)
    var seen: Set<Int64> = []
    for seed: UInt64 in 1...50 {
      var session = Session { _ in }
      let value = try #require(Stage(lesson, seed: seed, in: &session).values.first?.value)
      #expect((8...64).contains(value))
      var other = Session { _ in }
      #expect(Stage(lesson, seed: seed, in: &other).values.first?.value == value)
      seen.insert(value)
    }
    #expect(seen.count > 20)
  }
}
