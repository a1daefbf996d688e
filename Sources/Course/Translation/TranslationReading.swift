import CommandLanguage
import Shell

/// A translation held against its lesson: the texts that can be shown, and what is wrong with the others.
///
/// A text can be shown when it was made from what the lesson says now, and fills in the same as that: a learner then reads
/// nothing that the author does not say any more. Where a text cannot be shown, the author's own stands in for it.
struct TranslationReading {
  /// By key, the lines of texts that can be shown. Their parts point into the lesson.
  private(set) var shown: [String: [Template]] = [:]
  /// What is wrong, in the order of the file.
  private(set) var problems: [Diagnostic] = []
  /// All texts as they are parsed; their parts point into the sources beside them.
  private(set) var parsed: [(source: SourceText, lines: [Template])] = []
  /// The keys of texts without a translation, in the order of the lesson.
  private(set) var missing: [String] = []
  /// How many texts the lesson has.
  let count: Int

  private let lesson: Lesson
  private let texts: [LessonText]
  private let table: CommandTable

  /// - Parameter table: commands, which nothing in a text uses; a parser asks for them.
  init(_ translation: LessonTranslation, of lesson: Lesson, table: CommandTable) {
    self.lesson = lesson
    self.table = table
    texts = lesson.texts
    count = texts.count
    for entry in translation.entries where !entry.text.isEmpty { read(entry) }
    let begun = Set(translation.entries.filter { !$0.text.isEmpty }.map(\.key))
    missing = texts.map(\.key).filter { shown[$0] == nil && !begun.contains($0) }
    guard !missing.isEmpty else { return }
    let most = 6
    let names = missing.prefix(most).map { "`\($0)`" }.joined(separator: ", ")
    let rest = missing.count > most ? " and \(missing.count - most) more" : ""
    problems.append(
      translation.source.diagnostic(
        at: translation.source.span(ofLine: translation.source.firstLine),
        "\(counted(missing.count, "text")) of the lesson \(missing.count == 1 ? "is" : "are") not translated: \(names)\(rest)",
        remedy:
          "`migsh lesson translate \(lesson.name) \(translation.language.code) --update` writes what is missing into the file"
      ))
  }

  private mutating func read(_ entry: LessonTranslation.Entry) {
    guard let text = text(for: entry) else { return }
    do throws(Diagnostic) {
      var lines: [Template] = []
      for span in entry.lines {
        var parser = Parser(source: entry.source, table: table, span: span)
        lines.append(try parser.parseUnquotedText())
      }
      parsed.append((entry.source, lines))
      if let lines = fittedIn(lines, entry, text) { shown[text.key] = lines }
    } catch {
      problems.append(error)
    }
  }

  /// The text of the lesson that an entry translates; nil when there is none, or when that has changed since.
  private mutating func text(for entry: LessonTranslation.Entry) -> LessonText? {
    let own = texts.first { $0.key == entry.key }
    if let own, entry.digest == nil || entry.digest == own.digest { return own }
    let kind = LessonText.kind(of: entry.key)
    let moved = texts.first { text in
      entry.digest == text.digest && text.key != entry.key && LessonText.kind(of: text.key) == kind
    }
    if let moved {
      complain(entry, "what `\(entry.key)` translates is `\(moved.key)` now", remedy: "change the key")
      return shown[moved.key] == nil ? moved : nil
    }
    guard let own else {
      complain(
        entry, "the lesson has no text `\(entry.key)`", suggestion: closest(to: entry.key, among: texts.map(\.key)))
      return nil
    }
    let words = own.original.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    complain(
      entry, "the text behind `\(entry.key)` has changed since it was translated",
      expected: "a translation of: \(words.count <= 160 ? words : words.prefix(159) + "…")",
      remedy: "once the translation is right again, write `of: \(own.digest)`")
    return nil
  }

  /// The lines with what they fill in as the lesson has it; nil when they fill in something else.
  private mutating func fittedIn(
    _ lines: [Template], _ entry: LessonTranslation.Entry, _ text: LessonText
  ) -> [Template]? {
    let original = text.filledIn(lesson.source)
    let names = original.map(\.text)
    let translated = lines.flatMap { $0.filledIn(entry.source) }
    for (name, segment) in translated where !names.contains(name) {
      complain(
        entry, "the original does not fill in `\(Self.asWritten(name))`", at: segment.span,
        expected: names.isEmpty
          ? "nothing that is filled in" : names.map { "`\(Self.asWritten($0))`" }.joined(separator: ", "),
        suggestion: closest(to: name, among: names).map(Self.asWritten))
      return nil
    }
    for name in names where !translated.contains(where: { $0.text == name }) {
      complain(entry, "`\(entry.key)` does not fill in `\(Self.asWritten(name))`, and the original does")
      return nil
    }
    let span = text.content.templates.first?.span ?? lesson.span
    return lines.map { line in
      let segments = line.segments.map { segment in
        segment.written(entry.source).flatMap { name in original.first { $0.text == name }?.segment } ?? segment
      }
      return Template(segments: segments, span: span)
    }
  }

  private static func asWritten(_ name: String) -> String { name.hasPrefix("$") ? name : "$(\(name))" }

  private mutating func complain(
    _ entry: LessonTranslation.Entry, _ message: String, at span: SourceSpan? = nil, expected: String? = nil,
    suggestion: String? = nil, remedy: String? = nil
  ) {
    let (source, place) = span.map { (entry.source, $0) } ?? (entry.file, entry.span)
    problems.append(
      source.diagnostic(at: place, message, expected: expected, suggestion: suggestion, remedy: remedy))
  }
}

extension Template.Segment {
  /// Where it stands; nil for what is no place to fill in.
  fileprivate var span: SourceSpan? {
    switch self {
    case .literal: nil
    case .variable(_, let span): span
    case .expression(let expression): expression.span
    }
  }
}

extension Lesson {
  /// The lesson with the texts of a translation, as far as these can be shown.
  public func translated(by translation: LessonTranslation, table: CommandTable) -> Lesson {
    let reading = TranslationReading(translation, of: self, table: table)
    var lesson = self
    lesson.replaceTexts { key, content in
      guard let lines = reading.shown[key], !lines.isEmpty else { return content }
      let joined = Template(joining: lines)
      return switch content {
      case .plain(let text): .plain(joined.constantText ?? text)
      case .line: .line(joined)
      case .lines: .lines(lines)
      }
    }
    return lesson
  }
}

extension Template {
  /// Lines as one, with blanks between them.
  fileprivate init(joining lines: [Template]) {
    var segments: [Segment] = []
    func add(_ text: String) {
      if case .literal(let last)? = segments.last {
        segments[segments.count - 1] = .literal(last + text)
      } else {
        segments.append(.literal(text))
      }
    }
    for (index, line) in lines.enumerated() {
      if index > 0 { add(" ") }
      for segment in line.segments {
        if case .literal(let text) = segment { add(text) } else { segments.append(segment) }
      }
    }
    self.init(segments: segments, span: lines.first?.span ?? SourceSpan(start: 0, end: 0))
  }
}
