import CommandLanguage
import Shell

/// What people read at one place of a lesson.
enum ReadText {
  /// Nothing is filled in.
  case plain(String)
  /// One text, which is filled anew.
  case line(Template)
  /// Lines of prose.
  case lines([Template])

  var templates: [Template] {
    switch self {
    case .plain: []
    case .line(let template): [template]
    case .lines(let templates): templates
    }
  }
}

/// A text of a lesson, with the key under which a translation has it.
struct LessonText {
  /// Such as `move.hint.2`: the second hint of the step `move`.
  let key: String
  let content: ReadText
  /// As its author wrote it, without quotes, on one line or several.
  let original: String

  /// Tells whether the author has changed it since it was translated. Where lines end makes no difference.
  var digest: String { Self.digest(of: original) }

  /// The first 32 bits of HMAC-SHA256, as eight hexadecimal digits.
  static func digest(of text: String) -> String {
    let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let code = StudentSeed.authenticationCode(of: Array(words.utf8), key: Array("migsh translation".utf8))
    return code.prefix(4).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }
    .joined()
  }

  /// The key without a number at its end: texts of one such kind can change places.
  static func kind(of key: String) -> String {
    guard let point = key.lastIndex(of: "."), Int(key[key.index(after: point)...]) != nil else { return key }
    return String(key[..<point])
  }

  /// Everything that is filled in, as it is written, and as it was parsed.
  func filledIn(_ source: SourceText) -> [(text: String, segment: Template.Segment)] {
    content.templates.flatMap { $0.filledIn(source) }
  }
}

extension Template {
  /// What is filled in, in order: `$x`, or the text of an expression with single blanks.
  func filledIn(_ source: SourceText) -> [(text: String, segment: Segment)] {
    segments.compactMap { segment in segment.written(source).map { ($0, segment) } }
  }
}

extension Template.Segment {
  /// How it is written in the simplest way; nil for what is no place to fill in.
  func written(_ source: SourceText) -> String? {
    switch self {
    case .literal: nil
    case .variable(let name, _), .expression(.variable(let name, _)): "$" + name
    case .expression(let expression):
      source.text(expression.span).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
  }
}

extension Lesson {
  /// All that people read of the lesson, in its order.
  var texts: [LessonText] {
    var found: [LessonText] = []
    var copy = self
    copy.replaceTexts { key, content in
      found.append(LessonText(key: key, content: content, original: original(content)))
      return content
    }
    return found
  }

  private func original(_ content: ReadText) -> String {
    if case .plain(let text) = content { return text }
    return content.templates.map { template in
      let text = source.text(template.span)
      let isQuoted = text.count >= 2 && (text.first == "\"" || text.first == "'") && text.first == text.last
      return isQuoted ? String(text.dropFirst().dropLast()) : text
    }
    .joined(separator: "\n")
  }

  /// Puts other texts in the place of those that people read. Every part of a lesson that a translation may have is named
  /// here, and nowhere else.
  mutating func replaceTexts(_ replace: (_ key: String, _ content: ReadText) -> ReadText) {
    func plain(_ text: inout String, _ key: String) {
      if case .plain(let new) = replace(key, .plain(text)) { text = new }
    }
    plain(&title, "title")
    if var goal {
      plain(&goal.text, "goal")
      plain(&goal.minutesText, "goal.minutes")
      self.goal = goal
    }
    for index in steps.indices { steps[index].replaceTexts(replace) }
    guard source.text.contains("about(") else { return }
    for word in Value.numberWords {
      var said = numberWords[word] ?? word
      plain(&said, "number.\(word.replacing(" ", with: "-"))")
      if said != word { numberWords[word] = said }
    }
  }
}

extension Lesson.Step {
  fileprivate mutating func replaceTexts(_ replace: (_ key: String, _ content: ReadText) -> ReadText) {
    func line(_ text: inout Template, _ key: String) {
      if case .line(let new) = replace("\(name).\(key)", .line(text)) { text = new }
    }
    func lines(_ texts: inout [Template], _ key: String) {
      guard !texts.isEmpty else { return }
      if case .lines(let new) = replace("\(name).\(key)", .lines(texts)) { texts = new }
    }
    var proseCount = 0
    for index in preamble.indices {
      switch preamble[index] {
      case .prose(var texts):
        proseCount += 1
        lines(&texts, "before.\(proseCount)")
        preamble[index] = .prose(texts)
      case .question(var question):
        line(&question.text, "ask.\(question.name)")
        for place in question.choices.indices {
          let key = "\(name).ask.\(question.name).choice.\(place + 1)"
          if case .plain(let new) = replace(key, .plain(question.shownChoices[place])) {
            question.shownChoices[place] = new
          }
        }
        preamble[index] = .question(question)
      case .setup: break
      }
    }
    lines(&task, "task")
    for index in checks.indices {
      guard var message = checks[index].message else { continue }
      line(&message, "check.\(checks[index].name)")
      checks[index].message = message
    }
    for index in hints.indices { line(&hints[index], "hint.\(index + 1)") }
    for index in replies.indices { lines(&replies[index].text, "reply.\(index + 1)") }
    for index in explanation.indices { lines(&explanation[index].text, "explain.\(index + 1)") }
  }
}
