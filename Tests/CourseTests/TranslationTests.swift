import CommandLanguage
import Foundation
import Shell
import Testing

@testable import Course

/// Lessons in other languages, from the file beside them.
@Suite struct TranslationTests {
  /// A lesson with a text of every kind.
  static let text = """
    @lesson short "A short one"
    @goal "You can move a process." minutes 5
    @param pages 8..64
    | Here is `p1`.
    |
    | It is small.
    @setup
    node add a b
    spawn p1 --on a --pages $pages
    @ask more choice "Does p1 stand still longer with $pages pages?" "yes" "no"
    @answer "yes"
    @if $more == "no" | All pages travel.
    @step move
    | Move it to `b`.
    @check at p1.node == b "p1 should be on b, not on $(p1.node)"
    @hint Which command?
    @hint Type `migrate p1 b`
    @solution
    migrate p1 b
    @explain It moved $(p1.migration.pagesSent) pages, $(about(p1.remote / 2)) of them later.
    """

  static let numbers = [
    "about", "a-tenth", "a-fifth", "a-quarter", "a-third", "two-fifths", "half", "three-fifths", "two-thirds",
    "three-quarters", "four-fifths", "nine-tenths", "nothing", "all", "nearly-all",
  ]

  static let german = """
    language: de
    title: Eine kurze
    goal: Du kannst einen Prozess umziehen lassen.
    goal.minutes: Etwa 5 Minuten.
    move.before.1: |
      Hier ist `p1`.

      Er ist klein.
    move.ask.more: Steht p1 mit $pages Seiten länger still?
    move.ask.more.choice.1: ja
    move.ask.more.choice.2: nein
    move.reply.1: Alle Seiten reisen.
    move.task: Bring ihn nach `b`.
    move.check.at: p1 sollte auf b sein, nicht auf $(p1.node)
    move.hint.1: Welcher Befehl?
    move.hint.2: "Tippe `migrate p1 b`"
    move.explain.1: |
      Später kamen $(about(p1.remote / 2)). Es zogen
      $( p1.migration.pagesSent ) Seiten um.

    """ + numbers.map { "number.\($0): ~\($0)\n" }.joined()

