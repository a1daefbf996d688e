/// What the threads of one process wait for each other with: its locks, its barriers, and `join`.
///
/// All of it belongs to the process and moves with it. A lock goes to the thread that has waited longest, as with a fair
/// mutex; a barrier lets its threads go when the last has come, and can be used again, as `pthread_barrier_wait` can.
struct Synchronization: Sendable, Equatable {
  /// A lock, free when nobody holds it.
  struct Lock: Sendable, Equatable {
    /// The thread that has it.
    var holder: Int?
    /// The threads that wait for it, in the order in which they came.
    var queue: [Int] = []
  }

  /// By the number that the program gives each.
  var locks: ContiguousArray<Lock>
  /// By the number that the program gives each: the threads that wait there, in the order in which they came.
  var barriers: ContiguousArray<[Int]>

  /// Free locks, and barriers where nobody waits.
  init(for program: ProgramImage) {
    locks = ContiguousArray(repeating: Lock(), count: program.locks.count)
    barriers = ContiguousArray(repeating: [], count: program.barriers.count)
  }

  /// True when no thread has a lock or waits at a barrier.
  var isIdle: Bool { locks.allSatisfy { $0.holder == nil } && barriers.allSatisfy(\.isEmpty) }

  /// Gives the lock to a thread if it is free; else the thread waits in its queue.
  ///
  /// - Returns: true when it has the lock now.
  mutating func take(_ lock: Int, _ thread: Int) -> Bool {
    guard locks[lock].holder == nil else {
      locks[lock].queue.append(thread)
      return false
    }
    locks[lock].holder = thread
    return true
  }

  /// A thread gives a lock up.
  ///
  /// - Returns: the thread that has it now, if one waited for it.
  mutating func release(_ lock: Int) -> Int? {
    locks[lock].holder = locks[lock].queue.isEmpty ? nil : locks[lock].queue.removeFirst()
    return locks[lock].holder
  }

  /// The locks that a thread has.
  func held(by thread: Int) -> [Int] { locks.indices.filter { locks[$0].holder == thread } }

  /// A thread comes to a barrier where `count` are to meet.
  ///
  /// - Returns: those that go on besides it, when it is the last; nil when it waits.
  mutating func arrive(_ barrier: Int, _ thread: Int, of count: UInt64) -> [Int]? {
    guard UInt64(barriers[barrier].count) + 1 >= count else {
      barriers[barrier].append(thread)
      return nil
    }
    defer { barriers[barrier] = [] }
    return barriers[barrier]
  }
}

// MARK: - System calls

/// How threads wait for each other.
extension NodeKernel {
  /// - Returns: true when the thread has the lock and goes on.
  mutating func lock(_ lock: Int, _ slot: Int, _ thread: Int, _ out: inout EffectBuffer) -> Bool {
    if processes[slot].synchronization.take(lock, thread) {
      processes[slot].threads[thread].guest.complete(.done)
      return true
    }
    return wait(as: .locking(lock), slot, thread, &out)
  }

  /// The thread leaves the block of a lock; who has waited longest for the lock has it now.
  mutating func unlock(_ lock: Int, _ slot: Int, _ thread: Int, _ out: inout EffectBuffer) {
    processes[slot].threads[thread].guest.complete(.done)
    passOn(lock, slot, &out)
  }

  private mutating func passOn(_ lock: Int, _ slot: Int, _ out: inout EffectBuffer) {
    if let next = processes[slot].synchronization.release(lock) { finishWait(slot, next, .done, &out) }
  }

  /// - Returns: true when the thread was the last to come, and all go on.
  mutating func arrive(
    _ barrier: Int, of count: UInt64, _ slot: Int, _ thread: Int, _ out: inout EffectBuffer
  ) -> Bool {
    guard let others = processes[slot].synchronization.arrive(barrier, thread, of: count) else {
      return wait(as: .meeting(barrier, of: count), slot, thread, &out)
    }
    processes[slot].threads[thread].guest.complete(.done)
    for other in others { finishWait(slot, other, .done, &out) }
    return true
  }

  /// - Returns: true when all threads that this one started have ended, and it goes on.
  mutating func join(_ slot: Int, _ thread: Int, _ out: inout EffectBuffer) -> Bool {
    guard processes[slot].hasLivingThreads(startedBy: thread) else {
      processes[slot].threads[thread].guest.complete(.done)
      return true
    }
    return wait(as: .joining, slot, thread, &out)
  }

  private mutating func wait(as state: Thread.State, _ slot: Int, _ thread: Int, _ out: inout EffectBuffer) -> Bool {
    processes[slot].threads[thread].state = state
    reportDeadlock(of: thread, slot, &out)
    return false
  }

  /// A thread has ended: it gives up the locks that it still has, and who joins it may go on.
  mutating func threadEnded(_ slot: Int, _ thread: Int, _ out: inout EffectBuffer) {
    processes[slot].threads[thread].state = .ended
    for lock in processes[slot].synchronization.held(by: thread).reversed() { passOn(lock, slot, &out) }
    if let starter = processes[slot].threads[thread].starter, processes[slot].threads[starter].state == .joining,
      !processes[slot].hasLivingThreads(startedBy: starter)
    {
      finishWait(slot, starter, .done, &out)
    }
    // Those at a barrier may have waited for this one.
    if let waiting = processes[slot].threads.firstIndex(where: \.isMeeting) { reportDeadlock(of: waiting, slot, &out) }
  }

  /// Says so if a thread that has begun to wait for others of its process waits for ever.
  private func reportDeadlock(of thread: Int, _ slot: Int, _ out: inout EffectBuffer) {
    let waits = processes[slot].deadlock(of: thread)
    if !waits.isEmpty { out.report(.deadlocked(processes[slot].id, waits)) }
  }
}

extension Process {
  func hasLivingThreads(startedBy starter: Int) -> Bool {
    threads.contains { $0.starter == starter && $0.state != .ended }
  }
}

extension Thread {
  fileprivate var isMeeting: Bool { if case .meeting = state { true } else { false } }
  fileprivate var isLocking: Bool { if case .locking = state { true } else { false } }
}

// MARK: - Invariants

extension Synchronization {
  /// The first invariant that does not hold, in words: a lock that is waited for has a holder, who has not ended; who waits
  /// for a lock or at a barrier stands in just that queue.
  func brokenInvariant(_ threads: ContiguousArray<Thread>) -> String? {
    var queued = 0
    for (number, lock) in locks.enumerated() {
      if lock.holder == nil, !lock.queue.isEmpty { return "has threads that wait for a lock which is free" }
      if let holder = lock.holder, threads[holder].state == .ended { return "has a lock of a thread that has ended" }
      if lock.queue.contains(where: { threads[$0].state != .locking(number) }) {
        return "has a thread in the queue of a lock for which it does not wait"
      }
      queued += lock.queue.count
    }
    for (number, waiting) in barriers.enumerated() {
      for thread in waiting {
        guard case .meeting(number, of: let count) = threads[thread].state, UInt64(waiting.count) < count else {
          return "has a thread at a barrier where it need not wait"
        }
      }
      queued += waiting.count
    }
    let isJoined = { (thread: Int) in threads.contains { $0.starter == thread && $0.state != .ended } }
    if threads.indices.contains(where: { threads[$0].state == .joining && !isJoined($0) }) {
      return "has a thread that waits for the end of others, which have all ended"
    }
    let waiting = threads.count { $0.isMeeting || $0.isLocking }
    return waiting == queued
      ? nil : "has \(waiting) threads that wait for locks and barriers, and \(queued) in their queues"
  }
}
