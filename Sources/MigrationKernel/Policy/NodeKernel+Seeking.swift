import OrderedCollections

/// How a kernel looks for a node, for a process that it has: it asks the policy, which may have it ask other nodes.
///
///     the node that looks                    a node that is asked
///     probe(number, its own load)        ->
///                                        <-  probe answer(number, load)
///     [as often as the policy says]
///     offer                              ->  (and on, as with any migration)
///
/// What a fault does:
///
///     fault                                  | what becomes of the search
///     ---------------------------------------+---------------------------------------------------------------------------
///     the node that is asked crashes, or     | as if it had not been asked: it is told that the connection broke, or stops
///     the connection breaks                  | waiting after two detection timeouts, and the policy goes on without it
///     the node that looks crashes            | its processes are lost with it, and the search too; an answer to its next
///                                            | incarnation names a search that is not there
///     the node that was found refuses,       | a new process: the policy goes on without that node, and when it has tried as
///     crashes, or cannot be reached          | many as it may, the process begins where it was asked for; if that has no room,
///                                            | on the first that has, or else dies. One that moves stays where it is
///     a late or repeated question            | answered again, which is dropped; for work, nothing is given twice
///     a late or repeated answer              | dropped: its number is of no search that waits for that node
extension NodeKernel {
  /// Begins to look for a node for a process that is here.
  mutating func seekNode(for slot: Int, _ search: NodeSearch, _ out: inout EffectBuffer) {
    let process = processes[slot].id
    guard nodeSearches[process] == nil else { return }
    nodeSearches[process] = search
    continueSearch(for: process, &out)
  }

  private mutating func continueSearch(for process: ProcessID, _ out: inout EffectBuffer) {
    guard let search = nodeSearches[process] else { return }
    guard let slot = processes.slot(of: process), departures[process] == nil else {
      nodeSearches[process] = nil
      return
    }
    let view = view(for: search, slot, now: out.now)
    let hasTriedEnough = search.refusals.count >= max(1, search.rule.probes)
    let step = hasTriedEnough ? .stay : search.chooser.next(view, &chance)
    switch step {
    case .probe(let nodes): probe(nodes, for: process, &out)
    case .take(let node): found(node, view, slot, &out)
    case .stay: found(nil, view, slot, &out)
    }
  }

  private mutating func probe(_ nodes: [NodeID], for process: ProcessID, _ out: inout EffectBuffer) {
    let number = nextProbe()
    nodeSearches[process]?.probe(nodes, number: number)
    for node in nodes { out.send(.probe(Probe(number: number, asksForWork: false, report: loadReport)), to: node) }
    out.setTimer(.probe(number), at: out.now + 2 * settings.detectionTimeout)
  }

  mutating func nextProbe() -> UInt32 {
    lastProbe &+= 1
    return lastProbe
  }

  /// Another node asks how much there is to do, and says how much it has itself; one that asks for work is given a process.
  mutating func answerProbe(_ probe: Probe, from node: NodeID, incarnation: UInt32, _ out: inout EffectBuffer) {
    remember(probe.report, of: node, now: out.now)
    var gives = false
    if probe.asksForWork {
      // Whoever asks twice for one process is given one.
      let question = WorkQuestion(incarnation: incarnation, number: probe.number)
      let isNew = answeredForWork[node].map { $0 < question } ?? true
      if isNew { answeredForWork[node] = question }
      gives = isNew && giveWork(to: node, probe.report, &out)
    }
    out.send(.probeAnswer(ProbeAnswer(number: probe.number, gives: gives, report: loadReport)), to: node)
  }

  mutating func probeAnswered(_ answer: ProbeAnswer, by node: NodeID, _ out: inout EffectBuffer) {
    remember(answer.report, of: node, now: out.now)
    if workSearch?.number == answer.number { return workAnswered(answer, by: node, &out) }
    guard let process = nodeSearches.first(where: { $0.value.number == answer.number })?.key else { return }
    if nodeSearches[process]?.answered(by: node, answer.report) == true { continueSearch(for: process, &out) }
  }

  /// What a node says of its load beside something else is remembered where nodes tell each other of it anyway.
  private mutating func remember(_ report: LoadReport, of node: NodeID, now: Nanoseconds) {
    if settings.loadInterval > 0 { loadTold(report, by: node, now: now) } else { countArrivals(in: node) }
  }

