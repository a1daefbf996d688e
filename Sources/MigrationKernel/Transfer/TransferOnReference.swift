/// Transfer on reference (Accent's copy-on-reference): the process is frozen, its state is sent, and it runs again at the
/// destination at once. Its pages stay behind and are fetched when they are touched.
///
/// The smallest freeze time, whatever the size. But the source is needed until the last page has come: its failure is
/// the death of the process. What the source keeps, and how pages are fetched, is in `KeptPages.swift`.
struct TransferOnReference: Transfer {
  mutating func next(_ space: inout AddressSpace, _ view: TransferView) -> TransferAction {
    view.isFrozen ? .handOver : .freeze
  }

  func leaving(_ space: AddressSpace) -> PageSet { space.resident }
}
