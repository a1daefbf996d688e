/// A node is looked for, for a process that is here: by a policy, which may ask others how they stand.
struct NodeSearch: Sendable {
  /// What the node is for.
  let purpose: NodeChoice.Purpose
  /// The bounds of the policy.
  let rule: NodeRule
  /// The policy.
  let chooser: any NodeChooser
  /// How the process moves to the node that is found.
  let options: TransferOptions
  /// Processes that the new process will talk to, as far as its parameters say.
  var partners: [ProcessID] = []
  /// By what its probes are known; 0 before the first.
  private(set) var number: UInt32 = 0
  /// How many nodes it has asked.
  private(set) var probes = 0
  /// What those said that have answered, in the order of their answers; nil for one that did not.
  private(set) var answers: [(node: NodeID, report: LoadReport?)] = []
  /// Those that have not answered yet.
  private(set) var awaited: [NodeID] = []
  /// Nodes that refused the process, or to which the connection broke.
  private(set) var refusals: [NodeID] = []
  /// The process is on its way to the node that was found.
  private(set) var isMoving = false

  init(_ purpose: NodeChoice.Purpose, _ rule: NodeRule, _ options: TransferOptions) {
    self.purpose = purpose
    self.rule = rule
    chooser = rule.policy.rules
    self.options = options
  }

  /// For a node that has asked for work, and has said how it stands.
  init(askedBy node: NodeID, _ report: LoadReport, _ rule: NodeRule, _ options: TransferOptions) {
    purpose = .balancing
    self.rule = rule
    chooser = Asker()
    self.options = options
    answers = [(node, report)]
  }

  mutating func probe(_ nodes: [NodeID], number: UInt32) {
    self.number = number
    probes += nodes.count
    awaited = nodes
  }

  /// - Returns: true when that was the last answer.
  mutating func answered(by node: NodeID, _ report: LoadReport?) -> Bool {
    guard let place = awaited.firstIndex(of: node) else { return false }
    awaited.remove(at: place)
    answers.append((node, report))
    return awaited.isEmpty
  }

  /// Nobody answers any more who has not.
  mutating func endWait() {
    answers += awaited.map { ($0, nil) }
    awaited = []
  }

  mutating func moves() { isMoving = true }

  mutating func refused(by node: NodeID) {
    isMoving = false
    refusals.append(node)
  }
}

/// What a policy that chooses a node is shown: what its own kernel knows, and nothing else.
struct NodeSearchView {
  let rule: NodeRule
  let purpose: NodeChoice.Purpose
  /// The process.
  let process: ProcessCandidate
  /// The node that it is on.
  let here: NodeCandidate
  /// It may stay: as a new process does, if there is room for it.
  let mayStay: Bool
  /// Nodes that have been asked.
  let asked: [NodeID]
  /// Those of them that have answered and could take it, in the order of their answers.
  let answered: [NodeCandidate]
  /// How many more may be asked.
  let probesLeft: Int
  /// Other nodes that could take it as far as is known, in order.
  let others: [NodeID]
  /// Other nodes that are thought to have no room for it, in order.
  let doubtful: [NodeID]
  /// Bytes in a page.
  let pageSize: Int
  /// What is known of a node.
  let candidate: (NodeID) -> NodeCandidate

  /// Those that have not been asked.
  var unasked: [NodeID] { asked.isEmpty ? others : others.filter { !asked.contains($0) } }

  /// All that could have it, in order.
  var allowed: [NodeID] {
    guard mayStay else { return others }
    return Array(others.prefix { $0 < here.node } + [here.node] + others.drop { $0 < here.node })
  }

  /// All that could have it, in order, with what is known of them.
  var choices: [NodeCandidate] {
    allowed.map { $0 == here.node ? here : candidate($0) }
  }

  /// The load of a node with the process; nil when nothing is known of it. Where the process is it counts already, unless it
  /// is new.
  func load(of node: NodeCandidate) -> Double? {
    node.load(with: node.isHere && purpose != .placement ? 0 : max(1, process.runnable))
  }

  /// How much longer the work of a thread takes on a node with the process than on a core of speed 1 that it has to itself; nil
  /// when nothing is known of the node.
  func slowness(of node: NodeCandidate) -> Double? {
    guard let report = node.report, let load = load(of: node) else { return nil }
    return load * 1000 / Double(max(1, report.speed))
  }

  /// A node is better for a process than the one that it is on; always for the operator, who wants it moved.
  func isWorthwhile(_ node: NodeCandidate) -> Bool {
    guard purpose == .balancing, let there = slowness(of: node), let stays = slowness(of: here) else { return true }
    return there < stays
  }

  /// How little work there is on a node, for policies that look for that; nil for one that is not worth moving to.
  func relief(at node: NodeCandidate) -> Double? { isWorthwhile(node) ? slowness(of: node).map { -$0 } : nil }

  /// The candidate that is worth most to a policy: of several the one where the process is, else the first.
  func best(among candidates: [NodeCandidate], _ policy: some NodeChooser) -> NodeCandidate? {
    var best: (candidate: NodeCandidate, value: Double)?
    for candidate in candidates {
      guard let value = policy.value(of: candidate, self) else { continue }
      if let found = best, value < found.value || value == found.value && !candidate.isHere { continue }
      best = (candidate, value)
    }
    return best?.candidate
  }
}

