/// Output of a process away from its origin: each line is a message to the terminal there. The process's kernel keeps it
/// until it is answered; a thread that prints waits for the answer, as for any remote system call.
///
/// When the origin does not answer, printing goes on: lines are kept, and sent when the origin answers again. They are at
/// most 64 KiB for a process; then `print` waits. Kept lines move with the process, and outlive it on the node on which it
/// ended. Each incarnation of the origin has a terminal of its own. A line that was for an earlier one may have been printed
/// there or not, so it is not printed again: its loss is reported. Later lines go to the present terminal.
///
///     at        | node of the process    | origin crashes           | connection breaks,       | late or repeated packet
///               | crashes                |                          | both live                |
///     ----------+------------------------+--------------------------+--------------------------+------------------------
///     line      | lines without an       | kept; once it is back    | kept, and sent again     | printed once; answered
///               | answer are lost with   | they are reported lost   | when the origin answers  | again
///               | the process, but for   |                          |                          |
///               | what has left          |                          |                          |
///     answer    | dropped where it       | it had printed the line, | lost: the line is sent   | dropped
///               | arrives                | which is reported lost   | again, and answered      |
///               |                        | all the same             | again                    |
///     rebooted  | dropped where it       | the next incarnation     | lost: the line is sent   | dropped: the line goes
///               | arrives                | says so again            | again, and answered      | to another terminal by
///               |                        |                          | again                    | then
///
/// A cut that heals before a detection timeout is over makes a line late. A crash of a third node changes nothing: lines go
/// straight to the origin.
extension NodeKernel {
  /// Bytes of the lines, their ends included, that a process may have printed without an answer.
  static var keptOutputLimit: Int { 64 << 10 }

  // MARK: - The kernel of the process

  /// A program prints a line.
  ///
  /// - Returns: true when the thread goes on; false when it waits.
  mutating func printLine(_ text: String, _ slot: Int, _ thread: Int, _ out: inout EffectBuffer) -> Bool {
    let process = processes[slot].id
    out.textBytes &+= UInt64(text.utf8.count)
    out.report(.printed(process, text))
    guard process.origin != id else {
      out.report(.output(process, text))
      processes[slot].threads[thread].guest.complete(.done)
      return true
    }
    let terminal = processes[slot].outbox.terminal(of: process)
    let silence = processes[slot].outbox.streams[terminal]?.keptBytes
    guard let kept = silence else { return send(text, from: slot, thread, to: terminal, waits: true, &out) }
    let message = keepLine(text, slot, terminal, now: out.now)
    if kept + OutgoingStream.lineBytes(message) <= Self.keptOutputLimit {
      processes[slot].threads[thread].guest.complete(.done)
      return true
    }
    processes[slot].threads[thread].state = .sending(message.id)
    return false
  }

  /// The terminal does not answer: the line stays here.
  private mutating func keepLine(_ text: String, _ slot: Int, _ terminal: ProcessID, now: Nanoseconds) -> Message {
    let sender = processes[slot].id
    return processes[slot].outbox.streams[terminal, default: OutgoingStream()].keep(
      from: sender, to: terminal, text: text, sentAt: now, at: id)
  }

  /// The connection to the origin of a process broke: its lines without an answer are kept, and threads that wait for one go
  /// on as far as there is room.
  mutating func keepOutput(of sender: Sender, for terminal: ProcessID, _ out: inout EffectBuffer) {
    let end = changeStream(sender, terminal) { $0.beginSilence(most: Self.keptOutputLimit) } ?? 0
    endSending(sender, .done, &out) { $0.to == terminal && $0.sequence < end }
  }

  /// `origin` answers again, and has booted so often: what was kept for it goes there, or is lost.
  mutating func sendKeptOutput(to origin: NodeID, incarnation: UInt32, _ out: inout EffectBuffer) {
    let away = processes.occupiedSlots.map { processes[$0].id } + outboxes.keys
    for process in away where process.origin == origin && !isFrozenForMigration(process) {
      guard let sender = sender(process), let terminal = outbox(of: sender)?.terminal(of: process) else { continue }
      if terminal.incarnation < incarnation {
        changeTerminal(of: sender, from: terminal, to: incarnation, &out)
      } else {
        sendKeptOutput(of: sender, to: terminal, &out)
      }
    }
  }

  private mutating func sendKeptOutput(of sender: Sender, to terminal: ProcessID, _ out: inout EffectBuffer) {
    guard stream(sender, terminal)?.keptBytes != nil else { return }
    changeStream(sender, terminal) { $0.keptBytes = nil }
    transmitAll(from: sender, to: terminal, &out)
    armRetry(sender, &out)
  }

  /// A process goes on here, after a migration or after one that came to nothing: lines that were kept are sent from here. A
  /// line for which a thread waits may be on its way.
  mutating func resumeOutput(of slot: Int, _ out: inout EffectBuffer) {
    let sender = Sender(id: processes[slot].id, slot: slot)
    let terminal = processes[slot].outbox.terminal(of: sender.id)
    guard let stream = processes[slot].outbox.streams[terminal], !stream.unacknowledged.isEmpty else { return }
    let awaited = processes[slot].threads.count {
      if case .sending(let message) = $0.state { message.to == terminal } else { false }
    }
    if stream.keptBytes != nil || awaited < stream.unacknowledged.count || terminal.origin == id {
      changeStream(sender, terminal) { $0.keptBytes = nil }
      transmitAll(from: sender, to: terminal, &out)
    }
  }

