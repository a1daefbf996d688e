/// One core of a node and the thread on it.
struct Core: Sendable {
  var thread: ThreadReference?
  /// When the thread must give way, if another waits.
  var sliceEnd: Nanoseconds = 0
  /// Up to when the thread has been run and paid for.
  var position: Nanoseconds = 0
  /// When this core asked to be called.
  var wakeAt: Nanoseconds = .max
}

/// A thread of a process on this node; stale once the slot holds another process.
struct ThreadReference: Sendable {
  let process: ProcessID
  let slot: Int
  let thread: Int
}

/// The scheduler: runnable threads share the cores round robin with a quantum.
///
/// All execution happens in `runCore`, which the driver calls after everything else that happens at the same instant.
/// A thread may run ahead of the clock up to the horizon that the driver promises; it stops before every system call,
/// which is carried out at its exact instant. A slice never ends inside a run ahead, so that how far the horizon reaches
/// cannot be told from what happens.
extension NodeKernel {
  // MARK: - Threads become ready and stop

  /// A thread may run: it gets an idle core, or waits for one.
  mutating func makeReady(_ slot: Int, _ thread: Int, _ out: inout EffectBuffer) {
    processes[slot].threads[thread].state = .ready
    guard processes[slot].isRunnable else { return }
    ready.append(ThreadReference(process: processes[slot].id, slot: slot, thread: thread))
    if let idle = cores.firstIndex(where: { $0.thread == nil }) {
      dispatch(idle, &out)
      return
    }
    // Nobody waited until now, so cores may have meant to run past the end of their slices.
    guard ready.count == 1 else { return }
    for index in cores.indices where cores[index].wakeAt > cores[index].sliceEnd {
      extendSlice(index, toReach: out.now)
      if cores[index].sliceEnd < cores[index].wakeAt { wake(index, at: cores[index].sliceEnd, &out) }
    }
  }

  /// Moves the end of a core's slice on by whole quanta until it is not before `time`: slices that nobody had to watch.
  private mutating func extendSlice(_ core: Int, toReach time: Nanoseconds) {
    guard cores[core].sliceEnd < time else { return }
    let late = time - cores[core].sliceEnd
    cores[core].sliceEnd += (late + settings.quantum - 1) / settings.quantum * settings.quantum
  }

  private mutating func dispatch(_ core: Int, _ out: inout EffectBuffer) {
    cores[core].thread = nil
    cores[core].wakeAt = .max
    guard let next = ready.popFirst() else { return }
    processes[next.slot].threads[next.thread].state = .running(core: core)
    cores[core].thread = next
    cores[core].sliceEnd = out.now + settings.quantum
    cores[core].position = out.now
    wake(core, at: out.now, &out)
  }

  private mutating func wake(_ core: Int, at time: Nanoseconds, _ out: inout EffectBuffer) {
    cores[core].wakeAt = time
    out.wakeCore(core, at: time)
  }

  /// Charges the thread on `core` for the time since it was last charged.
  private mutating func pay(_ core: Int, _ slot: Int, _ thread: Int, now: Nanoseconds) {
    guard now > cores[core].position else { return }
    let time = now - cores[core].position
    processes[slot].threads[thread].guest.pay(time, speed: speed(of: slot))
    processes[slot].cpuTime += time
    cores[core].position = now
  }

  /// Stops the threads of a process whose phase has just left `active`: those that compute at once, those in the middle
  /// of a step at its end, which `threadStopped` reports.
  mutating func stopThreads(of slot: Int, _ out: inout EffectBuffer) {
    leaveReadyQueue(slot)
    for thread in processes[slot].threads.indices {
      guard case .running(let core) = processes[slot].threads[thread].state else { continue }
      guard processes[slot].threads[thread].guest.isInterruptible else { continue }
      pay(core, slot, thread, now: out.now)
      processes[slot].threads[thread].state = .ready
      dispatch(core, &out)
    }
  }

  /// Takes every thread of a process off its core, wherever it is: the process is no more.
  mutating func dropThreads(of slot: Int, _ out: inout EffectBuffer) {
    leaveReadyQueue(slot)
    for thread in processes[slot].threads.indices {
      let state = processes[slot].threads[thread].state
      processes[slot].threads[thread].state = .ended
      guard case .running(let core) = state else { continue }
      if cores[core].position < out.now { processes[slot].cpuTime += out.now - cores[core].position }
      dispatch(core, &out)
    }
  }

