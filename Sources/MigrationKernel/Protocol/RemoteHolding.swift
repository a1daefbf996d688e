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
  /// When the connection to the node breaks the process waits until the node is heard of again.
  let recovers: Bool
  /// Those that the process still needs from there.
  public private(set) var pages: PageSet
  /// Pages that came from there while the process has been here: the holder still has them as they came. Known only
  /// here, and worth nothing once the process moves on in any other way than by a flush to that node.
  private(set) var copies = PageSet()
  /// Pages that it was asked for and that have not come, and those that a thread has touched since the process has been here.
  private var (asked, touched) = (PageSet(), PageSet())
  /// The node keeps what it has when the last page has come: the process was flushed to it, or is about to be.
  private(set) var isBacking = false
  /// How many pages the next request asks for, if it goes on where the last ended.
  private(set) var window: Int
  /// The page after those asked for last; nil when none have been asked for, or those were the last.
  private(set) var expected: Int?

  init(
    node: NodeID, attempt: MigrationAttempt, pages: PageSet, recovers: Bool = false, window: Int = 1,
    expected: Int? = nil
  ) {
    self.recovers = recovers
    self.node = node
    self.attempt = attempt
    self.pages = pages
    self.window = window
    self.expected = expected
  }

  /// A thread touches a page that the process still needs from there.
  ///
  /// - Returns: false when one has touched it before.
  mutating func touch(_ page: Int, of pageCount: Int) -> Bool {
    defer { touched.insert(page, of: pageCount) }
    return !touched.contains(page)
  }

  /// The page touched and those behind it that are not on their way, as many as the window holds: it doubles while faults go
  /// on where the last request ended, and starts again from one page at any other. None when that page is on its way.
  mutating func pagesToAskFor(at page: Int, most: Int, of pageCount: Int) -> [UInt32] {
    guard !asked.contains(page) else { return [] }
    window = page == expected ? min(window * 2, max(1, most)) : 1
    var wanted: [UInt32] = []
    var next = pages.first(from: page)
    while let page = next, wanted.count < window {
      if !asked.contains(page) {
        wanted.append(UInt32(page))
        asked.insert(page, of: pageCount)
      }
      next = pages.first(from: page + 1)
    }
    expected = next
    return wanted
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
      space.supply(Int(index), page, asDirty: asDirty, isNew: batch.makesBytes(of: form))
      pages.remove(Int(index))
      asked.remove(Int(index))
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
    forgetRequests()
  }

  /// What was asked for may have come while it could not be taken.
  mutating func forgetRequests() { asked = PageSet() }

  /// These pages are left there, too.
  mutating func add(_ more: PageSet) { pages.formUnion(more) }

  /// As it goes to the next node with the process: nothing has been asked for from there, or touched there.
  var travelling: RemoteHolding {
    RemoteHolding(node: node, attempt: attempt, pages: pages, recovers: recovers, window: window, expected: expected)
  }

  /// The same pages under the name of a later migration, by which nothing has been asked for yet.
  func renamed(_ attempt: MigrationAttempt, recovers: Bool) -> RemoteHolding {
    RemoteHolding(node: node, attempt: attempt, pages: pages, recovers: recovers)
  }
}
