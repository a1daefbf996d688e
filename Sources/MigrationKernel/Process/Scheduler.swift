/// One core of a node and the thread on it.
struct Core: Sendable {
  var thread: ThreadReference?
  /// When the thread must give way, if another waits.
  var sliceEnd: Nanoseconds = 0
  /// The instant up to which the thread has run and been charged.
  var position: Nanoseconds = 0
  /// When this core asked to be called.
  var wakeAt: Nanoseconds = .max
  /// Until then the kernel has work of its own there, and the thread waits.
  var workEnd: Nanoseconds = 0
  /// It has not been called since it got its thread.
  fileprivate(set) var isNew = false
  /// The thread that it had last.
  private var lastThread: ThreadReference?

  /// The instant up to which the thread has run and been charged, or has waited for the kernel's work.
  @inline(__always) var chargedUntil: Nanoseconds { max(position, workEnd) }

  /// A thread that is given the core now begins to run at once.
  func isFree(at now: Nanoseconds, _ costs: KernelCosts) -> Bool {
    thread == nil && workEnd <= now && (costs.contextSwitch == 0 || lastThread == nil)
  }

  /// Has no thread from now on.
  fileprivate mutating func leave() { (thread, wakeAt) = (nil, .max) }

  /// Has another thread from now on.
  fileprivate mutating func take(_ next: ThreadReference, at now: Nanoseconds, _ settings: borrowing NodeSettings) {
    if settings.costs.contextSwitch > 0, let lastThread, lastThread != next {
      let time = settings.costs.contextSwitch.scaled(by: 1000, over: settings.speed)
      workEnd = max(now, workEnd) + time
    }
    (thread, lastThread, isNew) = (next, next, true)
    sliceEnd = max(now, workEnd) + settings.quantum
    position = now
  }

  /// - Returns: the instant at which it is called: not before the kernel has done its own work there.
  fileprivate mutating func wake(at time: Nanoseconds) -> Nanoseconds {
    wakeAt = max(time, workEnd)
    return wakeAt
  }
}

/// A thread of a process on this node; stale once the slot holds another process.
public struct ThreadReference: Sendable, Equatable {
  let process: ProcessID
  let slot: Int
  let thread: Int
}

/// The scheduler: runnable threads share the cores round robin with a quantum.
///
/// All execution happens in `runCore`, which the driver calls after everything else that happens at the same instant.
/// A thread may run ahead of the clock up to the horizon that the driver promises; it stops before every system call,
/// which the kernel performs at its exact instant (see `NodeKernel+SystemCalls.swift`). A slice never ends inside a run
/// ahead, so nothing that happens depends on how far the horizon reaches.
extension NodeKernel {
  // MARK: - Threads become ready and stop

  /// Gives a thread that may run an idle core, or lets it wait for one.
  mutating func makeReady(_ slot: Int, _ thread: Int, _ out: inout EffectBuffer) {
    processes[slot].threads[thread].state = .ready
    guard processes[slot].isRunnable else { return }
    ready.append(ThreadReference(process: processes[slot].id, slot: slot, thread: thread))
    if let idle = cores.idle {
      dispatch(idle, &out)
      return
    }
    // Nobody was waiting until now, so cores may have meant to run past the end of their slices.
    guard ready.count == 1 else { return }
    for index in cores.indices where cores[index].wakeAt > cores[index].sliceEnd {
      extendSlice(index, toReach: out.now)
      if cores[index].sliceEnd < cores[index].wakeAt { wake(index, at: cores[index].sliceEnd, &out) }
    }
  }

  /// True when a thread that may run would begin to at once.
  func hasFreeCore(at now: Nanoseconds) -> Bool {
    cores.contains { $0.isFree(at: now, settings.costs) }
  }

  /// Moves the end of a core's slice on by whole quanta until it is not before `time`: nobody waited for the slices between.
  private mutating func extendSlice(_ core: Int, toReach time: Nanoseconds) {
    guard cores[core].sliceEnd < time else { return }
    let late = time - cores[core].sliceEnd
    cores[core].sliceEnd += (late + settings.quantum - 1) / settings.quantum * settings.quantum
  }

