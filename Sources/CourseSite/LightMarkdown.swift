/// The prose of lessons, cut into paragraphs, lists and what stays as it is, by the rules by which `Prose` wraps it for a
/// terminal: lines that follow each other are one paragraph.
struct LightMarkdown: Equatable {
  /// A part of a text, with a line of its own.
  enum Block: Equatable {
    case paragraph([Span])
    /// - Parameter start: the number of the first item; nil where items are not numbered.
    case list(start: Int?, items: [[Span]])
    case verbatim([String])
  }

  /// A part of a line.
  indirect enum Span: Equatable, Sendable {
    case text(String)
    case code(String)
    case strong([Span])
    case emphasis([Span])
  }

  private(set) var blocks: [Block] = []
  private var paragraph: [String] = []
  /// Where the paragraph under way is an item, its list: nil where items are not numbered.
  private var item: Marker?
  private var isFenced = false
  /// Whether the next line that stays as it is goes on with the last block.
  private var isVerbatimOpen = false

  private struct Marker: Equatable {
    let number: Int?
    let length: Int
  }

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
      blocks.append(.paragraph([.strong(Self.spans(in: String(heading)))]))
    } else if content.isEmpty {
      endParagraph()
      isVerbatimOpen = false
    } else if let marker = Self.marker(of: content) {
      endParagraph()
      item = marker
      paragraph = [String(content.dropFirst(marker.length))]
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
    let spans = Self.spans(in: paragraph.joined(separator: " "))
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

  /// The beginning of an item of a list; nil for other lines.
  private static func marker(of line: Substring) -> Marker? {
    if line.hasPrefix("- ") || line.hasPrefix("* ") { return Marker(number: nil, length: 2) }
    let digits = line.prefix { $0.isASCII && $0.isNumber }
    guard (1...2).contains(digits.count), line.dropFirst(digits.count).hasPrefix(". "), let number = Int(digits) else {
      return nil
    }
    return Marker(number: number, length: digits.count + 2)
  }

  // MARK: - Lines

  /// What stands between back quotes is code, between two stars strong, between single stars emphasised. What has no end is
  /// plain text.
  static func spans(in text: String) -> [Span] { spans(in: Array(text)[...]) }

  private static func spans(in characters: ArraySlice<Character>) -> [Span] {
    var spans: [Span] = []
    var plain = ""
    var rest = characters
    func endPlain() {
      if !plain.isEmpty { spans.append(.text(plain)) }
      plain = ""
    }
    while let character = rest.first {
      if character == "`", let end = rest.dropFirst().firstIndex(of: "`"), end > rest.startIndex + 1 {
        endPlain()
        spans.append(.code(String(rest[(rest.startIndex + 1)..<end])))
        rest = rest[(end + 1)...]
      } else if character == "*" {
        let width = rest.dropFirst().first == "*" ? 2 : 1
        if let end = endOfStars(width, in: rest) {
          endPlain()
          let inner = Self.spans(in: rest[(rest.startIndex + width)..<end])
          spans.append(width == 2 ? .strong(inner) : .emphasis(inner))
          rest = rest[(end + width)...]
        } else {
          plain += String(repeating: "*", count: width)
          rest = rest.dropFirst(width)
        }
      } else {
        plain.append(character)
        rest = rest.dropFirst()
      }
    }
    endPlain()
    return spans
  }

  /// Where the stars stand that end what begins with as many; nil where these begin nothing. They touch what they enclose, and
  /// stars inside code do not count.
  private static func endOfStars(_ width: Int, in text: ArraySlice<Character>) -> Int? {
    let start = text.startIndex + width
    guard start < text.endIndex, text[start] != " ", text[start] != "*" else { return nil }
    var isCode = false
    var place = start
    while place < text.endIndex {
      if text[place] == "`" { isCode.toggle() }
      guard text[place] == "*", !isCode else {
        place += 1
        continue
      }
      var end = place
      while end < text.endIndex, text[end] == "*" { end += 1 }
      // Of three stars, the first ends what is emphasised inside.
      if end - place == width || (end - place > width && width == 2), place > start, text[place - 1] != " " {
        return end - width
      }
      place = end
    }
    return nil
  }
}
