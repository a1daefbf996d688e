import Course
import Shell

extension GradeChanges {
  /// How the schema of changes in JSON is called.
  public static let schemaName = "migsh/grade-changes/v1"

  /// What changed, in a form.
  public func text(_ format: Gradebook.Format) -> String {
    switch format {
    case .text: text
    case .csv: csv
    case .json: json.indented
    }
  }

  private static func shown(_ text: String) -> String { InertText.line(text, bytes: 200) }

  // MARK: - For people

  private var text: String {
    let rows = rows
    let unchanged = max(0, count - rows.count)
    guard !rows.isEmpty else { return "nothing changed: \(counted(count, "result")) as before\n" }
    var text = ""
    for row in rows {
      text += "\(Self.shown(row.student)), \(Self.shown(row.exercise)): \(row.pointsText)"
      text += row.reasons.isEmpty ? "\n" : " (\(row.reasons.map(\.rawValue).joined(separator: "; ")))\n"
      for step in row.steps { text += "  step \(Self.shown(step.name)): \(step.text)\n" }
      // When nothing was executed once, all checks are others, and that says nothing.
      guard row.status.old == row.status.new else { continue }
      for check in row.checks { text += "  check \(Self.shown(check.step))/\(Self.shown(check.name)): \(check.text)\n" }
    }
    return text + "\(counted(rows.count, "result")) changed, \(unchanged) as before\n"
  }

  // MARK: - For programs

  private var csv: String {
    let titles = [
      "student", "exercise", "old points", "new points", "old status", "new status", "steps", "checks", "why",
    ]
    return CSV.record(titles)
      + rows.map { row in
        CSV.record(
          [
            row.student, row.exercise, row.points.old.map(formatPoints) ?? "", row.points.new.map(formatPoints) ?? "",
            row.status.old ?? "", row.status.new ?? "",
            row.steps.map { "\($0.name): \($0.text)" }.joined(separator: "; "),
            row.checks.map { "\($0.step)/\($0.name): \($0.text)" }.joined(separator: "; "),
            row.reasons.map(\.rawValue).joined(separator: "; "),
          ].map { InertText.cell($0, bytes: 8192) })
      }.joined()
  }

  private var json: JSON {
    .object([
      ("schema", .string(Self.schemaName)), ("compared", .integer(Int64(count))),
      ("changes", .array(rows.map(\.json))),
    ])
  }
}

extension GradeChanges.Row {
  fileprivate var pointsText: String {
    guard status.old != nil else { return "new, \(points.new.map(formatPoints) ?? "not graded")" }
    guard status.new != nil else { return "gone, \(points.old.map(formatPoints) ?? "not graded") before" }
    let (old, new) = (points.old.map(formatPoints) ?? "not graded", points.new.map(formatPoints) ?? "not graded")
    let points = old == new ? "\(new) points as before" : "\(old) → \(new) points"
    guard let before = status.old, let now = status.new, before != now else { return points }
    return "\(points), \(before) → \(now)"
  }

  fileprivate var json: JSON {
    .object([
      ("student", .string(student)), ("exercise", .string(exercise)),
      ("points", points.json { JSON(hundredths: $0) }), ("status", status.json { .string($0) }),
      (
        "steps",
        .array(
          steps.map {
            .object([
              ("name", .string($0.name)), ("earned", $0.earned.json { JSON(hundredths: $0) }),
              ("max", $0.highest.json { JSON(hundredths: $0) }),
            ])
          })
      ),
      (
        "checks",
        .array(
          checks.map {
            .object([
              ("step", .string($0.step)), ("name", .string($0.name)),
              ("verdict", $0.verdict.json { .string($0.rawValue) }),
            ])
          })
      ),
      ("why", .array(reasons.map { .string($0.rawValue) })),
    ])
  }
}

extension GradeChanges.Step {
  fileprivate var text: String {
    func points(_ earned: Int?, _ highest: Int?) -> String {
      guard let earned, let highest else { return "none" }
      return "\(formatPoints(earned)) of \(formatPoints(highest))"
    }
    return "\(points(earned.old, highest.old)) → \(points(earned.new, highest.new))"
  }
}

extension GradeChanges.Check {
  fileprivate var text: String { "\(verdict.old?.text ?? "none") → \(verdict.new?.text ?? "none")" }
}

extension GradeChanges.Change {
  fileprivate func json(_ convert: (Value) -> JSON) -> JSON {
    .object([("old", old.map(convert) ?? .null), ("new", new.map(convert) ?? .null)])
  }
}
