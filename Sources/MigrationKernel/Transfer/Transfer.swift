/// How an address space moves: the strategy of one migration, asked by the source's kernel what to do next.
///
/// The protocol of offer, handover and commit is the same for all (`NodeKernel+MigrationSource.swift`); a mechanism only
/// says when the process is frozen and which pages go when.
protocol Transfer: Sendable {
  /// What to do next. Asked when the offer has been accepted, whenever the link has room for another batch, and when
  /// the process has been frozen.
  ///
  /// - Parameters:
  ///   - space: the pages as they are at this moment.
  ///   - frozen: every thread has stopped at a safe point.
  mutating func next(_ space: inout AddressSpace, frozen: Bool) -> TransferAction
}

enum TransferAction {
  /// Stop every thread at a safe point; the mechanism is asked again when that is done.
  case freeze
  case send(PageBatch)
  /// Hand the process over: all pages that the mechanism wants to have gone first have been sent.
  case handOver
}

/// The mechanisms there are. One file each; adding one means adding its file, and a line in each switch here.
public enum TransferMechanism: String, CaseIterable, Sendable {
  /// A process that has not started: only its description moves.
  case nonPreemptive = "non-preemptive"
  case totalFreezing = "total-freezing"

  func makeTransfer() -> any Transfer {
    switch self {
    case .nonPreemptive: NonPreemptive()
    case .totalFreezing: TotalFreezing()
    }
  }

  /// Its number in packets.
  var code: UInt8 {
    switch self {
    case .nonPreemptive: 0
    case .totalFreezing: 1
    }
  }
}

extension PageBatch {
  /// How many bytes of pages go in one packet: large enough that the few bytes around them do not count, small enough
  /// that a message or another migration on the same link need not wait long.
  static let targetSize = 64 * 1024

  /// The pages from `first` on, as many as fit in one packet.
  init(_ space: AddressSpace, from first: Int) {
    self.init(pageSize: space.pageSize)
    let most = max(1, Self.targetSize / (space.pageSize + Packet.pageOverhead))
    let last = min(space.pageCount, first + most)
    pages.reserveCapacity(last - first)
    for index in first..<last { pages.append((UInt32(index), space[index])) }
  }
}