extension NodeKernel {
  /// What the policy of a search is shown.
  func view(for search: NodeSearch, _ slot: Int, now: Nanoseconds) -> NodeSearchView {
    let process = processes[slot]
    let talk = exchangedMessages(of: process, search.partners)
    let subject = candidate(slot, moving: search.options, now: now, talk: talk)
    let bytes = UInt64(clamping: process.space.pageCount).multipliedReportingOverflow(by: UInt64(settings.pageSize))
    let needed = bytes.overflow ? .max : bytes.partialValue
    // With nothing known of a thousand nodes, nothing is looked up a thousand times; and no closure takes a copy of the kernel.
    let (id, beliefs, suspects) = (id, beliefs, suspects)
    let sent = search.rule.inflates ? sentByPolicy : [:]
    let known = { (node: NodeID) in
      let belief = beliefs[node]
      return NodeCandidate(
        node: node, isHere: false, report: belief?.report, age: belief.map { now - min(now, $0.heardAt) } ?? 0,
        arriving: sent.threads(to: node), messages: talk[node] ?? 0)
    }
    let reachable = members.filter {
      $0 != id && (suspects.isEmpty || suspects[$0] == nil) && !search.refusals.contains($0)
    }
    let hasRoom = { (node: NodeID) in
      beliefs.isEmpty || beliefs[node].map { $0.report.freeMemory >= needed } ?? true
    }
    let answered = search.answers.compactMap { answer -> NodeCandidate? in
      guard let report = answer.report, report.freeMemory >= needed, !search.refusals.contains(answer.node) else {
        return nil
      }
      return NodeCandidate(
        node: answer.node, isHere: false, report: report, age: 0,
        arriving: sent.threads(to: answer.node), messages: talk[answer.node] ?? 0)
    }
    return NodeSearchView(
      rule: search.rule, purpose: search.purpose, process: subject,
      here: NodeCandidate(
        node: id, isHere: true, report: loadReport, age: 0, arriving: -departingThreads, messages: talk[id] ?? 0),
      mayStay: search.purpose == .placement && freeFrames >= process.space.pageCount,
      asked: search.answers.map(\.node), answered: answered,
      probesLeft: search.rule.probes - min(search.rule.probes, search.probes),
      others: reachable.filter(hasRoom), doubtful: reachable.filter { !hasRoom($0) }, pageSize: settings.pageSize,
      candidate: known)
  }

  /// Threads of processes that are leaving, which still count in the load of this node.
  var departingThreads: Int {
    departures.values.reduce(0) { sum, departure in
      guard let slot = processes.slot(of: departure.attempt.process), processes[slot].phase == .active else {
        return sum
      }
      return sum + processes[slot].threads.runnableCount
    }
  }

  /// Messages that a process has exchanged, by the node where its kernel thinks that the other is.
  func exchangedMessages(of process: Process, _ partners: [ProcessID] = []) -> [NodeID: UInt64] {
    var counts: [NodeID: UInt64] = [:]
    func add(_ partner: ProcessID, _ count: UInt64) {
      guard count > 0 else { return }
      let node = processes.contains(partner) ? id : knownLocation(of: partner)?.node ?? partner.origin
      counts[node, default: 0] += count
    }
    for (receiver, stream) in process.outbox.streams where !receiver.isTerminal {
      add(receiver, UInt64(stream.nextSequence))
    }
    for (sender, stream) in process.incoming { add(sender, UInt64(stream.expected)) }
    if counts.isEmpty { for partner in partners { add(partner, 1) } }
    return counts
  }

  /// A process that is here, as policies see it, if it moves by those options; without them, but for what its move costs and
  /// with whom it talks.
  func candidate(
    _ slot: Int, moving options: TransferOptions?, now: Nanoseconds, talk: [NodeID: UInt64]? = nil
  ) -> ProcessCandidate {
    let process = processes[slot].id
    let talk = options == nil ? [:] : talk ?? exchangedMessages(of: processes[slot])
    // The first node in order of several with as many.
    let partner = talk.max { $0.value != $1.value ? $0.value < $1.value : $0.key > $1.key }?.key
    let bytes = options.map { bytesToMove(processes[slot], $0, now: now) } ?? 0
    let pages = processes[slot].space.pageCount
    return ProcessCandidate(
      process: process, age: now - min(now, processes[slot].createdAt), cpuTime: cpuTime(in: slot, now: now),
      residence: now - min(now, processes[slot].arrivedAt), pages: pages,
      residentPages: pages - processes[slot].space.remote.count, dirtyPages: processes[slot].space.dirty.count,
      runnable: processes[slot].threads.runnableCount, migrations: processes[slot].migrations,
      cost: movingCost.time(forBytes: bytes, nominalRate: policies.nominalRate),
      remoteMessages: talk.reduce(0) { $1.key == id ? $0 : $0 + $1.value }, partner: partner)
  }
}

extension ContiguousArray<Thread> {
  /// How many run or could. Asked of the threads, since to ask it of a process would copy the whole of it.
  var runnableCount: Int { count(where: \.isRunnable) }
}
