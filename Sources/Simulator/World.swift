import MigrationKernel

/// The whole simulated cluster: virtual time, nodes, network, and what has happened. A value: a copy is a checkpoint.
///
/// It drives the kernels in one thread and carries out their effects. Events happen in order of time; at one instant, in
/// the order in which they were scheduled, and last the cores run. One seed and one sequence of calls give the same
/// events on every machine.
public struct World: Sendable {
  /// One machine, up or failed.
  public struct Node: Sendable {
    /// Its number.
    public let id: NodeID
    /// What people call it.
    public let name: String
    /// What it is made of, now or when it comes back.
    public internal(set) var settings: NodeSettings
    /// Nil while it is down.
    public internal(set) var kernel: NodeKernel?
    /// Whether it runs.
    public private(set) var isUp = false
    /// How often it has booted.
    public private(set) var boots: UInt32 = 0
    /// When each of its incarnations failed, from the first.
    public private(set) var failures: [Nanoseconds] = []
    /// Taken out of the cluster for good.
    public fileprivate(set) var isRemoved = false
    /// The version of the membership that its kernel was told last.
    fileprivate var toldMembership = 0

    /// A node that is down.
    fileprivate init(id: NodeID, name: String, settings: NodeSettings) {
      self.id = id
      self.name = name
      self.settings = settings
    }

    /// Starts the next incarnation, which is told the members of the cluster and the seed of its own random choices.
    mutating func boot(_ membership: Membership, seed: UInt64) {
      isUp = true
      boots += 1
      toldMembership = membership.version
      kernel = NodeKernel(
        id: id, incarnation: boots, settings: settings, members: membership.members,
        seed: Generator.fold(seed, UInt64(id.number) << 32 | UInt64(boots)))
    }

    /// The kernel of a node that is up, not copied.
    var runningKernel: NodeKernel {
      @inline(__always) _read { yield kernel! }
    }

    fileprivate mutating func handle(_ event: consuming Event, _ out: inout EffectBuffer) {
      kernel?.handle(event, &out)
    }

    mutating func fail(at time: Nanoseconds) {
      isUp = false
      kernel = nil
      failures.append(time)
    }
  }

  /// Which nodes are in the cluster, up or failed. A kernel is told before anything else happens to it: to tell all at
  /// once would take as many events as there are pairs of nodes.
  struct Membership {
    private(set) var members: ContiguousArray<NodeID> = []
    /// Grows with every change.
    private(set) var version = 0

    mutating func add(_ node: NodeID) {
      version += 1
      members.insert(node, at: members.last.map { $0 < node } ?? true ? members.endIndex : members.count { $0 < node })
    }

    mutating func remove(_ node: NodeID) {
      version += 1
      members.removeAll { $0 == node }
    }
  }

  /// Virtual time since the beginning.
  public private(set) var now: Nanoseconds = 0
  /// What nodes added from now on are made of, but for what is said of each.
  public var nodeDefaults = NodeSettings()
  /// Every node that ever was, by its number.
  public internal(set) var nodes = ChunkedArray<Node>()
  private(set) var membership = Membership()
  /// The lines between nodes, and what they carried.
  public internal(set) var network = Network()
  /// What happened, in order.
  public internal(set) var log = Log()
  /// Every process that ever was.
  public internal(set) var processes = ProcessDirectory()
  /// Every migration that ever was.
  public internal(set) var migrations = MigrationLedger()
  /// The messages of late.
  public internal(set) var messages = MessageLedger()
  /// The packets of late.
  public internal(set) var packets = PacketTrace()
  /// Checks made after every event, when they are switched on.
  public var invariants: Invariants?
  /// Events carried out so far.
  public private(set) var eventCount: UInt64 = 0
  /// Folds every event and fact so far when `keepsDigest`: equal runs have equal digests.
  public private(set) var digest: UInt64 = 0
  /// Whether the digest is kept; off by default, since it takes time.
  public var keepsDigest = false
  /// From which everything random is drawn.
  public private(set) var seed: UInt64
  /// True once something random has been decided, or the seed was fixed: it cannot be changed any more.
  public private(set) var hasDrawn = false

