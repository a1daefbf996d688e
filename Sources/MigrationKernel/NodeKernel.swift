import DequeModule
import OrderedCollections

/// One node: its processes, its cores, the addresses that it knows, and its part in every migration and every message.
///
/// A state machine without I/O. It takes an event and the time, and appends effects to the caller's buffer; it reads no
/// clock, draws no random number that was not handed to it, and knows of other nodes only what packets told it.
///
/// It is large. A function that only reads it is handed a copy, unless it is inlined: those that are asked for every message
/// always are.
public struct NodeKernel: Sendable {
  /// Which node it is.
  public let id: NodeID
  /// How often this node had booted, from 1.
  public let incarnation: UInt32
  /// What it is made of; speed and memory may change while it runs.
  public internal(set) var settings: NodeSettings
  /// The nodes of the cluster, this one among them, as this kernel was told: in ascending order.
  public internal(set) var members: ContiguousArray<NodeID>
  /// For what this kernel decides by chance.
  var generator: Generator

  /// The processes that are here, those being moved away included.
  public internal(set) var processes = ProcessTable()
  /// Frames of memory that no process has and no offer has reserved.
  public internal(set) var freeFrames: Int
  /// All other frames: processes have them, or pages kept for processes elsewhere, or an offer has reserved them.
  public var framesInUse: Int { settings.frames - freeFrames }
  var nextSerial: UInt32 = 1

  var cores: ContiguousArray<Core>
  /// Core time that threads have been charged for since the node booted.
  var usedCoreTime: Nanoseconds = 0
  /// Threads that could run, in the order in which they get a core.
  var ready: Deque<ThreadReference> = []
  /// Pages looked at during this event to see whether they were written.
  var scannedPages = 0

  /// Migrations away from here, until the source owes nothing more.
  public internal(set) var departures: OrderedDictionary<ProcessID, Departure> = [:]
  /// Families whose members leave together, by the attempt of the member that was to be moved, until all are committed.
  var familyMoves: [MigrationAttempt: FamilyMove] = [:]
  /// Migrations to here, until they are activated or discarded.
  public internal(set) var arrivals: OrderedDictionary<ProcessID, Arrival> = [:]
  /// Flushes to here, until they are settled or off.
  public internal(set) var flushes: OrderedDictionary<ProcessID, Flush> = [:]
  /// Pages that processes left here when they moved on, or wrote to here.
  public internal(set) var keptPages: OrderedDictionary<MigrationAttempt, KeptPages> = [:]
  /// What is left to say of such pages that were given up, until nobody can ask for them.
  var givenUp: [MigrationAttempt: GivenUpPages] = [:]
  /// By peer, what this kernel has lately told it that it need not keep any longer.
  var releases: [NodeID: Releases] = [:]
  /// Where processes went that left this node while other nodes held pages of them.
  var movedOn: OrderedDictionary<ProcessID, MovedOn> = [:]
  /// For each process that ever arrived here, the last epoch that was activated: so a repeated commit is recognised.
  var activatedEpochs: [ProcessID: UInt32] = [:]

  /// What is known here of processes elsewhere.
  public internal(set) var locations: Locations
  /// By process under link update that is moved from here, or was, what its correspondents are told until all know it.
  var addressNews: OrderedDictionary<ProcessID, AddressNews> = [:]
  /// By process that ended here, what it had sent and nobody has acknowledged yet.
  var outboxes: OrderedDictionary<ProcessID, Outbox> = [:]
  /// By peer, what takes long to leave for it; nothing where nothing does.
  var windows: [NodeID: SendWindow] = [:]
  /// By peer, acknowledgements that wait for something to ride on.
  var acknowledgements: [NodeID: HeldAcknowledgements] = [:]
  /// By peer, how long it takes to acknowledge what is handed to it.
  var roundTrips: [NodeID: RoundTrip] = [:]
  /// Messages to the terminal of this node, by sender.
  var terminal: [ProcessID: IncomingStream] = [:]
  /// What its policies go by, in an array of one: a kernel is copied often, and this is large and seldom looked at.
  private var policyStates: ContiguousArray<PolicyState>
  var policyState: PolicyState {
    @inline(__always) _read { yield policyStates[0] }
    @inline(__always) _modify { yield &policyStates[0] }
  }
  /// What processes that were created here have written.
  var files = Files()
  /// Peers to which the connection broke, and until when this kernel sends nothing on by way of them.
  var suspects: [NodeID: Nanoseconds] = [:]

