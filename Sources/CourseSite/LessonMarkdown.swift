import Course
import Shell

/// A lesson as Markdown, with the same content as its page; pictures stand in it in characters.
struct LessonMarkdown {
  let lesson: PlayedLesson
  /// The titles of the other lessons of the course by their names.
  var titles: [String: String] = [:]

  /// The first line of every file that this program writes as Markdown, and of nobody else's.
  static let mark = "<!-- made by migsh course export -->"

  var text: String {
    var body = "\(Self.mark)\n\n# \(Self.escaped(lesson.title))\n\n"
    if let goal = lesson.goal { body += "*\(Self.line(goal))*\n\n" }
    var facts: [String] = []
    if let minutes = lesson.minutes { facts.append("About \(counted(minutes, "minute")).") }
    if lesson.isExercise { facts.append("An exercise, worth \(counted(lesson.points, "point")).") }
    if !lesson.needs.isEmpty {
      let needs = lesson.needs.map { name in titles[name].map { "[\(Self.escaped($0))](\(name).md)" } ?? "`\(name)`" }
      facts.append("Comes after \(needs.joined(separator: ", ")).")
    }
    facts.append("To do it, type `migsh lesson \(lesson.name)`.")
    body += facts.joined(separator: " ") + "\n\n"
    if let remark = PageText.ownNumbers(lesson) { body += remark + "\n\n" }
    for (index, step) in lesson.steps.enumerated() { body += section(step, number: index + 1) }
    return String(body.dropLast())
  }

  // MARK: - A step

  private func section(_ step: PlayedLesson.Step, number: Int) -> String {
    let points = step.points > 0 ? " (\(counted(step.points, "point")))" : ""
    var body = "## \(number). \(Self.escaped(step.name))\(points)\n\n"
    for item in step.preamble {
      switch item {
      case .prose(let lines): body += Self.prose(lines)
      case .question(let question): body += self.question(question)
      case .setup(let transcript):
        guard !lesson.isExercise, !transcript.entries.isEmpty else { continue }
        body += Self.details(
          "The set-up: \(counted(transcript.entries.count, "command"))", Self.transcript(transcript))
      }
    }
    body += "### Your task\n\n" + Self.prose(step.task)
    if lesson.isExercise { body += checked(step) }
    for (index, hint) in PageText.shownHints(step, of: lesson).enumerated() {
      body += Self.details("Hint \(index + 1) of \(step.hints.count)", Self.line(hint) + "\n\n")
    }
    if !lesson.isExercise { body += solution(step) }
    return body
  }

  private func checked(_ step: PlayedLesson.Step) -> String {
    let (told, others) = PageText.checks(of: step)
    guard !told.isEmpty else { return "" }
    let more = others > 0 ? "- \(counted(others, "more check"))\n" : ""
    return "What is checked:\n\n" + told.map { "- \(checkText($0))\n" }.joined() + more + "\n"
  }

  private func question(_ question: PlayedLesson.Question) -> String {
    var body = "**Predict.** \(Self.line(question.text))\n\n"
    if !question.choices.isEmpty {
      body += question.choices.map { "- \(Self.escaped($0))\n" }.joined() + "\n"
    } else if let tolerance = question.tolerance {
      body += "A prediction within \(PageText.percent(tolerance)) counts as right.\n\n"
    }
    guard !lesson.isExercise else { return body }
    var answer = Self.escaped(question.answer) + "\n\n"
    for reply in question.replies {
      let said = reply.choices.map { "*\(Self.escaped($0))*" }.joined(separator: " or ")
      answer += "If you said \(said):\n\n" + Self.prose(reply.text)
    }
    return body + Self.details("Answer", answer)
  }

  private func checkText(_ check: PlayedLesson.Check) -> String {
    if check.isForbidden { return "this must not happen: \(Self.escaped(check.message ?? check.name))" }
    return Self.code(check.name) + (check.message.map { ": \(Self.line($0))" } ?? "")
  }

  private func solution(_ step: PlayedLesson.Step) -> String {
    var body = Self.transcript(step.solution)
    if !step.checks.isEmpty { body += step.checks.map { "- \($0.verdict): \(checkText($0))\n" }.joined() + "\n" }
    for part in step.explanation { body += Self.prose(part) }
    return Self.details("A solution, what it shows, and why", body)
  }

  // MARK: - Texts

  private static func details(_ summary: String, _ body: String) -> String {
    "<details>\n<summary>\(escapedForXML(summary))</summary>\n\n\(body)</details>\n\n"
  }

  private static func transcript(_ transcript: PlayedLesson.Transcript) -> String {
    var lines = ""
    for entry in transcript.entries {
      let statement = entry.statement.split(separator: "\n", omittingEmptySubsequences: false)
      if !entry.statement.isEmpty { lines += statement.map { "> \($0)\n" }.joined() }
      for output in entry.output {
        switch output {
        case .text(let text): lines += text
        case .picture(let picture): lines += picture.text
        }
      }
      if !lines.isEmpty, !lines.hasSuffix("\n") { lines += "\n" }
    }
    return lines.isEmpty ? "" : fenced(lines)
  }

  /// Lines as they are: the fence is longer than any row of back quotes in them.
  static func fenced(_ lines: String) -> String {
    let fence = String(repeating: "`", count: max(3, longestRow(of: "`", in: lines) + 1))
    return "\(fence)text\n\(lines)\(lines.hasSuffix("\n") ? "" : "\n")\(fence)\n\n"
  }

  private static func longestRow(of character: Character, in text: String) -> Int {
    var (longest, row) = (0, 0)
    for each in text {
      row = each == character ? row + 1 : 0
      longest = max(longest, row)
    }
    return longest
  }

  static func prose(_ lines: [String]) -> String {
    LightMarkdown(lines).blocks.map { block in
      switch block {
      case .paragraph(let spans): return self.spans(spans) + "\n\n"
      case .list(let start, let items):
        return items.enumerated().map { index, spans in
          "\(start.map { "\($0 + index). " } ?? "- ")\(self.spans(spans))\n"
        }.joined() + "\n"
      case .verbatim(let lines): return fenced(lines.joined(separator: "\n"))
      }
    }
    .joined()
  }

  static func line(_ line: String) -> String { spans(MarkdownSpan.spans(in: line)) }

  private static func spans(_ spans: [MarkdownSpan]) -> String {
    spans.map { span in
      switch span {
      case .text(let plain): escaped(plain)
      case .code(let code): self.code(code)
      case .strong(let inner): "**\(self.spans(inner))**"
      case .emphasis(let inner): "*\(self.spans(inner))*"
      }
    }
    .joined()
  }

  static func code(_ code: String) -> String {
    let fence = String(repeating: "`", count: longestRow(of: "`", in: code) + 1)
    let pad = code.hasPrefix("`") || code.hasSuffix("`") ? " " : ""
    return fence + pad + code + pad + fence
  }

  /// A plain text: nothing in it is markup.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "\\", "`", "*", "_", "[", "]", "#", "|", "~", "!": escaped += "\\\(character)"
      case "\n": escaped += " "
      default: escaped += escapedForXML(String(character))
      }
    }
    return escaped
  }
}
