/// Something that happened at a kernel, for the log, the reports and the checkers. Kernels never read facts.
public enum Fact: Sendable {
  case created(ProcessID, name: String, parent: ProcessID?)
  case started(ProcessID)
  indirect case ended(ProcessID, ProcessSummary, reason: EndReason)
  /// The process is given up, since the connection to that node broke, which had the process or something that it needs.
  case lost(ProcessID, becauseOf: NodeID)
  /// The operator stopped it, and let it go on.
  case frozen(ProcessID)
  case resumed(ProcessID)
  /// At the kernel of a process: its program prints a line, for the terminal of its origin.
  case printed(ProcessID, String)
  /// Text for the terminal of this node.
  case output(ProcessID, String)
  /// So many lines that a process printed may not have come to its terminal, since the node of that has booted; `left` are
  /// those after them without an answer, which go to the new terminal.
  case outputLost(ProcessID, lines: Int, left: Int, becauseOf: NodeID)
  /// Threads of a process wait for each other for ever: each for the next.
  indirect case deadlocked(ProcessID, [ThreadWait])
  case migration(MigrationAttempt, MigrationFact)
  case message(MessageID, MessageFact)
  /// A system call that a process away from its origin made there has been answered: what it took, and the bytes of the
  /// call and its answer.
  case systemCall(ProcessID, delay: Nanoseconds, bytes: Int)
  /// The two steps of policy before a move, at the kernel with the process: which process, and where to.
  indirect case processChosen(ProcessID, ProcessChoice)
  indirect case nodeChosen(ProcessID, NodeChoice)
  /// A request that could not be carried out.
  case refused(ProcessID, why: String)
}

/// What is left to say of a process that has ended.
public struct ProcessSummary: Sendable {
  /// Of the contents of all its pages.
  public let memoryDigest: UInt64
  /// Of the messages that it received, in order.
  public let receivedDigest: UInt64
  /// How many those were.
  public let receivedCount: UInt32
  /// What it had of cores, in nanoseconds at their speed.
  public let cpuTime: Nanoseconds
  /// The size of its address space.
  public let pages: Int
  /// How often it had moved.
  public let migrations: UInt32
}

/// Why a process ended.
public enum EndReason: Sendable, Equatable {
  case exited
  case killed
  /// The program did what no program may.
  case fault(String)
}

/// The steps of a migration, as the kernel at which each happened reports it.
public enum MigrationFact: Sendable {
  case offered(to: NodeID, mechanism: TransferMechanism, backing: NodeID?, pages: Int)
  case accepted
  /// The backing node has room.
  case reserved
  case refused(MigrationRefusal)
  /// The process was told to stop, and stopped: its last instruction here.
  case freezing
  case frozen
  /// A batch of pages was handed to the network: some of them as marks of zeros, and some as differences from what had
  /// been sent before, which are so many bytes shorter than the pages. `again`: so many of them had been sent before.
  case sentPages(Int, zeros: Int, deltas: Int = 0, savedBytes: Int = 0, again: Int = 0, bytes: Int)
  /// A round of a pre-transfer is over.
  indirect case roundEnded(TransferRound)
  /// The backing node has what was written there.
  case flushed
  /// At the source: the process was slowed down by so many hundredths of its speed; by 0 when it was let go again.
  case throttled(Int)
  /// A part of a process whose state is too long to go in one was handed to the network.
  case sentState(bytes: Int)
  /// The process was, all in all in so many bytes.
  case handedOver(stateBytes: Int, pagesLeft: Int)
  /// At the kernel with the process: a thread touched a page that the migration left behind, and stands still.
  case remoteFault(page: Int)
  /// It had stood still for so long, and goes on.
  case faultServed(stall: Nanoseconds)
  /// At the kernel with the process: the last page that its backing node held has come.
  case fetched
  /// At the node that kept them: pages that were left behind are needed no more.
  case released
  /// At the source: the destination has the process. Of the time that it has stood still, so much went by until its last
  /// page had left, and then until its state had.
  case installed(pagesTime: Nanoseconds, stateTime: Nanoseconds)
  case committed
  /// At the source, under link update: so many correspondents are told the new address; all have acknowledged it; the commit
  /// does not wait for so many of them, or not any longer.
  case updatingLinks(Int)
  case linksUpdated
  case linksUnanswered(Int)
  /// At the destination: it may run. `awaitsCore`: it would, and others have all the cores.
  case activated(awaitsCore: Bool)
  /// At the destination: it has waited for a core for so long, and executes its first instruction there; or it was stopped
  /// before that.
  case coreAwaited(Nanoseconds)
  /// At the source: nothing is owed any more.
  case completed(messagesQueued: Int)
  /// At the source: it goes on here.
  case aborted(AbortReason)
  /// At the destination, or the backing node: what was prepared has been given back.
  case discarded
  /// At the source: the process was committed to the destination, which says that it knows nothing of it.
  case lost
}

