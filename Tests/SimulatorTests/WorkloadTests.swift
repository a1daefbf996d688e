import Foundation
import MigrationKernel
import TestSupport
import Testing

@testable import Chronicle
@testable import Simulator

/// Jobs come as they are to, whatever else happens.
@Suite struct WorkloadTests {
  static func workload(_ name: String = "w", rate: Double = 100, limit: Int? = 300, on nodes: [NodeID] = []) -> Workload
  {
    Workload(
      name: name, nodes: nodes,
      jobs: .poisson(rate: rate, service: ServiceDistribution(.exponential, mean: 10_000_000)), limit: limit,
      template: SpawnRequest(name: name, program: Programs.job, pages: 4))
  }

  static func world(seed: UInt64 = 1, nodes: Int = 3) -> World {
    var world = World(seed: seed)
    world.keepsDigest = true
    world.invariants = Invariants()
    for number in 0..<nodes { world.apply(.addNode(name: "n\(number)", NodeSettings())) }
    return world
  }

  @Test(arguments: 1..<9 as Range<UInt64>) func oneSeedGivesTheSameJobs(seed: UInt64) {
    func run() -> World {
      var world = Self.world(seed: seed)
      world.apply(.startWorkload(Self.workload()))
      world.apply(.startWorkload(Self.workload("v", rate: 20, limit: nil)))
      _ = world.run(to: 1_000_000_000)
      world.apply(.stopWorkload("v"))
      _ = world.run(to: .max / 4)
      return world
    }
    let (world, again) = (run(), run())
    #expect(world.digest == again.digest && world.jobs.all.tally == again.jobs.all.tally)
    #expect(world.invariants?.violation == nil && world.isAtRest)
    let replayed = World(replaying: world.journal, invariants: Invariants())
    #expect(replayed.digest == world.digest && replayed.now == world.now)
    #expect(replayed.jobs.all.tally == world.jobs.all.tally && replayed.invariants?.violation == nil)
    #expect(world.jobs.all.tally.completed == world.jobs.count && world.jobs.count > 300)
  }

  /// Jobs, their service times and the nodes where they are asked for do not depend on what becomes of them.
  @Test func policiesDoNotChangeTheJobs() {
    func jobs(quantum: Nanoseconds, moves: Bool) -> (jobs: [String], origins: [NodeID]) {
      var world = World(seed: 7)
      var settings = NodeSettings()
      settings.quantum = quantum
      for name in ["a", "b", "c"] { world.apply(.addNode(name: name, settings)) }
      world.apply(.startWorkload(Self.workload(rate: 200)))
      for step in 1...100 as ClosedRange<UInt64> {
        _ = world.run(to: step * 20_000_000)
        let movable = world.processes.all.first { world.location(of: $0.id) == NodeID(0) }
        if moves, let movable {
          world.apply(.request(.migrate(movable.id, to: NodeID(1), TransferOptions(.totalFreezing)), of: NodeID(0)))
        }
      }
      _ = world.run(to: .max / 4)
      return (
        world.jobs.jobs.map { "\($0.arrivedAt) \($0.service)" }, world.processes.all.map(\.id.origin)
      )
    }
    let plain = jobs(quantum: 10_000_000, moves: false)
    let other = jobs(quantum: 1_000_000, moves: true)
    #expect(plain.jobs == other.jobs && plain.origins == other.origins && plain.jobs.count == 300)
  }

