import MigrationKernel

/// What has happened in a cluster, as facts tell it: those that kernels report, and those that the driver reports of
/// nodes, lines and packets. It knows nothing else, so it says the same of a simulated cluster and of a live one.
public struct Chronicle: Sendable {
  /// What happened, in order.
  public private(set) var log = Log()
  /// Every process that ever was.
  public private(set) var processes = ProcessDirectory()
  /// Every migration that ever was.
  public private(set) var migrations = MigrationLedger()
  /// The messages of late.
  public private(set) var messages = MessageLedger()
  /// The packets of late.
  public private(set) var packets = PacketTrace()
  /// Every job that ever was. The driver tells it what jobs come.
  public var jobs = JobLedger()
  /// Who is called what.
  private var names = NameBook()

  /// Nothing has happened yet.
  public init() {}

  /// The number of the node of that name, if it is in the cluster.
  public func node(named name: String) -> NodeID? { names.node(named: name) }

  /// How many entries of the log, how many messages and how many packets are kept; nil leaves it as it is.
  public mutating func keep(log: Int?, messages: Int?, packets: Int?) {
    if let log { self.log.capacity = log }
    if let messages { self.messages.capacity = messages }
    if let packets { self.packets.capacity = packets }
  }

  /// `messages.isDelivered` can tell of this message from now on, whatever else is sent.
  public mutating func watch(_ message: MessageID) { messages.watch(message) }

  // MARK: - Names

  /// True when nobody has a name, and it is kept for nobody.
  public func isFree(_ name: String) -> Bool { names.isFree(name) }

  /// The process for whose forks a name is kept; nil when it is for none.
  public func reserver(of name: String) -> String? { names.reserver(of: name) }

  /// Settles who will be called what, before a kernel is asked to create a process: a name that nobody has for that, and
  /// for all that it may fork.
  public mutating func settleNames(in request: inout SpawnRequest) {
    let name = names.freeName(request.name)
    request.name = name
    names.add(name, .process)
    request.program = request.program.renamingForks { names.reserveStem($0, for: name) }
  }

  /// Takes back what was settled for a request that came to nothing.
  public mutating func forgetNames(in request: SpawnRequest) { names.forget(request.name) }

  // MARK: - Facts of kernels

  /// Records what a kernel reports.
  ///
  /// - Returns: false when it tells nothing new.
  public mutating func recordFact(_ fact: consuming Fact, from node: NodeID, at time: Nanoseconds) -> Bool {
    switch fact {
    case .created(let process, let name, let parent):
      processes.add(process, name: name, parent: parent, on: node, at: time)
      names.add(name, .process)
    case .ended(let process, let summary, let reason):
      processes.update(process) { record in
        record.fate = .ended(reason, at: time, on: node)
        record.summary = summary
      }
      if let number = processes[process]?.migrations.last { migrations.processGone(number) }
      migrations.forgetChoice(of: process)
      jobs.end(process, reason == .exited ? .completed : .killed, at: time)
    case .lost(let process, let cause):
      guard processes[process]?.fate == .alive else { return false }
      if canLose(process, node) { recordLoss(of: process, becauseOf: cause, reporter: node, at: time) }
      return true
    case .printed(let process, _):
      processes.update(process) { $0.lines.printed += 1 }
      // The log says when it is on the terminal.
      return true
    case .outputLost(let process, _, let left, let cause):
      processes.update(process) { $0.lines.lose(with: cause, but: left) }
    case .output(let process, let text):
      processes.addOutput(process, ProcessDirectory.OutputLine(time: time, node: node, text: text))
    case .migration(let attempt, let step): recordStep(step, of: attempt, from: node, at: time)
    case .message(let message, let step):
      let kept = recordStep(step, of: message, from: node, at: time)
      log.append(.fact(.message(message, kept)), node: node, time: time)
      return true
    case .systemCall(let process, let delay, let bytes):
      processes.update(process) { $0.systemCalls.add(delay: delay, bytes: bytes) }
      if let number = processes[process]?.migrations.last {
        migrations.addSystemCall(of: number, delay: delay, bytes: bytes)
      }
    case .processChosen(let process, let choice): migrations.chose(process, choice)
    case .nodeChosen(let process, let choice): migrations.chose(process, to: choice)
    case .refused(let process, _): migrations.refused(process)
    case .started, .frozen, .resumed, .deadlocked: break
    }
    log.append(.fact(fact), node: node, time: time)
    return true
  }

