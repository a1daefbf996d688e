/// What guests ask of their kernel, and how the waits end that this begins.
extension NodeKernel {
  /// Performs a system call at its instant.
  ///
  /// - Returns: true when the thread goes on; false when it waits or has ended.
  mutating func performSystemCall(_ call: SystemCall, _ slot: Int, _ thread: Int, _ out: inout EffectBuffer) -> Bool {
    switch call {
    case .send(let to, let text, let waits):
      return send(text, from: slot, thread, to: to, waits: waits, &out)
    case .print(let text): return printLine(text, slot, thread, &out)
    case .receive(let timeout): return receive(slot, thread, timeout: timeout, &out)
    case .sleep(let time): return sleep(slot, thread, time, &out)
    case .fork(let program): return fork(slot, thread, program, &out)
    case .thread: return beginThread(slot, thread, &out)
    case .lock(let number): return lock(number, slot, thread, &out)
    case .unlock(let number):
      unlock(number, slot, thread, &out)
      return true
    case .barrier(let barrier, let count): return arrive(barrier, of: count, slot, thread, &out)
    case .join: return join(slot, thread, &out)
    case .readFile(let name): return callFile(name, writing: nil, slot, thread, &out)
    case .writeFile(let name, let text): return callFile(name, writing: text, slot, thread, &out)
    case .exit:
      threadEnded(slot, thread, &out)
      if processes[slot].threads.allSatisfy({ $0.state == .ended }) {
        // Its own core is still marked with it, and `endProcess` frees only those of running threads.
        endProcess(slot, reason: .exited, &out)
      }
      return false
    }
  }

  /// True when a thread that made this call now would not go on with it at once.
  func waits(for call: SystemCall, _ slot: Int, _ thread: Int) -> Bool {
    switch call {
    case .send(_, _, let waits): waits
    case .print, .readFile, .writeFile: processes[slot].id.origin != id
    case .receive(let timeout): processes[slot].inbox.isEmpty && timeout != 0
    case .sleep(let time): time > 0
    case .fork: !processes[slot].space.remote.isEmpty
    case .thread, .unlock: false
    case .lock(let lock): processes[slot].synchronization.locks[lock].holder != nil
    case .barrier(let barrier, let count): UInt64(processes[slot].synchronization.barriers[barrier].count) + 1 < count
    case .join: processes[slot].hasLivingThreads(startedBy: thread)
    case .exit: true
    }
  }

  // MARK: - System calls

  /// How many threads a process may start.
  static var threadLimit: Int { 10_000 }

  mutating func send(
    _ text: String, from slot: Int, _ thread: Int, to receiver: ProcessID, waits: Bool, _ out: inout EffectBuffer
  ) -> Bool {
    if waits {
      // Before the message is on its way, since one for a process on this node is answered at once.
      processes[slot].threads[thread].state = .sending(nextMessage(slot, to: receiver))
    } else {
      processes[slot].threads[thread].guest.complete(.done)
    }
    acceptMessage(slot, to: receiver, text: text, size: UInt32(clamping: text.utf8.count), &out)
    return !waits
  }

  private mutating func receive(
    _ slot: Int, _ thread: Int, timeout: Nanoseconds?, _ out: inout EffectBuffer
  ) -> Bool {
    let message = processes[slot].takeMessage()
    if let message {
      processes[slot].threads[thread].guest.complete(receive(slot, message, &out))
      return true
    }
    if timeout == 0 {
      processes[slot].threads[thread].guest.complete(.timedOut)
      return true
    }
    let deadline = timeout.map { out.now.addingReportingOverflow($0) }.map { $0.overflow ? .max : $0.partialValue }
    processes[slot].threads[thread].state = .receiving(deadline: deadline)
    if let deadline { setWaitTimer(slot, thread, at: deadline, &out) }
    return false
  }

  private mutating func sleep(_ slot: Int, _ thread: Int, _ time: Nanoseconds, _ out: inout EffectBuffer) -> Bool {
    guard time > 0 else {
      processes[slot].threads[thread].guest.complete(.done)
      return true
    }
    let until = out.now.addingReportingOverflow(time)
    processes[slot].threads[thread].state = .sleeping(until: until.overflow ? .max : until.partialValue)
    setWaitTimer(slot, thread, at: until.overflow ? .max : until.partialValue, &out)
    return false
  }

