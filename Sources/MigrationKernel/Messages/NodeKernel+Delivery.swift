/// Messages between processes: exactly once and in order for each sender and receiver, or the sender is told.
///
/// The sender's kernel keeps every message until the kernel that has the receiver acknowledges it; what is kept moves with
/// the sender, and what the receiver expects next moves with the receiver. Where a message goes on its way is the
/// business of the forwarding mechanism. Silence is answered by sending again, at growing intervals; a kernel on the way that
/// knows that it cannot go on says so. After the sender has been told that a message may not have arrived, later
/// messages do not wait for it.
///
/// Output of a process away from its origin is a message too: to the terminal there.
extension NodeKernel {
  /// Kernel-to-kernel steps after which a message is taken to have no way.
  static var hopLimit: UInt16 { 250 }
  /// How often a message is sent again without any answer before its sender is told.
  static var retryLimit: UInt32 { 5 }

  private var firstRetry: Nanoseconds { 2 * settings.detectionTimeout }

  // MARK: - The sender's kernel

  /// The name of the next message from the process in `slot` to `receiver`.
  func nextMessage(_ slot: Int, to receiver: ProcessID) -> MessageID {
    let sequence = processes[slot].outgoing[receiver]?.nextSequence ?? 0
    return MessageID(from: processes[slot].id, to: receiver, sequence: sequence)
  }

  /// Takes a message from the process in `slot`, and sends it on its way.
  mutating func accept(
    _ slot: Int, to receiver: ProcessID, text: String, size: UInt32, _ out: inout EffectBuffer
  ) {
    let id = nextMessage(slot, to: receiver)
    let message = Message(
      id: id, text: text, size: max(size, UInt32(clamping: text.utf8.count)), sentAt: out.now,
      base: processes[slot].outgoing[receiver]?.base ?? 0, senderNode: self.id)
    processes[slot].outgoing[receiver, default: OutgoingStream()].nextSequence &+= 1
    processes[slot].outgoing[receiver, default: OutgoingStream()].unacknowledged.append(message)
    if !receiver.isTerminal { out.report(.message(id, .accepted(text: text, size: message.size))) }
    armRetry(slot, &out)
    transmit(slot, message, again: false, &out)
  }

  private mutating func transmit(_ slot: Int, _ message: Message, again: Bool, _ out: inout EffectBuffer) {
    var message = message
    let receiver = message.id.to
    message.base = processes[slot].outgoing[receiver]?.base ?? message.base
    message.senderNode = id
    processes[slot].outgoing[receiver]?.lastSentAt = out.now
    let isHere = receiver.isTerminal ? receiver.origin == id : holds(receiver)
    guard !isHere else {
      processes[slot].outgoing[receiver]?.nextHop = nil
      route(RoutedPacket(to: receiver, body: .message(message)), &out)
      return
    }
    guard let next = firstHop(to: receiver) else {
      returned(slot, message.id, .notFound(at: id), &out)
      return
    }
    processes[slot].outgoing[receiver]?.nextHop = next
    if !receiver.isTerminal { out.report(.message(message.id, again ? .resent(to: next) : .sent(to: next))) }
    message.hops = 1
    out.send(.routed(RoutedPacket(to: receiver, hops: 1, body: .message(message))), to: next)
  }

  /// Where the sender's kernel sends what is for `process`: where it was last known to be, else to its origin.
  private func firstHop(to process: ProcessID) -> NodeID? {
    if process.isTerminal { return process.origin }
    return forwarding.nextHop(to: process) ?? (process.origin == id ? nil : process.origin)
  }

  /// True when what is for `process` need not leave this node.
  private func holds(_ process: ProcessID) -> Bool {
    processes.slot(of: process) != nil || departures[process] != nil
  }

  private mutating func armRetry(_ slot: Int, _ out: inout EffectBuffer) {
    guard !processes[slot].retryArmed else { return }
    processes[slot].retryArmed = true
    out.setTimer(.retry(processes[slot].id), at: out.now + firstRetry)
  }

