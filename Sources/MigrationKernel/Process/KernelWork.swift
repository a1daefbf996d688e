/// What migrating costs a node's processors, in core time at speed 1. Nothing unless it is set.
public struct KernelCosts: Sendable, Equatable {
  /// For each page sent or received.
  public var page: Nanoseconds = 0
  /// For each request of pages that a remote process has touched.
  public var fault: Nanoseconds = 0
  /// For each packet of a migration sent or received.
  public var packet: Nanoseconds = 0
  /// For each page looked at to see whether it was written.
  public var dirty: Nanoseconds = 0
  /// For each thread that gets a core which another had before.
  public var contextSwitch: Nanoseconds = 0

  public init() {}

  /// True when only context switches cost anything, or nothing does.
  var areFreeForMigrations: Bool { page == 0 && fault == 0 && packet == 0 && dirty == 0 }

  /// What it takes to send or receive a packet.
  func time(for packet: borrowing Packet) -> Nanoseconds {
    packet.attempt == nil ? 0 : self.packet + page * UInt64(packet.pageCount)
  }
}

/// The kernel's own work, which takes a core from the thread that has it: the thread waits there until the work is done.
///
/// Work goes to the core that is free first: one without a thread, if there is any that has no other work. What a thread
/// causes itself (it touches a page that is elsewhere) is done on its own core. All that one event has the kernel do counts
/// together, and begins then.
extension NodeKernel {
  /// Has a core do what the event cost whose effects begin at `first`.
  ///
  /// - Parameters:
  ///   - received: what it took to receive what came with the event.
  ///   - ownCore: the core whose thread caused it, if one did.
  mutating func chargeWork(
    received: Nanoseconds, ownCore: Int?, effectsFrom first: Int, _ out: inout EffectBuffer
  ) {
    var work = received + settings.costs.dirty * UInt64(scannedPages)
    scannedPages = 0
    for effect in out.effects[first...] {
      if case .send(let packet, _, _, _) = effect { work += settings.costs.time(for: packet) }
    }
    guard work > 0 else { return }
    let core = ownCore ?? coreForWork(at: out.now)
    let start = max(out.now, cores[core].workEnd)
    let time = work.scaled(by: 1000, over: settings.speed)
    if let thread = cores[core].thread {
      pay(core, thread.slot, thread.thread, now: out.now)
      cores[core].sliceEnd = cores[core].sliceEnd.addingReportingOverflow(time).partialValue
    }
    cores[core].workEnd = start + time
    if cores[core].thread != nil { wake(core, at: start + time, &out) }
  }

  private func coreForWork(at now: Nanoseconds) -> Int {
    func rank(_ core: Int) -> (Int, Nanoseconds) {
      (cores[core].thread == nil ? 0 : 1, max(now, cores[core].workEnd))
    }
    let idle = cores.indices.min { rank($0) < rank($1) } ?? 0
    return cores[idle].workEnd <= now ? idle : cores.indices.min { cores[$0].workEnd < cores[$1].workEnd } ?? 0
  }

  /// When a core has done what the kernel has to do, `more` besides that: a migration sends nothing more before that.
  func workEnd(at now: Nanoseconds, with more: Nanoseconds) -> Nanoseconds {
    guard !settings.costs.areFreeForMigrations else { return now }
    return max(now, cores[coreForWork(at: now)].workEnd) + more.scaled(by: 1000, over: settings.speed)
  }

  /// What it took to receive what comes with an event.
  func timeToReceive(_ event: borrowing Event) -> Nanoseconds {
    guard case .packet(let packet, _, _) = copy event else { return 0 }
    let served = if case .pageRequest = packet { settings.costs.fault } else { 0 as Nanoseconds }
    return settings.costs.time(for: packet) + served
  }
}
