import Chronicle
import MigrationKernel

/// One workload as it draws its jobs.
///
/// Everything that is drawn has a stream of its own, and a job takes from each as much whatever has become of others. So two
/// runs with one seed have the same jobs at the same instants, under whatever policies: their difference is that of the
/// policies.
struct WorkloadSource: Sendable {
  let workload: Workload
  /// Jobs that have come, refused ones included.
  private(set) var count = 0
  private var arrivals: Generator
  private var services: Generator
  private var nodes: Generator
  private var seeds: Generator
  /// When it started.
  private var start: Nanoseconds
  /// When the latest job came, or the next will: not rounded, so that the rate is as it should be.
  private var position = 0.0

  /// A job that comes.
  struct Job {
    let number: Int
    let service: Nanoseconds
    let pages: Int
    let threads: Int
    /// Where it is asked for; nil when the nodes of the workload are drawn from.
    let node: NodeID?
    /// From which its node is drawn.
    let draw: UInt64
    let seed: UInt64
  }

  init(_ workload: Workload, seed: UInt64, at time: Nanoseconds) {
    self.workload = workload
    arrivals = Generator(seed: Generator.fold(seed, 1))
    services = Generator(seed: Generator.fold(seed, 2))
    nodes = Generator(seed: Generator.fold(seed, 3))
    seeds = Generator(seed: Generator.fold(seed, 4))
    start = time
  }

  /// Draws from other streams from now on. What a trace says stays.
  mutating func reseed(_ seed: UInt64, at time: Nanoseconds) {
    let earlier = self
    self = WorkloadSource(workload, seed: seed, at: time)
    count = earlier.count
    if case .trace = workload.jobs { start = earlier.start }
  }

  /// When the next job comes; nil when there are no more.
  mutating func nextArrival() -> Nanoseconds? {
    guard count < workload.total ?? .max else { return nil }
    let after: Nanoseconds
    switch workload.jobs {
    case .trace(let trace): after = trace.jobs[count].arrival
    case .poisson(let rate, _):
      position += arrivals.nextInterval(rate: rate)
      guard position < 9e18 else { return nil }
      after = Nanoseconds(position.rounded())
    }
    let (time, overflow) = start.addingReportingOverflow(after)
    return overflow ? nil : time
  }

  /// The job that comes now.
  mutating func takeJob() -> Job {
    count += 1
    let (draw, seed) = (nodes.next(), seeds.next())
    switch workload.jobs {
    case .poisson(_, let distribution):
      return Job(
        number: count, service: distribution.draw(&services), pages: workload.template.pages,
        threads: workload.template.threads, node: nil, draw: draw, seed: seed)
    case .trace(let trace):
      let job = trace.jobs[count - 1]
      return Job(
        number: count, service: job.service, pages: job.pages > 0 ? Int(job.pages) : workload.template.pages,
        threads: Int(job.threads), node: job.node < 0 ? nil : trace.nodes[Int(job.node)], draw: draw, seed: seed)
    }
  }
}

/// Jobs come.
extension World {
  /// Whether jobs are still to come.
  public var awaitsJobs: Bool { jobs.workloads.contains { $0.stoppedAt == nil } }

  /// - Precondition: there never was a workload of that name.
  mutating func startWorkload(_ workload: Workload) {
    hasDrawn = true
    let number = chronicle.jobs.start(workload, at: now)
    workloads.append(WorkloadSource(workload, seed: generator.next(), at: now))
    scheduleJob(of: number)
  }

  /// - Returns: false when no such workload runs.
  mutating func stopWorkload(_ name: String) -> Bool {
    guard let number = jobs.number(ofWorkload: name), jobs.workloads[number].stoppedAt == nil else { return false }
    chronicle.jobs.stop(number, at: now)
    _ = queue.remove { if case .job(number) = $0 { true } else { false } }
    return true
  }

  /// Draws everything random from another seed from now on, on a copy with which something is tried: which jobs come, what
  /// policies choose by chance, which packets are lost. Poisson arrivals do not remember, so the next job may be drawn anew.
  public mutating func reseed(_ seed: UInt64) {
    generator = Generator(seed: seed)
    network.setSeed(seed)
    for node in nodes.indices { nodes[node].kernel?.reseed(Generator.fold(seed, UInt64(node))) }
    for number in workloads.indices {
      workloads[number].reseed(Generator.fold(seed, ~UInt64(number)), at: now)
      guard jobs.workloads[number].stoppedAt == nil else { continue }
      _ = queue.remove { if case .job(number) = $0 { true } else { false } }
      scheduleJob(of: number)
    }
  }

  private mutating func scheduleJob(of workload: Int) {
    if let time = workloads[workload].nextArrival() {
      queue.schedule(.job(workload: workload), at: max(time, now))
    } else {
      chronicle.jobs.stop(workload, at: now)
    }
  }

  /// Creates the process of a job, and looks ahead to the next.
  mutating func jobComes(of number: Int) {
    eventCount += 1
    lastEffect = now
    let job = workloads[number].takeJob()
    var request = workloads[number].workload.template
    request.name = "\(workloads[number].workload.name)\(job.number)"
    request.environment[Workload.serviceVariable] = .number(job.service)
    (request.pages, request.threads, request.seed) = (job.pages, job.threads, job.seed)
    request.isPlaced = true
    let process = nodeForJob(job, of: number).flatMap { create(request, on: $0) }
    chronicle.jobs.arrive(process, of: number, service: job.service, at: now)
    scheduleJob(of: number)
    if invariants != nil { checkInvariants() }
  }

  /// Each node that is up is as likely as the others; nil when none is.
  private func nodeForJob(_ job: WorkloadSource.Job, of number: Int) -> NodeID? {
    if let node = job.node { return self[node].isUp ? node : nil }
    let chosen = workloads[number].workload.nodes
    return chosen.isEmpty ? draw(job.draw, from: membership.members) : draw(job.draw, from: chosen)
  }

  private func draw(_ seed: UInt64, from nodes: some RandomAccessCollection<NodeID>) -> NodeID? {
    var generator = Generator(seed: seed)
    func pick(_ count: Int) -> Int { Int(generator.next(below: UInt64(count))) }
    guard !nodes.isEmpty else { return nil }
    // Most of the time the first is up, and nobody has to look at all of them.
    let first = nodes[nodes.index(nodes.startIndex, offsetBy: pick(nodes.count))]
    if self[first].isUp { return first }
    let up = nodes.filter { self[$0].isUp }
    return up.isEmpty ? nil : up[pick(up.count)]
  }
}
