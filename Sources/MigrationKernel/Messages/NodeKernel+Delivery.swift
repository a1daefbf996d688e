/// Messages between processes on their way and at their end: exactly once and in order for each sender and receiver, or
/// the sender is told. What the sender's kernel does is in `NodeKernel+Sending.swift`.
///
/// What the receiver expects next moves with the receiver. Where a message goes on its way is the business of the
/// forwarding mechanism; a kernel on the way that knows that it cannot go on says so.
///
/// Output of a process away from its origin is a message too: see `NodeKernel+Output.swift`.
extension NodeKernel {
  /// Kernel-to-kernel steps after which a message is taken to have no way.
  static var hopLimit: UInt16 { 250 }

  // MARK: - Any kernel on the way

  /// Something for a process has come. The kernel delivers it, lets it wait for the end of a migration, or sends it another
  /// way. A process that is only on its way here still belongs to its source: it may run there, and the source settles what
  /// becomes of its messages while it does not.
  mutating func route(_ routed: RoutedPacket, _ out: inout EffectBuffer) {
    let process = routed.to
    if process.isTerminal {
      deliverToTerminal(routed, &out)
    } else if isFrozenForMigration(process) {
      handleMisrouted(routed, process.forwarding.rules.whileMoving(process, locations), &out)
    } else if let slot = processes.slot(of: process) {
      deliverPacket(slot, routed, &out)
    } else if outboxes[process] != nil, routed.messageID == nil {
      endUpdate(routed, &out)
      receiveAnswer(Sender(id: process, slot: nil), routed.body, &out)
    } else {
      let rules = process.forwarding.rules
      handleMisrouted(routed, rules.elsewhere(process, minimumEpoch: routed.minimumEpoch, locations), &out)
    }
  }

  /// Something has not met its process, and the mechanism has said what becomes of it.
  private mutating func handleMisrouted(_ routed: RoutedPacket, _ disposition: Disposition, _ out: inout EffectBuffer) {
    switch disposition {
    case .queue: queueForDeparture(routed, &out)
    case .hold(let epoch): holdForReport(routed, minimumEpoch: epoch, &out)
    case .forward(let next, let epoch):
      var routed = routed
      routed.minimumEpoch = epoch
      sendOn(routed, to: next, &out) { .forwarded(to: next, kind: nil, hops: $0) }
    case .handBack(let origin)
    where routed.minimumEpoch == 0 && routed.messageID != nil && !isFrozenForMigration(routed.to):
      // Home communication has brought it here, to the origin of its sender.
      sendOn(routed, to: origin, &out) { .forwarded(to: origin, kind: nil, hops: $0) }
    case .handBack(let origin):
      var routed = routed
      routed.isMoving = isFrozenForMigration(routed.to)
      routed.minimumEpoch = max(routed.minimumEpoch + 1, departures[routed.to]?.attempt.epoch ?? 0)
      departures[routed.to]?.handedBack()
      sendOn(routed, to: origin, &out) { .handedBack(to: origin, kind: nil, hops: $0) }
    case .sendBack(let why):
      if case .notHere = why, let message = routed.messageID { out.report(.message(message, .bounced(kind: nil))) }
      sendBack(routed, why, &out)
    case .drop:
      if let message = routed.messageID { out.report(.message(message, .dropped(kind: nil))) }
      endUpdate(routed, &out)
    }
  }

  private mutating func sendOn(
    _ routed: RoutedPacket, to next: NodeID, _ out: inout EffectBuffer, reporting fact: (UInt16) -> MessageFact
  ) {
    guard routed.hops < Self.hopLimit else { return sendBack(routed, .notFound(at: id), &out) }
    if let until = suspects[next], until > out.now { return sendBack(routed, .unreachable(next), &out) }
    if let message = routed.messageID { out.report(.message(message, fact(routed.hops + 1))) }
    out.send(.routed(routed.next), to: next)
  }

  /// Answers what cannot go on.
  mutating func sendBack(_ routed: RoutedPacket, _ why: Undeliverable, _ out: inout EffectBuffer) {
    if case .message(let message) = routed.body { answerMessage(message, .undeliverable(message.id, why), &out) }
    endUpdate(routed, &out)
  }

  /// A new address has not reached the correspondent that it is for: this kernel learns it instead.
  private mutating func endUpdate(_ routed: RoutedPacket, _ out: inout EffectBuffer) {
    guard case .newAddress(let attempt, let address, let source) = routed.body else { return }
    newAddress(attempt, address, of: routed.to, source: source, &out)
  }

  /// Sends something about a message to its sender, by way of the node from which it came.
  mutating func answerMessage(_ message: Message, _ body: RoutedPacket.Body, _ out: inout EffectBuffer) {
    let routed = RoutedPacket(to: message.id.from, body: body)
    if message.senderNode == id { route(routed, &out) } else { out.send(.routed(routed), to: message.senderNode) }
  }

  private mutating func queueForDeparture(_ routed: RoutedPacket, _ out: inout EffectBuffer) {
    let queued = departures[routed.to]?.queue(routed)
    guard case .message(let message) = routed.body else { return }
    switch queued {
    case .queued: out.report(.message(message.id, .queued(kind: nil)))
    case .repeated: answerMessage(message, .waiting(message.id), &out)
    // Its sender sends it again.
    case .notFrozen, nil: break
    }
  }

  // MARK: - The receiver's kernel

  private mutating func deliverPacket(_ slot: Int, _ routed: RoutedPacket, _ out: inout EffectBuffer) {
    switch routed.body {
    case .message(let message):
      acknowledge(message, expected: deliverMessage(slot, message, &out), &out)
    case .newAddress(let attempt, let address, let source):
      newAddress(attempt, address, of: routed.to, source: source, &out)
    case .acknowledgement, .waiting, .undeliverable:
      receiveAnswer(Sender(id: routed.to, slot: slot), routed.body, &out)
    }
  }

  /// Puts a message in its place among those from its sender, and delivers all that are next.
  ///
  /// - Returns: the sequence number that is expected next.
  private mutating func deliverMessage(_ slot: Int, _ message: Message, _ out: inout EffectBuffer) -> UInt32 {
    let (isNext, expected) = processes[slot].takeIfNext(message)
    if isNext {
      out.report(.message(message.id, .delivered(hops: message.hops)))
      processes[slot].inbox.append(message)
      wakeReceiver(slot, &out)
      return expected
    }
    let ready = processes[slot].incoming[message.id.from, default: IncomingStream()].putInOrder(message)
    for next in ready {
      out.report(.message(next.id, .delivered(hops: next.hops)))
      processes[slot].inbox.append(next)
    }
    for _ in ready { wakeReceiver(slot, &out) }
    return processes[slot].incoming[message.id.from]?.expected ?? 0
  }

  mutating func acknowledge(_ message: Message, expected: UInt32, _ out: inout EffectBuffer) {
    answerMessage(
      message, .acknowledgement(from: message.id.to, expected: expected, at: addressHere(of: message.id.to)), &out)
  }
}

extension Process {
  /// Takes a message when it is the next from its sender, and says which one is expected then.
  fileprivate mutating func takeIfNext(_ message: Message) -> (isNext: Bool, expected: UInt32) {
    guard let place = incoming.index(forKey: message.id.from) else { return (false, 0) }
    let isNext = incoming.values[place].takeIfNext(message)
    return (isNext, incoming.values[place].expected)
  }
}