  mutating func probeExpired(_ number: UInt32, _ out: inout EffectBuffer) {
    guard let process = nodeSearches.first(where: { $0.value.number == number && !$0.value.awaited.isEmpty })?.key
    else {
      return
    }
    nodeSearches[process]?.endWait()
    continueSearch(for: process, &out)
  }

  mutating func connectionBrokeDuringSearches(_ peer: NodeID, _ out: inout EffectBuffer) {
    sentByPolicy.removeAll { $0.value.node == peer }
    for process in Array(nodeSearches.keys) where nodeSearches[process]?.answered(by: peer, nil) == true {
      continueSearch(for: process, &out)
    }
    workNotGiven(by: peer, &out)
  }

  // MARK: - A node is found, or none

  /// - Parameter node: nil for none.
  private mutating func found(_ node: NodeID?, _ view: NodeSearchView, _ slot: Int, _ out: inout EffectBuffer) {
    let process = processes[slot].id
    guard let search = nodeSearches[process] else { return }
    var (node, why) = (node, NodeChoice.WhyNone?.none)
    if search.purpose == .placement {
      // Anywhere rather than nowhere: what is known of the others may be old.
      if node == nil, !view.mayStay { node = view.others.first ?? view.doubtful.first }
    } else if node == nil {
      let isUntold = search.chooser.needsReports && view.others.allSatisfy { beliefs[$0] == nil }
      why = view.others.isEmpty ? .noCandidate : isUntold ? .nobodyTold : nil
    } else if search.purpose == .balancing, let chosen = node, !isWorthItsCost(chosen, view) {
      (node, why) = (nil, .costsMore)
    }
    out.report(.nodeChosen(process, choice(of: node, why, search, view)))
    guard let node else {
      nodeSearches[process] = nil
      if search.purpose == .placement { beginHere(slot, &out) }
      return
    }
    if search.purpose == .placement { nodeSearches[process]?.moves() } else { nodeSearches[process] = nil }
    migrate(process, to: node, search.options, &out)
    if search.rule.inflates, departures[process] != nil {
      sentByPolicy[process] = SentByPolicy(node: node, threads: max(1, view.process.runnable))
    }
  }

  private func choice(
    of node: NodeID?, _ why: NodeChoice.WhyNone?, _ search: NodeSearch, _ view: NodeSearchView
  ) -> NodeChoice {
    let policy = search.chooser
    let looked = policy.asks ? view.answered + (view.mayStay ? [view.here] : []) : view.choices
    var valued = looked.map { Valued(candidate: $0, value: policy.value(of: $0, view)) }
    if !policy.asks, !policy.needsReports, policy.value(of: view.here, view) == nil,
      valued.allSatisfy({ $0.value == nil })
    {
      // A policy that goes by no value: only what it chose is worth telling.
      valued.removeAll { $0.candidate.node != node ?? id }
    }
    let best = valued.enumerated().sorted { left, right in
      let chosen = (left.element.candidate.node == node, right.element.candidate.node == node)
      if chosen.0 != chosen.1 { return chosen.0 }
      let values = (left.element.value ?? -.infinity, right.element.value ?? -.infinity)
      return values.0 != values.1 ? values.0 > values.1 : left.offset < right.offset
    }
    return NodeChoice(
      purpose: search.purpose, policy: policy.name, node: node, why: why,
      candidates: best.prefix(NodeChoice.limit).map(\.element), probes: search.probes)
  }

  /// The cost-benefit rule of Harchol-Balter and Downey (1997): with a 1/t tail a process can be expected to go on for as long as
  /// it has run; it moves when that is more than what the move costs, divided by how much less the other node has to do.
  private func isWorthItsCost(_ node: NodeID, _ view: NodeSearchView) -> Bool {
    guard policies.initiation.weighsCost else { return true }
    guard let candidate = (view.answered + view.choices).first(where: { $0.node == node && $0.report != nil }),
      let there = view.slowness(of: candidate), let here = view.slowness(of: view.here)
    else { return false }
    let gain = here - there
    return gain > 0 && Double(view.process.cpuTime) > Double(view.process.cost) / gain
  }

