import CommandLanguage
import Shell

/// The texts of a lesson in another language, from the file beside it: `why-move.de.yaml`.
///
///     language: de
///     title:
///       of: 4c1d09e7
///       text: Warum ein Prozess umzieht
///     crowd.hint.1: Was sagt `help wait`?
///
/// `of` is the digest of the text that was translated. It shows when that has changed since, or stands under another key.
public struct LessonTranslation: Sendable {
  /// The language of the texts.
  public let language: LessonLanguage
  /// The file.
  let source: SourceText
  let entries: [Entry]

  /// A text under its key.
  struct Entry: Sendable {
    let key: String
    /// The file, and where the key stands in it.
    let file: SourceText
    let span: SourceSpan
    /// Of what was translated; nil when the entry does not say.
    let digest: String?
    let text: String
    /// Where the lines of the text lie: in the file itself, where they stand there one by one.
    let source: SourceText
    let lines: [SourceSpan]
  }

  /// - Parameters:
  ///   - source: the text of the file.
  ///   - language: the one that the name of the file says.
  public init(parsing source: SourceText, language: LessonLanguage) throws(Diagnostic) {
    self.source = source
    self.language = language
    let document: YAML?
    do throws(YAML.Mistake) { document = try YAML.document(in: source.text) } catch {
      throw source.diagnostic(at: source.span(ofLine: error.line), error.message)
    }
    guard case .members(let members) = document ?? .members([]) else {
      throw source.diagnostic(
        at: SourceSpan(start: 0, end: 0), "this is no translation", expected: "a text behind each key")
    }
    var entries: [Entry] = []
    for member in members {
      guard member.name == "language" else {
        entries.append(try Self.entry(member, in: source))
        continue
      }
      guard case .text(let code) = member.value, LessonLanguage(code) == language else {
        throw source.diagnostic(
          at: source.span(ofLine: member.line), "the name of the file says another language",
          expected: "language: \(language.code)")
      }
    }
    self.entries = entries
  }

  private static func entry(_ member: YAML.Member, in source: SourceText) throws(Diagnostic) -> Entry {
    let span = source.span(ofLine: member.line)
    switch member.value {
    case .text: return entry(member.name, span, digest: nil, text: member, in: source)
    case .list: break
    case .members(let parts):
      var digest: String?
      var text: YAML.Member?
      for part in parts {
        guard case .text(let value) = part.value, part.name == "of" || part.name == "text" else {
          throw source.diagnostic(
            at: source.span(ofLine: part.line), "`\(part.name)` is not known here", expected: "`of` and `text`")
        }
        if part.name == "of" { digest = value } else { text = part }
      }
      if let text { return entry(member.name, span, digest: digest, text: text, in: source) }
    }
    throw source.diagnostic(at: span, "`\(member.name)` has no text", expected: "`of` and `text` below it")
  }

  private static func entry(
    _ key: String, _ span: SourceSpan, digest: String?, text member: YAML.Member, in source: SourceText
  ) -> Entry {
    var text = ""
    if case .text(let value) = member.value { text = value }
    while text.last?.isWhitespace == true { text.removeLast() }
    let own = SourceText(name: source.name, text: text, firstLine: member.valueLine)
    let written = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard member.isLiteral else {
      return Entry(
        key: key, file: source, span: span, digest: digest, text: text, source: own, lines: own.wholeLines)
    }
    let lines = source.wholeLines.dropFirst(member.valueLine - 1).prefix(written.count)
    let spans = zip(lines, written).map { line, text in
      let end = line.start + source.text(line).trimmedAtEnd.utf8.count
      return SourceSpan(start: max(line.start, end - String(text).trimmedAtEnd.utf8.count), end: end)
    }
    return Entry(key: key, file: source, span: span, digest: digest, text: text, source: source, lines: spans)
  }
}

extension SourceText {
  /// The lines, with white space at their beginnings and ends.
  fileprivate var wholeLines: [SourceSpan] {
    var spans: [SourceSpan] = []
    var start = 0
    for end in utf8.indices where utf8[end] == UInt8(ascii: "\n") {
      spans.append(SourceSpan(start: start, end: end))
      start = end + 1
    }
    return spans + (start < utf8.count ? [SourceSpan(start: start, end: utf8.count)] : [])
  }

  /// The line of that number, without white space at its ends.
  func span(ofLine number: Int) -> SourceSpan {
    let lines = lineSpans
    let place = number - firstLine
    return lines.indices.contains(place) ? lines[place] : SourceSpan(start: utf8.count, end: utf8.count)
  }
}

extension String {
  fileprivate var trimmedAtEnd: String {
    var text = self
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
