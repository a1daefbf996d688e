import CommandLanguage
import Shell

/// Holds a translation against its lesson: every text is there, is up to date and fills in the same, fits the width, and
/// has no quantity that nothing works out.
public struct TranslationProof {
  /// What is wrong, in words.
  public let problems: [String]
  /// How many texts the lesson has.
  public let count: Int
  /// How many of them are shown in the language.
  public let shownCount: Int

  /// - Parameter table: the commands of the shell.
  public init(_ translation: LessonTranslation, of lesson: Lesson, table: CommandTable) {
    let reading = TranslationReading(translation, of: lesson, table: table)
    count = reading.count
    shownCount = reading.shown.count
    var found = reading.problems
    for (source, lines) in reading.parsed { found += ProseRules(source, lines).problems }
    problems = found.map { $0.rendered() } + Self.whatIsShown(lesson.translated(by: translation, table: table))
  }

  /// Plays the translated lesson once, since what is filled in can make a line too wide.
  private static func whatIsShown(_ lesson: Lesson) -> [String] {
    var prover = Prover(lesson, hasBattery: false)
    prover.provesTextsOnly = true
    return prover.prove(seeds: 1...1).map { "in the translation: \($0.text)" }
  }
}
