import DequeModule
import OrderedCollections

/// One process as its kernel holds it: everything that moves with it, and nothing that does not.
public struct Process: Sendable {
  public let id: ProcessID
  /// The name that it was given, which goes with it like an argument.
  public let name: String
  public let program: Program
  /// Its coprocesses are those of the same family: the process from which all of them descend.
  public let family: ProcessID
  /// Its family moves together or not at all.
  public let isInseparable: Bool
  /// The way that its messages take.
  public let communication: Communication
  public internal(set) var phase: Phase
  public internal(set) var threads: ContiguousArray<Thread>
  public internal(set) var space: AddressSpace
  /// Where its remote pages are.
  public internal(set) var holders: [PageHolder] = []
  /// How many pages a fault asks for at most.
  var prefetch: UInt16 = 1
  /// Nodes that hold links to it, under link traversal.
  public internal(set) var trail: [NodeID] = []
  /// While it is moved: where its correspondents were last known to be.
  var correspondentAddresses: [Correspondent] = []
  /// How often its origin has been told again where it is since it came here.
  var reports: UInt32 = 0
  /// Messages delivered and not yet received by the program.
  public internal(set) var inbox: Deque<Message> = []
  /// What it has sent.
  public internal(set) var outbox = Outbox()
  /// What it has been sent, by sender.
  public internal(set) var incoming: OrderedDictionary<ProcessID, IncomingStream> = [:]
  /// The epoch of the last attempt to migrate it.
  public internal(set) var epoch: UInt32 = 0
  public internal(set) var migrations: UInt32 = 0
  /// By the clock of the node that it is on; 0 when it is older than that clock.
  public let createdAt: Nanoseconds
  /// Core time used, over all threads.
  public internal(set) var cpuTime: Nanoseconds = 0
  /// How many messages the program has received.
  public internal(set) var receivedCount: UInt32 = 0
  /// Folds sender and text of every message in the order received: equal exactly when the program received the same.
  public internal(set) var receivedDigest: UInt64 = 0
  /// By how many hundredths of its speed a migration that does not converge slows it down, on this node.
  public internal(set) var throttle = 0

  /// The processes that it talks to: those to which it has sent and from which it has received.
  public var correspondents: [ProcessID] {
    var all = [ProcessID](outbox.streams.keys.filter { !$0.isTerminal })
    for sender in incoming.keys where outbox.streams[sender] == nil { all.append(sender) }
    return all
  }

  public enum Phase: Sendable, Equatable {
    /// Created and not started.
    case new
    case active
    /// Stopped by the operator.
    case held
    /// Being stopped, or stopped, to be migrated.
    case migrating
  }

  init(_ spawn: SpawnRequest, id: ProcessID, pageSize: Int, seed: UInt64, now: Nanoseconds) {
    self.id = id
    name = spawn.name
    program = spawn.program
    family = spawn.family ?? id
    isInseparable = spawn.isInseparable
    communication = spawn.communication
    phase = spawn.held ? .new : .active
    createdAt = now
    space = AddressSpace(pageCount: spawn.pages, pageSize: pageSize)
    var seeds = Generator(seed: seed)
    threads = ContiguousArray(
      (0..<max(1, spawn.threads)).map { _ in
        Thread(guest: StepGuest(program: spawn.program, environment: spawn.environment, seed: seeds.next()))
      })
  }

  /// A coprocess that `parent` forked: the same memory, the registers that its program has names for.
  init(forkedFrom parent: Process, thread: Int, program: Program, name: String, id: ProcessID, now: Nanoseconds) {
    self.id = id
    self.name = name
    self.program = program
    family = parent.family
    isInseparable = parent.isInseparable
    communication = parent.communication
    phase = .active
    createdAt = now
    space = parent.space
    space.forgetWritten()
    let guest = parent.threads[thread].guest
    var environment = ["parent": RegisterValue.process(parent.id, name: parent.name), "self": .process(id, name: name)]
    for (register, value) in zip(guest.program.registers, guest.registers) where environment[register] == nil {
      environment[register] = value
    }
    threads = [Thread(guest: StepGuest(program: program, environment: environment, seed: guest.branch.state))]
  }

  /// The state in the field's words.
  public enum State: String, Sendable {
    case new, ready, running, waiting, frozen, ended, lost
  }

  public var state: State {
    switch phase {
    case .new: .new
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
  public internal(set) var guest: StepGuest
  public internal(set) var state: State = .ready
  /// Grows whenever the thread stops waiting, so that a timer set for an earlier wait is recognised.
  var waits: UInt32 = 0

  public enum State: Sendable, Equatable {
    case ready
    case running(core: Int)
    /// For a message, at most until `deadline`.
    case receiving(deadline: Nanoseconds?)
    /// To learn whether its message was delivered.
    case sending(MessageID)
    case sleeping(until: Nanoseconds)
    /// For a page that is on another node.
    case faulting(page: Int, startedAt: Nanoseconds)
    case ended
  }

  init(guest: StepGuest) { self.guest = guest }

  var isRunning: Bool {
    if case .running = state { true } else { false }
  }
}

/// What the operator asks for with `spawn`.
public struct SpawnRequest: Sendable {
  public var name: String
  public var program: Program
  /// Pages of the address space.
  public var pages: Int
  public var threads: Int
  /// Values for the program's registers.
  public var environment: [String: RegisterValue]
  /// For the random choices of the program; nil lets the kernel draw one.
  public var seed: UInt64?
  /// Created, not started.
  public var held: Bool
  /// How messages find it.
  public var forwarding = ForwardingMechanism.linkTraversal
  public var communication = Communication.direct
  /// The family that it belongs to; nil when it founds one.
  public var family: ProcessID?
  /// The process that it descends from.
  public var parent: ProcessID?
  public var isInseparable = false

  public init(
    name: String, program: Program, pages: Int, threads: Int = 1, environment: [String: RegisterValue] = [:],
    seed: UInt64? = nil,
    held: Bool = false
  ) {
    self.name = name
    self.program = program
    self.pages = pages
    self.threads = threads
    self.environment = environment
    self.seed = seed
    self.held = held
  }
}