  private mutating func leaveReadyQueue(_ slot: Int) {
    let process = processes[slot].id
    ready.removeAll { $0.process == process }
  }

  /// Puts every thread of a process that may run again where it belongs: in the ready queue, or under a timer.
  mutating func resumeThreads(of slot: Int, _ out: inout EffectBuffer) {
    for thread in processes[slot].threads.indices {
      switch processes[slot].threads[thread].state {
      // A thread that waits for a page tries its step again, and asks for the page anew if it is still elsewhere.
      case .ready, .faulting: makeReady(slot, thread, &out)
      case .receiving(let deadline):
        if let message = processes[slot].takeMessage() {
          finishWait(slot, thread, receive(slot, message, &out), &out)
        } else if let deadline {
          setWaitTimer(slot, thread, at: deadline, &out)
        }
      case .sleeping(let until): setWaitTimer(slot, thread, at: until, &out)
      case .sending(let message):
        if processes[slot].outbox.streams[message.to]?.place(of: message) == nil {
          finishWait(slot, thread, .done, &out)
        }
      case .running, .ended: break
      }
    }
  }

  // MARK: - Execution

  mutating func runCore(_ core: Int, horizon: Nanoseconds, _ out: inout EffectBuffer) {
    guard cores[core].wakeAt == out.now, let reference = cores[core].thread else { return }
    let (slot, thread) = (reference.slot, reference.thread)
    pay(core, slot, thread, now: out.now)
    var horizon = max(horizon, out.now)
    while true {
      guard processes[slot].isRunnable else {
        // A safe point of a process that is being stopped: the step it was in is done, or it computes.
        processes[slot].threads[thread].state = .ready
        dispatch(core, &out)
        threadStopped(slot, &out)
        return
      }
      if out.now >= cores[core].sliceEnd {
        guard ready.isEmpty else {
          processes[slot].threads[thread].state = .ready
          ready.append(reference)
          dispatch(core, &out)
          return
        }
        extendSlice(core, toReach: out.now + 1)
      }
      let reach = min(horizon, cores[core].sliceEnd, unsharedUntil(slot, core), out.now + longestRun)
      let budget = max(reach, out.now) - out.now
      let speed = speed(of: slot)
      let run = processes.run(slot, thread, budget: budget, speed: speed)
      if run.elapsed > 0 { cores[core].position = out.now + run.elapsed }
      switch run.stop {
      case .budget:
        let owed = processes[slot].threads[thread].guest.owed(speed: speed)
        let end = cores[core].position.addingReportingOverflow(owed)
        let paid = end.overflow ? .max - 1 : end.partialValue
        wake(core, at: ready.isEmpty ? paid : max(out.now, min(paid, cores[core].sliceEnd)), &out)
        return
      case .systemCall, .fault, .pageFault:
        guard run.elapsed == 0 else {
          // It must happen at its own instant: when that comes the guest says again what it wants.
          wake(core, at: cores[core].position, &out)
          return
        }
        if case .systemCall(let call) = run.stop {
          guard carryOut(call, slot, thread, &out) else {
            if cores[core].thread?.process == reference.process, cores[core].thread?.thread == thread {
              dispatch(core, &out)
            }
            return
          }
          // What is known of this instant is complete before anything that comes later is done.
          horizon = out.now
        } else if case .pageFault(let page) = run.stop {
          fault(slot, thread, page: page, &out)
          dispatch(core, &out)
          return
        } else if case .fault(let why) = run.stop {
          endProcess(slot, reason: .fault(why), &out)
          return
        }
      }
    }
  }

  /// Up to when a process has its memory and its migration to itself: threads share the one, coprocesses that are moved
  /// together the other, so none of them runs past the instant at which another core of the node may do something.
  @inline(__always)
  private func unsharedUntil(_ slot: Int, _ core: Int) -> Nanoseconds {
    guard cores.count > 1 else { return .max }
    let hasCompany = departures[processes[slot].id].map { !$0.companions.isEmpty } ?? false
    guard processes[slot].threads.count > 1 || hasCompany else { return .max }
    return cores.indices.reduce(.max) { $1 == core ? $0 : min($0, cores[$1].wakeAt) }
  }

