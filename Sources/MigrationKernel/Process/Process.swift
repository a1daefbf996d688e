import DequeModule
import OrderedCollections

/// One process as its kernel holds it: everything that moves with it, and nothing that does not.
public struct Process: Sendable {
  /// Its identifier, for ever.
  public let id: ProcessID
  /// The name that it was given, which goes with it like an argument.
  public let name: String
  /// How its children are called.
  var forkNames = ForkNames()
  /// What it executes.
  public let program: ProgramImage
  /// The process from which it and all its coprocesses descend.
  public let family: ProcessID
  /// Its family moves together or not at all.
  public let isInseparable: Bool
  /// The way that its messages take.
  public let communication: Communication
  /// What its kernel does with it.
  public internal(set) var phase: Phase
  /// Its threads, in the order in which they began; those that ended keep their places.
  public internal(set) var threads: ContiguousArray<Thread>
  /// What they wait for each other with.
  var synchronization: Synchronization
  /// Its memory.
  public internal(set) var space: AddressSpace
  /// Where its remote pages are.
  public internal(set) var holders: [RemoteHolding] = []
  /// How many pages a fault asks for at most.
  var prefetch: UInt16 = 1
  /// Under link traversal, the nodes on which it left forwarding addresses.
  public internal(set) var trail: [NodeID] = []
  /// While it is moved: where its correspondents were last known to be.
  var correspondentAddresses: [Correspondent] = []
  /// Messages delivered and not yet received by the program.
  public internal(set) var inbox: Deque<Message> = []
  /// What it has sent.
  public internal(set) var outbox = Outbox()
  /// What it has been sent, by sender.
  public internal(set) var incoming: OrderedDictionary<ProcessID, IncomingStream> = [:]
  /// The epoch of the last attempt to migrate it.
  public internal(set) var epoch: UInt32 = 0
  /// How often it has been migrated.
  public internal(set) var migrations: UInt32 = 0
  /// By the clock of the node that it is on; 0 when it is older than that clock.
  public let createdAt: Nanoseconds
  /// Since when it has been on this node, by its clock.
  var arrivedAt: Nanoseconds
  /// False for one that is being placed: it takes room where it begins.
  var ownsFrames = true
  /// Core time used, over all threads.
  public internal(set) var cpuTime: Nanoseconds = 0
  /// Bytes of process state besides what its threads and messages take, such as kernel tables: they say nothing, and are
  /// carried by every handover.
  public let stateSize: UInt32
  /// How many messages the program has received.
  public internal(set) var receivedCount: UInt32 = 0
  /// Folds sender and text of every message in the order received: equal exactly when the program received the same.
  public internal(set) var receivedDigest: UInt64 = 0
  /// Since when it has been here and has waited for its first core; nil when it has had one, or does not wait for that.
  var awaitsCoreSince: Nanoseconds?
  /// By how many hundredths of its speed a migration that does not converge slows it down, on this node.
  public internal(set) var throttle = 0

  /// The processes that it talks to: those to which it has sent and from which it has received.
  public var correspondents: [ProcessID] {
    var all = [ProcessID](outbox.streams.keys.filter { !$0.isTerminal })
    for sender in incoming.keys where outbox.streams[sender] == nil { all.append(sender) }
    return all
  }

  /// How many frames of memory it takes.
  package var frames: Int { ownsFrames ? space.pageCount : 0 }

  /// What a kernel does with a process.
  public enum Phase: Sendable, Equatable {
    /// It has been created and not started.
    case new
    /// Its threads run.
    case active
    /// The operator stopped it.
    case held
    /// It is being stopped, or has stopped, to be migrated.
    case migrating
    /// It has been created, and begins on the node that is found for it.
    case placing
  }

  init(_ spawn: SpawnRequest, id: ProcessID, pageSize: Int, seed: UInt64, now: Nanoseconds) {
    self.id = id
    name = spawn.name
    program = spawn.program
    family = spawn.family ?? id
    isInseparable = spawn.isInseparable
    communication = spawn.communication
    phase = spawn.held ? .new : .active
    stateSize = spawn.stateSize
    createdAt = now
    arrivedAt = now
    space = AddressSpace(pageCount: spawn.pages, pageSize: pageSize)
    synchronization = Synchronization(for: spawn.program)
    var seeds = Generator(seed: seed)
    let (program, environment) = (program, Self.environment(spawn, of: id))
    threads = ContiguousArray(
      (0..<max(1, spawn.threads)).map { _ in
        Thread(guest: ThreadGuest(program: program, environment: environment, seed: seeds.next()))
      })
  }

  /// A coprocess that a thread of `parent` forks, with a copy of the memory.
  init(forkedFrom parent: inout Process, thread: Int, program: ProgramImage, id: ProcessID, now: Nanoseconds) {
    self.id = id
    (name, forkNames) = parent.forkNames.next(program.name)
    self.program = program
    family = parent.family
    isInseparable = parent.isInseparable
    communication = parent.communication
    stateSize = parent.stateSize
    phase = .active
    createdAt = now
    arrivedAt = now
    space = parent.space
    space.forgetWritten()
    synchronization = Synchronization(for: program)
    let environment: [String: RegisterValue] = [
      "self": .process(id, name: name), "parent": .process(parent.id, name: parent.name),
    ]
    threads = [Thread(guest: parent.threads[thread].guest.forked(program: program, environment: environment))]
  }

  /// The values that a program finds which an operator starts: those that only the kernel knows, and those given, which go
  /// before them.
  private static func environment(_ spawn: SpawnRequest, of id: ProcessID) -> [String: RegisterValue] {
    let own: [String: RegisterValue] = [
      "self": .process(id, name: spawn.name), "pages": .number(UInt64(clamping: spawn.pages)),
      "last": .number(UInt64(clamping: max(0, spawn.pages - 1))),
    ]
    return own.merging(spawn.environment) { _, given in given }
  }

