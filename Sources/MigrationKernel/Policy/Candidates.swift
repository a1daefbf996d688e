/// A process that may be moved, as its kernel shows it to policies.
public struct ProcessCandidate: Sendable, Equatable {
  /// Which process.
  public let process: ProcessID
  /// How long ago it was created.
  public let age: Nanoseconds
  /// Core time that it has used.
  public let cpuTime: Nanoseconds
  /// How long it has been on this node.
  public let residence: Nanoseconds
  /// The size of its address space in pages.
  public let pages: Int
  /// Its pages in the memory of this node.
  public let residentPages: Int
  /// Its pages written since it came here, or since the last round took them.
  public let dirtyPages: Int
  /// Its threads that run or could.
  public let runnable: Int
  /// How often it has moved.
  public let migrations: UInt32
  /// What its move would take, as far as the kernel can tell: the time for its bytes at the rate measured last, and three
  /// trips.
  public let cost: Nanoseconds
  /// Messages exchanged with processes on other nodes.
  public let remoteMessages: UInt64
  /// The node with whose processes it has exchanged most messages; nil when it has exchanged none.
  public let partner: NodeID?
}

/// A node that a process may go to, as another kernel knows it.
public struct NodeCandidate: Sendable, Equatable {
  /// Which node.
  public let node: NodeID
  /// It is the node that chooses.
  public let isHere: Bool
  /// What it has told; nil when it has told nothing.
  public let report: LoadReport?
  /// How long ago that came, by the clock of the node that chooses.
  public let age: Nanoseconds
  /// Threads that are known to be on their way there.
  public let arriving: Int
  /// Messages that the process has exchanged with processes which are thought to be there.
  public let messages: UInt64

  /// Runnable threads for each core, with those on their way and so many more; nil when the node has told nothing.
  public func load(with more: Int = 0) -> Double? {
    report.map { Double($0.runnable + arriving + more) / Double(max(1, $0.cores)) }
  }
}

/// A value that a policy gave to what it could choose.
public struct Valued<Candidate: Sendable & Equatable>: Sendable, Equatable {
  /// What it could choose.
  public let candidate: Candidate
  /// What it was worth to the policy; nil when it goes by none, or would not choose it.
  public let value: Double?
}

/// The first step of a migration by policy: a process was selected.
public struct ProcessChoice: Sendable, Equatable {
  /// The policy.
  public let policy: String
  /// What it could choose, the chosen one first; no more than `limit` of them.
  public let candidates: [Valued<ProcessCandidate>]
  /// How many there were.
  public let count: Int
  /// How many are kept.
  static let limit = 8
}

/// The second step: a node was selected; or none was, and the process stays where it is.
public struct NodeChoice: Sendable, Equatable {
  /// What a node is chosen for.
  public enum Purpose: Sendable, Equatable {
    /// A process that has just been created.
    case placement
    /// The operator has it moved.
    case migration
    /// Nodes balance their load.
    case balancing
  }

  /// What it was chosen for.
  public let purpose: Purpose
  /// The policy.
  public let policy: String
  /// The node; nil for none.
  public let node: NodeID?
  /// Why there is none, where the policy alone does not say it.
  public let why: WhyNone?
  /// Nodes that were looked at, the chosen one first; no more than `limit` of them.
  public let candidates: [Valued<NodeCandidate>]
  /// How many nodes were asked.
  public let probes: Int
  /// How many candidates are kept.
  static let limit = 8

  /// Why a process stays although the policy has a node for it, or has none.
  public enum WhyNone: Sendable, Equatable {
    /// No other node is known that could take it.
    case noCandidate
    /// The policy goes by reports, and no other node has told its load.
    case nobodyTold
    /// What it can be expected to gain is less than what its move costs.
    case costsMore
  }
}