extension MigrationFact {
  /// `batch` was handed to the network in a packet of that size.
  static func sent(_ batch: PageBatch, again: Int, bytes: Int) -> MigrationFact {
    .sentPages(
      batch.pages.count, zeros: batch.zeroCount, deltas: batch.deltaCount, savedBytes: batch.savedBytes, again: again,
      bytes: bytes)
  }
}

/// Why a migration was called off, and the process goes on at its source.
public enum AbortReason: Sendable, Equatable {
  case connectionBroken(NodeID)
  case processEnded
  /// A coprocess that was to go with it stays, and why that one does.
  indirect case coprocessStays(ProcessID, because: AbortReason)
  /// It has forked a process that is not prepared to go with it.
  case forked
  /// Of a coprocess: a node has refused it.
  case refused(MigrationRefusal)
  /// The operator called it off.
  case cancelled
}

/// The steps of a message.
public enum MessageFact: Sendable {
  case accepted(text: String, size: UInt32)
  /// Handed to the network by the sender's kernel.
  case sent(to: NodeID)
  /// It reached the source of a migration, which had not heard yet that the process runs at the destination, and waits there.
  case queued(kind: MessageKind?)
  /// It did not meet the process and is sent on.
  case forwarded(to: NodeID, kind: MessageKind?, hops: UInt16)
  /// It did not meet the process and goes back to its origin; there it waits for the report of a move.
  case handedBack(to: NodeID, kind: MessageKind?, hops: UInt16)
  case held
  /// It did not meet the process and is sent back, or forgotten.
  case bounced(kind: MessageKind?)
  case dropped(kind: MessageKind?)
  /// It has come back from there; the sender's kernel looks for the receiver and sends it again.
  case cameBack(from: NodeID)
  case delivered(hops: UInt16)
  /// The program received it.
  case received
  case resent(to: NodeID)
  /// The sender has been told that it may not have been delivered.
  case returned(Undeliverable)
  /// Nobody sends it any more: its sender was lost, or had ended on a node that failed. No kernel reports that; the
  /// chronicle does.
  case lost
}

/// The three kinds of message for a migrant. Kernels need not know them: whoever watches the whole cluster says which it is.
public enum MessageKind: Int, Sendable {
  /// It reached the source after the freezing and before the process ran at the destination.
  case first = 1
  /// It was sent before that, and reached the source after.
  case second = 2
  /// It was sent after the process ran at the destination.
  case third = 3
}

extension MigrationFact {
  /// Whether the process stops or goes on with this fact.
  public var isTurningPoint: Bool {
    switch self {
    case .frozen, .activated, .aborted: true
    case .offered, .accepted, .reserved, .refused, .freezing, .sentPages, .roundEnded, .flushed, .throttled,
      .sentState, .handedOver, .remoteFault, .faultServed, .fetched, .released, .installed, .committed, .updatingLinks,
      .linksUpdated, .linksUnanswered, .coreAwaited, .completed, .discarded, .lost:
      false
    }
  }
}

