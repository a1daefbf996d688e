import CommandLanguage
import Course
import Shell

/// Something that reads foreign input, and the inputs with which its fuzzing begins.
struct Subject {
  enum Kind: String, CaseIterable, Sendable {
    /// Scripts as texts: parses them, shows their mistakes, completes them. Executes nothing.
    case syntax
    /// Texts in an editor: checks them, and asks a language server about them. Executes nothing.
    case editor
    /// Expressions, one on a line, in a world in which much has happened.
    case values
    /// The parts of a course as texts: lessons, outlines and the parts of submissions. Executes nothing.
    case course
    /// Scripts and what is typed at the prompt.
    case commands
    /// Lessons and exercises, played and proved.
    case lesson
    /// Submissions, which are graded. The first line is `# NAME`, with the name of the exercise.
    case submission
    /// Reports on submissions. The first line is the student's name.
    case report
    /// Packets as bytes: decodes them and encodes them again.
    case packets

    /// Whether any lines of an input are again a sensible input.
    var takesAnyLines: Bool {
      switch self {
      case .syntax, .editor, .values, .commands: true
      case .course, .lesson, .submission, .report, .packets: false
      }
    }
  }

  /// The result of trying an input.
  struct Outcome {
    /// What it reached. Some things may be there twice.
    var features: [UInt64] = []
    /// What is wrong: a fault that did not end the program.
    var finding: String?
    /// Where inputs that begin with this one can begin.
    var end: Start?

    mutating func reach(_ feature: UInt64) { features.append(feature) }
  }

  let kind: Kind
  /// Inputs as they are in the repository.
  let seeds: [[UInt8]]
  let vocabulary = Vocabulary()
  /// The commands of the shell.
  let table = Session { _ in }.table
  let exercises: [Lesson]
  /// The same exercises, with few of the further seeds that their checks ask for.
  let quickExercises: [Lesson]
  /// The scene in which expressions are tried.
  let scene: Session

  /// There are no inputs to begin with.
  struct NoSeeds: Error, CustomStringConvertible {
    let root: String
    var description: String { "\(root) is not the folder of the repository, where the first inputs are" }
  }

  /// - Parameter root: the repository's folder.
  init(_ kind: Kind, root: String) throws {
    self.kind = kind
    let isLesson = { (name: String) in name.hasSuffix(".migsh") }
    let exerciseTexts = Store.readAll("\(root)/Lessons/exercises", where: isLesson).map {
      String(decoding: $0, as: UTF8.self)
    }
    guard !exerciseTexts.isEmpty else { throw NoSeeds(root: root) }
    let table = table
    exercises = try exerciseTexts.map { try Lesson(parsing: SourceText(name: "exercise", text: $0), table: table) }
    quickExercises = try exerciseTexts.map {
      let text = $0.replacing(/seeds [0-9]+/, with: "seeds 1")
      return try Lesson(parsing: SourceText(name: "exercise", text: text), table: table)
    }
    scene = try Self.prepareScene()
    let scripts = Store.readAll("\(root)/Tests/ScriptTests/Scripts") { $0.hasSuffix(".txt") }
    let solutions = exerciseTexts.map(Self.solution)
    switch kind {
    case .commands:
      seeds = scripts.flatMap(Self.blocks) + [Array("node add a b\nspawn p\nspawn q --on b --program echo\n".utf8)]
    case .syntax: seeds = scripts.map(Self.script)
    case .editor: seeds = scripts.map(Self.script) + Store.readAll("\(root)/Lessons", where: isLesson)
    case .values: seeds = scripts.map(Self.expressions) + [Self.everyField(in: scene)]
    case .course, .lesson:
      let lessons = Store.readAll("\(root)/Lessons", where: isLesson) + exerciseTexts.map { Array($0.utf8) }
      let others = Store.readAll("\(root)/Lessons") { $0.hasSuffix(".yaml") } + solutions
      seeds = kind == .course ? lessons + others : lessons
    case .submission: seeds = solutions
    case .report: seeds = solutions.map { Array("ada\n".utf8) + $0 }
    case .packets: seeds = Self.frames()
    }
  }

  /// Tries one input.
  ///
  /// - Parameter start: where inputs that begin as this one does can begin.
  func feed(_ input: [UInt8], from start: Start? = nil) -> Outcome {
    switch kind {
    case .syntax: feedSyntax(input)
    case .editor: feedEditor(input)
    case .values: feedValues(input)
    case .course: feedCourse(input)
    case .commands: feedCommands(input, from: start)
    case .lesson: feedLesson(input)
    case .submission: feedSubmission(input)
    case .report: feedReport(input)
    case .packets: feedPacket(input)
    }
  }

  /// An input as a text; nil, and taken down, when it is none.
  func text(_ input: [UInt8], _ outcome: inout Outcome) -> SourceText? {
    do throws(Diagnostic) { return try SourceText(name: "fuzz", bytes: input) } catch {
      note(error, &outcome)
      return nil
    }
  }

  /// Takes down a mistake, and looks at how it is shown.
  func note(_ mistake: Diagnostic, _ outcome: inout Outcome) {
    outcome.reach(Feature.hash(message: mistake.message))
    if let expected = mistake.expected { outcome.reach(Feature.hash(remark: expected)) }
    if let remedy = mistake.remedy { outcome.reach(Feature.hash(remark: remedy)) }
    outcome.finding = outcome.finding ?? Self.flaw(in: mistake.rendered(), isJSON: false)
  }
}

// MARK: - First inputs

extension Subject {
  /// What a script test executes.
  private static func script(of test: [UInt8]) -> [UInt8] { blocks(of: test).last ?? [] }

  /// The whole of a script test, and each of its blocks together with those before it, without what they print.
  private static func blocks(of test: [UInt8]) -> [[UInt8]] {
    var script = ""
    var blocks: [[UInt8]] = []
    var isOutput = false
    for line in String(decoding: test, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false) {
      if line == "----" {
        isOutput = true
        if script.utf8.count < 2_000 { blocks.append(Array(script.utf8)) }
      } else if isOutput {
        isOutput = !line.isEmpty
      } else {
        script += line + "\n"
      }
    }
    return blocks + [Array(script.utf8)]
  }

  /// The expressions of a script test.
  private static func expressions(of test: [UInt8]) -> [UInt8] {
    let script = String(decoding: script(of: test), as: UTF8.self)
    let openings = ["print ", "expect ", "let ", "say "]
    let lines = script.split(separator: "\n").filter { line in openings.contains { line.hasPrefix($0) } }
    return Array(lines.map { $0.hasPrefix("print ") ? $0.dropFirst(6) : $0 }.joined(separator: "\n").utf8)
  }

  /// What solves an exercise, as it is handed in.
  private static func solution(of exercise: String) -> [UInt8] {
    var lines: [Substring] = []
    var isSolution = false
    for line in exercise.split(separator: "\n") {
      let words = line.split(separator: " ")
      switch words.first {
      case "@lesson": lines.append("# \(words.dropFirst().first ?? "")")
      case "@step": lines.append("@step \(words.dropFirst().first ?? "")")
      case "@solution": isSolution = true
      case let word? where word.hasPrefix("@") || word.hasPrefix("|"): isSolution = false
      default: if isSolution { lines.append(line) }
      }
    }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }
}
