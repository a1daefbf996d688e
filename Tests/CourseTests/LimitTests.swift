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

  /// What was undone counts, and so does what copies of the world did: no way round a limit leads back in time.
  @Test(arguments: [
    "repeat 100 { run 1s; undo }",
    "checkpoint c\nrepeat 100 { run 1s; restore c }", "repeat 100 { compare transfer p1 b }",
    "run 1s\nrepeat 100 { step back 3; step 3 }", "repeat 100 { run 1s; undo; redo }",
  ]) func workThatWasUndoneCounts(_ text: String) throws {
    var limits = Self.small
    limits.commands = 100_000
    limits.events = 20_000
    let report = try grade(
      Self.open, "program busy { repeat { sleep 100us } }\nspawn q --on b --program busy\n\(text)", limits: limits)
    #expect(report.problems.map(\.message) == ["more than 20000 events"])
  }

  /// One event may be a hundred thousand steps of a program, so steps have a limit of their own.
  @Test(arguments: ["run 9s", "run until q.node == a", "repeat 9 { run 1s; undo }", "compare transfer q a"])
  func stepsOfProgramsRunOut(_ text: String) throws {
    var limits = Self.small
    (limits.steps, limits.events) = (1_000_000, .max)
    let report = try grade(
      Self.open,
      "set quantum 600s\nnode add z --speed 1000\nprogram busy { repeat { write 0 } }\n"
        + "spawn q --on z --program busy\n\(text)", limits: limits)
    #expect(report.problems.map(\.message) == ["more than 1000000 steps of programs"])
    let use = report.used.first { $0.limit == .steps }
    #expect((use?.used ?? 0) >= 1_000_000 && (use?.used ?? 0) < 1_500_000, "\(use?.used ?? 0)")
  }

  /// An inbox keeps what is sent to it.
  @Test func textsRunOut() throws {
    var limits = Self.small
    (limits.memory, limits.events, limits.commands, limits.outputBytes) = (1 << 20, .max, .max, .max)
    let long = "let x = \"0123456789abcdef\"\nrepeat 8 { let x = \"$x$x\" }\n"
    for flood in [
      "program flood { repeat { send b1 \"\(String(repeating: "x", count: 1000))\" } }\n"
        + "spawn b1 --on b\nspawn f --on a --program flood\nrun 9s",
      long + "spawn b1 --on b\nrepeat 1000 { send p1 b1 $x; run 1ms }",
      "program flood { repeat { print \"\(String(repeating: "x", count: 1000))\" } }\nspawn f --on a --program flood\nrun 9s",
    ] {
      let report = try grade(Self.open, flood, limits: limits)
      #expect(report.problems.map(\.message) == ["more than 1 MiB of texts and pages"], "\(flood.prefix(60))")
    }
  }

  /// What is computed beside the world counts, shown or not, and however many statements it takes.
  @Test(arguments: [
    "define h { ps; spawn p1 }\nrepeat 5000 { expect error { h } }", "repeat 1000 { let x = max($long) }",
    "repeat 1000 { let x = 2 in $long }", "repeat 1000 { let x = [$long] }", "repeat 1000 { for x in $long { } }",
    "let y = \"$long\"\nrepeat 1000 { let x = \"$y$y$y\" }",
    "define h { stats; spawn p1 }\nrepeat 1000 { expect error { h } }",
    "run until \(String(repeating: "count(p1.inbox) + ", count: 100))0 > 1",
    "break when \(String(repeating: "count(p1.inbox) + ", count: 50))0 > 1\nrun 9s",
    "let y = \(String(repeating: "max($long) + ", count: 250))0",
    "send p1 p1 \"x\" --count 10000",
  ]) func effortRunsOut(_ text: String) throws {
    var limits = Self.small
    (limits.effort, limits.commands, limits.events) = (200_000, .max, .max)
    let list = "let long = [\(String(repeating: "1, ", count: 999))1]\n"
    let report = try grade(Self.open, list + text, limits: limits)
    let message = try #require(report.problems.first?.message)
    #expect(message.hasPrefix("more than 200000 units of effort"))
    #expect(report.problems.map(\.kind) == ["limit"] && report.total == 0 && report.fault == nil)
  }

  /// Each state that is kept holds on to the pages that are written after it.
  @Test func keptPagesRunOut() throws {
    var limits = Self.small
    (limits.memory, limits.events, limits.checkpoints) = (1 << 20, .max, 100)
    let report = try grade(
      Self.open,
      "program w { repeat { write 0..999 } }\nspawn q --pages 1000 --program w\n"
        + "let n = 0\nrepeat 90 { let n = $n + 1; run 1ms; checkpoint \"c$n\" }", limits: limits)
    #expect(report.problems.map(\.message) == ["more than 1 MiB of texts and pages"])
  }

  @Test func checkpointsRunOut() throws {
    var limits = Self.small
    limits.checkpoints = 10
    let report = try grade(Self.open, "let n = 0\nrepeat 20 { let n = $n + 1; checkpoint \"c$n\" }", limits: limits)
    #expect(report.problems.map(\.message) == ["more than 10 checkpoints"])
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