  /// Gives the core to the thread that has waited longest for one, if any.
  private mutating func dispatch(_ core: Int, _ out: inout EffectBuffer) {
    guard let next = ready.popFirst() else { return cores[core].leave() }
    processes[next.slot].threads[next.thread].state = .running(core: core)
    cores[core].take(next, at: out.now, settings)
    wake(core, at: firstCall(next, core, now: out.now), &out)
  }

  /// When a thread that has just been given a core is called: not before it has paid for the step that it is in, since
  /// nothing comes of it until then.
  private func firstCall(_ next: ThreadReference, _ core: Int, now: Nanoseconds) -> Nanoseconds {
    guard processes[next.slot].throttle == 0, processes[next.slot].awaitsCoreSince == nil else { return now }
    let owed = processes[next.slot].threads[next.thread].guest.owed(speed: settings.speed)
    return owed == 0 ? now : end(of: owed, on: core)
  }

  /// When a thread has paid what it owes, or its slice is over and another waits.
  private func end(of owed: Nanoseconds, on core: Int) -> Nanoseconds {
    let (end, overflow) = cores[core].chargedUntil.addingReportingOverflow(owed)
    let paid = overflow ? .max - 1 : end
    return ready.isEmpty ? paid : min(paid, cores[core].sliceEnd)
  }

  /// Asks the driver to call for this core again.
  mutating func wake(_ core: Int, at time: Nanoseconds, _ out: inout EffectBuffer) {
    out.wakeCore(core, at: cores[core].wake(at: time))
  }

  /// Charges the thread on `core` for the time since it was charged last.
  mutating func pay(_ core: Int, _ slot: Int, _ thread: Int, now: Nanoseconds) {
    let start = cores[core].chargedUntil
    if cores[core].position < now { cores[core].position = now }
    guard now > start else { return }
    processes[slot].pay(now - start, thread, speed: settings.speed)
    usedCoreTime += now - start
  }

  /// Stops the threads of a process whose phase has just left `active`. Those that compute stop at once; those in the middle
  /// of a step stop at its end, and `runCore` calls `threadStopped` then.
  mutating func stopThreads(of slot: Int, _ out: inout EffectBuffer) {
    endCoreWait(slot, &out)
    leaveReadyQueue(slot)
    for thread in processes[slot].threads.indices {
      guard case .running(let core) = processes[slot].threads[thread].state else { continue }
      guard processes[slot].threads[thread].guest.isInterruptible else {
        // It has begun nothing here if it got the core at this very instant, or the kernel has work of its own there until now.
        if cores[core].isNew, cores[core].chargedUntil >= out.now { wake(core, at: out.now, &out) }
        continue
      }
      pay(core, slot, thread, now: out.now)
      processes[slot].threads[thread].state = .ready
      dispatch(core, &out)
    }
  }

  /// Takes every thread of a process that is no more off its core.
  mutating func dropThreads(of slot: Int, _ out: inout EffectBuffer) {
    leaveReadyQueue(slot)
    for thread in processes[slot].threads.indices {
      let state = processes[slot].threads[thread].state
      processes[slot].threads[thread].state = .ended
      guard case .running(let core) = state else { continue }
      let used = out.now - min(out.now, cores[core].chargedUntil)
      processes[slot].cpuTime += used
      processes[slot].threads[thread].cpuTime += used
      usedCoreTime += used
      dispatch(core, &out)
    }
  }

  private mutating func leaveReadyQueue(_ slot: Int) {
    let process = processes[slot].id
    ready.removeAll { $0.process == process }
  }

  /// Puts every thread of a process that may run again into the ready queue, or sets the timer for which it waits.
  mutating func resumeThreads(of slot: Int, _ out: inout EffectBuffer) {
    for thread in processes[slot].threads.indices {
      switch processes[slot].threads[thread].state {
      // A thread that waits for a page tries its step again, and asks for the page anew if it is still elsewhere.
      case .ready where processes[slot].threads[thread].pausedUntil != nil: break
      case .ready, .faulting: makeReady(slot, thread, &out)
      case .receiving(let deadline):
        if let message = processes[slot].takeMessage() {
          finishWait(slot, thread, receive(slot, message, &out), &out)
        } else if let deadline {
          setWaitTimer(slot, thread, at: deadline, &out)
        }
      case .sleeping(let until) where until <= out.now: finishWait(slot, thread, .done, &out)
      case .sleeping(let until): setWaitTimer(slot, thread, at: until, &out)
      case .sending(let message):
        if processes[slot].outbox.streams[message.to]?.place(of: message) == nil {
          finishWait(slot, thread, .done, &out)
        }
      case .running, .locking, .meeting, .joining, .calling, .ended: break
      }
    }
  }

