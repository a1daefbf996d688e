/// A node as its kernel shows it to whoever asks: plain data, which a live cluster could send.
///
/// To make one takes time for every process on the node and every address that it knows. What is asked for often, the
/// kernel also tells alone: `freeFrames`, `runnableThreads`, and how one process stands.
public struct NodeView: Sendable, Equatable {
  /// Frames of memory that no process has and no migration has reserved.
  public let freeFrames: Int
  /// All other frames: processes have them, or pages kept for processes elsewhere, or a migration has reserved them.
  public let framesInUse: Int
  /// The processes that the node has, in the order of their slots.
  public let processes: [ProcessID]
  /// Migrations away from the node, in the order in which they began.
  public let departures: [Departing]
  /// Migrations to the node, in the order in which it accepted them.
  public let arrivals: [Arriving]
  /// Pages that the node keeps for processes which are elsewhere.
  public let keptPages: [KeptPages]
  /// The forwarding addresses that processes left on the node, in the order of the processes.
  public let forwardingAddresses: [KnownLocation]
  /// Where else the node has heard that processes are, in the same order.
  public let locationCache: [KnownLocation]
  /// What processes that were created on it have written, in the order in which it was first written.
  public let files: [File]

  /// A text with a name.
  public struct File: Sendable, Equatable {
    /// What it is called.
    public let name: String
    /// How many bytes it has.
    public let size: Int
  }

  /// A process on its way from the node.
  public struct Departing: Sendable, Equatable {
    /// Which process.
    public let process: ProcessID
    /// The node to which it goes.
    public let destination: NodeID
    /// The node never runs it again.
    public let isCommitted: Bool
  }

  /// A process on its way to the node.
  public struct Arriving: Sendable, Equatable {
    /// Which process.
    public let process: ProcessID
    /// The node from which it comes.
    public let source: NodeID
    /// It is here and waits for the commit; before that, frames are reserved for it.
    public let isInstalled: Bool
  }

  /// Pages of one process, which a migration left on the node.
  public struct KeptPages: Sendable, Equatable {
    /// The migration that left them.
    public let attempt: MigrationAttempt
    /// How many there are.
    public let count: Int
  }

  /// Where a node would look for a process.
  public struct KnownLocation: Sendable, Equatable {
    /// Which process.
    public let process: ProcessID
    /// Where it was last known to be, and since when this has been known.
    public let location: Location
  }

  /// True when the node has no process and no part in the migration of one.
  public var isIdle: Bool { processes.isEmpty && departures.isEmpty && arrivals.isEmpty }

  /// Processes that left the node and can be found by way of it: by a forwarding address, or by a departure that will
  /// leave one.
  public var forwardingCount: Int { forwardingAddresses.count + departures.count { $0.isCommitted } }
}

/// How one process stands on the node that is said to have it.
public struct ProcessStanding: Sendable, Equatable {
  /// The node has the process, and not only a promise of it.
  public let isHere: Bool
  /// Its migration away from the node, if there is one.
  public let departure: NodeView.Departing?
  /// It has been stopped to be moved, so that nobody can have it send anything.
  public let isFrozenForMigration: Bool
  /// A node is looked for, on which it begins or to which it goes.
  public let isSought: Bool

  /// True when it is here and is not being moved away.
  public var isSettled: Bool { isHere && departure == nil }
}

extension NodeKernel {
  /// All that this kernel shows of its node.
  public var view: NodeView {
    func sorted(_ locations: [ProcessID: Location]) -> [NodeView.KnownLocation] {
      locations.sorted { $0.key < $1.key }.map { NodeView.KnownLocation(process: $0.key, location: $0.value) }
    }
    return NodeView(
      freeFrames: freeFrames, framesInUse: framesInUse,
      processes: processes.occupiedSlots.map { processes[$0].id },
      departures: departures.values.map { NodeView.Departing($0) },
      arrivals: arrivals.values.map {
        NodeView.Arriving(process: $0.attempt.process, source: $0.source, isInstalled: $0.process != nil)
      },
      keptPages: keptPages.values.map { NodeView.KeptPages(attempt: $0.attempt, count: $0.pages.count) },
      forwardingAddresses: sorted(locations.forwardingAddresses), locationCache: sorted(locations.cache),
      files: files.contents.map { NodeView.File(name: $0.key, size: $0.value.utf8.count) })
  }

  /// How a process stands here.
  public func standing(of process: ProcessID) -> ProcessStanding {
    ProcessStanding(
      isHere: processes.contains(process), departure: departures[process].map { NodeView.Departing($0) },
      isFrozenForMigration: isFrozenForMigration(process), isSought: nodeSearches[process] != nil)
  }

  /// What this node has been told of the load of another; nil when it has heard nothing since it booted.
  public func belief(about node: NodeID) -> LoadBelief? { beliefs[node] }

  /// This node looks for nodes that take processes, or for one that gives it some.
  public var seeksNodes: Bool { !nodeSearches.isEmpty || workSearch != nil }

  /// How many threads run here or could.
  public var runnableThreads: Int {
    processes.occupiedSlots.reduce(0) { sum, slot in
      processes[slot].phase == .active ? sum + processes[slot].threads.runnableCount : sum
    }
  }

  /// True when a message for a process can find it by way of this node: by a forwarding address, or because the process
  /// has been committed to its destination and will leave one.
  public func forwards(_ process: ProcessID) -> Bool {
    if locations.forwardingAddresses[process] != nil { return true }
    // A source that has committed serves as the forwarding address until it hears that the process runs.
    return process.forwarding.leavesAddresses && departures[process]?.stage == .committed
  }

  /// How many pages one migration left here; nil when it left none, or they are not needed any more.
  public func keptPages(of attempt: MigrationAttempt) -> Int? { keptPages[attempt]?.pages.count }

  /// How many pages of a process here are dirty.
  package func dirtyCount(of process: ProcessID) -> Int {
    if let slot = processes.slot(of: process) { processes[slot].space.dirty.count } else { 0 }
  }

  /// The other processes here of the family of one that is here, in the order of their slots.
  public func relatives(of process: ProcessID) -> [ProcessID] {
    guard let slot = processes.slot(of: process) else { return [] }
    let family = processes[slot].family
    return processes.occupiedSlots.lazy.filter { $0 != slot && processes[$0].family == family }.map { processes[$0].id }
  }

  /// True when a process of the family of one that is here has been installed, and may not run yet.
  public func awaitsRelatives(of process: ProcessID) -> Bool {
    guard let family = processes[process]?.family else { return false }
    return arrivals.values.contains { $0.process?.family == family }
  }
}

extension NodeView.Departing {
  init(_ departure: Departure) {
    self.init(
      process: departure.attempt.process, destination: departure.destination,
      isCommitted: departure.stage == .committed)
  }
}
