/// Hybrid (post-copy after pre-copy): a bounded number of rounds of pre-transfer, one unless said otherwise; then the
/// process is frozen, its state is sent, and the pages written during the last round stay behind, to be fetched when
/// they are touched and pushed in the background.
///
/// The freeze time is that of transfer on reference. The source is needed for a short time only, and no writer can keep
/// the migration from ending.
struct Hybrid: Transfer {
  private var rounds = PreTransfer()

  mutating func next(_ space: inout AddressSpace, _ view: TransferView) -> TransferAction {
    guard view.isFrozen else { return rounds.next(&space, view) }
    return rounds.endKeepingUp(space, view).map { .endRound($0) } ?? .handOver
  }

  func leaving(_ space: AddressSpace) -> PageSet {
    var pages = space.dirty
    pages.formUnion(rounds.unsent)
    pages.subtract(space.remote)
    return pages
  }
}
