/// Total freezing: the process stands still while its whole address space is sent, and runs again at the destination.
///
/// The shortest total time, and no dependency on the source afterwards; the freeze time grows with the address space.
/// Every page is sent whole, written or not, unless zeros go as marks.
struct TotalFreezing: Transfer {
  private var stream: PageStream?

  mutating func next(_ space: inout AddressSpace, _ view: TransferView) -> TransferAction {
    guard view.isFrozen else { return .freeze }
    if stream == nil { stream = PageStream(space.resident) }
    return stream?.next(space, marksZeros: view.options.marksZeros).map { .send($0) } ?? .handOver
  }
}
