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
  /// becomes of its messages while it does not; but what was sent here by a kernel that knows of this very migration waits.
  mutating func route(_ routed: RoutedPacket, _ out: inout EffectBuffer) {
    let process = routed.to
    if process.isTerminal {
      deliverToTerminal(routed, &out)
    } else if isFrozenForMigration(process) {
      if case .inquiry(let message, _) = routed.body,
        let expected = processes[process]?.incoming[message.from]?.expected, message.sequence < expected
      {
        // It was delivered before.
        return acknowledge(routed, expected: expected, &out)
      }
      handleMisrouted(routed, process.forwarding.rules.whileMoving(process, locations), &out)
    } else if let slot = processes.slot(of: process) {
      deliverPacket(slot, routed, &out)
    } else if outboxes[process] != nil, routed.subject == nil {
      endUpdate(routed, &out)
      receiveAnswer(Sender(id: process, slot: nil), routed.body, &out)
    } else if let arrival = arrivals[process], process.forwarding.rules.announcesAddress,
      routed.minimumEpoch >= arrival.attempt.epoch
    {
      queueForArrival(routed, &out)
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
    case .forward(let next, let epoch): forward(routed, to: next, epoch: epoch, &out)
    case .handBack(let origin)
    where routed.minimumEpoch == 0 && routed.subject != nil && !isFrozenForMigration(routed.to):
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

  /// Sends something on to where the process came by the migration of this epoch, as far as is known here.
  mutating func forward(_ routed: RoutedPacket, to next: NodeID, epoch: UInt32, _ out: inout EffectBuffer) {
    var routed = routed
    routed.minimumEpoch = epoch
    sendOn(routed, to: next, &out) { .forwarded(to: next, kind: nil, hops: $0) }
  }

  private mutating func sendOn(
    _ routed: RoutedPacket, to next: NodeID, _ out: inout EffectBuffer, reporting fact: (UInt16) -> MessageFact
  ) {
    guard routed.hops < Self.hopLimit else { return sendBack(routed, .notFound(at: id), &out) }
    if let until = suspects[next], until > out.now { return sendBack(routed, .unreachable(next), &out) }
    if let message = routed.messageID { out.report(.message(message, fact(routed.hops + 1))) }
    var routed = routed
    routed.hop()
    sendRouted(routed, to: next, &out)
  }

  /// Answers what cannot go on.
  mutating func sendBack(_ routed: RoutedPacket, _ why: Undeliverable, _ out: inout EffectBuffer) {
    answerSubject(of: routed, &out) { .undeliverable($0, why) }
    endUpdate(routed, &out)
  }

  /// A new address has not reached the correspondent that it is for: this kernel learns it instead, or before.
  private mutating func endUpdate(_ routed: RoutedPacket, isMoving: Bool = false, _ out: inout EffectBuffer) {
    guard case .newAddress(let attempt, let address, let source) = routed.body else { return }
    newAddress(attempt, address, of: routed.to, source: source, isMoving: isMoving, &out)
  }

  /// Sends something about the message that a packet carries or asks after to the kernel of its sender.
  mutating func answerSubject(
    of routed: RoutedPacket, _ out: inout EffectBuffer, _ body: (MessageID) -> RoutedPacket.Body
  ) {
    guard let (message, node) = routed.subject else { return }
    let answer = RoutedPacket(to: message.from, body: body(message))
    if node == id { route(answer, &out) } else { sendRouted(answer, to: node, &out) }
  }

  private mutating func queueForDeparture(_ routed: RoutedPacket, _ out: inout EffectBuffer) {
    if case .inquiry(let message, _) = routed.body,
      departures[routed.to]?.waiting.queue.messages.contains(message) != true
    {
      // Once it is committed its next kernel knows.
      guard !processes.contains(routed.to) else { return answerSubject(of: routed, &out) { .missing($0) } }
      _ = departures[routed.to]?.queue(routed)
      return answerSubject(of: routed, &out) { .waiting($0) }
    }
    let queued = departures[routed.to]?.queue(routed)
    if queued == .repeated { return answerSubject(of: routed, &out) { .waiting($0) } }
    guard let message = routed.messageID else { return endUpdate(routed, isMoving: true, &out) }
    // If it was not queued, its sender asks after it.
    if queued == .queued { out.report(.message(message, .queued(kind: nil))) }
  }

  /// Where the receiver is: says what became of a message that its sender's kernel asks after.
  ///
  /// - Parameter expected: the number of the next that the receiver gets.
  mutating func answerInquiry(_ routed: RoutedPacket, expected: UInt32, _ out: inout EffectBuffer) {
    guard let (message, _) = routed.subject, message.sequence >= expected else {
      return acknowledge(routed, expected: expected, &out)
    }
    answerSubject(of: routed, &out) { .missing($0) }
  }

  /// Something has come for a process that is on its way here.
  private mutating func queueForArrival(_ routed: RoutedPacket, _ out: inout EffectBuffer) {
    let isNew = arrivals[routed.to]?.queue(routed) ?? false
    if !isNew {
      answerSubject(of: routed, &out) { .waiting($0) }
    } else if let message = routed.messageID {
      out.report(.message(message, .queued(kind: nil)))
    } else {
      endUpdate(routed, isMoving: true, &out)
    }
  }

  // MARK: - The receiver's kernel

  private mutating func deliverPacket(_ slot: Int, _ routed: RoutedPacket, _ out: inout EffectBuffer) {
    switch routed.body {
    case .message(let message):
      acknowledge(routed, expected: deliverMessage(slot, message, &out), &out)
    case .inquiry(let message, _):
      answerInquiry(routed, expected: deliverEarly(slot, from: message.from, base: message.sequence, &out), &out)
    case .newAddress(let attempt, let address, let source):
      newAddress(attempt, address, of: routed.to, source: source, &out)
    case .acknowledgement, .waiting, .missing, .undeliverable:
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
    deliver(processes[slot].incoming[message.id.from, default: IncomingStream()].putInOrder(message), slot, &out)
    return processes[slot].incoming[message.id.from]?.expected ?? 0
  }

  /// A sender stands for its messages from `base` on: delivers those that waited for earlier ones.
  ///
  /// - Returns: the sequence number that is expected next.
  private mutating func deliverEarly(
    _ slot: Int, from sender: ProcessID, base: UInt32, _ out: inout EffectBuffer
  ) -> UInt32 {
    deliver(processes[slot].incoming[sender, default: IncomingStream()].begin(from: base), slot, &out)
    return processes[slot].incoming[sender]?.expected ?? 0
  }

  private mutating func deliver(_ ready: [Message], _ slot: Int, _ out: inout EffectBuffer) {
    for next in ready {
      out.report(.message(next.id, .delivered(hops: next.hops)))
      processes[slot].inbox.append(next)
    }
    for _ in ready { wakeReceiver(slot, &out) }
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
