/// A set of pages of one address space: one bit a page, and nothing at all while it is empty.
public struct PageSet: Sendable {
  private(set) var words: ContiguousArray<UInt64> = []
  /// How many pages are in it.
  public private(set) var count = 0

  public init() {}

  /// All pages below `pageCount`.
  public init(all pageCount: Int) {
    count = pageCount
    words = ContiguousArray(repeating: .max, count: (pageCount + 63) / 64)
    if pageCount % 64 != 0 { words[words.count - 1] = 1 << UInt64(pageCount % 64) - 1 }
  }

  /// The pages of stretches that lie apart, all below `pageCount`.
  init(_ stretches: [Range<Int>], of pageCount: Int) {
    if !stretches.isEmpty { words = ContiguousArray(repeating: 0, count: (pageCount + 63) / 64) }
    for stretch in stretches where !stretch.isEmpty {
      assert(stretch.lowerBound >= 0 && stretch.upperBound <= pageCount, "not all pages are there")
      let (first, last) = (stretch.lowerBound >> 6, (stretch.upperBound - 1) >> 6)
      for word in first...last {
        var bits = UInt64.max
        if word == first { bits &= .max << UInt64(stretch.lowerBound & 63) }
        if word == last { bits &= .max >> UInt64(63 - (stretch.upperBound - 1) & 63) }
        words[word] |= bits
      }
      count += stretch.count
    }
    assert(count == words.reduce(0) { $0 + $1.nonzeroBitCount }, "the stretches do not lie apart")
  }

  /// Whether no page is in it.
  public var isEmpty: Bool { count == 0 }

  /// Whether a page is in it.
  public func contains(_ page: Int) -> Bool {
    page >> 6 < words.count && words[page >> 6] & 1 << UInt64(page & 63) != 0
  }

  private mutating func grow(to wordCount: Int) {
    words.append(contentsOf: repeatElement(0, count: Swift.max(0, wordCount - words.count)))
  }

  /// - Parameter pageCount: of the address space, for which room is made at once.
  mutating func insert(_ page: Int, of pageCount: Int) {
    if page >> 6 >= words.count { grow(to: (pageCount + 63) / 64) }
    let bit: UInt64 = 1 << UInt64(page & 63)
    guard words[page >> 6] & bit == 0 else { return }
    words[page >> 6] |= bit
    count += 1
  }

  mutating func remove(_ page: Int) {
    guard contains(page) else { return }
    words[page >> 6] &= ~(1 << UInt64(page & 63))
    count -= 1
  }

  /// Leaves out all pages of another set.
  mutating func subtract(_ other: PageSet) {
    for word in 0..<Swift.min(words.count, other.words.count) { words[word] &= ~other.words[word] }
    count = words.reduce(0) { $0 + $1.nonzeroBitCount }
  }

  /// The pages that are in another set as well.
  func intersection(_ other: PageSet) -> PageSet {
    var others = self
    others.subtract(other)
    var both = self
    both.subtract(others)
    return both
  }

  /// Takes in all pages of another set of the same address space.
  mutating func formUnion(_ other: PageSet) {
    guard !other.isEmpty else { return }
    guard !isEmpty else {
      self = other
      return
    }
    grow(to: other.words.count)
    for word in other.words.indices { words[word] |= other.words[word] }
    count = words.reduce(0) { $0 + $1.nonzeroBitCount }
  }

  /// Stretches of pages that follow one another, in ascending order.
  var stretches: [Range<Int>] {
    var stretches: [Range<Int>] = []
    for page in self {
      if let last = stretches.last, last.upperBound == page {
        stretches[stretches.count - 1] = last.lowerBound..<page + 1
      } else {
        stretches.append(page..<page + 1)
      }
    }
    return stretches
  }

  /// The first page that is in the set and not below `page`.
  func first(from page: Int) -> Int? {
    guard count > 0, page >> 6 < words.count else { return nil }
    var word = page >> 6
    var bits = words[word] & (.max << UInt64(page & 63))
    while bits == 0 {
      word += 1
      guard word < words.count else { return nil }
      bits = words[word]
    }
    return word << 6 + bits.trailingZeroBitCount
  }
}

extension PageSet: Equatable {
  /// True when both hold the same pages, however much room each has for more.
  public static func == (left: PageSet, right: PageSet) -> Bool {
    left.count == right.count && zip(left.words, right.words).allSatisfy { $0 == $1 }
  }
}

extension PageSet: Sequence {
  /// The pages in ascending order.
  public struct Iterator: IteratorProtocol {
    let pages: PageSet
    var position = 0

    public mutating func next() -> Int? {
      guard let page = pages.first(from: position) else { return nil }
      position = page + 1
      return page
    }
  }

  public func makeIterator() -> Iterator { Iterator(pages: self) }

  /// How many pages are in it.
  public var underestimatedCount: Int { count }
}
