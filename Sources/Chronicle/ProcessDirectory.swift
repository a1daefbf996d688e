import HashTreeCollections
import MigrationKernel

/// What the operator knows of every process that ever was: its name, where it is, what became of it. Made from the facts
/// that kernels report; no kernel reads it.
public struct ProcessDirectory: Sendable {
  /// What is known of one process.
  public struct Record: Sendable {
    /// Which process it is.
    public let id: ProcessID
    /// What people call it.
    public let name: String
    /// The process that forked it; nil when the operator made it.
    public let parent: ProcessID?
    /// When it was created.
    public let createdAt: Nanoseconds
    /// Whose it is.
    public internal(set) var owner: Owner
    /// Whether it lives.
    public internal(set) var fate: Fate = .alive
    /// True for one that a kernel gave up, since a connection broke; false for one that was on a node that failed.
    public internal(set) var wasGivenUp = false
    /// What is left to say of it once it has ended.
    public internal(set) var summary: ProcessSummary?
    /// How many lines it printed, and what became of them.
    public internal(set) var lines = Lines()
    /// What it printed, oldest first, as far as it is kept.
    public internal(set) var output: [OutputLine] = []
    /// System calls that it made at its origin from elsewhere.
    public internal(set) var systemCalls = SystemCalls()
    /// Its migrations, by their numbers in the ledger.
    public internal(set) var migrations: [Int] = []
  }

  /// How many lines a process printed, and what became of them.
  public struct Lines: Sendable, Equatable {
    /// Lines that its program printed.
    public internal(set) var printed = 0
    /// Lines on its terminal.
    public internal(set) var shown = 0
    /// Lines that were lost, as far as is known: with the node of the terminal, or with the kernel that kept them.
    public private(set) var lost = 0
    /// The node that had failed when the last of these were lost; nil as long as none were.
    public private(set) var lostWith: NodeID?
    /// Lines that are not there and were not lost: kept until the terminal answers, or on their way.
    public var waiting: Int { printed - shown - lost }

    /// A line is on the terminal now. It may have been on its way when the others were lost.
    mutating func show() {
      if waiting == 0, lost > 0 { lost -= 1 }
      shown += 1
    }

    /// What waits is lost, but for so many lines that a kernel still sends.
    mutating func lose(with node: NodeID, but left: Int = 0) {
      guard waiting > left else { return }
      lost += waiting - left
      lostWith = node
    }
  }

  /// One line that a process printed.
  public struct OutputLine: Sendable {
    /// When it reached the terminal.
    public let time: Nanoseconds
    /// The node of the terminal.
    public let node: NodeID
    /// What it says.
    public let text: String
  }

  /// What supporting remote execution costs.
  public struct SystemCalls: Sendable, Equatable {
    /// How many there were.
    public private(set) var count = 0
    /// From the call to its answer, all together.
    public private(set) var delay: Nanoseconds = 0
    /// Of the packets with the calls and their answers.
    public private(set) var bytes = 0

    mutating func add(delay: Nanoseconds, bytes: Int) {
      count += 1
      self.delay += delay
      self.bytes += bytes
    }
  }

  /// Which kernel may run a process.
  public enum Owner: Sendable, Equatable {
    case node(NodeID)
    /// Committed by the source, and not yet activated by the destination.
    case inTransit(from: NodeID, to: NodeID)

    /// Committed to that node, and not yet activated by it.
    public func isOnItsWay(to node: NodeID) -> Bool {
      if case .inTransit(_, node) = self { true } else { false }
    }
  }

  /// What became of a process.
  public enum Fate: Sendable, Equatable {
    case alive
    case ended(EndReason, at: Nanoseconds, on: NodeID)
    case lost(becauseOf: NodeID, at: Nanoseconds)
  }

  /// How many lines of output are kept for each process.
  public static let outputLimit = 10_000

  @usableFromInline private(set) var records = ChunkedArray<Record>()
  @usableFromInline private(set) var byID: [ProcessID: Int] = [:]
  private(set) var byName: TreeDictionary<String, Int> = [:]

  init() {}

  /// Every process that ever was, in the order of creation.
  @inlinable public var all: some RandomAccessCollection<Record> { records }

  /// The process with that identifier, if there ever was one.
  @inlinable public subscript(process: ProcessID) -> Record? { byID[process].map { records[$0] } }
  /// The process of that name, if there ever was one.
  public subscript(name name: String) -> Record? { byName[name].map { records[$0] } }

  mutating func add(
    _ process: ProcessID, name: String, parent: ProcessID?, on node: NodeID, at time: Nanoseconds
  ) {
    byID[process] = records.count
    byName[name] = records.count
    records.append(Record(id: process, name: name, parent: parent, createdAt: time, owner: .node(node)))
  }

  mutating func update(_ process: ProcessID, _ change: (inout Record) -> Void) {
    guard let place = byID[process] else { return }
    change(&records[place])
  }

  mutating func setOwner(_ process: ProcessID, _ owner: Owner) { update(process) { $0.owner = owner } }

  mutating func addOutput(_ process: ProcessID, _ line: OutputLine) {
    update(process) { record in
      record.lines.show()
      record.output.append(line)
      if record.output.count > Self.outputLimit + Self.outputLimit / 10 {
        record.output.removeFirst(record.output.count - Self.outputLimit)
      }
    }
  }
}
