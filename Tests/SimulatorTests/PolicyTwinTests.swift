import Chronicle
import MigrationKernel
import TestSupport
import Testing

@testable import Simulator

/// Whatever policies choose, nobody notices but the clock: each process ends as its twin does, which no policy moved.
@Suite(.whenThorough) struct PolicyTwinTests {
  /// Policies drawn from a seed: any placement, and mostly balancing, often by bounds that make processes restless.
  static func draw(_ random: inout Generator) -> Policies {
    func rule(_ choices: [NodePolicy]) -> NodeRule {
      var rule = NodeRule(random.pick(choices) ?? .random)
      rule.threshold = random.pick([0, 0.5, 1, 2]) ?? 1
      rule.probes = Int(1 + random.next(below: 4))
      rule.inflates = random.next(below: 2) == 0
      return rule
    }
    let load = PolicyFormula.negative(.node(.load))
    let own = OwnPolicy(name: "own", text: "", selection: .process(.residence), destination: load, condition: nil)
    var policies = Policies()
    policies.placement = rule(Array(NodePolicy.all.dropFirst()) + [.own(own)])
    policies.destination = rule(Array(NodePolicy.all.dropFirst()) + [.own(own)])
    policies.selection = random.pick(SelectionPolicy.all + [.own(own)]) ?? .oldest
    policies.initiation.policy = random.pick(InitiationPolicy.allCases) ?? .sender
    policies.initiation.threshold = random.pick([0, 0.5, 1]) ?? 0
    policies.initiation.interval = random.pick([3_000_000, 50_000_000, 1_000_000_000]) ?? 1
    policies.initiation.residence = random.pick([0, 0, 20_000_000]) ?? 0
    policies.initiation.weighsCost = random.next(below: 4) == 0
    policies.transfer = TransferOptions(
      random.pick([.totalFreezing, .preTransfer, .onReference, .hybrid, .flushing]) ?? .totalFreezing)
    policies.isBalancing = random.next(below: 5) > 0
    return policies
  }

  static func hasEnded(_ record: ProcessDirectory.Record) -> Bool {
    if case .ended(.exited, _, _) = record.fate { true } else { false }
  }

  private struct Tally {
    var placed = 0
    var balanced = 0
    var byPolicy: [String: Int] = [:]
  }

  @Test func whateverPoliciesChooseNobodyNotices() {
    var tally = Tally()
    for seed in 1...100 as ClosedRange<UInt64> { Self.compare(seed: seed, &tally) }
    #expect(tally.placed > 30 && tally.balanced > 50, "\(tally)")
    #expect(NodePolicy.all.dropFirst().allSatisfy { tally.byPolicy[$0.name] ?? 0 > 0 }, "\(tally.byPolicy)")
  }

  private static func compare(seed: UInt64, _ tally: inout Tally) {
    var random = Generator(seed: seed &* 7919)
    let policies = draw(&random)
    let interval: Nanoseconds = random.pick([1_000_000, 20_000_000]) ?? 1
    var stayed = RandomCluster(seed: seed, seesTime: false, isSmall: true).world
    _ = stayed.run(to: TwinTests.end)
    var moved = RandomCluster(seed: seed, seesTime: false, isSmall: true, policies: policies).world
    moved.apply(.setLoadInterval(interval))
    var limit: Nanoseconds = 0
    while limit < TwinTests.end, !moved.processes.all.allSatisfy(hasEnded) {
      limit += 20_000_000
      _ = moved.run(to: limit)
    }
    let comment: Comment =
      "seed \(seed), \(policies.placement.policy.name), \(policies.destination.policy.name), \(policies.initiation)"
    // What is on its way still, such as acknowledgements.
    moved.apply(.setPolicies(Policies()))
    moved.apply(.setLoadInterval(0))
    _ = moved.run(to: limit + 10_000_000_000)
    #expect(stayed.processes.all.allSatisfy(hasEnded) && moved.processes.all.allSatisfy(hasEnded), comment)
    let (left, expected) = (TwinTests.finalStates(moved, cpu: false), TwinTests.finalStates(stayed, cpu: false))
    #expect(left == expected, comment)
    #expect(moved.invariants?.violation == nil, comment)
    #expect(moved.nodes.allSatisfy { $0.kernel?.freeFrames == $0.settings.frames && !$0.seeksNodes }, comment)
    #expect(moved.books.allSatisfy { $0 == "balanced" }, comment)
    for record in moved.processes.all {
      let ends = moved.log.entries.count { entry in
        if case .fact(.ended(record.id, _, _)) = entry.event { true } else { false }
      }
      #expect(ends == 1, comment)
    }
    for record in moved.migrations.all where record.status == .completed {
      guard let choice = moved.migrations.choice(beforeMigration: record.number)?.node else { continue }
      tally.byPolicy[choice.policy, default: 0] += 1
      if choice.purpose == .placement { tally.placed += 1 } else { tally.balanced += 1 }
    }
  }
}
