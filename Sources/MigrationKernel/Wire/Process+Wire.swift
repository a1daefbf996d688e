extension ProcessImage: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put64(sinceAccepted)
    sink.put64(roundTrip)
    sink.put(id)
    sink.put(name)
    sink.put8(phase.code)
    sink.put(family)
    // Few processes have forked or been forked: for others it takes no room.
    sink.put8(
      (isInseparable ? 1 : 0) | (forkNames == ForkNames() ? 0 : 2) | (stateSize > 0 ? 4 : 0) | (sentBefore > 0 ? 8 : 0)
        | (synchronization.isIdle ? 0 : 16))
    guard sentBefore > 0 else { return encodeState(into: &sink) }
    sink.put32(sentBefore)
    sink.putRest(after: sentBefore) { encodeState(into: &$0) }
  }

  /// All that follows the marks.
  private func encodeState<Sink: ByteSink>(into sink: inout Sink) {
    if forkNames != ForkNames() { sink.put(forkNames) }
    if stateSize > 0 {
      sink.put32(stateSize)
      sink.putPadding(Int(stateSize))
    }
    sink.put8(communication.rawValue)
    sink.put32(UInt32(clamping: pageCount))
    sink.put32(epoch)
    sink.put32(migrations)
    sink.put64(age)
    sink.put64(cpuTime)
    sink.put(program)
    sink.putList(threads)
    if !synchronization.isIdle { sink.put(synchronization) }
    sink.put16(prefetch)
    sink.put64(remoteDigest)
    sink.putList(holders)
    sink.putList(trail)
    sink.putList(correspondents)
    sink.put32(receivedCount)
    sink.put64(receivedDigest)
    sink.putList(inbox)
    sink.putList(outgoing)
    sink.putList(incoming)
  }

  init(from reader: inout ByteReader) throws(WireError) {
    sinceAccepted = try reader.take64()
    roundTrip = try reader.take64()
    id = try reader.take()
    name = try reader.takeText()
    phase = try reader.takeCode("phase", Process.Phase.init(code:))
    family = try reader.take()
    let marks = try reader.takeCode("mark of a process") { $0 < 32 ? $0 : nil }
    if marks & 8 != 0 { sentBefore = try reader.takeSentBefore() }
    isInseparable = marks & 1 != 0
    forkNames = marks & 2 != 0 ? try reader.take() : ForkNames()
    stateSize = marks & 4 != 0 ? try reader.take32() : 0
    try reader.skipPadding(Int(stateSize))
    communication = try reader.takeCode("way of communication", Communication.init(rawValue:))
    let pageCount = try reader.take32(most: AddressSpace.pageLimit, "number of pages")
    self.pageCount = pageCount
    epoch = try reader.take32()
    migrations = try reader.take32()
    age = try reader.take64()
    cpuTime = try reader.take64()
    let program: ProgramImage = try reader.take()
    self.program = program
    let threadsStart = reader.offset
    let threadCount = try reader.takeCount(ofAtLeast: ThreadImage.leastWireSize)
    var threads: [ThreadImage] = []
    threads.reserveCapacity(threadCount)
    for _ in 0..<threadCount {
      threads.append(
        try ThreadImage(
          from: &reader, program: program, pageCount: pageCount, cpuTimeOfOnly: threadCount == 1 ? cpuTime : nil))
    }
    self.threads = threads
    synchronization =
      marks & 16 != 0 ? try Synchronization(from: &reader, of: program) : Synchronization(for: program)
    guard synchronization.isWhole(threads) else {
      throw .badValue("threads that wait for each other", offset: threadsStart)
    }
    prefetch = try reader.take16()
    remoteDigest = try reader.take64()
    let start = reader.offset
    holders = try reader.takeList(RemoteHolding.self, ofAtLeast: 33)
    guard holders.allSatisfy({ $0.pages.first(from: pageCount) == nil }) else {
      throw .badValue("page of the process", offset: start)
    }
    trail = try reader.takeList(NodeID.self, ofAtLeast: 4)
    correspondents = try reader.takeList(Correspondent.self, ofAtLeast: ProcessID.wireSize + 8)
    receivedCount = try reader.take32()
    receivedDigest = try reader.take64()
    inbox = try reader.takeList(Message.self, ofAtLeast: Message.wireOverhead)
    outgoing = try reader.takeList(OutgoingImage.self, ofAtLeast: ProcessID.wireSize + 8)
    incoming = try reader.takeList(IncomingImage.self, ofAtLeast: ProcessID.wireSize + 8)
    try reader.finishParts()
  }
}

