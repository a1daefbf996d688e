import DequeModule

/// One migration at its source, from the decision until the source owes nothing more.
///
///     negotiating -> accepted -> transferring -> freezing -> sending -> handedOver -> installed -> committed
///                                 |      ^                   |     ^
///                                 reserving (a third node)   sealing (a third node)
///
/// Each verb belongs to the stages that its comment names; in any other it changes nothing and says so, since packets may
/// come late or twice. What a mechanism does between `accepted` and `handedOver` it says itself; see `Transfer`.
public struct Departure: Sendable {
  /// Which attempt it is.
  public let attempt: MigrationAttempt
  /// The node that the process goes to.
  public let destination: NodeID
  /// What the operator chose, with what the kernel added to it.
  public let options: TransferOptions
  /// Where pages are that do not go to the destination with the process: at the source, but for flushing.
  let backing: Flushing.Backing
  /// The `FamilyMove` that it is part of, by the attempt of the member that was to be moved; nil when it goes alone.
  public let family: MigrationAttempt?
  /// Nodes that look for the process: they are answered when it is settled where it is.
  private(set) var seekers: [NodeID] = []
  /// The pages that this attempt has sent.
  private(set) var sentPages = PageSet()
  /// Bytes of batches that were sent while the process stood still.
  private(set) var frozenBytes = 0
  private(set) var state: State

  /// How far a migration is, seen from its source.
  public enum Stage: Sendable, Equatable {
    /// The offer is out.
    case negotiating
    /// The destination has room for the process, and perhaps not for all that go with it.
    case accepted
    /// The backing node has been asked for room.
    case reserving
    /// Pages go while the process may run: also when it may be frozen and others that go with it may not.
    case transferring
    /// The threads are on their way to a safe point.
    case freezing
    /// It stands still; pages that the mechanism wants to have gone first are going.
    case sending
    /// The backing node has been sent all, and has not said that it has it.
    case sealing
    /// The process itself has been sent: it may be run here again only if this attempt is aborted.
    case handedOver
    /// The destination has it, and perhaps not all that go with it.
    case installed
    /// It will never be run here again.
    case committed
  }

  enum State {
    case negotiating(any Transfer, offeredAt: Nanoseconds)
    case accepted(Sending)
    case reserving(Sending)
    case transferring(Sending)
    case freezing(Sending, Process.Phase)
    case sending(Sending, Frozen)
    case sealing(Sending, Frozen)
    case handedOver(Left, Frozen)
    case installed(Left, Frozen)
    case committed(Left, Waiting)
    /// A verb is at work: it owns the data of the stage, so that nothing is copied when they change.
    case changing
  }

  /// What is sent, and how.
  struct Sending {
    let acceptedAt: Nanoseconds
    /// From the offer to its answer.
    let roundTrip: Nanoseconds
    var transfer: any Transfer
    var pages: PacedSender
    /// The mechanism would have the process frozen, and others that go with it are not as far.
    var awaitsFamily = false
  }

  /// The process stands still.
  struct Frozen {
    /// What the process was before it was stopped, and will be again.
    let phase: Process.Phase
    /// Pages that are here and that the backing node has too.
    let backed: PageSet
    var leaving: FreezeClock
    var waiting = Waiting()
  }

  /// What came for the process while it stood still.
  struct Waiting: Sendable {
    /// It goes on when it is settled where the process is.
    fileprivate(set) var queue = WaitingPackets()
    /// Pages that came from their holders, by the migrations that left them there: taken if the process stays.
    fileprivate(set) var supplies: [(MigrationAttempt, PageBatch)] = []
    /// Holders that said that they have none, and which node that is due to.
    fileprivate(set) var withdrawals: [(MigrationAttempt, NodeID)] = []
    /// Something has gone back to the origin of the process, which waits to hear how the migration ends.
    fileprivate(set) var hasHandedBack = false
  }

  /// What the process left behind, and who has to hear of it.
  struct Left: Sendable {
    /// Pages that did not go to the destination with it.
    let pages: PageSet
    /// Those that hold pages of it, to be told should it be lost with the destination.
    let holders: [RemoteHolding]
    /// Nodes that hold forwarding addresses of it.
    let trail: [NodeID]
  }

  init(
    _ attempt: MigrationAttempt, to destination: NodeID, _ options: TransferOptions, backing: Flushing.Backing,
    family: MigrationAttempt?, now: Nanoseconds
  ) {
    self.attempt = attempt
    self.destination = destination
    self.options = options
    self.backing = backing
    self.family = family
    state = .negotiating(options.mechanism.makeTransfer(backing), offeredAt: now)
  }

