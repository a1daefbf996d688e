/// A process as it travels in a handover: all of it but the contents of its pages, which go in batches of their own, and
/// nothing that only means something to the kernel that it leaves. Times are durations, since no two nodes' clocks need
/// agree.
///
/// So that a wait ends when it should, the destination reckons how long the image was on its way, as Cristian
/// ("Probabilistic clock synchronization", 1989) does: between its acceptance and the image it has waited for the time
/// that the source took, which the image says, and for two trips; the first of these it takes to be half a round trip.
public struct ProcessImage: Sendable {
  /// From the acceptance of the offer, as the source heard of it, to this image; and from the offer to the acceptance.
  let sinceAccepted: Nanoseconds
  let roundTrip: Nanoseconds
  let id: ProcessID
  let name: String
  let forkNames: ForkNames
  let phase: Process.Phase
  let family: ProcessID
  let isInseparable: Bool
  let communication: Communication
  let stateSize: UInt32
  let pageCount: Int
  let epoch: UInt32
  let migrations: UInt32
  /// How long ago it was created.
  let age: Nanoseconds
  let cpuTime: Nanoseconds
  let program: ProgramImage
  let threads: [ThreadImage]
  let synchronization: Synchronization
  let prefetch: UInt16
  /// What its pages that are elsewhere add to the digest of its memory.
  let remoteDigest: UInt64
  let holders: [RemoteHolding]
  let trail: [NodeID]
  let correspondents: [Correspondent]
  let receivedCount: UInt32
  let receivedDigest: UInt64
  let inbox: [Message]
  let outgoing: [OutgoingImage]
  let incoming: [IncomingImage]
  /// Bytes of it that have gone before it, in parts.
  var sentBefore: UInt32 = 0

  /// What one thread is about.
  struct ThreadImage {
    let guest: ThreadGuest
    let wait: Wait
    /// How often it has waited.
    let waits: UInt32
    let cpuTime: Nanoseconds
    let starter: Int?
  }

  enum Wait {
    case none
    /// For a message; at most for so long, if there is a bound.
    case receiving(left: Nanoseconds?)
    case sending(MessageID)
    case sleeping(left: Nanoseconds)
    /// For a page, for so long already.
    case faulting(page: Int, stalled: Nanoseconds)
    case locking(Int)
    case meeting(Int, of: UInt64)
    case joining
    /// For an answer of its origin, for so long already.
    case calling(waited: Nanoseconds)
    case ended
  }

  /// What it has sent to one process, and how long ago each message that nobody has acknowledged was sent.
  struct OutgoingImage {
    let receiver: ProcessID
    let nextSequence: UInt32
    let unacknowledged: [(message: Message, age: Nanoseconds)]
  }

  struct IncomingImage {
    let sender: ProcessID
    let expected: UInt32
    let early: [Message]
  }

  /// - Parameters:
  ///   - leaving: pages that stay behind.
  ///   - acceptedAt: when the source heard that the destination has room, `roundTrip` after it had asked.
  ///   - now: by the clock of the node that it leaves.
  init(_ process: Process, leaving: PageSet, acceptedAt: Nanoseconds, roundTrip: Nanoseconds, now: Nanoseconds) {
    sinceAccepted = now - acceptedAt
    self.roundTrip = roundTrip
    id = process.id
    name = process.name
    forkNames = process.forkNames
    phase = process.phase
    family = process.family
    isInseparable = process.isInseparable
    communication = process.communication
    stateSize = process.stateSize
    pageCount = process.space.pageCount
    epoch = process.epoch
    migrations = process.migrations
    age = now - process.createdAt
    cpuTime = process.cpuTime
    program = process.program
    threads = process.threads.map {
      ThreadImage(
        guest: $0.guest, wait: $0.wait(at: now), waits: $0.waits, cpuTime: $0.cpuTime, starter: $0.starter)
    }
    synchronization = process.synchronization
    prefetch = process.prefetch
    remoteDigest = process.space.remoteDigest(with: leaving)
    holders = process.holders.map(\.travelling)
    trail = process.trail
    correspondents = process.correspondentAddresses
    receivedCount = process.receivedCount
    receivedDigest = process.receivedDigest
    inbox = Array(process.inbox)
    outgoing = process.outbox.streams.map { receiver, stream in
      OutgoingImage(
        receiver: receiver, nextSequence: stream.nextSequence,
        unacknowledged: stream.unacknowledged.map { ($0.message, now - $0.sentAt) })
    }
    incoming = process.incoming.map { sender, stream in
      IncomingImage(sender: sender, expected: stream.expected, early: Array(stream.early))
    }
  }
}

