import Foundation
import MigrationKernel
import TestSupport
import Testing

@testable import Chronicle
@testable import Simulator

/// Whole runs against queueing theory: the mean response time over many seeds has what the theory says in its confidence
/// interval. The theory is reckoned here, from the moments of the distributions, and shares nothing with the simulator.
///
/// A node whose quantum is longer than every burst serves first come, first served; one with a short quantum shares its
/// cores.
@Suite(.whenThorough) struct QueueingTests {
  /// A queue, and how it is measured.
  struct Queue: Sendable, CustomTestStringConvertible {
    var family = ServiceDistribution.Family.exponential
    var shape: Double?
    var load = 0.5
    var cores = 1
    var quantum: Nanoseconds = 3_600_000_000_000
    var jobs = 1500

    var testDescription: String {
      "\(family) \(shape ?? 0), load \(load) on \(cores) cores, quantum \(quantum) ns"
    }

    /// Jobs a second: `load` of what the cores can do.
    var rate: Double { load * Double(cores) * 1e9 / Double(QueueingTests.mean) }
  }

  /// The mean service time.
  static let mean: Nanoseconds = 10_000_000
  private static let seeds: Range<UInt64> = 1..<21
  /// Of Student's distribution with 19 degrees of freedom: 99% lie within.
  private static let quantile = 2.861
  /// A fifth of the jobs comes before the queue is as it will be, and is left out.
  private static let warmUp = 0.2

  static func world(_ queue: Queue, seed: UInt64) -> World {
    var world = World(seed: seed)
    var settings = NodeSettings()
    settings.cores = queue.cores
    settings.quantum = queue.quantum
    world.apply(.addNode(name: "a", settings))
    world.apply(.setWarmUp(Nanoseconds(warmUp * Double(queue.jobs) / queue.rate * 1e9)))
    let service = ServiceDistribution(queue.family, mean: mean, shape: queue.shape)
    world.apply(
      .startWorkload(
        Workload(
          name: "w", jobs: .poisson(rate: queue.rate, service: service), limit: queue.jobs,
          template: SpawnRequest(name: "w", program: Programs.job, pages: 1))))
    return world
  }

  /// What the mean response time is, in mean service times: its mean over the seeds, and how far from that its
  /// confidence interval reaches.
  private static func measured(_ queue: Queue) -> (mean: Double, reach: Double) {
    let responses = seeds.map { seed -> Double in
      var world = world(queue, seed: seed)
      #expect(world.run(to: .max / 4) == .quiet)
      let tally = world.jobs.all.tally
      #expect(tally.completed == tally.arrived && tally.completed > queue.jobs * 7 / 10 && world.jobs.inSystem == 0)
      #expect(LittlesLaw.check(world) == nil)
      return Double(tally.meanResponse ?? 0) / Double(mean)
    }
    let count = Double(responses.count)
    let average = responses.reduce(0, +) / count
    let variance = responses.reduce(0) { $0 + ($1 - average) * ($1 - average) } / (count - 1)
    return (average, quantile * (variance / count).squareRoot())
  }

  private func expect(_ queue: Queue, _ theory: Double, within precision: Double = 0.1) {
    let (mean, reach) = Self.measured(queue)
    #expect(abs(mean - theory) <= reach, "\(mean) ± \(reach), and in theory \(theory)")
    // An interval that holds everything shows nothing.
    #expect(reach < precision * theory)
  }

  /// The mean of one over what is left of the rate: first come, first served, or shared.
  @Test(
    arguments: [0.5, 0.8], [3_600_000_000_000, 500_000] as [Nanoseconds])
  func oneServer(load: Double, quantum: Nanoseconds) {
    let queue = Queue(load: load, quantum: quantum, jobs: load > 0.6 ? 2500 : 1000)
    expect(queue, 1 / (1 - load), within: load > 0.6 ? 0.2 : 0.1)
  }

  /// Erlang's formula C says how likely a job is to wait.
  @Test(arguments: [2, 8]) func severalServers(cores: Int) {
    let (load, servers) = (0.8, Double(cores))
    let offered = load * servers
    var term = 1.0
    var sum = 0.0
    for number in 0..<cores {
      sum += term
      term *= offered / Double(number + 1)
    }
    let waiting = term / (1 - load) / (sum + term / (1 - load))
    expect(Queue(load: load, cores: cores, jobs: 2000), 1 + waiting / (servers * (1 - load)), within: 0.15)
  }

  /// With processor sharing only the mean of the service times counts, whatever their distribution.
  @Test(arguments: [
    Queue(family: .fixed, quantum: 200_000, jobs: 600),
    Queue(family: .lognormal, shape: 1, quantum: 200_000, jobs: 600),
    Queue(family: .pareto, shape: 2.5, quantum: 200_000, jobs: 600),
  ])
  func sharing(_ queue: Queue) { expect(queue, 1 / (1 - queue.load), within: 0.15) }

  /// Pollaczek and Khinchine: first come, first served, the wait grows with the second moment of the service times.
  @Test(arguments: [
    Queue(family: .fixed), Queue(family: .lognormal, shape: 1), Queue(family: .pareto, shape: 3.5),
    Queue(family: .fixed, load: 0.8, jobs: 2500),
  ])
  func firstComeFirstServed(_ queue: Queue) {
    let moment: Double
    switch queue.family {
    case .fixed: moment = 1
    case .exponential: moment = 2
    case .lognormal: moment = exp(pow(queue.shape ?? 1, 2))
    case .pareto:
      let shape = queue.shape ?? 1.5
      moment = pow((shape - 1) / shape, 2) * shape / (shape - 2)
    }
    expect(queue, 1 + queue.load * moment / (2 * (1 - queue.load)), within: 0.15)
  }

  /// The cores are used for as much of the time as the load says, and exactly for the time that the jobs needed.
  @Test func utilisation() throws {
    var world = Self.world(Queue(load: 0.6, cores: 2), seed: 1)
    #expect(world.run(to: .max / 4) == .quiet)
    let use = world.coreUse
    #expect(use.used == world.jobs.jobs.reduce(0) { $0 + $1.service })
    #expect(use.offered == 2 * world.now)
    #expect(abs(try #require(use.utilisation) - 0.6) < 0.03)
  }
}
