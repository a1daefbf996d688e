/// The sender's kernel: it keeps every message until the kernel that has the receiver acknowledges it. What is kept moves
/// with the sender, and outlives it.
///
/// What a fault does to a message, whatever the forwarding mechanism:
///
///     at              | node of the sender   | node on the way, or of   | connection breaks,   | late or repeated
///                     | crashes              | the receiver, crashes    | both live            | packet
///     ----------------+----------------------+--------------------------+----------------------+----------------------
///     message         | what has left goes   | who sent it there is     | as if the node       | known by its number:
///                     | on; nobody asks for  | told: what comes after   | behind it had        | acknowledged again,
///                     | the rest             | is answered              | crashed              | not delivered again
///                     |                      | `unreachable`, and what  |                      |
///                     |                      | is lost is sent again    |                      |
///                     |                      | until the sender is told |                      |
///     acknowledgement | dropped where it     | lost: the message is     | the same             | of a message that has
///     , undeliverable | arrives              | asked after, and is      |                      | been answered:
///                     |                      | answered again           |                      | dropped
///     inquiry         | what is said of it   | lost: it is repeated     | the same             | answered again
///                     | is dropped           |                          |                      |
///     waiting (who    | dropped where it     | the message waits there  | the same             | the sender is patient
///     moves the       | arrives              | and falls with it: the   |                      | once more
///     receiver has    |                      | next inquiry says so     |                      |
///     it)             |                      |                          |                      |
///     missing         | dropped where it     | lost: the message is     | the same             | of a message that has
///                     | arrives              | asked after again        |                      | been answered: dropped
///
/// A partition that heals before a detection timeout is over delays messages; after one that heals later they are sent
/// again, as long as the sender has not been told. What the packets of a mechanism suffer is said with that.
///
/// Silence is no reason to send again: a message may be long on its way, or wait somewhere for the end of a migration. The
/// kernel asks what became of it, by a small packet that goes the same way behind it, at growing intervals, and tells the
/// sender in the end. Only what has come back, is said to be missing, or was handed to a node to which the connection broke
/// is sent again. After its sender has been told that a message may not have arrived, later messages do not wait for it.
extension NodeKernel {
  /// How often a message is asked after without any answer before its sender is told.
  private static var retryLimit: UInt32 { 5 }

  /// How long a message that was handed to `node` may stay unanswered: two detection timeouts, or as long as the answers of
  /// that node have been seen to take.
  private func patience(with node: NodeID?) -> Nanoseconds {
    max(2 * settings.detectionTimeout, node.flatMap { roundTrips[$0]?.timeout } ?? 0)
  }

  /// A process whose messages this kernel keeps: one that is here, or one that ended here (no slot).
  struct Sender {
    let id: ProcessID
    let slot: Int?
  }

  func sender(_ process: ProcessID) -> Sender? {
    if let slot = processes.slot(of: process) { return Sender(id: process, slot: slot) }
    return outboxes[process] == nil ? nil : Sender(id: process, slot: nil)
  }

  /// Changes what a sender has sent, in place.
  @inline(__always)
  mutating func change<Result>(_ sender: Sender, _ change: (inout Outbox) -> Result) -> Result {
    if let slot = sender.slot { return change(&processes[slot].outbox) }
    return change(&outboxes[sender.id, default: Outbox()])
  }

  /// Changes what a sender has sent to one receiver, in place; nil when nothing ever was.
  @discardableResult @inline(__always)
  mutating func changeStream<Result>(
    _ sender: Sender, _ receiver: ProcessID, _ change: (inout OutgoingStream) -> Result
  ) -> Result? {
    self.change(sender) { $0.change(receiver, change) }
  }

  /// What a sender has sent, and to one receiver.
  func outbox(of sender: Sender) -> Outbox? {
    if let slot = sender.slot { processes[slot].outbox } else { outboxes[sender.id] }
  }

  func stream(_ sender: Sender, _ receiver: ProcessID) -> OutgoingStream? {
    outbox(of: sender)?.streams[receiver]
  }

  // MARK: - Sending

  /// The name of the next message from the process in `slot` to `receiver`.
  func nextMessage(_ slot: Int, to receiver: ProcessID) -> MessageID {
    let sequence = processes[slot].outbox.streams[receiver]?.nextSequence ?? 0
    return MessageID(from: processes[slot].id, to: receiver, sequence: sequence)
  }

  /// What a message takes besides its text, as `textBytes` counts.
  private static var messageBytes: UInt64 { 64 }