  private var generator: Generator
  var queue = EventQueue()
  private var coreQueue = CoreQueue()
  private var buffer = EffectBuffer()
  private var nodeNames: [String: NodeID] = [:]
  /// Nodes that were removed, by name: they are the same machines when they come again.
  private var formerNodes: [String: NodeID] = [:]
  /// When something last came of an event.
  private var lastEffect: Nanoseconds = 0

  /// An empty cluster at time 0.
  public init(seed: UInt64 = 1) {
    self.seed = seed
    generator = Generator(seed: seed)
    network.setSeed(seed)
  }

  /// Changes the seed; refused, and false, once something random has been decided.
  public mutating func setSeed(_ seed: UInt64) -> Bool {
    guard !hasDrawn else { return false }
    self.seed = seed
    generator = Generator(seed: seed)
    network.setSeed(seed)
    return true
  }

  /// From now on the seed cannot be changed.
  public mutating func fixSeed() { hasDrawn = true }

  /// A random number for something that must be decided once; from the seed.
  public mutating func draw() -> UInt64 {
    hasDrawn = true
    return generator.next()
  }

  // MARK: - Nodes

  /// The node with that number, which there must be.
  public subscript(node: NodeID) -> Node {
    @inline(__always) _read { yield nodes[Int(node.number)] }
  }

  /// The nodes that are up. What is asked after every event reads their kernels in place, with `runningKernel`: a copy of
  /// each would cost more than the question.
  var runningNodes: some Sequence<NodeID> {
    let nodes = nodes
    return nodes.indices.lazy.filter { nodes[$0].isUp }.map { NodeID(UInt32($0)) }
  }

  /// The number of the node of that name, if there is one.
  public func node(named name: String) -> NodeID? { nodeNames[name] }

  /// The nodes of the cluster, up or failed, in the order in which they joined.
  public var members: some Sequence<Node> { nodes.lazy.filter { !$0.isRemoved } }

  /// - Precondition: no node or process has that name.
  @discardableResult
  public mutating func addNode(named name: String, _ settings: NodeSettings) -> NodeID {
    let id: NodeID
    if let former = formerNodes.removeValue(forKey: name) {
      // The same machine again, as far as identifiers and the memory of other nodes go: its next incarnation.
      id = former
      nodes[Int(id.number)].isRemoved = false
      nodes[Int(id.number)].settings = settings
      membership.add(id)
      boot(id)
    } else {
      id = NodeID(UInt32(nodes.count))
      membership.add(id)
      var node = Node(id: id, name: name, settings: settings)
      node.boot(membership, seed: seed)
      nodes.append(node)
    }
    nodeNames[name] = id
    log.append(.nodeAdded, node: id, time: now)
    return id
  }

  /// Gives a node another speed from now on, and from its next boot.
  public mutating func setSpeed(_ node: NodeID, _ speed: UInt64) {
    nodes[Int(node.number)].settings.speed = speed
    ask(node, .setSpeed(speed))
  }

  /// Gives a node more or less memory from now on, and from its next boot.
  ///
  /// - Precondition: no more than that is in use.
  public mutating func setMemory(_ node: NodeID, _ memory: UInt64) {
    nodes[Int(node.number)].settings.memory = memory
    ask(node, .setMemory(memory))
  }

  /// Takes a node out of the cluster, as a planned failure.
  public mutating func removeNode(_ node: NodeID) {
    if self[node].isUp { fail(node) }
    for other in members { healLink(node, other.id) }
    nodes[Int(node.number)].isRemoved = true
    membership.remove(node)
    nodeNames[self[node].name] = nil
    formerNodes[self[node].name] = node
    log.append(.nodeRemoved, node: node, time: now)
  }

  /// How many entries of the log, how many messages, and how many packets are kept.
  public mutating func setHistory(log: Int? = nil, messages: Int? = nil, packets: Int? = nil) {
    if let packets { self.packets.capacity = packets }
    if let log { self.log.capacity = log }
    if let messages { self.messages.capacity = messages }
  }

  /// From now on `messages.isDelivered` can tell of this message, which is still kept, whatever else is sent.
  public mutating func watch(_ message: MessageID) { messages.watch(message) }

  // MARK: - Network

  /// What every pair without a link of its own is like.
  public mutating func setNetwork(_ link: Network.Link) {
    if link.isRandom { fixSeed() }
    network.setDefaults(link)
  }

