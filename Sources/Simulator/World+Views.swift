import Chronicle
import MigrationKernel

/// The cluster as whoever shows it may see it: what kernels publish, each asked alone, and what follows from all of it
/// together.
extension World.Node {
  /// What its kernel shows; nil while it is down.
  public var view: NodeView? { kernel?.view }
  /// Frames of its memory that are free; nil while it is down.
  public var freeFrames: Int? { kernel?.freeFrames }
  /// How many of its threads run or could; nil while it is down.
  public var runnableThreads: Int? { kernel?.runnableThreads }
  /// Processes that left a forwarding address on it, in order.
  public var forwardedProcesses: [ProcessID] { kernel?.locations.links.keys.sorted() ?? [] }

  /// Where it would look for a process; nil when it does not know, or is down.
  public func knownLocation(of process: ProcessID) -> Location? { kernel?.knownLocation(of: process) }

  /// How many pages one migration left on it; nil when it keeps none.
  public func keptPages(of attempt: MigrationAttempt) -> Int? { kernel?.keptPages(of: attempt) }
}

extension World {
  /// How a process stands on the node that owns it, or which prepares to; nil when it has ended or was lost.
  public func standing(of process: ProcessID) -> ProcessStanding? {
    location(of: process).flatMap { self[$0].kernel?.standing(of: process) }
  }

  /// The other processes of its family on its node.
  public func relatives(of process: ProcessID) -> [ProcessID] {
    location(of: process).flatMap { self[$0].kernel?.relatives(of: process) } ?? []
  }

  /// True when others of its family are on their way to its node.
  public func awaitsRelatives(of process: ProcessID) -> Bool {
    location(of: process).flatMap { self[$0].kernel?.awaitsRelatives(of: process) } ?? false
  }

  /// The state of a process in the field's words, whatever became of it.
  public func state(of record: ProcessDirectory.Record) -> Process.State {
    switch record.fate {
    case .ended: .ended
    case .lost: .lost
    // Between the commit and the arrival of the process nobody has it, and it stands still.
    case .alive: process(record.id)?.state ?? .frozen
    }
  }

  /// Nodes by way of which a message may have to find the process: those that forward to it; or its origin when that is
  /// always asked, and the process is elsewhere.
  public func linkNodes(of process: ProcessID) -> [NodeID] {
    if process.forwarding.asksOrigin { return location(of: process) == process.origin ? [] : [process.origin] }
    return members.filter { $0.kernel?.forwards(process) ?? false }.map(\.id)
  }

  /// The other processes of its family that are alive.
  public func coprocesses(of process: ProcessID) -> [ProcessID] {
    guard let family = self.process(process)?.family else { return [] }
    return processes.all.filter { $0.id != process && $0.fate == .alive && self.process($0.id)?.family == family }.map(
      \.id)
  }

  /// The processes that a process talks to, and where its kernel would look for them.
  public func links(of process: ProcessID) -> [(process: ProcessID, location: Location?)] {
    let node = location(of: process)
    return (self.process(process)?.correspondents ?? []).map { correspondent in
      (correspondent, node.flatMap { self[$0].knownLocation(of: correspondent) })
    }
  }

  /// Nodes, other than its own, that a process needs to go on (they hold pages of it) or to be reached (they forward to
  /// it).
  public func residualDependencies(of process: ProcessID) -> [NodeID] {
    let holders = self.process(process)?.holders.filter { !$0.pages.isEmpty }.map(\.node) ?? []
    let own = location(of: process)
    return Set(holders + linkNodes(of: process)).filter { $0 != own }.sorted()
  }
}
