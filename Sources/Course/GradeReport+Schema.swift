import Shell

extension GradeReport {
  /// A JSON Schema (draft 2020-12) of reports. The values that it lists are those of the types behind them, so that the two
  /// cannot differ.
  public static var schema: JSON {
    .object([
      ("$schema", .string("https://json-schema.org/draft/2020-12/schema")), ("title", .string(schemaName)),
      ("description", .string("What `migsh grade --format json` writes about a submission; of several, in an array.")),
      ("$ref", .string("#/$defs/report")),
      (
        "$defs",
        .object([
          ("report", report), ("step", step), ("check", check), ("error", problem), ("usage", usage),
          ("digest", .object([("type", .string("string")), ("pattern", .string("^[0-9a-f]{64}$"))])),
        ])
      ),
    ])
  }

  private static var report: JSON {
    object([
      ("schema", constant(schemaName), "The version of this schema."),
      ("engine", text, "The version of migsh that graded."),
      ("audience", words(Audience.self), "For whom it is: the teacher's has everything."),
      ("exercise", text, "The exercise's name."), ("title", text, "The exercise's title, for people."),
      ("details", words(Lesson.Details.self), "What a student may see of a failure."),
      ("student", text, "The student who handed it in."),
      ("section", orNull(text), "The section of the course that the student is in."),
      ("file", text, "The submission's stable name: the path of its file in its class."),
      ("status", words(Status.self), "Whether the submission was graded, and if not, why."),
      ("statusText", orNull(text), "Why it was not graded, in a sentence."),
      ("cause", orNull(text), "The first thing that went wrong, in a sentence."),
      ("seed", natural(StudentSeed.highest), "With it the grading can be repeated."),
      (
        "parameters", .object([("type", .string("object")), ("additionalProperties", type("integer"))]),
        "The numbers of this student."
      ),
      (
        "secret", .object([("type", .string("array")), ("items", text)]),
        "Those of the numbers that a student may not see."
      ),
      ("total", points, "Points earned."), ("max", natural(), "Points that can be earned."),
      ("passed", type("boolean"), "Whether every step is begun, all checks passed, and the submission had no error."),
      ("steps", list("step"), "In the order of the exercise."),
      ("errors", list("error"), "Mistakes in the submission, and limits that it reached."),
      ("furtherErrors", natural(), "How many more there are than are listed."),
      ("fault", orNull(text), "What went wrong in grading; the rest is then worth nothing."),
      (
        "digests",
        object([
          ("exercise", reference("digest"), "SHA-256 of the exercise's text."),
          ("submission", orNull(reference("digest")), "SHA-256 of the submission's bytes."),
        ]), "Which texts were graded."
      ),
      ("used", list("usage"), "What was used of each limit."),
      (
        "isolation", .object([("type", .string("array")), ("items", text)]), "What kept the submission from doing harm."
      ),
      ("picture", orNull(text), "The world at the first failure: an SVG document."),
      (
        "likeness", orNull(reference("digest")),
        "The same in submissions that are alike up to names; null for students, and when there is too little to compare."
      ),
      (
        "courseSecret",
        orNull(.object([("type", .string("string")), ("pattern", .string("^[0-9a-f]{8}$"))])),
        "Tells the course's secret from others; null when the numbers follow from none."
      ),
    ])
  }

  private static var step: JSON {
    object([
      ("name", text, "As the exercise names it."), ("points", natural(), "What it is worth."),
      ("earned", points, "What it earned."), ("basis", words(Step.Basis.self), "From which world it was judged."),
      ("begun", type("boolean"), "Whether a check passed that did not hold when the step began."),
      ("answered", type("boolean"), "Whether the submission has commands for it."),
      ("checks", list("check"), "The verdicts."),
    ])
  }

  private static var check: JSON {
    object([
      ("name", text, "The check's name; `no KIND` for what is forbidden."),
      ("verdict", words(Verdict.self), "How it ended."), ("hidden", type("boolean"), "Students see only the verdict."),
      ("essential", type("boolean"), "Without it the step earns nothing."),
      ("weight", natural(), "How much it counts beside the other checks of the step."),
      ("guard", type("boolean"), "It can lose points, and earn none."),
      ("message", orNull(text), "What the exercise says of a failure."),
      ("expected", orNull(text), "What the check expected."), ("found", orNull(text), "What it found instead."),
      ("event", orNull(text), "The first event that should not have happened."),
      ("reason", orNull(text), "Why it could not be checked."),
      ("forbidden", type("boolean"), "Something that must not happen, and not something that must hold."),
      ("seed", orNull(natural()), "The further seed with which it failed."),
    ])
  }

  private static var problem: JSON {
    object([
      ("step", orNull(text), "The step with the mistake; null for the submission as a whole."),
      (
        "kind", .object([("enum", .array(["error", "failed", "limit", "unreadable"].map { .string($0) }))]),
        "What it is."
      ),
      ("file", text, "The file with it."), ("line", natural(), "Counted from 1."),
      ("column", natural(), "In characters, counted from 1."), ("message", text, "What is wrong."),
      ("text", text, "All that is said about it, in lines."),
    ])
  }

  private static var usage: JSON {
    object([
      ("limit", words(Usage.Limit.self), "What is limited."),
      ("used", natural(), "How much was used: nanoseconds of virtual time, bytes of memory and output, else a number."),
      ("most", natural(), "How much may be used."),
    ])
  }

  // MARK: - Kinds of value

  private static var text: JSON { type("string") }
  private static var points: JSON { .object([("type", .string("number")), ("minimum", .integer(0))]) }

  private static func type(_ name: String) -> JSON { .object([("type", .string(name))]) }
  private static func constant(_ text: String) -> JSON { .object([("const", .string(text))]) }
  private static func reference(_ name: String) -> JSON { .object([("$ref", .string("#/$defs/\(name)"))]) }
  private static func orNull(_ kind: JSON) -> JSON { .object([("anyOf", .array([kind, type("null")]))]) }
  private static func natural(_ most: UInt64? = nil) -> JSON {
    .object(
      [("type", .string("integer")), ("minimum", .integer(0))]
        + (most.map { [("maximum", .integer(Int64(clamping: $0)))] } ?? []))
  }
  private static func list(_ name: String) -> JSON {
    .object([("type", .string("array")), ("items", reference(name))])
  }
  private static func words<Word: RawRepresentable<String> & CaseIterable>(_: Word.Type) -> JSON {
    .object([("enum", .array(Word.allCases.map { .string($0.rawValue) }))])
  }

  /// An object with all of these members, and no other.
  private static func object(_ members: [(name: String, kind: JSON, description: String)]) -> JSON {
    .object([
      ("type", .string("object")), ("additionalProperties", .boolean(false)),
      ("required", .array(members.map { .string($0.name) })),
      (
        "properties",
        .object(
          members.map { name, kind, description in
            guard case .object(let parts) = kind else { return (name, kind) }
            return (name, .object(parts + [("description", .string(description))]))
          })
      ),
    ])
  }
}
