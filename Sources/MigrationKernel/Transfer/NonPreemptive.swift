/// Non-preemptive migration: the process has not executed its first instruction, so it has no memory contents and no
/// state to speak of. Its description (program, arguments, size) is all that moves.
struct NonPreemptive: Transfer {
  mutating func next(_ space: inout AddressSpace, _ view: TransferView) -> TransferAction {
    view.isFrozen ? .handOver : .freeze
  }
}
