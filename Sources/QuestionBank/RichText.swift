import Shell

/// A text with paragraphs, lists and code, as people read it in a question.
///
/// It is made from light Markdown: back quotes around code, stars around what is stressed, lines that begin with `- ` or
/// `1. ` for lists. Every paragraph stands on a line of its own.
public struct RichText: Sendable, Equatable {
  /// A part that stands on lines of its own.
  public enum Block: Sendable, Equatable {
    case paragraph([MarkdownSpan])
    case list([[MarkdownSpan]], isNumbered: Bool)
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
    if content.isEmpty { return }
    if line.hasPrefix("    ") {
      addCode(String(line.dropFirst(4)))
    } else if let marker = ListMarker(of: content) {
      addItem(MarkdownSpan.spans(in: content.dropFirst(marker.text.count)), isNumbered: marker.number != nil)
    } else {
      blocks.append(.paragraph(MarkdownSpan.spans(in: content)))
    }
  }

  private mutating func addCode(_ line: String) {
    if case .code(let lines)? = blocks.last {
      blocks[blocks.count - 1] = .code(lines + [line])
    } else {
      blocks.append(.code([line]))
    }
  }

  private mutating func addItem(_ item: [MarkdownSpan], isNumbered: Bool) {
    if case .list(let items, isNumbered)? = blocks.last {
      blocks[blocks.count - 1] = .list(items + [item], isNumbered: isNumbered)
    } else {
      blocks.append(.list([item], isNumbered: isNumbered))
    }
  }

  // MARK: - As HTML

  /// The text in elements that HTML, XHTML and QTI have alike.
  public var html: String { blocks.map(Self.html).joined() }

  /// The spans of all paragraphs, without elements around them: for what stands on one line.
  public var inlineHTML: String {
    blocks.map { block -> String in
      switch block {
      case .paragraph(let spans): MarkdownSpan.html(spans)
      case .list(let items, _): items.map(MarkdownSpan.html).joined(separator: "; ")
      case .code(let lines): "<code>" + lines.map(escapedForXML).joined(separator: "; ") + "</code>"
      }
    }.joined(separator: " ")
  }

  private static func html(_ block: Block) -> String {
    switch block {
    case .paragraph(let spans): return "<p>\(MarkdownSpan.html(spans))</p>"
    case .code(let lines): return "<pre>\(lines.map(escapedForXML).joined(separator: "\n"))</pre>"
    case .list(let items, let isNumbered):
      let name = isNumbered ? "ol" : "ul"
      return "<\(name)>" + items.map { "<li>\(MarkdownSpan.html($0))</li>" }.joined() + "</\(name)>"
    }
  }
}