  /// What the link between two nodes is like, both ways.
  public mutating func setLink(_ a: NodeID, _ b: NodeID, _ link: Network.Link) {
    if link.isRandom { fixSeed() }
    network.setLink(a, b, link)
  }

  /// How many packets the network has carried so far, whatever for.
  public var packetsCarried: UInt64 { Cause.allCases.reduce(0) { $0 + network.carried(for: $1).packets } }

  /// The same nodes, those that are up, and links, at the beginning of time and without any process.
  public var withoutProcesses: World {
    var world = World(seed: seed)
    world.nodeDefaults = nodeDefaults
    world.network = network.withoutTraffic
    world.membership = membership
    for node in nodes {
      var copy = Node(id: node.id, name: node.name, settings: node.settings)
      if node.isUp { copy.boot(membership, seed: seed) }
      copy.isRemoved = node.isRemoved
      world.nodes.append(copy)
    }
    world.nodeNames = nodeNames
    world.formerNodes = formerNodes
    return world
  }

  // MARK: - Requests

  /// Creates a process on a node that is up, started unless the request holds it.
  ///
  /// - Returns: its identifier; nil when the node has no room for it or is down.
  public mutating func spawn(_ spawn: SpawnRequest, on node: NodeID) -> ProcessID? {
    guard let id = self[node].kernel?.nextProcessID else { return nil }
    ask(node, .spawn(spawn))
    return processes[id]?.id
  }

  /// Asks the kernel of a node for something, now.
  public mutating func ask(_ node: NodeID, _ request: Request) { deliver(.request(request), to: node) }

  /// Asks the kernel that has `process` for something, at a time to come and wherever it is then.
  public mutating func ask(about process: ProcessID, _ request: Request, at time: Nanoseconds) {
    queue.schedule(.request(request, about: process), at: max(time, now))
  }

  /// The node whose kernel owns a process, or which prepares to; nil when it has ended or was lost.
  public func location(of process: ProcessID) -> NodeID? {
    guard let record = processes[process], record.fate == .alive else { return nil }
    switch record.owner {
    case .node(let node): return node
    case .inTransit(_, let destination): return destination
    }
  }

  /// The process itself, wherever it is.
  public func process(_ process: ProcessID) -> Process? {
    guard let node = location(of: process) else { return nil }
    return self[node].kernel?.processes[process] ?? self[node].kernel?.arrivals[process]?.process
  }

  /// Core time that a process has used, over all its threads.
  public func cpuTime(of process: ProcessID) -> Nanoseconds? {
    guard let record = processes[process], record.fate == .alive else { return processes[process]?.summary?.cpuTime }
    return location(of: process).flatMap { self[$0].kernel?.cpuTime(of: process, now: now) }
      ?? self.process(process)?.cpuTime
  }

  /// Counts the pages that a process writes from now on. For a copy in which it is only watched: a pre-transfer under
  /// way would miss what is forgotten here.
  public mutating func forgetWritten(_ process: ProcessID) {
    guard let node = location(of: process) else { return }
    nodes[Int(node.number)].kernel?.forgetWritten(process)
  }

  /// Slows a process down as a migration may, by hundredths of its speed from 0 to `Throttle.most`. For a copy in which
  /// it is only watched.
  public mutating func throttle(_ process: ProcessID, to throttle: Int) {
    guard let node = location(of: process) else { return }
    var out = EffectBuffer()
    out.now = now
    nodes[Int(node.number)].kernel?.throttle(process, to: throttle, &out)
    for effect in out.effects { carryOut(effect, of: node) }
  }

  // MARK: - Time

  /// Why a run stopped.
  public enum Stop: Sendable, Equatable {
    /// The time came.
    case limit
    /// Nothing more can happen.
    case quiet
    /// What it was to run for has come about.
    case satisfied
    case interrupted
    /// An invariant does not hold; `invariants` has the violation.
    case violation
  }

