import Testing

@testable import MigrationKernel

/// One kernel driven by hand: it takes events, says in words what it did, and keeps its packets until a test takes
/// them.
struct Bench {
  var kernel: NodeKernel
  private(set) var now: Nanoseconds = 0
  private(set) var sent: [(packet: Packet, to: NodeID)] = []
  private(set) var timers: [(timer: Timer, at: Nanoseconds)] = []
  /// Batches whose departure the kernel wants to be told.
  private var leaving: [(notice: Notice, to: NodeID)] = []
  private var wakes: [Int: Nanoseconds] = [:]
  private var buffer = EffectBuffer()

  /// The cluster of which every kernel here is told.
  static let members = ContiguousArray((0..<8 as Range<UInt32>).map(NodeID.init))

  init(_ number: UInt32, incarnation: UInt32 = 1, _ change: (inout NodeSettings) -> Void = { _ in }) {
    var settings = NodeSettings()
    settings.acknowledgementDelay = 0
    change(&settings)
    kernel = NodeKernel(
      id: NodeID(number), incarnation: incarnation, settings: settings, members: Self.members, seed: 1)
  }

  /// - Returns: packets as `commit>1` and facts as `committed`, in order.
  @discardableResult
  mutating func handle(_ event: Event, observe: (Fact, Nanoseconds) -> Void = { _, _ in }) -> [String] {
    buffer.now = now
    buffer.effects.removeAll()
    kernel.handle(event, &buffer)
    #expect(kernel.brokenInvariant() == nil)
    var words: [String] = []
    for effect in buffer.effects {
      switch effect {
      case .send(let packet, _, let to, let notify):
        sent.append((packet, to))
        if let notify { leaving.append((notify, to)) }
        words.append("\(word(packet))>\(to.number)")
      case .report(let fact):
        observe(fact, now)
        words.append(word(fact))
      case .setTimer(let timer, let time): timers.append((timer, time))
      case .wakeCore(let core, let time): wakes[core] = time
      }
    }
    return Self.shortened(words, from: kernel.id)
  }

  /// Packets of one kind to all others in one word: `locate>all`.
  private static func shortened(_ words: [String], from node: NodeID) -> [String] {
    let all = members.filter { $0 != node }.map { "locate>\($0.number)" }
    guard let start = words.firstRange(of: all) else { return words }
    return words[..<start.lowerBound] + ["locate>all"] + words[start.upperBound...]
  }

  /// Slows a process down by hundredths of its speed.
  mutating func throttle(_ process: ProcessID, to throttle: Int) { request(.throttle(process, throttle)) }

  @discardableResult
  mutating func request(_ request: Request) -> [String] { handle(.request(request)) }

  @discardableResult
  mutating func receive(_ packet: Packet, from node: UInt32, incarnation: UInt32 = 1) -> [String] {
    handle(.packet(packet, from: NodeID(node), incarnation: incarnation))
  }

  /// Delivers what `other` has sent to this kernel, and tells `other` that it has left.
  @discardableResult
  mutating func receive(from other: inout Bench) -> [String] {
    let words = other.take().flatMap { packet, to in
      to == kernel.id ? receive(packet, from: other.kernel.id.number, incarnation: other.kernel.incarnation) : []
    }
    for (notice, to) in other.takeLeaving() { other.handle(.transmitted(notice, peer: to)) }
    return words
  }

  private mutating func takeLeaving() -> [(notice: Notice, to: NodeID)] {
    defer { leaving = [] }
    return leaving
  }

  mutating func take() -> [(packet: Packet, to: NodeID)] {
    defer { sent = [] }
    return sent
  }

  /// Lets time pass: timers and cores that are due, in order. `observe` sees every fact and its time.
  @discardableResult
  mutating func advance(to time: Nanoseconds, observe: (Fact, Nanoseconds) -> Void = { _, _ in }) -> [String] {
    var words: [String] = []
    while true {
      let timer = timers.indices.min { timers[$0].at < timers[$1].at }
      let core = wakes.min { ($0.value, $0.key) < ($1.value, $1.key) }
      if let timer, timers[timer].at <= time, timers[timer].at <= core?.value ?? .max {
        now = max(now, timers[timer].at)
        words += handle(.timer(timers.remove(at: timer).timer), observe: observe)
      } else if let core, core.value <= time {
        now = max(now, core.value)
        wakes[core.key] = nil
        words += handle(.core(core.key, horizon: min(time, timers.map(\.at).min() ?? .max)), observe: observe)
      } else {
        now = time
        return words
      }
    }
  }

  /// Starts a process and lets it run for a millisecond.
  mutating func spawn(
    _ program: StepProgram, pages: Int = 4, held: Bool = false, environment: [String: RegisterValue] = [:]
  ) -> ProcessID {
    let id = kernel.nextProcessID
    request(
      .spawn(
        SpawnRequest(name: program.name, program: program, pages: pages, environment: environment, seed: 1, held: held))
    )
    advance(to: now + 1_000_000)
    return id
  }
}

/// The name of an enum's case.
func word(_ value: some Any) -> String {
  String(String(describing: value).prefix { $0 != "(" })
}

func word(_ fact: Fact) -> String {
  switch fact {
  case .migration(_, let step): word(step as Any)
  case .message(_, let step): "message " + word(step as Any)
  default: word(fact as Any)
  }
}

func word(_ packet: Packet) -> String {
  if case .routed(let routed) = packet { word(routed.body as Any) } else { word(packet as Any) }
}

func program(
  _ instructions: [Instruction], templates: [TextTemplate] = [], registers: [String] = [], counters: Int = 0,
  children: [StepProgram] = [], locks: [String] = [], barriers: [String] = [], files: [String] = []
) -> StepProgram {
  StepProgram(
    name: "test", source: "", instructions: ContiguousArray(instructions), templates: templates, registers: registers,
    counterCount: counters, children: children, locks: locks, barriers: barriers, files: files)
}

/// Writes a page, then receives for ever.
let waiter = program(
  [
    .write(.one(.literal(0))), .loop(times: nil, counter: 0, end: 4), .receive(into: nil, timeout: nil),
    .next(counter: 0, start: 1),
  ], counters: 1)

extension ThreadGuest {
  /// The interpreter of steps that it is.
  var steps: StepGuest {
    get { stepGuest! }
    set { self = ThreadGuest(newValue) }
  }
}
