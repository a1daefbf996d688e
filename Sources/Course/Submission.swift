import CommandLanguage

/// What a student hands in: a script. A line `@step NAME` begins the part for each step; an exercise of one step needs
/// none.
public struct Submission: Sendable {
  /// The student who handed it in.
  public let student: String
  /// The files that it may read, by their paths in the folder that it was handed in with.
  let files: [String: [UInt8]]
  /// The parts, by the names of their steps.
  package let parts: [String: SourceText]
  /// Whether it is the exercise's own, which may use what is hidden from students.
  let isAuthors: Bool
  /// Mistakes in the lines that divide it. The parts that can be told apart still count.
  package let mistakes: [Diagnostic]

  /// - Parameters:
  ///   - text: what the student handed in, or why that is no text.
  ///   - files: those that it may read, by their paths in the folder that it was handed in with.
  public init(
    student: String, text: Result<SourceText, Diagnostic>, files: [String: [UInt8]] = [:], for exercise: Lesson
  ) {
    self.init(student: student, text: text, files: files, for: exercise, isAuthors: false)
  }

  init(
    student: String, text: Result<SourceText, Diagnostic>, files: [String: [UInt8]] = [:], for exercise: Lesson,
    isAuthors: Bool
  ) {
    self.student = student
    self.isAuthors = isAuthors
    self.files = files
    switch text {
    case .success(let source):
      var divider = SubmissionDivider(source: source, steps: exercise.steps.map(\.name))
      divider.divide()
      parts = divider.parts
      mistakes = divider.mistakes
    case .failure(let mistake):
      parts = [:]
      mistakes = [mistake]
    }
  }
}

extension SourceText {
  /// Whether a part of a submission has more than empty lines and comments.
  var hasCommands: Bool { lineSpans.contains { ![nil, UInt8(ascii: "#")].contains(firstByte(of: $0)) } }
}

private struct SubmissionDivider {
  let source: SourceText
  let steps: [String]
  var parts: [String: SourceText] = [:]
  var mistakes: [Diagnostic] = []

  private let usage = "@step NAME"

  init(source: SourceText, steps: [String]) {
    self.source = source
    self.steps = steps
  }

  mutating func divide() {
    let lines = source.lineSpans
    let dividers = lines.indices.filter { source.firstByte(of: lines[$0]) == UInt8(ascii: "@") }
    guard !dividers.isEmpty || steps.count > 1 else {
      if let only = steps.first { parts[only] = source }
      return
    }
    let start = dividers.first ?? lines.count
    if let command = lines[..<start].first(where: { ![nil, UInt8(ascii: "#")].contains(source.firstByte(of: $0)) }) {
      mistakes.append(
        source.diagnostic(
          at: command, "this stands before the first step",
          expected: "one of \(steps.map { "`@step \($0)`" }.joined(separator: ", "))"))
    }
    for (divider, next) in zip(dividers, dividers.dropFirst() + [lines.count]) {
      guard let name = name(on: lines[divider]) else { continue }
      parts[name] = source.slice(lines[(divider + 1)..<next], firstLine: source.firstLine + divider + 1)
    }
  }

  /// The step that a line begins. When it begins none, notes a mistake and returns nil.
  private mutating func name(on line: SourceSpan) -> String? {
    var words = source.text(line).split { $0 == " " || $0 == "\t" }.prefix { !$0.hasPrefix("#") }
    // The line as it stands in the exercise.
    if words.count == 4, words[2] == "points", Int(words[3]) != nil { words = words.prefix(2) }
    guard words.first == "@step", words.count == 2, let name = words.last.map(String.init) else {
      mistakes.append(source.diagnostic(at: line, "this begins no step", expected: usage))
      return nil
    }
    guard steps.contains(name) else {
      mistakes.append(
        source.diagnostic(
          at: line, "the exercise has no step `\(name)`", expected: "one of \(steps.joined(separator: ", "))",
          suggestion: closest(to: name, among: steps).map { "@step \($0)" }))
      return nil
    }
    guard parts[name] == nil else {
      mistakes.append(source.diagnostic(at: line, "the step `\(name)` has a part already"))
      return nil
    }
    return name
  }
}
