import Shell

extension GradeReport {
  /// A JSON Schema (draft 2020-12) of reports. The values that it lists are those of the types behind them, so that the two
  /// cannot differ.
  public static var schema: JSON {
    Schema.document(
      schemaName, "What `migsh grade --format json` writes about a submission; of several, in an array.",
      [
        ("report", report), ("step", step), ("check", check), ("error", problem), ("usage", usage),
        ("parts", parts), ("partsOfStep", partsOfStep), ("regrade", regrade), ("judged", judged),
        ("digest", Schema.digest),
      ])
  }

  private static var report: JSON {
    Schema.object([
      ("schema", Schema.constant(schemaName), "The version of this schema."),
      ("engine", Schema.text, "The version of migsh that graded."),
      ("audience", Schema.words(Audience.self), "For whom it is: the teacher's has everything."),
      ("exercise", Schema.text, "The exercise's name."), ("title", Schema.text, "The exercise's title, for people."),
      ("details", Schema.words(Lesson.Details.self), "What a student may see of a failure."),
      ("student", Schema.text, "The student who handed it in."),
      ("section", Schema.orNull(Schema.text), "The section of the course that the student is in."),
      ("file", Schema.text, "The submission's stable name: the path of its file in its class."),
      ("status", Schema.words(Status.self), "Whether the submission was graded, and if not, why."),
      ("statusText", Schema.orNull(Schema.text), "Why it was not graded, in a sentence."),
      ("cause", Schema.orNull(Schema.text), "The first thing that went wrong, in a sentence."),
      ("seed", Schema.natural(StudentSeed.highest), "With it the grading can be repeated."),
      (
        "parameters", .object([("type", .string("object")), ("additionalProperties", Schema.type("integer"))]),
        "The numbers of this student."
      ),
      (
        "secret", .object([("type", .string("array")), ("items", Schema.text)]),
        "Those of the numbers that a student may not see."
      ),
      ("total", Schema.points, "Points earned."), ("max", Schema.natural(), "Points that can be earned."),
      (
        "passed", Schema.type("boolean"),
        "Whether every step is begun, all checks passed, and the submission had no error."
      ),
      ("steps", Schema.list("step"), "In the order of the exercise."),
      ("errors", Schema.list("error"), "Mistakes in the submission, and limits that it reached."),
      ("furtherErrors", Schema.natural(), "How many more there are than are listed."),
      ("fault", Schema.orNull(Schema.text), "What went wrong in grading; the rest is then worth nothing."),
      (
        "digests",
        Schema.object([
          ("exercise", Schema.reference("digest"), "SHA-256 of the exercise's text."),
          ("submission", Schema.orNull(Schema.reference("digest")), "SHA-256 of the submission's bytes."),
          (
            "parts", Schema.orNull(Schema.reference("parts")),
            "SHA-256 of the parts of the exercise that decide what a submission earns; null for students."
          ),
        ]), "Which texts were graded."
      ),
      ("used", Schema.list("usage"), "What was used of each limit, with the student's own seed."),
      (
        "isolation", .object([("type", .string("array")), ("items", Schema.text)]),
        "What kept the submission from doing harm."
      ),
      ("picture", Schema.orNull(Schema.text), "The world at the first failure: an SVG document."),
      (
        "likeness", Schema.orNull(Schema.reference("digest")),
        "The same in submissions that are alike up to names; null for students, and when there is too little to compare."
      ),
      (
        "courseSecret",
        Schema.orNull(.object([("type", .string("string")), ("pattern", .string("^[0-9a-f]{8}$"))])),
        "Tells the course's secret from others; null when the numbers follow from none."
      ),
      (
        "regrade", Schema.orNull(Schema.reference("regrade")),
        "What became of the results of an earlier report; null without one."
      ),
    ])
  }

  private static var parts: JSON {
    Schema.object([
      ("parameters", Schema.reference("digest"), "Of the parameters."),
      ("limits", Schema.reference("digest"), "Of the limits of grading."),
      ("rules", Schema.reference("digest"), "Of what holds for all steps."),
      ("steps", Schema.list("partsOfStep"), "In the order of the exercise."),
    ])
  }

  private static var partsOfStep: JSON {
    Schema.object([
      ("setUp", Schema.reference("digest"), "Of what is done before the student begins, and of what may not be used."),
      ("solution", Schema.reference("digest"), "Of the solution."), ("checks", Schema.list("digest"), "Of each check."),
    ])
  }

  private static var regrade: JSON {
    Schema.object([
      ("kept", .object([("type", .string("array")), ("items", Schema.text)]), "The steps with the earlier results."),
      ("judged", Schema.list("judged"), "The steps that were judged again."),
    ])
  }

  private static var judged: JSON {
    Schema.object([("step", Schema.text, "Its name."), ("why", Schema.text, "Why it was judged again.")])
  }

  private static var step: JSON {
    Schema.object([
      ("name", Schema.text, "As the exercise names it."), ("points", Schema.natural(), "What it is worth."),
      ("earned", Schema.points, "What it earned."),
      ("basis", Schema.words(Step.Basis.self), "From which world it was judged."),
      ("begun", Schema.type("boolean"), "Whether a check passed that did not hold when the step began."),
      ("answered", Schema.type("boolean"), "Whether the submission has commands for it."),
      ("checks", Schema.list("check"), "The verdicts."),
    ])
  }

  private static var check: JSON {
    Schema.object([
      ("name", Schema.text, "The check's name; `no KIND` for what is forbidden."),
      ("verdict", Schema.words(Verdict.self), "How it ended."),
      ("hidden", Schema.type("boolean"), "Students see only the verdict."),
      ("essential", Schema.type("boolean"), "Without it the step earns nothing."),
      ("weight", Schema.natural(), "How much it counts beside the other checks of the step."),
      ("guard", Schema.type("boolean"), "It can lose points, and earn none."),
      ("message", Schema.orNull(Schema.text), "What the exercise says of a failure."),
      ("expected", Schema.orNull(Schema.text), "What the check expected."),
      ("found", Schema.orNull(Schema.text), "What it found instead."),
      ("event", Schema.orNull(Schema.text), "The first event that should not have happened."),
      ("reason", Schema.orNull(Schema.text), "Why it could not be checked."),
      ("forbidden", Schema.type("boolean"), "Something that must not happen, and not something that must hold."),
      ("seed", Schema.orNull(Schema.natural()), "The further seed with which it failed."),
    ])
  }

  private static var problem: JSON {
    Schema.object([
      ("step", Schema.orNull(Schema.text), "The step with the mistake; null for the submission as a whole."),
      (
        "kind", .object([("enum", .array(["error", "failed", "limit", "unreadable"].map { .string($0) }))]),
        "What it is."
      ),
      ("file", Schema.text, "The file with it."), ("line", Schema.natural(), "Counted from 1."),
      ("column", Schema.natural(), "In characters, counted from 1."), ("message", Schema.text, "What is wrong."),
      ("text", Schema.text, "All that is said about it, in lines."),
    ])
  }

  private static var usage: JSON {
    Schema.object([
      ("limit", Schema.words(Usage.Limit.self), "What is limited."),
      (
        "used", Schema.natural(),
        "How much was used: nanoseconds of virtual time, bytes of memory and output, else a number."
      ),
      ("most", Schema.natural(), "How much may be used."),
    ])
  }
}