extension ForkNames: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.putCount(path.count)
    for number in path { sink.put32(number) }
    sink.putList(counts)
  }

  init(from reader: inout ByteReader) throws(WireError) {
    let start = reader.offset
    self.init(
      path: try reader.takeList(ofAtLeast: 4) { (reader) throws(WireError) in try reader.take32() },
      counts: try reader.takeList(Count.self, ofAtLeast: 8))
    guard self != ForkNames() else { throw .badValue("names of forks", offset: start) }
  }
}

extension ForkNames.Count: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put(stem)
    sink.put32(children)
  }

  init(from reader: inout ByteReader) throws(WireError) {
    stem = try reader.takeText()
    children = try reader.take32()
  }
}

extension Process.Phase {
  private static let all: [Process.Phase] = [.new, .active, .held, .migrating, .placing]

  fileprivate var code: UInt8 {
    switch self {
    case .new: 0
    case .active: 1
    case .held: 2
    case .migrating: 3
    case .placing: 4
    }
  }

  fileprivate init?(code: UInt8) {
    guard let phase = Self.all[safe: code] else { return nil }
    self = phase
  }
}

extension ProcessImage.ThreadImage {
  /// Bytes of a thread that does not wait.
  static let leastWireSize = 4 + 1 + ThreadGuest.leastWireSize

  /// - Parameter isAlone: what it has used is what its process has.
  fileprivate func encode<Sink: ByteSink>(into sink: inout Sink, isAlone: Bool) {
    sink.put32(waits)
    if !isAlone {
      sink.put64(cpuTime)
      sink.put32(starter.map { UInt32(clamping: $0) } ?? .max)
    }
    switch wait {
    case .none: sink.put8(0)
    case .receiving(nil): sink.put8(1)
    case .receiving(let left?):
      sink.put8(2)
      sink.put64(left)
    case .sending(let message):
      sink.put8(3)
      sink.put(message)
    case .sleeping(let left):
      sink.put8(4)
      sink.put64(left)
    case .faulting(let page, let stalled):
      sink.put8(5)
      sink.put32(UInt32(clamping: page))
      sink.put64(stalled)
    case .ended: sink.put8(6)
    case .locking(let lock):
      sink.put8(7)
      sink.put16(UInt16(clamping: lock))
    case .meeting(let barrier, let count):
      sink.put8(8)
      sink.put16(UInt16(clamping: barrier))
      sink.put64(count)
    case .joining: sink.put8(9)
    case .calling(let waited):
      sink.put8(10)
      sink.put64(waited)
    }
    guest.encode(into: &sink)
  }

  fileprivate init(
    from reader: inout ByteReader, program: ProgramImage, pageCount: Int, cpuTimeOfOnly: Nanoseconds?
  ) throws(WireError) {
    waits = try reader.take32()
    if let cpuTimeOfOnly {
      (cpuTime, starter) = (cpuTimeOfOnly, nil)
    } else {
      cpuTime = try reader.take64()
      let number = try reader.take32()
      starter = number == .max ? nil : Int(number)
    }
    switch try reader.takeCode("state of a thread", { $0 < 11 ? $0 : nil }) {
    case 0: wait = .none
    case 1: wait = .receiving(left: nil)
    case 2: wait = .receiving(left: try reader.take64())
    case 3: wait = .sending(try reader.take())
    case 4: wait = .sleeping(left: try reader.take64())
    case 5:
      let page = try reader.take32(most: pageCount - 1, "page of the process")
      wait = .faulting(page: page, stalled: try reader.take64())
    case 6: wait = .ended
    case 7: wait = .locking(Int(try reader.take16()))
    case 8: wait = .meeting(Int(try reader.take16()), of: try reader.take64())
    case 9: wait = .joining
    default: wait = .calling(waited: try reader.take64())
    }
    guest = try ThreadGuest(from: &reader, program: program)
  }
}

extension ByteSink {
  fileprivate mutating func putList(_ threads: [ProcessImage.ThreadImage]) {
    putCount(threads.count)
    for thread in threads { thread.encode(into: &self, isAlone: threads.count == 1) }
  }
}

