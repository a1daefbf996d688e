import Chronicle
import MigrationKernel
import Simulator

/// The kinds of entries that `log --kind` can choose.
enum LogKind: String, CaseIterable {
  case node, process, policy, migration, message, output
}

extension Log.Event {
  var kind: LogKind {
    switch self {
    case .cluster: .node
    case .fact(.migration): .migration
    case .fact(.processChosen), .fact(.nodeChosen): .policy
    case .fact(.message): .message
    case .fact(.printed), .fact(.output), .fact(.outputLost): .output
    case .fact: .process
    }
  }

  /// Whether it happened at one node.
  var hasNode: Bool { if case .cluster(.networkChanged) = self { false } else { true } }

  func concerns(_ process: ProcessID) -> Bool {
    if case .fact(let fact) = self { fact.concerns(process) } else { false }
  }

  /// A clause that says what happened.
  ///
  /// - Parameter find: finds a message that it is about; by default in the world.
  public func text(in world: any Cluster, find: ((MessageID) -> MessageRecord?)? = nil) -> String {
    switch self {
    case .cluster(let event): event.text(in: world)
    case .fact(let fact): fact.text(in: world, find: find ?? { world.messages[$0] })
    }
  }
}

extension ClusterEvent {
  func text(in world: any Cluster) -> String {
    switch self {
    case .nodeAdded: "the node joined the cluster"
    case .nodeFailed: "the node failed"
    case .nodeRecovered: "the node is back, empty"
    case .nodeRemoved: "the node left the cluster"
    case .nodeChanged(let speed, let memory, let interface):
      "the node has speed \(Commands.speedText(speed))"
        + (interface.map { ", \(formatSize(memory)) and an interface of \(formatRate($0))" }
          ?? " and \(formatSize(memory))")
        + " from now on"
    case .connectionBroken(let peer): "the connection to \(world[peer].name) broke"
    case .lineFailed(let peer): "the line to \(world[peer].name) failed"
    case .lineHealed(let peer): "the line to \(world[peer].name) healed"
    case .lineChanged(let peer, let line):
      "the line to \(world[peer].name) has \(Commands.lineText(line)) from now on"
    case .networkChanged(let line): "the network has \(Commands.lineText(line)) from now on"
    case .driverReplaced: "the node has a new driver"
    case .packetUnreadable(let sender, let error): "cannot read a packet from \(world[sender].name): \(error.what)"
    }
  }
}

extension Fact {
  private func text(of message: MessageID, _ fact: MessageFact, _ record: MessageRecord?, in world: any Cluster)
    -> String
  {
    let number = record.map { " \($0.number)" } ?? ""
    let ends = "\(world.name(of: message.from)) to \(world.name(of: message.to))"
    return "message\(number), \(ends): \(messageText(fact, record, world))"
  }

  fileprivate func text(in world: any Cluster, find: (MessageID) -> MessageRecord?) -> String {
    switch self {
    case .created(let process, _, let parent):
      "\(world.name(of: process)) created\(parent.map { " by \(world.name(of: $0))" } ?? "")"
    case .started(let process): "\(world.name(of: process)) started"
    case .ended(let process, _, .exited): "\(world.name(of: process)) ended"
    case .ended(let process, _, .killed): "\(world.name(of: process)) was killed"
    case .ended(let process, _, .fault(let why)): "\(world.name(of: process)) died: \(why)"
    case .lost(let process, let node):
      "\(world.name(of: process)) is lost, \(lossText(of: process, becauseOf: node, world))"
    case .frozen(let process): "\(world.name(of: process)) was frozen by the operator"
    case .resumed(let process): "\(world.name(of: process)) was resumed by the operator"
    case .printed(let process, let text), .output(let process, let text):
      "\(world.name(of: process)) printed \(Commands.quoted(text))"
    case .outputLost(let process, let lines, _, let node):
      "\(counted(lines, "line")) of \(world.name(of: process)) may be lost: node \(world[node].name) had failed"
    case .migration(let attempt, let fact):
      "\(world.name(of: attempt.process)) (epoch \(attempt.epoch)): \(fact.text(in: world))"
    case .message(let message, let fact): text(of: message, fact, find(message), in: world)
    case .systemCall(let process, let delay, let bytes):
      "\(world.name(of: process)): a system call at its origin took \(formatTime(delay)) and \(formatSize(UInt64(bytes)))"
    case .processChosen(let process, let choice):
      "\(world.name(of: process)) selected by `\(choice.policy)` among \(counted(choice.count, "process", plural: "processes"))"
    case .nodeChosen(let process, let choice):
      "\(world.name(of: process)): \(ChoiceReport.sentence(choice, world))"
    case .refused(let process, let why): "\(world.name(of: process)): refused, \(why)"
    case .deadlocked(let process, let waits): Commands.deadlockText(of: process, waits, world)
    }
  }
}

