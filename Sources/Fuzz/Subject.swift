import CommandLanguage
import Course
import Shell

/// Something that reads what others wrote, with the inputs to begin with.
struct Subject {
  enum Kind: String, CaseIterable, Sendable {
    /// Scripts and what is typed at the prompt.
    case commands
    /// Lessons and exercises: parsed, played and proved.
    case lesson
    /// What students hand in, graded; its first line is `# NAME` of the exercise.
    case submission
    /// The reports on what students hand in, whose names are the first line.
    case report
  }

  /// What came of an input.
  struct Outcome {
    /// What it reached.
    var features: Set<UInt64> = []
    /// What is wrong: a fault that did not end the program.
    var finding: String?
  }

  let kind: Kind
  /// Inputs as they are in the repository.
  let seeds: [[UInt8]]
  let vocabulary = Vocabulary()
  let exercises: [Lesson]

  /// There is nothing to begin with.
  struct NoSeeds: Error, CustomStringConvertible {
    let root: String
    var description: String { "\(root) is not the folder of the repository, where the first inputs are" }
  }

  /// - Parameter root: the repository's folder.
  init(_ kind: Kind, root: String) throws {
    self.kind = kind
    let isLesson = { (name: String) in name.hasSuffix(".migsh") }
    let exerciseTexts = Store.readAll("\(root)/Lessons/exercises", where: isLesson)
    guard !exerciseTexts.isEmpty else { throw NoSeeds(root: root) }
    let table = Session { _ in }.table
    exercises = try exerciseTexts.map { bytes in
      try Lesson(parsing: SourceText(name: "exercise", bytes: bytes), table: table)
    }
    switch kind {
    case .commands:
      let scripts = Store.readAll("\(root)/Tests/ScriptTests/Scripts") { $0.hasSuffix(".txt") }
      seeds = scripts.flatMap(Self.blocks) + [Array("node add a b\nspawn p\nspawn q --on b --program echo\n".utf8)]
    case .lesson:
      seeds = Store.readAll("\(root)/Lessons", where: isLesson) + exerciseTexts
    case .submission:
      seeds = exerciseTexts.map { Self.solution(of: String(decoding: $0, as: UTF8.self)) }
    case .report:
      seeds = exerciseTexts.map { Array("ada\n".utf8) + Self.solution(of: String(decoding: $0, as: UTF8.self)) }
    }
  }

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

  /// Tries one input.
  func feed(_ input: [UInt8]) -> Outcome {
    switch kind {
    case .commands: feedCommands(input)
    case .lesson: feedLesson(input)
    case .submission: feedSubmission(input)
    case .report: feedReport(input)
    }
  }

  /// The exercise that a line names, or the first.
  func exercise(named line: some StringProtocol) -> Lesson? {
    exercises.first { line.hasPrefix("# \($0.name)") } ?? exercises.first
  }
}