extension Synchronization {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    for lock in locks {
      sink.put32(lock.holder.map { UInt32(clamping: $0) } ?? .max)
      sink.put(threads: lock.queue)
    }
    for barrier in barriers { sink.put(threads: barrier) }
  }

  /// - Parameter program: says how many locks and barriers there are.
  fileprivate init(from reader: inout ByteReader, of program: ProgramImage) throws(WireError) {
    self.init(for: program)
    for lock in locks.indices {
      let holder = try reader.take32()
      locks[lock].holder = holder == .max ? nil : Int(holder)
      locks[lock].queue = try reader.takeThreads()
    }
    for barrier in barriers.indices { barriers[barrier] = try reader.takeThreads() }
  }
}

extension ByteSink {
  fileprivate mutating func put(_ synchronization: Synchronization) { synchronization.encode(into: &self) }

  fileprivate mutating func put(threads: [Int]) {
    putCount(threads.count)
    for thread in threads { put32(UInt32(clamping: thread)) }
  }
}

extension ByteReader {
  fileprivate mutating func takeThreads() throws(WireError) -> [Int] {
    try takeList(ofAtLeast: 4) { (reader) throws(WireError) in Int(try reader.take32()) }
  }
}

extension Synchronization {
  /// Whether all threads that it names, and those that have started others, are there, and wait for just what it says.
  fileprivate func isWhole(_ threads: [ProcessImage.ThreadImage]) -> Bool {
    var lockers: [Int: Int] = [:]
    var meeting: [Int: Int] = [:]
    for (thread, image) in threads.enumerated() {
      if let starter = image.starter, starter >= thread { return false }
      switch image.wait {
      case .locking(let lock):
        guard lock < locks.count else { return false }
        lockers[thread] = lock
      case .meeting(let barrier, let count):
        guard barrier < barriers.count, UInt64(barriers[barrier].count) < count else { return false }
        meeting[thread] = barrier
      case .none, .receiving, .sending, .sleeping, .faulting, .joining, .calling, .ended: break
      }
    }
    for (number, lock) in locks.enumerated() {
      if let holder = lock.holder {
        guard holder < threads.count, !threads[holder].wait.hasEnded else { return false }
      } else if !lock.queue.isEmpty {
        return false
      }
      for thread in lock.queue where lockers.removeValue(forKey: thread) != number { return false }
    }
    for (number, waiting) in barriers.enumerated() {
      for thread in waiting where meeting.removeValue(forKey: thread) != number { return false }
    }
    return lockers.isEmpty && meeting.isEmpty
  }
}

extension ProcessImage.Wait {
  fileprivate var hasEnded: Bool { if case .ended = self { true } else { false } }
}

extension ProcessImage.OutgoingImage: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put(receiver)
    sink.put32(nextSequence)
    sink.putCount(unacknowledged.count)
    for (message, age) in unacknowledged {
      sink.put64(age)
      sink.put(message)
    }
  }

  init(from reader: inout ByteReader) throws(WireError) {
    receiver = try reader.take()
    nextSequence = try reader.take32()
    unacknowledged = try reader.takeList(ofAtLeast: 8 + Message.wireOverhead) { (reader) throws(WireError) in
      let age = try reader.take64()
      return (try reader.take(), age)
    }
  }
}

extension ProcessImage.IncomingImage: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put(sender)
    sink.put32(expected)
    sink.putList(early)
  }

  init(from reader: inout ByteReader) throws(WireError) {
    sender = try reader.take()
    expected = try reader.take32()
    early = try reader.takeList(Message.self, ofAtLeast: Message.wireOverhead)
  }
}

extension RemoteHolding: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put(node)
    sink.put(attempt)
    sink.put(pages)
    // A window takes 16 bits at most.
    sink.put32(UInt32(clamping: window) | (recovers ? 1 << 31 : 0))
    // None is expected: -1.
    sink.put32(UInt32(truncatingIfNeeded: expected ?? -1))
  }

  init(from reader: inout ByteReader) throws(WireError) {
    let node: NodeID = try reader.take()
    let attempt: MigrationAttempt = try reader.take()
    let pages: PageSet = try reader.take()
    let mixed = try reader.take32()
    let window = Int(UInt16(clamping: mixed & ~(1 << 31)))
    let expected = Int(Int32(truncatingIfNeeded: try reader.take32()))
    self.init(
      node: node, attempt: attempt, pages: pages, recovers: mixed >> 31 == 1, window: window,
      expected: expected < 0 ? nil : expected)
  }
}

extension Correspondent: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put(process)
    sink.put(address)
  }

  init(from reader: inout ByteReader) throws(WireError) {
    process = try reader.take()
    address = try reader.take()
  }
}
