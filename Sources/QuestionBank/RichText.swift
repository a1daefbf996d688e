import Shell

/// A text with paragraphs, lists and code, as people read it in a question.
///
/// It is made from light Markdown: back quotes around code, stars around what is stressed, lines that begin with `- ` or
/// `1. ` for lists. Every paragraph stands on a line of its own.
public struct RichText: Sendable, Equatable {
  /// A part of a line.
  public enum Span: Sendable, Equatable {
    case plain(String)
    case code(String)
    case emphasis([Span])
    case strong([Span])
  }

  /// A part that stands on lines of its own.
  public enum Block: Sendable, Equatable {
    case paragraph([Span])
    case list([[Span]], isNumbered: Bool)
    /// Commands, a line each.
    case code([String])
  }

  /// The parts in their order.
  public var blocks: [Block]

  /// A text of parts that are known.
  public init(_ blocks: [Block]) { self.blocks = blocks }

  /// - Parameter markdown: with every paragraph on a line of its own.
  public init(markdown: String) {
    blocks = []
    for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) { add(line) }
  }

  private mutating func add(_ line: Substring) {
    let content = line.drop { $0 == " " }
    let digits = content.prefix { $0.isASCII && $0.isNumber }
    if content.isEmpty { return }
    if line.hasPrefix("    ") {
      addCode(String(line.dropFirst(4)))
    } else if content.hasPrefix("- ") || content.hasPrefix("* ") {
      addItem(Self.spans(content.dropFirst(2)), isNumbered: false)
    } else if (1...2).contains(digits.count), content.dropFirst(digits.count).hasPrefix(". ") {
      addItem(Self.spans(content.dropFirst(digits.count + 2)), isNumbered: true)
    } else {
      blocks.append(.paragraph(Self.spans(content)))
    }
  }

  private mutating func addCode(_ line: String) {
    if case .code(let lines)? = blocks.last {
      blocks[blocks.count - 1] = .code(lines + [line])
    } else {
      blocks.append(.code([line]))
    }
  }

  private mutating func addItem(_ item: [Span], isNumbered: Bool) {
    if case .list(let items, isNumbered)? = blocks.last {
      blocks[blocks.count - 1] = .list(items + [item], isNumbered: isNumbered)
    } else {
      blocks.append(.list([item], isNumbered: isNumbered))
    }
  }

  // MARK: - Lines

  /// A line of light Markdown, in its parts.
  static func spans(_ text: Substring) -> [Span] {
    var spans: [Span] = []
    var plain = ""
    var rest = text
    func end() { if !plain.isEmpty { spans.append(.plain(plain)) } }
    while let character = rest.first {
      if let (span, after) = marked(rest) {
        end()
        plain = ""
        spans.append(span)
        rest = after
      } else {
        plain.append(character)
        rest.removeFirst()
      }
    }
    end()
    return spans
  }

  /// What a mark at the start of a text encloses, and the text behind it; nil when nothing is enclosed.
  private static func marked(_ text: Substring) -> (span: Span, after: Substring)? {
    if let (inside, after) = enclosed(text, by: "`") { return (.code(String(inside)), after) }
    if let (inside, after) = enclosed(text, by: "**"), isTight(inside) { return (.strong(spans(inside)), after) }
    if text.hasPrefix("**") { return nil }
    if let (inside, after) = enclosed(text, by: "*"), isTight(inside) { return (.emphasis(spans(inside)), after) }
    return nil
  }

  private static func enclosed(_ text: Substring, by mark: String) -> (inside: Substring, after: Substring)? {
    guard text.hasPrefix(mark) else { return nil }
    let rest = text.dropFirst(mark.count)
    guard let end = rest.firstRange(of: mark), !end.isEmpty, rest.startIndex < end.lowerBound else { return nil }
    return (rest[..<end.lowerBound], rest[end.upperBound...])
  }

  /// Whether stars touch what they enclose. A star between blanks multiplies.
  private static func isTight(_ text: Substring) -> Bool { text.first != " " && text.last != " " }

  // MARK: - As HTML

  /// The text in elements that HTML, XHTML and QTI have alike.
  public var html: String { blocks.map(Self.html).joined() }

  /// The spans of all paragraphs, without elements around them: for what stands on one line.
  public var inlineHTML: String {
    blocks.map { block -> String in
      switch block {
      case .paragraph(let spans): Self.html(spans)
      case .list(let items, _): items.map(Self.html).joined(separator: "; ")
      case .code(let lines): "<code>" + lines.map(escapedForXML).joined(separator: "; ") + "</code>"
      }
    }.joined(separator: " ")
  }

  private static func html(_ block: Block) -> String {
    switch block {
    case .paragraph(let spans): return "<p>\(html(spans))</p>"
    case .code(let lines): return "<pre>\(lines.map(escapedForXML).joined(separator: "\n"))</pre>"
    case .list(let items, let isNumbered):
      let name = isNumbered ? "ol" : "ul"
      return "<\(name)>" + items.map { "<li>\(html($0))</li>" }.joined() + "</\(name)>"
    }
  }

  private static func html(_ spans: [Span]) -> String {
    spans.map { span -> String in
      switch span {
      case .plain(let text): escapedForXML(text)
      case .code(let text): "<code>\(escapedForXML(text))</code>"
      case .emphasis(let spans): "<em>\(html(spans))</em>"
      case .strong(let spans): "<strong>\(html(spans))</strong>"
      }
    }.joined()
  }
}