  /// - Returns: the fact as the log keeps it.
  private mutating func recordStep(
    _ fact: MessageFact, of message: MessageID, from node: NodeID, at time: Nanoseconds
  ) -> MessageFact {
    switch fact {
    case .queued, .forwarded, .handedBack, .bounced, .dropped, .resent:
      let fact = fact.isMisrouted ? fact.of(kind(of: message, at: node, fact)) : fact
      messages.recordStep(fact, of: message, from: node, at: time)
      if let number = processes[message.to]?.migrations.last { migrations.add(fact, to: number) }
      return fact
    case .accepted(_, let size):
      messages.recordStep(fact, of: message, from: node, at: time)
      // The log need not keep the text: the ledger has it.
      return .accepted(text: "", size: size)
    case .sent, .held, .cameBack, .delivered, .received, .returned, .lost:
      messages.recordStep(fact, of: message, from: node, at: time)
      return fact
    }
  }

  private mutating func recordStep(
    _ fact: MigrationFact, of attempt: MigrationAttempt, from node: NodeID, at time: Nanoseconds
  ) {
    if let number = migrations.recordStep(fact, of: attempt, from: node, at: time) {
      processes.update(attempt.process) { $0.migrations.append(number) }
    }
    if case .committed = fact, let record = lastMigration(of: attempt.process) {
      processes.setOwner(attempt.process, .inTransit(from: node, to: record.destination))
    } else if case .activated = fact {
      processes.setOwner(attempt.process, .node(node))
    }
    recordJob(fact, of: attempt.process)
  }

  /// A job moves: how often it does, and what that takes.
  private mutating func recordJob(_ fact: MigrationFact, of process: ProcessID) {
    switch fact {
    case .activated where lastMigration(of: process)?.mechanism == .nonPreemptive: jobs.place(process)
    case .activated: jobs.move(process)
    case .sentPages(_, _, _, _, _, let bytes), .sentState(let bytes), .handedOver(let bytes, _):
      jobs.carry(bytes: bytes, for: process)
    case .offered, .accepted, .reserved, .refused, .freezing, .frozen, .roundEnded, .flushed, .throttled, .remoteFault,
      .faultServed, .fetched, .released, .installed, .committed, .updatingLinks, .linksUpdated, .linksUnanswered,
      .coreAwaited, .completed, .aborted, .discarded, .lost:
      break
    }
  }

  private func lastMigration(of process: ProcessID) -> MigrationRecord? {
    processes[process]?.migrations.last.flatMap { migrations[$0] }
  }

  /// Which of the three kinds a message for a migrant is that `node` could not deliver.
  private func kind(of message: MessageID, at node: NodeID, _ fact: MessageFact) -> MessageKind? {
    guard let numbers = processes[message.to]?.migrations, let record = messages.undelivered(message) else {
      return nil
    }
    // It waits for the process at its destination, where it has come by the straight way.
    if case .queued = fact, let last = numbers.last, migrations[last]?.source != node { return nil }
    // What has waited goes on as what it was.
    if let last = record.steps.last, last.node == node, last.fact.waits {
      return record.steps.lazy.compactMap(\.fact.kind).last
    }
    for number in numbers.reversed() {
      guard let migration = migrations[number] else { continue }
      if let activated = migration.activatedAt { return record.acceptedAt < activated ? .second : .third }
      if migration.source == node, migration.frozenAt != nil, migration.endedAt == nil { return .first }
    }
    return nil
  }

  // MARK: - Losses

  /// True when a kernel that says that a process is lost was the last to know of it. A source also says so of a process
  /// that went to a node and never answered from there, though it may have moved on before that node fell.
  private func canLose(_ process: ProcessID, _ reporter: NodeID) -> Bool {
    switch processes[process]?.owner {
    case .node(let owner): owner == reporter
    case .inTransit(let source, let destination): reporter == source || reporter == destination
    case nil: false
    }
  }

  /// - Parameter reporter: the node whose kernel gave the process up; nil when it was on the node that failed.
  private mutating func recordLoss(
    of process: ProcessID, becauseOf node: NodeID, reporter: NodeID? = nil, at time: Nanoseconds
  ) {
    processes.update(process) {
      $0.fate = .lost(becauseOf: node, at: time)
      $0.wasGivenUp = reporter != nil
    }
    jobs.end(process, .lost, at: time)
    migrations.lost(
      process, reporter == nil ? .nodeFailed(node) : .aborted(.connectionBroken(node)), time: time)
    if let number = processes[process]?.migrations.last { migrations.processGone(number) }
    migrations.forgetChoice(of: process)
    log.append(.fact(.lost(process, becauseOf: node)), node: reporter ?? node, time: time)
    recordLossOfOutput(of: process, keptOn: reporter ?? node, at: time)
    recordLossOfMessages(keptOn: reporter ?? node, at: time) { $0 == process }
  }

