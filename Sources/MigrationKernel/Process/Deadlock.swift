/// Finding threads that wait for each other for ever: a cycle among locks, barriers and joins (Coffman, Elphick and
/// Shoshani, "System deadlocks", 1971).
///
/// A thread can go on if it waits for none of its process, since a message, a page or an instant may come. So can one that
/// waits for a lock whose holder can go on, for the end of threads that all can, or at a barrier as long as any thread can go
/// on, which may come there or start others that do. All that remain wait for ever.
extension Process {
  /// What `thread` waits for, and then those that it waits for; empty if it can go on. At most 16 are named.
  func deadlock(of thread: Int) -> [ThreadWait] {
    // Most often the thread that has the lock runs on.
    if case .locking(let lock) = threads[thread].state, let holder = synchronization.locks[lock].holder,
      !threads[holder].state.isForThreads
    {
      return []
    }
    let stuck = stuckThreads
    guard stuck.contains(thread) else { return [] }
    var waits: [ThreadWait] = []
    var named: Set<Int> = []
    var next: Int? = thread
    while let thread = next, named.insert(thread).inserted, waits.count < 16 {
      guard let wait = wait(of: thread, among: stuck) else { break }
      waits.append(wait)
      next =
        switch wait.what {
        case .lock(_, let holder): holder
        case .end(let other): other
        case .barrier: stuck.first { !named.contains($0) }
        }
    }
    return waits
  }

  /// What a thread waits for of others of its process; nil when it waits for none of them.
  func wait(of thread: Int) -> ThreadWait? { wait(of: thread, among: nil) }

  /// - Parameter stuck: of the threads that it has started one of these is named, if it waits for their end.
  private func wait(of thread: Int, among stuck: [Int]?) -> ThreadWait? {
    switch threads[thread].state {
    case .locking(let lock):
      let name = program.locks[lock]
      return ThreadWait(thread: thread, what: .lock(name, holder: synchronization.locks[lock].holder))
    case .meeting(let barrier, let count):
      let missing = count - UInt64(synchronization.barriers[barrier].count)
      return ThreadWait(thread: thread, what: .barrier(program.barriers[barrier], missing: missing))
    case .joining:
      let child = threads.indices.first {
        threads[$0].starter == thread && threads[$0].state != .ended && stuck?.contains($0) ?? true
      }
      return child.map { ThreadWait(thread: thread, what: .end(of: $0)) }
    case .ready, .running, .receiving, .sending, .sleeping, .faulting, .calling, .ended: return nil
    }
  }

  /// The threads that wait for others for ever, in order.
  private var stuckThreads: [Int] {
    var canGoOn = threads.map { $0.state != .ended && !$0.state.isForThreads }
    var anyCan = canGoOn.contains(true)
    while true {
      var hasChanged = false
      // Which of them have started a thread that is not known to go on.
      var awaits = [Bool](repeating: false, count: threads.count)
      for (child, thread) in threads.enumerated() where thread.state != .ended && !canGoOn[child] {
        if let starter = thread.starter { awaits[starter] = true }
      }
      for (number, thread) in threads.enumerated() where !canGoOn[number] {
        let can =
          switch thread.state {
          case .locking(let lock): synchronization.locks[lock].holder.map { canGoOn[$0] } ?? true
          case .meeting: anyCan
          case .joining: !awaits[number]
          case .ready, .running, .receiving, .sending, .sleeping, .faulting, .calling, .ended: false
          }
        if can { (canGoOn[number], anyCan, hasChanged) = (true, true, true) }
      }
      guard hasChanged else { break }
    }
    return threads.indices.filter { threads[$0].state != .ended && !canGoOn[$0] }
  }
}

/// A thread that waits for another of its process, and for what.
public struct ThreadWait: Sendable, Equatable {
  /// The thread, by its number from 0.
  public let thread: Int
  /// What it waits for.
  public let what: What

  /// What a thread can wait for that only another thread of its process can bring about.
  public enum What: Sendable, Equatable {
    /// A lock, which that thread has; nobody when its holder has just ended.
    case lock(String, holder: Int?)
    /// So many more threads to come to a barrier.
    case barrier(String, missing: UInt64)
    /// That thread to end, which it has started.
    case end(of: Int)
  }
}

extension Thread.State {
  /// It waits for other threads of its process.
  var isForThreads: Bool {
    switch self {
    case .locking, .meeting, .joining: true
    case .ready, .running, .receiving, .sending, .sleeping, .faulting, .calling, .ended: false
    }
  }
}
