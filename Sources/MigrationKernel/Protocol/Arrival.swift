/// One migration at its destination, until it is activated or discarded.
///
///     awaited -> installed -> (activated: it is no arrival any more)
///                    |
///                 in doubt: the source cannot be reached, and only the source knows who may run the process
public struct Arrival: Sendable {
  /// Which attempt it is.
  public let attempt: MigrationAttempt
  let mechanism: TransferMechanism
  /// The node that offered it.
  public let source: NodeID
  /// How often the source had booted when it offered.
  let sourceIncarnation: UInt32
  /// Frames reserved for it.
  public let frames: Int
  /// How many threads it has.
  let threads: Int
  /// When that was.
  let acceptedAt: Nanoseconds
  private(set) var lastHeard: Nanoseconds
  /// This kernel has been told that the process comes here: what is for it need not leave this node.
  var isAnnounced = false
  /// What has come for the process from kernels that were told where it goes: it waits until the process runs.
  private(set) var waiting = WaitingPackets()
  private(set) var state: State

  enum State {
    /// Pages have come, as far as they are here.
    case awaited(AddressSpace)
    case installed(Process)
    case inDoubt(Process)
    /// A verb is at work: it owns the data of the stage, so that nothing is copied when they change.
    case changing
  }

  init(
    _ attempt: MigrationAttempt, _ offer: MigrationOffer, from source: NodeID, incarnation: UInt32, pageSize: Int,
    now: Nanoseconds
  ) {
    self.attempt = attempt
    self.source = source
    mechanism = offer.mechanism
    sourceIncarnation = incarnation
    frames = Int(offer.pages)
    threads = Int(offer.threads)
    acceptedAt = now
    lastHeard = now
    state = .awaited(AddressSpace(pageCount: frames, pageSize: pageSize))
  }

  /// The process, once it has been handed over: from then on this node cannot tell by itself who may run it.
  public var process: Process? {
    switch state {
    case .awaited, .changing: nil
    case .installed(let process), .inDoubt(let process): process
    }
  }

  /// The process is here, and its source could not be reached after that.
  var isInDoubt: Bool {
    if case .inDoubt = state { true } else { false }
  }

  /// Any stage: something for the process has come before it runs here.
  ///
  /// - Returns: false when it is a message that waits already, or asks after one.
  mutating func queue(_ routed: RoutedPacket) -> Bool { waiting.append(routed) }

  enum Stored { case stored, ignored, doesNotFit }

  /// Awaited: pages have come. They do not fit when one is a difference from another than the one here.
  mutating func store(_ batch: PageBatch, now: Nanoseconds) -> Stored {
    lastHeard = now
    guard case .awaited(var space) = state else { return .ignored }
    // Nobody else may hold the pages while they change: they would all be copied.
    state = .changing
    let fits = space.store(batch)
    state = .awaited(space)
    return fits ? .stored : .doesNotFit
  }

  /// Awaited: the process itself has come. False in any other stage.
  mutating func install(_ image: ProcessImage, now: Nanoseconds) -> Bool {
    guard case .awaited(let space) = state else { return false }
    state = .changing
    var process = Process(image, over: space, acceptedAt: acceptedAt, now: now)
    if mechanism == .flushing, let place = process.holders.firstIndex(where: { $0.attempt == attempt }) {
      process.holders[place].becomeBacking()
    }
    lastHeard = now
    state = .installed(process)
    return true
  }

  /// Any stage: the source cannot be reached.
  ///
  /// - Returns: false when nothing is here yet that could be in doubt.
  mutating func sourceLost() -> Bool {
    switch state {
    case .awaited, .changing: return false
    case .installed(let process), .inDoubt(let process):
      state = .inDoubt(process)
      return true
    }
  }
}

extension AddressSpace {
  /// Takes the pages of a batch that it has room for.
  ///
  /// - Returns: false when a page is a difference from another than the one held here.
  fileprivate mutating func store(_ batch: PageBatch) -> Bool {
    for (index, form) in batch.pages where index < pageCount {
      let held = self[Int(index)]
      guard let page = form.page(over: held, pageSize: pageSize) else { return false }
      // A page that nothing ever wrote need not be made to hold zeros.
      if case .zero = page, case .zero = held { continue }
      store(page, at: Int(index), isNew: batch.makesBytes(of: form))
    }
    return true
  }
}