  // MARK: - What it is

  /// How far it is.
  public var stage: Stage {
    switch state {
    case .negotiating: .negotiating
    case .accepted: .accepted
    case .reserving: .reserving
    case .transferring: .transferring
    case .freezing: .freezing
    case .sending: .sending
    case .sealing: .sealing
    case .handedOver: .handedOver
    case .installed: .installed
    case .committed: .committed
    case .changing: preconditionFailure("asked while it changes")
    }
  }

  /// By which mechanism the address space moves.
  public var mechanism: TransferMechanism { options.mechanism }

  /// True from the moment the process stands still until it runs again, here or at the destination.
  public var isFrozen: Bool {
    switch state {
    case .negotiating, .accepted, .reserving, .transferring, .freezing, .changing: false
    case .sending, .sealing, .handedOver, .installed, .committed: true
    }
  }

  /// True once the destination has the process.
  var isInstalled: Bool { stage == .installed || stage == .committed }

  /// The backing node, when it is neither end and so takes part by packets of its own.
  var thirdNode: NodeID? { backing.thirdNode }

  /// What the line carried of a batch of pages that went alone, and how long it took, while pages or the state are being sent.
  var carriedAlone: (bytes: Int, time: Nanoseconds)? {
    if case .sending(let sending, _) = state { sending.pages.carried } else { nil }
  }

  /// Transferring by a mechanism that has rounds: one is over if all its pages have been sent.
  var mayEndRound: Bool {
    guard mechanism.hasRounds, case .transferring(let sending) = state else { return false }
    return sending.pages.outstanding == 0
  }

  /// It may be frozen, and waits for others that go with it.
  var awaitsFamily: Bool {
    if case .transferring(let sending) = state { sending.awaitsFamily } else { false }
  }

  /// The nodes that have been told of it.
  var participants: [NodeID] {
    switch state {
    case .negotiating, .accepted, .changing: [destination]
    case .reserving, .transferring, .freezing, .sending, .sealing, .handedOver, .installed, .committed:
      [destination] + [thirdNode].compactMap { $0 }
    }
  }

  /// What the process was before it was stopped for this migration; nil when it was not, or has left.
  var phaseBefore: Process.Phase? {
    switch state {
    case .negotiating, .accepted, .reserving, .transferring, .committed, .changing: nil
    case .freezing(_, let phase): phase
    case .sending(_, let frozen), .sealing(_, let frozen), .handedOver(_, let frozen), .installed(_, let frozen):
      frozen.phase
    }
  }

  /// What came for the process while it stood still; nothing before.
  var waiting: Waiting {
    switch state {
    case .negotiating, .accepted, .reserving, .transferring, .freezing, .changing: Waiting()
    case .sending(_, let frozen), .sealing(_, let frozen), .handedOver(_, let frozen), .installed(_, let frozen):
      frozen.waiting
    case .committed(_, let waiting): waiting
    }
  }

  /// What the process left behind; nil before it was handed over.
  var left: Left? {
    switch state {
    case .negotiating, .accepted, .reserving, .transferring, .freezing, .sending, .sealing, .changing: nil
    case .handedOver(let left, _), .installed(let left, _), .committed(let left, _): left
    }
  }

  // MARK: - Before the freeze

  /// Negotiating: the destination says yes. False in any other stage.
  mutating func accept(at now: Nanoseconds) -> Bool {
    guard case .negotiating(let transfer, let offeredAt) = state else { return false }
    let sending = Sending(
      acceptedAt: now, roundTrip: now - offeredAt, transfer: transfer, pages: PacedSender(bandwidth: options.bandwidth))
    state = .accepted(sending)
    return true
  }

  /// Accepted: there is room for all that go together, so pages may go. False in any other stage.
  mutating func beginTransfer() -> Bool {
    guard case .accepted(let sending) = state else { return false }
    state = .transferring(sending)
    return true
  }

  /// Transferring: the backing node is asked for room. False in any other stage.
  mutating func reserve() -> Bool {
    guard case .transferring(let sending) = state else { return false }
    state = .reserving(sending)
    return true
  }

  /// Reserving: the backing node has room. False in any other stage.
  mutating func reserved() -> Bool {
    guard case .reserving(let sending) = state else { return false }
    state = .transferring(sending)
    return true
  }