  /// The state in the field's words.
  public enum State: String, Sendable {
    case new, ready, running, waiting, frozen
    /// It has been committed to another node, and the two cannot reach each other: no kernel knows whether it may run.
    case inDoubt = "in-doubt"
    case ended, lost
  }

  /// The state as `ps` shows it.
  public var state: State {
    switch phase {
    case .new, .placing: .new
    case .held: .frozen
    case .migrating where threads.allSatisfy({ !$0.isRunning }): .frozen
    case .active, .migrating:
      if threads.contains(where: \.isRunning) {
        .running
      } else if threads.contains(where: { $0.state == .ready }) {
        .ready
      } else {
        .waiting
      }
    }
  }

  /// True when one of its threads would execute if it had a core. One that waited for a page tries again.
  func couldExecute(at now: Nanoseconds) -> Bool {
    threads.contains { thread in
      switch thread.state {
      case .ready, .running, .faulting: true
      case .receiving: !inbox.isEmpty
      case .sending(let message): outbox.streams[message.to]?.place(of: message) == nil
      case .sleeping(let until): until <= now
      case .locking, .meeting, .joining, .calling, .ended: false
      }
    }
  }

  var isRunnable: Bool {
    if case .active = phase { true } else { false }
  }
}

/// How coprocesses on different nodes talk.
public enum Communication: UInt8, CaseIterable, Sendable {
  /// Each to the other, wherever both are.
  case direct
  /// By way of the sender's origin and the receiver's, like remote system calls (as in Sprite and MOSIX); to a receiver
  /// that is not found by its origin, each to the other.
  case home

  /// As it is typed.
  public var name: String {
    switch self {
    case .direct: "direct"
    case .home: "home"
    }
  }
}

/// One thread of execution.
public struct Thread: Sendable {
  /// What executes.
  public internal(set) var guest: ThreadGuest
  /// What its kernel does with it.
  public internal(set) var state: State = .ready
  /// Core time that it has used.
  var cpuTime: Nanoseconds = 0
  /// While its process is slowed down: core time since it last left its core to others for that, and until when it does so now.
  var usedSincePause: Nanoseconds = 0
  var pausedUntil: Nanoseconds?
  /// Grows whenever the thread stops waiting, so that a timer set for an earlier wait is recognised.
  var waits: UInt32 = 0
  private var starterNumber: Int32 = -1
  /// The thread that has started it; nil for those with which the process began.
  var starter: Int? {
    get { starterNumber < 0 ? nil : Int(starterNumber) }
    set { starterNumber = newValue.map { Int32(clamping: $0) } ?? -1 }
  }

  /// What a kernel does with a thread.
  public enum State: Sendable, Equatable {
    /// It may run, and waits for a core.
    case ready
    /// It has a core.
    case running(core: Int)
    /// It waits for a message, at most until `deadline`.
    case receiving(deadline: Nanoseconds?)
    /// It waits to learn whether its message was delivered.
    case sending(MessageID)
    /// It waits for an instant.
    case sleeping(until: Nanoseconds)
    /// It waits for a page that is on another node.
    case faulting(page: Int, startedAt: Nanoseconds)
    /// It waits for a lock of its process.
    case locking(Int)
    /// It waits at a barrier of its process until so many threads have come.
    case meeting(Int, of: UInt64)
    /// It waits for the threads that it has started.
    case joining
    /// It uses a file of the origin, and has waited for the answer since then.
    case calling(since: Nanoseconds)
    /// It runs no more.
    case ended

    /// It has printed a line, or uses a file, and waits for its origin.
    public var waitsForOrigin: Bool {
      switch self {
      case .sending(let message): message.to.isTerminal
      case .calling: true
      default: false
      }
    }
  }

  init(guest: ThreadGuest, starter: Int? = nil) {
    self.guest = guest
    self.starter = starter
  }

  /// It runs or could.
  var isRunnable: Bool {
    switch state {
    case .ready, .running: true
    case .receiving, .sending, .sleeping, .faulting, .locking, .meeting, .joining, .calling, .ended: false
    }
  }

  var isRunning: Bool {
    if case .running = state { true } else { false }
  }
}

/// What the operator asks for with `spawn`.
public struct SpawnRequest: Sendable {
  /// The name that the process goes by.
  public var name: String
  /// What it executes.
  public var program: ProgramImage
  /// Pages of the address space.
  public var pages: Int
  /// How many threads begin at once.
  public var threads: Int
  /// Values that the program finds under these names.
  public var environment: [String: RegisterValue]
  /// For the random choices of the program; nil lets the kernel draw one.
  public var seed: UInt64?
  /// The process waits for `start` before its first instruction.
  public var held: Bool
  /// How messages find it.
  public var forwarding = ForwardingMechanism.linkTraversal
  /// The way that its messages take.
  public var communication = Communication.direct
  /// The family that it belongs to; nil when it founds one.
  public var family: ProcessID?
  /// The process that it descends from.
  public var parent: ProcessID?
  /// Its family moves together or not at all.
  public var isInseparable = false
  /// Bytes of process state besides what its threads and messages take.
  public var stateSize: UInt32 = 0
  /// The placement policy of the node that is asked chooses where the process begins.
  public var isPlaced = false

  /// A process that executes a step program.
  public init(
    name: String, program: StepProgram, pages: Int, threads: Int = 1, environment: [String: RegisterValue] = [:],
    seed: UInt64? = nil,
    held: Bool = false
  ) {
    self.name = name
    self.program = .steps(program)
    self.pages = pages
    self.threads = threads
    self.environment = environment
    self.seed = seed
    self.held = held
  }
}
