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
  /// `afterBreak`: the sender has seen the connection break, so what was on its way is lost.
  case client(MigrationAttempt, epoch: UInt32, pages: PageSet, afterBreak: Bool = false)
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
  /// To the source of a migrant: its correspondent's kernel knows that it goes to this node. `isMoving`: that kernel is moving
  /// the correspondent, whose next kernel will answer too.
  case linkUpdated(MigrationAttempt, at: NodeID, by: ProcessID, isMoving: Bool)
  /// To the origin of a process: a thread of it uses a file there; and the answer.
  indirect case fileCall(FileCall)
  indirect case fileAnswer(FileAnswer)
  /// To all: how much the sender has to do.
  indirect case load(LoadReport)
  /// To a node: how much have you to do, and would you give something of it? And its answer.
  indirect case probe(Probe)
  indirect case probeAnswer(ProbeAnswer)
  /// Something for a process, wherever it is.
  case routed(RoutedPacket)
  /// Bytes of a message or a handover that is too long to go in one; the rest follows.
  indirect case part(Part)
}

/// What a byte on the network was spent on.
public enum Cause: UInt8, CaseIterable, Sendable {
  case message, page, processState, control, systemCall, location, load
}

extension Packet {
  /// The message that it carries.
  public var message: MessageID? { if case .routed(let routed) = self { routed.messageID } else { nil } }

  /// What kernels say to each other of pages that threads wait for: it does not wait behind what is long.
  ///
  /// - Parameter isPaced: its sender sends it in the background, and is told when it has left.
  package func stream(isPaced: Bool) -> WireHeader.Stream {
    switch self {
    case .pageRequest, .client, .withdrawn: .urgent
    case .pageSupply: isPaced ? .ordinary : .urgent
    default: .ordinary
    }
  }

  /// Whether it is a part of something.
  public var isPart: Bool { part != nil }

  /// The message that it carries, or a part of it.
  public var messageOfWhole: MessageID? {
    if case .part(let part) = self, case .message(let message) = part.whole { message } else { message }
  }

  /// How many acknowledgements ride on it.
  public var riders: Int { if case .routed(let routed) = self { routed.riders.count } else { 0 } }

  /// The process that it is about: the one that is moved, or whom it is for.
  public var process: ProcessID? {
    switch self {
    case .locate(let process), .located(let process, _), .moving(let process), .moved(let process, _),
      .forget(let process):
      process
    case .fileCall(let call): call.id.process
    case .fileAnswer(let answer): answer.id.process
    case .routed(let routed): attempt?.process ?? routed.to
    case .part(let part): part.whole.process
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
      case .inquiry, .waiting, .missing, .undeliverable: .control
      case .newAddress: .location
      }
    case .part(let part): part.whole.cause
    case .fileCall, .fileAnswer: .systemCall
    case .load, .probe, .probeAnswer: .load
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
      .pageSupply(let attempt, _), .withdrawn(let attempt, _), .client(let attempt, _, _, _), .release(let attempt, _),
      .linkUpdated(let attempt, _, _, _), .reserve(let attempt, _), .reserved(let attempt), .pagesEnd(let attempt),
      .pagesKept(let attempt), .movedOn(let attempt, _, _), .stillNeeded(let attempt, _):
      attempt
    case .moved(let process, let address): MigrationAttempt(process: process, epoch: address.epoch)
    case .routed(let routed):
      if case .newAddress(let attempt, _, _) = routed.body { attempt } else { nil }
    case .part(let part): part.whole.attempt
    case .locate, .located, .moving, .forget, .fileCall, .fileAnswer, .load, .probe, .probeAnswer: nil
    }
  }

  /// The pages that a holder sends with it, and the migration that had left them there.
  package var supply: (attempt: MigrationAttempt, pages: [Int])? {
    guard case .pageSupply(let attempt, let batch) = self else { return nil }
    return (attempt, batch.pages.map { Int($0.index) })
  }

  /// Of what it is a part, and how many bytes of that it carries.
  package var part: (whole: Part.Whole, bytes: UInt32)? {
    if case .part(let part) = self { (part.whole, part.bytes) } else { nil }
  }

  /// Of what it is the rest, and how many bytes of that have gone before.
  package var rest: (whole: Part.Whole, sentBefore: UInt32)? {
    switch self {
    case .routed(let routed):
      if routed.sentBefore > 0, let message = routed.messageID { (.message(message), routed.sentBefore) } else { nil }
    case .handover(let attempt, let image):
      image.sentBefore > 0 ? (.handover(attempt), image.sentBefore) : nil
    default: nil
    }
  }

  /// What it does in an update of links, and for which correspondent.
  package enum LinkStep {
    case told(MigrationAttempt, ProcessID, source: NodeID)
    case answered(MigrationAttempt, ProcessID)
    /// Of any migration: it is committed.
    case committed(MigrationAttempt)
  }

  /// Its part in an update of links, if it has one: in telling an address that is new, not the old one when an attempt is off.
  package var linkStep: LinkStep? {
    switch self {
    case .commit(let attempt): .committed(attempt)
    case .linkUpdated(let attempt, _, let correspondent, _): .answered(attempt, correspondent)
    case .routed(let routed):
      if case .newAddress(let attempt, let address, let source) = routed.body, address.node != source {
        .told(attempt, routed.to, source: source)
      } else {
        nil
      }
    default: nil
    }
  }

  /// The pages that it carries.
  package var pages: [Int] {
    switch self {
    case .pages(_, let batch), .pageSupply(_, let batch): batch.pages.map { Int($0.index) }
    default: []
    }
  }

  /// How many pages it carries.
  public var pageCount: Int {
    switch self {
    case .pages(_, let batch), .pageSupply(_, let batch): batch.pages.count
    default: 0
    }
  }
}

