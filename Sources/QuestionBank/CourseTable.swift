import CommandLanguage
import Course
import Shell

/// Which lessons teach which statements of the course, and touch which knowledge units of a curriculum.
public struct CourseTable: Sendable {
  /// How it is written.
  public enum Format: String, Sendable, CaseIterable {
    case text, markdown, csv, json
  }

  /// A statement or a unit, and the lessons for it.
  struct Row: Sendable, Equatable {
    /// A statement's number, a unit's code.
    let key: String
    let text: String
    /// For a statement the steps that teach it, such as `pretransfer/move`; for a unit lessons.
    let places: [String]
  }

  /// The statements, in their order.
  let statements: [Row]
  /// The knowledge units, in the order of the curriculum.
  let units: [Row]
  private let report: String?

  /// - Parameters:
  ///   - index: the statements, with the steps of all lessons entered.
  ///   - curriculum: nil when the course names none.
  public init(index: CourseIndex, curriculum: Curriculum?) {
    statements = index.entries.map { Row(key: String($0.number), text: $0.text, places: $0.steps) }
    units = (curriculum?.units ?? []).map {
      Row(key: $0.code, text: "\($0.area), \($0.name): \($0.touches)", places: $0.lessons)
    }
    report = curriculum.map { "\($0.report), doi:\($0.doi)" }
  }

  /// The table, with a newline at its end.
  public func text(_ format: Format) -> String {
    switch format {
    case .text: plain
    case .markdown: markdown
    case .csv: csv
    case .json: json.indented + "\n"
    }
  }

  private static let note = "The names of areas and units are the report's; what is said of each is ours."

  private var plain: String {
    func list(_ rows: [Row]) -> String {
      rows.map { "\($0.key)  \($0.text)\n    \($0.places.joined(separator: ", "))\n" }.joined()
    }
    let first = "Statements, and the steps that teach them\n\n" + list(statements)
    guard let report else { return first }
    return first + "\nKnowledge units of \(report)\n\(Self.note)\n\n" + list(units)
  }

  private var markdown: String {
    func table(_ titles: [String], _ rows: [Row]) -> String {
      let lines =
        [titles, titles.map { _ in "---" }] + rows.map { [$0.key, $0.text, $0.places.joined(separator: ", ")] }
      return lines.map { "| " + $0.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n" }.joined()
    }
    let first = "## Statements\n\n" + table(["", "statement", "taught in"], statements)
    guard let report else { return first }
    return first + "\n## Knowledge units\n\nOf \(report). \(Self.note)\n\n" + table(["unit", "", "lessons"], units)
  }

  private var csv: String {
    let rows = statements.map { ("statement", $0) } + units.map { ("unit", $0) }
    return CSV.record(["kind", "key", "text", "taught_in"])
      + rows.map { CSV.record([$0, $1.key, $1.text, $1.places.joined(separator: " ")]) }.joined()
  }

  private var json: JSON {
    func list(_ rows: [Row]) -> JSON {
      .array(
        rows.map {
          .object([
            ("key", .string($0.key)), ("text", .string($0.text)), ("places", .array($0.places.map { .string($0) })),
          ])
        })
    }
    return .object([
      ("statements", list(statements)), ("report", report.map { .string($0) } ?? .null), ("units", list(units)),
    ])
  }
}
