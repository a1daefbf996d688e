import CommandLanguage
import Foundation
import Testing

@testable import Course

@Suite struct LimitTests {
  static var small: GradingLimits {
    var limits = GradingLimits()
    limits.commands = 200
    limits.nodes = 4
    limits.processes = 10
    limits.pages = 1000
    limits.events = 5000
    limits.time = 10_000_000_000
    limits.outputBytes = 10_000
    return limits
  }

  /// An exercise in which nodes may be added.
  static let open = moving.replacing("@setup", with: "@fixed network\n@setup")

  @Test(arguments: [
    ("repeat 1000000000 { now }", "more than 200 commands"),
    ("define f { now }\ndefine f { f; f }\nf", "this goes deeper than 128 levels"),
    ("node add c d e", "more than 4 nodes"),
    ("spawn q --count 10", "more than 10 processes"),
    (
      "program bomb { repeat { fork child { sleep 100s } } }\nspawn q --pages 1 --program bomb\nrun 10ms",
      "more than 10 processes"
    ),
    ("spawn q --pages 1001", "this is not a number of pages"),
    ("program busy { repeat { sleep 1us } }\nspawn q --on b --program busy\nrun 5s", "more than 5000 events"),
    ("run 11s", "that is beyond the end of the clock"),
    ("run until p1.node == b", "gave up waiting for p1.node == b at 10 s"),
    ("repeat 150 { say \"\(String(repeating: "x", count: 100))\" }", "more than 9.766 KiB of output"),
    ("let x = \"xxxxxxxx\"\nrepeat 100 { let x = \"$x$x\" }", "this text is longer than 1 MiB"),
    ("let x = [a]\nrepeat 100 { let x = [$x, $x] }", "this list has more than 100000 elements"),
  ]) func eachHasItsMessage(_ text: String, _ message: String) throws {
    let report = try grade(Self.open, text, limits: Self.small)
    #expect(report.problems.map(\.message) == [message])
    #expect(report.total == 0 && !report.isPassed && report.fault == nil)
  }

  @Test func timeOfTheWallRunsOut() throws {
    var limits = GradingLimits()
    limits.commands = .max
    limits.wallTime = .milliseconds(100)
    let begun = ContinuousClock.now
    let report = try grade(moving, "migrate p1 b\nrepeat 1000000000 { let x = 1 }", limits: limits)
    #expect(ContinuousClock.now - begun < .seconds(10))
    #expect(report.problems.map(\.kind) == ["limit"])
    #expect(report.problems.first?.message == "more than 100 ms of computing")
    // The steps done in time count, but there was no time to try them with further seeds.
    #expect(report.verdicts("move")["at"] == .passed)
    #expect(report.verdicts("move")["whole"] == .unchecked)
  }

  @Test func aProcessOfAThousandfoldSpeedIsStoppedToo() throws {
    var limits = GradingLimits()
    limits.wallTime = .milliseconds(100)
    let begun = ContinuousClock.now
    let report = try grade(
      Self.open,
      "set quantum 600s\nnode add z --speed 1000\nprogram busy { repeat { write 0 } }\n"
        + "spawn q --on z --program busy\nrun 500s", limits: limits)
    #expect(ContinuousClock.now - begun < .seconds(20))
    #expect(report.problems.map(\.message) == ["more than 100 ms of computing"])
  }

  @Test func whatComesAfterALimitIsNotReached() throws {
    let report = try grade(
      GradingTests.journey, "@step out\nmigrate p1 b\nrepeat 300 { now }\n@step back\nmigrate p1 a\n",
      limits: Self.small)
    #expect(report.problems.count == 1 && report.problems.first?.kind == "limit")
    #expect(report.verdicts("out")["away"] == .passed)
    #expect(report.verdicts("back") == ["home": .unchecked, "both": .unchecked, "whole": .unchecked])
    #expect(report.steps.last?.checks.first?.reason == "not reached: more than 200 commands")
  }
}
