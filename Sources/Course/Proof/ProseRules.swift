import CommandLanguage
import Shell

/// The rules for prose: its lines fit the width, and the engine works out every quantity in it.
struct ProseRules {
  /// The most characters that a line of prose may have.
  static let widest = 120

  private let source: SourceText
  private let texts: [Template]
  private let quantity =
    /\b[0-9]+(?:\.[0-9]+)? ?(?:(?:ns|us|ms|s|B|KiB|MiB|GiB|kB|MB|GB|bps|kbps|Mbps|Gbps)\b|%)/

  /// The prose of a lesson as its author wrote it.
  init(_ lesson: Lesson) {
    var texts: [Template] = []
    for step in lesson.steps {
      texts += step.preamble.flatMap(\.texts)
      texts += step.task + step.hints
      for part in step.explanation { texts += part.text }
      for reply in step.replies { texts += reply.text }
    }
    self.init(lesson.source, texts)
  }

  /// - Parameter texts: each a line of the source, or a part of one.
  init(_ source: SourceText, _ texts: [Template]) {
    self.source = source
    self.texts = texts
  }

  var problems: [Diagnostic] { texts.compactMap(tooWide) + texts.flatMap(bareQuantities) }

  private func tooWide(_ text: Template) -> Diagnostic? {
    let width = source.line(at: text.span.start).displayWidth
    guard width > Self.widest else { return nil }
    return source.diagnostic(
      at: text.span, "this line is \(width) characters wide", expected: "at most \(Self.widest)",
      remedy: "go on on the next line")
  }

  /// Numbers with a unit that the author typed. They may stand in `$( )`, and in a code span that is a command: a word
  /// followed by more.
  private func bareQuantities(_ text: Template) -> [Diagnostic] {
    let plain = masked(text)
    var found: [Diagnostic] = []
    for match in plain.matches(of: quantity) {
      let start = text.span.start + plain.utf8.distance(from: plain.startIndex, to: match.range.lowerBound)
      let span = SourceSpan(start: start, end: start + match.output.utf8.count)
      found.append(
        source.diagnostic(
          at: span, "`\(match.output)` is a quantity that nothing works out",
          remedy: "write it as $(expression), so that it is what the engine says"))
    }
    return found
  }

  /// The source of a text, with blanks in every place where quantities may stand. All other bytes keep their places.
  private func masked(_ text: Template) -> String {
    var bytes = Array(source.utf8[text.span.start..<text.span.end])
    let start = text.span.start
    for case .expression(let expression) in text.segments {
      for offset in (expression.span.start - start)..<(expression.span.end - start) { bytes[offset] = blank }
    }
    var open: Int?
    for offset in bytes.indices where bytes[offset] == UInt8(ascii: "`") {
      guard let from = open else {
        open = offset
        continue
      }
      if isCommand(bytes[(from + 1)..<offset]) { for inside in from...offset { bytes[inside] = blank } }
      open = nil
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func isCommand(_ code: ArraySlice<UInt8>) -> Bool {
    guard let first = code.first else { return false }
    return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) && code.contains(blank)
  }

  private let blank = UInt8(ascii: " ")
}

extension Lesson.Preamble {
  fileprivate var texts: [Template] {
    switch self {
    case .prose(let lines): lines
    case .question(let question): [question.text]
    case .setup: []
    }
  }
}
