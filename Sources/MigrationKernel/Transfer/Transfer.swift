/// How an address space moves: the strategy of one migration, asked by the source's kernel what to do next.
///
/// The protocol of offer, handover and commit is the same for all (`NodeKernel+MigrationSource.swift`); a mechanism only
/// says when the process is frozen and which pages go when.
protocol Transfer: Sendable {
  /// What to do next. Asked when the offer has been accepted, whenever the line has room for another batch, and when
  /// the process has been frozen; asked again at once after `send` and `endRound`.
  ///
  /// - Parameter space: the pages as they are at this moment.
  mutating func next(_ space: inout AddressSpace, _ view: TransferView) -> TransferAction

  /// Pages that stay behind when the process is handed over, to be fetched later.
  func leaving(_ space: AddressSpace) -> PageSet
}

extension Transfer {
  func leaving(_ space: AddressSpace) -> PageSet { PageSet() }
}

/// What a mechanism knows of its migration besides the pages.
struct TransferView: Sendable {
  let now: Nanoseconds
  /// Every thread has stopped at a safe point.
  let isFrozen: Bool
  /// The mechanism has said that the process may be frozen, and others that go with it may not be yet.
  let awaitsFamily: Bool
  /// Batches that have been handed to the network and have not left yet.
  let outstanding: Int
  /// From the offer to the answer: two trips.
  let roundTrip: Nanoseconds
  /// Bytes of the handover if it were sent now; 0 but at the end of a round.
  let stateSize: Int
  /// What the line carried of a batch that went alone, and how long it took; nil when none has.
  let carriedAlone: (bytes: Int, time: Nanoseconds)?
  let options: TransferOptions
  /// Flushing: pages of which the backing node has the present contents, once the process is frozen.
  let backed: PageSet
}

enum TransferAction {
  /// Ask the backing node for room; the mechanism is asked again when it has said yes.
  case reserve
  /// Stop every thread at a safe point; the mechanism is asked again when that is done. As long as others that go with the
  /// process are not as far, the process runs on, and the mechanism is asked again as before.
  case freeze
  case send(PageBatch)
  /// Nothing to do until a batch has left.
  case wait
  /// Nothing to do before this time.
  case waitUntil(Nanoseconds)
  /// A round is over: to be reported.
  case endRound(TransferRound)
  /// Tell the backing node that it has been sent all; the mechanism is asked again when it has answered.
  case seal
  /// Slow the process down by so many hundredths of its speed, 0 to 99.
  case throttle(Int)
  /// Hand the process over: all pages that the mechanism wants to have gone first have been sent.
  case handOver
}

/// What the operator chose for one migration.
public struct TransferOptions: Sendable, Equatable {
  /// How the address space moves.
  public var mechanism: TransferMechanism
  /// Pre-transfer and hybrid: rounds after which the process is frozen in any case.
  public var maxRounds: Int?
  /// Pre-transfer: the process is frozen as soon as it would stand still for no longer than this.
  public var downtime: Nanoseconds?
  /// Bits a second that the pages of this migration may take of the line, as long as the process runs.
  public var bandwidth: UInt64?
  /// Pages that hold only zeros go as a mark of a few bytes.
  public var marksZeros = false
  /// Pre-transfer: a process that writes too fast is slowed down, and stopped only when that does not help.
  public var throttles = false
  /// Pre-transfer and hybrid: a page sent again goes as its difference from what was sent, when that is shorter.
  public var sendsDeltas = false
  /// Transfer on reference, hybrid and flushing: how many pages a fault asks for at most.
  public var prefetch = 1
  /// Transfer on reference and flushing: pages that nobody has asked for are sent in the background.
  public var pushes = false
  /// Flushing: the node to which dirty pages are written; nil for the destination.
  public var backing: NodeID?
  /// Transfer on reference, hybrid and flushing: a process that needs pages from a node to which the connection broke waits
  /// until that node is heard of again, and the node keeps them: QEMU's post-copy recovery.
  public var recovers = false
  /// The bandwidth holds also for what goes while the process stands still.
  public var capsStop = false

  /// Its coprocesses on the same node go with it: all of them, or none.
  public var withCoprocesses = false

  /// A mechanism with its usual options.
  public init(_ mechanism: TransferMechanism) { self.mechanism = mechanism }

