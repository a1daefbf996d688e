/// How nodes balance their load, each by itself: it looks at how it stands after each interval, when a process begins or comes,
/// and when one ends or leaves; what it does then the initiation policy says.
///
/// What each cure is against:
///
///     malady                                                   | cure
///     ---------------------------------------------------------+--------------------------------------------------------
///     knowledge is old: a node chosen for its low load has     | probes, which are answered now; shorter intervals between
///     much to do by now                                        | reports
///     herding: all choose the one node that was idle           | load inflation: what is on its way counts
///     thrashing: a process moves to and fro                    | minimum residence
///     a process moves that ends before its move has paid       | the cost-benefit rule
///     questions that nobody can answer with yes                | probe limits
///
/// A fault costs no process: what was asked of a node that fell is as if it had not been asked, and what moves is a migration
/// like any other.
extension NodeKernel {
  mutating func setPolicies(_ policies: Policies, _ out: inout EffectBuffer) {
    let isNew =
      policies.isBalancing != self.policies.isBalancing
      || policies.initiation.interval != self.policies.initiation.interval
    self.policies = policies
    if isNew { beginBalancing(&out) }
  }

  mutating func beginBalancing(_ out: inout EffectBuffer) {
    balanceRounds &+= 1
    awaitNextRound(&out)
  }

  private func awaitNextRound(_ out: inout EffectBuffer) {
    guard policies.isBalancing else { return }
    let (time, overflow) = out.now.addingReportingOverflow(policies.initiation.interval)
    if !overflow { out.setTimer(.balance(round: balanceRounds), at: time) }
  }

  mutating func balanceIsDue(round: UInt32, _ out: inout EffectBuffer) {
    guard round == balanceRounds else { return }
    balance(&out)
    awaitNextRound(&out)
  }

  /// The node looks at how it stands.
  mutating func balance(_ out: inout EffectBuffer) { policies.initiation.policy.rules.look(&self, &out) }

  mutating func loadGrew(_ out: inout EffectBuffer) {
    if policies.isBalancing { policies.initiation.policy.rules.loadGrew(&self, &out) }
  }

  mutating func loadFell(_ out: inout EffectBuffer) {
    if policies.isBalancing { policies.initiation.policy.rules.loadFell(&self, &out) }
  }

  /// Threads that run or could, but for those that are leaving, or for which a node is looked for.
  private var stayingThreads: Int {
    let sought = nodeSearches.keys.reduce(0) { sum, process in
      guard let slot = processes.slot(of: process), departures.index(forKey: process) == nil else { return sum }
      return sum + (processes[slot].phase == .active ? processes[slot].threads.runnableCount : 0)
    }
    return runnableThreads - departingThreads - sought
  }

  // MARK: - Sender

  /// As long as the node has too much to do, looks for nodes to which processes can go.
  mutating func shedLoad(_ out: inout EffectBuffer) {
    var passed: Set<ProcessID> = []
    while Double(stayingThreads) / Double(settings.cores) > policies.initiation.threshold {
      guard let slot = selectProcess(but: passed, &out) else { return }
      passed.insert(processes[slot].id)
      seekNode(for: slot, NodeSearch(.balancing, policies.destination, policies.transfer), &out)
    }
  }

  /// Selects a process to move, among those that may, and reports the choice.
  ///
  /// - Parameters:
  ///   - passed: processes that have had their chance.
  ///   - chosen: how it moves, if the operator has it moved: then it need not have been here for long.
  /// - Returns: its slot; nil when there is none.
  mutating func selectProcess(
    but passed: Set<ProcessID> = [], forOperator chosen: TransferOptions? = nil, _ out: inout EffectBuffer
  ) -> Int? {
    let (policy, options) = (policies.selection.rules, chosen ?? policies.transfer)
    let weighsMoves = policy.weighsMoves
    var candidates: [(slot: Int, process: ProcessID, value: Double)] = []
    for slot in processes.occupiedSlots where mayMove(slot, options, isAsked: chosen != nil, now: out.now) {
      let process = processes[slot].id
      guard !passed.contains(process) else { continue }
      let candidate = candidate(slot, moving: weighsMoves ? options : nil, now: out.now)
      guard let value = policy.value(of: candidate, now: out.now) else { continue }
      candidates.append((slot, process, value))
    }
    candidates.sort { $0.value != $1.value ? $0.value > $1.value : $0.process < $1.process }
    guard let chosen = candidates.first else { return nil }
    let best = candidates.prefix(ProcessChoice.limit).map {
      Valued(candidate: candidate($0.slot, moving: options, now: out.now), value: $0.value)
    }
    out.report(
      .processChosen(
        chosen.process, ProcessChoice(policy: policy.name, candidates: best, count: candidates.count)))
    return chosen.slot
  }

