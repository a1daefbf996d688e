/// Flushing (Sprite): the process is frozen, the pages that its backing node does not have are written there, and it runs
/// again at the destination at once. It fetches pages from the backing node when it touches them.
///
/// A page is dirty when the backing node lacks its present contents. The first flush writes every page that was ever
/// written and is here; a later one to the same node only what was written since, for pages that were fetched from it and
/// only read are there already and are simply let go. Pages that hold only zeros are neither sent nor remote: the
/// destination makes them anew. Pages that are still on other nodes stay there.
///
/// The freeze time is that of the dirty pages, a round trip to the backing node, and the state. From then on the source
/// may fail; the backing node is needed until the last page has been fetched. It keeps what it has until the process
/// ends or is moved by another mechanism.
///
/// Where the backing node is the source, nothing has to be sent; where it is the destination, its pages are at home
/// when the process arrives. How a third node is asked for room and told what it holds is in
/// `NodeKernel+MigrationBacking.swift`.
struct Flushing: Transfer {
  /// Which of the nodes that take part is the backing node.
  enum Backing: Sendable, Equatable {
    case source
    case destination
    case third(NodeID)

    var thirdNode: NodeID? { if case .third(let node) = self { node } else { nil } }
  }

  let backing: Backing
  private var stream: PageStream?
  private var sent = PageSet()
  private var isPromised = false
  private var isSealed = false

  init(_ backing: Backing) { self.backing = backing }

  mutating func next(_ space: inout AddressSpace, _ view: TransferView) -> TransferAction {
    guard view.isFrozen else {
      guard case .third = backing, !isPromised else { return .freeze }
      isPromised = true
      return .reserve
    }
    if stream == nil {
      if backing != .source {
        sent = space.touched
        sent.subtract(view.backed)
      }
      stream = PageStream(sent)
    }
    if let batch = stream?.next(space, marksZeros: view.options.marksZeros) { return .send(batch) }
    guard case .third = backing, !isSealed else { return .handOver }
    isSealed = true
    return .seal
  }

  func leaving(_ space: AddressSpace) -> PageSet {
    var pages = space.touched
    if backing == .destination { pages.subtract(sent) }
    return pages
  }
}

extension Process {
  /// Pages that are here and of which `node` has the present contents too.
  func backed(by node: NodeID) -> PageSet {
    guard var pages = holders.first(where: { $0.node == node })?.copies else { return PageSet() }
    pages.subtract(space.written)
    return pages
  }

  /// The pages that a flush to `node`, which is not its own, would have to write there now.
  public func dirtyPages(for node: NodeID) -> PageSet {
    var pages = space.touched
    pages.subtract(backed(by: node))
    return pages
  }

  /// Of how many pages `node`, which is not its own, has the present contents.
  public func pagesHeld(by node: NodeID) -> Int {
    backed(by: node).count + (holders.first { $0.node == node }?.pages.count ?? 0)
  }
}
