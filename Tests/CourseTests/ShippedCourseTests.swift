import CommandLanguage
import Foundation
import Shell
import Testing

@testable import Course

/// The course in `Lessons` keeps what it promises.
@Suite struct ShippedCourseTests {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let folder = root.appending(path: "Lessons").path

  static func lessons() throws -> [Lesson] {
    try CourseOutline(folder: folder).lessons.map {
      try Lesson(parsing: try readSource("\(folder)/\($0)", name: $0), table: table)
    }
  }

  @Test func everyFileIsInTheOutline() throws {
    let files = try FileManager.default.subpathsOfDirectory(atPath: Self.folder).filter { $0.hasSuffix(".migsh") }
    #expect(Set(files) == Set(try CourseOutline(folder: Self.folder).lessons))
    #expect(CourseOutline.mistakes(inOrder: try Self.lessons()) == [])
  }

  @Test func everyLessonIsProved() throws {
    for lesson in try Self.lessons() {
      var prover = Prover(lesson)
      #expect(prover.prove().map(\.text) == [], "\(lesson.name)")
    }
  }

  @Test func everyLessonPlays() throws {
    for lesson in try Self.lessons() {
      var session = Session { _ in }
      session.checkInvariants()
      #expect(lesson.play(in: &session) == .success, "\(lesson.name)")
    }
  }

  @Test func orderIsChecked() throws {
    let one = try lesson(moving.replacing("@lesson moving \"Moving\"", with: "@lesson moving \"Moving\" needs first"))
    let two = try lesson(moving)
    let mistakes = CourseOutline.mistakes(inOrder: [one, two]).map(\.message)
    #expect(
      mistakes == [
        "`moving` needs `first`, and no lesson before it has that name", "there is a lesson `moving` already",
      ])
  }

  @Test(arguments: [
    ("title: T\nlessons: [a.migsh, b.migsh]", nil), ("lessons: []", "`title` is missing"),
    ("title: T\nlessons: 3", "`lessons` is not what it should be"),
    ("title: T\nlessons: [a, a]", "`a` is listed twice"), ("title: [", ""), ("", ""),
  ]) func outlines(_ text: String, _ mistake: String?) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "migsh-outline-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(text.utf8).write(to: folder.appending(path: "course.yaml"))
    guard let mistake else {
      #expect(try CourseOutline(folder: folder.path).lessons == ["a.migsh", "b.migsh"])
      return
    }
    let error = #expect(throws: CourseOutline.Mistake.self) { try CourseOutline(folder: folder.path) }
    #expect(error?.description.hasPrefix("\(folder.path)/course.yaml: ") == true)
    #expect(error?.description.hasSuffix(mistake) == true, "\(error?.description ?? "")")
  }
}
