import CommandLanguage
import Foundation
import Testing

@testable import Course

/// A submission can change its score only by changing the world.
@Suite struct TamperingTests {
  /// The checks of `moving` that fail when `p1` was not moved, whatever else a submission tries.
  @Test(arguments: [
    "define at { now }\ndefine whole { now }\ndefine move { now }", "let pages = 0\nlet at = true\nlet p1 = b",
    "let b = a", "quit", "set format json", "set log-size 0\nset message-history 0\nset undo-depth 0", "undo", "undo 2",
    "step back", "step back 3", "run 1ms; step back 9", "repeat 3 { step back }", "break on migration\nrun 1s",
    "checkpoint x\nrestore x", "expect error { migrate p1 z }", "node add c\nnode remove b", "set seed 3", "reset",
    "reset\nnode add a b\nspawn p1 --on b --pages 1", "define again { reset }\nagain", "repeat 1 { reset }",
    "program counter { exit }", "node remove b\nnode add running\nspawn b --on running", "kill p1\nspawn p2 --on b",
    "if true { fail a }", "source ada.migsh", "save ada.migsh", "node remove b\nnode add b",
  ]) func nothingIsGained(_ text: String) throws {
    let report = try grade(moving, text)
    #expect(report.verdicts("move")["at"] != .passed)
    #expect(report.verdicts("move")["whole"] != .passed)
    #expect(report.total == 0 && report.fault == nil && !report.isPassed)
  }

  @Test(arguments: [
    ("reset", "`reset` cannot be used here"),
    ("set seed 3", "the seed cannot change once the world has drawn from it"), ("undo", "there is nothing to undo"),
    ("step back", "there is nothing to go back to"),
    ("save x", "no file may be written here"), ("export map x.svg", "no file may be written here"),
    ("source /etc/passwd", "this file may not be read here"),
  ]) func isRefused(_ command: String, _ message: String) throws {
    #expect(try grade(moving, command).problems.map(\.message) == [message])
    // Nor before anything was drawn.
    let empty = moving.replacing("spawn p1 --on a --pages $pages\nrun 10ms\n", with: "")
    #expect(try grade(empty, command).problems.map(\.message) == [message])
  }

  @Test func quittingEndsThePartAlone() throws {
    let report = try grade(
      GradingTests.journey, "@step out\nmigrate p1 b\nquit\nmigrate p1 c\n@step back\nmigrate p1 a\nmigrate p2 a")
    #expect(report.isPassed)
  }

  /// An exercise that forbids nothing that is undone.
  static let kept = GradingTests.journey.replacing("@forbid node-failed", with: "@forbid node-failed kept")

  @Test func whatIsUndoneDidNotHappen() throws {
    let report = try grade(
      Self.kept,
      """
      @step out
      fail b
      undo
      checkpoint before
      fail c
      restore before
      migrate p1 b
      @step back
      undo 1
      """)
    #expect(report.steps.first?.earned == 300)
    #expect(report.problems.map(\.message) == ["there is nothing to undo"])
  }

  /// As far as `undo` goes `step back` goes, and no further.
  @Test func whatIsSteppedBackDidNotHappen() throws {
    let report = try grade(
      Self.kept,
      """
      @step out
      fail b
      step back
      migrate p1 b
      @step back
      step back
      """)
    #expect(report.steps.first?.earned == 300)
    #expect(report.problems.map(\.message) == ["there is nothing to go back to"])
    let forbidden = try grade(GradingTests.journey, "@step out\nfail c\nrun 1ms\nstep back 0\nmigrate p1 b")
    #expect(forbidden.problems.isEmpty)
    #expect((forbidden.steps.first?.earned ?? 300) < 300)
  }

  /// A breakpoint of a student stops the student's commands, and no setup.
  @Test func breakpointsStopNoSetup() throws {
    let slow = GradingTests.journey.replacing("arrival\n@step back", with: "arrival\nrun 50ms\n@step back")
      .replacing("@check both", with: "@check waited p2.age >= 50ms\n@check both")
    let report = try grade(slow, "@step out\nmigrate p1 b\nexpect now < 60ms\nbreak when now >= 60ms\n@step back\nnow")
    #expect(report.problems.isEmpty)
    #expect(report.verdicts("back")["waited"] == .passed)
  }

  @Test func checkpointsOfAnEarlierStepAreGone() throws {
    let report = try grade(
      GradingTests.journey, "@step out\ncheckpoint x\nmigrate p1 b\n@step back\nrestore x\nmigrate p2 a")
    #expect(report.problems.map(\.message) == ["there is no checkpoint `x`"])
    #expect(report.verdicts("back")["home"] == .failed)
  }

  @Test func setupsGoByWhatTheExerciseDefined() throws {
    let report = try grade(
      GradingTests.journey,
      """
      @step out
      define arrival { spawn p2 --on a --pages 1 }
      let pages = 1
      migrate p1 b
      @step back
      expect $pages >= 8 "the parameters are back"
      migrate p1 a
      """)
    #expect(report.problems.isEmpty)
    #expect(report.verdicts("back") == ["home": .passed, "both": .failed, "whole": .failed])
  }

  @Test func aSetupThatTheWorldHindersIsNoFault() throws {
    let report = try grade(GradingTests.journey, "@step out\nmigrate p1 b\nrun 1s\nfail c\n")
    #expect(report.fault == nil)
    #expect(report.verdicts("back") == ["home": .unchecked, "both": .unchecked, "whole": .unchecked])
    #expect(report.steps.last?.checks.first?.reason == "the step could not be set up: node `c` is down")
  }

  @Test func onlyFilesThatCameWithTheSubmissionCanBeRead() throws {
    let files = ["parts/move.migsh": "source there.migsh\n", "parts/there.migsh": "migrate p1 b\n"]
      .mapValues { Array($0.utf8) }
    #expect(try grade(moving, "source parts/move.migsh", files: files).isPassed)
    #expect(try grade(moving, "source parts/../parts/./move.migsh", files: files).isPassed)
    for path in [
      "there.migsh", "../parts/move.migsh", "/parts/move.migsh", "parts/../../parts/move.migsh", "/dev/zero", ".", "",
    ] {
      let report = try grade(moving, "source \"\(path)\"", files: files)
      #expect(report.total == 0 && report.problems.count == 1, "\(path)")
    }
    #expect(try grade(moving, "save own.migsh", files: files).problems.count == 1)
    #expect(!FileManager.default.fileExists(atPath: "own.migsh"))
  }
}