extension Commands {
  /// Who waits for whom, as a sentence.
  static func deadlockText(of process: ProcessID, _ waits: [ThreadWait], _ world: any Cluster) -> String {
    "\(world.name(of: process)) cannot go on: "
      + waits.map { "thread \($0.thread + 1) \(waitText($0.what, of: $0.thread))" }.joined(separator: "; ")
  }

  /// What a thread waits for of others of its process, as a clause.
  static func waitText(_ what: ThreadWait.What, of thread: Int) -> String {
    switch what {
    case .lock(let name, holder: thread): "waits for lock \(name), which it has itself"
    case .lock(let name, let holder?): "waits for lock \(name), which thread \(holder + 1) has"
    case .lock(let name, nil): "waits for lock \(name)"
    case .barrier(let name, let missing): "waits at barrier \(name) for \(counted(missing, "more thread"))"
    case .end(let thread): "waits for thread \(thread + 1) to end"
    }
  }
}

extension MigrationFact {
  func text(in world: any Cluster) -> String {
    switch self {
    case .offered(let node, let mechanism, nil, _): "offered to \(world[node].name), \(mechanism.rawValue)"
    case .offered(let node, let mechanism, let backing?, _):
      "offered to \(world[node].name), \(mechanism.rawValue) to backing node \(world[backing].name)"
    case .accepted: "accepted"
    case .reserved: "the backing node has room"
    case .refused(.noRoom): "refused, the destination has no room"
    case .refused(.otherPageSize): "refused, the destination has pages of another size"
    case .refused(.backingHasNoRoom): "refused, the backing node has no room"
    case .refused(.backingHasOtherPageSize): "refused, the backing node has pages of another size"
    case .freezing: "freezing"
    case .frozen: "frozen: every thread is at a safe point"
    case .sentPages(let pages, let zeros, let deltas, _, _, let bytes):
      "sent \(counted(pages, "page"))\(Self.forms(zeros: zeros, deltas: deltas)) in \(formatSize(UInt64(bytes)))"
    case .throttled(0): "it runs at its full speed again"
    case .throttled(let throttle): "slowed down by \(throttle)%, since it writes too fast"
    case .roundEnded(let round):
      "a round of \(counted(round.pages, "page")) is over, \(round.dirtied) \(round.dirtied == 1 ? "was" : "were") written "
        + "meanwhile; \(round.outcome.text)"
    case .flushed: "the backing node has what was written to it"
    case .sentState(let bytes): "sent a part of its state in \(formatSize(UInt64(bytes)))"
    case .handedOver(let bytes, 0): "handed over in \(formatSize(UInt64(bytes)))"
    case .handedOver(let bytes, let pages):
      "handed over in \(formatSize(UInt64(bytes))); \(counted(pages, "page")) \(pages == 1 ? "stays" : "stay") behind"
    case .remoteFault(let page): "page \(page) was touched and is not here: asked for"
    case .faultServed(let stall): "the page has come, after \(formatTime(stall))"
    case .fetched: "the backing node has nothing any more that is not here"
    case .released: "what was left behind is needed no more"
    case .installed: "installed at the destination"
    case .committed: "committed: it never runs here again"
    case .activated(awaitsCore: false): "activated: it runs here"
    case .activated(awaitsCore: true): "activated: it may run here, and waits for a core"
    case .coreAwaited(let time): "had waited \(formatTime(time)) for a core"
    case .updatingLinks(let count):
      "\(counted(count, "correspondent")) \(count == 1 ? "is" : "are") told where it goes"
    case .linksUpdated: "all its correspondents know where it goes"
    case .linksUnanswered(let count): "the commit does not wait for \(counted(count, "correspondent"))"
    case .completed(0): "completed"
    case .completed(let queued): "completed, \(counted(queued, "message")) sent on"
    case .aborted(.processEnded): "aborted, the process ended"
    case .aborted(.cancelled): "cancelled by the operator; it goes on here"
    case .aborted(let why): "aborted, \(why.text(in: world)); it goes on here"
    case .discarded: "discarded, its frames are free again"
    case .lost: "lost: it was committed to the destination, which knows nothing of it"
    }
  }
}