  // MARK: - Execution

  /// Runs the thread on `core`, which asked to be called at this instant; nothing else reaches the node before `horizon`.
  mutating func runCore(_ core: Int, horizon: Nanoseconds, _ out: inout EffectBuffer) {
    guard cores[core].wakeAt == out.now, let reference = cores[core].thread else { return }
    let (slot, thread) = (reference.slot, reference.thread)
    cores[core].isNew = false
    pay(core, slot, thread, now: out.now)
    if processes[slot].awaitsCoreSince != nil { endCoreWait(slot, &out) }
    var horizon = max(horizon, out.now)
    while true {
      guard processes[slot].isRunnable else {
        // The process is being stopped, and this is a safe point: the thread has ended its step, or it computes.
        processes[slot].threads[thread].state = .ready
        dispatch(core, &out)
        threadStopped(slot, &out)
        return
      }
      if processes[slot].throttle > 0, mustPause(slot, thread) { return pause(core, slot, thread, &out) }
      if out.now >= cores[core].sliceEnd {
        if ready.isEmpty {
          extendSlice(core, toReach: out.now + 1)
        } else if !endsBurst(slot, thread) {
          processes[slot].threads[thread].state = .ready
          ready.append(reference)
          dispatch(core, &out)
          return
        }
      }
      let pauseAt = out.now + timeUntilPause(slot, thread)
      let reach = min(horizon, cores[core].sliceEnd, unsharedUntil(slot, core), pauseAt)
      let budget = max(reach, out.now) - out.now
      let speed = settings.speed
      let run = processes.run(slot, thread, budget: budget, speed: speed)
      out.steps &+= run.steps
      if run.elapsed > 0 {
        cores[core].position = out.now + run.elapsed
        usedCoreTime += run.elapsed
      }
      switch run.stop {
      case .budget:
        let next = end(of: processes[slot].threads[thread].guest.owed(speed: speed), on: core)
        let isCut = processes[slot].throttle > 0 && processes[slot].threads[thread].guest.isInterruptible
        wake(core, at: isCut ? max(out.now, min(next, pauseAt)) : max(out.now, next), &out)
        return
      case .systemCall, .fault, .pageFault:
        // The kernel acts at the instant at which the guest got here: when that comes the guest says again what it wants.
        if run.elapsed > 0 { return wake(core, at: cores[core].position, &out) }
        guard carryOut(run.stop, reference, core, &out) else { return }
        // The thread runs no further ahead before the kernel has seen everything else that happens at this instant.
        horizon = out.now
      }
    }
  }

  /// Does what a guest has stopped for at this instant.
  ///
  /// - Returns: true when its thread goes on.
  private mutating func carryOut(
    _ stop: consuming GuestRun.Stop, _ reference: ThreadReference, _ core: Int, _ out: inout EffectBuffer
  ) -> Bool {
    switch consume stop {
    case .budget: return true
    case .systemCall(let call):
      if performSystemCall(call, reference.slot, reference.thread, &out) { return true }
      guard cores[core].thread?.process == reference.process, cores[core].thread?.thread == reference.thread else {
        return false
      }
      dispatch(core, &out)
    case .pageFault(let page):
      fault(reference.slot, reference.thread, page: page, &out)
      dispatch(core, &out)
    case .fault(let why): endProcess(reference.slot, reason: .fault(why), &out)
    }
    return false
  }