  /// A process that runs, moves nowhere yet, is not tied to others here, and has been here long enough.
  private func mayMove(_ slot: Int, _ options: TransferOptions, isAsked: Bool, now: Nanoseconds) -> Bool {
    let process = processes[slot].id
    guard processes[slot].phase == .active, departures.index(forKey: process) == nil,
      nodeSearches.index(forKey: process) == nil
    else { return false }
    if processes[slot].isInseparable, !options.withCoprocesses, !relatives(of: process).isEmpty { return false }
    return isAsked || now - min(now, processes[slot].arrivedAt) >= policies.initiation.residence
  }

  // MARK: - Receiver

  /// A node without enough to do asks another for a process.
  mutating func askForWork(_ out: inout EffectBuffer) {
    guard workSearch == nil, couldTakeMore else { return }
    workSearch = WorkSearch()
    askNext(&out)
  }

  /// It stays below the threshold with one thread more.
  private var couldTakeMore: Bool {
    let coming = arrivals.values.reduce(0) { $0 + $1.threads }
    return Double(stayingThreads + coming + 1) / Double(settings.cores) <= policies.initiation.threshold
  }

  private mutating func askNext(_ out: inout EffectBuffer) {
    guard let search = workSearch, search.asked.count < policies.initiation.probes, couldTakeMore,
      let node = nodeToAsk(but: search.asked)
    else {
      workSearch = nil
      return
    }
    let number = nextProbe()
    workSearch?.ask(node, number: number)
    out.send(.probe(Probe(number: number, asksForWork: true, report: loadReport)), to: node)
    out.setTimer(.work(number), at: out.now + 2 * settings.detectionTimeout)
  }

  /// The node that has most to do as far as is known; when nothing is known, one by chance.
  private mutating func nodeToAsk(but asked: [NodeID]) -> NodeID? {
    let others = members.filter { $0 != id && suspects[$0] == nil && !asked.contains($0) }
    var best: (node: NodeID, load: Double)?
    for node in others {
      guard let load = beliefs[node]?.report.load, load > max(best?.load ?? 0, policies.initiation.threshold) else {
        continue
      }
      best = (node, load)
    }
    if let best { return best.node }
    return chance.pick(from: others)
  }

  mutating func workAnswered(_ answer: ProbeAnswer, by node: NodeID, _ out: inout EffectBuffer) {
    guard workSearch?.asked.last == node else { return }
    if answer.gives { workSearch = nil } else { askNext(&out) }
  }

  mutating func workExpired(_ number: UInt32, _ out: inout EffectBuffer) {
    if workSearch?.number == number { askNext(&out) }
  }

  mutating func workNotGiven(by peer: NodeID, _ out: inout EffectBuffer) {
    if workSearch?.asked.last == peer { askNext(&out) }
  }

  /// A node asks for work: it is given a process if this one has too much to do.
  ///
  /// - Returns: false when there is none for it.
  mutating func giveWork(to node: NodeID, _ report: LoadReport, _ out: inout EffectBuffer) -> Bool {
    var passed: Set<ProcessID> = []
    while Double(stayingThreads) / Double(settings.cores) > policies.initiation.threshold,
      let slot = selectProcess(but: passed, &out)
    {
      let process = processes[slot].id
      passed.insert(process)
      seekNode(for: slot, NodeSearch(askedBy: node, report, policies.destination, policies.transfer), &out)
      if departures[process] != nil { return true }
    }
    return false
  }
}

/// By what a question for work is known, among those of one node.
struct WorkQuestion: Sendable, Comparable {
  let incarnation: UInt32
  let number: UInt32

  static func < (left: WorkQuestion, right: WorkQuestion) -> Bool {
    (left.incarnation, left.number) < (right.incarnation, right.number)
  }
}

/// A node without enough to do looks for one that has too much.
struct WorkSearch: Sendable {
  /// Those that it has asked. The last has not answered.
  private(set) var asked: [NodeID] = []
  /// By what that question is known.
  private(set) var number: UInt32 = 0

  mutating func ask(_ node: NodeID, number: UInt32) {
    asked.append(node)
    self.number = number
  }
}