  /// Creates a coprocess. That copies every page, and so touches those that are still on another node.
  private mutating func fork(
    _ slot: Int, _ thread: Int, _ program: ProgramImage, _ out: inout EffectBuffer
  ) -> Bool {
    if let page = processes[slot].space.remote.first(from: 0) {
      fault(slot, thread, page: page, &out)
      return false
    }
    guard freeFrames >= processes[slot].space.pageCount else {
      endProcess(slot, reason: .fault("no room here to fork `\(program.name)`"), &out)
      return false
    }
    keepTogether(processes[slot].id, &out)
    let child = Process(
      forkedFrom: &processes[slot], thread: thread, program: program, id: issueID(processes[slot].id.forwarding),
      now: out.now)
    out.report(.created(child.id, name: child.name, parent: processes[slot].id))
    processes[slot].threads[thread].guest.complete(.forked(child.id, name: child.name))
    freeFrames -= child.space.pageCount
    begin(processes.insert(child), &out)
    return true
  }

  private mutating func beginThread(_ slot: Int, _ thread: Int, _ out: inout EffectBuffer) -> Bool {
    guard processes[slot].threads.count < Self.threadLimit else {
      endProcess(slot, reason: .fault("more than \(Self.threadLimit) threads"), &out)
      return false
    }
    let second = processes[slot].threads[thread].guest.secondThread()
    processes[slot].threads[thread].guest.complete(.done)
    processes[slot].threads.append(Thread(guest: second, starter: thread))
    makeReady(slot, processes[slot].threads.count - 1, &out)
    return true
  }

  // MARK: - Waiting

  /// Sets the timer for the end of a thread's wait; there is none for one that never ends.
  mutating func setWaitTimer(_ slot: Int, _ thread: Int, at time: Nanoseconds, _ out: inout EffectBuffer) {
    guard time < .max else { return }
    let waits = processes[slot].threads[thread].waits
    let reference = ThreadReference(process: processes[slot].id, slot: slot, thread: thread)
    out.setTimer(.wait(reference, waits: waits), at: max(time, out.now))
  }

  /// Ends a thread's wait when its timer fires, if it still waits as often as when the timer was set.
  mutating func endWait(_ reference: ThreadReference, waits: UInt32, _ out: inout EffectBuffer) {
    let thread = reference.thread
    guard let slot = processes.slot(of: reference.process, whichWas: reference.slot),
      processes[slot].threads.indices.contains(thread),
      processes[slot].threads[thread].waits == waits, processes[slot].isRunnable
    else { return }
    switch processes[slot].threads[thread].state {
    case .sleeping(let until) where until <= out.now: finishWait(slot, thread, .done, &out)
    case .receiving(let deadline?) where deadline <= out.now: finishWait(slot, thread, .timedOut, &out)
    default: break
    }
  }

  /// Ends the system call for which a thread waits, so that it may run.
  mutating func finishWait(_ slot: Int, _ thread: Int, _ result: SystemCallResult, _ out: inout EffectBuffer) {
    processes[slot].threads[thread].endWait(result)
    makeReady(slot, thread, &out)
  }

  /// Gives a message that was delivered just now to the first thread that waits for one.
  mutating func wakeReceiver(_ slot: Int, _ out: inout EffectBuffer) {
    guard let thread = processes[slot].receivingThread else { return }
    let message = processes[slot].takeMessage()
    guard let message else { return }
    finishWait(slot, thread, receive(slot, message, &out), &out)
  }

  /// Notes that the program receives a message that had been delivered.
  mutating func receive(_ slot: Int, _ message: Message, _ out: inout EffectBuffer) -> SystemCallResult {
    processes[slot].received(message)
    out.report(.message(message.id, .received))
    return .received(text: message.text, from: message.id.from)
  }
}

extension Process {
  /// The first thread that waits for a message; nil when there is none, or no thread may run.
  fileprivate var receivingThread: Int? {
    guard isRunnable else { return nil }
    return threads.firstIndex { if case .receiving = $0.state { true } else { false } }
  }

  /// The message that was delivered first of those that the program has not received.
  mutating func takeMessage() -> Message? { inbox.popFirst() }

  /// Counts a message that the program receives.
  fileprivate mutating func received(_ message: Message) {
    receivedCount &+= 1
    var digest = ByteDigest()
    digest.put(message.id.from)
    digest.put(message.text)
    receivedDigest = mixed(receivedDigest ^ digest.value)
  }
}

extension Thread {
  /// It waits no more.
  fileprivate mutating func endWait(_ result: SystemCallResult) {
    waits &+= 1
    guest.complete(result)
  }
}
