import CommandLanguage
import Testing

@testable import Course

@Suite struct ProverTests {
  @Test func provesAGoodExercise() throws { #expect(try prove(moving) == []) }

  @Test func doingNothingMustNotPass() throws {
    let problems = try prove(
      moving.replacing("p1.node == b", with: "p1.node == a").replacing("migrate p1 b", with: "now")
        .replacing("@check whole p1.migration.pagesSent == $pages hidden seeds 3\n", with: ""))
    #expect(problems.count == 1)
    #expect(problems.first?.contains("lesson:9:1: error: doing nothing passes the check `at`") == true)
    #expect(problems.first?.contains("with seed 1: pages ") == true)
  }

  @Test func solutionsMustPassWithEverySeed() throws {
    let problems = try prove(moving.replacing("p1.node == b", with: "p1.node == b and $pages < 20"), seeds: 1...10)
    #expect(problems.count == 1)
    #expect(problems.first?.contains("lesson:9:1: error: the solution does not pass `at`: failed") == true)
    let refused = try prove(moving.replacing("migrate p1 b", with: "migrate p1 c"))
    #expect(refused.count == 1 && refused.first?.hasPrefix("lesson:13:12: error: there is no node `c`") == true)
    let setup = try prove(moving.replacing("run 10ms", with: "fail c"))
    #expect(setup.count == 1 && setup.first?.hasPrefix("lesson:6:6: error: there is no node `c`") == true)
  }

  @Test(arguments: [
    ("| Where $(p2.node) is", "lesson:8:11: error: nothing here is called `p2`"),
    ("| It has 4 KiB.", "lesson:8:10: error: `4 KiB` is a quantity that nothing works out"),
    ("| It takes 10ms or more.", "lesson:8:12: error: `10ms` is a quantity"),
    ("| At most 20% of `10 ms`", "lesson:8:11: error: `20%` is a quantity"),
    ("| Half of `10 ms`", "lesson:8:12: error: `10 ms` is a quantity"),
    ("| " + String(repeating: "x", count: 119), "lesson:8:3: error: this line is 121 characters wide"),
    ("@hint It takes 10ms", "lesson:8:16: error: `10ms` is a quantity"),
    ("@hint See $(p2.node)", "lesson:8:13: error: nothing here is called `p2`"),
  ]) func proseIsChecked(_ line: String, _ start: String) throws {
    let problems = try prove(moving.replacing("| Move `p1` to `b`.", with: line))
    #expect(problems.contains { $0.hasPrefix(start) }, "\(problems)")
  }

  @Test(arguments: [
    "| Use `run 10ms` and `migrate p1 b --downtime 5ms`, as $(10ms) says; 3 pages, p1s, 2 samples, $(20%) of b1.",
    "| " + String(repeating: "x", count: 118),
  ]) func goodProseIsNot(_ line: String) throws {
    #expect(try prove(moving.replacing("| Move `p1` to `b`.", with: line)) == [])
  }

  @Test func whatIsShownFitsToo() throws {
    let problems = try prove(
      moving.replacing("| Move `p1` to `b`.", with: "| " + String(repeating: "$(p1.digest)", count: 8)))
    #expect(problems.count == 1)
    #expect(
      problems.first?.contains("lesson:8:3: error: this shows 128 characters on a line that cannot be wrapped") == true)
  }
}