  @Test func jobsComeAtNodesThatAreUp() {
    var world = Self.world(nodes: 4)
    world.apply(.failNode(NodeID(2)))
    world.apply(.startWorkload(Self.workload(limit: 3000)))
    _ = world.run(to: .max / 4)
    let counts = (0..<4).map { node in world.processes.all.count { $0.id.origin == NodeID(UInt32(node)) } }
    #expect(counts[2] == 0 && counts.reduce(0, +) == 3000)
    // Of a binomial distribution with n = 3000 and p = 1/3 the deviation is 26.
    for node in [0, 1, 3] { #expect(abs(counts[node] - 1000) < 100) }
  }

  @Test func jobsThatNoNodeCanTakeAreRefused() {
    var world = Self.world(nodes: 1)
    world.apply(.setMemory(NodeID(0), 10 * 4096))
    world.apply(.startWorkload(Self.workload(rate: 300)))
    _ = world.run(to: .max / 4)
    let tally = world.jobs.all.tally
    #expect(tally.refused > 20 && tally.completed > 20 && tally.refused + tally.completed == 300)
    world.apply(.failNode(NodeID(0)))
    world.apply(.startWorkload(Self.workload("v")))
    _ = world.run(to: .max / 4)
    #expect(world.jobs.of("v")?.tally.refused == 300 && world.invariants?.violation == nil)
  }

  @Test func jobsAreLostWithTheirNode() {
    var world = Self.world(nodes: 2)
    world.apply(.startWorkload(Self.workload(rate: 300, on: [NodeID(0)])))
    _ = world.run(to: 500_000_000)
    let present = world.jobs.inSystem
    world.apply(.failNode(NodeID(0)))
    #expect(present > 1 && world.jobs.inSystem == 0 && world.jobs.all.tally.lost == present)
    _ = world.run(to: .max / 4)
    let tally = world.jobs.all.tally
    #expect(tally.arrived == 300 && tally.completed + tally.lost + tally.refused == 300)
    #expect(world.coreUse.offered == 500_000_000 + world.now && world.invariants?.violation == nil)
  }

  @Test func aWorkloadThatWasStoppedIsOver() {
    var world = Self.world()
    world.apply(.startWorkload(Self.workload(limit: nil)))
    #expect(!world.isAtRest && world.awaitsJobs)
    _ = world.run(to: 1_000_000_000)
    #expect(world.apply(.stopWorkload("w")) == .done && world.apply(.stopWorkload("w")) == .refused)
    let asked = world.jobs.workloads[0].asked
    #expect(world.run(to: .max / 4) == .quiet)
    #expect(world.jobs.workloads[0].asked == asked && world.jobs.workloads[0].stoppedAt == 1_000_000_000)
  }

  /// A job that has a core to itself takes as long as its service, and one that has to share it longer.
  @Test func aTraceIsFollowedToTheNanosecond() {
    var world = Self.world(nodes: 2)
    let trace = JobTrace(
      [
        JobTrace.Job(arrival: 5, service: 1_000_000_007, node: 0),
        JobTrace.Job(arrival: 5, service: 400_000_000, node: 1),
        JobTrace.Job(arrival: 100_000_000, service: 400_000_000, pages: 9, threads: 2, node: 1),
      ], nodes: [NodeID(1), NodeID(0)])
    world.apply(
      .startWorkload(
        Workload(name: "t", jobs: .trace(trace), template: SpawnRequest(name: "t", program: Programs.job, pages: 4))))
    #expect(world.run(to: .max / 4) == .quiet)
    #expect(world.jobs.jobs.map(\.arrivedAt) == [5, 5, 100_000_000])
    #expect(world.jobs.jobs[0].endedAt == 5 + 1_000_000_007)
    // Three threads of 400 ms share a core, two of them from 100 ms on: the first has had 100 ms then.
    #expect(world.jobs.jobs.map(\.endedAt).max() == 5 + 1_200_000_000)
    #expect(world.processes.all.map(\.id.origin) == [NodeID(1), NodeID(0), NodeID(0)])
    #expect(world.processes.all.map(\.name) == ["t1", "t2", "t3"])
    #expect(world.processes.all.compactMap(\.summary?.pages) == [4, 4, 9])
  }

  @Test func littlesLawIsFoundBroken() {
    var world = Self.world()
    world.apply(.startWorkload(Self.workload()))
    _ = world.run(to: 1_000_000_000)
    #expect(LittlesLaw.check(world) == nil)
    world.chronicle.jobs.area -= 1
    #expect(LittlesLaw.check(world)?.hasPrefix("Little's law") == true)
    _ = world.run(to: 2_000_000_000)
    #expect(world.invariants?.violation?.checker == .littlesLaw)
  }
}

/// The ledger, told by hand.
@Suite struct JobLedgerTests {
  private static func process(_ serial: UInt32) -> ProcessID {
    ProcessID(origin: NodeID(0), incarnation: 1, serial: serial)
  }

