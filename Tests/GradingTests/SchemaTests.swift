import Foundation
import Shell
import TestSupport
import Testing

@testable import Grading

/// What teachers get as JSON is what its schema says, and the schema says no more. The judge is a validator of others.
@Suite struct SchemaTests {
  /// What the validator finds.
  private static func problems(_ schema: JSON, _ documents: [String]) throws -> String {
    let files = ["schema.json": schema.indented].merging(
      documents.enumerated().map { ("\($0.offset).json", $0.element) }
    ) { first, _ in first }
    let folder = try ClassFolderTests.Folder(files)
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "validate_json.py").path()
    let names = ["schema.json"] + documents.indices.map { "\($0).json" }
    let result = try run(
      "/usr/bin/python3", [script] + names.map { folder.url.appending(path: $0).path }, input: "")
    return result.output + (result.status == 0 ? "" : "status \(result.status)")
  }

  @Test func gradebooksAreWhatTheSchemaSays() throws {
    let full = try GradebookTests.fullBook().text(.json)
    for part in ["\"leftOut\":false", "\"fault\":true", "\"penalty\":0.9", "\"points\":-9"] {
      #expect(full.replacing(": ", with: ":").contains(part), "\(part)")
    }
    let plain = try GradebookTests.book(try GradebookTests.folder()).text(.json)
    #expect(try Self.problems(Gradebook.schema, [full, plain]) == "")
  }

  @Test func changesAreWhatTheSchemaSays() throws {
    let changes = try GradeChangesTests.example().text(.json)
    for part in ["\"old\":null", "\"fault\"", "\"missing\"", "\"verdict\""] { #expect(changes.contains(part)) }
    #expect(try Self.problems(GradeChanges.schema, [changes, try GradeChangesTests.changes([], []).text(.json)]) == "")
  }

  /// The validator does find what does not fit.
  @Test func whatDoesNotFitIsFound() throws {
    let changes = try GradeChangesTests.example().text(.json)
    #expect(try Self.problems(Gradebook.schema, [changes]).contains("Additional properties are not allowed"))
    #expect(
      try Self.problems(GradeChanges.schema, [changes.replacing("\"compared\": 7", with: "\"compared\": -7")])
        .hasPrefix("/compared: -7 is less than the minimum of 0"))
  }
}
