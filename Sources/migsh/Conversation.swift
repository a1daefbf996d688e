import CommandLanguage
import Course
import LineEditor
import Shell

/// A conversation with the tutor that is read from a file or a pipe: every entry is taken as if it had been typed.
struct Conversation {
  private let options: BatchSettings

  init(_ options: BatchSettings) { self.options = options }

  /// Whether a script talks to the tutor: a line of it begins with `lesson` or `exercise`.
  static func asksForTutor(_ bytes: [UInt8]) -> Bool {
    bytes.split(separator: UInt8(ascii: "\n")).contains { line in
      let content = line.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
      let word = content.prefix { $0 > UInt8(ascii: " ") && $0 != UInt8(ascii: ";") }
      return word.elementsEqual("lesson".utf8) || word.elementsEqual("exercise".utf8)
    }
  }

  /// - Parameter first: what is asked of the tutor before anything is typed.
  /// - Returns: the first status other than success, if there is one.
  func run(_ source: SourceText, first: TutorLink.Request?) -> ScriptStatus {
    var session = Batch(options).makeSession()
    var tutor = makeTutor(options)
    tutor.prepare(&session)
    var status = ScriptStatus.success
    if let first { status = tutor.begin(first, in: &session) }
    for entry in entries(of: source) where status == .success || options.keepGoing {
      let one = tutor.enter(entry, in: &session)
      if status == .success { status = one }
      if session.hasQuit || one == .interrupted { break }
    }
    return status
  }

  /// The entries as they would be typed: lines, and further lines where one does not end a command.
  private func entries(of source: SourceText) -> [SourceText] {
    var entries: [SourceText] = []
    var text = ""
    var first = 1
    for (number, line) in source.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if text.isEmpty { first = number + 1 }
      text += text.isEmpty ? String(line) : "\n" + line
      if Parser.isIncomplete(text) { continue }
      if text.contains(where: { !$0.isWhitespace }) {
        entries.append(SourceText(name: source.name, text: text, firstLine: first))
      }
      text = ""
    }
    if !text.isEmpty { entries.append(SourceText(name: source.name, text: text, firstLine: first)) }
    return entries
  }
}