  /// A process that has come here executes for the first time, or is stopped before it could.
  private mutating func endCoreWait(_ slot: Int, _ out: inout EffectBuffer) {
    guard let start = processes[slot].awaitsCoreSince else { return }
    processes[slot].awaitsCoreSince = nil
    let process = processes[slot].id
    let attempt = MigrationAttempt(process: process, epoch: activatedEpochs[process] ?? 0)
    out.report(.migration(attempt, .coreAwaited(out.now - start)))
  }

  /// True when a thread whose slice is over waits or ends before it computes again: its burst has ended with the slice, so it
  /// does not wait for another slice to say so.
  private func endsBurst(_ slot: Int, _ thread: Int) -> Bool {
    guard processes[slot].threads[thread].guest.owed(speed: settings.speed) == 0 else { return false }
    switch processes[slot].threads[thread].guest.stopAhead(over: processes[slot].space) {
    case nil, .budget: return false
    // To give up a lock takes no time.
    case .pageFault, .fault, .systemCall(.unlock): return true
    case .systemCall(let call): return waits(for: call, slot, thread)
    }
  }

  /// How far this thread may run ahead: another core may touch the same memory (a sibling thread) or migration (a
  /// coprocess), and does so no earlier than the first instant at which one asked to be called.
  @inline(__always)
  private func unsharedUntil(_ slot: Int, _ core: Int) -> Nanoseconds {
    guard cores.count > 1 else { return .max }
    guard processes[slot].threads.count > 1 || departures[processes[slot].id]?.family != nil else { return .max }
    return cores.indices.reduce(.max) { $1 == core ? $0 : min($0, cores[$1].wakeAt) }
  }

  /// The instant up to which the thread on `core` has run: later than the clock while it runs ahead.
  package func position(ofCore core: Int) -> Nanoseconds { cores[core].thread == nil ? 0 : cores[core].position }

  /// Core time that a process has used up to `now`, including what it is using at this moment; nil when it is not here.
  public func cpuTime(of process: ProcessID, now: Nanoseconds) -> Nanoseconds? {
    processes.slot(of: process).map { cpuTime(in: $0, now: now) }
  }

  /// The same of the process in a slot.
  func cpuTime(in slot: Int, now: Nanoseconds) -> Nanoseconds {
    let process = processes[slot].id
    return cores.reduce(processes[slot].cpuTime) { time, core in
      core.thread?.process == process && core.chargedUntil < now ? time + now - core.chargedUntil : time
    }
  }

  /// Core time that threads have had up to `now`, since the node booted.
  package func usedCoreTime(now: Nanoseconds) -> Nanoseconds {
    var time = usedCoreTime
    for core in cores where core.thread != nil {
      if core.chargedUntil < now { time += now - core.chargedUntil }
      // A thread that has run ahead has been charged for more.
      if core.position > now { time -= min(time, core.position - now) }
    }
    return time
  }

  /// The instant up to which the thread that is furthest ahead has run.
  package var furthestPosition: Nanoseconds { cores.indices.reduce(0) { max($0, position(ofCore: $1)) } }

  /// How far a thread runs ahead at most: a hundred thousand steps, so that the driver can stop in between.
  private var longestRun: Nanoseconds { max(1, 10_000_000_000 / settings.speed) }

  // MARK: - Slowing down

  /// Slows a process down by so many hundredths of its speed, 0 to 99: 0 gives it back.
  ///
  /// A thread of it leaves its core to others after each 50 us for so long that it has no more than its part of the time. (QEMU
  /// lets a processor sleep in the same way, after each 10 ms.)
  ///
  /// Its threads are charged for the time up to this instant. None of them is ahead of it: what leads here does not come
  /// before the horizon, or comes from a coprocess that is moved with it; see `unsharedUntil`.
  mutating func throttle(_ slot: Int, to throttle: Int, _ out: inout EffectBuffer) {
    precondition(0...Throttle.most ~= throttle, "a process cannot be slowed down by \(throttle) %")
    let process = processes[slot].id
    payThreads(&out) { $0.process == process }
    processes[slot].throttle = throttle
    guard throttle == 0 else { return }
    for thread in processes[slot].threads.indices {
      processes[slot].threads[thread].usedSincePause = 0
      guard let end = processes[slot].threads[thread].pausedUntil else { continue }
      endPause(of: process, thread, until: end, &out)
    }
  }

