import CLibedit

/// Candidates as they are listed below the line. Each line of the list ends in a newline.
struct CandidateList {
  private static let gap = 2
  /// A summary is left out where less room than this is left for it.
  private static let narrowestSummary = 10

  let candidates: [Completions.Candidate]
  /// How wide the screen is.
  let width: Int
  /// How many lines there may be, with the one that says how many are left out.
  let maxRows: Int
  /// The escape sequences around a summary; empty without them.
  var dim = ""

  /// The list: with summaries, one candidate in a line, if all fit or if there is nothing shorter; otherwise in columns.
  var text: String {
    guard maxRows > 0, !candidates.isEmpty else { return "" }
    let hasSummaries = candidates.contains { !$0.summary.isEmpty }
    if hasSummaries, candidates.count <= maxRows { return described(candidates[...]) }
    // Beyond so many candidates, not even names of a single letter would find room in columns.
    let canFit = candidates.count <= maxRows * ((width + Self.gap) / (1 + Self.gap) + 1)
    if !hasSummaries || canFit && columnRows <= maxRows { return columns }
    let shown = candidates.prefix(maxRows - 1)
    return described(shown) + Self.leftOut(candidates.count - shown.count)
  }

  private static func leftOut(_ count: Int) -> String { count > 0 ? "(and \(count) more)\n" : "" }

  /// A candidate in each line, with its summary.
  private func described(_ candidates: ArraySlice<Completions.Candidate>) -> String {
    // One long name shall not push all summaries off the screen.
    let nameWidth = candidates.map { Self.width(of: $0.text) }.filter { $0 <= width / 2 }.max() ?? 0
    return candidates.map { candidate in
      let ownWidth = Self.width(of: candidate.text)
      let column = max(nameWidth, ownWidth) + Self.gap
      // Leaves the last column free, where terminals differ in when they break the line.
      let room = width - 1 - column
      guard !candidate.summary.isEmpty, room >= Self.narrowestSummary else { return candidate.text + "\n" }
      let spaces = String(repeating: " ", count: column - ownWidth)
      return candidate.text + spaces + dim + Self.cut(candidate.summary, to: room) + (dim.isEmpty ? "" : "\u{1B}[0m")
        + "\n"
    }.joined()
  }

  private var cellWidth: Int { (candidates.map { Self.width(of: $0.text) }.max() ?? 0) + Self.gap }
  /// The last column needs no gap behind it.
  private var columnCount: Int { max(1, (width + Self.gap) / cellWidth) }
  private var columnRows: Int { (candidates.count + columnCount - 1) / columnCount }

  /// Columns that are read downwards.
  private var columns: String {
    let (cellWidth, columnCount, neededRows) = (cellWidth, columnCount, columnRows)
    // Of a list that is too long, the last row says how much is left out.
    let rowCount = neededRows <= maxRows ? neededRows : maxRows - 1
    let shown = candidates.prefix(rowCount * columnCount)
    var text = ""
    for row in 0..<rowCount {
      var line = ""
      var pendingSpaces = 0
      for cell in stride(from: row, to: shown.count, by: rowCount) {
        line += String(repeating: " ", count: pendingSpaces) + shown[cell].text
        pendingSpaces = cellWidth - Self.width(of: shown[cell].text)
      }
      text += line + "\n"
    }
    return text + Self.leftOut(candidates.count - shown.count)
  }

  /// How many columns a text takes.
  static func width(of text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + ($1.isASCII ? 1 : max(0, Int(ScreenPosition.width(of: $1.value)))) }
  }

  /// As much of a text as fits into some columns.
  private static func cut(_ text: String, to columns: Int) -> String {
    guard width(of: text) > columns else { return text }
    var cut = text[...]
    while width(of: String(cut)) > columns - 3 { cut = cut.dropLast() }
    return cut + "..."
  }
}