  private func translation(_ text: String, code: String = "de") throws -> LessonTranslation {
    try LessonTranslation(
      parsing: SourceText(name: "short.de.yaml", text: text), language: try #require(LessonLanguage(code)))
  }

  private func problems(_ text: String, of lesson: Lesson? = nil) throws -> [String] {
    TranslationProof(try translation(text), of: try lesson ?? short(), table: table).problems
  }

  private func short() throws -> Lesson { try CourseTests.lesson(Self.text) }

  @Test func aWholeTranslationIsProved() throws {
    let proof = TranslationProof(try translation(Self.german), of: try short(), table: table)
    #expect(proof.problems == [])
    #expect(proof.count == 28 && proof.shownCount == 28)
  }

  @Test func everythingThatIsReadIsTranslated() throws {
    let lesson = try short().translated(by: try translation(Self.german), table: table)
    var output = ""
    var session = Session { output += $0 }
    #expect(lesson.play(in: &session) == .success)
    for part in [
      "Eine kurze\n==========", "Du kannst einen Prozess umziehen lassen. Etwa 5 Minuten.",
      "Hier ist `p1`.\n\nEr ist klein.", "? Steht p1 mit 36 Seiten länger still?\n  1 ja\n  2 nein",
      "Bring ihn nach `b`.",
      "= Steht p1 mit 36 Seiten länger still? ja", "Später kamen 0. Es zogen 36 Seiten um.",
    ] { #expect(output.contains(part), "\(part)\n\(output)") }
    for part in ["short one", "You can", "Here is", "It moved"] { #expect(!output.contains(part)) }
  }

  @Test func choicesStayTheValuesOfTheChecks() throws {
    let lesson = try short().translated(by: try translation(Self.german), table: table)
    let question = try #require(lesson.steps[0].questions.first)
    #expect(question.choices == ["yes", "no"] && question.shownChoices == ["ja", "nein"])
    #expect(question.shown(.text("no")) == "nein" && question.shown(.text("other")) == "other")
    #expect(question.shown(.integer(3)) == nil)
  }

  // MARK: - What is wrong with a translation

  /// An entry that says what it translates.
  private func entry(_ key: String, of original: String, _ text: String) -> String {
    "\(key):\n  of: \"\(LessonText.digest(of: original))\"\n  text: \(text)\n"
  }

  @Test func whatIsMissingIsSaid() throws {
    let lines = Self.german.split(separator: "\n").filter { !$0.hasPrefix("move.hint.1") && !$0.hasPrefix("title") }
    let found = try problems(lines.joined(separator: "\n"))
    #expect(found.count == 1)
    #expect(found[0].contains("2 texts of the lesson are not translated: `title`, `move.hint.1`"))
    #expect(found[0].contains("`migsh lesson translate short de --update`"))
    #expect(try problems("language: de\n")[0].contains("28 texts of the lesson are not translated: `title`, `goal`"))
  }

  @Test func anUnknownKeyIsSaidWithTheOneThatWasMeant() throws {
    let found = try problems(Self.german.replacing("move.task:", with: "move.tasks:"))
    #expect(
      found.contains {
        $0.contains("the lesson has no text `move.tasks`\n") && $0.contains("did you mean `move.task`?")
      })
    #expect(found.contains { $0.hasPrefix("short.de.yaml:13:1: error: ") }, "\(found)")
  }

  @Test func aStaleTextIsSaidAndNotShown() throws {
    let stale = Self.german.replacing(
      "move.task: Bring ihn nach `b`.\n", with: entry("move.task", of: "Move it to `c`.", "Bring ihn nach `c`."))
    let found = try problems(stale)
    #expect(found.count == 1)
    #expect(found[0].contains("the text behind `move.task` has changed since it was translated"))
    #expect(found[0].contains("expected a translation of: Move it to `b`."))
    let lesson = try short().translated(by: try translation(stale), table: table)
    #expect(lesson.steps[0].task[0].constantText == "Move it to `b`.")
    let fresh = Self.german.replacing(
      "move.task: Bring ihn nach `b`.\n", with: entry("move.task", of: "Move it\n  to `b`.", "Bring ihn nach `b`."))
    #expect(try problems(fresh) == [])
  }

  @Test func anInsertedHintDoesNotShiftTheOthers() throws {
    let dated =
      Self.german.replacing(
        "move.hint.1: Welcher Befehl?\n", with: entry("move.hint.1", of: "Which command?", "Welcher Befehl?")
      )
      .replacing(
        "move.hint.2: \"Tippe `migrate p1 b`\"\n",
        with: entry("move.hint.2", of: "Type `migrate p1 b`", "\"Tippe `migrate p1 b`\""))
    #expect(try problems(dated) == [])
    let longer = try CourseTests.lesson(
      Self.text.replacing("@hint Which", with: "@hint What is asked for?\n@hint Which"))
    let found = try problems(dated, of: longer)
    #expect(found.contains { $0.contains("what `move.hint.1` translates is `move.hint.2` now") })
    #expect(found.contains { $0.contains("what `move.hint.2` translates is `move.hint.3` now") })
    let lesson = longer.translated(by: try translation(dated), table: table)
    #expect(
      lesson.steps[0].hints.map(\.constantText) == ["What is asked for?", "Welcher Befehl?", "Tippe `migrate p1 b`"])
  }

  @Test(arguments: [
    ("p1 sollte auf b sein, nicht auf $(p1.node)", "p1 sollte auf b sein", "does not fill in `$(p1.node)`"),
    ("$(p1.node)", "$(p1.nodes)", "did you mean `$(p1.node)`?"),
    ("$pages Seiten", "$page Seiten", "the original does not fill in `$page`"),
    ("Welcher Befehl?", "Welcher $(now)?", "expected nothing that is filled in"),
    ("Welcher Befehl?", "Welcher $(now?", "error: "),
    ("Welcher Befehl?", "Nach 10 ms?", "`10 ms` is a quantity that nothing works out"),
    ("Welcher Befehl?", String(repeating: "界", count: 61), "this line is 122 characters wide"),
    ("Hier ist `p1`.", String(repeating: "界", count: 60), "this line is 122 characters wide"),
    ("  Er ist", "      " + String(repeating: "x", count: 117) + "\n  Er ist", "this shows 121"),
  ]) func whatDoesNotFitIsSaid(_ old: String, _ new: String, _ message: String) throws {
    let text = Self.german.replacing(old, with: new)
    #expect(text != Self.german)
    let found = try problems(text)
    #expect(found.contains { $0.contains(message) }, "\(found)")
  }

  @Test(arguments: [
    ("language: fr\n", "short.de.yaml:1:1: error: the name of the file says another language"),
    ("title: [x]\n", "short.de.yaml:1:1: error: `title` has no text"),
    ("title:\n  was: x\n", "short.de.yaml:2:3: error: `was` is not known here"),
    ("- x\n", "this is no translation"),
    ("title: x\ntitle: y\n", "short.de.yaml:2:1: error: `title` stands here twice"),
  ]) func whatIsNoTranslation(_ text: String, _ message: String) throws {
    let error = #expect(throws: Diagnostic.self) { try translation(text) }
    #expect(error?.rendered().contains(message) == true, "\(error?.rendered() ?? "")")
  }

  // MARK: - The skeleton

  @Test func theSkeletonHasAllKeysAndOriginals() throws {
    let lesson = try short()
    let skeleton = lesson.translationSkeleton(into: try #require(LessonLanguage("de")))
    #expect(skeleton.contains("# Move it to `b`.\nmove.task:\n  of: \"\(LessonText.digest(of: "Move it to `b`."))\"\n"))
    #expect(skeleton.contains("# Here is `p1`.\n#\n# It is small.\nmove.before.1:"))
    let found = try problems(skeleton)
    #expect(found.count == 1 && found[0].contains("28 texts of the lesson are not translated"))
  }

  @Test func anUpdateKeepsWhatIsThere() throws {
    let lesson = try short()
    let old = try translation(
      Self.german.replacing("move.hint.1: Welcher Befehl?\n", with: "").replacing(
        "move.task: Bring ihn nach `b`.\n", with: entry("move.task", of: "Old", "|2\n        Alt.\n    Und neu."))
        + "move.hint.7: Weg\n")
    let text = lesson.translationSkeleton(into: old.language, keeping: old)
    let new = try translation(text)
    #expect(new.entries.filter { !$0.text.isEmpty }.map(\.text).sorted() == old.entries.map(\.text).sorted())
    let task = try #require(new.entries.first { $0.key == "move.task" })
    #expect(task.text == "    Alt.\nUnd neu." && task.digest == LessonText.digest(of: "Old"))
    #expect(new.entries.first { $0.key == "move.hint.1" }?.text == "")
    #expect(new.entries.last?.key == "move.hint.7")
    // A second update changes nothing.
    #expect(lesson.translationSkeleton(into: old.language, keeping: new) == text)
  }

  // MARK: - Languages

  @Test(arguments: [
    ("de", "de"), ("DE", "de"), ("pt-BR", "pt-BR"), ("pt_br", "pt-BR"), ("zh-Hans", "zh-Hans"), ("nds", "nds"),
    ("d", nil), ("C", nil), ("POSIX", nil), ("de-", nil), ("", nil), ("../x", nil), ("d3", nil),
  ]) func codes(_ text: String, _ code: String?) { #expect(LessonLanguage(text)?.code == code) }

  @Test(
    arguments: [
      (["LANG": "de_AT.UTF-8"], "de-AT"), (["LANG": "de_DE@euro", "LC_MESSAGES": "fr_FR"], "fr-FR"),
      (["LANG": "de_DE", "LC_ALL": "C"], nil), (["LANG": "de_DE", "LC_ALL": ""], "de-DE"), ([:], nil),
      (["LANG": "C.UTF-8"], nil),
    ] as [([String: String], String?)]) func theEnvironmentSaysWhichOne(_ values: [String: String], _ code: String?)
  {
    #expect(LessonLanguage.ofEnvironment { values[$0] }?.code == code)
  }

  /// A folder with the lesson and its translation. It is removed with the value.
  final class Folder {
    let path = FileManager.default.temporaryDirectory.appending(path: "migsh-translation-\(UUID().uuidString)").path

    init() throws {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      for (name, text) in [
        ("short.migsh", TranslationTests.text), ("short.de.yaml", TranslationTests.german), ("short.x.yaml", ""),
        ("shorter.fr.yaml", ""), ("course.yaml", "title: T\nlessons: [short.migsh]"), ("short.it.yaml", "title: ["),
      ] { try Data(text.utf8).write(to: URL(filePath: "\(path)/\(name)")) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func library(_ code: String, isAskedFor: Bool = false) throws -> LessonLibrary {
      var library = try LessonLibrary(folder: path)
      library.language = WantedLanguage(try #require(LessonLanguage(code)), isAskedFor: isAskedFor)
      return library
    }
  }

  @Test func aLanguageOfACountryTakesTheGeneralOne() throws {
    let folder = try Folder()
    #expect(TranslationFiles.languages(beside: folder.path + "/short.migsh").map(\.code) == ["de", "it"])
    func title(_ code: String, isAskedFor: Bool = false) throws -> (String, String?) {
      let (lesson, notice) = try folder.library(code, isAskedFor: isAskedFor).lesson(named: "short", table: table)
      return (lesson.title, notice)
    }
    #expect(try title("de-AT") == ("Eine kurze", nil))
    #expect(try title("fr") == ("A short one", nil))
    let (original, notice) = try title("fr", isAskedFor: true)
    #expect(original == "A short one")
    #expect(notice == "short is not translated into `fr`, so it is shown as it was written; there is de, it")
    #expect(try title("it").1?.contains("the translation cannot be read") == true)
  }

  @Test func theTutorTakesAnswersInBothLanguages() throws {
    let folder = try Folder()
    for (typed, said) in [("nein", "nein"), ("no", "nein"), ("j", "ja"), ("2", "nein")] {
      var output = ""
      var session = Session { output += $0 }
      var tutor = Tutor(library: try folder.library("de"), progress: ProgressKeeper(path: nil))
      tutor.prepare(&session)
      #expect(tutor.begin("short", step: nil, in: &session) == .success)
      #expect(tutor.choices == ["ja", "nein"])
      for line in [typed, "migrate p1 b"] { _ = tutor.enter(SourceText(name: "typed", text: line), in: &session) }
      #expect(output.contains("? ja. You said \(said): "), "\(typed)\n\(output)")
      #expect(output.contains("Alle Seiten reisen.") == (said == "nein"))
    }
  }
}

/// What `migsh lesson new` writes is a lesson that is proved as it is.
@Suite struct LessonSkeletonTests {
  @Test(arguments: [false, true]) func theSkeletonIsProved(isExercise: Bool) throws {
    let text = try #require(LessonSkeleton.text(name: "my-first", isExercise: isExercise))
    let lesson = try lesson(text)
    #expect(lesson.name == "my-first" && (lesson.points > 0) == isExercise)
    var prover = Prover(lesson)
    #expect(prover.prove(seeds: 1...4).map(\.text) == [])
    #expect(lesson.remarks.isEmpty)
  }

  @Test(arguments: ["", "1st", "if", "a b", "../x"]) func noNameNoSkeleton(_ name: String) {
    #expect(LessonSkeleton.text(name: name, isExercise: false) == nil)
  }
}