  /// How much core time a thread that is slowed down has before it leaves its core to others.
  private static var timeBetweenPauses: Nanoseconds { 50_000 }

  /// How much longer a thread may run: at most as far as any may run ahead.
  @inline(__always)
  private func timeUntilPause(_ slot: Int, _ thread: Int) -> Nanoseconds {
    guard processes[slot].throttle > 0 else { return longestRun }
    let used = processes[slot].threads[thread].usedSincePause
    return min(longestRun, Self.timeBetweenPauses - min(used, Self.timeBetweenPauses))
  }

  /// Whether a thread that is slowed down has run long enough; one in the middle of a step ends it first.
  private func mustPause(_ slot: Int, _ thread: Int) -> Bool {
    guard processes[slot].threads[thread].usedSincePause >= Self.timeBetweenPauses else { return false }
    let guest = processes[slot].threads[thread].guest
    return guest.isInterruptible || guest.owed(speed: settings.speed) == 0
  }

  private mutating func pause(_ core: Int, _ slot: Int, _ thread: Int, _ out: inout EffectBuffer) {
    let throttle = UInt64(processes[slot].throttle)
    let used = processes[slot].threads[thread].usedSincePause
    let end = out.now + used.scaled(by: throttle, over: 100 - throttle)
    processes[slot].threads[thread].usedSincePause = 0
    processes[slot].threads[thread].pausedUntil = end
    processes[slot].threads[thread].state = .ready
    out.setTimer(.pause(processes[slot].id, thread: thread, until: end), at: end)
    dispatch(core, &out)
  }

  /// A thread that was slowed down may have a core again.
  mutating func endPause(of process: ProcessID, _ thread: Int, until end: Nanoseconds, _ out: inout EffectBuffer) {
    guard let slot = processes.slot(of: process), processes[slot].threads.indices.contains(thread),
      processes[slot].threads[thread].pausedUntil == end
    else { return }
    processes[slot].threads[thread].pausedUntil = nil
    if processes[slot].threads[thread].state == .ready { makeReady(slot, thread, &out) }
  }

  /// Gives the cores another speed, and charges the threads on them for the time up to now at the old one.
  mutating func setSpeed(_ speed: UInt64, _ out: inout EffectBuffer) {
    payThreads(&out) { _ in true }
    settings.speed = speed
  }

  /// Charges threads that run, and has their cores find out anew how far they get.
  private mutating func payThreads(_ out: inout EffectBuffer, where isMeant: (ThreadReference) -> Bool) {
    for core in cores.indices {
      guard let thread = cores[core].thread, isMeant(thread) else { continue }
      pay(core, thread.slot, thread.thread, now: out.now)
      wake(core, at: out.now, &out)
    }
  }
}

extension ProcessTable {
  /// Runs a thread's guest over its process's memory, in place.
  fileprivate mutating func run(_ slot: Int, _ thread: Int, budget: Nanoseconds, speed: UInt64) -> GuestRun {
    self[slot].run(thread, budget: budget, speed: speed)
  }
}

extension Process {
  /// A thread has run for some time.
  fileprivate mutating func pay(_ time: Nanoseconds, _ thread: Int, speed: UInt64) {
    threads[thread].guest.pay(time, speed: speed)
    count(time, thread)
  }

  private mutating func count(_ time: Nanoseconds, _ thread: Int) {
    cpuTime += time
    threads[thread].cpuTime += time
    if throttle > 0 { threads[thread].usedSincePause += time }
  }

  fileprivate mutating func run(_ thread: Int, budget: Nanoseconds, speed: UInt64) -> GuestRun {
    let run = threads[thread].guest.run(budget: budget, speed: speed, memory: &space)
    if run.elapsed > 0 { count(run.elapsed, thread) }
    return run
  }
}

extension ContiguousArray<Core> {
  /// A core without a thread: the one where the kernel's own work ends first.
  fileprivate var idle: Int? {
    var idle: Int?
    for core in indices where self[core].thread == nil {
      if let best = idle, self[core].workEnd >= self[best].workEnd { continue }
      idle = core
    }
    return idle
  }
}
