/// What moves have cost, as a kernel has measured it: from that it reckons what the next will.
struct MovingCost: Sendable, Equatable {
  /// Bits a second at which pages left, as far as it was measured last; nil before that.
  private(set) var rate: UInt64?
  /// A trip one way, by the last offer and its answer; 0 before the first.
  private(set) var trip: Nanoseconds = 0

  /// An offer was answered.
  mutating func answered(after roundTrip: Nanoseconds) { trip = roundTrip / 2 }

  /// So many bytes of pages have left in that time, while their process stood still.
  mutating func carried(_ bytes: Int, in time: Nanoseconds) {
    guard bytes > 0, time > 0 else { return }
    rate = max(1, UInt64(bytes).scaled(by: 8_000_000_000, over: time))
  }

  /// How long a process stands still while so many bytes of it move: bytes / rate + 3 trips.
  func time(forBytes bytes: Int, nominalRate: UInt64) -> Nanoseconds {
    UInt64(bytes).scaled(by: 8_000_000_000, over: max(1, rate ?? nominalRate)) + 3 * trip
  }
}

extension NodeKernel {
  /// About how many bytes a move sends before the process runs elsewhere, by the mechanism that policies use.
  func bytesToMove(_ process: Process, _ options: TransferOptions, now: Nanoseconds) -> Int {
    let whole = settings.pageSize + Packet.pageOverhead
    let resident = process.space.pageCount - process.space.remote.count
    let pages =
      switch options.mechanism {
      case .nonPreemptive, .onReference: 0
      case .totalFreezing, .preTransfer, .hybrid: resident
      case .flushing: process.space.dirty.count
      }
    // A process that has not begun has hardly a state.
    guard process.phase != .placing else { return 0 }
    let image = ProcessImage(process, leaving: PageSet(), acceptedAt: now, roundTrip: 0, now: now)
    let attempt = MigrationAttempt(process: process.id, epoch: process.epoch + 1)
    return pages * whole + LongPacket(.handover(attempt, image)).sizeWithParts
  }
}
