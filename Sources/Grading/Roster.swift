import CommandLanguage
import Course
import Shell

/// Who is in a class: a CSV file whose first line names the columns `id`, `section` and `file`. Only the first must
/// be there.
public struct Roster: Sendable {
  /// One student.
  public struct Student: Sendable, Equatable {
    /// In normalisation form C.
    public let id: String
    /// The section, if the roster has it.
    public let section: String?
    /// The name of the submission, where it is not that of the student.
    public let file: String?
  }

  /// What is wrong with a roster.
  public typealias Mistake = ClassFileMistake

  /// In the order of the file.
  public let students: [Student]

  /// - Parameter source: the text of the CSV file.
  public init(_ source: SourceText) throws(Mistake) {
    let table = try CSVTable(source, needing: ["id"])
    var students: [Student] = []
    var seen: Set<String> = []
    for row in table.rows {
      guard let name = row["id"].map(normalised) else { throw row.mistake("there is no id") }
      guard seen.insert(name).inserted else { throw row.mistake("\(name) is there twice") }
      students.append(Student(id: name, section: row["section"], file: row["file"]))
    }
    self.students = students
  }
}
