import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// `compare policy`: the jobs of the workloads under several policies, each on copies of the world, with the same seeds.
extension Commands {
  static let comparePolicy = Command(
    "compare policy", [ComparedPolicies.names],
    flags: [ComparedPolicies.time, ComparedPolicies.seeds, ComparedPolicies.warmUp],
    summary: "how jobs fare under several policies, side by side",
    details: """
      Names are sets made with `policy set`, `none`, or placement policies; commas stand between them. Each is tried on copies of \
      the world, from the same seeds: whatever the policy, the same jobs come at the same instants. So the difference between two \
      policies is told more exactly than either. The world itself stays as it is.
      """,
    examples: [
      "compare policy none,shortest --for 10s --seeds 2",
      "compare policy none,shortest --for 10s --warm-up 2s --seeds 2",
    ], preparation: "node add a b; workload add w --on a --rate 8 --service exponential --mean 100ms",
    data: .rows(comparedPolicy),
    group: "Policy", copiesWorld: true,
    effect: .nothing, run: comparePolicy)

  private static let comparedPolicy: [DataShape.Member] = [
    .init("policy", .text, "its name"),
    .init("completed", SharedShape.estimate(.number), "jobs that ran to their end; null when not known"),
    .init("meanResponse", SharedShape.estimate(.time), "mean response time; null when no job has completed"),
    .init(
      "difference", SharedShape.estimate(.number),
      "by what part that is longer than under the first policy; null when not known"),
    .init("p95Response", SharedShape.estimate(.time), "its 95th percentile; null when no job has completed"),
    .init("meanSlowdown", SharedShape.estimate(.number), "mean slowdown; null when no job has completed"),
    .init("fairness", SharedShape.estimate(.number), "Jain's index; null when no job has completed"),
    .init("meanQueue", SharedShape.estimate(.number), "jobs in the system on average; null when not known"),
    .init("utilisation", SharedShape.estimate(.number), "the part of core time that is used; null when not known"),
    .init("placed", SharedShape.estimate(.number), "jobs placed elsewhere; null when not known"),
    .init("migrations", SharedShape.estimate(.number), "jobs that moved; null when not known"),
    .init("bytes", SharedShape.estimate(.size), "what the network carried; null when not known"),
  ]

  private static func comparePolicy(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let policies = try ComparedPolicies.read(call, session)
    let time = try call[ComparedPolicies.time] ?? 200_000_000_000
    let warmUp = try call[ComparedPolicies.warmUp] ?? time / 10
    let seeds = try call[ComparedPolicies.seeds] ?? 5
    let world = session.state.world
    guard world.awaitsJobs else {
      throw call.refuse(
        "no jobs come that could be compared",
        remedy: "`workload add work --rate 1 --service exponential --mean 500ms` has some come")
    }
    guard warmUp < time else {
      throw call.refuse(
        "nothing would be left: the warm-up lasts as long as the whole", at: call.span(of: ComparedPolicies.warmUp),
        expected: "less than \(formatTime(time))")
    }
    guard world.now < session.options.limits.time - min(session.options.limits.time, time) else {
      throw call.refuse("that is beyond the end of the clock", at: call.span(of: ComparedPolicies.time))
    }
    let runs = try session.runExperiment(call, copies: policies.count * Int(seeds)) {
      (experiment) throws(SessionError) in
      var runs: [[PolicyRun]] = []
      for policy in policies {
        var results: [PolicyRun] = []
        for seed in 1...seeds {
          experiment.beginCopy()
          var copy = world
          copy.reseed(Generator.fold(world.seed, UInt64(seed)))
          var chosen = policy.policies
          chosen.nominalRate = world.lineDefaults.bandwidth
          copy.apply(.setPolicies(chosen))
          copy.apply(.setWarmUp(world.now + warmUp))
          guard experiment.run(&copy, to: world.now + time) else { return nil as [[PolicyRun]]? }
          results.append(PolicyRun(copy, since: world))
        }
        runs.append(results)
      }
      return runs
    }
    return report(policies.map(\.name), runs, time: time, warmUp: warmUp, world)
  }

