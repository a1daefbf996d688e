/// The pages of one process. Untouched stretches cost nothing: pages are kept in chunks, made when first written.
public struct AddressSpace: Sendable {
  private static let chunkBits = 8
  /// No process has more pages: what is kept of each, even untouched, must fit in the memory of the real machine.
  public static let pageLimit = 1 << 28

  /// How many pages there are.
  public let pageCount: Int
  /// Bytes in a page.
  public let pageSize: Int
  /// One entry for 256 pages; an empty one stands for pages that nothing has written.
  private var chunks: ContiguousArray<ContiguousArray<Page>>
  /// One bit a page: written since `clearDirty` last took it. Empty while nothing has been written.
  private var dirtyBits: ContiguousArray<UInt64> = []

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
      let chunk = chunks[index >> Self.chunkBits]
      return chunk.isEmpty ? .zero : chunk[index & 255]
    }
    set {
      makeChunk(of: index)
      chunks[index >> Self.chunkBits][index & 255] = newValue
      markDirty(index)
    }
  }

  /// The `write` step: adds one to the word at the start of the page.
  ///
  /// - Precondition: `index` is below `pageCount`.
  mutating func increment(_ index: Int) {
    let chunk = index >> Self.chunkBits
    if chunks[chunk].isEmpty { makeChunk(of: index) }
    chunks[chunk][index & 255].increment()
    markDirty(index)
  }

  private mutating func makeChunk(of index: Int) {
    let chunk = index >> Self.chunkBits
    guard chunks[chunk].isEmpty else { return }
    let size = min(1 << Self.chunkBits, pageCount - chunk << Self.chunkBits)
    chunks[chunk] = ContiguousArray(repeating: .zero, count: size)
  }

  private mutating func markDirty(_ index: Int) {
    if dirtyBits.isEmpty { dirtyBits = ContiguousArray(repeating: 0, count: (pageCount + 63) / 64) }
    dirtyBits[index >> 6] |= 1 << UInt64(index & 63)
  }

  public func isDirty(_ index: Int) -> Bool {
    !dirtyBits.isEmpty && dirtyBits[index >> 6] & 1 << UInt64(index & 63) != 0
  }

  /// How many pages have been written since the process was created or arrived here.
  public var dirtyCount: Int { dirtyBits.reduce(0) { $0 + $1.nonzeroBitCount } }

  /// Forgets which pages have been written: they are clean where they have just arrived.
  mutating func clearDirty() { dirtyBits = [] }

  /// How many pages hold anything but zeros.
  public var touchedCount: Int {
    chunks.reduce(0) { count, chunk in
      count
        + chunk.count { page in
          if case .zero = page { false } else { true }
        }
    }
  }

  /// A number that is equal for equal contents, however the pages are kept.
  public var digest: UInt64 {
    var sum: UInt64 = 0
    for (number, chunk) in chunks.enumerated() {
      for (offset, page) in chunk.enumerated() {
        sum &+= page.digest(at: number << Self.chunkBits + offset)
      }
    }
    return sum
  }
}