  /// Up to when the thread on `core` has been run: after the clock while it runs ahead.
  package func position(ofCore core: Int) -> Nanoseconds { cores[core].thread == nil ? 0 : cores[core].position }

  /// Core time that a process has used up to `now`, what it is using at this moment included.
  public func cpuTime(of process: ProcessID, now: Nanoseconds) -> Nanoseconds? {
    guard let slot = processes.slot(of: process) else { return nil }
    return cores.reduce(processes[slot].cpuTime) { time, core in
      core.thread?.process == process && core.position < now ? time + now - core.position : time
    }
  }

  /// Up to when the thread furthest ahead has been run.
  package var furthestPosition: Nanoseconds { cores.indices.reduce(0) { max($0, position(ofCore: $1)) } }

  /// How far a thread runs ahead at most: a hundred thousand steps, so that whoever drives the kernel can stop in between.
  private var longestRun: Nanoseconds { max(1, 10_000_000_000 / settings.speed) }

  /// Thousandths of the speed at which a step takes the time it says: the node's, or what a throttle leaves of it,
  /// rounded, and never nothing.
  @inline(__always)
  private func speed(of slot: Int) -> UInt64 {
    let throttle = processes[slot].throttle
    return throttle == 0 ? settings.speed : max(1, settings.speed.scaled(by: UInt64(100 - throttle), over: 100))
  }

  /// Slows a process down by so many hundredths of its speed, 0 to 99: 0 gives it back.
  ///
  /// Up to this instant its threads have run at the speed that they had. None of them is ahead of it: nothing that leads
  /// here comes before the horizon, but for what a coprocess does that is moved with it; see `unsharedUntil`.
  mutating func throttle(_ slot: Int, to throttle: Int, _ out: inout EffectBuffer) {
    let process = processes[slot].id
    payThreads(&out) { $0.process == process }
    processes[slot].throttle = throttle
  }

  /// Gives the cores another speed: threads that run have run at the old one up to now.
  mutating func setSpeed(_ speed: UInt64, _ out: inout EffectBuffer) {
    payThreads(&out) { _ in true }
    settings.speed = speed
  }

  /// Charges threads that run, and lets their cores find out anew how far they get.
  private mutating func payThreads(_ out: inout EffectBuffer, where isMeant: (ThreadReference) -> Bool) {
    for core in cores.indices {
      guard let thread = cores[core].thread, isMeant(thread) else { continue }
      pay(core, thread.slot, thread.thread, now: out.now)
      wake(core, at: out.now, &out)
    }
  }

  /// Carries out a system call at its instant.
  ///
  /// - Returns: true when the thread goes on; false when it waits or has ended.
  private mutating func carryOut(_ call: SystemCall, _ slot: Int, _ thread: Int, _ out: inout EffectBuffer) -> Bool {
    switch call {
    case .send(let to, let text, let waits):
      return send(text, from: slot, thread, to: to, waits: waits, &out)
    case .print(let text):
      let home = processes[slot].id.origin
      guard home != id else {
        out.report(.output(processes[slot].id, text))
        processes[slot].threads[thread].guest.complete(.done)
        return true
      }
      // A remote system call: the thread waits for the terminal of its origin to answer.
      return send(text, from: slot, thread, to: .terminal(of: home), waits: true, &out)
    case .receive(let timeout):
      if let message = processes[slot].takeMessage() {
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
    case .sleep(let time):
      guard time > 0 else {
        processes[slot].threads[thread].guest.complete(.done)
        return true
      }
      let until = out.now.addingReportingOverflow(time)
      processes[slot].threads[thread].state = .sleeping(until: until.overflow ? .max : until.partialValue)
      setWaitTimer(slot, thread, at: until.overflow ? .max : until.partialValue, &out)
      return false
    case .fork(let program):
      // A fork copies every page, and so touches those that are still elsewhere.
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
        forkedFrom: processes[slot], thread: thread, program: program, name: program.name,
        id: issueID(processes[slot].id.forwarding),
        now: out.now)
      out.report(.created(child.id, name: child.name, parent: processes[slot].id))
      processes[slot].threads[thread].guest.complete(.forked(child.id, name: child.name))
      freeFrames -= child.space.pageCount
      begin(processes.insert(child), &out)
      return true
    case .thread(let guest):
      guard processes[slot].threads.count < Self.threadLimit else {
        endProcess(slot, reason: .fault("more than \(Self.threadLimit) threads"), &out)
        return false
      }
      processes[slot].threads[thread].guest.complete(.done)
      processes[slot].threads.append(Thread(guest: guest))
      makeReady(slot, processes[slot].threads.count - 1, &out)
      return true
    case .exit:
      processes[slot].threads[thread].state = .ended
      if processes[slot].threads.allSatisfy({ $0.state == .ended }) {
        // Its own core is still marked with it, and `endProcess` frees only those of running threads.
        endProcess(slot, reason: .exited, &out)
      }
      return false
    }
  }