  /// Transferring: the mechanism would have the process frozen; those that go with it have to be ready too. False in any other
  /// stage, and when it was said before.
  mutating func awaitFamily() -> Bool {
    guard case .transferring(var sending) = state, !sending.awaitsFamily else { return false }
    state = .changing
    sending.awaitsFamily = true
    state = .transferring(sending)
    return true
  }

  // MARK: - Pages

  enum Step {
    case act(TransferAction)
    /// Nothing goes until a batch has left, or until the stage changes.
    case wait
    /// Nothing goes before this time.
    case waitUntil(Nanoseconds)
  }

  /// Transferring and sending: what the mechanism wants done next, if there is room for it.
  ///
  /// - Parameter stateSize: bytes of the handover, if `mayEndRound`.
  mutating func nextStep(_ space: inout AddressSpace, now: Nanoseconds, stateSize: Int) -> Step {
    // In each case nobody else may hold the pages while they change: they would all be copied.
    switch state {
    case .transferring(var sending):
      state = .changing
      let step = sending.nextStep(&space, options, frozen: nil, now: now, stateSize: stateSize)
      state = .transferring(sending)
      return step
    case .sending(var sending, let frozen):
      state = .changing
      let step = sending.nextStep(&space, options, frozen: frozen.backed, now: now, stateSize: 0)
      state = .sending(sending, frozen)
      return step
    default: return .wait
    }
  }

  /// A batch is handed to the network.
  ///
  /// - Returns: how many of its pages this attempt had sent before.
  mutating func batchSent(
    _ batch: PageBatch, of pageCount: Int, bytes: Int, at now: Nanoseconds, workEnd: Nanoseconds
  ) -> Int {
    changePages { $0.batchSent(bytes: bytes, at: now, workEnd: workEnd) }
    if isFrozen { frozenBytes += bytes }
    return sentPages.insert(batch, of: pageCount)
  }

  /// A batch of pages has left, or the state has.
  mutating func packetLeft(at now: Nanoseconds) {
    changePages { $0.batchLeft(at: now) }
    switch state {
    case .sending(let sending, var frozen) where sending.pages.outstanding == 0:
      state = .changing
      frozen.leaving.pagesLeft(at: sending.pages.freeFrom(now))
      state = .sending(sending, frozen)
    case .sealing(let sending, var frozen) where sending.pages.outstanding == 0:
      state = .changing
      frozen.leaving.pagesLeft(at: sending.pages.freeFrom(now))
      state = .sealing(sending, frozen)
    case .handedOver(let left, var frozen):
      state = .changing
      frozen.leaving.packetLeft(at: now)
      state = .handedOver(left, frozen)
    default: break
    }
  }

  private mutating func changePages(_ change: (inout PacedSender) -> Void) {
    switch state {
    case .transferring(var sending):
      state = .changing
      change(&sending.pages)
      state = .transferring(sending)
    case .reserving(var sending):
      state = .changing
      change(&sending.pages)
      state = .reserving(sending)
    case .freezing(var sending, let phase):
      state = .changing
      change(&sending.pages)
      state = .freezing(sending, phase)
    case .sending(var sending, let frozen):
      state = .changing
      change(&sending.pages)
      state = .sending(sending, frozen)
    case .sealing(var sending, let frozen):
      state = .changing
      change(&sending.pages)
      state = .sealing(sending, frozen)
    default: break
    }
  }

  // MARK: - The freeze and after

  /// Transferring: the threads are told to stop. False in any other stage.
  ///
  /// - Parameter phase: what the process was until now.
  mutating func freeze(_ phase: Process.Phase) -> Bool {
    guard case .transferring(let sending) = state else { return false }
    state = .freezing(sending, phase)
    return true
  }

  /// Freezing: the last thread has stopped. False in any other stage.
  ///
  /// - Parameter backed: pages that are here and that the backing node has too.
  mutating func frozen(backed: PageSet, at now: Nanoseconds) -> Bool {
    guard case .freezing(var sending, let phase) = state else { return false }
    state = .changing
    // The process stands still, so the cap ends here and its pages take the whole line (as in QEMU).
    if !options.capsStop { sending.pages.takeWholeLine() }
    state = .sending(sending, Frozen(phase: phase, backed: backed, leaving: FreezeClock(frozenAt: now)))
    return true
  }

  /// Sending: the backing node has been sent all. False in any other stage.
  mutating func seal() -> Bool {
    guard case .sending(let sending, let frozen) = state else { return false }
    state = .sealing(sending, frozen)
    return true
  }

