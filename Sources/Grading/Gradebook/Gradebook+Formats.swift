import Course
import Shell

extension Gradebook {
  /// A form in which a gradebook is written.
  public enum Format: String, Sendable, CaseIterable {
    /// For people.
    case text
    /// A row for each student, safe to open in a spreadsheet.
    case csv
    /// Everything.
    case json
  }

  /// How the schema of a gradebook in JSON is called.
  public static let schemaName = "migsh/gradebook/v1"

  /// The gradebook in a form.
  public func text(_ format: Format) -> String {
    switch format {
    case .text: text
    case .csv: csv
    case .json: json.indented
    }
  }

  private static let longestCell = 200

  private static func shown(_ text: String) -> String { InertText.line(text, bytes: longestCell) }

  // MARK: - For people

  private var text: String {
    var text = exercises.count > 1 ? sums + "\n" : ""
    var table = Table("STUDENT", "SECTION", "EXERCISE", "GRADED>", "PENALTY>", "ADJUSTMENT>", "FINAL>", "WHY")
    for student in students {
      for (exercise, entry) in zip(exercises, student.entries) {
        table.add(
          Self.shown(student.id), Self.shown(student.section ?? ""), Self.shown(exercise.name),
          entry.isFault ? "not graded" : formatPoints(entry.graded), formatPoints(entry.penalty),
          formatPoints(entry.adjustment), entry.final.map(formatPoints) ?? "not graded", entry.why)
      }
    }
    text += table.text
    let faults = students.reduce(0) { $0 + $1.faultCount }
    guard faults > 0 else { return text }
    return text
      + "\n\(counted(faults, "result")) not graded, for a fault of the grader: grade these again. They count for nothing here.\n"
  }

  /// A row for each student, with a column for each exercise.
  private var sums: String {
    let most = exercises.map { "\(Self.shown($0.name)) (\($0.highest))>" }
    var table = Table(
      titles: ["STUDENT", "SECTION"] + most + ["TOTAL (\(exercises.reduce(0) { $0 + $1.highest }))>"])
    for student in students {
      let finals = student.entries.map { $0.final.map(formatPoints) ?? "not graded" }
      table.add(
        cells: [Self.shown(student.id), Self.shown(student.section ?? "")] + finals + [formatPoints(student.total)])
    }
    return table.text
  }

  // MARK: - For programs

  private var csv: String {
    let parts = ["status", "graded", "penalty", "adjustment", "final", "why"]
    let titles = exercises.flatMap { exercise in parts.map { "\(exercise.name) \($0)" } }
    var text = Self.record(["student", "section"] + titles + ["total", "max", "not graded"])
    let highest = exercises.reduce(0) { $0 + $1.highest }
    for student in students {
      let cells = student.entries.flatMap { entry in
        [
          entry.isFault ? "fault" : entry.status.rawValue, entry.isFault ? "" : formatPoints(entry.graded),
          formatPoints(entry.penalty), formatPoints(entry.adjustment), entry.final.map(formatPoints) ?? "", entry.why,
        ]
      }
      text += Self.record(
        [student.id, student.section ?? ""] + cells
          + [formatPoints(student.total), "\(highest)", "\(student.faultCount)"])
    }
    return text
  }

  private static func record(_ cells: [String]) -> String {
    CSV.record(cells.map { cell in hundredths(cell) == nil ? InertText.cell(cell, bytes: 8192) : cell })
  }

  private var json: JSON {
    .object([
      ("schema", .string(Self.schemaName)), ("engine", .string(migshVersion)),
      (
        "exercises",
        .array(
          exercises.map {
            .object([
              ("name", .string($0.name)), ("max", .integer(Int64($0.highest))), ("digest", .string($0.digest)),
            ])
          })
      ),
      ("students", .array(students.map(json))),
    ])
  }

  private func json(_ student: Student) -> JSON {
    .object([
      ("student", .string(student.id)), ("section", student.section.map { .string($0) } ?? .null),
      (
        "results",
        .array(
          zip(exercises, student.entries).map { exercise, entry in
            .object([
              ("exercise", .string(exercise.name)), ("status", .string(entry.status.rawValue)),
              ("fault", .boolean(entry.isFault)), ("graded", entry.isFault ? .null : JSON(hundredths: entry.graded)),
              ("secondsLate", .integer(entry.late)), ("penalty", JSON(hundredths: entry.penalty)),
              ("adjustments", .array(entry.adjustments.map(\.json))),
              ("final", entry.final.map { JSON(hundredths: $0) } ?? .null),
            ])
          })
      ),
      ("total", JSON(hundredths: student.total)), ("notGraded", .integer(Int64(student.faultCount))),
    ])
  }
}

extension Gradebook.Adjustment {
  fileprivate var json: JSON {
    .object([
      ("points", JSON(hundredths: points)), ("reason", .string(reason)),
      ("madeFor", gradedThen.map { JSON(hundredths: $0) } ?? .null), ("leftOut", .boolean(isOutdated)),
    ])
  }
}

extension Gradebook.Entry {
  /// How late it was, to the second: a second decides about a penalty.
  private var lateText: String {
    var (rest, parts): (Int64, [String]) = (late, [])
    for (seconds, unit) in [(Int64(86_400), "d"), (3600, "h"), (60, "min"), (1, "s")] where rest >= seconds {
      parts.append("\(rest / seconds) \(unit)")
      rest %= seconds
    }
    return parts.joined(separator: " ")
  }

  /// Why the final points are not what a graded submission earned, on one line; empty when they are.
  fileprivate var why: String {
    var parts: [String] = []
    if isFault { parts.append("grading failed") } else if status != .graded { parts.append(status.rawValue) }
    if late > 0 { parts.append("\(lateText) late" + (lateReason.map { ": \($0)" } ?? "")) }
    parts += adjustments.map { change in
      let points = "\(change.points < 0 ? "" : "+")\(formatPoints(change.points))"
      let then = change.isOutdated ? " left out, made for \(formatPoints(change.gradedThen ?? 0)) points" : ""
      return "\(points)\(then): \(InertText.line(change.reason, bytes: 1000))"
    }
    return parts.joined(separator: "; ")
  }
}

extension JSON {
  /// Points, with at most two decimals.
  init(hundredths points: Int) { self = .number(Double(points) / 100) }
}