  /// Lets time pass: every event up to and including `limit`.
  ///
  /// While it runs, a process may be ahead of the clock by less than any message takes to reach it; when this returns,
  /// what can be seen is exactly the state of the instant `now`.
  ///
  /// - Parameters:
  ///   - limit: a time not before `now`.
  ///   - isInterrupted: asked now and then.
  public mutating func run(to limit: Nanoseconds, isInterrupted: () -> Bool = { false }) -> Stop {
    runAhead(to: limit, isInterrupted: isInterrupted) { _ in false }
  }

  /// Lets time pass until something holds, but not beyond `limit`.
  ///
  /// - Parameters:
  ///   - limit: a time not before `now`.
  ///   - isInterrupted: asked now and then.
  ///   - isSatisfied: asked after every event; the run stops at the first at which it holds.
  public mutating func run(
    to limit: Nanoseconds, isInterrupted: () -> Bool = { false }, until isSatisfied: (borrowing World) -> Bool
  ) -> Stop {
    // Between two anchors processes run ahead; the stretch in which the run stops is done again step by step.
    while true {
      let anchor = self
      var events = 0
      let stop = runAhead(to: limit, isInterrupted: isInterrupted) { world in
        events += 1
        return events == Self.anchorDistance || isSatisfied(world)
      }
      guard stop == .satisfied else { return stop }
      if isSatisfied(self) {
        self = anchor
        return run(to: limit, exactly: true, isInterrupted: isInterrupted, until: isSatisfied)
      }
    }
  }

  /// Events after which a run asks whether it is interrupted; one may be a stretch of a process's run.
  private static let pollDistance = 16
  /// Events after which a run that may have to be done again starts from a new copy of the world.
  private static let anchorDistance = 65_536

  private mutating func runAhead(
    to limit: Nanoseconds, isInterrupted: () -> Bool, until isSatisfied: (borrowing World) -> Bool
  ) -> Stop {
    let stop = run(to: limit, exactly: false, isInterrupted: isInterrupted, until: isSatisfied)
    guard stop == .interrupted else { return stop }
    // The clock follows the thread that is furthest ahead, and everything else up to there.
    let end = nodes.reduce(now) { max($0, $1.kernel?.furthestPosition ?? 0) }
    let settled = run(to: end, exactly: false, isInterrupted: { false }, until: { _ in false })
    now = end
    return settled == .violation ? .violation : .interrupted
  }

  /// As the public function; `exactly`: nothing that a process does is carried out ahead of its time, so `isSatisfied`
  /// sees each instant as it is.
  mutating func run(
    to limit: Nanoseconds, exactly: Bool, isInterrupted: () -> Bool, until isSatisfied: (borrowing World) -> Bool
  ) -> Stop {
    lastEffect = max(lastEffect, now)
    var untilPoll = Self.pollDistance
    while let time = nextEventTime {
      guard time <= limit else {
        now = max(now, limit)
        return .limit
      }
      untilPoll -= 1
      if untilPoll == 0 {
        if isInterrupted() { return .interrupted }
        untilPoll = Self.pollDistance
      }
      advance(limit: limit, exactly: exactly)
      if invariants?.violation != nil { return .violation }
      if isSatisfied(self) { return .satisfied }
    }
    return .quiet
  }

  /// Lets time pass to the next entry of the log.
  public mutating func runToNextFact(limit: Nanoseconds, isInterrupted: () -> Bool = { false }) -> Stop {
    let before = log.total
    return run(to: limit, isInterrupted: isInterrupted) { $0.log.total > before }
  }

  /// Moves the clock on when nothing happens meanwhile; back to the last event of consequence when a run for ever has
  /// come to its end, since a timer that found nothing to do is no reason for time to pass.
  public mutating func settleClock(at limit: Nanoseconds?) {
    if let limit { now = max(now, limit) } else { now = lastEffect }
  }

  /// When the next event is due; nil when nothing more can happen.
  public var nextEventTime: Nanoseconds? {
    switch (queue.nextTime, coreQueue.next?.time) {
    case (let event?, let core?): min(event, core)
    case (let event, let core): event ?? core
    }
  }

  private mutating func advance(limit: Nanoseconds, exactly: Bool) {
    if let core = coreQueue.next, core.time < queue.nextTime ?? .max {
      _ = coreQueue.pop()
      now = core.time
      guard runs(core.node, core.incarnation) else { return }
      deliver(.core(core.core, horizon: horizon(limit: limit, exactly: exactly)), to: core.node)
      // A thread that ran ahead did nothing but compute, and nothing else happens before the horizon.
      if exactly { now = max(now, self[core.node].kernel?.position(ofCore: core.core) ?? 0) }
    } else if let time = queue.nextTime, let event = queue.pop() {
      now = time
      carryOut(event)
    }
  }

