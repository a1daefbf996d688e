import Testing

@testable import MigrationKernel

/// What each policy chooses in situations made by hand.
@Suite struct PolicyTests {
  // MARK: - Situations

  static func report(
    _ runnable: Int, cores: Int = 1, speed: UInt64 = 1000, free: UInt64 = 1 << 30
  ) -> LoadReport {
    LoadReport(runnable: runnable, cores: cores, speed: speed, freeMemory: free, processes: runnable)
  }

  static func node(
    _ number: UInt32, _ report: LoadReport?, isHere: Bool = false, arriving: Int = 0, messages: UInt64 = 0,
    age: Nanoseconds = 0
  ) -> NodeCandidate {
    NodeCandidate(
      node: NodeID(number), isHere: isHere, report: report, age: age, arriving: arriving, messages: messages)
  }

  static func process(
    _ serial: UInt32, age: Nanoseconds = 0, cpu: Nanoseconds = 0, pages: Int = 1, resident: Int? = nil,
    runnable: Int = 1,
    cost: Nanoseconds = 0, messages: UInt64 = 0
  ) -> ProcessCandidate {
    ProcessCandidate(
      process: ProcessID(origin: NodeID(0), incarnation: 1, serial: serial, forwarding: .originSite), age: age,
      cpuTime: cpu, residence: age / 2, pages: pages, residentPages: resident ?? pages, dirtyPages: pages / 2,
      runnable: runnable, migrations: 0, cost: cost, remoteMessages: messages, partner: nil)
  }

  /// What node 0 sees.
  ///
  /// - Parameters:
  ///   - others: what is known of the others.
  ///   - answered: those that have been asked and have answered.
  static func view(
    _ purpose: NodeChoice.Purpose, here: LoadReport, others: [NodeCandidate], answered: [NodeCandidate] = [],
    silent: [UInt32] = [], rule: NodeRule = NodeRule(.threshold), mayStay: Bool? = nil, probed: Int = 0,
    hereMessages: UInt64 = 0
  ) -> NodeSearchView {
    NodeSearchView(
      rule: rule, purpose: purpose, process: process(1), here: node(0, here, isHere: true, messages: hereMessages),
      mayStay: mayStay ?? (purpose == .placement), asked: answered.map(\.node) + silent.map { NodeID($0) },
      answered: answered, probesLeft: rule.probes - probed, others: others.map(\.node), doubtful: [], pageSize: 4096,
      candidate: { id in others.first { $0.node == id } ?? node(id.number, nil) })
  }

  /// The step as a number: the node that is taken; -1 when the process stays; a thousand and the nodes that are asked.
  static func next(_ policy: NodePolicy, _ view: NodeSearchView, _ chance: inout PolicyChance) -> [Int] {
    switch policy.rules.next(view, &chance) {
    case .take(let node): [Int(node.number)]
    case .stay: [-1]
    case .probe(let nodes): [1000] + nodes.map { Int($0.number) }
    }
  }

  static func next(_ policy: NodePolicy, _ view: NodeSearchView, seed: UInt64 = 1) -> [Int] {
    var chance = PolicyChance(generator: Generator(seed: seed))
    return next(policy, view, &chance)
  }

  // MARK: - Nodes

  @Test func leastLoadedGoesByLoadForEachCoreAndItsSpeed() {
    func taken(_ here: LoadReport, _ others: NodeCandidate..., purpose: NodeChoice.Purpose = .placement) -> [Int] {
      Self.next(.leastLoaded, Self.view(purpose, here: here, others: others))
    }
    #expect(taken(Self.report(2), Self.node(1, Self.report(1)), Self.node(2, Self.report(0))) == [2])
    // Of equals the node where it is, else the first.
    #expect(taken(Self.report(1), Self.node(1, Self.report(1))) == [-1])
    #expect(taken(Self.report(2), Self.node(1, Self.report(1)), Self.node(2, Self.report(1))) == [1])
    // Nothing is known of any other, or of one.
    #expect(taken(Self.report(9), Self.node(1, nil), Self.node(2, nil)) == [-1])
    #expect(taken(Self.report(9), Self.node(1, nil), Self.node(2, Self.report(3))) == [2])
    // Two cores take two; a core of speed 4 does four threads in the time of one.
    #expect(taken(Self.report(1), Self.node(1, Self.report(2, cores: 4)), Self.node(2, Self.report(1))) == [1])
    #expect(taken(Self.report(1), Self.node(1, Self.report(3, speed: 4000))) == [1])
    #expect(taken(Self.report(0, speed: 4000), Self.node(1, Self.report(0))) == [-1])
    // What is on its way counts where it is told.
    #expect(taken(Self.report(1), Self.node(1, Self.report(0), arriving: 1), Self.node(2, Self.report(0))) == [2])
    #expect(taken(Self.report(1), Self.node(1, Self.report(0), arriving: 2)) == [-1])
  }

