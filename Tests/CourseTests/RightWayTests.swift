import CommandLanguage
import Shell
import Testing

@testable import Course

/// In the exercise `right-way` every wrong choice costs the points that it should.
@Suite struct RightWayTests {
  /// The report on a submission with only one part.
  static func report(_ step: String, _ part: String, seed: UInt64 = 3) throws -> GradeReport.Step {
    let file = "exercises/right-way.migsh"
    let exercise = try Lesson(
      parsing: try readSource("\(ShippedCourseTests.folder)/\(file)", name: file), table: table)
    let text = SourceText(name: "ada.migsh", text: "@step \(step)\n\(part)\n")
    let submission = Submission(student: "ada", text: .success(text), folder: "/nonexistent", for: exercise)
    let report = try Grader(exercise).grade(submission, seed: seed)
    #expect(report.problems.isEmpty && report.fault == nil)
    #expect(report.steps.allSatisfy { $0.name == step || $0.earned == 0 })
    return try #require(report.steps.first { $0.name == step })
  }

  static let come = "run until news.migration.totalTime != none"

  /// A part of a submission, and the checks of its step that it fails.
  static let wrong: [(step: String, part: String, failed: Set<String>)] = [
    ("nightly", "migrate nightly b --pretransfer", ["once"]),
    ("nightly", "migrate nightly b --pretransfer --downtime 1s", ["once"]),
    ("nightly", "migrate nightly b --hybrid; run 1s", ["once", "whole"]),
    ("nightly", "migrate nightly b --on-reference; run 1s", ["whole"]),
    ("nightly", "migrate nightly b --on-reference --push; run 1s", ["whole"]),
    ("nightly", "migrate nightly b; kill nightly", ["at", "working", "no process-killed"]),
    ("desk", "migrate desk b --total-freezing", ["brief"]),
    ("desk", "migrate desk b --total-freezing --zero-marks", ["brief"]),
    ("desk", "migrate desk b --pretransfer --max-rounds 1", ["brief"]),
    ("desk", "migrate desk b --pretransfer --bandwidth 5Mbps", ["brief"]),
    ("desk", "migrate desk b --hybrid; run 1s", ["whole"]),
    ("desk", "migrate desk b --on-reference --push; run 1s", ["whole"]),
    ("desk", "migrate desk b --pretransfer; freeze desk", ["working"]),
    ("index", "migrate index b --total-freezing; run 1s", ["brief", "little", "working"]),
    ("index", "migrate index b --total-freezing --zero-marks; run 1s", ["brief", "little", "working"]),
    ("index", "migrate index b --pretransfer; run 1s", ["little", "working"]),
    ("index", "migrate index b --hybrid; run 1s", ["little", "working"]),
    ("index", "migrate index b --on-reference --push; run 1s", ["little", "working"]),
    ("index", "migrate index b --on-reference", ["working"]),
    ("news", "migrate news b --total-freezing; fail a; run 2s", ["brief"]),
    ("news", "migrate news b --pretransfer; fail a; run 2s", ["brief", "thrifty", "any"]),
    ("news", "migrate news b --hybrid; \(come); fail a; run 2s", ["thrifty", "any"]),
    ("news", "migrate news b --on-reference; run 100ms; fail a; run 2s", ["at", "soon", "alive", "any"]),
    ("news", "migrate news b --on-reference; \(come); fail a; run 2s", ["soon", "any"]),
    ("news", "migrate news b --on-reference --push; fail a; run 2s", ["at", "soon", "alive", "any"]),
    ("news", "migrate news b --on-reference --push; run 2s", ["off"]),
  ]

  @Test(arguments: wrong) func wrongWaysCost(_ step: String, _ part: String, _ failed: Set<String>) throws {
    let report = try Self.report(step, part)
    let found = report.checks.filter { $0.verdict != .passed }.map(\.name)
    #expect(Set(found) == failed, "\(step): \(part)")
    let earning = report.checks.filter { !$0.isGuard }.count
    let isForbidden = failed.contains { $0.hasPrefix("no ") }
    let passed = max(0, earning - failed.count)
    #expect(report.earned == (isForbidden ? 0 : report.points * 100 * passed / earning))
  }

  /// Other ways that do what the task says get full points too.
  @Test(arguments: [
    ("nightly", "migrate nightly b"), ("nightly", "migrate nightly b --zero-marks"),
    ("nightly", "freeze nightly; migrate nightly b --pretransfer; resume nightly"),
    ("desk", "migrate desk b --pretransfer --downtime 20ms"), ("desk", "migrate desk b --pretransfer --max-rounds 4"),
    ("index", "migrate index b --on-reference --prefetch 16; run 2s"),
    ("news", "migrate news b --on-reference --push --prefetch 8; run 900ms; fail a; run 2s"),
  ]) func rightWaysAreWorthTheSame(_ step: String, _ part: String) throws {
    let report = try Self.report(step, part)
    #expect(report.earned == report.points * 100, "\(step): \(part): \(report.checks.filter { $0.verdict != .passed })")
  }
}