  /// Takes a message from the process in `slot`, and sends it on its way.
  mutating func acceptMessage(
    _ slot: Int, to receiver: ProcessID, text: String, size: UInt32, _ out: inout EffectBuffer
  ) {
    let sender = Sender(id: processes[slot].id, slot: slot)
    out.textBytes &+= UInt64(text.utf8.count) + Self.messageBytes
    let message = processes[slot].outbox.append(
      from: sender.id, to: receiver, text: text, size: max(size, UInt32(clamping: text.utf8.count)), sentAt: out.now,
      at: id)
    if !receiver.isTerminal { out.report(.message(message.id, .accepted(text: text, size: message.size))) }
    armRetry(sender, &out)
    transmit(sender, message, &out)
  }

  mutating func transmit(_ sender: Sender, _ message: Message, _ out: inout EffectBuffer) {
    var message = message
    let receiver = message.id.to
    message.senderNode = id
    let first = firstHop(from: sender, to: receiver)
    let hop = first.node(from: id)
    var isHeldBack = false
    let again =
      changeStream(sender, receiver) { stream in
        message.base = stream.base
        isHeldBack = stream.holdBack(message.id)
        return !isHeldBack && stream.handOn(message, to: hop, at: out.now)
      } ?? false
    if isHeldBack { return }
    var routed = RoutedPacket(to: receiver, body: .message(message))
    if hop != nil { routed.minimumEpoch = announcedEpoch(of: receiver) }
    routed.isAwaited = isAwaited(message.id, by: sender)
    switch first {
    case .node(let next):
      if !receiver.isTerminal { out.report(.message(message.id, again ? .resent(to: next) : .sent(to: next))) }
      routed.hop()
      if sendRouted(routed, to: next, &out) { changeStream(sender, receiver) { $0.leaving += 1 } }
    case .asIfFromElsewhere: route(routed, &out)
    case .search: searchFor(receiver, &out)
    case .nowhere: returnMessage(sender, message.id, .notFound(at: id), &out)
    }
  }

  @inline(__always)
  private func firstHop(from sender: Sender, to receiver: ProcessID) -> FirstHop {
    if receiver.isTerminal { return receiver.origin == id ? .asIfFromElsewhere : .node(receiver.origin) }
    // Only an origin that is always asked for the process can do anything with what it cannot deliver itself.
    if let slot = sender.slot, processes[slot].communication == .home, sender.id.origin != id,
      receiver.forwarding.asksOrigin
    {
      return .node(sender.id.origin)
    }
    // What is sent while a search goes on waits for its end, also when this kernel is moving the process away.
    let isHere = holds(receiver) && (locations.searches.isEmpty || locations.searches[receiver] == nil)
    return isHere ? .asIfFromElsewhere : receiver.forwarding.rules.firstHop(to: receiver, locations)
  }

  /// True when what is for `process` need not leave this node.
  @inline(__always)
  private func holds(_ process: ProcessID) -> Bool {
    processes.slot(of: process) != nil || !departures.isEmpty && departures[process] != nil
      || !arrivals.isEmpty && arrivals[process]?.isAnnounced == true
  }

  // MARK: - Sending again

  mutating func armRetry(_ sender: Sender, _ out: inout EffectBuffer) {
    let isArmed = change(sender) { outbox in
      defer { outbox.retryArmed = true }
      return outbox.retryArmed
    }
    guard !isArmed else { return }
    out.setTimer(.retry(sender.id), at: out.now + 2 * settings.detectionTimeout)
  }

  /// After an arrival: what had not been acknowledged is watched from here.
  mutating func watchMessages(of slot: Int, _ out: inout EffectBuffer) {
    processes[slot].outbox.hasMoved(at: out.now)
    if !processes[slot].outbox.isSettled { armRetry(Sender(id: processes[slot].id, slot: slot), &out) }
  }

  /// The process has ended: the kernel keeps what it has sent and nobody has acknowledged.
  mutating func keepOutbox(of process: Process) {
    if !process.outbox.isSettled { outboxes[process.id] = process.outbox }
  }

