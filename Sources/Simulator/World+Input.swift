import Chronicle
import MigrationKernel

/// The one way in.
extension World {
  /// Does something to the cluster, now, and takes it down in the journal.
  ///
  /// - Returns: what came of it at once; what it leads to happens as time passes.
  @discardableResult
  public mutating func apply(_ input: Input) -> InputResult {
    journal.record(input)
    switch input {
    case .addNode(let name, let settings): return .node(join(named: name, settings))
    case .removeNode(let node): remove(node)
    case .failNode(let node):
      guard self[node].isUp else { return .refused }
      failNode(node)
    case .recoverNode(let node):
      guard !self[node].isUp, !self[node].isRemoved else { return .refused }
      recoverNode(node)
    case .setSpeed(let node, let speed):
      nodes[Int(node.number)].settings.speed = speed
      deliverEvent(.request(.setSpeed(speed)), to: node)
      recordChange(of: node)
    case .setMemory(let node, let memory):
      nodes[Int(node.number)].settings.memory = memory
      deliverEvent(.request(.setMemory(memory)), to: node)
      recordChange(of: node)
    case .setInterface(let node, let rate):
      nodes[Int(node.number)].settings.interface = rate
      network.setInterface(of: node, rate: rate)
      recordChange(of: node)
    case .setLoadInterval(let interval): setLoadInterval(interval)
    case .setPolicies(let policies): setPolicies(policies)
    case .setNodeDefaults(let settings): nodeDefaults = settings
    case .setNetwork(let line):
      if line.isRandom { hasDrawn = true }
      network.setDefaults(line)
      recordEvent(.networkChanged(line), of: NodeID(0))
    case .setLine(let a, let b, let line):
      if line.isRandom { hasDrawn = true }
      network.setLink(a, b, line)
      recordEvent(.lineChanged(b, line), of: a)
    case .setRetransmissionTimeout(let time): network.retransmissionTimeout = time
    case .cutLine(let a, let b): cutLine(a, b)
    case .healLine(let a, let b): healLine(a, b)
    case .healAllLines: healAllLines()
    case .partition(let groups): partition(groups)
    case .dropConnection(let a, let b): return dropConnection(a, b) ? .done : .refused
    case .repeatPacket(let from, let to, let delay):
      return repeatPacket(from: from, to: to, after: delay).map { .arrivesAgain(at: $0) } ?? .refused
    case .spoilDriver(let node, let fault): drivers.spoil(node, fault)
    case .replaceDriver(let node):
      drivers.replace(node)
      nodes[Int(node.number)].newDrivers += 1
      recordEvent(.driverReplaced, of: node)
    case .spawn(let request, let node): return create(request, on: node).map { .process($0) } ?? .refused
    case .request(let request, let node): deliverEvent(.request(request), to: node)
    case .requestLater(let request, let process, let time):
      queue.schedule(.request(request, about: process), at: max(time, now))
    case .startWorkload(let workload): startWorkload(workload)
    case .stopWorkload(let name): return stopWorkload(name) ? .done : .refused
    case .setWarmUp(let time): chronicle.jobs.setWarmUp(time)
    case .setSeed(let seed): return changeSeed(seed) ? .done : .refused
    case .fixSeed: hasDrawn = true
    case .keepHistory(let log, let messages, let packets):
      chronicle.keep(log: log, messages: messages, packets: packets)
    case .watch(let message): chronicle.watch(message)
    }
    return .done
  }

  private mutating func setLoadInterval(_ interval: Nanoseconds) {
    nodeDefaults.loadInterval = interval
    for node in nodes.indices.map({ NodeID(UInt32($0)) }) {
      nodes[Int(node.number)].settings.loadInterval = interval
      deliverEvent(.request(.tellLoad(every: interval)), to: node)
    }
  }

  private mutating func setPolicies(_ policies: Policies) {
    self.policies = policies
    for node in nodes.indices { deliverEvent(.request(.setPolicies(policies)), to: NodeID(UInt32(node))) }
  }

  /// A node that has booted begins to tell its load, and to balance it.
  mutating func beginUpkeep(of node: NodeID) {
    let interval = self[node].settings.loadInterval
    if interval > 0 { deliverEvent(.request(.tellLoad(every: interval)), to: node) }
    if policies.isBalancing { deliverEvent(.request(.beginBalancing), to: node) }
  }

  private mutating func recordChange(of node: NodeID) {
    let settings = self[node].settings
    recordEvent(
      .nodeChanged(speed: settings.speed, memory: settings.memory, interface: settings.interface), of: node)
  }

  /// Refused, and false, once something random has been decided.
  private mutating func changeSeed(_ seed: UInt64) -> Bool {
    guard !hasDrawn else { return false }
    self.seed = seed
    generator = Generator(seed: seed)
    network.setSeed(seed)
    return true
  }

  /// - Precondition: no node or process has that name.
  private mutating func join(named name: String, _ settings: NodeSettings) -> NodeID {
    precondition(chronicle.isFree(name), "the name \(name) is taken")
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
      node.boot(membership, policies, seed: seed, at: now)
      nodes.append(node)
    }
    network.addMember(id, interface: settings.interface)
    recordEvent(.nodeAdded(name: name), of: id)
    beginUpkeep(of: id)
    return id
  }

  private mutating func remove(_ node: NodeID) {
    if self[node].isUp { failNode(node) }
    for other in members { healLine(node, other) }
    nodes[Int(node.number)].isRemoved = true
    membership.remove(node)
    network.removeMember(node)
    formerNodes[self[node].name] = node
    recordEvent(.nodeRemoved, of: node)
  }

  /// - Returns: the process; nil when the node has no room for it or is down.
  mutating func create(_ request: SpawnRequest, on node: NodeID) -> ProcessID? {
    guard let id = self[node].kernel?.nextProcessID else { return nil }
    var request = request
    if request.seed == nil {
      hasDrawn = true
      request.seed = generator.next()
    }
    chronicle.settleNames(in: &request)
    deliverEvent(.request(.spawn(request)), to: node)
    if processes[id] == nil { chronicle.forgetNames(in: request) }
    return processes[id]?.id
  }
}