  /// A new process begins on this node; without room for it, it dies.
  private mutating func beginHere(_ slot: Int, _ out: inout EffectBuffer) {
    guard freeFrames >= processes[slot].space.pageCount else {
      let pages = processes[slot].space.pageCount
      return endProcess(slot, reason: .fault("no node was found with room for its \(pages) pages"), &out)
    }
    processes[slot].ownsFrames = true
    freeFrames -= processes[slot].space.pageCount
    processes[slot].phase = .active
    begin(slot, &out)
  }

  /// The process stays: the node that was found does not take it, or the operator has called the move off.
  mutating func moveFailed(_ departure: Departure, because why: AbortReason, _ out: inout EffectBuffer) {
    let (process, node) = (departure.attempt.process, departure.destination)
    sentByPolicy[process] = nil
    if why == .refused(.noRoom), let belief = beliefs[node], let slot = processes.slot(of: process) {
      // It has less room than was thought; how much, its next report will say.
      let most = UInt64(clamping: processes[slot].space.pageCount) * UInt64(settings.pageSize)
      beliefs[node]?.report = belief.report.with(freeMemory: min(belief.report.freeMemory, most - min(most, 1)))
    }
    guard nodeSearches[process]?.isMoving == true, let slot = processes.slot(of: process) else { return }
    guard why != .cancelled else {
      nodeSearches[process] = nil
      return beginHere(slot, &out)
    }
    nodeSearches[process]?.refused(by: node)
    continueSearch(for: process, &out)
  }

  /// A node has told its load. What it has taken is in that, since it accepts a process before it says anything else; what it
  /// has not answered yet is not.
  mutating func countArrivals(in node: NodeID) {
    guard !sentByPolicy.isEmpty else { return }
    let departures = departures
    sentByPolicy.removeAll { process, sent in
      sent.node == node && departures[process]?.stage != .negotiating
    }
  }
}

extension OrderedDictionary<ProcessID, SentByPolicy> {
  /// Threads on their way to a node, which it cannot have told yet.
  func threads(to node: NodeID) -> Int { values.reduce(0) { $0 + ($1.node == node ? $1.threads : 0) } }
}

/// A process that a policy has sent to another node.
struct SentByPolicy: Sendable {
  let node: NodeID
  /// How many of its threads could run when it was sent, or are going to.
  let threads: Int
}

// MARK: - What asks for a node

extension NodeKernel {
  /// Whether the node of a new process is chosen by policy; members of a family that cannot be separated begin where it is.
  func isPlaced(_ request: SpawnRequest) -> Bool {
    request.isPlaced && !request.held && !request.isInseparable && policies.placement.policy != .onRequest
  }

  /// A process has been created, and its node is chosen by policy.
  mutating func place(_ process: inout Process, asked request: SpawnRequest, _ out: inout EffectBuffer) {
    process.phase = .placing
    process.ownsFrames = false
    var search = NodeSearch(.placement, policies.placement, TransferOptions(.nonPreemptive))
    search.partners = request.environment.sorted { $0.key < $1.key }.compactMap { name, value in
      if name != "self", case .process(let partner, _) = value { partner } else { nil }
    }
    if let parent = request.parent { search.partners.append(parent) }
    seekNode(for: processes.insert(process), search, &out)
  }

  /// The operator has a process moved, and leaves it to the policies where to, and perhaps which.
  mutating func moveByPolicy(_ process: ProcessID?, _ options: TransferOptions, _ out: inout EffectBuffer) {
    let chosen = process == nil ? selectProcess(forOperator: options, &out) : process.flatMap { processes.slot(of: $0) }
    guard let slot = chosen, departures[processes[slot].id] == nil, nodeSearches[processes[slot].id] == nil else {
      if let process { refuse(process, "it is not here, or is being moved or placed", &out) }
      return
    }
    seekNode(for: slot, NodeSearch(.migration, policies.destination, options), &out)
  }
}

/// To a node: how much have you to do? With that, how much the sender has. One that asks for work would take a process.
public struct Probe: Sendable, Equatable {
  let number: UInt32
  let asksForWork: Bool
  let report: LoadReport
}

/// The answer; `gives`: a process of the node that was asked is on its way.
public struct ProbeAnswer: Sendable, Equatable {
  let number: UInt32
  let gives: Bool
  let report: LoadReport
}
