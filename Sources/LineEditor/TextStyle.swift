/// What a part of a line is, which decides how it looks.
public enum TextStyle: Equatable, Sendable, CaseIterable {
  /// The words of a command that there is.
  case command
  /// A word where a command is wanted that is the beginning of none.
  case unknownCommand
  case flag
  /// A text in quotes.
  case text
  case number
  case variable
  case comment
  /// A single sign that opens or closes something, and stands outside texts and comments.
  case bracket
}

/// A part of a line, and what it is.
public struct StyledSpan: Equatable, Sendable {
  /// Where it stands, in UTF-8 offsets.
  public var range: Range<Int>
  /// What it is.
  public var style: TextStyle

  /// The part at these UTF-8 offsets.
  public init(_ range: Range<Int>, _ style: TextStyle) {
    self.range = range
    self.style = style
  }
}

/// How a character looks.
struct Appearance: Equatable {
  var style: TextStyle?
  /// Whether this is one of the two brackets of the pair at the cursor.
  var isMarked = false

  /// The parameters of the escape sequence that begins it; empty for plain characters.
  var parameters: String {
    let color =
      switch style {
      case .command: "1"
      case .unknownCommand: "31"
      case .flag: "36"
      case .text: "32"
      case .number: "35"
      case .variable: "33"
      case .comment: "90"
      case .bracket, nil: ""
      }
    return isMarked ? "1;4" : color
  }
}

extension Appearance {
  /// How each character of a line looks. `spans` are in order, and later ones win where they overlap.
  static func all(in line: [Unicode.Scalar], spans: [StyledSpan], cursor: Int?) -> [Appearance] {
    var appearances = [Appearance](repeating: Appearance(), count: line.count)
    guard !spans.isEmpty else { return appearances }
    var indexAt: [Int: Int] = [:]
    var starts: [Int] = []
    starts.reserveCapacity(line.count + 1)
    var offset = 0
    for (index, scalar) in line.enumerated() {
      indexAt[offset] = index
      starts.append(offset)
      offset += UTF8.width(scalar)
    }
    indexAt[offset] = line.count
    var brackets: [Int] = []
    for span in spans {
      guard let start = indexAt[span.range.lowerBound], let end = indexAt[span.range.upperBound], start < end else {
        continue
      }
      for index in start..<end { appearances[index].style = span.style }
      if span.style == .bracket, end == start + 1 { brackets.append(start) }
    }
    if let cursor, let (first, second) = pair(at: cursor, brackets, in: line) {
      appearances[first].isMarked = true
      appearances[second].isMarked = true
    }
    return appearances
  }

  /// The bracket at the cursor, or else the one before it, and the one that matches; nil when there is no such pair.
  private static func pair(at cursor: Int, _ brackets: [Int], in line: [Unicode.Scalar]) -> (Int, Int)? {
    let closing: [Unicode.Scalar: Unicode.Scalar] = ["(": ")", "[": "]", "{": "}"]
    var open: [Int] = []
    var pairs: [(Int, Int)] = []
    for index in brackets {
      if closing[line[index]] != nil {
        open.append(index)
      } else if let last = open.last, closing[line[last]] == line[index] {
        open.removeLast()
        pairs.append((last, index))
      }
    }
    for place in [cursor, cursor - 1] {
      if let pair = pairs.first(where: { $0.0 == place || $0.1 == place }) { return pair }
    }
    return nil
  }
}
