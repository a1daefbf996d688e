import CommandLanguage

/// What JSON output says of one command: a line.
struct Record {
  /// As long as it stays, no name in records goes away or changes its meaning.
  static let version = 1
  /// What names the schema. There is nothing to be fetched there.
  static let address = "https://migsh.invalid/schema/output-\(version)"

  /// What a record answers: a statement, or a part of a lesson.
  struct Subject {
    /// The command's name; nil for a command of the user's own, what cannot be read, and a part of a lesson.
    let name: String?
    /// As it was typed.
    let text: String
    /// FILE:LINE.
    let place: String
  }

  /// Its members, but for `data`: the name says what that is.
  ///
  /// - Parameter names: the names of all commands.
  static func members(names: [String]) -> [DataShape.Member] {
    [
      .init("v", .constant(version), "the version of this schema"), .init("place", .text, "FILE:LINE of the command"),
      .init(
        "name", .optional(.word(names)),
        """
        the command's name, as `help all` lists it; null for a command of one's own, what cannot be read, and a part of a \
        lesson
        """), .init("command", .text, "the command as typed; empty for what no command said"),
      .init("ok", .boolean, "whether all is well"), .init("now", .time, "virtual time after it"),
      .init("data", .anything, "what it had to say: `$defs` has that under the command's name; null after an error"),
      .init("error", .optional(.object(error)), "why it was refused; null when it was not"),
      .init(
        "watched",
        .rows([
          .init("watch", .count, "its number"), .init("expression", .text, "as typed"),
          .init("from", .anything, "what it was; null where it had no value"),
          .init("to", .anything, "what it is; null where it has none"),
        ]), "watched expressions that have changed; only where some have", isAlwaysThere: false),
    ]
  }

  private static let error: [DataShape.Member] = [
    .init("kind", .word(["error", "failed", "limit", "fault", "interrupted"]), "its first word in text"),
    .init("status", .count, "the exit status that it stands for"), .init("line", .count, "where it is, from 1"),
    .init("column", .count, "where it is in that line, in characters, from 1"),
    .init("message", .text, "what is wrong"),
    .init("expected", .optional(.text), "what was expected; null when not said"),
    .init("suggestion", .optional(.text), "what may have been meant; null when not known"),
    .init("remedy", .optional(.text), "what can be done; null when not known"),
    .init("takenBack", .boolean, "whether something was undone that the statement had done before it"),
    .init(
      "callers",
      .rows([.init("place", .text, "FILE:LINE:COLUMN"), .init("command", .text, "its beginning")]),
      "commands of one's own and files that led to it, the innermost first"),
  ]
}

extension SharedShape {
  /// What is said of output that went to a file.
  static let written = SharedShape(
    "Written", "with `--to FILE`, in place of all else", .only("file", .text, "the file that has the output"))

  /// What lessons say between commands, when they are played.
  static let lesson = SharedShape(
    "Lesson", "a part of a lesson, between its commands",
    .either([
      .object([
        .init("lesson", .text, "its name"), .init("title", .text, "its title"),
        .init("goal", .text, "what one can do after it; empty when it does not say"),
        .init("minutes", .count, "how many minutes it takes; 0 when it does not say"),
        .init("parameters", .named(.number, count: 0...1000), "its numbers, by name"),
      ]),
      .object([.init("step", .text, "the step that begins"), .init("points", .count, "what it is worth")]),
      .only("prose", .text, "what people read"), .only("explanation", .text, "what people read after the step"),
      .object([
        .init("question", .text, "its name"), .init("text", .text, "what is asked"),
        .init("choices", .list(.text), "what can be answered; empty when the answer is a number"),
      ]),
      .object([.init("answer", .text, "the question's name"), .init("value", .anything, "what is right")]),
      .only(
        "check",
        .object([
          .init("name", .text, "its name"),
          .init("verdict", .word(["passed", "failed", "could-not-be-checked"]), "how it ended"),
          .init("hidden", .boolean, "whether students see only the verdict"),
          .init("essential", .boolean, "whether the step earns nothing without it"),
          .init("weight", .count, "its part of the step's points, beside those of the other checks"),
          .init("guard", .boolean, "whether it can lose points, but earn none"),
          .init("message", .optional(.text), "what the lesson says of a failure; null when nothing"),
          .init("expected", .optional(.text), "what was expected; null when not said"),
          .init("found", .optional(.text), "what was found; null when not said"),
          .init("event", .optional(.text), "the first event that should not have happened; null when there is none"),
          .init("reason", .optional(.text), "why it could not be checked; null when it could"),
        ]), "the verdict on a check"),
      .only("mistake", .text, "a mistake in the lesson"),
    ]))
}
