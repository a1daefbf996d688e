import HeapModule
import MigrationKernel

/// The events to come, in order of time and, at one instant, in the order in which they were scheduled.
///
/// Keys in the heap are plain; what happens is kept in slots, so that ordering moves 24 bytes and no references. Slots are
/// in chunks, so that the first event after a copy of the world does not copy all that is to come.
struct EventQueue: Sendable {
  struct Key: Comparable {
    let time: Nanoseconds
    let sequence: UInt64
    // Fewer bits than an `Int`, so that a key does not take more than 24 bytes.
    private let place: Int32
    /// See `ScheduledEvent`.
    let isUpkeep: Bool

    var slot: Int { Int(place) }

    init(time: Nanoseconds, sequence: UInt64, slot: Int, isUpkeep: Bool) {
      (self.time, self.sequence, self.isUpkeep) = (time, sequence, isUpkeep)
      place = Int32(slot)
    }

    static func < (left: Key, right: Key) -> Bool {
      left.time != right.time ? left.time < right.time : left.sequence < right.sequence
    }
  }

  private(set) var heap = Heap<Key>()
  private(set) var slots = ChunkedArray<ScheduledEvent?>()
  private(set) var free: ContiguousArray<Int> = []
  private(set) var sequence: UInt64 = 0
  /// How many of them only keep up what nodes know of each other.
  private(set) var upkeep = 0

  var count: Int { heap.count }
  var nextTime: Nanoseconds? { heap.min?.time }

  mutating func schedule(_ event: consuming ScheduledEvent, at time: Nanoseconds) {
    let isUpkeep = event.isUpkeep
    if isUpkeep { upkeep += 1 }
    let slot: Int
    if let reused = free.popLast() {
      slot = reused
      slots[slot] = consume event
    } else {
      slot = slots.count
      slots.append(consume event)
    }
    heap.insert(Key(time: time, sequence: sequence, slot: slot, isUpkeep: isUpkeep))
    sequence += 1
  }

  mutating func pop() -> ScheduledEvent? {
    guard let key = heap.popMin() else { return nil }
    free.append(key.slot)
    if key.isUpkeep { upkeep -= 1 }
    return slots[key.slot].take()
  }

  /// What is to come, in order.
  var all: [ScheduledEvent] { heap.unordered.sorted().compactMap { slots[$0.slot] } }

  /// The event of a kind that was scheduled last, and when it is due.
  func last(where isWanted: (ScheduledEvent) -> Bool) -> (event: ScheduledEvent, time: Nanoseconds)? {
    var last: Key?
    for key in heap.unordered where key.sequence >= last?.sequence ?? 0 {
      if let event = slots[key.slot], isWanted(event) { last = key }
    }
    return last.flatMap { key in slots[key.slot].map { ($0, key.time) } }
  }

  /// Takes out all events of a kind, however far off.
  ///
  /// - Returns: them, in the order in which they would have happened.
  mutating func remove(where isWanted: (ScheduledEvent) -> Bool) -> [ScheduledEvent] {
    var (wanted, others): ([Key], [Key]) = ([], [])
    for key in heap.unordered {
      if let event = slots[key.slot], isWanted(event) { wanted.append(key) } else { others.append(key) }
    }
    heap = Heap(others)
    let removed = wanted.sorted().compactMap { key in
      free.append(key.slot)
      return slots[key.slot].take()
    }
    upkeep -= removed.count(where: \.isUpkeep)
    return removed
  }
}

extension ScheduledEvent {
  /// It comes again and again, whatever else happens, or is about that: a cluster where nothing else is to come is at rest.
  @inline(__always)
  var isUpkeep: Bool {
    switch self {
    case .timer(.load, _, _), .timer(.balance, _, _), .timer(.work, _, _): true
    case .deliverPacket, .transmitted, .timer, .connectionBroken, .connected, .completed, .request, .job: false
    }
  }
}

/// What the simulator does at an instant.
enum ScheduledEvent: Sendable {
  case deliverPacket(Packet, Route)
  /// A packet has left `route.from`, which wanted to know.
  case transmitted(Notice, Route)
  case timer(Timer, node: NodeID, incarnation: UInt32)
  case connectionBroken(Route)
  /// The sender of a route is told that its peer answers again, unless there is another reason not to by then.
  case connected(Route)
  /// What a packet lacked may have come in a stream of a channel.
  case completed(lane: Int)
  case request(Request, about: ProcessID)
  /// The next job of a workload comes.
  case job(workload: Int)

  /// From where to where, between which incarnations, and over which connection of the two. With a packet it takes no more
  /// than 128 bytes: what is longer is copied by a call.
  struct Route: Sendable {
    let from: NodeID
    let to: NodeID
    let fromIncarnation: UInt32
    let toIncarnation: UInt32
    let connection: UInt32
    /// Bytes of the packet.
    var size: UInt32 = 0
    /// By what the network knows what the packet lacks; 0 for nothing.
    var missing: UInt32 = 0
    /// In which of the two streams it goes.
    var isUrgent = false
    /// The interface of `to` has had it.
    var isReceived = false
    /// It has been on its way before.
    var isRepeated = false
    /// What the driver of `from` has made of it.
    var treatment = Treatment.none
    /// When the first bit of the packet left `from`: no other has left then on its way.
    var begunAt: Nanoseconds = 0
    /// When all of it had left, and of those before it, with what was sent again: until then `from` must stand.
    var sentBy: Nanoseconds = 0
    /// The number of the packet in the trace.
    var traced = 0
  }
}

/// When each core wants to be called: after all events of the same instant, in the order of nodes and cores. So the
/// order does not depend on how a thread's run ahead was cut.
struct CoreQueue: Sendable {
  struct Entry: Comparable, Sendable {
    let time: Nanoseconds
    let node: NodeID
    /// The one that asked.
    let incarnation: UInt32
    let core: Int

    static func < (left: Entry, right: Entry) -> Bool {
      if left.time != right.time { return left.time < right.time }
      return left.node != right.node ? left.node < right.node : left.core < right.core
    }
  }

  private var heap = Heap<Entry>()

  var next: Entry? { heap.min }

  mutating func add(_ entry: Entry) { heap.insert(entry) }

  mutating func pop() -> Entry? { heap.popMin() }
}
