import CommandLanguage
import Shell

/// Who is in a class: a CSV file whose first line names the columns `id`, `section` and `file`, of which only the first
/// must be there.
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
  public struct Mistake: Error, CustomStringConvertible {
    /// In words.
    public let description: String
  }

  /// In the order of the file.
  public let students: [Student]

  /// - Parameter source: the text of the CSV file.
  public init(_ source: SourceText) throws(Mistake) {
    let rows = try Self.rows(of: source)
    guard let header = rows.first else { throw Mistake(description: "\(source.name) is empty") }
    let columns = header.fields.map { $0.lowercased() }
    guard let id = columns.firstIndex(of: "id") else {
      throw Mistake(description: "\(source.name): the first line names no column `id`")
    }
    let (section, file) = (columns.firstIndex(of: "section"), columns.firstIndex(of: "file"))
    var students: [Student] = []
    var seen: Set<String> = []
    for row in rows.dropFirst() {
      guard row.fields.count == columns.count else {
        throw Mistake(
          description: "\(source.name):\(row.line): \(counted(row.fields.count, "field")) in place of \(columns.count)")
      }
      func field(_ column: Int?) -> String? {
        guard let column, !row.fields[column].isEmpty else { return nil }
        return row.fields[column]
      }
      guard let name = field(id).map(normalised) else {
        throw Mistake(description: "\(source.name):\(row.line): there is no id")
      }
      guard seen.insert(name).inserted else {
        throw Mistake(description: "\(source.name):\(row.line): \(name) is there twice")
      }
      students.append(Student(id: name, section: field(section), file: field(file)))
    }
    self.students = students
  }

  /// The rows of a CSV text (RFC 4180), each with the number of its line. Empty lines are none.
  private static func rows(of source: SourceText) throws(Mistake) -> [(line: Int, fields: [String])] {
    var rows: [(line: Int, fields: [String])] = []
    var (fields, field, line, start): ([String], String, Int, Int) = ([], "", 1, 1)
    var (isQuoted, isBegun) = (false, false)
    var rest = Substring(source.text)
    func endRow() {
      if isBegun || !fields.isEmpty { rows.append((start, fields + [field.trimmed])) }
      (fields, field, isBegun) = ([], "", false)
    }
    while let character = rest.popFirst() {
      switch character {
      case "\"" where isQuoted && rest.first == "\"":
        rest.removeFirst()
        field.append("\"")
      case "\"" where isQuoted || field.trimmed.isEmpty: (isQuoted, isBegun) = (!isQuoted, true)
      case "," where !isQuoted:
        fields.append(field.trimmed)
        (field, isBegun) = ("", true)
      case "\n", "\r\n":
        line += 1
        guard isQuoted else {
          endRow()
          start = line
          continue
        }
        field.append("\n")
      default:
        field.append(character)
        if character != " " { isBegun = true }
      }
    }
    guard !isQuoted else { throw Mistake(description: "\(source.name):\(start): a quotation mark is not closed") }
    endRow()
    return rows
  }
}

extension String {
  fileprivate var trimmed: String {
    var part = self[...]
    while part.first == " " || part.first == "\t" { part.removeFirst() }
    while part.last == " " || part.last == "\t" { part.removeLast() }
    return String(part)
  }
}