  /// How many threads a process may start.
  static var threadLimit: Int { 10_000 }

  private mutating func send(
    _ text: String, from slot: Int, _ thread: Int, to receiver: ProcessID, waits: Bool, _ out: inout EffectBuffer
  ) -> Bool {
    if waits {
      // Before the message is on its way, since one for a process on this node is answered at once.
      processes[slot].threads[thread].state = .sending(nextMessage(slot, to: receiver))
    } else {
      processes[slot].threads[thread].guest.complete(.done)
    }
    accept(slot, to: receiver, text: text, size: UInt32(clamping: text.utf8.count), &out)
    return !waits
  }

  // MARK: - Waiting

  private mutating func setWaitTimer(_ slot: Int, _ thread: Int, at time: Nanoseconds, _ out: inout EffectBuffer) {
    guard time < .max else { return }
    let waits = processes[slot].threads[thread].waits
    out.setTimer(.wait(processes[slot].id, thread: thread, waits: waits), at: max(time, out.now))
  }

  mutating func endWait(_ process: ProcessID, _ thread: Int, waits: UInt32, _ out: inout EffectBuffer) {
    guard let slot = processes.slot(of: process), processes[slot].threads.indices.contains(thread),
      processes[slot].threads[thread].waits == waits, processes[slot].isRunnable
    else { return }
    switch processes[slot].threads[thread].state {
    case .sleeping(let until) where until <= out.now: finishWait(slot, thread, .done, &out)
    case .receiving(let deadline?) where deadline <= out.now: finishWait(slot, thread, .timedOut, &out)
    default: break
    }
  }

  /// The thread's system call is over and it may run.
  mutating func finishWait(_ slot: Int, _ thread: Int, _ result: SystemCallResult, _ out: inout EffectBuffer) {
    processes[slot].threads[thread].waits &+= 1
    processes[slot].threads[thread].guest.complete(result)
    makeReady(slot, thread, &out)
  }

  /// A message has been delivered: the first thread that waits for one has it.
  mutating func wakeReceiver(_ slot: Int, _ out: inout EffectBuffer) {
    guard processes[slot].isRunnable else { return }
    for thread in processes[slot].threads.indices {
      guard case .receiving = processes[slot].threads[thread].state else { continue }
      guard let message = processes[slot].takeMessage() else { return }
      finishWait(slot, thread, receive(slot, message, &out), &out)
      return
    }
  }

  /// The program receives a message that had been delivered.
  private mutating func receive(_ slot: Int, _ message: Message, _ out: inout EffectBuffer) -> SystemCallResult {
    processes[slot].received(message)
    out.report(.message(message.id, .received))
    return .received(text: message.text, from: message.id.from)
  }
}

extension ProcessTable {
  /// Runs a thread's guest over its process's memory, in place.
  fileprivate mutating func run(_ slot: Int, _ thread: Int, budget: Nanoseconds, speed: UInt64) -> GuestRun {
    self[slot].run(thread, budget: budget, speed: speed)
  }
}

extension Process {
  fileprivate mutating func run(_ thread: Int, budget: Nanoseconds, speed: UInt64) -> GuestRun {
    let run = threads[thread].guest.run(budget: budget, speed: speed, memory: &space)
    cpuTime += run.elapsed
    return run
  }

  fileprivate mutating func takeMessage() -> Message? { inbox.popFirst() }

  fileprivate mutating func received(_ message: Message) {
    receivedCount &+= 1
    var digest = ByteDigest()
    digest.put(message.id.from)
    digest.put(message.text)
    receivedDigest = mixed(receivedDigest ^ digest.value)
  }
}
