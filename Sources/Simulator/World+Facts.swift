import MigrationKernel

/// What kernels report, for whoever watches the whole cluster.
extension World {
  mutating func take(_ fact: consuming Fact, from node: NodeID) {
    switch fact {
    case .created(let process, let name, let parent):
      processes.add(process, name: name, parent: parent, on: node, at: now) { nodeNames[$0] != nil }
    case .ended(let process, let summary, let reason):
      processes.update(process) { record in
        record.fate = .ended(reason, at: now, on: node)
        record.summary = summary
      }
    case .lost(let process, let cause):
      // A kernel says so of a process that went there and never answered; it may have moved on before its node fell.
      if isHeld(process) {
        invariants?.observe(fact, from: node, at: now)
      } else {
        lose(process, becauseOf: cause, reportedBy: node)
      }
      return
    case .output(let process, let text):
      processes.addOutput(process, ProcessDirectory.OutputLine(time: now, node: node, text: text))
    case .migration(let attempt, let fact): take(fact, of: attempt, node: node)
    case .message(let message, let step): fact = .message(message, take(step, of: message, node: node))
    case .systemCall(let process, let delay, let bytes):
      processes.update(process) { $0.systemCalls.add(delay: delay, bytes: bytes) }
      if let number = processes[process]?.migrations.last {
        migrations.addSystemCall(of: number, delay: delay, bytes: bytes)
      }
    case .started, .frozen, .resumed, .refused: break
    }
    if keepsDigest { digest = Generator.fold(digest, fact.digest &+ now) }
    invariants?.observe(fact, from: node, at: now)
    log.append(.fact(fact), node: node, time: now)
  }

  /// - Returns: the fact as the log keeps it.
  private mutating func take(_ fact: MessageFact, of message: MessageID, node: NodeID) -> MessageFact {
    switch fact {
    case .queued, .forwarded, .handedBack, .bounced, .dropped, .resent:
      let fact = fact.isMisdirection ? fact.of(kind(of: message, at: node)) : fact
      messages.take(fact, of: message, node: node, time: now)
      if let number = processes[message.to]?.migrations.last { migrations.add(fact, to: number) }
      return fact
    case .accepted(_, let size):
      messages.take(fact, of: message, node: node, time: now)
      // The log need not keep the text: the ledger has it.
      return .accepted(text: "", size: size)
    case .sent, .held, .cameBack, .delivered, .received, .returned:
      messages.take(fact, of: message, node: node, time: now)
      return fact
    }
  }

  private mutating func take(_ fact: MigrationFact, of attempt: MigrationAttempt, node: NodeID) {
    if let number = migrations.take(fact, of: attempt, node: node, time: now) {
      processes.update(attempt.process) { $0.migrations.append(number) }
    }
    switch fact {
    case .committed:
      guard let number = processes[attempt.process]?.migrations.last, let record = migrations[number] else { return }
      processes.setOwner(attempt.process, .inTransit(from: node, to: record.destination))
    case .activated: processes.setOwner(attempt.process, .node(node))
    case .offered, .accepted, .reserved, .refused, .freezing, .frozen, .sentPages, .roundEnded, .flushed, .throttled,
      .handedOver, .remoteFault, .faultServed, .fetched, .released, .installed, .updatingLinks, .linksUpdated,
      .completed, .aborted, .discarded, .lost:
      break
    }
  }

  /// Which of the three kinds a message for a migrant is that `node` could not deliver.
  private func kind(of message: MessageID, at node: NodeID) -> MessageKind? {
    guard let numbers = processes[message.to]?.migrations, let record = messages.onItsWay(message) else { return nil }
    // What has waited goes on as what it was.
    if record.status == .queued || record.status == .held, record.steps.last?.node == node {
      return record.steps.lazy.compactMap(\.fact.kind).last
    }
    for number in numbers.reversed() {
      guard let migration = migrations[number] else { continue }
      if let activated = migration.activatedAt { return record.acceptedAt < activated ? .second : .third }
      if migration.source == node, migration.frozenAt != nil, migration.endedAt == nil { return .first }
    }
    return nil
  }

  /// True when the node that owns `process`, as far as all facts together tell, still has it.
  private func isHeld(_ process: ProcessID) -> Bool {
    guard case .node(let node)? = processes[process]?.owner else { return false }
    return self[node].kernel?.processes[process] != nil
  }

  mutating func lose(_ process: ProcessID, becauseOf node: NodeID, reportedBy reporter: NodeID) {
    guard let record = processes[process], record.fate == .alive else { return }
    processes.update(process) { $0.fate = .lost(becauseOf: node, at: now) }
    migrations.lost(process, becauseOf: node, time: now)
    messages.lostProcess(process)
    log.append(.fact(.lost(process, becauseOf: node)), node: node, time: now)
    invariants?.observe(.lost(process, becauseOf: node), from: reporter, at: now)
  }

  /// Processes between commit and activation when one end falls: lost when neither end can know of them any more.
  mutating func loseInTransit(_ node: NodeID, _ kernel: NodeKernel) {
    let affected = kernel.departures.keys.filter { kernel.processes[$0] == nil } + kernel.arrivals.keys
    for process in affected {
      guard case .inTransit(let source, let destination)? = processes[process]?.owner else { continue }
      let isHeld = self[destination].kernel?.arrivals[process]?.process != nil
      let isPromised = self[source].kernel?.departures[process] != nil
      if !isHeld && !isPromised { lose(process, becauseOf: node, reportedBy: node) }
    }
  }
}