  mutating func retryMessages(of process: ProcessID, _ out: inout EffectBuffer) {
    guard let sender = sender(process) else { return }
    change(sender) { $0.retryArmed = false }
    var next: Nanoseconds?
    for receiver in outbox(of: sender)?.streams.keys ?? [] {
      guard let stream = self.stream(sender, receiver), !stream.unacknowledged.isEmpty, stream.keptBytes == nil
      else { continue }
      let patience = patience(with: stream.nextHop)
      // What is long on its way out is not asked after.
      let since = stream.leaving > 0 ? out.now : stream.waitingSince
      var due = since + patience << UInt64(min(stream.retries, 4))
      // A search comes to its own end, which may be that of a long migration.
      if due <= out.now, !isFrozenForMigration(process), locations.searches[receiver] == nil {
        guard stream.retries < Self.retryLimit || receiver.isTerminal else {
          returnAll(from: sender, to: receiver, stream.nextHop.map { .unreachable($0) } ?? .notFound(at: id), &out)
          continue
        }
        changeStream(sender, receiver) { stream in
          stream.retries += 1
          stream.waitingSince = out.now
        }
        // A kernel that drops what it cannot deliver does not say so, and this one may have dropped it.
        if receiver.forwarding.rules.searchesInSilence, !receiver.isTerminal {
          searchFor(receiver, &out)
        } else {
          inquire(sender, receiver, &out)
        }
        due = out.now + patience << UInt64(min(stream.retries + 1, 4))
      }
      next = min(next ?? .max, due > out.now ? due : out.now + patience)
    }
    guard let next, let sender = self.sender(process) else { return }
    change(sender) { $0.retryArmed = true }
    out.setTimer(.retry(process), at: next)
  }

  /// Asks what became of the first message that `receiver` has not acknowledged, by the way that it went, though a quicker
  /// one may be known by now: there the message would be missed that is still on its way. One that was never handed on is
  /// sent.
  private mutating func inquire(_ sender: Sender, _ receiver: ProcessID, _ out: inout EffectBuffer) {
    guard let stream = stream(sender, receiver), let first = stream.unacknowledged.first else { return }
    guard first.id.sequence < stream.handedOnBelow else { return transmitAll(from: sender, to: receiver, &out) }
    let handedTo = first.isElsewhere ? nil : first.handedTo
    let former = handedTo.flatMap { members.contains($0) ? FirstHop($0, from: id) : nil }
    let hop = former ?? firstHop(from: sender, to: receiver)
    var routed = RoutedPacket(to: receiver, body: .inquiry(first.id, from: id))
    if hop.node(from: id) != nil { routed.minimumEpoch = announcedEpoch(of: receiver) }
    switch hop {
    case .node(let next):
      changeStream(sender, receiver) { stream in
        if stream.unacknowledged[0].handedTo != next { stream.unacknowledged[0].isRepeated = true }
        stream.unacknowledged[0].handedTo = next
      }
      routed.hop()
      sendRouted(routed, to: next, &out)
    case .asIfFromElsewhere: route(routed, &out)
    case .search: searchFor(receiver, &out)
    case .nowhere: returnAll(from: sender, to: receiver, .notFound(at: id), &out)
    }
  }

  mutating func transmitAll(from sender: Sender, to receiver: ProcessID, _ out: inout EffectBuffer) {
    changeStream(sender, receiver) { $0.waitingSince = out.now }
    for kept in stream(sender, receiver)?.unacknowledged ?? [] { transmit(sender, kept.message, &out) }
  }

  private mutating func returnAll(
    from sender: Sender, to receiver: ProcessID, _ why: Undeliverable, _ out: inout EffectBuffer
  ) {
    for message in stream(sender, receiver)?.unacknowledged ?? [] { returnMessage(sender, message.id, why, &out) }
  }

  /// Processes that have sent to `receiver` what nobody has acknowledged, and that may send it again now.
  private func senders(to receiver: ProcessID) -> [ProcessID] {
    let waiting = { (outbox: Outbox) in outbox.streams[receiver]?.unacknowledged.isEmpty == false }
    return processes.filter { waiting($0.outbox) && !isFrozenForMigration($0.id) }.map(\.id)
      + outboxes.filter { waiting($0.value) }.keys
  }

  /// The receiver has been found: sends what has waited for it.
  mutating func transmitWaiting(to receiver: ProcessID, _ out: inout EffectBuffer) {
    for process in senders(to: receiver) {
      guard let sender = sender(process) else { continue }
      changeStream(sender, receiver) { $0.waitingSince = out.now }
      // What was handed to the node that has the receiver, or elsewhere before the sender came here, is there or on its way,
      // or was dropped: that is asked.
      let place = firstHop(from: sender, to: receiver).node(from: id)
      let isThere = { (kept: UnacknowledgedMessage) in
        kept.isElsewhere || kept.handedTo != nil && kept.handedTo == place
      }
      if let first = stream(sender, receiver)?.unacknowledged.first, isThere(first) { inquire(sender, receiver, &out) }
      // What was handed to another node comes back from there, unless it was dropped in silence.
      let comesBack = { (kept: UnacknowledgedMessage) in
        kept.handedTo != nil && !receiver.forwarding.rules.searchesInSilence
      }
      for kept in stream(sender, receiver)?.unacknowledged ?? [] where !isThere(kept) && !comesBack(kept) {
        transmit(sender, kept.message, &out)
      }
    }
  }

