import MigrationKernel

/// What follows from the chronicle and what kernels show together.
extension Cluster {
  /// The node whose kernel owns a process, or which prepares to; nil when it has ended or was lost.
  public func location(of process: ProcessID) -> NodeID? { processes[process]?.location }

  /// The process itself, wherever it is; nil when no node has it.
  public func view(of process: ProcessID) -> ProcessView? { processes[process].flatMap { view(of: $0) } }

  /// The same for one whose record is at hand.
  public func view(of record: ProcessDirectory.Record) -> ProcessView? {
    record.location.flatMap { self[$0].view(of: record.id) }
  }

  /// How a process stands on the node that owns it, or which prepares to; nil when it has ended or was lost.
  public func standing(of process: ProcessID) -> ProcessStanding? {
    location(of: process).flatMap { self[$0].standing(of: process) }
  }

  /// Core time that a process has used, over all its threads.
  public func cpuTime(of process: ProcessID) -> Nanoseconds? {
    processes[process].flatMap { cpuTime(of: $0) }
  }

  /// The same for one whose record is at hand.
  public func cpuTime(of record: ProcessDirectory.Record) -> Nanoseconds? {
    guard record.fate == .alive else { return record.summary?.cpuTime }
    return record.location.flatMap { self[$0].cpuTime(of: record.id, now: now) }
  }

  /// Its threads, in the order in which they began; none when it has ended or was lost.
  public func threads(of process: ProcessID) -> [ThreadView] {
    location(of: process).map { self[$0].threads(of: process, now: now) } ?? []
  }

  /// The other processes of its family on its node.
  public func relatives(of process: ProcessID) -> [ProcessID] {
    location(of: process).map { self[$0].relatives(of: process) } ?? []
  }

  /// True when others of its family are on their way to its node.
  public func awaitsRelatives(of process: ProcessID) -> Bool {
    location(of: process).map { self[$0].awaitsRelatives(of: process) } ?? false
  }

  /// The state of a process in the field's words, whatever became of it.
  public func state(of record: ProcessDirectory.Record) -> Process.State {
    switch record.fate {
    case .ended: .ended
    case .lost: .lost
    // Between the commit and its arrival the process stands still; if its destination has fallen, its source cannot know
    // whether it ran there.
    case .alive: view(of: record)?.state ?? .inDoubt
    }
  }

  /// Nodes by way of which a message may have to find the process: those that forward to it; or its origin when that is
  /// always asked, and the process is elsewhere.
  public func forwardingNodes(of process: ProcessID) -> [NodeID] {
    if process.forwarding.asksOrigin { return location(of: process) == process.origin ? [] : [process.origin] }
    return members.filter { self[$0].forwards(process) }
  }

  /// The other processes of its family that are alive.
  public func coprocesses(of process: ProcessID) -> [ProcessID] {
    guard let family = view(of: process)?.family else { return [] }
    return processes.all.filter { $0.id != process && $0.fate == .alive && view(of: $0.id)?.family == family }.map(\.id)
  }

  /// The processes that a process talks to, and where its kernel would look for them.
  public func correspondents(of process: ProcessID) -> [(process: ProcessID, location: Location?)] {
    let node = location(of: process)
    return (view(of: process)?.correspondents ?? []).map { correspondent in
      (correspondent, node.flatMap { self[$0].knownLocation(of: correspondent) })
    }
  }

  /// The origin of a process that prints or uses files there and is elsewhere; nil for any other process.
  public func terminalElsewhere(of process: ProcessID) -> NodeID? {
    guard let own = location(of: process), own != process.origin, let view = view(of: process) else { return nil }
    return view.prints || view.usesFiles ? process.origin : nil
  }

  /// Nodes, other than its own, that a process needs: to go on (they hold pages of it), to be reached (they forward to it),
  /// or to print (its terminal is there).
  public func residualDependencies(of process: ProcessID) -> [NodeID] {
    let holders = view(of: process)?.holdings.map(\.node) ?? []
    let own = location(of: process)
    let terminal = terminalElsewhere(of: process).map { [$0] } ?? []
    return Set(holders + forwardingNodes(of: process) + terminal).filter { $0 != own }.sorted()
  }
}

extension ProcessDirectory.Record {
  /// The node whose kernel owns the process, or which prepares to; nil when it has ended or was lost.
  public var location: NodeID? { fate == .alive ? owner.location : nil }
}

extension ProcessDirectory.Owner {
  /// The node whose kernel owns the process, or which prepares to.
  fileprivate var location: NodeID {
    switch self {
    case .node(let node): node
    case .inTransit(_, let destination): destination
    }
  }
}

extension ProcessDirectory {
  /// The processes that live, and where, as `location` says: no record is copied to look at it.
  package var living: some Sequence<(process: ProcessID, node: NodeID)> {
    let records = records
    return records.indices.lazy.compactMap { place in
      guard case .alive = records[place].fate else { return nil }
      return (records[place].id, records[place].owner.location)
    }
  }
}