  /// Who balances moves a process only to where its threads get more; a slow node with less to do may be worse.
  @Test func balancingMovesOnlyToWhereItIsBetter() {
    func worth(_ purpose: NodeChoice.Purpose, _ here: LoadReport, _ there: LoadReport) -> Bool {
      let other = Self.node(1, there)
      return Self.view(purpose, here: here, others: [other]).isWorthwhile(other)
    }
    #expect(worth(.balancing, Self.report(2), Self.report(0)))
    #expect(!worth(.balancing, Self.report(2), Self.report(1)))
    #expect(!worth(.balancing, Self.report(2), Self.report(0, speed: 100)))
    #expect(worth(.balancing, Self.report(2), Self.report(3, speed: 4000)))
    #expect(worth(.migration, Self.report(1), Self.report(9)))
    let slow = [Self.node(1, Self.report(0, speed: 100))]
    for policy in [NodePolicy.leastLoaded, .shortest] {
      #expect(Self.next(policy, Self.view(.balancing, here: Self.report(2), others: slow, answered: slow)) == [-1])
    }
  }

  @Test func thresholdTakesWhatIsNotAboveIt() {
    var rule = NodeRule(.threshold)
    rule.probes = 2
    func step(
      _ here: Int, _ others: [NodeCandidate], answered: [NodeCandidate] = [], silent: [UInt32] = [], probed: Int = 0
    ) -> [Int] {
      let view = Self.view(
        .placement, here: Self.report(here, cores: 2), others: others, answered: answered, silent: silent, rule: rule,
        probed: probed)
      return Self.next(.threshold, view)
    }
    let free = Self.node(1, Self.report(1, cores: 2))
    let full = Self.node(1, Self.report(2, cores: 2))
    // Exactly as much as the threshold is not too much: here, and there.
    #expect(step(1, [full]) == [-1])
    #expect(step(2, [free], answered: [free], probed: 1) == [1])
    // One thread more is.
    #expect(step(2, [full]) == [1000, 1])
    #expect(step(2, [full, Self.node(2, nil)], answered: [full], probed: 1) == [1000, 2])
    // So many questions and no more; nobody twice; one that did not answer is not taken.
    #expect(step(2, [full, Self.node(2, nil)], answered: [full], probed: 2) == [-1])
    #expect(step(2, [full], answered: [full], probed: 1) == [-1])
    #expect(step(2, [free], silent: [1], probed: 1) == [-1])
    // What it is known to have does not matter, only what it says when asked.
    #expect(step(2, [Self.node(1, nil)]) == [1000, 1])
    #expect(
      step(
        2, [Self.node(1, Self.report(0, cores: 2), arriving: 2)],
        answered: [
          Self.node(1, Self.report(0, cores: 2), arriving: 2)
        ], probed: 1) == [-1])
  }

  @Test func shortestAsksSeveralAtOnceAndTakesTheShortest() {
    var rule = NodeRule(.shortest)
    (rule.probes, rule.threshold) = (2, 0)
    let others = (1...5).map { Self.node($0, nil) }
    for seed in 1...30 as ClosedRange<UInt64> {
      let step = Self.next(
        .shortest, Self.view(.placement, here: Self.report(1), others: others, rule: rule), seed: seed)
      #expect(step.count == 3 && step[0] == 1000 && Set(step).count == 3 && step.dropFirst().allSatisfy { 1...5 ~= $0 })
    }
    func taken(_ here: Int, _ answered: [NodeCandidate]) -> [Int] {
      Self.next(
        .shortest,
        Self.view(.placement, here: Self.report(here), others: others, answered: answered, rule: rule, probed: 2))
    }
    let (three, two) = (Self.node(4, Self.report(3)), Self.node(2, Self.report(2)))
    #expect(taken(4, [three, two]) == [2])
    #expect(taken(2, [three, two]) == [-1])
    #expect(taken(4, [Self.node(3, Self.report(2)), two]) == [3])
    #expect(taken(4, [Self.node(3, Self.report(4, speed: 4000)), two]) == [3])
    #expect(Self.next(.shortest, Self.view(.placement, here: Self.report(4), others: [], rule: rule)) == [-1])
    // Where there is little to do nobody is asked.
    rule.threshold = 1
    #expect(Self.next(.shortest, Self.view(.placement, here: Self.report(0), others: others, rule: rule)) == [-1])
  }

  @Test func roundRobinGivesEachNodeItsTurn() {
    let others = [Self.node(1, nil), Self.node(3, nil)]
    var chance = PolicyChance(generator: Generator(seed: 1))
    let placing = Self.view(.placement, here: Self.report(0), others: others)
    #expect((1...5).flatMap { _ in Self.next(.roundRobin, placing, &chance) } == [-1, 1, 3, -1, 1])
    let moving = Self.view(.migration, here: Self.report(0), others: others)
    #expect((1...3).flatMap { _ in Self.next(.roundRobin, moving, &chance) } == [3, 1, 3])
    let fewer = Self.view(.migration, here: Self.report(0), others: [others[0]])
    #expect(Self.next(.roundRobin, fewer, &chance) == [1])
    #expect(Self.next(.roundRobin, Self.view(.migration, here: Self.report(0), others: []), &chance) == [-1])
  }

  @Test func randomTakesEachNodeAsOften() {
    let others = (1...3).map { Self.node($0, Self.report(9)) }
    let view = Self.view(.placement, here: Self.report(0), others: others)
    var chance = PolicyChance(generator: Generator(seed: 5))
    var counts: [Int: Int] = [:]
    for _ in 0..<4000 { counts[Self.next(.random, view, &chance)[0], default: 0] += 1 }
    #expect(counts.keys.sorted() == [-1, 1, 2, 3])
    #expect(counts.values.allSatisfy { (900...1100).contains($0) }, "\(counts)")
    let moving = Self.view(.migration, here: Self.report(0), others: others)
    #expect((0..<100).allSatisfy { _ in Self.next(.random, moving, &chance)[0] > 0 })
  }

  @Test func firstFitAndOnRequestAndNearPartner() {
    let others = [Self.node(1, nil), Self.node(2, Self.report(0), messages: 4)]
    #expect(Self.next(.firstFit, Self.view(.placement, here: Self.report(5), others: others)) == [-1])
    #expect(Self.next(.firstFit, Self.view(.placement, here: Self.report(5), others: others, mayStay: false)) == [1])
    #expect(Self.next(.onRequest, Self.view(.placement, here: Self.report(5), others: others)) == [-1])
    func near(_ purpose: NodeChoice.Purpose, here: UInt64, _ others: [NodeCandidate]) -> [Int] {
      Self.next(.nearPartner, Self.view(purpose, here: Self.report(5), others: others, hereMessages: here))
    }
    #expect(near(.placement, here: 0, others) == [2])
    #expect(near(.placement, here: 4, others) == [-1])
    #expect(near(.placement, here: 0, [Self.node(1, nil)]) == [-1])
    #expect(near(.migration, here: 9, others) == [2])
    // To balance load no process leaves most of those that it talks to.
    #expect(near(.balancing, here: 4, others) == [-1])
    #expect(near(.balancing, here: 3, others) == [2])
  }

  @Test func aReceiverIsGivenOnlyWhatIsBetterOffThere() {
    let asker = Self.node(1, Self.report(0))
    func step(_ here: Int, _ asker: NodeCandidate) -> [Int] {
      var chance = PolicyChance(generator: Generator(seed: 1))
      let view = Self.view(.balancing, here: Self.report(here), others: [], answered: [asker])
      if case .take(let node) = Asker().next(view, &chance) { return [Int(node.number)] }
      return [-1]
    }
    #expect(step(2, asker) == [1])
    #expect(step(1, asker) == [-1])
    #expect(step(2, Self.node(1, Self.report(0), arriving: 1)) == [-1])
  }

  // MARK: - Processes

  @Test func eachSelectionPrefersWhatItSays() {
    let candidates = [
      Self.process(1, age: 90, cpu: 10, pages: 40, cost: 7, messages: 0),
      Self.process(2, age: 50, cpu: 30, pages: 30, resident: 3, cost: 9, messages: 5),
      Self.process(3, age: 20, cpu: 20, pages: 10, cost: 4, messages: 2),
      // It waits for messages: only a policy that looks at those chooses it.
      Self.process(4, age: 99, cpu: 99, pages: 1, runnable: 0, cost: 1, messages: 8),
      Self.process(5, age: 1, cpu: 1, pages: 99, runnable: 2, cost: 99, messages: 0),
    ]
    func best(_ policy: SelectionPolicy) -> UInt32? {
      let valued = candidates.compactMap { candidate in
        policy.rules.value(of: candidate, now: 0).map { (candidate.process.serial, $0) }
      }
      return valued.max { $0.1 < $1.1 }?.0
    }
    #expect(best(.oldest) == 1)
    #expect(best(.newest) == 5)
    #expect(best(.mostCPU) == 2)
    #expect(best(.leastMemory) == 2)
    #expect(best(.cheapest) == 3)
    #expect(best(.mostTalkative) == 4)
    for policy in SelectionPolicy.all where policy != .mostTalkative {
      #expect(policy.rules.value(of: candidates[3], now: 0) == nil, "\(policy.name)")
    }
    #expect(SelectionPolicy.mostTalkative.rules.value(of: candidates[0], now: 0) == nil)
  }

  /// Of processes that are worth as much the one with the lowest identifier is selected.
  @Test func ofEqualProcessesTheFirstIsSelected() throws {
    var environment = ScriptEnvironment()
    let lines = [
      "boot a b", "policy selection least-memory", "policy destination random", "spawn p on=a program=writer pages=5",
      "spawn q on=a program=writer pages=4", "spawn r on=a program=writer pages=4",
    ]
    for line in lines { _ = try environment.run(line) }
    #expect(try environment.run("choose from=a").first == "  a: selected q by least-memory among 3")
  }

  // MARK: - What a move costs

  @Test func aMoveCostsItsBytesAtTheRateMeasuredAndThreeTrips() {
    var cost = MovingCost()
    #expect(cost.time(forBytes: 1_000_000, nominalRate: 8_000_000) == 1_000_000_000)
    cost.carried(500_000, in: 100_000_000)
    cost.answered(after: 6_000_000)
    #expect(cost.rate == 40_000_000)
    #expect(cost.time(forBytes: 1_000_000, nominalRate: 8_000_000) == 200_000_000 + 3 * 3_000_000)
    // A move without pages says how long trips are, and nothing of the rate.
    cost.answered(after: 2_000_000)
    #expect(cost.rate == 40_000_000)
    #expect(cost.time(forBytes: 0, nominalRate: 1) == 3_000_000)
    cost.carried(1, in: 0)
    cost.carried(0, in: 1)
    cost.answered(after: 0)
    #expect(cost.rate == 40_000_000 && cost.trip == 0)
    var random = Generator(seed: 3)
    for _ in 0..<2000 {
      var cost = MovingCost()
      let (bytes, time, trip) = (
        1 + random.next(below: 1 << 28), 1 + random.next(below: 1 << 34), random.next(below: 1 << 30)
      )
      cost.carried(Int(bytes), in: time)
      cost.answered(after: 2 * trip)
      let moved = random.next(below: 1 << 28)
      let expected = Double(moved) * Double(time) / Double(bytes) + 3 * Double(trip)
      let found = Double(cost.time(forBytes: Int(moved), nominalRate: 1))
      // The rate is a whole number of bits a second.
      let rate = max(1, Double(bytes) * 8e9 / Double(time))
      #expect(abs(found - expected) <= expected * 2 / rate + 2, "\(moved) of \(bytes) in \(time)")
    }
  }

  @Test func whenKernelsTellLittleAProcessIsInNobodysWay() {
    // The extremes of what packets may say.
    let strange = LoadReport(runnable: .max >> 33, cores: 0, speed: 0, freeMemory: .max, processes: 0)
    for policy in NodePolicy.all {
      let view = Self.view(
        .balancing, here: strange, others: [Self.node(1, strange)], answered: [Self.node(1, strange)])
      #expect(!Self.next(policy, view).isEmpty)
    }
  }
}