  /// Before this time nothing can reach the node whose core runs now: no event is due, and what other cores may do
  /// first has to cross a link.
  private func horizon(limit: Nanoseconds, exactly: Bool) -> Nanoseconds {
    var horizon = min(limit, queue.nextTime ?? .max)
    if let core = coreQueue.next?.time {
      let (reach, overflow) = core.addingReportingOverflow(exactly ? 0 : network.minimumLatency)
      if !overflow { horizon = min(horizon, reach) }
    }
    return horizon
  }

  private mutating func carryOut(_ event: consuming ScheduledEvent) {
    switch consume event {
    case .deliver(let packet, let size, let route):
      guard arrives(route) else { return }
      let packet = invariants?.decodeAgain(packet, size: size, route.fromIncarnation, at: now) ?? packet
      invariants?.observe(packet)
      deliver(.packet(packet, from: route.from, incarnation: route.fromIncarnation), to: route.to)
    case .transmitted(let attempt, let route):
      guard runs(route.from, route.fromIncarnation) else { return }
      deliver(.transmitted(attempt, peer: route.to), to: route.from)
    case .timer(let timer, let node, let incarnation):
      guard runs(node, incarnation) else { return }
      deliver(.timer(timer), to: node)
    case .connectionBroken(let route):
      guard giveUp(route) else { return }
      log.append(.connectionBroken(route.to), node: route.from, time: now)
      invariants?.observeSilence(of: route.to, at: now)
      lastEffect = now
      deliver(.connectionBroken(peer: route.to), to: route.from)
    case .request(let request, let process):
      if let node = location(of: process) { deliver(.request(request), to: node) }
    }
  }

  /// True when a node is up, and has not booted since: what it asked for is for itself.
  @inline(__always)
  private func runs(_ node: NodeID, _ incarnation: UInt32) -> Bool {
    self[node].isUp && self[node].boots == incarnation
  }

  /// True when a packet gets through: both ends are as they were when it left, or its sender fell only after that, and
  /// the connection is still the same.
  private mutating func arrives(_ route: ScheduledEvent.Route) -> Bool {
    guard self[route.to].isUp, self[route.to].boots == route.toIncarnation else { return false }
    let channel = network.channel(from: route.from, to: route.to)
    let connection = network.channel(channel)
    guard connection.connection == route.connection, route.fromIncarnation >= connection.oldestIncarnation else {
      return false
    }
    let sender = self[route.from]
    if sender.isUp, sender.boots == route.fromIncarnation { return true }
    let place = Int(route.fromIncarnation) - 1
    return sender.failures.indices.contains(place) && route.leftAt <= sender.failures[place]
  }

  // MARK: - Kernels and their effects

  private mutating func deliver(_ event: consuming Event, to node: NodeID) {
    if self[node].isUp, self[node].toldMembership != membership.version {
      nodes[Int(node.number)].toldMembership = membership.version
      deliver(.membersChanged(membership.members), to: node)
    }
    eventCount += 1
    if keepsDigest { fold(event, node) }
    // A core on which a program does nothing but compute changes nothing that is checked.
    var mayHaveChanged = if case .core = event { false } else { true }
    buffer.now = now
    nodes[Int(node.number)].handle(event, &buffer)
    if !buffer.effects.isEmpty { lastEffect = now }
    // The buffer leaves the world while its effects change it, and comes back empty for the next event. Each effect is
    // taken out of it: a copy would cost more.
    var effects = ContiguousArray<Effect>()
    swap(&effects, &buffer.effects)
    for index in effects.indices {
      var effect = Effect.wakeCore(0, at: 0)
      swap(&effect, &effects[index])
      if case .wakeCore = effect {} else { mayHaveChanged = true }
      carryOut(effect, of: node)
    }
    effects.removeAll(keepingCapacity: true)
    swap(&effects, &buffer.effects)
    if invariants != nil, mayHaveChanged { checkInvariants() }
  }

