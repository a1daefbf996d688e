import MigrationKernel
import Testing

@testable import Chronicle
@testable import Simulator

/// A cluster on which jobs come by chance, and what becomes of them under some policies.
struct PolicyScene: Sendable {
  static let second: Nanoseconds = 1_000_000_000

  var nodes = 20
  var load = 0.5
  var family = ServiceDistribution.Family.exponential
  var shape: Double?
  /// The mean service time.
  var mean = Self.second
  /// Longer than every burst: first come, first served.
  var quantum: Nanoseconds = 3600 * Self.second
  var latency: Nanoseconds = 10_000
  var bandwidth: UInt64 = 10_000_000_000
  /// Pages of a job.
  var pages = 1
  var loadInterval: Nanoseconds = 0
  var costs = KernelCosts()
  /// Jobs after the warm-up.
  var jobs = 2000
  /// How long jobs come that are left out, in mean service times.
  var warmUp = 20.0
  var seeds = 8

  /// What became of the jobs of one run.
  struct Outcome {
    /// The mean response time, in mean service times.
    let response: Double
    /// The mean time that a job took longer than its service, in mean service times.
    let delay: Double
    let slowdown: Double
    /// Moves of jobs that had begun, for each job.
    let moves: Double
    let utilisation: Double
  }

  func world(_ policies: Policies, seed: UInt64) -> World {
    var world = World(seed: seed)
    var line = Line()
    (line.latency, line.bandwidth) = (latency, bandwidth)
    world.apply(.setNetwork(line))
    var settings = NodeSettings()
    (settings.quantum, settings.costs) = (quantum, costs)
    for number in 0..<nodes { world.apply(.addNode(name: "n\(number)", settings)) }
    if loadInterval > 0 { world.apply(.setLoadInterval(loadInterval)) }
    var policies = policies
    policies.nominalRate = bandwidth
    world.apply(.setPolicies(policies))
    let rate = load * Double(nodes) * 1e9 / Double(mean)
    let first = warmUp * load * Double(nodes)
    world.apply(.setWarmUp(Nanoseconds(warmUp * Double(mean))))
    let service = ServiceDistribution(family, mean: mean, shape: shape)
    world.apply(
      .startWorkload(
        Workload(
          name: "w", jobs: .poisson(rate: rate, service: service), limit: Int(first) + jobs,
          template: SpawnRequest(name: "w", program: Programs.job, pages: pages))))
    return world
  }

  func run(_ policies: Policies, seed: UInt64) -> Outcome {
    var world = world(policies, seed: seed)
    // Nodes that tell or balance their load never come to rest.
    while world.awaitsJobs || world.jobs.inSystem > 0 { _ = world.run(to: world.now + 10 * mean) }
    let tally = world.jobs.all.tally
    #expect(tally.completed == tally.arrived && tally.completed > jobs / 2)
    #expect(LittlesLaw.check(world) == nil)
    let counted = world.jobs.jobs.filter { $0.arrivedAt >= world.jobs.warmUp }
    let served = counted.reduce(0.0) { $0 + Double($1.service) } / Double(max(1, counted.count))
    let response = Double(tally.meanResponse ?? 0)
    return Outcome(
      response: response / Double(mean), delay: (response - served) / Double(mean), slowdown: tally.meanSlowdown ?? 0,
      moves: Double(tally.migrations) / Double(max(1, tally.completed)),
      utilisation: world.coreUse.utilisation ?? 0)
  }

  func runs(_ policies: Policies) -> [Outcome] { (1...seeds).map { run(policies, seed: UInt64($0)) } }

  /// Something of every run, on average.
  func measure(_ policies: Policies, _ read: (Outcome) -> Double = { $0.response }) -> Measured {
    Measured(runs(policies).map(read))
  }
}

/// A mean over seeds, and how far from that its 99 % confidence interval reaches.
struct Measured: CustomStringConvertible {
  let mean: Double
  let reach: Double

  /// Of Student's distribution with so many degrees of freedom less one: 99 % lie within.
  private static let quantiles = [
    2: 63.657, 3: 9.925, 4: 5.841, 5: 4.604, 6: 4.032, 7: 3.707, 8: 3.499, 9: 3.355, 10: 3.250, 12: 3.106, 16: 2.947,
    20: 2.861,
  ]

  init(_ values: [Double]) {
    let count = Double(values.count)
    let average = values.reduce(0, +) / count
    let variance = values.reduce(0) { $0 + ($1 - average) * ($1 - average) } / (count - 1)
    mean = average
    reach = (Self.quantiles[values.count] ?? .infinity) * (variance / count).squareRoot()
  }

  var description: String {
    func short(_ number: Double) -> String { "\((number * 10_000).rounded() / 10_000)" }
    return "\(short(mean)) ± \(short(reach))"
  }
}

extension Policies {
  /// Processes begin where a policy says.
  static func placing(_ policy: NodePolicy, threshold: Double = 1, probes: Int = 3, inflates: Bool = false) -> Policies
  {
    var policies = Policies()
    policies.placement = NodeRule(policy)
    (policies.placement.threshold, policies.placement.probes) = (threshold, probes)
    policies.placement.inflates = inflates
    return policies
  }

  /// Nodes balance their load.
  static func balancing(
    _ initiation: InitiationPolicy, _ selection: SelectionPolicy, _ destination: NodePolicy, threshold: Double = 1,
    probes: Int = 3, weighsCost: Bool = false
  ) -> Policies {
    var policies = Policies()
    policies.isBalancing = true
    policies.selection = selection
    policies.destination = NodeRule(destination)
    (policies.destination.threshold, policies.destination.probes) = (threshold, probes)
    policies.initiation.policy = initiation
    (policies.initiation.threshold, policies.initiation.probes) = (threshold, probes)
    policies.initiation.weighsCost = weighsCost
    return policies
  }
}