  /// Boots a node.
  ///
  /// - Parameters:
  ///   - id: which node it is.
  ///   - incarnation: how often it has booted, this time included.
  ///   - settings: what it is made of.
  ///   - members: the nodes of the cluster, in ascending order.
  ///   - seed: for what the kernel decides by chance.
  ///   - policies: what it goes by when a process has to be placed, or load balanced.
  public init(
    id: NodeID, incarnation: UInt32, settings: NodeSettings, members: ContiguousArray<NodeID>, seed: UInt64,
    policies: Policies = Policies()
  ) {
    precondition(settings.arePositive, "the settings of a node have a number that is not positive")
    precondition(incarnation > 0, "the first incarnation of a node is 1")
    assert(zip(members, members.dropFirst()).allSatisfy(<), "the members are not in ascending order")
    self.id = id
    self.members = members
    generator = Generator(seed: seed)
    policyStates = [PolicyState(policies, incarnation: incarnation, seed: seed)]
    self.incarnation = incarnation
    self.settings = settings
    locations = Locations(node: id)
    freeFrames = settings.frames
    cores = ContiguousArray(repeating: Core(), count: settings.cores)
  }

  /// Tells a kernel that has only booted the nodes of the cluster, in ascending order.
  package mutating func setMembers(_ members: ContiguousArray<NodeID>) {
    assert(zip(members, members.dropFirst()).allSatisfy(<), "the members are not in ascending order")
    self.members = members
  }

  /// What this kernel decides by chance follows from another seed from now on: for a copy with which something is tried.
  package mutating func reseed(_ seed: UInt64) {
    generator = Generator(seed: seed)
    policyState.reseed(seed)
  }

  /// The one way in: what happened, at the time that `out.now` says. Effects are appended to `out`.
  public mutating func handle(_ event: consuming Event, _ out: inout EffectBuffer) {
    if settings.costs.areFreeForMigrations { return carryOut(event, &out) }
    let received = timeToReceive(event)
    let ownCore: Int? = if case .core(let core, _) = copy event { core } else { nil }
    let first = out.effects.count
    carryOut(event, &out)
    chargeWork(received: received, ownCore: ownCore, effectsFrom: first, &out)
  }

  @inline(__always)
  private mutating func carryOut(_ event: consuming Event, _ out: inout EffectBuffer) {
    switch consume event {
    case .core(let core, let horizon): runCore(core, horizon: horizon, &out)
    case .packet(let packet, let from, let incarnation):
      if !suspects.isEmpty { suspects[from] = nil }
      receive(packet, from: from, incarnation: incarnation, &out)
    case .transmitted(let notice, let peer): hasLeft(notice, for: peer, &out)
    case .timer(.wait(let thread, let waits)): endWait(thread, waits: waits, &out)
    case .timer(.retry(let process)): retryMessages(of: process, &out)
    case .timer(.acknowledge(let peer)): acknowledgementsDue(peer, &out)
    case .timer(.migration(let attempt)): retryMigration(attempt, &out)
    case .timer(.search(let process)): searchExpired(process, &out)
    case .timer(.held(let process)): holdExpired(process, &out)
    case .timer(.linkUpdate(let attempt)): linkUpdateExpired(attempt, &out)
    case .timer(.flush(let attempt)): retryFlush(attempt, &out)
    case .timer(.pace(let attempt)): sendMore(of: attempt, batchLeft: false, &out)
    case .timer(.load(let round)): loadIsDue(round: round, &out)
    case .timer(.balance(let round)): balanceIsDue(round: round, &out)
    case .timer(.probe(let number)): probeExpired(number, &out)
    case .timer(.work(let number)): workExpired(number, &out)
    case .timer(.pause(let process, let thread, let end)): endPause(of: process, thread, until: end, &out)
    case .connectionBroken(let peer): connectionBroke(peer, &out)
    case .connected(let peer, let incarnation): peerAnswers(peer, incarnation, &out)
    case .membersChanged(let members):
      setMembers(members)
      acknowledgements = acknowledgements.filter { members.contains($0.key) }
      forgetCorrespondentsOfFormerMembers(&out)
    case .request(let request): handleRequest(request, &out)
    }
  }

  private mutating func connectionBroke(_ peer: NodeID, _ out: inout EffectBuffer) {
    // Longer than a sender waits before it sends again, so that it hears why there was no answer.
    suspects[peer] = out.now + 2 * settings.detectionTimeout
    windows[peer] = nil
    acknowledgements[peer] = nil
    connectionBrokeDuringMigration(peer, &out)
    connectionBrokeWithCorrespondents(peer, &out)
    connectionBrokeDuringFlush(peer, &out)
    connectionBrokeWithReleases(peer, now: out.now)
    connectionBrokeWithHolder(peer, &out)
    connectionBrokeWithClient(peer, &out)
    tellHolders(losing: peer, &out)
    askAfterClients(losing: peer, &out)
    connectionBrokeWithMessages(peer, &out)
    connectionBrokeWithOrigin(peer)
    connectionBrokeDuringSearches(peer, &out)
  }

