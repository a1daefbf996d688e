/// What could stand where the cursor is.
public struct Completions: Equatable, Sendable {
  /// One text that could stand there.
  public struct Candidate: Equatable, Sendable {
    /// What is typed.
    public var text: String
    /// What it is or does, in a few words; empty when there is nothing to say.
    public var summary: String

    /// A text, and what it is or does.
    public init(_ text: String, summary: String = "") {
      self.text = text
      self.summary = summary
    }
  }

  /// The UTF-8 offset at which the text to be replaced begins. It ends at the cursor.
  public var replaceFrom: Int
  /// The texts that could stand there, in the order in which they are listed.
  public var candidates: [Candidate]

  /// Candidates for the text from the UTF-8 offset `replaceFrom` to the cursor.
  public init(replaceFrom: Int, candidates: [Candidate]) {
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
  var listing: [Completions.Candidate]

  /// `nil` when there is nothing to do: no candidates, or offsets that do not fit the line.
  init?(line: String, cursor: Int, completions: Completions) {
    guard let first = completions.candidates.first,
      let end = line.scalarIndex(atUTF8Offset: cursor),
      let start = line.scalarIndex(atUTF8Offset: completions.replaceFrom), start <= end
    else { return nil }
    let typed = line[start..<end]

    if completions.candidates.count == 1 {
      let isOpenEnded = ["=", ".", "/", "("].contains { first.text.hasSuffix($0) }
      self.init(replacing: typed, with: isOpenEnded ? first.text : first.text + " ", listing: [])
      return
    }
    // What the first and the last in alphabetical order share, all share.
    let texts = completions.candidates.lazy.map(\.text)
    let common = (texts.min() ?? first.text)[...].commonPrefix(with: texts.max() ?? first.text)
    // Candidates may differ from the typed text in more than its end. What was typed never becomes shorter.
    let growsTyped = common.utf8.count > typed.utf8.count
    self.init(replacing: growsTyped ? typed : "", with: growsTyped ? common : "", listing: completions.candidates)
  }

  private init(replacing typed: Substring, with insertion: some StringProtocol, listing: [Completions.Candidate]) {
    self.deletedScalars = typed.unicodeScalars.count
    self.insertion = String(insertion)
    self.listing = listing
  }
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
