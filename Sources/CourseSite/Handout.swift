import CommandLanguage
import Course
import Shell

/// What a page of A4 says about a mechanism, as its author has written it: texts with `$(expression)`, and the commands after
/// which these are filled in.
package struct Handout: Sendable {
  /// What the file is called.
  package let name: String
  package let title: String
  /// The lesson that teaches it; nil when none is named.
  let lesson: String?
  /// What builds a cluster, and moves something.
  let script: SourceText
  /// The command that draws.
  let picture: SourceText
  /// How it works, what it costs and so on, each under its heading.
  let parts: [Part]

  struct Part: Sendable {
    let heading: String
    let text: [SourceText]
  }

  /// What people read in it, line by line, without code and without what is computed.
  ///
  /// - Returns: where each line stands, and its words.
  package var proseLines: [(place: String, text: String)] {
    [(script.name, Prose.withoutCode(title))]
      + parts.flatMap { part in part.text.map { ($0.name, Prose.withoutCode($0.text)) } }
  }

  /// The parts of each handout, by what they are called in the file, with their headings.
  static let partNames: [(name: String, heading: String)] = [
    ("idea", "How it works"), ("formula", "The formula"), ("price", "The price"), ("break", "How it breaks"),
    ("mend", "How to mend that"),
  ]
}

/// The handouts of a course, from the file `handouts.yaml` in its folder:
///
///     handouts:
///       total-freezing:
///         title: Total freezing
///         lesson: total-freezing
///         script: |
///           node add a b
///           spawn p1 --on a
///           migrate p1 b
///         picture: timeline p1
///         idea: Stop the process, send all of its pages, start it again.
///         formula: ...
///         price: It stood still for $(about(p1.migration.freezeTime)).
///         break: ...
///         mend: ...
package struct HandoutBook {
  package private(set) var handouts: [Handout] = []
  private let name: String

  /// - Parameter source: the text of the file.
  package init(parsing source: SourceText) throws(CourseOutline.Mistake) {
    name = source.name
    let members = try CourseOutline.members(of: source)
    guard members.count == 1, members[0].name == "handouts", case .members(let entries) = members[0].value else {
      throw CourseOutline.Mistake("\(name): it has no `handouts`, each with its name")
    }
    for entry in entries { handouts.append(try handout(entry)) }
  }

  /// The handouts of the course in a folder; none where it has no `handouts.yaml`.
  package static func handouts(inFolder folder: String, for lessons: [Lesson]) throws -> [Handout] {
    let path = "\(folder)/handouts.yaml"
    return Files.exists(path) ? try HandoutBook(parsing: try readSource(path)).handouts(for: lessons) : []
  }

  /// The handouts, which may name these lessons and no others.
  func handouts(for lessons: [Lesson]) throws(CourseOutline.Mistake) -> [Handout] {
    for handout in handouts {
      guard let lesson = handout.lesson, !lessons.contains(where: { $0.name == lesson }) else { continue }
      let suggestion = closest(to: lesson, among: lessons.map(\.name)).map { "; did you mean `\($0)`?" } ?? ""
      throw CourseOutline.Mistake(
        "\(name): the handout `\(handout.name)` names the lesson `\(lesson)`, which there is not\(suggestion)")
    }
    return handouts
  }

  private func handout(_ entry: YAML.Member) throws(CourseOutline.Mistake) -> Handout {
    func refusal(_ text: String) -> CourseOutline.Mistake {
      CourseOutline.Mistake("\(name): the handout `\(entry.name)` \(text)")
    }
    let isName = entry.name.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "-")
    }
    guard isName, !entry.name.isEmpty else { throw refusal("needs a name of the letters a to z and `-`") }
    guard case .members(let members) = entry.value else { throw refusal("has no parts") }
    let known = ["title", "lesson", "script", "picture"] + Handout.partNames.map(\.name)
    var texts: [String: String] = [:]
    for member in members {
      guard known.contains(member.name) else {
        let suggestion = closest(to: member.name, among: known).map { "; did you mean `\($0)`?" } ?? ""
        throw refusal("has a part `\(member.name)`, which there is not\(suggestion)")
      }
      guard case .text(let text) = member.value, !text.isEmpty else {
        throw refusal("has no text for `\(member.name)`")
      }
      texts[member.name] = text
    }
    func text(_ part: String) throws(CourseOutline.Mistake) -> String {
      guard let text = texts[part] else { throw refusal("has no `\(part)`") }
      return text
    }
    func source(_ text: String, _ part: String) -> SourceText {
      SourceText(name: "\(name), \(entry.name), \(part)", text: text)
    }
    var parts: [Handout.Part] = []
    for (part, heading) in Handout.partNames {
      let lines = try text(part).split(separator: "\n", omittingEmptySubsequences: false)
      parts.append(.init(heading: heading, text: lines.map { source(String($0), part) }))
    }
    return Handout(
      name: entry.name, title: try text("title"), lesson: texts["lesson"],
      script: source(try text("script"), "script"), picture: source(try text("picture"), "picture"), parts: parts)
  }
}

/// A handout with its numbers put in, and its picture.
package struct PlayedHandout: Sendable {
  package let name: String
  package let title: String
  let lesson: String?
  let script: String
  let picture: DrawnPicture
  let parts: [(heading: String, text: [String])]
}

extension Handout {
  /// Executes the script, draws the picture, and fills in the texts.
  package func played(
    isInterrupted: @escaping () -> Bool = { false }
  ) throws(PlayedLesson.Failure) -> PlayedHandout {
    let keeper = TranscriptKeeper()
    var session = keeper.makeSession(isInterrupted: isInterrupted)
    try execute(script, in: &session)
    _ = keeper.take()
    try execute(picture, in: &session)
    guard let drawn = keeper.take().pictures.first else {
      throw PlayedLesson.Failure(
        description: picture.diagnostic(
          at: SourceSpan(start: 0, end: picture.utf8.count), "this draws no picture",
          expected: "`timeline`, `messages`, `memory P`, `map`, `rounds` or `load --over T`"
        ).rendered(), status: .usage)
    }
    var filled: [(heading: String, text: [String])] = []
    for part in parts {
      var lines: [String] = []
      for line in part.text { lines.append(try text(line, session)) }
      filled.append((part.heading, lines))
    }
    return PlayedHandout(
      name: name, title: title, lesson: lesson, script: script.text, picture: drawn, parts: filled)
  }

  private func execute(_ source: SourceText, in session: inout Session) throws(PlayedLesson.Failure) {
    let status = session.execute(source)
    if let failure = session.failure {
      throw PlayedLesson.Failure(
        description: failure.diagnostic.rendered(kind: failure.kind), status: failure.status)
    }
    if status != .success {
      throw PlayedLesson.Failure(description: "the handout `\(name)` was interrupted", status: status)
    }
  }

  private func text(_ line: SourceText, _ session: borrowing Session) throws(PlayedLesson.Failure) -> String {
    do throws(Diagnostic) {
      var parser = Parser(source: line, table: session.table)
      let template = try parser.parseUnquotedText()
      return try session.evaluator(session.scope.variables, in: line).text(template)
    } catch {
      throw PlayedLesson.Failure(description: error.rendered(), status: .usage)
    }
  }
}
