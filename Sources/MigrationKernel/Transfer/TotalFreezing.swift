/// Total freezing: the process stands still while its whole address space is sent, and runs again at the destination.
///
/// The shortest total time, and no dependency on the source afterwards; the freeze time grows with the address space.
/// Every page is sent whole, written or not.
struct TotalFreezing: Transfer {
  private var nextPage = 0

  mutating func next(_ space: inout AddressSpace, frozen: Bool) -> TransferAction {
    guard frozen else { return .freeze }
    guard nextPage < space.pageCount else { return .handOver }
    let batch = PageBatch(space, from: nextPage)
    nextPage += batch.pages.count
    return .send(batch)
  }
}