  /// The receiver cannot be found: tells the senders.
  mutating func returnWaiting(to receiver: ProcessID, _ why: Undeliverable, _ out: inout EffectBuffer) {
    for process in senders(to: receiver) {
      if let sender = sender(process) { returnAll(from: sender, to: receiver, why, &out) }
    }
  }

  /// Messages that were handed to `peer` may be lost: sends them another way, or tells their senders.
  mutating func connectionBrokeWithMessages(_ peer: NodeID, _ out: inout EffectBuffer) {
    locations.lostTouch(with: peer)
    let outboxes = processes.map { ($0.id, $0.outbox) } + outboxes.map { ($0.key, $0.value) }
    for (process, outbox) in outboxes {
      guard !isFrozenForMigration(process) else {
        if let sender = sender(process) {
          for receiver in outbox.streams.keys { changeStream(sender, receiver) { $0.leaving = 0 } }
        }
        doubtOutput(of: process, at: peer)
        continue
      }
      for (receiver, stream) in outbox.streams where stream.isWaiting(for: peer) {
        guard let sender = sender(process) else { break }
        changeStream(sender, receiver) { $0.takeBack(from: peer) }
        if receiver.isTerminal {
          keepOutput(of: sender, for: receiver, &out)
        } else if receiver.forwarding.rules.searches, !holds(receiver) {
          searchFor(receiver, &out)
        } else if firstHop(from: sender, to: receiver) == .node(peer) {
          returnAll(from: sender, to: receiver, .unreachable(peer), &out)
        } else {
          transmitAll(from: sender, to: receiver, &out)
        }
      }
    }
  }

  // MARK: - Answers

  /// An answer has come to a message that `sender` has sent.
  mutating func receiveAnswer(_ sender: Sender, _ answer: RoutedPacket.Body, _ out: inout EffectBuffer) {
    switch answer {
    case .acknowledgement(let receiver, let expected, let address):
      if !receiver.isTerminal { learnAddress(receiver, address, now: out.now) }
      if receiver.isTerminal { chargeSystemCalls(sender, receiver, expected: expected, answer, &out) }
      messagesAcknowledged(sender, by: receiver, at: address.node, expected: expected, &out)
    case .waiting(let message): changeStream(sender, message.to) { $0.isWaitingOnItsWay() }
    case .missing(let message):
      guard stream(sender, message.to)?.place(of: message) != nil else { return }
      changeStream(sender, message.to) { $0.retries = 0 }
      transmitAll(from: sender, to: message.to, &out)
    case .undeliverable(let message, .notHere(let node)): messageCameBack(sender, message, from: node, &out)
    case .undeliverable(let message, .rebooted(_, let incarnation)):
      changeTerminal(of: sender, from: message.to, to: incarnation, &out)
    case .undeliverable(let message, let why):
      if let (kept, former) = keptForAnotherWay(message, sender, than: why) {
        // What was sent beside it may be on its way: that has an answer of its own.
        changeStream(sender, message.to) { $0.waitingSince = out.now }
        out.report(.message(message, .cameBack(from: former)))
        return transmit(sender, kept, &out)
      }
      locations.cache[message.to] = nil
      returnMessage(sender, message, why, &out)
    case .message, .inquiry, .newAddress: break
    }
  }

  /// A message that has come back from a node, if this kernel has learnt of another place of the receiver since it handed it
  /// on, and the message has not been there.
  private func keptForAnotherWay(
    _ message: MessageID, _ sender: Sender, than why: Undeliverable
  ) -> (Message, former: NodeID)? {
    guard let stream = stream(sender, message.to), let place = stream.place(of: message),
      let former = stream.unacknowledged[place].handedTo, let known = locations.cache[message.to]?.node,
      known != former, why != .notFound(at: known), !isFrozenForMigration(sender.id),
      firstHop(from: sender, to: message.to) == .node(known)
    else { return nil }
    return (stream.unacknowledged[place].message, former)
  }