  /// After an arrival: what had not been acknowledged is watched from here.
  mutating func watchMessages(of slot: Int, _ out: inout EffectBuffer) {
    processes[slot].retryArmed = false
    for receiver in processes[slot].outgoing.keys {
      processes[slot].outgoing[receiver]?.nextHop = nil
      processes[slot].outgoing[receiver]?.lastSentAt = out.now
    }
    if processes[slot].outgoing.values.contains(where: { !$0.unacknowledged.isEmpty }) { armRetry(slot, &out) }
  }

  mutating func retryMessages(of process: ProcessID, _ out: inout EffectBuffer) {
    guard let slot = processes.slot(of: process) else { return }
    processes[slot].retryArmed = false
    var next: Nanoseconds?
    for receiver in processes[slot].outgoing.keys {
      guard let stream = processes[slot].outgoing[receiver], !stream.unacknowledged.isEmpty else { continue }
      var due = stream.lastSentAt + firstRetry << UInt64(min(stream.retries, 4))
      if due <= out.now, !isFrozenForMigration(process) {
        if stream.retries < Self.retryLimit {
          processes[slot].outgoing[receiver]?.retries += 1
          for message in stream.unacknowledged { transmit(slot, message, again: true, &out) }
          due = out.now + firstRetry << UInt64(min(stream.retries + 1, 4))
        } else {
          for message in stream.unacknowledged {
            returned(slot, message.id, stream.nextHop.map { .unreachable($0) } ?? .notFound(at: id), &out)
          }
          continue
        }
      }
      next = min(next ?? .max, max(due, out.now + firstRetry))
    }
    if let next, processes.holds(process, in: slot) {
      processes[slot].retryArmed = true
      out.setTimer(.retry(process), at: next)
    }
  }

  /// What was handed to `peer` may be lost: it goes another way, or the senders are told.
  mutating func connectionBrokeWithMessages(_ peer: NodeID, _ out: inout EffectBuffer) {
    forwarding.lostTouch(with: peer)
    let affected = processes.flatMap { process in
      process.outgoing.compactMap { receiver, stream in
        stream.nextHop == peer && !stream.unacknowledged.isEmpty ? (process.id, receiver) : nil
      }
    }
    for (sender, receiver) in affected where !isFrozenForMigration(sender) {
      guard let slot = processes.slot(of: sender), let stream = processes[slot].outgoing[receiver] else { continue }
      let blocked = !holds(receiver) && firstHop(to: receiver) == peer
      for message in stream.unacknowledged {
        if blocked {
          returned(slot, message.id, .unreachable(peer), &out)
        } else {
          transmit(slot, message, again: true, &out)
        }
      }
    }
  }

  /// The sender learns that a message may not have been delivered, and stands for it no longer.
  private mutating func returned(_ slot: Int, _ message: MessageID, _ why: Undeliverable, _ out: inout EffectBuffer) {
    guard let place = processes[slot].outgoing[message.to]?.unacknowledged.firstIndex(where: { $0.id == message })
    else {
      return
    }
    processes[slot].outgoing[message.to]?.unacknowledged.remove(at: place)
    out.report(.message(message, .returned(why)))
    endSending(slot, .undeliverable, &out) { $0 == message }
  }

  private mutating func acknowledged(
    _ slot: Int, by receiver: ProcessID, expected: UInt32, _ out: inout EffectBuffer
  ) {
    while let first = processes[slot].outgoing[receiver]?.unacknowledged.first, first.id.sequence < expected {
      processes[slot].outgoing[receiver]?.unacknowledged.removeFirst()
    }
    processes[slot].outgoing[receiver]?.retries = 0
    endSending(slot, .done, &out) { $0.to == receiver && $0.sequence < expected }
  }

  private mutating func endSending(
    _ slot: Int, _ result: SystemCallResult, _ out: inout EffectBuffer, where matches: (MessageID) -> Bool
  ) {
    for thread in processes[slot].threads.indices {
      if case .sending(let message) = processes[slot].threads[thread].state, matches(message) {
        finishWait(slot, thread, result, &out)
      }
    }
  }

  // MARK: - Any kernel on the way

