import CommandLanguage
import Course
import Foundation
import Shell
import TestSupport
import Testing

@testable import QuestionBank

/// What is written is read back by programs of others, and is the same.
@Suite struct ReadBackTests {
  private static let readers = ".build/readers"
  private static let areThere = FileManager.default.fileExists(atPath: readers + "/pygiftparser")

  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let folder = root.appending(path: "Lessons").path

  /// The bank of the course in `Lessons`, with one seed.
  static let one = Result { try shipped(seeds: 1...1) }

  static func shipped(seeds: ClosedRange<UInt64>) throws -> Bank {
    let table = Session { _ in }.table
    let outline = try CourseOutline(folder: folder)
    let lessons = try outline.lessons.map { try Lesson(parsing: try readSource("\(folder)/\($0)"), table: table) }
    return try Bank(
      title: outline.title, lessons: lessons,
      inventory: try Inventory(parsing: try readSource(Inventory.path(inCourse: folder)), table: table), seeds: seeds)
  }

  /// A question as a reader found it.
  private struct Found: Decodable {
    let name: String
    let id: String?
    let category: String?
    let kind: String
    let text: String
    let explanation: String?
    let choices: [[Part]]?
    let value: Double?
    let tolerance: Double?
  }

  private enum Part: Decodable, Equatable {
    case text(String)
    case truth(Bool)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let truth = try? container.decode(Bool.self) {
        self = .truth(truth)
      } else {
        self = .text(try container.decode(String.self))
      }
    }
  }

  private static func read(_ questions: [BankQuestion], _ format: BankFormat) throws -> [Found] {
    let folder = TemporaryDirectory()
    folder.write(format.file(of: questions, title: "A course: é <&>"), to: "bank")
    let script = root.appending(path: "Tests/QuestionBankTests/read_bank.py").path
    let outcome = try run("/usr/bin/python3", [script, format.rawValue, folder.path + "/bank", readers])
    #expect(outcome.status == 0, "\(outcome.error.suffix(2000))")
    return try JSONDecoder().decode([Found].self, from: Data(outcome.output.utf8))
  }

  /// HTML with its references resolved, as the readers give it.
  private static func plain(_ html: String) -> String {
    html.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
      .replacing("&amp;", with: "&")
  }

  private static func check(_ questions: [BankQuestion], _ format: BankFormat) throws {
    let found = try read(questions, format)
    try #require(found.count == questions.count, "\(found.count) of \(questions.count) were read")
    for (question, found) in zip(questions, found) {
      #expect(found.name == question.title)
      #expect(found.text == plain(question.text.html), "\(question.identifier)")
      #expect((found.explanation ?? "") == plain(question.explanation.html), "\(question.identifier)")
      if format != .gift { #expect(found.id == question.identifier) }
      if format == .moodle {
        let path = question.category.map { $0.replacing("/", with: "//") }.joined(separator: "/")
        #expect(found.category == "$course$/top/" + path)
      }
      switch question.answer {
      case .choices(let choices, _):
        #expect(found.kind == "multichoice")
        let expected: [[Part]] = choices.map {
          [
            .text(plain(format == .qti ? $0.text.html : $0.text.inlineHTML)), .truth($0.isRight),
            .text(plain($0.feedback.html)),
          ]
        }
        #expect(found.choices == expected, "\(question.identifier)")
      case .number(let number):
        #expect(found.kind == "numerical")
        #expect(found.value == Double(number.value), "\(question.identifier)")
        #expect(found.tolerance == Double(number.tolerance), "\(question.identifier)")
      }
    }
  }

  @Test(.enabled(if: areThere, "only with readers of others: Scripts/setup all"), arguments: BankFormat.allCases)
  func theCourseIsReadBack(_ format: BankFormat) throws {
    let questions = try Self.one.get().questions
    #expect(questions.count > 120)
    try Self.check(questions, format)
  }

  /// What Moodle cuts off or refuses: names of more than 255 characters, id numbers of more than 100 or in two questions.
  @Test func namesFitIntoMoodle() throws {
    let questions = try Self.one.get().questions
    #expect(questions.allSatisfy { $0.title.count <= 255 && $0.category.allSatisfy { $0.count <= 255 } })
    #expect(questions.allSatisfy { (1...100).contains($0.identifier.count) && !$0.identifier.contains(" ") })
    #expect(Set(questions.map(\.identifier)).count == questions.count)
    #expect(questions.allSatisfy { !$0.text.blocks.isEmpty })
  }

  /// Texts that would end something too early if they were not escaped.
  static let hostile = [
    "]]> and <![CDATA[ and &amp; and &lt;", "<script>alert('x')</script> \"quoted\" 'single'",
    "a = b ~ c # d { e } f : g",
    "{=right ~wrong}#### not general %50% -> matched", "::title:: // no comment", "漢字 é \u{1F600} ж \u{200F}",
    "back\\slash \\n \\= \\\\ $x \\", "`code with <b> & }` **and {stress}**",
  ]

  @Test(.enabled(if: areThere, "only with readers of others: Scripts/setup all"), arguments: BankFormat.allCases)
  func hostileTextIsReadBack(_ format: BankFormat) throws {
    var questions = Self.hostile.enumerated().map { index, text in
      BankQuestion(
        identifier: "q\(index)", category: ["A/B", text.replacing("\\", with: "")],
        // The reader of Moodle's XML takes a name for HTML, so that what has a meaning there would come back as that.
        title: "\(index): = ~ # { } \"é\" :: a < b > c",
        text: RichText(markdown: "\(text)\n- \(text)\n    \(text)\n    \(text)\n\(text)"),
        answer: .choices(
          [false, true, false].enumerated().map { number, isRight in
            BankQuestion.Choice(
              text: RichText(markdown: "\(number) \(text)"), isRight: isRight,
              feedback: RichText(markdown: number == 2 ? "" : text))
          }, isShuffled: index == 1),
        explanation: RichText(markdown: text))
    }
    for (value, tolerance) in [("0", "0"), ("24.04", "4.808"), ("12345", "0.5")] {
      questions.append(
        BankQuestion(
          identifier: "n\(value)", category: ["numbers"], title: "number \(value)",
          text: RichText(markdown: "How many?"),
          answer: .number(BankQuestion.Number(value: value, tolerance: tolerance, unit: "<ms>")),
          explanation: RichText([])))
    }
    try Self.check(questions, format)
  }

  @Test func archivesAreReadBack() throws {
    var archive = ZipArchive()
    let files = [
      "a.txt": Array("123456789".utf8), "b/é.xml": [], "b/c": (0..<70_000).map { UInt8(truncatingIfNeeded: $0) },
    ]
    for (name, content) in files.sorted(by: { $0.key < $1.key }) { archive.add(name, content) }
    // The check value that CRC-32 is published with.
    #expect(ZipArchive.checksum(of: Array("123456789".utf8)) == 0xCBF4_3926)
    let folder = TemporaryDirectory()
    folder.write(archive.bytes, to: "a.zip")
    let script = """
      import sys, zipfile
      with zipfile.ZipFile(sys.argv[1]) as archive:
          assert archive.testzip() is None
          for one in archive.infolist(): print(one.filename, one.file_size, one.date_time[0], sum(archive.read(one)))
      """
    let outcome = try run("/usr/bin/python3", ["-c", script, folder.path + "/a.zip"])
    let sum = files["b/c"]?.reduce(0) { $0 + Int($1) } ?? 0
    #expect(outcome.output == "a.txt 9 1980 477\nb/c 70000 1980 \(sum)\nb/é.xml 0 1980 0\n", "\(outcome.error)")
  }
}
