import DequeModule

/// What one kernel tells another. What is large and rare is kept apart, so that the common ones are cheap to move.
public enum Packet: Sendable {
  /// Source to destination: will you take this process?
  indirect case offer(MigrationAttempt, MigrationOffer)
  /// Destination to source: yes, and frames are reserved.
  case accept(MigrationAttempt)
  case refuse(MigrationAttempt, MigrationRefusal)
  /// Source to backing node: keep room for the pages of this process; and its answers, as those to an offer.
  indirect case reserve(MigrationAttempt, FlushRequest)
  case reserved(MigrationAttempt)
  /// Source to destination or backing node: some pages of the address space.
  indirect case pages(MigrationAttempt, PageBatch)
  /// Source to backing node: that was all; and its answer, that it has them.
  case pagesEnd(MigrationAttempt)
  case pagesKept(MigrationAttempt)
  /// Source to destination: the process itself. It is frozen, and may run again at either end or at neither.
  indirect case handover(MigrationAttempt, ProcessImage)
  case installed(MigrationAttempt)
  /// From here on the source never runs it again.
  case commit(MigrationAttempt)
  /// Destination to source: it may run here.
  case activated(MigrationAttempt)
  /// To a destination or backing node: this attempt is off.
  case abort(MigrationAttempt)
  /// A destination in doubt asks its source how the attempt stands; a backing node asks the destination.
  case query(MigrationAttempt)
  /// To a source: this node knows nothing of the attempt.
  case unknown(MigrationAttempt)
  /// To a node that holds pages of a process: send these. Its migration left them there.
  case pageRequest(MigrationAttempt, pages: [UInt32])
  /// From it: pages that were asked for, or are pushed.
  indirect case pageSupply(MigrationAttempt, PageBatch)
  /// From it: it has none of them any more, since a node fell: itself, or the one on which it thought the process to be.
  case withdrawn(MigrationAttempt, becauseOf: NodeID)
  /// To it: the process is at the sender now, where it came by the migration numbered `epoch`, and needs these.
  case client(MigrationAttempt, epoch: UInt32, pages: PageSet)
  /// To it: they are needed no more.
  case release(MigrationAttempt, epoch: UInt32)
  /// From it: does the process still need them, which was last heard to have come there by the migration `epoch`?
  case stillNeeded(MigrationAttempt, epoch: UInt32)
  /// To it, from a kernel that the process has left: by the migration numbered `epoch` it went to another.
  case movedOn(MigrationAttempt, to: NodeID, epoch: UInt32)
  /// To all: who has this process?
  case locate(ProcessID)
  /// The answer.
  case located(ProcessID, Address)
  /// The answer while it is being moved: where it is will be told when that is over.
  case moving(ProcessID)
  /// To the origin of a process: it is there now.
  case moved(ProcessID, Address)
  /// To a kernel that has something to find a process by: it is no more.
  case forget(ProcessID)
  /// To the source of a migrant: its correspondent's kernel knows the new address.
  case linkUpdated(MigrationAttempt, by: ProcessID)
  /// Something for a process, wherever it is.
  case routed(RoutedPacket)
}

/// What a backing node is told before it decides.
public struct FlushRequest: Sendable {
  let destination: NodeID
  /// Pages of the address space: as many may have to be kept.
  let pages: UInt32
  /// Bytes in a page.
  let pageSize: UInt32
  /// The epoch of the migration that left pages of the process there; nil when the source knows of none.
  let base: UInt32?
  let pushes: Bool
  /// Bits a second that pushed pages may take of the line.
  let bandwidth: UInt64?
  let marksZeros: Bool
}

/// What a destination is told before it decides.
public struct MigrationOffer: Sendable {
  let mechanism: TransferMechanism
  let name: String
  let pages: UInt32
  let threads: UInt32
  /// Bytes in a page.
  let pageSize: UInt32
}

/// Why a node does not take part in a migration.
public enum MigrationRefusal: UInt8, Sendable {
  /// Too few free frames.
  case noRoom
  /// Pages of another size than its own.
  case otherPageSize
  /// The same of the backing node.
  case backingHasNoRoom
  case backingHasOtherPageSize
}

/// A packet for a process: it goes from node to node until it meets the process.
public struct RoutedPacket: Sendable {
  let to: ProcessID
  var hops: UInt16 = 0
  /// The process is to be looked for where it came by the migration of this epoch, or a later one: it was not found
  /// where an earlier one had led.
  var minimumEpoch: UInt32 = 0
  /// It was handed back by a node from which the process is being moved.
  var isMoving = false
  var body: Body

  init(to process: ProcessID, hops: UInt16 = 0, body: Body) {
    to = process
    self.hops = hops
    self.body = body
  }

  /// One hop further.
  var next: RoutedPacket {
    var packet = self
    packet.hops += 1
    if case .message(var message) = body {
      message.hops = packet.hops
      packet.body = .message(message)
    }
    return packet
  }

  /// The message that it carries.
  var messageID: MessageID? {
    if case .message(let message) = body { message.id } else { nil }
  }

