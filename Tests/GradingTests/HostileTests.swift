import Foundation
import TestSupport
import Testing

/// Grades, as one class, students who would rather break the grader than learn.
@Suite(.serialized) struct HostileTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Hostile")

  /// The program that grades those that take long: a release build, since they use all of a limit.
  static let program = ProcessInfo.processInfo.environment["MIGSH_PROGRAM"]

  private static func submissions(isLong: Bool) throws -> [HostileSubmission] {
    let text = try String(contentsOf: folder.appending(path: "submissions.txt"), encoding: .utf8)
    return HostileSubmission.all(in: text).filter { $0.isLong == isLong }
  }

  @Test func thereAreMany() throws {
    let all = try Self.submissions(isLong: false) + Self.submissions(isLong: true)
    #expect(all.count >= 200)
    #expect(Set(all.map(\.kind)).count >= 24)
    #expect(Set(all.map { "\($0.kind): \($0.name)" }).count == all.count)
  }

  @Test func nothingIsGainedAndNothingBreaks() throws {
    let submissions = try Self.submissions(isLong: false)
    try judge(try HostileClass(submissions, Self.folder).grade(jobs: 2), submissions)
    // The same again, with others beside it.
    let some = try HostileClass(submissions.suffix(20), Self.folder)
    #expect(try some.grade(jobs: 3) == some.grade(jobs: 1))
  }

  @Test(.enabled(if: program != nil)) func limitsHoldThoseThatTakeLong() throws {
    let submissions = try Self.submissions(isLong: true)
    try judge(try HostileClass(submissions, Self.folder).grade(jobs: 2), submissions)
  }

  private func judge(_ lines: [Substring], _ submissions: [HostileSubmission]) throws {
    try #require(lines.count == submissions.count)
    for (line, submission) in zip(lines, submissions) {
      let title = "\(submission.kind): \(submission.name)"
      let report = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(title)")
      #expect(line.utf8.count < 65_536, "\(title)")
      #expect(report["fault"] is NSNull, "\(title)")
      #expect(report["status"] as? String == submission.status, "\(title)")
      #expect(report["total"] as? Double == Double(submission.points), "\(title)")
      #expect(report["max"] as? Double == 10, "\(title)")
      let printable = line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
      #expect(printable, "\(title)")
      guard submission.points < 10 else { continue }
      #expect(!((report["cause"] as? String) ?? (report["statusText"] as? String) ?? "").isEmpty, "\(title)")
    }
  }
}

/// One of them.
private struct HostileSubmission {
  let kind: String
  let name: String
  /// What it earns.
  var points = 0
  var isLong = false
  /// What its report says that it is.
  var status = "graded"
  private let start: String
  private let body: String

  /// What is handed in.
  var bytes: [UInt8] { Array(start.utf8) + Self.expanded(body[...]) }

  /// Those of the data file, which says itself how it is written.
  static func all(in text: String) -> [HostileSubmission] {
    ("\n" + text).components(separatedBy: "\n=== ").dropFirst().map { Self($0) }
  }

  private init(_ part: String) {
    let lines = part.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
    body = lines.count > 1 ? String(lines[1]) : ""
    let title = lines[0].components(separatedBy: " | ")
    kind = String(title[0].prefix { $0 != ":" })
    name = String(title[0].dropFirst(kind.count + 2))
    var isBare = false
    for mark in title.dropFirst().joined(separator: " ").split(separator: " ") {
      if let points = Int(mark) {
        self.points = points
      } else if mark == "long" {
        isLong = true
      } else if mark == "bare" {
        isBare = true
      } else {
        status = String(mark)
      }
    }
    start = isBare || body.contains("@step") ? "" : "@step out\n"
  }

  private static func expanded(_ text: Substring) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = text
    while let start = rest.range(of: "<<"), let times = rest[start.upperBound...].range(of: "*"),
      let count = Int(rest[start.upperBound..<times.lowerBound]),
      var end = rest[times.upperBound...].range(of: ">>")
    {
      if rest[end.upperBound...].first == ">" {
        end = rest.index(after: end.lowerBound)..<rest.index(after: end.upperBound)
      }
      bytes += rest[..<start.lowerBound].utf8
      let part = Array(rest[times.upperBound..<end.lowerBound].utf8)
      let isNumbered = rest[times.upperBound..<end.lowerBound].contains("\\i")
      var once: [UInt8] = []
      append(part, 1, to: &once)
      bytes += once
      for number in 1..<max(1, count) {
        if isNumbered { append(part, number + 1, to: &bytes) } else { bytes += once }
      }
      rest = rest[end.upperBound...]
    }
    return bytes + rest.utf8
  }

  private static func append(_ part: [UInt8], _ number: Int, to bytes: inout [UInt8]) {
    var index = 0
    while index < part.count {
      guard part[index] == UInt8(ascii: "\\"), index + 1 < part.count else {
        bytes.append(part[index])
        index += 1
        continue
      }
      switch part[index + 1] {
      case UInt8(ascii: "n"): bytes.append(UInt8(ascii: "\n"))
      case UInt8(ascii: "i"): bytes += String(number).utf8
      case UInt8(ascii: "x"):
        bytes.append(UInt8(String(decoding: part[(index + 2)..<(index + 4)], as: UTF8.self), radix: 16) ?? 0)
        index += 2
      default: bytes.append(part[index + 1])
      }
      index += 2
    }
  }
}

/// A folder of their submissions, in their order.
private final class HostileClass {
  private let url = FileManager.default.temporaryDirectory.appending(path: "migsh-hostile-\(UUID().uuidString)")
  private let exercise: URL

  init(_ submissions: some Collection<HostileSubmission>, _ folder: URL) throws {
    exercise = folder.appending(path: "exercise.migsh")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    for (number, submission) in submissions.enumerated() {
      try Data(submission.bytes).write(to: url.appending(path: "\(1000 + number).migsh"))
    }
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The lines of the report.
  func grade(jobs: Int) throws -> [Substring] {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: HostileTests.program ?? builtProgram("migsh"))
    process.arguments = ["grade", exercise.path, url.path, "--seed", "1", "--format", "jsonl", "--jobs", "\(jobs)"]
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 1)
    return text.split(separator: "\n")
  }
}
