/// What a node tells all others of its load, now and then. Nobody knows more of another node than it has told, and that is as
/// old as its last word: a policy works with what its own node has heard.
///
/// Every node tells it by itself, after each interval (as in MOSIX: Barak, Guday and Wheeler, "The MOSIX distributed operating
/// system", 1993). Nobody answers.
///
///     fault                      | load report
///     ---------------------------+---------------------------------------------------------------------------------------
///     its node crashes           | others believe the last one, which grows older
///     the node that hears it     | it knows nothing after it has booted, until each other has told it again
///     crashes                    |
///     connection breaks          | lost; the next comes when the line is whole
///     cut heals in time          | it comes late: its age counts from when it is heard
///     late or repeated           | believed like any other, since no two clocks need agree; the next one corrects it
public struct LoadReport: Sendable, Equatable {
  /// Threads that run or could.
  public let runnable: Int
  /// How many threads can run at a time.
  public let cores: Int
  /// The speed of a core, in thousandths.
  public let speed: UInt64
  /// Bytes of memory that are free.
  public let freeMemory: UInt64
  /// How many processes there are.
  public let processes: Int

  /// Runnable threads for each core.
  public var load: Double { Double(runnable) / Double(max(1, cores)) }

  /// The same, but for the memory that is free.
  func with(freeMemory: UInt64) -> LoadReport {
    LoadReport(runnable: runnable, cores: cores, speed: speed, freeMemory: freeMemory, processes: processes)
  }
}

/// What a node believes of another.
public struct LoadBelief: Sendable, Equatable {
  /// What it was told last.
  public internal(set) var report: LoadReport
  /// When that came, by its own clock.
  public let heardAt: Nanoseconds
}

extension NodeKernel {
  /// What this node would tell now: with load inflation, also what is on its way to it.
  public var loadReport: LoadReport {
    let inflates = policies.destination.inflates || policies.placement.inflates
    let coming = inflates ? arrivals.values.reduce(0) { $0 + $1.threads } : 0
    return LoadReport(
      runnable: runnableThreads + coming, cores: settings.cores, speed: settings.speed,
      freeMemory: UInt64(clamping: freeFrames) * UInt64(clamping: settings.pageSize), processes: processes.count)
  }

  /// From now on the node tells its load after each interval; never again when that is 0.
  mutating func tellLoad(every interval: Nanoseconds, _ out: inout EffectBuffer) {
    settings.loadInterval = interval
    loadRounds &+= 1
    awaitNextLoad(&out)
  }

  private func awaitNextLoad(_ out: inout EffectBuffer) {
    guard settings.loadInterval > 0 else { return }
    let (time, overflow) = out.now.addingReportingOverflow(settings.loadInterval)
    if !overflow { out.setTimer(.load(round: loadRounds), at: time) }
  }

  mutating func loadIsDue(round: UInt32, _ out: inout EffectBuffer) {
    // A timer may be of an earlier interval.
    guard round == loadRounds else { return }
    let report = loadReport
    for member in members where member != id { out.send(.load(report), to: member) }
    awaitNextLoad(&out)
  }

  mutating func loadTold(_ report: LoadReport, by node: NodeID, now: Nanoseconds) {
    beliefs[node] = LoadBelief(report: report, heardAt: now)
    countArrivals(in: node)
  }
}