  @Test func meansAndPercentiles() throws {
    var ledger = JobLedger()
    let workload = ledger.start(WorkloadTests.workload(), at: 0)
    for number in 1...20 as ClosedRange<UInt32> {
      ledger.arrive(Self.process(number), of: workload, service: 10, at: 0)
    }
    for number in 1...20 as ClosedRange<UInt32> {
      ledger.end(Self.process(number), .completed, at: UInt64(number) * 10)
    }
    let jobs = ledger.all
    #expect(jobs.tally.completed == 20 && jobs.tally.meanResponse == 105 && jobs.tally.maxResponse == 200)
    #expect(jobs.tally.meanSlowdown == 10.5)
    // By nearest rank: of 20 values the 19th is at 95%, and the 20th at 99%.
    #expect(jobs.responses(atPercentiles: [0, 5, 6, 50, 95, 99, 100]) == [10, 10, 20, 100, 190, 200, 200])
    let shares = (1...20).map { 1 / Double($0) }
    let (sum, squares) = (shares.reduce(0, +), shares.reduce(0) { $0 + $1 * $1 })
    #expect(abs(try #require(jobs.tally.fairness) - sum * sum / (20 * squares)) < 1e-12)
    #expect(jobs.meanInSystem(at: 200) == 10.5 && jobs.meanInSystem(at: 400) == 5.25)
    #expect(ledger.integral(at: 400) == 2100 && ledger.sumOfTimes(at: 400) == 2100)
  }

  @Test func withoutJobsThereIsNothingToTell() {
    var ledger = JobLedger()
    #expect(ledger.all.tally.meanResponse == nil && ledger.all.meanInSystem(at: 5) == nil)
    let workload = ledger.start(WorkloadTests.workload(), at: 7)
    #expect(ledger.all.meanInSystem(at: 7) == nil && ledger.all.meanInSystem(at: 8) == 0)
    ledger.arrive(nil, of: workload, service: 3, at: 9)
    #expect(ledger.all.tally.refused == 1 && ledger.all.tally.fairness == nil && ledger.inSystem == 0)
    #expect(ledger.all.responses(atPercentiles: [50]) == [nil] && ledger.of("v") == nil)
  }

  /// To leave out the first jobs later gives the same as to have done so from the beginning.
  @Test(arguments: 0..<20 as Range<UInt64>) func aWarmUpCanBeSetAtAnyTime(seed: UInt64) {
    var generator = Generator(seed: seed)
    var (early, late) = (JobLedger(), JobLedger())
    early.setWarmUp(500)
    let numbers = ["w", "v"].map { name in
      _ = early.start(WorkloadTests.workload(name), at: 0)
      return late.start(WorkloadTests.workload(name), at: 0)
    }
    var (serial, time): (UInt32, Nanoseconds) = (0, 0)
    var present: [ProcessID] = []
    func both(_ change: (inout JobLedger) -> Void) {
      change(&early)
      change(&late)
    }
    for _ in 0..<400 {
      time += generator.next(below: 6)
      switch generator.next(below: 5) {
      case 0...1:
        serial += 1
        let (process, service) = (Self.process(serial), generator.next(below: 50) + 1)
        let number = numbers[Int(generator.next(below: 2))]
        let isRefused = generator.next(below: 5) == 0
        both { $0.arrive(isRefused ? nil : process, of: number, service: service, at: time) }
        if !isRefused { present.append(process) }
      case 2...3 where !present.isEmpty:
        let process = present.remove(at: Int(generator.next(below: UInt64(present.count))))
        let fate = [JobLedger.Fate.completed, .completed, .lost, .killed][Int(generator.next(below: 4))]
        both { $0.end(process, fate, at: time) }
      default:
        guard let process = present.first else { continue }
        both { $0.move(process) }
        both { $0.carry(bytes: 100, for: process) }
      }
      #expect(late.integral(at: time + 3) == late.sumOfTimes(at: time + 3))
    }
    late.setWarmUp(500)
    for (one, other) in zip(early.workloads, late.workloads) {
      var tally = one.tally
      let same = other.tally
      // Sums of fractions in another order.
      #expect(abs((tally.meanSlowdown ?? 0) - (same.meanSlowdown ?? 0)) < 1e-9)
      (tally.slowdowns, tally.shares, tally.shareSquares) = (same.slowdowns, same.shares, same.shareSquares)
      #expect(tally == same)
    }
    #expect(early.all.responses(atPercentiles: [50, 95]) == late.all.responses(atPercentiles: [50, 95]))
    #expect(early.all.meanInSystem(at: time) == late.all.meanInSystem(at: time))
    #expect(late.inSystem == present.count && late.all.inSystem == present.count)
  }
}
