/// How one page goes on the network.
enum PageForm: Sendable {
  /// Every byte of it.
  case whole(Page)
  /// A page of zeros, as a mark.
  case zeros
  /// What it differs in from the version that the receiver holds.
  case delta(PageDelta)

  /// The shortest form of a page in which it may go.
  ///
  /// - Parameters:
  ///   - marksZeros: zeros may go as a mark.
  ///   - base: the version that the receiver holds, when the page may go as a difference from it.
  init(_ page: Page, marksZeros: Bool, over base: Page?, pageSize: Int) {
    if marksZeros, page.isZero {
      self = .zeros
    } else if let base,
      let delta = PageDelta(from: base, to: page, pageSize: pageSize, limit: pageSize - Packet.deltaOverhead)
    {
      self = .delta(delta)
    } else {
      self = .whole(page)
    }
  }

  /// Bytes on the network, besides those that every page needs.
  func size(pageSize: Int) -> Int {
    switch self {
    case .whole: pageSize
    case .zeros: 0
    case .delta(let delta): Packet.deltaOverhead + delta.bytes.count
    }
  }

  /// The page, received where `held` is; nil when it differs from that in something that such a page does not have.
  func page(over held: Page, pageSize: Int) -> Page? {
    switch self {
    case .whole(let page): page
    case .zeros: .zero
    case .delta(let delta): delta.applied(to: held, pageSize: pageSize)
    }
  }
}

extension AddressSpace {
  /// Bytes on the network of some of its pages, with those that each needs besides.
  ///
  /// - Parameters:
  ///   - pages: which of them.
  ///   - marksZeros: pages of zeros go as marks.
  ///   - base: what the receiver holds, when pages may go as differences from that.
  public func encodedSize(of pages: PageSet, marksZeros: Bool, over base: AddressSpace?) -> Int {
    pages.reduce(0) { sum, index in
      let form = PageForm(self[index], marksZeros: marksZeros, over: base?[index], pageSize: pageSize)
      return sum + Packet.pageOverhead + form.size(pageSize: pageSize)
    }
  }
}

/// Pages on their way, each with its place.
public struct PageBatch: Sendable {
  private(set) var pages: ContiguousArray<(index: UInt32, form: PageForm)> = []
  /// Bytes in a page.
  let pageSize: Int
  /// How many of its pages go as marks of zeros, and how many as differences.
  public private(set) var zeroCount = 0
  /// How many go as differences.
  public private(set) var deltaCount = 0
  /// Bytes that those differences are shorter than their pages.
  public private(set) var savedBytes = 0
  /// Bytes of all its pages on the network, with those that each page needs besides.
  private(set) var size = 0

  /// It was read from bytes. In one that was not, pages share their contents with those of the sender.
  private let isRead: Bool

  /// How many bytes of pages go in one packet: large enough that the few bytes around them do not count, small enough
  /// that a message or another migration on the same line need not wait long.
  static let targetSize = 64 * 1024

  init(pageSize: Int, isRead: Bool = false) { (self.pageSize, self.isRead) = (pageSize, isRead) }

  /// Whether a page that goes in this form shares its bytes with no other when it comes.
  func makesBytes(of form: PageForm) -> Bool {
    switch form {
    case .whole: isRead
    case .zeros: false
    case .delta: true
    }
  }

  mutating func append(_ index: UInt32, _ form: PageForm) {
    pages.append((index, form))
    let bytes = form.size(pageSize: pageSize)
    size += Packet.pageOverhead + bytes
    switch form {
    case .whole: break
    case .zeros: zeroCount += 1
    case .delta:
      deltaCount += 1
      savedBytes += pageSize - bytes
    }
  }
}

extension PageSet {
  /// Adds the pages of a batch that goes now.
  ///
  /// - Returns: how many of them were in the set, since they had gone before.
  mutating func insert(_ batch: PageBatch, of pageCount: Int) -> Int {
    var again = 0
    for (index, _) in batch.pages {
      if contains(Int(index)) { again += 1 } else { insert(Int(index), of: pageCount) }
    }
    return again
  }
}

/// Pages to be sent in ascending order, as many in a packet as fit, each with the contents of the moment at which it goes.
struct PageStream: Sendable {
  /// Those that have not gone yet.
  private(set) var left: PageSet
  private var position = 0

  init(_ pages: PageSet) { left = pages }

  /// Leaves out a page that has gone another way.
  mutating func skip(_ page: Int) { left.remove(page) }

  /// The next packet of pages; nil when all have gone.
  ///
  /// - Parameter base: what the receiver holds, when pages may go as differences from that.
  mutating func next(_ space: AddressSpace, marksZeros: Bool, over base: SentPages? = nil) -> PageBatch? {
    guard !left.isEmpty else { return nil }
    var batch = PageBatch(pageSize: space.pageSize)
    while let index = left.first(from: position) {
      let form = PageForm(
        space[index], marksZeros: marksZeros, over: base?[index], pageSize: space.pageSize)
      let size = batch.size + Packet.pageOverhead + form.size(pageSize: space.pageSize)
      if !batch.pages.isEmpty, size > PageBatch.targetSize { break }
      batch.append(UInt32(index), form)
      left.remove(index)
      position = index + 1
    }
    return batch
  }
}
