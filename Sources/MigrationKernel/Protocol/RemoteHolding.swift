/// Pages of a process that are still on a node that it left, or that it was flushed to, as the kernel that has the process
/// knows them. What becomes of them there is said in `KeptPages.swift`.
///
///     needed --(the last page has come)--> done with: the holder is told, and this is forgotten
///        |
///        +--(the last page has come from a backing node)--> fetched: the node keeps what it has
public struct RemoteHolding: Sendable {
  /// The node that has them.
  public let node: NodeID
  /// The migration that left them there.
  public let attempt: MigrationAttempt
  /// Those that the process still needs from there.
  public private(set) var pages: PageSet
  /// Pages that came from there while the process has been here: the holder still has them as they came. Known only
  /// here, and worth nothing once the process moves on in any other way than by a flush to that node.
  private(set) var copies = PageSet()
  /// The node keeps what it has when the last page has come: the process was flushed to it, or is about to be.
  private(set) var isBacking = false
  /// How many pages the next request asks for, if it goes on where the last ended.
  private(set) var window: Int
  /// The page after those asked for last; nil when none have been asked for, or those were the last.
  private(set) var expected: Int?

  init(
    node: NodeID, attempt: MigrationAttempt, pages: PageSet, window: Int = 1, expected: Int? = nil
  ) {
    self.node = node
    self.attempt = attempt
    self.pages = pages
    self.window = window
    self.expected = expected
  }

  /// The page touched and those behind it, as many as the window holds: it doubles while faults go on where the last
  /// request ended, and starts again from one page at any other.
  mutating func pagesToAskFor(at page: Int, most: Int) -> [UInt32] {
    window = page == expected ? min(window * 2, max(1, most)) : 1
    var asked: [UInt32] = []
    var next = pages.first(from: page)
    while let page = next, asked.count < window {
      asked.append(UInt32(page))
      next = pages.first(from: page + 1)
    }
    expected = next
    return asked
  }

  enum Supplied: Equatable {
    /// The process still needs pages from there.
    case needsMore
    /// It needs none any more, and the node keeps what it has. `isNew`: until now it needed some.
    case fetched(isNew: Bool)
    /// It needs none any more, and the node need keep nothing.
    case isDone
  }

  /// Pages have come from there. Those that are not needed are left alone: the process may have written to them since.
  mutating func takeSupply(_ batch: PageBatch, into space: inout AddressSpace, asDirty: Bool) -> Supplied {
    let neededSome = !pages.isEmpty
    for (index, form) in batch.pages where pages.contains(Int(index)) {
      // Nothing that was sent earlier can be held here, so a difference would be one from zeros.
      guard let page = form.page(over: .zero, pageSize: batch.pageSize) else { continue }
      space.supply(Int(index), page, asDirty: asDirty)
      pages.remove(Int(index))
      copies.insert(Int(index), of: space.pageCount)
    }
    guard pages.isEmpty else { return .needsMore }
    return isBacking ? .fetched(isNew: neededSome) : .isDone
  }

  /// The process is being flushed to that node, or was.
  mutating func becomeBacking() { isBacking = true }

  /// The process is handed over, by any migration: what its next kernel knows of the holder is only what it needs from there.
  mutating func handOver() {
    copies = PageSet()
    isBacking = false
  }

  /// These pages are left there, too.
  mutating func add(_ more: PageSet) { pages.formUnion(more) }

  /// The same pages under the name of a later migration, by which nothing has been asked for yet.
  func renamed(_ attempt: MigrationAttempt) -> RemoteHolding {
    RemoteHolding(node: node, attempt: attempt, pages: pages)
  }
}