extension ProcessImage {
  /// How long it was on its way to a destination that has waited for it since it accepted the offer.
  fileprivate func transit(waited: Nanoseconds) -> Nanoseconds {
    let trips = waited - min(waited, sinceAccepted)
    return trips - min(trips, roundTrip / 2)
  }
}

extension Process {
  /// The process of an image, as it goes on at its destination over the pages that have come there.
  ///
  /// - Parameters:
  ///   - acceptedAt: when the destination accepted the offer.
  ///   - now: both are by the clock of the destination.
  init(_ image: ProcessImage, over pages: AddressSpace, acceptedAt: Nanoseconds, now: Nanoseconds) {
    let transit = image.transit(waited: now - acceptedAt)
    // The instant at which the image was made; before the clock began for one that is older than the clock.
    let madeAt = now - min(now, transit)
    id = image.id
    name = image.name
    forkNames = image.forkNames
    program = image.program
    family = image.family
    isInseparable = image.isInseparable
    communication = image.communication
    stateSize = image.stateSize
    phase = image.phase
    threads = ContiguousArray(image.threads.map { Thread($0, madeAt: madeAt) })
    synchronization = image.synchronization
    space = pages
    holders = image.holders
    prefetch = image.prefetch
    trail = image.trail
    correspondentAddresses = image.correspondents
    inbox = .init(image.inbox)
    epoch = image.epoch
    migrations = image.migrations
    createdAt = madeAt - min(madeAt, image.age)
    arrivedAt = now
    cpuTime = image.cpuTime
    receivedCount = image.receivedCount
    receivedDigest = image.receivedDigest
    space.adopt(remote: image.holders.reduce(into: PageSet()) { $0.formUnion($1.pages) }, digest: image.remoteDigest)
    for stream in image.outgoing {
      var outgoing = OutgoingStream()
      outgoing.nextSequence = stream.nextSequence
      outgoing.unacknowledged = .init(
        stream.unacknowledged.map { UnacknowledgedMessage(message: $0.message, sentAt: madeAt - min(madeAt, $0.age)) })
      outbox.streams[stream.receiver] = outgoing
    }
    for stream in image.incoming {
      incoming[stream.sender] = IncomingStream(expected: stream.expected, early: .init(stream.early))
    }
  }
}

extension Thread {
  fileprivate func wait(at now: Nanoseconds) -> ProcessImage.Wait {
    switch state {
    case .ready, .running: .none
    case .receiving(let deadline): .receiving(left: deadline.map { $0.timeLeft(at: now) })
    case .sending(let message): .sending(message)
    case .sleeping(let until): .sleeping(left: until.timeLeft(at: now))
    case .faulting(let page, let startedAt): .faulting(page: page, stalled: now - startedAt)
    case .locking(let lock): .locking(lock)
    case .meeting(let barrier, let count): .meeting(barrier, of: count)
    case .joining: .joining
    case .calling(let since): .calling(waited: now - min(now, since))
    case .ended: .ended
    }
  }

  fileprivate init(_ image: ProcessImage.ThreadImage, madeAt: Nanoseconds) {
    self.init(guest: image.guest, starter: image.starter)
    waits = image.waits
    cpuTime = image.cpuTime
    state =
      switch image.wait {
      case .none: .ready
      case .receiving(let left): .receiving(deadline: left.map { madeAt.saturatingSum($0) })
      case .sending(let message): .sending(message)
      case .sleeping(let left): .sleeping(until: madeAt.saturatingSum(left))
      case .faulting(let page, let stalled): .faulting(page: page, startedAt: madeAt - min(madeAt, stalled))
      case .locking(let lock): .locking(lock)
      case .meeting(let barrier, let count): .meeting(barrier, of: count)
      case .joining: .joining
      case .calling(let waited): .calling(since: madeAt - min(madeAt, waited))
      case .ended: .ended
      }
  }
}

extension Nanoseconds {
  /// How long it is until this instant; for one that never comes, for ever.
  fileprivate func timeLeft(at now: Nanoseconds) -> Nanoseconds { self == .max ? .max : self - Swift.min(now, self) }

  /// An instant some time later; one that the clock cannot count never comes.
  fileprivate func saturatingSum(_ more: Nanoseconds) -> Nanoseconds {
    let (sum, overflow) = addingReportingOverflow(more)
    return overflow ? .max : sum
  }
}