extension MigrationFact {
  /// Says how many pages of a batch did not go as whole pages.
  private static func forms(zeros: Int, deltas: Int) -> String {
    let parts = (zeros > 0 ? ["\(zeros) as marks"] : []) + (deltas > 0 ? ["\(deltas) as differences"] : [])
    return parts.isEmpty ? "" : ", \(parts.joined(separator: " and ")),"
  }
}

extension TransferRound.Outcome {
  /// A clause that says what follows a round.
  var text: String {
    switch self {
    case .goesOn: "another round follows"
    case .slowsDown: "slowed down, another round follows"
    case .clean: "nothing remains"
    case .noReduction: "another would gain nothing"
    case .boundReached: "the bound on rounds is reached"
    case .downtimeMet: "the rest goes within the downtime"
    case .familyReady: "those that go with it may be stopped too"
    }
  }
}

/// What a step of a message was; `record` says what became of the message, if that is known.
func messageText(_ fact: MessageFact, _ record: MessageRecord?, _ world: any Cluster) -> String {
  switch fact {
  case .accepted(_, let size): "accepted, \(formatSize(UInt64(size)))"
  case .sent(let node): "sent to \(world[node].name)"
  case .queued(let kind): "queued until the migration is over\(kindText(kind))"
  case .forwarded(let node, let kind, let hops):
    "sent on to \(world[node].name), hop \(hops)\(kindText(kind))"
  case .handedBack(let node, let kind, let hops):
    "handed back to its origin \(world[node].name), hop \(hops)\(kindText(kind))"
  case .held: "waits at the origin until the move is reported"
  case .bounced(let kind): "not here: sent back\(kindText(kind))"
  case .dropped(let kind): "not here: dropped\(kindText(kind))"
  case .cameBack(let node): "came back from \(world[node].name): the receiver is looked for, and it is sent again"
  case .delivered(let hops): "delivered after \(counted(hops, "hop"))"
  case .received: "received by the program"
  case .resent(let node): "sent again to \(world[node].name)"
  case .returned(let why):
    record?.status == .delivered
      ? "its sender is told that it may not be delivered, though it is: \(reasonText(why, world))"
      : "returned: \(reasonText(why, world))"
  case .lost: "lost: nobody sends it any more"
  }
}

private func reasonText(_ why: Undeliverable, _ world: any Cluster) -> String {
  switch why {
  case .notFound(let node): "nothing on \(world[node].name) tells where the receiver is"
  case .notHere(let node): "the receiver is not on \(world[node].name), and the program is told"
  case .rebooted(let node, _): "node \(world[node].name) has failed since"
  case .unreachable(let node): "the way to the receiver leads over \(world[node].name), which does not answer"
  }
}

private func kindText(_ kind: MessageKind?) -> String { kind.map { " (kind \($0.rawValue))" } ?? "" }

/// A clause that says why a process was lost: a kernel knows no more than that a connection broke.
func lossText(of process: ProcessID, becauseOf node: NodeID, _ world: any Cluster) -> String {
  world.processes[process]?.wasGivenUp == true
    ? "because the connection to \(world.name(of: node)) broke" : "because node \(world.name(of: node)) failed"
}
