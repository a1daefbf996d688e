import ArgumentParser
import CommandLanguage
import Course
import Glibc
import LineEditor
import QuestionBank
import Shell
import Synchronization

/// `migsh test`.
struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Prove lessons: solutions pass, doing nothing does not, and prose says what is so.")

  @Option(help: "How many seeds each lesson is proved with.")
  var seeds: UInt64 = 20

  @Flag(help: "Show every way round that the battery tries on exercises, with the points that it earns.")
  var tries = false

  @Option(
    help: ArgumentHelp(
      "Prove the translations into this language alone. By default all that are there.", valueName: "code"))
  var language: LessonLanguage?

  @ArgumentParser.Argument(
    help: ArgumentHelp("Lessons, or folders with a course.yaml.", valueName: "file"), completion: .scripts)
  var files: [String]

  @Option(help: "How many lessons are proved at once.")
  var jobs = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

  func validate() throws {
    guard (1...1_000_000).contains(seeds) else { throw ValidationError("--seeds takes a number from 1 to 1000000.") }
    guard (1...1024).contains(jobs) else { throw ValidationError("--jobs takes a number from 1 to 1024.") }
  }

  func run() throws {
    Interrupt.install()
    var status = ScriptStatus.success
    for file in files {
      let one = test(file)
      if status == .success { status = one }
      if Interrupt.isRequested { throw ExitCode(ScriptStatus.interrupted.rawValue) }
    }
    throw ExitCode(status.rawValue)
  }

  private func test(_ file: String) -> ScriptStatus {
    do {
      let table = Session { _ in }.table
      let paths = try lessonFiles(file)
      let lessons = try paths.map { try Lesson(parsing: try readSource($0), table: table) }
      let folder = isFolder(file) ? file : nil
      let inventory = try folder.flatMap { try CourseFolder.inventory(in: $0) }
      let mistakes = try folder.map { try courseMistakes($0, lessons, inventory) } ?? []
      for mistake in mistakes { Terminal.write(mistake + "\n") }
      let texts = try folder.map { try CourseText.all(in: $0, inventory) } ?? []
      let isSpelled = spell(lessons.map(CourseText.init) + texts, in: folder ?? courseFolder(of: file))
      if let folder {
        try warnOfLeftOut(folder)
        warnOfOrphans(folder)
      }
      var taught = folder == nil ? try vocabulary(before: file, lessons.first, table) : Vocabulary()
      let proofs = zip(lessons, paths).map { lesson, path in
        defer { taught?.add(lesson) }
        return Proof(
          lesson: lesson, path: path, taught: taught, seeds: seeds, showsTries: tries,
          languages: language.map { [$0] } ?? TranslationFiles.languages(beside: path))
      }
      let areProved = proveAll(proofs)
      let isAnswered = inventory.map(prove) ?? true
      let haveHandouts = try folder.map { try proveHandouts($0, lessons) } ?? true
      return areProved && isAnswered && haveHandouts && mistakes.isEmpty && isSpelled ? .success : .failed
    } catch {
      Terminal.writeError(describe(error, of: file) + "\n")
      return .usage
    }
  }

  /// Proves the concept inventory of a course.
  private func prove(_ inventory: Inventory) -> Bool {
    let problems = inventory.problems(seeds: 1...seeds, isInterrupted: { Interrupt.isRequested })
    for problem in problems { Terminal.write(problem + "\n") }
    let proven = inventory.items.count(where: \.isProven)
    Terminal.write(
      "\(inventory.name): \(counted(inventory.items.count, "question")), \(proven) of them answered by the engine, "
        + "\(counted(seeds, "seed")): \(problems.isEmpty ? "proved" : counted(problems.count, "problem"))\n")
    return problems.isEmpty
  }

  /// Looks up the words of lessons and of what stands beside them, as far as that can be done here.
  private func spell(_ texts: [CourseText], in folder: String?) -> Bool {
    guard let spelling = Spelling(words: (folder ?? ".") + "/words.txt") else {
      Terminal.writeError("migsh: hunspell and hunspell-en-gb are not installed, so the spelling is not checked\n")
      return true
    }
    var isGood = true
    for text in texts {
      if !spelling.isGood(text.lines.map { ("\(text.name):\($0.line)", $0.text) }) { isGood = false }
    }
    return isGood
  }

  /// What is wrong with the order of a course, what no step of it teaches, and what its other files say that is not so.
  private func courseMistakes(
    _ folder: String, _ lessons: [Lesson], _ inventory: Inventory?
  ) throws -> [String] {
    var mistakes = CourseOutline.mistakes(inOrder: lessons).map { $0.rendered() }
    if let curriculum = try CourseTableCommand.curriculum(in: folder) {
      let names = lessons.filter(\.asks).map(\.name)
      mistakes += curriculum.mistakes(lessons: names).map { "\(Curriculum.path(inCourse: folder)): \($0)" }
    }
    let statements = "\(folder)/statements.yaml"
    guard access(statements, F_OK) == 0 else { return mistakes }
    var index = try CourseIndex(parsing: try readSource(statements))
    mistakes += index.enter(lessons)
    let known = index.entries.map(\.number)
    for item in inventory?.items ?? [] {
      mistakes += item.statements.filter { !known.contains($0) }.map {
        "\(Inventory.path(inCourse: folder)): the question `\(item.name)` names statement \($0), which there is not"
      }
    }
    return mistakes
  }

  /// Proves lessons, some of them at once, and tells of them in their order.
  private func proveAll(_ proofs: [Proof]) -> Bool {
    let state = Mutex<(told: Int, texts: [Int: String], isGood: Bool)>((0, [:], true))
    shareWork(on: proofs, jobs: jobs) { place, proof in
      let (text, isGood) = proof.prove()
      guard !Interrupt.isRequested else { return }
      state.withLock { state in
        state.texts[place] = text
        if !isGood { state.isGood = false }
        while let text = state.texts.removeValue(forKey: state.told) {
          Terminal.write(text)
          state.told += 1
        }
      }
    }
    return state.withLock(\.isGood)
  }

  /// Names lessons in a course's folder that its `course.yaml` leaves out.
  private func warnOfLeftOut(_ folder: String) throws {
    let listed = Set(try lessonFiles(folder))
    for path in filesBelow(folder).sorted() where path.hasSuffix(".migsh") && !listed.contains(path) {
      guard let source = try? readSource(path), source.beginsLesson else { continue }
      Terminal.write("warning: \(path) is in no lesson list: course.yaml leaves it out\n")
    }
  }

  /// Names translations of lessons that are not there.
  private func warnOfOrphans(_ folder: String) {
    for path in filesBelow(folder) {
      guard let lesson = TranslationFiles.lesson(ofTranslation: path), access(lesson, F_OK) != 0 else { continue }
      Terminal.write("warning: \(path) translates a lesson that is not there: \(lesson)\n")
    }
  }

  /// The files in a folder and in those below it, as far down as a course goes.
  private func filesBelow(_ folder: String, depth: Int = 4) -> [String] {
    guard depth > 0, let names = try? entries(ofFolder: folder) else { return [] }
    return names.sorted().filter { !$0.hasPrefix(".") }.flatMap { name in
      let path = "\(folder)/\(name)"
      return isFolder(path) ? filesBelow(path, depth: depth - 1) : [path]
    }
  }

  /// What the lessons before a lesson of a course teach; nil for one that no course near it lists.
  private func vocabulary(before file: String, _ lesson: Lesson?, _ table: CommandTable) throws -> Vocabulary? {
    guard let lesson, let folder = courseFolder(of: file) else { return nil }
    var taught = Vocabulary()
    for path in try lessonFiles(folder) {
      let other = try Lesson(parsing: try readSource(path), table: table)
      if other.name == lesson.name { return taught }
      taught.add(other)
    }
    return nil
  }
}