  private static func report(
    _ names: [String], _ runs: [[PolicyRun]], time: Nanoseconds, warmUp: Nanoseconds, _ world: any Cluster
  ) -> Report {
    let rows = zip(names, runs).map { PolicyRow(name: $0, runs: $1, first: runs[0]) }
    func column(
      _ title: String?, _ name: String, _ dimension: Dimension, _ read: @escaping @Sendable (PolicyRun) -> Double?,
      withMargin: Bool = false
    ) -> Column<PolicyRow> {
      Column(data: name, title: title.map { $0 + ">" }) { row in
        row.estimate(read)?.datum(dimension) ?? .value(.none)
      } shown: { row in
        row.estimate(read)?.text(dimension, withMargin: withMargin) ?? "-"
      }
    }
    let columns: [Column<PolicyRow>] = [
      Column("POLICY", "policy") { .word($0.name) }, column(nil, "completed", .number, { $0.completed }),
      column("MEAN", "meanResponse", .time, { $0.meanResponse }, withMargin: true),
      Column(data: "difference", title: "AGAINST \(names[0])>") {
        $0.difference?.datum(.share) ?? .value(.none)
      } shown: { row in
        guard let difference = row.difference, row.name != names[0] else { return "" }
        return (difference.mean > 0 ? "+" : "") + difference.text(.share)
      },
      column("P95", "p95Response", .time, { $0.p95Response }, withMargin: true),
      column("SLOWDOWN", "meanSlowdown", .number, { $0.meanSlowdown }),
      column(nil, "fairness", .number, { $0.fairness }),
      column("QUEUE", "meanQueue", .number, { $0.meanQueue }),
      column("USED", "utilisation", .share, { $0.utilisation }),
      column("PLACED", "placed", .number, { $0.placed }), column("MOVED", "migrations", .number, { $0.migrations }),
      column("CARRIED", "bytes", .size, { $0.bytes }),
    ]
    let count = runs[0].count
    return Report([
      .table(Listing(rows, columns)),
      .sentence(
        """
        each watched for \(formatTime(time)) from \(counted(count, "seed")), the same for all; jobs that came in the first \
        \(formatTime(warmUp)) are left out\(count > 1 ? "; ± is half of the 95 % confidence interval over seeds" : "")
        """),
    ])
  }
}

/// What came of one run under one policy.
private struct PolicyRun: Sendable {
  var completed, meanResponse, p95Response, meanSlowdown, fairness, meanQueue, utilisation, migrations, placed,
    bytes: Double?

  init(_ world: World, since start: World) {
    let jobs = world.chronicle.jobs.all
    completed = Double(jobs.tally.completed)
    meanResponse = jobs.tally.meanResponse.map { Double($0) }
    p95Response = jobs.responses(atPercentiles: [95])[0].map { Double($0) }
    meanSlowdown = jobs.tally.meanSlowdown
    fairness = jobs.tally.fairness
    meanQueue = jobs.meanInSystem(at: world.now)
    utilisation = world.coreUse.since(start.coreUse).utilisation
    migrations = Double(jobs.tally.migrations)
    placed = Double(jobs.tally.placed)
    bytes = Double(Cause.allCases.reduce(0) { $0 + world.traffic(for: $1).bytes - start.traffic(for: $1).bytes })
  }
}

/// The runs under one policy, and those under the first to compare with.
private struct PolicyRow: Sendable {
  let name: String
  let runs: [PolicyRun]
  let first: [PolicyRun]

  func estimate(_ read: (PolicyRun) -> Double?) -> Estimate? { Estimate(runs.compactMap(read)) }

  /// By how much mean response is longer than under the first policy, seed by seed.
  var difference: Estimate? {
    Estimate(
      zip(runs, first).compactMap { run, other in
        guard let time = run.meanResponse, let base = other.meanResponse, base > 0 else { return nil }
        return time / base - 1
      })
  }
}

/// The arguments of `compare policy`.
private enum ComparedPolicies {
  static let names = Parameter("A,B,...", .argument(.names))
  static let time = Flag(
    "for", .time(in: 1_000_000_000...3_600_000_000_000_000, "a time to watch"), "how long each is watched (200 s)")
  static let seeds = Flag("seeds", .count(in: 1...1000, "a number of seeds"), "how often each is tried (5)")
  static let warmUp = Flag(
    "warm-up", .time(in: 0...3_600_000_000_000_000, "a warm-up"),
    "jobs that come before are left out (a tenth of the time)")

  static func read(
    _ call: Invocation, _ session: borrowing Session
  ) throws(SessionError) -> [(name: String, policies: Policies)] {
    let argument = try call[names]
    let parts = if case .group(let parts, _) = argument { parts } else { [argument] }
    var found: [(name: String, policies: Policies)] = []
    for part in parts {
      let name = try call.word(part)
      guard !found.contains(where: { $0.name == name }) else {
        throw call.refuse("`\(name)` stands here twice", at: part.span)
      }
      if Rules.isPolicy(name, session), session.state.policySets[name] == nil {
        let policy = try Rules.node(named: name, at: part.span, call, session)
        var policies = Policies()
        policies.placement = NodeRule(policy)
        found.append((name, policies))
      } else {
        let policies = try PolicySets.find(
          name, at: part.span, call, session, others: NodePolicy.all.map(\.name))
        found.append((name, policies))
      }
    }
    return found
  }
}
