/// Pages on their way, each with its place.
public struct PageBatch: Sendable {
  var pages: ContiguousArray<(index: UInt32, page: Page)> = []
  /// Bytes in a page.
  let pageSize: Int
  /// Pages of zeros go as marks.
  let marksZeros: Bool

  /// How many bytes of pages go in one packet: large enough that the few bytes around them do not count, small enough
  /// that a message or another migration on the same link need not wait long.
  static let targetSize = 64 * 1024

  init(pageSize: Int, marksZeros: Bool = false) {
    self.pageSize = pageSize
    self.marksZeros = marksZeros
  }

  /// How many of its pages go as marks.
  public var zeroCount: Int { marksZeros ? pages.count { $0.page.isZero } : 0 }
}

/// Pages to be sent in ascending order, as many in a packet as fit, each with the contents of the moment at which it goes.
struct PageStream: Sendable {
  private(set) var left: PageSet
  private var position = 0

  init(_ pages: PageSet) { left = pages }

  /// Leaves out a page that has gone another way.
  mutating func skip(_ page: Int) { left.remove(page) }

  mutating func next(_ space: AddressSpace, marksZeros: Bool) -> PageBatch? {
    guard !left.isEmpty else { return nil }
    var batch = PageBatch(pageSize: space.pageSize, marksZeros: marksZeros)
    var size = 0
    while let index = left.first(from: position) {
      let page = space[index]
      let cost = Packet.pageOverhead + (marksZeros && page.isZero ? 0 : space.pageSize)
      if size > 0, size + cost > PageBatch.targetSize { break }
      size += cost
      batch.pages.append((UInt32(index), page))
      left.remove(index)
      position = index + 1
    }
    return batch
  }
}
