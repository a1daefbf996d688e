/// A file, a line and a column, both counted from 1; a column counts characters.
public struct SourcePlace: Sendable, Hashable, CustomStringConvertible {
  /// The name of the file in messages.
  public var file: String
  /// Counted from 1.
  public var line: Int
  /// In characters, counted from 1.
  public var column: Int

  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  public var description: String { "\(file):\(line):\(column)" }
}

/// What led to a place: a command of the user's own, or a file that another names.
public struct Caller: Sendable, Equatable {
  /// The beginning of the command, as it was typed.
  public let command: String
  /// Where it stands.
  public var place: SourcePlace

  /// - Parameter command: all of it.
  public init(command: String, place: SourcePlace) {
    self.command = shortened(command)
    self.place = place
  }
}

/// An error with its place: what is wrong, what was expected, and what can be done about it.
public struct Diagnostic: Error, Sendable, Equatable {
  /// Where it is, and where the caret starts.
  public var place: SourcePlace
  /// The whole line at the place, without its line end.
  public var sourceLine: String
  /// How many characters the caret covers, from `caretStart`; at least 1.
  public var caretWidth: Int
  /// What is wrong.
  public var message: String
  /// What was expected, in words that continue "expected".
  public var expected: String?
  /// What the user may have meant, for "did you mean `…`?".
  public var suggestion: String?
  /// What the user can do about it, as a phrase of its own.
  public var remedy: String?
  /// Whether commands before this one in the same statement had done something, which was taken back.
  public var isTakenBack = false
  /// What led to its place, the innermost first.
  public var callers: [Caller] = []

  public init(
    place: SourcePlace, sourceLine: String, caretWidth: Int = 1, message: String, expected: String? = nil,
    suggestion: String? = nil, remedy: String? = nil
  ) {
    self.place = place
    self.sourceLine = sourceLine
    self.caretWidth = caretWidth
    self.message = message
    self.expected = expected
    self.suggestion = suggestion
    self.remedy = remedy
  }

  /// The column where the caret starts, counted from 1.
  public var caretStart: Int { place.column }

  /// The diagnostic for people: several lines, without a newline at the end.
  ///
  /// - Parameters:
  ///   - kind: its first word.
  ///   - columns: how wide the screen is; nil when there is none. The line with the mistake is not wider, so that the caret
  ///     stands below its place.
  public func rendered(kind: String = "error", columns: Int? = nil) -> String {
    var lines = ["\(place): \(kind): \(message)"]
    // An indentation of two, and signs for what is cut off.
    let (line, caret) = excerpt(width: max(8, min(Self.widestLine, (columns ?? .max) - 4)))
    lines.append("  " + line)
    lines.append("  " + caret)
    if let expected { lines.append("  expected \(expected)") }
    if let suggestion { lines.append("  did you mean `\(suggestion)`?") }
    if let remedy { lines.append("  \(remedy)") }
    lines += callers.prefix(Self.mostCallers).map { "  in `\($0.command)`, at \($0.place)" }
    if callers.count > Self.mostCallers { lines.append("  and in \(callers.count - Self.mostCallers) more") }
    if isTakenBack { lines.append("  what the statement had done before this is taken back") }
    return lines.map(printable).joined(separator: "\n")
  }

  /// The diagnostic for somebody who hears it: first what is wrong and what can be done, and the place in words, since nobody
  /// hears below what a caret stands.
  public func told(kind: String = "error") -> String {
    var lines = ["\(kind): \(message)"]
    if let suggestion { lines.append("did you mean `\(suggestion)`?") }
    if let remedy { lines.append(remedy) }
    if let expected { lines.append("expected \(expected)") }
    let characters = Array(sourceLine)
    let start = min(max(caretStart - 1, 0), characters.count)
    let meant = String(characters[start..<min(characters.count, start + caretWidth)]).prefix(Self.widestLine)
    lines.append("at \(meant.allSatisfy(\.isWhitespace) ? "" : "`\(meant)`, ")\(place)")
    lines += callers.prefix(Self.mostCallers).map { "in `\($0.command)`, at \($0.place)" }
    if callers.count > Self.mostCallers { lines.append("and in \(callers.count - Self.mostCallers) more") }
    if isTakenBack { lines.append("what the statement had done before this is taken back") }
    return lines.map(printable).joined(separator: "\n")
  }

