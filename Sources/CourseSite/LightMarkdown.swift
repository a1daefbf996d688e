import Shell

/// The prose of lessons, cut into paragraphs, lists and what stays as it is, by the rules by which `Prose` wraps it for a
/// terminal: lines that follow each other are one paragraph.
struct LightMarkdown: Equatable {
  /// A part of a text, with a line of its own.
  enum Block: Equatable {
    case paragraph([MarkdownSpan])
    /// - Parameter start: the number of the first item; nil where items are not numbered.
    case list(start: Int?, items: [[MarkdownSpan]])
    case verbatim([String])
  }

  private(set) var blocks: [Block] = []
  private var paragraph: [String] = []
  /// Where the paragraph under way is an item, its list: nil where items are not numbered.
  private var item: ListMarker?
  private var isFenced = false
  /// Whether the next line that stays as it is goes on with the last block.
  private var isVerbatimOpen = false

  init(_ lines: [String]) {
    for line in lines { add(line) }
    endParagraph()
  }

  private mutating func add(_ line: String) {
    let content = line.drop { $0 == " " }
    let indent = line.count - content.count
    if content.hasPrefix("```") {
      endParagraph()
      isFenced.toggle()
      isVerbatimOpen = false
    } else if isFenced || (indent >= 4 && paragraph.isEmpty && !content.isEmpty) || content.hasPrefix("|") {
      addVerbatim(line)
    } else if content.hasPrefix("#") {
      endParagraph()
      let heading = content.drop { $0 == "#" }.drop { $0 == " " }
      blocks.append(.paragraph([.strong(MarkdownSpan.spans(in: String(heading)))]))
    } else if content.isEmpty {
      endParagraph()
      isVerbatimOpen = false
    } else if let marker = ListMarker(of: content) {
      endParagraph()
      item = marker
      paragraph = [String(content.dropFirst(marker.text.count))]
    } else {
      paragraph.append(String(content))
    }
  }

  private mutating func addVerbatim(_ line: String) {
    endParagraph()
    if isVerbatimOpen, case .verbatim(let lines)? = blocks.last {
      blocks[blocks.count - 1] = .verbatim(lines + [line])
    } else {
      blocks.append(.verbatim([line]))
      isVerbatimOpen = true
    }
  }

  private mutating func endParagraph() {
    guard !paragraph.isEmpty else { return }
    let spans = MarkdownSpan.spans(in: paragraph.joined(separator: " "))
    paragraph = []
    isVerbatimOpen = false
    guard let marker = item else {
      blocks.append(.paragraph(spans))
      return
    }
    item = nil
    if case .list(let start, let items)? = blocks.last, (start == nil) == (marker.number == nil) {
      blocks[blocks.count - 1] = .list(start: start, items: items + [spans])
    } else {
      blocks.append(.list(start: marker.number, items: [spans]))
    }
  }
}