  enum Body: Sendable {
    case message(Message)
    /// The kernel that has `from` received all messages to it below `expected`, and tells where that is.
    case acknowledgement(from: ProcessID, expected: UInt32, at: Address)
    /// A message repeated is waiting at a kernel from which it will go on: no need to send it again.
    indirect case waiting(MessageID)
    indirect case undeliverable(MessageID, Undeliverable)
    /// To a correspondent: the process that moved is at this address now. `source` waits to hear that this is known.
    indirect case newAddress(MigrationAttempt, Address, source: NodeID)
  }
}

/// Why a message could not be delivered.
public enum Undeliverable: Sendable, Equatable {
  /// The process has ended, or never was, or nothing here tells where it is.
  case notFound(at: NodeID)
  /// The only way to it leads over a node that does not answer.
  case unreachable(NodeID)
  /// It is not there, or not there any more, and nothing was left behind to follow.
  case notHere(at: NodeID)
}

/// What a byte on the network was spent on.
public enum Cause: UInt8, CaseIterable, Sendable {
  case message, page, processState, control, systemCall, location
}

extension Packet {
  /// What it is, in a word or two.
  public var name: StaticString {
    switch self {
    case .offer: "offer"
    case .accept: "accept"
    case .refuse: "refuse"
    case .reserve: "reserve"
    case .reserved: "reserved"
    case .pages: "pages"
    case .pagesEnd: "end of pages"
    case .pagesKept: "pages kept"
    case .handover: "handover"
    case .installed: "installed"
    case .commit: "commit"
    case .activated: "activated"
    case .abort: "abort"
    case .query: "query"
    case .unknown: "unknown"
    case .pageRequest: "page request"
    case .pageSupply: "pages"
    case .withdrawn: "withdrawn"
    case .client: "client"
    case .release: "release"
    case .movedOn: "moved on"
    case .stillNeeded: "still needed?"
    case .locate: "locate"
    case .located: "located"
    case .moving: "moving"
    case .moved: "moved"
    case .forget: "forget"
    case .linkUpdated: "link updated"
    case .routed(let routed):
      switch routed.body {
      case .message(let message): message.id.to.isTerminal ? "system call" : "message"
      case .acknowledgement(let from, _, _): from.isTerminal ? "answer" : "acknowledged"
      case .waiting: "waiting"
      case .undeliverable: "undeliverable"
      case .newAddress: "new address"
      }
    }
  }

  /// The message that it carries.
  public var message: MessageID? { if case .routed(let routed) = self { routed.messageID } else { nil } }

  /// The process that it is about: the one that is moved, or whom it is for.
  public var process: ProcessID? {
    switch self {
    case .locate(let process), .located(let process, _), .moving(let process), .moved(let process, _),
      .forget(let process):
      process
    case .routed(let routed): attempt?.process ?? routed.to
    default: attempt?.process
    }
  }

  /// What its bytes are charged to.
  public var cause: Cause {
    switch self {
    case .pages, .pageSupply: .page
    case .handover: .processState
    case .routed(let routed):
      switch routed.body {
      case .message(let message): message.id.to.isTerminal ? .systemCall : .message
      case .acknowledgement(let from, _, _): from.isTerminal ? .systemCall : .control
      case .waiting, .undeliverable: .control
      case .newAddress: .location
      }
    case .locate, .located, .moving, .moved, .forget, .linkUpdated: .location
    default: .control
    }
  }

  /// The migration that its bytes belong to.
  public var attempt: MigrationAttempt? {
    switch self {
    case .offer(let attempt, _), .accept(let attempt), .refuse(let attempt, _), .pages(let attempt, _),
      .handover(let attempt, _), .installed(let attempt), .commit(let attempt), .activated(let attempt),
      .abort(let attempt), .query(let attempt), .unknown(let attempt), .pageRequest(let attempt, _),
      .pageSupply(let attempt, _), .withdrawn(let attempt, _), .client(let attempt, _, _), .release(let attempt, _),
      .linkUpdated(let attempt, _), .reserve(let attempt, _), .reserved(let attempt), .pagesEnd(let attempt),
      .pagesKept(let attempt), .movedOn(let attempt, _, _), .stillNeeded(let attempt, _):
      attempt
    case .moved(let process, let address): MigrationAttempt(process: process, epoch: address.epoch)
    case .routed(let routed):
      if case .newAddress(let attempt, _, _) = routed.body { attempt } else { nil }
    case .locate, .located, .moving, .forget: nil
    }
  }

  /// The pages that a holder sends with it, and the migration that had left them there.
  package var supply: (attempt: MigrationAttempt, pages: [Int])? {
    guard case .pageSupply(let attempt, let batch) = self else { return nil }
    return (attempt, batch.pages.map { Int($0.index) })
  }

  /// How many pages it carries.
  public var pageCount: Int {
    switch self {
    case .pages(_, let batch), .pageSupply(_, let batch): batch.pages.count
    default: 0
    }
  }
}