  private mutating func carryOut(_ effect: consuming Effect, of node: NodeID) {
    switch consume effect {
    case .wakeCore(let core, let time):
      coreQueue.add(CoreQueue.Entry(time: time, node: node, incarnation: self[node].boots, core: core))
    case .send(let packet, let size, let peer, let notify):
      send(packet, size: size, from: node, to: peer, notify: notify)
    case .setTimer(let timer, let time):
      queue.schedule(.timer(timer, node: node, incarnation: self[node].boots), at: max(time, now))
    case .report(let fact): take(fact, from: node)
    }
  }

  private mutating func send(
    _ packet: consuming Packet, size: Int, from: NodeID, to: NodeID, notify: MigrationAttempt?
  ) {
    invariants?.observeSending(packet, from: from, at: now)
    let channel = network.channel(from: from, to: to)
    if network.isCut(from, to) { return stall(packet, size: size, on: channel, from: from, to: to, notify: notify) }
    let (left, arrives) = network.transmit(packet, size: size, on: channel, now: now)
    if !self[to].isUp { breakConnection(channel, from: from, to: to) }
    let isLost = network.channel(channel).isBroken
    trace(packet, size, from: from, to: to, left: left, arrives: arrives, isLost: isLost)
    guard !isLost else { return }
    let route = route(from: from, to: to, channel: channel, leftAt: left)
    schedule(packet, size: size, over: route, at: arrives, notify: notify)
  }

  /// A packet is on its way; `notify`: its sender wants to know when it has left.
  @inline(__always)
  mutating func schedule(
    _ packet: consuming Packet, size: Int, over route: ScheduledEvent.Route, at time: Nanoseconds,
    notify: MigrationAttempt?
  ) {
    queue.schedule(.deliver(packet, size: size, route), at: time)
    if let notify { queue.schedule(.transmitted(notify, route), at: route.leftAt) }
  }

  mutating func trace(
    _ packet: Packet, _ size: Int, from: NodeID, to: NodeID, left: Nanoseconds, arrives: Nanoseconds, isLost: Bool
  ) {
    let message = packet.message
    if let message { messages.charge(size, of: message) }
    packets.append(
      PacketTrace.Record(
        from: from, to: to, sentAt: now, leftAt: left, arrivesAt: arrives, label: packet.name, cause: packet.cause,
        bytes: size, message: message, process: packet.process, isLost: isLost))
  }

  private mutating func fold(_ event: Event, _ node: NodeID) {
    var word = now &+ UInt64(node.number) &* 0x9E37_79B9
    switch event {
    case .packet(let packet, let from, _): word ^= packet.digest &+ UInt64(from.number)
    case .core: return
    case .timer: word ^= 1
    case .transmitted: word ^= 2
    case .connectionBroken: word ^= 3
    case .request: word ^= 4
    case .membersChanged: word ^= 5
    }
    digest = Generator.fold(digest, word)
  }

  // MARK: - Facts

  private mutating func take(_ fact: consuming Fact, from node: NodeID) {
    switch fact {
    case .created(let process, let name, let parent):
      processes.add(process, name: name, parent: parent, on: node, at: now) { nodeNames[$0] != nil }
    case .ended(let process, let summary, let reason):
      processes.update(process) { record in
        record.fate = .ended(reason, at: now, on: node)
        record.summary = summary
      }
    case .lost(let process, let cause):
      // A kernel says so of a process that went there and never answered; it may have moved on before its node fell.
      if isHeld(process) {
        invariants?.observe(fact, from: node, at: now)
      } else {
        lose(process, becauseOf: cause, reportedBy: node)
      }
      return
    case .output(let process, let text):
      processes.addOutput(process, ProcessDirectory.OutputLine(time: now, node: node, text: text))
    case .migration(let attempt, let fact): take(fact, of: attempt, node: node)
    case .message(let message, let step): fact = .message(message, take(step, of: message, node: node))
    case .systemCall(let process, let delay, let bytes):
      processes.update(process) { $0.systemCalls.add(delay: delay, bytes: bytes) }
      if let number = processes[process]?.migrations.last {
        migrations.addSystemCall(of: number, delay: delay, bytes: bytes)
      }
    case .started, .frozen, .resumed, .refused: break
    }
    if keepsDigest { digest = Generator.fold(digest, fact.digest &+ now) }
    invariants?.observe(fact, from: node, at: now)
    log.append(.fact(fact), node: node, time: now)
  }