  /// Sealing: the backing node has all. False in any other stage.
  mutating func sealed() -> Bool {
    guard case .sealing(let sending, let frozen) = state else { return false }
    state = .sending(sending, frozen)
    return true
  }

  /// Sending: pages that are to stay behind, and since when the source knows that it was accepted; nil in any other stage.
  func handover(_ space: AddressSpace) -> (leaving: PageSet, acceptedAt: Nanoseconds, roundTrip: Nanoseconds)? {
    guard case .sending(let sending, _) = state else { return nil }
    return (sending.transfer.leaving(space), sending.acceptedAt, sending.roundTrip)
  }

  /// Sending: the process itself is sent. False in any other stage.
  mutating func handOver(_ left: Left, at now: Nanoseconds) -> Bool {
    guard case .sending(let sending, var frozen) = state else { return false }
    state = .changing
    frozen.leaving.handedOver(at: now, batchesLeft: sending.pages.outstanding)
    state = .handedOver(left, frozen)
    return true
  }

  /// Handed over: the destination has the process.
  ///
  /// - Returns: what the pages and the state took; nil in any other stage.
  mutating func installed() -> FreezeClock? {
    guard case .handedOver(let left, let frozen) = state else { return nil }
    state = .installed(left, frozen)
    return frozen.leaving
  }

  /// Installed: it will never run here again. False in any other stage.
  mutating func commit() -> Bool {
    guard case .installed(let left, let frozen) = state else { return false }
    state = .committed(left, frozen.waiting)
    return true
  }

  // MARK: - What comes for the process meanwhile

  /// Any stage: a node looks for the process, and is to be told where it is.
  ///
  /// - Returns: false when it was waiting already.
  @discardableResult
  mutating func awaits(_ node: NodeID) -> Bool {
    guard !seekers.contains(node) else { return false }
    seekers.append(node)
    return true
  }

  enum Queued { case queued, repeated, notFrozen }

  /// Frozen: something waits for the end of the migration, unless it was waiting already.
  mutating func queue(_ routed: RoutedPacket) -> Queued {
    changeWaiting { $0.queue.append(routed) ? .queued : .repeated } ?? .notFrozen
  }

  /// Frozen: pages have come, and what the process has is settled. Its next kernel asks anew; this one takes them if it stays.
  mutating func setAside(_ batch: PageBatch, of attempt: MigrationAttempt) {
    changeWaiting { $0.supplies.append((attempt, batch)) }
  }

  /// Frozen: a holder says that it has no pages.
  mutating func setAside(withdrawalOf attempt: MigrationAttempt, becauseOf node: NodeID) {
    changeWaiting { $0.withdrawals.append((attempt, node)) }
  }

  /// Frozen: something for the process has gone back to its origin.
  mutating func handedBack() { changeWaiting { $0.hasHandedBack = true } }

  @discardableResult
  private mutating func changeWaiting<Result>(_ change: (inout Waiting) -> Result) -> Result? {
    switch state {
    case .sending(let sending, var frozen):
      state = .changing
      let result = change(&frozen.waiting)
      state = .sending(sending, frozen)
      return result
    case .sealing(let sending, var frozen):
      state = .changing
      let result = change(&frozen.waiting)
      state = .sealing(sending, frozen)
      return result
    case .handedOver(let left, var frozen):
      state = .changing
      let result = change(&frozen.waiting)
      state = .handedOver(left, frozen)
      return result
    case .installed(let left, var frozen):
      state = .changing
      let result = change(&frozen.waiting)
      state = .installed(left, frozen)
      return result
    case .committed(let left, var waiting):
      state = .changing
      let result = change(&waiting)
      state = .committed(left, waiting)
      return result
    default: return nil
    }
  }
}

extension Departure.Sending {
  /// - Parameter frozen: pages that the backing node has too, once the process stands still.
  fileprivate mutating func nextStep(
    _ space: inout AddressSpace, _ options: TransferOptions, frozen: PageSet?, now: Nanoseconds, stateSize: Int
  ) -> Departure.Step {
    switch pages.readiness(at: now) {
    case .full: return .wait
    case .notBefore(let time): return .waitUntil(time)
    case .ready:
      let view = TransferView(
        now: now, isFrozen: frozen != nil, awaitsFamily: awaitsFamily, outstanding: pages.outstanding,
        roundTrip: roundTrip, stateSize: stateSize, carriedAlone: pages.carried, options: options,
        backed: frozen ?? PageSet())
      return .act(transfer.next(&space, view))
    }
  }
}
