import MigrationKernel

/// The jobs of all workloads: when each came, and what became of it. The driver says which processes are jobs; facts say the
/// rest.
///
/// Of every job a few words are kept, in chunks, so that a copy of the world is cheap and percentiles are exact. What is asked
/// often is counted as things happen; the rest is reckoned from the list when somebody asks.
public struct JobLedger: Sendable {
  /// What became of a job.
  public enum Fate: UInt8, Sendable {
    case inSystem, completed
    /// No node could take it.
    case refused
    /// With a node.
    case lost
    /// By the operator, or by a fault of its program.
    case killed
  }

  /// One job.
  struct Job: Sendable {
    let arrivedAt: Nanoseconds
    let service: Nanoseconds
    /// Only when it is no longer in the system.
    var endedAt: Nanoseconds = 0
    let workload: UInt32
    var fate = Fate.inSystem
    /// It began on another node than the one that was asked.
    var isPlaced = false
    /// How often it has moved since it began, and the bytes that carried it.
    var migrations: UInt16 = 0
    var bytes = 0
  }

  /// One workload, as the driver tells of it.
  public struct WorkloadRecord: Sendable {
    /// The workload itself.
    public let workload: Workload
    /// Since when jobs come.
    public let startedAt: Nanoseconds
    /// Since when no more come; nil as long as some do.
    public internal(set) var stoppedAt: Nanoseconds?
    /// How many jobs have been asked for, whatever the warm-up is.
    public internal(set) var asked = 0
    /// How many of its jobs are in the system.
    public internal(set) var inSystem = 0
    /// What became of those that came after the warm-up.
    public internal(set) var tally = JobTally()
  }

  private(set) var jobs = ChunkedArray<Job>()
  /// The place of every job that is in the system.
  private(set) var places: [ProcessID: Int] = [:]
  /// Every workload that ever was, in the order in which they started.
  public private(set) var workloads: [WorkloadRecord] = []
  private var numbers: [String: Int] = [:]
  /// Jobs that came before this time are left out of all that is told, but for how many are in the system.
  public private(set) var warmUp: Nanoseconds = 0

  /// How many jobs have come, those included that no node could take.
  public var count: Int { jobs.count }
  /// How many jobs are in the system.
  public private(set) var inSystem = 0
  /// How often that number has changed.
  public private(set) var changes = 0
  /// The integral of that number over time, up to the last change.
  var area: UInt128 = 0
  private var changedAt: Nanoseconds = 0

  init() {}

  /// The number of a workload.
  public func number(ofWorkload name: String) -> Int? { numbers[name] }

  // MARK: - What the driver tells

  /// - Returns: the workload's number.
  public mutating func start(_ workload: Workload, at time: Nanoseconds) -> Int {
    precondition(numbers[workload.name] == nil, "there is a workload \(workload.name) already")
    workloads.append(WorkloadRecord(workload: workload, startedAt: time))
    numbers[workload.name] = workloads.count - 1
    return workloads.count - 1
  }

  /// No more jobs come.
  public mutating func stop(_ workload: Int, at time: Nanoseconds) {
    if workloads[workload].stoppedAt == nil { workloads[workload].stoppedAt = time }
  }

  /// A job came: as that process, or, without one, as none, since no node could take it.
  public mutating func arrive(_ process: ProcessID?, of workload: Int, service: Nanoseconds, at time: Nanoseconds) {
    workloads[workload].asked += 1
    var job = Job(arrivedAt: time, service: service, workload: UInt32(workload))
    if time >= warmUp { workloads[workload].tally.arrived += 1 }
    guard let process else {
      (job.endedAt, job.fate) = (time, .refused)
      jobs.append(job)
      if time >= warmUp { workloads[workload].tally.add(job) }
      return
    }
    places[process] = jobs.count
    jobs.append(job)
    change(by: 1, at: time)
    workloads[workload].inSystem += 1
  }

  /// Leaves out jobs that came before `time` from now on.
  public mutating func setWarmUp(_ time: Nanoseconds) {
    warmUp = time
    for number in workloads.indices { workloads[number].tally = JobTally() }
    for job in jobs where job.arrivedAt >= time {
      workloads[Int(job.workload)].tally.arrived += 1
      if job.isPlaced { workloads[Int(job.workload)].tally.placed += 1 }
      workloads[Int(job.workload)].tally.migrations += Int(job.migrations)
      workloads[Int(job.workload)].tally.bytes += job.bytes
      workloads[Int(job.workload)].tally.add(job)
    }
  }

  // MARK: - What facts tell

  /// A process is no more. If it was a job, that has come to an end.
  mutating func end(_ process: ProcessID, _ fate: Fate, at time: Nanoseconds) {
    guard let place = places.removeValue(forKey: process) else { return }
    jobs[place].endedAt = time
    jobs[place].fate = fate
    change(by: -1, at: time)
    let job = jobs[place]
    workloads[Int(job.workload)].inSystem -= 1
    if job.arrivedAt >= warmUp { workloads[Int(job.workload)].tally.add(job) }
  }

  /// A process begins on another node than the one that was asked for it.
  mutating func place(_ process: ProcessID) {
    guard let place = places[process], !jobs[place].isPlaced else { return }
    jobs[place].isPlaced = true
    if jobs[place].arrivedAt >= warmUp { workloads[Int(jobs[place].workload)].tally.placed += 1 }
  }

  /// A process that had begun has moved.
  mutating func move(_ process: ProcessID) {
    guard let place = places[process], jobs[place].migrations < .max else { return }
    jobs[place].migrations += 1
    if jobs[place].arrivedAt >= warmUp { workloads[Int(jobs[place].workload)].tally.migrations += 1 }
  }

  /// The network carries pages or state of a process that moves.
  mutating func carry(bytes: Int, for process: ProcessID) {
    guard let place = places[process] else { return }
    jobs[place].bytes += bytes
    if jobs[place].arrivedAt >= warmUp { workloads[Int(jobs[place].workload)].tally.bytes += bytes }
  }

  private mutating func change(by difference: Int, at time: Nanoseconds) {
    area += UInt128(inSystem) * UInt128(time - changedAt)
    changedAt = time
    inSystem += difference
    changes += 1
  }

  // MARK: - Little's law

  /// The jobs that are in the system, in no order.
  public var present: some Collection<ProcessID> { places.keys }

  /// The integral of the number of jobs in the system over time, up to `now`: reckoned at each change of that number.
  public func integral(at now: Nanoseconds) -> UInt128 { area + UInt128(inSystem) * UInt128(now - changedAt) }

  /// The sum of the times that jobs have been in the system up to `now`: reckoned job by job.
  public func sumOfTimes(at now: Nanoseconds) -> UInt128 {
    jobs.reduce(0) { $0 + UInt128(($1.fate == .inSystem ? now : $1.endedAt) - $1.arrivedAt) }
  }
}