/// A file whose words are looked up.
private struct CourseText {
  let name: String
  /// What people read, each line with its number.
  let lines: [(line: Int, text: String)]

  init(_ lesson: Lesson) { (name, lines) = (lesson.source.name, lesson.proseLines) }

  private init(name: String, lines: [(line: Int, text: String)]) { (self.name, self.lines) = (name, lines) }

  /// What stands beside the lessons of a course: the guide for teachers, and the concept inventory.
  static func all(in folder: String, _ inventory: Inventory?) throws -> [CourseText] {
    var texts: [CourseText] = []
    let guide = folder + "/guide.md"
    if access(guide, R_OK) == 0 { texts.append(CourseText(name: guide, lines: Prose.lines(of: try readSource(guide)))) }
    if let inventory {
      texts.append(CourseText(name: inventory.name, lines: inventory.proseLines.map { ($0, Prose.withoutCode($1)) }))
    }
    return texts
  }
}

/// A lesson to prove.
private struct Proof: Sendable {
  let lesson: Lesson
  let path: String
  let taught: Vocabulary?
  let seeds: UInt64
  let showsTries: Bool
  /// Whose translations are proved, too.
  let languages: [LessonLanguage]

  /// - Returns: what is told of the lesson, and whether it has no problem.
  func prove() -> (text: String, isGood: Bool) {
    var prover = Prover(lesson, taught: taught, isInterrupted: { Interrupt.isRequested })
    let problems = prover.prove(seeds: 1...seeds)
    let verdict = problems.isEmpty ? "proved" : counted(problems.count, "problem")
    let text =
      (problems + prover.warnings).map { $0.text + "\n" }.joined()
      + "\(lesson.name): \(counted(lesson.steps.count, "step")), \(counted(seeds, "seed")): \(verdict)\n"
    let translations = Interrupt.isRequested ? [] : languages.map(proveTranslation)
    return (
      text + told(prover.results) + translations.map(\.text).joined(),
      problems.isEmpty && translations.allSatisfy(\.isGood)
    )
  }

