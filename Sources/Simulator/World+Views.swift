import Chronicle
import MigrationKernel

/// The cluster as everything above may see it.
extension World: Cluster {
  public var members: [NodeID] { Array(membership.members) }
  public func contains(_ node: NodeID) -> Bool { nodes.indices.contains(Int(node.number)) }

  /// How many pages all processes have that some node has. It is asked after every command: no process is copied to look at it.
  package var pageCount: Int {
    var count = 0
    for (process, node) in processes.living where self[node].isUp {
      let table = self[node].runningKernel.processes
      count += table.slot(of: process).map { table[$0].space.pageCount } ?? view(of: process)?.pageCount ?? 0
    }
    return count
  }

  public var lineDefaults: Line { network.defaults }
  public func line(_ a: NodeID, _ b: NodeID) -> Line { network.link(a, b) }
  public func interfaceRate(of node: NodeID) -> UInt64 { network.interfaceRate(of: node) }
  public var retransmissionTimeout: Nanoseconds { network.retransmissionTimeout }
  public func isCut(_ a: NodeID, _ b: NodeID) -> Bool { network.isCut(a, b) }
  public var cutLines: [LineEnds] { network.cuts.map { LineEnds($0.from, $0.to) }.sorted() }

  public func traffic(for cause: Cause) -> Traffic { network.carried(for: cause) }
  public func traffic(from: NodeID, to: NodeID) -> Traffic { network.carried(from: from, to: to) }
  public func traffic(of attempt: MigrationAttempt) -> MigrationTraffic { network.traffic(of: attempt) }
  public var resentTraffic: Traffic { network.resent }
}

extension World {
  /// True when every node is up, no line is cut, and no driver has a fault.
  var isWhole: Bool {
    network.cuts.isEmpty && drivers.areSound && membership.members.allSatisfy { self[$0].isUp }
  }

  /// How many pages of a process are dirty; none while it is on its way.
  func dirtyCount(of process: ProcessID) -> Int {
    guard let node = location(of: process), nodes[Int(node.number)].isUp else { return 0 }
    return nodes[Int(node.number)].runningKernel.dirtyCount(of: process)
  }

  /// The process itself, wherever it is, for whoever may open kernels.
  package func process(_ process: ProcessID) -> Process? {
    location(of: process).flatMap {
      self[$0].kernel?.processes[process] ?? self[$0].kernel?.arrivals[process]?.process
    }
  }
}

/// What its kernel shows of a node.
extension World.Node: ClusterNode {
  public var view: NodeView? { kernel?.view }
  public var freeFrames: Int? { kernel?.freeFrames }
  public var runnableThreads: Int? { kernel?.runnableThreads }
  public var forwardedProcesses: [ProcessID] { kernel?.locations.forwardingAddresses.keys.sorted() ?? [] }
  public func forwards(_ process: ProcessID) -> Bool { kernel?.forwards(process) ?? false }
  public func knownLocation(of process: ProcessID) -> Location? { kernel?.knownLocation(of: process) }
  public func keptPages(of attempt: MigrationAttempt) -> Int? { kernel?.keptPages(of: attempt) }

  public func view(of process: ProcessID) -> ProcessView? { kernel?.view(of: process) }
  public func standing(of process: ProcessID) -> ProcessStanding? { kernel?.standing(of: process) }
  public func cpuTime(of process: ProcessID, now: Nanoseconds) -> Nanoseconds? {
    kernel?.cpuTime(of: process, now: now) ?? kernel?.arrivals[process]?.process?.cpuTime
  }
  public var loadReport: LoadReport? { kernel?.loadReport }
  public var seeksNodes: Bool { kernel?.seeksNodes ?? false }
  public func belief(about node: NodeID) -> LoadBelief? { kernel?.belief(about: node) }
  public func threads(of process: ProcessID, now: Nanoseconds) -> [ThreadView] {
    kernel?.threads(of: process, now: now) ?? []
  }
  public func relatives(of process: ProcessID) -> [ProcessID] { kernel?.relatives(of: process) ?? [] }
  public func awaitsRelatives(of process: ProcessID) -> Bool { kernel?.awaitsRelatives(of: process) ?? false }
}
