/// The pages of one process. Untouched stretches cost nothing: pages are kept in chunks, made when first written.
public struct AddressSpace: Sendable {
  static let chunkBits = 8
  /// No process has more pages: what is kept of each, even untouched, must fit in the memory of the real machine.
  public static let pageLimit = 1 << 28

  /// How many pages there are.
  public let pageCount: Int
  /// Bytes in a page.
  public let pageSize: Int
  /// One entry for 256 pages; an empty one stands for pages that nothing has written.
  private(set) var chunks: ContiguousArray<ContiguousArray<Page>>
  /// Pages written since the process was created or arrived here, or since a round of a pre-transfer took them.
  public private(set) var dirty = PageSet()
  /// How many pages were looked at to see whether they are dirty, and not counted yet.
  private var scans = 0
  /// Pages written since it was created or arrived here, and taken by rounds since.
  private(set) var takenDirty = PageSet()
  /// Pages that are still on another node.
  public private(set) var remote = PageSet()
  /// What they add to the digest.
  private(set) var remoteDigest: UInt64 = 0
  /// Where there may be bytes that other pages can share.
  private(set) var seen = SeenContents()

  /// Pages of zeros, of which nothing has been written.
  public init(pageCount: Int, pageSize: Int) {
    self.pageCount = pageCount
    self.pageSize = pageSize
    let chunkSize = 1 << Self.chunkBits
    chunks = ContiguousArray(repeating: [], count: (pageCount + chunkSize - 1) / chunkSize)
  }

  /// The page at `index`.
  ///
  /// - Precondition: `index` is below `pageCount`.
  public subscript(index: Int) -> Page {
    get {
      assertContains(index)
      let chunk = chunks[index >> Self.chunkBits]
      return chunk.isEmpty ? .zero : chunk[index & 255]
    }
    set {
      assertContains(index)
      makeChunk(of: index)
      chunks[index >> Self.chunkBits][index & 255] = newValue
      dirty.insert(index, of: pageCount)
    }
  }

  /// The `write` step: adds one to the word at the start of the page.
  ///
  /// - Precondition: `index` is below `pageCount`.
  mutating func increment(_ index: Int) { modify(index) { $0.increment() } }

  /// Changes a page in place; it is dirty from then on.
  ///
  /// - Precondition: `index` is below `pageCount`.
  @inline(__always)
  mutating func modify(_ index: Int, _ change: (inout Page) -> Void) {
    assertContains(index)
    let chunk = index >> Self.chunkBits
    if chunks[chunk].isEmpty { makeChunk(of: index) }
    change(&chunks[chunk][index & 255])
    dirty.insert(index, of: pageCount)
  }

  @inline(__always)
  private func assertContains(_ index: Int) {
    assert(0..<pageCount ~= index, "there is no page \(index) of \(pageCount)")
  }

  /// Stores a page that comes from elsewhere.
  ///
  /// - Precondition: `index` is below `pageCount`.
  /// - Parameter isNew: it shares its bytes with no other page yet, and may hold the same as one that is here.
  mutating func store(_ page: Page, at index: Int, isNew: Bool) {
    self[index] = page
    if isNew, case .bytes(let bytes) = page { share(bytes, of: index) }
  }

  /// Lets a page share its bytes with another that holds the same, if one is found.
  ///
  /// - Precondition: `bytes` are what the page is kept in.
  mutating func share(_ bytes: [UInt8], of index: Int) {
    let sample = bytes.span.sample
    var replaced: Int?
    for place in seen.places(of: sample, pageCount: pageCount) {
      guard let page = seen.page(at: place, of: sample) else { continue }
      if page == index {
        replaced = place
      } else if case .bytes(let others) = self[page], bytes.span.isEqual(to: others.span) {
        chunks[index >> Self.chunkBits][index & 255] = .bytes(others)
        replaced = place
        break
      }
    }
    seen.note(index, of: sample, insteadOf: replaced)
  }

  private mutating func makeChunk(of index: Int) {
    let chunk = index >> Self.chunkBits
    guard chunks[chunk].isEmpty else { return }
    let size = min(1 << Self.chunkBits, pageCount - chunk << Self.chunkBits)
    chunks[chunk] = ContiguousArray(repeating: .zero, count: size)
  }

  /// How many pages were looked at since this was asked last, to see whether they are dirty.
  mutating func takeScans() -> Int {
    defer { scans = 0 }
    return scans
  }

  /// Takes the set of dirty pages, and forgets it: from here on only what is written anew is dirty.
  mutating func takeDirty() -> PageSet {
    defer { dirty = PageSet() }
    scans += pageCount
    takenDirty.formUnion(dirty)
    return dirty
  }

  /// Pages written since the process was created or arrived here, whatever rounds took meanwhile.
  var written: PageSet {
    var pages = takenDirty
    pages.formUnion(dirty)
    return pages
  }

  /// From here on nothing has been written.
  mutating func forgetWritten() {
    dirty = PageSet()
    takenDirty = PageSet()
  }

  /// Pages that are here.
  var resident: PageSet {
    var pages = PageSet(all: pageCount)
    pages.subtract(remote)
    return pages
  }

  /// Pages that are here and hold anything but zeros.
  var touched: PageSet {
    var pages = PageSet()
    for (number, chunk) in chunks.enumerated() {
      for (offset, page) in chunk.enumerated() {
        if case .zero = page { continue }
        pages.insert(number << Self.chunkBits + offset, of: pageCount)
      }
    }
    return pages
  }

  /// What all pages add to the digest that are elsewhere once `leaving` stay behind.
  func remoteDigest(with leaving: PageSet) -> UInt64 {
    leaving.reduce(remoteDigest) { $0 &+ self[$1].digest(at: $1) }
  }

  /// Takes over which pages are remote, and what they add to the digest; earlier copies of them are worth nothing.
  /// From here on nothing has been written.
  mutating func adopt(remote: PageSet, digest: UInt64) {
    self.remote = remote
    remoteDigest = digest
    forgetWritten()
    for page in remote where !chunks[page >> Self.chunkBits].isEmpty {
      chunks[page >> Self.chunkBits][page & 255] = .zero
    }
  }

  /// A remote page has come.
  ///
  /// - Parameter isNew: it shares its bytes with no other page yet.
  mutating func supply(_ index: Int, _ page: Page, asDirty: Bool, isNew: Bool = false) {
    guard remote.contains(index) else { return }
    remote.remove(index)
    remoteDigest &-= page.digest(at: index)
    if case .zero = page, !asDirty { return }
    store(page, at: index, isNew: isNew)
    if !asDirty { dirty.remove(index) }
  }

  /// How many pages hold anything but zeros.
  public var touchedCount: Int {
    chunks.reduce(0) { count, chunk in count + chunk.count { !$0.isZero } }
  }

  /// A number that is equal for equal contents, however the pages are kept.
  public var digest: UInt64 {
    var sum = remoteDigest
    for (number, chunk) in chunks.enumerated() {
      for (offset, page) in chunk.enumerated() {
        sum &+= page.digest(at: number << Self.chunkBits + offset)
      }
    }
    return sum
  }
}