  /// Something for a process has come: it has arrived, waits for the end of a migration, or goes on. A process that is
  /// only on its way here is still its source's: there it may run, and there its messages wait while it does not.
  mutating func route(_ routed: RoutedPacket, _ out: inout EffectBuffer) {
    if routed.to.isTerminal {
      deliverToTerminal(routed, &out)
    } else if isFrozenForMigration(routed.to) {
      queueForDeparture(routed, &out)
    } else if let slot = processes.slot(of: routed.to) {
      deliver(slot, routed, &out)
    } else {
      forward(routed, queued: false, &out)
    }
  }

  /// Sends on what is for a process that is not here.
  mutating func forward(_ routed: RoutedPacket, queued: Bool, _ out: inout EffectBuffer) {
    guard let next = forwarding.nextHop(to: routed.to), routed.hops < Self.hopLimit else {
      sendBack(routed, .notFound(at: id), &out)
      return
    }
    if let until = suspects[next], until > out.now {
      sendBack(routed, .unreachable(next), &out)
      return
    }
    var routed = routed
    routed.hops += 1
    if case .message(var message) = routed.body {
      message.hops = routed.hops
      routed.body = .message(message)
      let since = forwarding.runsElsewhere(routed.to) ?? 0
      let kind: MessageKind = queued ? .first : message.sentAt < since ? .second : .third
      out.report(.message(message.id, .forwarded(to: next, kind: kind, hops: routed.hops)))
    }
    out.send(.routed(routed), to: next)
  }

  private mutating func sendBack(_ routed: RoutedPacket, _ why: Undeliverable, _ out: inout EffectBuffer) {
    guard case .message(let message) = routed.body else { return }
    answer(message, .undeliverable(message.id, why), &out)
  }

  /// Sends something about a message to its sender, by way of the node from which it came.
  private mutating func answer(_ message: Message, _ body: RoutedPacket.Body, _ out: inout EffectBuffer) {
    let routed = RoutedPacket(to: message.id.from, body: body)
    if message.senderNode == id { route(routed, &out) } else { out.send(.routed(routed), to: message.senderNode) }
  }

  private mutating func queueForDeparture(_ routed: RoutedPacket, _ out: inout EffectBuffer) {
    if case .message(let message) = routed.body {
      let isRepeated = departures[routed.to]?.queue.contains { waiting in
        if case .message(let other) = waiting.body { other.id == message.id } else { false }
      }
      if isRepeated == true {
        answer(message, .waiting(message.id), &out)
        return
      }
      out.report(.message(message.id, .queued))
    }
    departures[routed.to]?.queue.append(routed)
  }

  // MARK: - The receiver's kernel

  private mutating func deliver(_ slot: Int, _ routed: RoutedPacket, _ out: inout EffectBuffer) {
    switch routed.body {
    case .message(let message):
      let ready = processes[slot].incoming[message.id.from, default: IncomingStream()].take(message)
      for next in ready {
        out.report(.message(next.id, .delivered(hops: next.hops)))
        processes[slot].inbox.append(next)
      }
      for _ in ready { wakeReceiver(slot, &out) }
      acknowledge(message, expected: processes[slot].incoming[message.id.from]?.expected ?? 0, &out)
    case .acknowledgement(let from, let expected, let node, let epoch):
      if node != id, !from.isTerminal { forwarding.learned(from, at: node, epoch: epoch, now: out.now) }
      acknowledged(slot, by: from, expected: expected, &out)
    case .waiting(let message):
      processes[slot].outgoing[message.to]?.retries = 0
    case .undeliverable(let message, let why):
      forwarding.forget(message.to)
      returned(slot, message, why, &out)
    }
  }

  private mutating func acknowledge(_ message: Message, expected: UInt32, _ out: inout EffectBuffer) {
    // The epoch by which it came here: one that has only been offered says nothing about where it is.
    let epoch = activatedEpochs[message.id.to] ?? 0
    answer(message, .acknowledgement(from: message.id.to, expected: expected, node: id, epoch: epoch), &out)
  }

  private mutating func deliverToTerminal(_ routed: RoutedPacket, _ out: inout EffectBuffer) {
    guard case .message(let message) = routed.body else { return }
    let sender = message.id.from
    for next in terminal[sender, default: IncomingStream()].take(message) { out.report(.output(sender, next.text)) }
    acknowledge(message, expected: terminal[sender]?.expected ?? 0, &out)
  }
}