  private func proveTranslation(_ language: LessonLanguage) -> (text: String, isGood: Bool) {
    do {
      let translation = try TranslationFiles.translation(into: language, beside: path)
      let proof = TranslationProof(translation, of: lesson, table: Session { _ in }.table)
      let verdict = proof.problems.isEmpty ? "proved" : counted(proof.problems.count, "problem")
      let text =
        proof.problems.map { $0 + "\n" }.joined()
        + "  in \(language.code): \(proof.shownCount) of \(counted(proof.count, "text")): \(verdict)\n"
      return (text, proof.problems.isEmpty)
    } catch {
      return (describe(error, of: TranslationFiles.path(of: language, beside: path)) + "\n", false)
    }
  }

  /// How many ways round were tried; or each of them.
  private func told(_ results: [BatteryResult]) -> String {
    guard !results.isEmpty else { return "" }
    let best = results.filter { $0.acceptance == nil }.max { $0.earned * $1.points < $1.earned * $0.points }
    let accepted = results.count { $0.acceptance != nil && $0.earned == $0.points * 100 }
    let summary =
      "  the battery tried \(counted(results.count, "way")) round"
      + (best.map { "; the best earns \(points($0.earned)) of \($0.points) (\($0.step), \($0.attempt))" } ?? "")
      + (accepted > 0 ? "; \(accepted) accepted" : "") + "\n"
    guard showsTries else { return summary }
    var table = Table("STEP", "TRIED", "POINTS>", "COMMANDS")
    for result in results {
      let text = result.text.split(separator: "\n").joined(separator: "; ")
      let end = result.refusal.map { " (\($0))" } ?? ""
      table.add(
        result.step, result.attempt, "\(points(result.earned))/\(result.points)", String(text.prefix(100)) + end)
    }
    return summary + table.text
  }

  private func points(_ hundredths: Int) -> String { formatNumber(Double(hundredths) / 100) }
}