extension MessageFact {
  /// Whether the message leaves its straight way with this fact.
  public var isTurningPoint: Bool {
    switch self {
    case .queued, .held, .bounced, .dropped, .returned, .lost: true
    case .accepted, .sent, .forwarded, .handedBack, .cameBack, .delivered, .received, .resent: false
    }
  }

  /// True when it says what became of a message that did not meet its process.
  public var isMisrouted: Bool {
    switch self {
    case .queued, .forwarded, .handedBack, .bounced, .dropped: true
    case .accepted, .sent, .held, .cameBack, .delivered, .received, .resent, .returned, .lost: false
    }
  }

  /// True when it waits from then on for a process that moves.
  public var waits: Bool {
    switch self {
    case .queued, .held: true
    case .accepted, .sent, .forwarded, .handedBack, .bounced, .dropped, .cameBack, .delivered, .received, .resent,
      .returned, .lost:
      false
    }
  }

  /// Which of the three kinds its message is, if it says that.
  public var kind: MessageKind? {
    switch self {
    case .queued(let kind), .forwarded(_, let kind, _), .handedBack(_, let kind, _), .bounced(let kind),
      .dropped(let kind):
      kind
    case .accepted, .sent, .held, .cameBack, .delivered, .received, .resent, .returned, .lost: nil
    }
  }

  /// The same fact, with the kind of its message.
  public func of(_ kind: MessageKind?) -> MessageFact {
    switch self {
    case .queued: .queued(kind: kind)
    case .forwarded(let node, _, let hops): .forwarded(to: node, kind: kind, hops: hops)
    case .handedBack(let node, _, let hops): .handedBack(to: node, kind: kind, hops: hops)
    case .bounced: .bounced(kind: kind)
    case .dropped: .dropped(kind: kind)
    case .accepted, .sent, .held, .cameBack, .delivered, .received, .resent, .returned, .lost: self
    }
  }
}

extension Fact {
  /// Whether the fact is about a process: also as the sender or receiver of a message, or as a parent.
  public func concerns(_ process: ProcessID) -> Bool {
    switch self {
    case .created(let id, _, let parent): id == process || parent == process
    case .started(let id), .ended(let id, _, _), .lost(let id, _), .frozen(let id), .resumed(let id),
      .printed(let id, _), .output(let id, _), .outputLost(let id, _, _, _), .systemCall(let id, _, _),
      .refused(let id, _), .deadlocked(let id, _), .processChosen(let id, _), .nodeChosen(let id, _):
      id == process
    case .migration(let attempt, _): attempt.process == process
    case .message(let message, _): message.from == process || message.to == process
    }
  }

  /// Whether a process stops, goes on or is lost with this fact, or a message leaves its straight way.
  public var isTurningPoint: Bool {
    switch self {
    case .lost, .outputLost, .deadlocked: true
    case .migration(_, let fact): fact.isTurningPoint
    case .message(_, let fact): fact.isTurningPoint
    case .created, .started, .ended, .frozen, .resumed, .printed, .output, .systemCall, .processChosen,
      .nodeChosen, .refused:
      false
    }
  }

  /// A number that is equal for equal facts: it depends on whom the fact is about, and on what a program printed,
  /// received and wrote.
  package var digest: UInt64 {
    var digest = ByteDigest()
    switch self {
    case .created(let process, _, _), .started(let process), .lost(let process, _), .frozen(let process),
      .resumed(let process), .outputLost(let process, _, _, _), .systemCall(let process, _, _),
      .refused(let process, _), .deadlocked(let process, _), .processChosen(let process, _),
      .nodeChosen(let process, _):
      digest.put(process)
    case .ended(let process, let summary, _):
      digest.put(process)
      digest.put64(summary.memoryDigest)
      digest.put64(summary.receivedDigest)
      digest.put64(summary.cpuTime)
    case .printed(let process, let text), .output(let process, let text):
      digest.put(process)
      digest.put(text)
    case .migration(let attempt, _): digest.put(attempt)
    case .message(let message, _): digest.put(message)
    }
    return digest.value
  }
}