  /// After a break: takes up again whatever the silence of `peer` had stopped.
  private mutating func peerAnswers(_ peer: NodeID, _ incarnation: UInt32, _ out: inout EffectBuffer) {
    suspects[peer] = nil
    reportMoves(to: peer, &out)
    releaseAgain(peer, &out)
    searchAgain(at: peer, &out)
    tellCorrespondentsAgain(at: peer, &out)
    sendKeptOutput(to: peer, incarnation: incarnation, &out)
    callFilesAgain(at: peer, &out)
  }
}

/// What a node is made of, and what it was told about the cluster when it booted. All numbers are positive.
public struct NodeSettings: Sendable, Equatable {
  /// How many threads can run at a time.
  public var cores = 1
  /// Thousandths of the speed at which a step takes the time it says.
  public var speed: UInt64 = 1000
  /// Bytes of memory.
  public var memory: UInt64 = 4 << 30
  /// Bits a second that go in each direction over what connects the node to all its lines; nil: as many as over the
  /// fastest of them.
  public var interface: UInt64?
  /// Bytes in a page.
  public var pageSize = 4096
  /// How long a thread keeps a core while others are waiting for it.
  public var quantum: Nanoseconds = 10_000_000
  /// After how long a silent peer is taken for unreachable; retries wait for multiples of it.
  public var detectionTimeout: Nanoseconds = 1_000_000_000
  /// How long an acknowledgement waits at most for something to ride on; 0: each is sent at once.
  public var acknowledgementDelay: Nanoseconds = 1_000_000
  /// After how long a node tells all others its load, again and again; 0: never.
  public var loadInterval: Nanoseconds = 0
  /// What the kernel's own work takes of the cores.
  public var costs = KernelCosts()

  public init() {}

  /// Whether all numbers are as they must be.
  var arePositive: Bool {
    cores > 0 && speed > 0 && memory > 0 && pageSize > 0 && quantum > 0 && detectionTimeout > 0
  }

  /// How many pages fit in memory.
  public var frames: Int { Int(clamping: memory / UInt64(max(1, pageSize))) }
}

/// The processes on a node, in the order of their arrival slots, found by identifier.
@frozen
public struct ProcessTable: Sendable {
  @usableFromInline var slots = ChunkedArray<Process?>()
  private(set) var index: [ProcessID: Int] = [:]
  private(set) var free: [Int] = []

  /// How many processes there are.
  public var count: Int { index.count }

  /// Where a process is; nil when it is not here.
  public func slot(of process: ProcessID) -> Int? { index[process] }

  /// Where a process is that was in a slot when somebody last looked: most are still there, and a look there is cheaper than
  /// a search, since a table of many does not fit into the caches.
  func slot(of process: ProcessID, whichWas slot: Int) -> Int? { holds(process, in: slot) ? slot : index[process] }

  /// The process in `slot`.
  ///
  /// - Precondition: `slot` was returned by `slot(of:)` and its process has not been removed since.
  @inlinable
  public internal(set) subscript(slot: Int) -> Process {
    @inline(__always) _read {
      assert(slots.indices.contains(slot) && slots[slot] != nil, "there is no process in slot \(slot)")
      yield slots[slot]!
    }
    @inline(__always) _modify {
      assert(slots.indices.contains(slot) && slots[slot] != nil, "there is no process in slot \(slot)")
      yield &slots[slot]!
    }
  }

  /// The process with that identifier; nil when it is not here.
  public subscript(process: ProcessID) -> Process? { index[process].flatMap { slots[$0] } }

  /// Whether a process is here.
  public func contains(_ process: ProcessID) -> Bool { index[process] != nil }

  /// Where there is a process: reading a part of it there copies no more than that part, and an iterator copies all.
  @inlinable public var occupiedSlots: some Sequence<Int> { slots.indices.lazy.filter { slots[$0] != nil } }

  /// True when `slot` still holds `process`.
  func holds(_ process: ProcessID, in slot: Int) -> Bool { slots[slot]?.id == process }

  @discardableResult
  mutating func insert(_ process: Process) -> Int {
    let slot: Int
    if let reused = free.popLast() {
      slot = reused
      slots[slot] = process
    } else {
      slot = slots.count
      slots.append(process)
    }
    index[process.id] = slot
    return slot
  }

  @discardableResult
  mutating func remove(_ process: ProcessID) -> Process? {
    guard let slot = index.removeValue(forKey: process) else { return nil }
    defer { slots[slot] = nil }
    free.append(slot)
    return slots[slot]
  }
}

extension ProcessTable: Sequence {
  public func makeIterator() -> some IteratorProtocol<Process> { slots.lazy.compactMap { $0 }.makeIterator() }
}