// MARK: - As bytes

extension Packet {
  /// Its kind, as its header says it.
  enum Kind: UInt8, CaseIterable {
    case offer, accept, refuse, pages, handover, installed, commit, activated, abort, query, unknown, routed
    case pageRequest, pageSupply, withdrawn, client, release, locate, located, moved, forget, linkUpdated
    case reserve, reserved, pagesEnd, pagesKept, moving, movedOn, stillNeeded, part
    case fileCall, fileAnswer, load, probe, probeAnswer
  }

  var kind: Kind {
    switch self {
    case .offer: .offer
    case .accept: .accept
    case .refuse: .refuse
    case .pages: .pages
    case .handover: .handover
    case .installed: .installed
    case .commit: .commit
    case .activated: .activated
    case .abort: .abort
    case .query: .query
    case .unknown: .unknown
    case .routed: .routed
    case .pageRequest: .pageRequest
    case .pageSupply: .pageSupply
    case .withdrawn: .withdrawn
    case .client: .client
    case .release: .release
    case .locate: .locate
    case .located: .located
    case .moved: .moved
    case .forget: .forget
    case .linkUpdated: .linkUpdated
    case .reserve: .reserve
    case .reserved: .reserved
    case .pagesEnd: .pagesEnd
    case .pagesKept: .pagesKept
    case .moving: .moving
    case .movedOn: .movedOn
    case .stillNeeded: .stillNeeded
    case .part: .part
    case .fileCall: .fileCall
    case .fileAnswer: .fileAnswer
    case .load: .load
    case .probe: .probe
    case .probeAnswer: .probeAnswer
    }
  }

