import CommandLanguage
import Course
import Foundation
import Shell
import TestSupport
import Testing

@testable import CourseSite

/// The folder of this repository.
let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

/// The course that comes with migsh.
let shippedCourse = repository.appending(path: "Lessons").path

func lesson(_ text: String) throws -> Lesson {
  try Lesson(parsing: SourceText(name: "lesson", text: text), table: Session { _ in }.table)
}

/// A folder with a small course: a lesson, its exercise and a handout of those that come with migsh. It is removed with the
/// value.
final class SmallCourse {
  let directory = TemporaryDirectory()
  var folder: String { directory.path }

  init() throws {
    mkdir(folder + "/exercises", 0o700)
    for name in ["pretransfer.migsh", "exercises/race.migsh"] {
      let text = try String(contentsOfFile: "\(shippedCourse)/\(name)", encoding: .utf8)
      // Three checks whose texts name what only the set-up knows, and a student must find out.
      let alone = text.replacing(" needs total-freezing\n", with: "\n")
        .replacing("\"one of the two that pre-transfer helps should", with: "\"$w2 should")
        .replacing("\"the other of the two should", with: "\"$w3 should")
        .replacing("\"no page of the third one should", with: "\"no page of $w1 should")
      directory.write(Array(alone.utf8), to: name)
    }
    directory.write(
      Array("title: A small course\nlessons:\n  - pretransfer.migsh\n  - exercises/race.migsh\n".utf8),
      to: "course.yaml")
    directory.write(
      Array("statements:\n  37: It travels while the process runs.\n  99: This is taught nowhere.\n".utf8),
      to: "statements.yaml")
    directory.write(Array(Self.handouts.utf8), to: "handouts.yaml")
  }

  static let handouts = """
    handouts:
      freezing:
        title: Total freezing
        lesson: pretransfer
        script: |
          node add a b
          spawn p1 --on a --pages 100
          migrate p1 b
        picture: timeline
        idea: Stop `p1`, *send* it, start it.
        formula: |
          **time = pages ÷ rate**

          Measured: $(p1.migration.freezeTime).
        price: It sent $(p1.migration.pagesSent) pages.
        break: More pages.
        mend: A faster line.
    """

  /// All of it, played.
  func play() throws -> PlayedCourse { try CourseSource(folder: folder).play() }
}

extension [SitePage] {
  /// The text of a page.
  func page(_ path: String) throws -> String { try #require(first { $0.path == path }, "no \(path)").text }
}

/// What the checker of pages finds in a folder; empty when all is well.
func problems(in folder: String, lessons: [String]) throws -> String {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments =
    ["python3", repository.appending(path: "Tests/CourseSiteTests/check_pages.py").path, folder] + lessons
  let output = Pipe()
  process.standardOutput = output
  process.standardError = output
  try process.run()
  let text = try output.fileHandleForReading.readToEnd() ?? Data()
  process.waitUntilExit()
  return String(decoding: text, as: UTF8.self)
}
