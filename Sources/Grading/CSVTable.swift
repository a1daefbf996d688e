import CommandLanguage
import Course
import Shell

/// What is wrong with a file about a class, such as a roster or results of grading.
public struct ClassFileMistake: Error, Equatable, CustomStringConvertible {
  /// In words.
  public let description: String

  /// - Parameter description: in words.
  public init(_ description: String) { self.description = description }
}

/// A CSV file whose first line names its columns.
struct CSVTable {
  /// A line of the file.
  struct Row {
    fileprivate let table: String
    let line: Int
    private let fields: [String: String]

    fileprivate init(_ source: SourceText, line: Int, _ fields: [(String, String)]) {
      table = source.name
      self.line = line
      self.fields = Dictionary(fields) { first, _ in first }
    }

    /// What stands in a column; nil when that is nothing, or when the file has no such column.
    subscript(_ column: String) -> String? { fields[column].flatMap { $0.isEmpty ? nil : $0 } }

    /// Where it is, as in `changes.csv:3`.
    var place: String { "\(table):\(line)" }

    func mistake(_ text: String) -> ClassFileMistake { ClassFileMistake("\(place): \(text)") }
  }

  let columns: [String]
  let rows: [Row]

  /// - Parameter needed: the columns that must be there.
  init(_ source: SourceText, needing needed: [String]) throws(ClassFileMistake) {
    let records = try Self.records(of: source)
    guard let header = records.first else { throw ClassFileMistake("\(source.name) is empty") }
    let columns = header.fields.map { $0.lowercased() }
    self.columns = columns
    if let missing = needed.first(where: { !columns.contains($0) }) {
      let line = columns.joined(separator: ",").cut(toBytes: 100)
      throw ClassFileMistake(
        "\(source.name): the first line names no column `\(missing)`; it is `\(line)`, and columns are parted by commas"
      )
    }
    var rows: [Row] = []
    for record in records.dropFirst() {
      guard record.fields.count == columns.count else {
        throw ClassFileMistake(
          "\(source.name):\(record.line): \(counted(record.fields.count, "field")) in place of \(columns.count)")
      }
      rows.append(Row(source, line: record.line, Array(zip(columns, record.fields))))
    }
    self.rows = rows
  }

  /// The rows of a CSV text (RFC 4180), each with the number of its line. Empty lines are none.
  fileprivate static func records(of source: SourceText) throws(ClassFileMistake) -> [(line: Int, fields: [String])] {
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
    guard !isQuoted else { throw ClassFileMistake("\(source.name):\(start): a quotation mark is not closed") }
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
