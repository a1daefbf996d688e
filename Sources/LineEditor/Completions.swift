/// What could stand where the cursor is.
public struct Completions: Equatable, Sendable {
  /// The UTF-8 offset at which the text to be replaced begins. It ends at the cursor.
  public var replaceFrom: Int
  /// The texts that could stand there, in the order in which they are listed.
  public var candidates: [String]

  /// Candidates for the text from the UTF-8 offset `replaceFrom` to the cursor.
  public init(replaceFrom: Int, candidates: [String]) {
    self.replaceFrom = replaceFrom
    self.candidates = candidates
  }

  /// Nothing fits.
  public static let none = Completions(replaceFrom: 0, candidates: [])
}

/// What one press of Tab does to the line.
struct CompletionStep: Equatable {
  /// How many Unicode scalars before the cursor are deleted. libedit counts in these.
  var deletedScalars: Int
  /// The text that takes their place.
  var insertion: String
  /// The candidates to show below the line; empty when there is no choice left.
  var listing: [String]

  /// `nil` when there is nothing to do: no candidates, or offsets that do not fit the line.
  init?(line: String, cursor: Int, completions: Completions) {
    guard let first = completions.candidates.first,
      let end = line.scalarIndex(atUTF8Offset: cursor),
      let start = line.scalarIndex(atUTF8Offset: completions.replaceFrom), start <= end
    else { return nil }
    let typed = line[start..<end]

    if completions.candidates.count == 1 {
      let isOpenEnded = first.hasSuffix("=") || first.hasSuffix(".")
      self.init(replacing: typed, with: isOpenEnded ? first : first + " ", listing: [])
      return
    }
    let common = completions.candidates.dropFirst().reduce(first[...]) { $0.commonPrefix(with: $1) }
    // Candidates may differ from the typed text in more than its end. What was typed never becomes shorter.
    let growsTyped = common.utf8.count > typed.utf8.count
    self.init(replacing: growsTyped ? typed : "", with: growsTyped ? common : "", listing: completions.candidates)
  }

  private init(replacing typed: Substring, with insertion: some StringProtocol, listing: [String]) {
    self.deletedScalars = typed.unicodeScalars.count
    self.insertion = String(insertion)
    self.listing = listing
  }
}

/// Lays candidates out in columns that are read downwards. Each line ends in a newline.
///
/// Shows at most `maxRows` lines of candidates. A last line says how many are left out.
func columns(of candidates: [String], width: Int, maxRows: Int) -> String {
  let gap = 2
  let cellWidth = (candidates.map(\.count).max() ?? 0) + gap
  // The last column needs no gap behind it.
  let columnCount = max(1, (width + gap) / cellWidth)
  let neededRows = (candidates.count + columnCount - 1) / columnCount
  let rowCount = min(neededRows, max(1, maxRows))
  let shown = candidates.prefix(rowCount * columnCount)

  var text = ""
  for row in 0..<rowCount {
    var line = ""
    var pendingSpaces = 0
    for cell in stride(from: row, to: shown.count, by: rowCount) {
      line += String(repeating: " ", count: pendingSpaces) + shown[cell]
      pendingSpaces = cellWidth - shown[cell].count
    }
    text += line + "\n"
  }
  let leftOut = candidates.count - shown.count
  if leftOut > 0 { text += "(and \(leftOut) more)\n" }
  return text
}

extension String {
  fileprivate func scalarIndex(atUTF8Offset offset: Int) -> Index? {
    guard offset >= 0, let index = utf8.index(startIndex, offsetBy: offset, limitedBy: endIndex) else { return nil }
    return Index(index, within: unicodeScalars)
  }
}

extension Substring {
  fileprivate func commonPrefix(with other: String) -> Substring {
    let length = zip(self, other).prefix { $0 == $1 }.count
    return prefix(length)
  }
}