  /// - Returns: the fact as the log keeps it.
  private mutating func take(_ fact: MessageFact, of message: MessageID, node: NodeID) -> MessageFact {
    switch fact {
    case .queued, .forwarded, .handedBack, .bounced, .dropped, .resent:
      let fact = fact.isMisdirection ? fact.of(kind(of: message, at: node)) : fact
      messages.take(fact, of: message, node: node, time: now)
      if let number = processes[message.to]?.migrations.last { migrations.add(fact, to: number) }
      return fact
    case .accepted(_, let size):
      messages.take(fact, of: message, node: node, time: now)
      // The log need not keep the text: the ledger has it.
      return .accepted(text: "", size: size)
    case .sent, .held, .cameBack, .delivered, .received, .returned:
      messages.take(fact, of: message, node: node, time: now)
      return fact
    }
  }

  private mutating func take(_ fact: MigrationFact, of attempt: MigrationAttempt, node: NodeID) {
    if let number = migrations.take(fact, of: attempt, node: node, time: now) {
      processes.update(attempt.process) { $0.migrations.append(number) }
    }
    switch fact {
    case .committed:
      guard let number = processes[attempt.process]?.migrations.last, let record = migrations[number] else { return }
      processes.setOwner(attempt.process, .inTransit(from: node, to: record.destination))
    case .activated: processes.setOwner(attempt.process, .node(node))
    case .offered, .accepted, .reserved, .refused, .freezing, .frozen, .sentPages, .roundEnded, .flushed, .throttled,
      .handedOver, .remoteFault, .faultServed, .fetched, .released, .installed, .updatingLinks, .linksUpdated,
      .completed, .aborted, .discarded, .lost:
      break
    }
  }

  /// Which of the three kinds a message for a migrant is that `node` could not deliver.
  private func kind(of message: MessageID, at node: NodeID) -> MessageKind? {
    guard let numbers = processes[message.to]?.migrations, let record = messages.onItsWay(message) else { return nil }
    // What has waited goes on as what it was.
    if record.status == .queued || record.status == .held, record.steps.last?.node == node {
      return record.steps.lazy.compactMap(\.fact.kind).last
    }
    for number in numbers.reversed() {
      guard let migration = migrations[number] else { continue }
      if let activated = migration.activatedAt { return record.acceptedAt < activated ? .second : .third }
      if migration.source == node, migration.frozenAt != nil, migration.endedAt == nil { return .first }
    }
    return nil
  }

  /// True when the node that owns `process`, as far as all facts together tell, still has it.
  private func isHeld(_ process: ProcessID) -> Bool {
    guard case .node(let node)? = processes[process]?.owner else { return false }
    return self[node].kernel?.processes[process] != nil
  }

  mutating func lose(_ process: ProcessID, becauseOf node: NodeID, reportedBy reporter: NodeID) {
    guard let record = processes[process], record.fate == .alive else { return }
    processes.update(process) { $0.fate = .lost(becauseOf: node, at: now) }
    migrations.lost(process, becauseOf: node, time: now)
    messages.lostProcess(process)
    log.append(.fact(.lost(process, becauseOf: node)), node: node, time: now)
    invariants?.observe(.lost(process, becauseOf: node), from: reporter, at: now)
  }

  /// Processes between commit and activation when one end falls: lost when neither end can know of them any more.
  mutating func loseInTransit(_ node: NodeID, _ kernel: NodeKernel) {
    let affected = kernel.departures.keys.filter { kernel.processes[$0] == nil } + kernel.arrivals.keys
    for process in affected {
      guard case .inTransit(let source, let destination)? = processes[process]?.owner else { continue }
      let isHeld = self[destination].kernel?.arrivals[process]?.process != nil
      let isPromised = self[source].kernel?.departures[process] != nil
      if !isHeld && !isPromised { lose(process, becauseOf: node, reportedBy: node) }
    }
  }

  mutating func checkInvariants() {
    guard var checks = invariants else { return }
    checks.check(self)
    invariants = checks
  }
}
