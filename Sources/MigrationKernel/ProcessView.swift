/// One process as its kernel shows it. To make one costs next to nothing: it shares what the kernel has.
public struct ProcessView: Sendable {
  private let process: Process
  private let isInDoubt: Bool

  init(_ process: Process, isInDoubt: Bool = false) {
    self.process = process
    self.isInDoubt = isInDoubt
  }

  /// Which process.
  public var id: ProcessID { process.id }
  /// What its program is called.
  public var programName: String { process.program.name }
  /// True when its program has a step that prints.
  public var prints: Bool { process.program.prints }
  /// True when its program has a step that uses a file.
  public var usesFiles: Bool { process.program.usesFiles }
  /// The state in the field's words.
  public var state: Process.State { isInDoubt ? .inDoubt : process.state }
  /// False for one that was created with `--hold` and has not been started.
  public var hasStarted: Bool { process.phase != .new && process.phase != .placing }
  /// The process from which it and all its coprocesses descend.
  public var family: ProcessID { process.family }
  /// Its family moves together or not at all.
  public var isInseparable: Bool { process.isInseparable }
  /// The way that its messages take.
  public var communication: Communication { process.communication }
  /// How often it has been migrated.
  public var migrations: UInt32 { process.migrations }
  /// What each of its threads does, in the order in which they began; those that ended keep their places.
  public var threads: [Thread.State] { process.threads.map(\.state) }

  // MARK: - Memory

  /// The size of its address space in pages.
  public var pageCount: Int { process.space.pageCount }
  /// Bytes of a page.
  public var pageSize: Int { process.space.pageSize }
  /// How many of its pages are not empty.
  public var touchedCount: Int { process.space.touchedCount }
  /// How many pages were written since it came here, or since the last round took them.
  public var dirtyCount: Int { process.space.dirty.count }
  /// How many of its pages are on other nodes.
  public var remoteCount: Int { process.space.remote.count }
  /// Equal for equal contents of all its pages.
  public var memoryDigest: UInt64 { process.space.digest }
  /// Where its remote pages are.
  public var holdings: [Holding] {
    process.holders.lazy.filter { !$0.pages.isEmpty }.map {
      Holding(node: $0.node, pageCount: $0.pages.count)
    }
  }

  /// Pages of the process that are on another node.
  public struct Holding: Sendable, Equatable {
    /// Which node.
    public let node: NodeID
    /// How many there are.
    public let pageCount: Int
  }

  /// How a page stands.
  public enum PageState: Sendable {
    case remote, dirty, empty, touched
  }

  /// How a page stands; the process must have it.
  public func state(ofPage page: Int) -> PageState {
    if process.space.remote.contains(page) { return .remote }
    if process.space.dirty.contains(page) { return .dirty }
    if case .zero = process.space[page] { return .empty }
    return .touched
  }

  /// The node that has a page which is not here; nil for a page that is.
  public func holder(ofPage page: Int) -> NodeID? { process.holders.first { $0.pages.contains(page) }?.node }

  /// The bytes of a page; nil while it is on another node.
  public func contents(ofPage page: Int) -> [UInt8]? {
    try? process.space.read(at: UInt64(page) * UInt64(pageSize), count: pageSize)
  }

  /// How many of its pages a node has as the process would find them, here or there; nil for one that is not, or no
  /// longer, the place where one of its migrations left pages.
  public func pagesBacked(by node: NodeID, of attempt: MigrationAttempt) -> Int? {
    guard process.holders.contains(where: { $0.attempt == attempt && $0.node == node }) else { return nil }
    return process.pagesHeld(by: node)
  }

  // MARK: - Messages

  /// Messages delivered and not yet received by its program.
  public var inbox: [Message] { Array(process.inbox) }
  /// How many messages its program has received.
  public var receivedCount: UInt32 { process.receivedCount }
  /// The processes that it talks to.
  public var correspondents: [ProcessID] { process.correspondents }
  /// What it has sent to other processes.
  public var outgoing: [Outgoing] {
    process.outbox.streams.lazy.filter { !$0.key.isTerminal }.map { receiver, stream in
      Outgoing(
        receiver: receiver, sentCount: stream.nextSequence, unacknowledgedCount: stream.unacknowledged.count)
    }
  }

  /// What a process has sent to one other.
  public struct Outgoing: Sendable, Equatable {
    /// For whom it was.
    public let receiver: ProcessID
    /// How many messages.
    public let sentCount: UInt32
    /// How many of them nobody has acknowledged.
    public let unacknowledgedCount: Int
  }
}

/// One thread as its kernel shows it.
public struct ThreadView: Sendable {
  /// What it does.
  public let state: Thread.State
  /// What it waits for of other threads of its process; nil when it waits for none of them.
  public let wait: ThreadWait.What?
  /// Core time that it has used.
  public let cpuTime: Nanoseconds
  /// The thread that has started it, by its number from 0; nil for those with which the process began.
  public let starter: Int?
}

extension NodeKernel {
  /// The threads of a process that this kernel has, at an instant that is not past, in the order in which they began; those
  /// that ended keep their places.
  public func threads(of process: ProcessID, now: Nanoseconds) -> [ThreadView] {
    guard let process = processes[process] ?? arrivals[process]?.process else { return [] }
    return process.threads.enumerated().map { number, thread in
      var time = thread.cpuTime
      if case .running(let core) = thread.state { time += now - min(now, cores[core].chargedUntil) }
      return ThreadView(
        state: thread.state, wait: process.wait(of: number)?.what, cpuTime: time, starter: thread.starter)
    }
  }

  /// A process that this kernel has, or that it prepares to have; nil when it knows of none.
  public func view(of process: ProcessID) -> ProcessView? {
    if let here = processes[process] { return ProcessView(here) }
    guard let arrival = arrivals[process], let copy = arrival.process else { return nil }
    return ProcessView(copy, isInDoubt: arrival.isInDoubt)
  }
}