  /// Nobody sends any more what these senders had sent and what is on its way.
  private mutating func recordLossOfMessages(
    keptOn node: NodeID, at time: Nanoseconds, of isLost: (ProcessID) -> Bool
  ) {
    for message in messages.onTheirWay(from: isLost) {
      messages.recordStep(.lost, of: message, from: node, at: time)
      log.append(.fact(.message(message, .lost)), node: node, time: time)
    }
  }

  /// Nobody has the lines any more that a process had printed and its terminal had not answered.
  private mutating func recordLossOfOutput(of process: ProcessID, keptOn node: NodeID, at time: Nanoseconds) {
    guard let lines = processes[process]?.lines.waiting, lines > 0 else { return }
    processes.update(process) { $0.lines.lose(with: node) }
    log.append(.fact(.outputLost(process, lines: lines, left: 0, becauseOf: node)), node: node, time: time)
  }

  /// Processes that are lost now that a node has fallen: those that it had, and those on their way between two nodes of
  /// which neither can know of them any more.
  private func lostWith(_ node: NodeID) -> [ProcessID] {
    processes.all.lazy.filter { record in
      guard record.fate == .alive else { return false }
      switch record.owner {
      case .node(let owner): return owner == node
      case .inTransit(let source, let destination):
        return (source == node || destination == node) && lastMigration(of: record.id)?.hasSurvivor == false
      }
    }.map(\.id)
  }

  // MARK: - Facts of the driver

  /// Records what befell a node or a line.
  ///
  /// - Returns: the losses of processes that follow from it.
  @discardableResult
  public mutating func recordEvent(_ event: ClusterEvent, of node: NodeID, at time: Nanoseconds) -> [Fact] {
    log.append(.cluster(event), node: node, time: time)
    switch event {
    case .nodeAdded(let name): names.add(name, .node(node))
    case .nodeRemoved: names.remove(node)
    case .nodeFailed:
      migrations.nodeFailed(node, time: time)
      let lost = lostWith(node)
      for process in lost { recordLoss(of: process, becauseOf: node, at: time) }
      // What a process has sent or printed that ended there is kept there.
      let processes = processes
      recordLossOfMessages(keptOn: node, at: time) {
        if case .ended(_, _, on: node)? = processes[$0]?.fate { true } else { false }
      }
      for record in processes.all {
        guard case .ended(_, _, on: node) = record.fate else { continue }
        recordLossOfOutput(of: record.id, keptOn: node, at: time)
      }
      return lost.map { .lost($0, becauseOf: node) }
    case .nodeRecovered, .nodeChanged, .connectionBroken, .lineFailed, .lineHealed, .lineChanged, .networkChanged,
      .driverReplaced, .packetUnreadable:
      break
    }
    return []
  }

  /// Records that a packet was handed to the network.
  ///
  /// - Parameter isCopy: no kernel has sent it, but a driver, which sent it twice.
  /// - Returns: its number.
  public mutating func recordPacket(_ record: consuming PacketTrace.Record, isCopy: Bool = false) -> Int {
    if !isCopy, let message = record.message {
      messages.charge(record.bytes, more: record.isPart || record.isRest, of: message)
    }
    return packets.append(record)
  }

  /// Records that a packet arrives later than was thought.
  public mutating func recordDelay(ofPacket number: Int, until time: Nanoseconds) { packets.delay(number, until: time) }

  /// Records that what one node had sent to another and has not arrived by `time` never does.
  public mutating func recordLossOfPackets(from: NodeID, to: NodeID, at time: Nanoseconds) {
    packets.lose(from: from, to: to, after: time)
  }
}

/// What befalls a node, or a line from it to another.
public enum ClusterEvent: Sendable, Equatable {
  case nodeAdded(name: String)
  case nodeFailed
  case nodeRecovered
  case nodeRemoved
  /// The operator gave it another speed, in thousandths, or another memory.
  case nodeChanged(speed: UInt64, memory: UInt64, interface: UInt64?)
  /// The node was told that its connection to a peer broke.
  case connectionBroken(NodeID)
  /// The line between the node and another was cut.
  case lineFailed(NodeID)
  case lineHealed(NodeID)
  /// The operator made the line between the node and another one different.
  case lineChanged(NodeID, Line)
  /// The operator made all lines different that have not been set by themselves. It happens at no node.
  case networkChanged(Line)
  /// The operator gave the node a new driver.
  case driverReplaced
  /// The node could not read what came from another, and dropped it.
  case packetUnreadable(from: NodeID, WireError)
}