  /// How many of those that led to a place are shown.
  private static let mostCallers = 8
  private static let widestLine = 100
  private static let charactersBeforeCaret = 40

  /// The line, and below it the line of the caret. A line that is too wide is cut around the caret.
  private func excerpt(width widestLine: Int) -> (line: String, caret: String) {
    let characters = Array(sourceLine)
    let caret = min(max(caretStart - 1, 0), characters.count)
    var start = 0
    var end = characters.count
    if characters.count > widestLine {
      let before = min(Self.charactersBeforeCaret, widestLine / 2)
      start = max(0, min(caret - before, characters.count - widestLine))
      end = min(start + widestLine, characters.count)
    }
    let cutBefore = start > 0 ? "…" : ""
    let cutAfter = end < characters.count ? "…" : ""
    // Copies tabs into the line of the caret, where they take the same room as above.
    let indent = cutBefore.map { _ in " " } + characters[start..<caret].map { $0 == "\t" ? "\t" : " " }
    let width = max(1, min(caretWidth, end - caret))
    return (
      cutBefore + String(characters[start..<end]) + cutAfter,
      indent.joined() + "^" + String(repeating: "~", count: width - 1)
    )
  }
}

/// A text without any control characters but tabs.
package func printable(_ text: String) -> String {
  if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
  return String(text.map { $0 == "\t" || !isControl($0) ? $0 : "\u{FFFD}" })
}

private func isControl(_ character: Character) -> Bool {
  character.unicodeScalars.contains { $0.properties.generalCategory == .control }
}

/// The candidate that the user most likely meant by a mistyped word, or nil when none is close.
///
/// Distance is Damerau and Levenshtein's (insertions, deletions, substitutions, neighbours exchanged), regardless of
/// case. Short words allow fewer mistakes. Among equals it takes the first in alphabetical order.
public func closest(to word: String, among candidates: some Sequence<String>) -> String? {
  let length = word.utf8.count
  guard length <= 64 else { return nil }
  let limit = length < 2 ? 0 : length < 4 ? 1 : length < 8 ? 2 : 3
  let isPlain = isASCII(word)
  let wanted = word.lowercased()
  let wantedBytes = Array(wanted.utf8)
  var best: (distance: Int, candidate: String)?
  for candidate in candidates where !candidate.isEmpty {
    let distance: Int
    let other = candidate.lowercased()
    if isPlain, isASCII(candidate) {
      guard abs(other.utf8.count - wantedBytes.count) <= limit else { continue }
      distance = editDistance(wantedBytes, Array(other.utf8))
    } else {
      guard abs(other.count - wanted.count) <= limit else { continue }
      distance = editDistance(Array(wanted), Array(other))
    }
    guard distance <= limit, distance < other.count else { continue }
    if let best, (best.distance, best.candidate) <= (distance, candidate) { continue }
    best = (distance, candidate)
  }
  return best?.candidate
}

/// Whether every byte of a text is a character. Bytes are cheaper to compare.
private func isASCII(_ text: String) -> Bool { text.utf8.allSatisfy { $0 < 0x80 } }

/// The restricted Damerau-Levenshtein distance, by rows.
private func editDistance<Element: Equatable>(_ first: [Element], _ second: [Element]) -> Int {
  var beforePrevious: [Int] = []
  var previous = Array(0...second.count)
  for row in first.indices {
    var current = [row + 1]
    current.reserveCapacity(second.count + 1)
    for column in second.indices {
      let replaced = previous[column] + (first[row] == second[column] ? 0 : 1)
      var cost = min(replaced, previous[column + 1] + 1, current[column] + 1)
      if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
        cost = min(cost, beforePrevious[column - 1] + 1)
      }
      current.append(cost)
    }
    beforePrevious = previous
    previous = current
  }
  return previous[second.count]
}