  /// The connection to the origin of a process broke that stands still for a migration: what comes of its lines is seen when
  /// it goes on.
  mutating func doubtOutput(of process: ProcessID, at peer: NodeID) {
    guard process.origin == peer, let slot = processes.slot(of: process) else { return }
    let terminal = processes[slot].outbox.terminal(of: process)
    changeStream(Sender(id: process, slot: slot), terminal) { $0.doubtfulBelow = $0.nextSequence }
  }

  /// The origin of a process has booted since lines were sent there. Those that an earlier incarnation may have printed are
  /// lost: all that were kept in silence, and those that came here with the process. The rest goes to the new terminal.
  mutating func changeTerminal(
    of sender: Sender, from former: ProcessID, to incarnation: UInt32, _ out: inout EffectBuffer
  ) {
    guard former.incarnation < incarnation else { return }
    let terminal = ProcessID.terminal(of: former.origin, incarnation: incarnation)
    guard let stream = stream(sender, former) else {
      // When this is heard late, lines are on their way to the new terminal already.
      if let slot = sender.slot, processes[slot].outbox.terminal(of: sender.id).incarnation < incarnation {
        processes[slot].outbox.streams[terminal] = OutgoingStream()
      }
      return
    }
    let lines = stream.unacknowledged
    let lost = stream.keptBytes == nil ? lines.count { $0.id.sequence < stream.doubtfulBelow } : lines.count
    change(sender) { outbox in
      outbox.streams[former] = nil
      outbox.streams[terminal] = OutgoingStream()
    }
    if lost > 0 {
      out.report(.outputLost(sender.id, lines: lost, left: lines.count - lost, becauseOf: former.origin))
      let end = lines[lost - 1].id.sequence + 1
      endSending(sender, .done, &out) { $0.to == former && $0.sequence < end }
    }
    for line in lines.dropFirst(lost) { sendLine(line, of: sender, to: terminal, &out) }
    forgetIfSettled(sender)
  }

  /// Sends a line to another terminal than the one for which it was; a thread that waits for it waits for the answer of that.
  private mutating func sendLine(
    _ line: UnacknowledgedMessage, of sender: Sender, to terminal: ProcessID, _ out: inout EffectBuffer
  ) {
    let message = changeStream(sender, terminal) { [id] stream in
      stream.append(
        from: sender.id, to: terminal, text: line.message.text, size: line.message.size, sentAt: line.sentAt, at: id)
    }
    guard let message else { return }
    if let slot = sender.slot {
      for thread in processes[slot].threads.indices where processes[slot].threads[thread].state == .sending(line.id) {
        processes[slot].threads[thread].state = .sending(message.id)
      }
    }
    armRetry(sender, &out)
    transmit(sender, message, &out)
  }

  // MARK: - The origin

  mutating func deliverToTerminal(_ routed: RoutedPacket, _ out: inout EffectBuffer) {
    guard routed.to.incarnation == incarnation else {
      return answerSubject(of: routed, &out) { [id, incarnation] in
        .undeliverable($0, .rebooted(id, incarnation: incarnation))
      }
    }
    if case .inquiry(let message, _) = routed.body {
      return answerInquiry(routed, expected: terminal[message.from]?.expected ?? 0, &out)
    }
    guard case .message(let message) = routed.body else { return }
    let sender = message.id.from
    for next in terminal[sender, default: IncomingStream()].putInOrder(message) {
      out.report(.output(sender, next.text))
    }
    acknowledge(routed, expected: terminal[sender]?.expected ?? 0, &out)
  }
}

extension Outbox {
  /// The terminal that a process writes to. At first it belongs to the incarnation that created the process, and then to the
  /// latest that its kernel has heard of.
  func terminal(of process: ProcessID) -> ProcessID {
    streams.keys.last(where: \.isTerminal) ?? .terminal(of: process.origin, incarnation: process.incarnation)
  }
}

extension OutgoingStream {
  /// Bytes of a line with its end.
  static func lineBytes(_ message: Message) -> Int { message.text.utf8.count + 1 }

  /// Keeps a line that is not sent yet.
  fileprivate mutating func keep(
    from sender: ProcessID, to terminal: ProcessID, text: String, sentAt: Nanoseconds, at node: NodeID
  ) -> Message {
    let message = append(
      from: sender, to: terminal, text: text, size: UInt32(clamping: text.utf8.count), sentAt: sentAt, at: node)
    keptBytes = (keptBytes ?? 0) + Self.lineBytes(message)
    return message
  }

  /// The terminal does not answer.
  ///
  /// - Returns: lines below this one are within the limit.
  fileprivate mutating func beginSilence(most limit: Int) -> UInt32 {
    var (bytes, end) = (0, UInt32(0))
    for line in unacknowledged {
      bytes += Self.lineBytes(line.message)
      if bytes <= limit { end = line.id.sequence + 1 }
    }
    keptBytes = bytes
    doubtfulBelow = nextSequence
    return end
  }
}
