import Foundation
import TestSupport
import Testing

/// What a process can do that grades a submission, tried from inside it.
@Suite struct IsolationTests {
  private func probe(_ attempt: String) throws -> [String] {
    try run(builtProgram("isolation-probe"), [attempt]).output.split(separator: "\n").map(String.init)
  }

  @Test func nothingOutsideIsWithinReach() throws {
    let lines = try probe("calls")
    #expect(lines.contains { $0.hasSuffix("(rlimits)") })
    #expect(lines.contains { $0.hasSuffix("(seccomp)") })
    let attempts = lines.filter { $0.contains(": ") }
    #expect(attempts.count == 14)
    for attempt in attempts { #expect(attempt.contains(": refused ("), "\(attempt)") }
    #expect(!FileManager.default.fileExists(atPath: "/tmp/migsh-isolation-probe"))
  }

  @Test(arguments: [
    ("memory", "out of memory"), ("computing", "timed out"), ("waiting", "timed out"), ("results", "too much"),
    ("exit", "died: 7 "), ("silence", ""),
  ]) func whateverItDoesHasAnEnd(_ attempt: String, _ ending: String) throws {
    #expect(try probe(attempt).first ?? "" == ending)
  }

  @Test func aCrashHasLastWords() throws {
    let line = try probe("crash").first ?? ""
    #expect(line.hasPrefix("died: 1") && line.contains("this is a crash"), "\(line)")
  }
}