  /// The same options, and those that the mechanism sets itself: some unless the operator chose, some always.
  public var completed: TransferOptions {
    var options = self
    if mechanism == .hybrid {
      options.maxRounds = maxRounds ?? 1
      options.pushes = true
    }
    return options
  }
}

/// The mechanisms there are. One file each; adding one means adding its file, and what is said of it here.
public enum TransferMechanism: String, CaseIterable, Sendable {
  /// A process that has not started: only its description moves.
  case nonPreemptive = "non-preemptive"
  case totalFreezing = "total-freezing"
  case preTransfer = "pretransfer"
  case onReference = "on-reference"
  case hybrid = "hybrid"
  case flushing = "flush"

  /// Whether pages go round after round while the process runs on.
  public var hasRounds: Bool { self == .preTransfer || self == .hybrid }
  /// Whether pages stay behind, to be fetched when they are touched.
  public var isOnDemand: Bool { self == .onReference || self == .hybrid || self == .flushing }

  /// What help says that it does.
  public var summary: String {
    switch self {
    case .nonPreemptive: "send its description alone (what is done when it has not started)"
    case .totalFreezing: "stop it, send its whole address space, let it go on (what is done anyway)"
    case .preTransfer: "send its pages while it runs on, again what it wrote meanwhile, and stop it for the rest"
    case .onReference: "send its state alone; pages stay behind, and are fetched when it touches them"
    case .hybrid: "pretransfer for a few rounds (1), then on-reference for what was written in the last"
    case .flushing: "write what its backing node lacks there, and send its state; it fetches pages from there"
    }
  }

  /// - Parameter backing: where the backing node is, for flushing.
  func makeTransfer(_ backing: Flushing.Backing) -> any Transfer {
    switch self {
    case .nonPreemptive: NonPreemptive()
    case .totalFreezing: TotalFreezing()
    case .preTransfer: PreTransfer()
    case .onReference: TransferOnReference()
    case .hybrid: Hybrid()
    case .flushing: Flushing(backing)
    }
  }

  /// Those that can be asked for: a process that has not started has only one way to be moved.
  public static let choices = allCases.filter { $0 != .nonPreemptive }

  /// Its number in packets.
  var code: UInt8 {
    switch self {
    case .nonPreemptive: 0
    case .totalFreezing: 1
    case .preTransfer: 2
    case .onReference: 3
    case .hybrid: 4
    case .flushing: 5
    }
  }

  /// The mechanism of a number in packets.
  init?(code: UInt8) {
    guard let mechanism = Self.allCases.first(where: { $0.code == code }) else { return nil }
    self = mechanism
  }
}

/// One round of a pre-transfer.
public struct TransferRound: Sendable, Equatable {
  /// When it began, by the clock of the source.
  public let startedAt: Nanoseconds
  /// Until its last packet had left.
  public let duration: Nanoseconds
  /// How many it sent.
  public let pages: Int
  /// Of the packets that carried them.
  public let bytes: Int
  /// Pages written while it lasted: those that the next would have to send.
  public let dirtied: Int
  /// Different pages a second, over that part of the round in which most were written. Over the whole round pages written
  /// again and again hide how fast.
  public let writeRate: UInt64
  /// By how many hundredths of its speed the process was slowed down meanwhile.
  public let throttle: Int
  /// What follows from it.
  public let outcome: Outcome
  /// How long the process would stand still if it were frozen now, by the rate of this round.
  public let expectedFreezeTime: Nanoseconds

  /// Bits a second at which its packets left.
  public var rate: UInt64 { UInt64(bytes).scaled(by: 8_000_000_000, over: max(1, duration)) }

  /// What follows from a round.
  public enum Outcome: Sendable, Equatable {
    /// Another round follows.
    case goesOn
    /// Nothing was written meanwhile.
    case clean
    /// The process writes too fast: it is slowed down further, and another round follows.
    case slowsDown
    /// As many pages were written as were sent, or more: another round would gain nothing.
    case noReduction
    /// The bound on rounds is reached.
    case boundReached
    /// The rest can be sent within the downtime that was asked for.
    case downtimeMet
    /// The process might have been frozen before, and has waited until all could be that go with it.
    case familyReady
  }
}
