import Course
import Shell

extension Gradebook {
  /// A JSON Schema (draft 2020-12) of gradebooks in JSON. The values that it lists are those of the types behind them.
  public static var schema: JSON {
    Schema.document(
      schemaName, "What `migsh gradebook --format json` writes.",
      [
        ("gradebook", book), ("exercise", exercise), ("student", student), ("result", result),
        ("adjustment", adjustment), ("digest", Schema.digest),
      ])
  }

  private static var book: JSON {
    Schema.object([
      ("schema", Schema.constant(schemaName), "The version of this schema."),
      ("engine", Schema.text, "The version of migsh that wrote it."),
      ("exercises", Schema.list("exercise"), "In the order in which their results were read."),
      ("students", Schema.list("student"), "In the order of their names."),
    ])
  }

  private static var exercise: JSON {
    Schema.object([
      ("name", Schema.text, "As reports name it."), ("max", Schema.natural(), "Points that can be earned."),
      ("digest", Schema.reference("digest"), "SHA-256 of the exercise's text."),
    ])
  }

  private static var student: JSON {
    Schema.object([
      ("student", Schema.text, "Who it is."), ("section", Schema.orNull(Schema.text), "The section of the course."),
      ("results", Schema.list("result"), "One for each exercise, in their order."),
      ("total", Schema.points, "The sum of what counts."),
      ("notGraded", Schema.natural(), "How many results count for nothing, since grading has failed."),
    ])
  }

  private static var result: JSON {
    Schema.object([
      ("exercise", Schema.text, "The exercise's name."),
      ("status", Schema.words(GradeReport.Status.self), "Whether the submission was graded, and if not, why."),
      ("fault", Schema.type("boolean"), "Whether grading has failed, and not the student."),
      ("graded", Schema.orNull(Schema.points), "Points that grading gave; null when it has failed."),
      ("secondsLate", Schema.natural(), "How long after the time when it was due."),
      ("penalty", Schema.points, "Points that coming late costs."),
      ("adjustments", Schema.list("adjustment"), "What the teacher has changed."),
      ("final", Schema.orNull(Schema.points), "Points that count; null when grading has failed."),
    ])
  }

  private static var adjustment: JSON {
    Schema.object([
      ("points", Schema.type("number"), "More points, or fewer."), ("reason", Schema.text, "Why."),
      ("madeFor", Schema.orNull(Schema.points), "The points that grading had given then; null when nobody said so."),
      ("leftOut", Schema.type("boolean"), "Whether grading gives others now, so that this does not count."),
    ])
  }
}

extension GradeChanges {
  /// A JSON Schema (draft 2020-12) of changes in JSON. The values that it lists are those of the types behind them.
  public static var schema: JSON {
    Schema.document(
      schemaName, "What `migsh grade --diff OLD --format json` writes.",
      [
        ("changes", changes), ("row", row), ("step", step), ("check", check),
        ("points", change(Schema.points)),
        ("status", change(.object([("enum", .array(statuses.map { .string($0) }))]))),
        ("verdict", change(Schema.words(Verdict.self))),
      ])
  }

  /// A result that grading has failed on says no more than that.
  private static let statuses = GradeReport.Status.allCases.map(\.rawValue) + ["fault"]

  private static var changes: JSON {
    Schema.object([
      ("schema", Schema.constant(schemaName), "The version of this schema."),
      ("compared", Schema.natural(), "How many results there are, before or now."),
      ("changes", Schema.list("row"), "Those that changed, in the order of exercises and students."),
    ])
  }

  private static var row: JSON {
    Schema.object([
      ("student", Schema.text, "Who it is."), ("exercise", Schema.text, "The exercise's name."),
      ("points", Schema.reference("points"), "Points earned; null when grading has failed, or without a result."),
      ("status", Schema.reference("status"), "Whether it was graded, and if not, why; null without a result."),
      ("steps", Schema.list("step"), "The steps whose points changed."),
      ("checks", Schema.list("check"), "The checks whose verdicts changed."),
      (
        "why", .object([("type", .string("array")), ("items", Schema.words(Reason.self))]), "What may be behind it."
      ),
    ])
  }

  private static var step: JSON {
    Schema.object([
      ("name", Schema.text, "The step's name."),
      ("earned", Schema.reference("points"), "What it earned; null where there is no such step."),
      ("max", Schema.reference("points"), "What it is worth; null where there is no such step."),
    ])
  }

  private static var check: JSON {
    Schema.object([
      ("step", Schema.text, "The step to which it belongs."), ("name", Schema.text, "The check's name."),
      ("verdict", Schema.reference("verdict"), "How it ended; null where there is no such check."),
    ])
  }

  private static func change(_ kind: JSON) -> JSON {
    Schema.object([
      ("old", Schema.orNull(kind), "As it was; null where there was none."),
      ("new", Schema.orNull(kind), "As it is; null where there is none."),
    ])
  }
}