  /// Reports what remote execution costs: the system calls that the terminal of the origin has answered.
  private mutating func chargeSystemCalls(
    _ sender: Sender, _ terminal: ProcessID, expected: UInt32, _ answer: RoutedPacket.Body, _ out: inout EffectBuffer
  ) {
    guard terminal.origin != id else { return }
    let answerSize = Packet.routed(RoutedPacket(to: sender.id, body: answer)).encodedSize
    for kept in stream(sender, terminal)?.unacknowledged ?? [] where kept.id.sequence < expected {
      let call = Packet.routed(RoutedPacket(to: terminal, body: .message(kept.message)))
      out.report(.systemCall(sender.id, delay: out.now - kept.sentAt, bytes: call.encodedSize + answerSize))
    }
  }

  private mutating func messagesAcknowledged(
    _ sender: Sender, by receiver: ProcessID, at node: NodeID, expected: UInt32, _ out: inout EffectBuffer
  ) {
    let (mayGoOn, roundTrip) =
      changeStream(sender, receiver) { stream in
        let roundTrip = stream.acknowledge(below: expected, at: node, now: out.now)
        return (stream.endHoldingBack(), roundTrip)
      } ?? (false, nil)
    if let roundTrip { learnRoundTrip(to: node, roundTrip) }
    forgetIfSettled(sender)
    if mayGoOn, !isFrozenForMigration(sender.id), locations.searches[receiver] == nil {
      for kept in stream(sender, receiver)?.unacknowledged ?? [] where kept.handedTo == nil {
        transmit(sender, kept.message, &out)
      }
    }
    endSending(sender, .done, &out) { $0.to == receiver && $0.sequence < expected }
  }

  /// How long answers of the farthest node have been seen to take, with their spread; 0 before the first. The patience
  /// with a message or a search follows it, and so must that of whoever waits for their end.
  public var slowestAnswer: Nanoseconds { roundTrips.values.reduce(0) { max($0, $1.timeout) } }

  private mutating func learnRoundTrip(to node: NodeID, _ time: Nanoseconds) {
    if let place = roundTrips.index(forKey: node) {
      roundTrips.values[place].add(time)
    } else {
      roundTrips[node] = RoundTrip(time)
    }
  }

  /// Tells the sender that a message may not have been delivered, and keeps the message no longer.
  private mutating func returnMessage(
    _ sender: Sender, _ message: MessageID, _ why: Undeliverable, _ out: inout EffectBuffer
  ) {
    guard let place = stream(sender, message.to)?.place(of: message) else { return }
    changeStream(sender, message.to) { $0.remove(at: place) }
    forgetIfSettled(sender)
    out.report(.message(message, .returned(why)))
    endSending(sender, .undeliverable, &out) { $0 == message }
  }

  /// A message has come back, since its receiver was not there. The kernel looks for the receiver and then sends everything
  /// again. But a program that waits to hear of its message is told, if the mechanism returns messages to programs.
  private mutating func messageCameBack(
    _ sender: Sender, _ message: MessageID, from node: NodeID, _ out: inout EffectBuffer
  ) {
    guard let stream = self.stream(sender, message.to), let place = stream.place(of: message) else { return }
    let goesToProgram = message.to.forwarding.rules.returnsToProgram && isAwaited(message, by: sender)
    // If the kernel has sent it another way since, this changes nothing. If it has not sent it, another kernel did, before
    // the sender came here: then it is sent at the end of a search that goes on, unless the program is to see it.
    let former = stream.unacknowledged[place].handedTo
    let isHere = former == nil && (goesToProgram || locations.searches[message.to] == nil)
    guard former == node || isHere else { return }
    changeStream(sender, message.to) { $0.takeBack(at: place, from: node) }
    if goesToProgram {
      returnMessage(sender, message, .notHere(at: node), &out)
    } else {
      out.report(.message(message, .cameBack(from: node)))
    }
    searchFor(message.to, &out)
  }

  /// A thread waits to hear of a message.
  @inline(__always)
  private func isAwaited(_ message: MessageID, by sender: Sender) -> Bool {
    guard let slot = sender.slot else { return false }
    return processes[slot].threads.contains { $0.state == .sending(message) }
  }

  /// Forgets what a process has sent that has ended, once all of it has been answered.
  mutating func forgetIfSettled(_ sender: Sender) {
    if sender.slot == nil, outboxes[sender.id]?.isSettled == true { outboxes[sender.id] = nil }
  }

  mutating func endSending(
    _ sender: Sender, _ result: SystemCallResult, _ out: inout EffectBuffer, where matches: (MessageID) -> Bool
  ) {
    guard let slot = sender.slot else { return }
    for thread in processes[slot].threads.indices {
      if case .sending(let message) = processes[slot].threads[thread].state, matches(message) {
        finishWait(slot, thread, result, &out)
      }
    }
  }
}
