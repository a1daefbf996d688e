import CommandLanguage
import Course
import Shell

/// Finds mistakes in scripts and lessons, and what is hardly meant, without executing anything.
public struct ScriptChecker {
  /// The commands of the shell.
  let table: CommandTable
  /// Reads a file that a script names with `source`.
  let readFile: (_ path: String) throws -> SourceText

  /// - Parameters:
  ///   - table: the commands of the shell.
  ///   - readFile: reads a file that a script names with `source`.
  public init(
    table: CommandTable, readFile: @escaping (_ path: String) throws -> SourceText = { try readSource($0) }
  ) {
    self.table = table
    self.readFile = readFile
  }

  /// Checks a script, a lesson or an exercise.
  ///
  /// Names are judged only in a text without mistakes: what cannot be parsed may set and use any.
  ///
  /// - Returns: what was found, in the order of the places.
  public func check(_ source: SourceText) -> [Finding] {
    var gatherer = NameGatherer(checker: self)
    var findings: [Finding] = []
    let isLesson = Lesson.isLesson(source)
    var lesson: Lesson?
    if isLesson {
      let (parsed, mistakes) = Lesson.parse(source, table: table)
      findings = mistakes.map(Finding.mistake)
      lesson = parsed
      if let parsed { gatherer.add(parsed) }
    } else {
      var parser = Parser(source: source, table: table)
      var mistakes: [Diagnostic] = []
      let parsed = parser.parseScript(collecting: &mistakes)
      findings = mistakes.map(Finding.mistake)
      gatherer.add(script: parsed, in: source)
    }
    findings += gatherer.findings
    if !findings.contains(where: { $0.severity == .error }) {
      findings += gatherer.warnings(isLesson: isLesson)
      findings += (lesson?.warnings ?? []).map { .warning(.idle, $0) }
    }
    // Places of other files come behind those of this one.
    let ordered = findings.enumerated().sorted { left, right in
      let (first, second) = (left.element.diagnostic.place, right.element.diagnostic.place)
      return (first.file == source.name ? 0 : 1, first.line, first.column, left.offset)
        < (second.file == source.name ? 0 : 1, second.line, second.column, right.offset)
    }
    return ordered.map(\.element)
  }
}