  /// Writes what follows the header.
  package func encode<Sink: ByteSink>(into sink: inout Sink) {
    switch self {
    case .accept(let attempt), .installed(let attempt), .commit(let attempt), .activated(let attempt),
      .abort(let attempt), .query(let attempt), .unknown(let attempt), .reserved(let attempt), .pagesEnd(let attempt),
      .pagesKept(let attempt):
      sink.put(attempt)
    case .offer(let attempt, let offer):
      sink.put(attempt)
      sink.put(offer)
    case .refuse(let attempt, let refusal):
      sink.put(attempt)
      sink.put8(refusal.rawValue)
    case .reserve(let attempt, let request):
      sink.put(attempt)
      sink.put(request)
    case .pages(let attempt, let batch), .pageSupply(let attempt, let batch):
      sink.put(attempt)
      sink.put(batch)
    case .handover(let attempt, let image):
      sink.put(attempt)
      sink.put(image)
    case .pageRequest(let attempt, let pages):
      sink.put(attempt)
      sink.putCount(pages.count)
      for page in pages { sink.put32(page) }
    case .withdrawn(let attempt, let node):
      sink.put(attempt)
      sink.put(node)
    case .client(let attempt, let epoch, let pages, let afterBreak):
      sink.put(attempt)
      sink.put32(epoch)
      sink.put(pages)
      sink.put(afterBreak)
    case .release(let attempt, let epoch), .stillNeeded(let attempt, let epoch):
      sink.put(attempt)
      sink.put32(epoch)
    case .movedOn(let attempt, let node, let epoch):
      sink.put(attempt)
      sink.put(node)
      sink.put32(epoch)
    case .locate(let process), .moving(let process), .forget(let process): sink.put(process)
    case .located(let process, let address), .moved(let process, let address):
      sink.put(process)
      sink.put(address)
    case .linkUpdated(let attempt, let node, let correspondent, let isMoving):
      sink.put(attempt)
      sink.put(node)
      sink.put(correspondent)
      sink.put(isMoving)
    case .routed(let routed): sink.put(routed)
    case .part(let part): sink.put(part)
    case .fileCall(let call): sink.put(call)
    case .fileAnswer(let answer): sink.put(answer)
    case .load(let report): sink.put(report)
    case .probe(let probe): sink.put(probe)
    case .probeAnswer(let answer): sink.put(answer)
    }
  }

  /// Reads what follows the header of a packet of that kind.
  init(_ kind: Kind, from reader: inout ByteReader) throws(WireError) {
    switch kind {
    case .offer: self = .offer(try reader.take(), try reader.take())
    case .accept: self = .accept(try reader.take())
    case .refuse: self = .refuse(try reader.take(), try reader.takeCode("refusal", MigrationRefusal.init(rawValue:)))
    case .reserve: self = .reserve(try reader.take(), try reader.take())
    case .reserved: self = .reserved(try reader.take())
    case .pages: self = .pages(try reader.take(), try reader.take())
    case .pagesEnd: self = .pagesEnd(try reader.take())
    case .pagesKept: self = .pagesKept(try reader.take())
    case .handover: self = .handover(try reader.take(), try reader.take())
    case .installed: self = .installed(try reader.take())
    case .commit: self = .commit(try reader.take())
    case .activated: self = .activated(try reader.take())
    case .abort: self = .abort(try reader.take())
    case .query: self = .query(try reader.take())
    case .unknown: self = .unknown(try reader.take())
    case .pageRequest:
      self = .pageRequest(
        try reader.take(),
        pages: try reader.takeList(ofAtLeast: 4) { (reader) throws(WireError) in try reader.take32() })
    case .pageSupply: self = .pageSupply(try reader.take(), try reader.take())
    case .withdrawn: self = .withdrawn(try reader.take(), becauseOf: try reader.take())
    case .client:
      self = .client(
        try reader.take(), epoch: try reader.take32(), pages: try reader.take(), afterBreak: try reader.takeFlag())
    case .release: self = .release(try reader.take(), epoch: try reader.take32())
    case .stillNeeded: self = .stillNeeded(try reader.take(), epoch: try reader.take32())
    case .movedOn: self = .movedOn(try reader.take(), to: try reader.take(), epoch: try reader.take32())
    case .locate: self = .locate(try reader.take())
    case .located: self = .located(try reader.take(), try reader.take())
    case .moving: self = .moving(try reader.take())
    case .moved: self = .moved(try reader.take(), try reader.take())
    case .forget: self = .forget(try reader.take())
    case .linkUpdated:
      self = .linkUpdated(
        try reader.take(), at: try reader.take(), by: try reader.take(), isMoving: try reader.takeFlag())
    case .routed: self = .routed(try reader.take())
    case .part: self = .part(try reader.take())
    case .fileCall: self = .fileCall(try reader.take())
    case .fileAnswer: self = .fileAnswer(try reader.take())
    case .load: self = .load(try reader.take())
    case .probe: self = .probe(try reader.take())
    case .probeAnswer: self = .probeAnswer(try reader.take())
    }
  }
}
