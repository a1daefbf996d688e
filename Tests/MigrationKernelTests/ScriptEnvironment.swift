import Testing

@testable import MigrationKernel

/// A few kernels driven by hand, without a simulator: nothing happens but what a command says.
///
///     boot a b c                         kernels that know of each other
///     spawn p on=a program=waiter pages=4 forwarding=origin held family=q inseparable home placed
///     migrate p b on-reference prefetch=4 push backing=c rounds=2 coprocesses bandwidth=1000000 throttle delta
///     start | kill | freeze | resume | cancel p
///     send p q text                      p sends as if its program had
///     policy placement threshold threshold=1 probes=3 inflate
///     policy initiation receiver threshold=1 probes=3 residence-ms=5 cost-benefit
///     policy selection oldest | policy transfer on-reference | policy balancing on
///     balance a                          a looks how it stands
///     choose p; choose from=a            p moves where the destination policy says; a process of a does
///     tell 5ms a                         a tells its load, and again after each interval
///     packets                            what is on its way, in the order in which it was sent
///     deliver a b [COUNT | all]          the oldest from a to b
///     drop a b [COUNT | all]             the same, lost
///     repeat a b                         delivers the oldest, which stays on its way
///     swap a b                           the two oldest change places
///     keep NAME a b; late NAME           notes the oldest; delivers what was noted, late or once more
///     break a b [told=a]                 what is on its way between them is lost, and both (or one) hear of it
///     connect a b [told=a]               both (or one) are told that the other answers again
///     crash a; reboot a                  what is on its way to it is lost; nobody is told
///     fire a KIND                        the earliest timer of that kind, at once
///     run 5ms                            cores and timers that are due; no packet moves
///     stabilize [1s]                     packets, and cores that are due, until nothing moves; and for so long
///     state a
///
/// A sender hears that a batch of pages has left when that is delivered or dropped.
struct ScriptEnvironment {
  struct Node {
    /// Nil while it is down.
    var kernel: NodeKernel?
    var incarnation: UInt32 = 1
    var timers: [(timer: Timer, at: Nanoseconds)] = []
    var wakes: [Int: Nanoseconds] = [:]
  }

  /// A packet on its way.
  struct Flight {
    let packet: Packet
    let from: NodeID
    let to: NodeID
    let incarnation: UInt32
    let notify: Notice?
  }

  var names = ScriptNames()
  var nodes: [Node] = []
  var flights: [Flight] = []
  var kept: [String: Flight] = [:]
  var now: Nanoseconds = 0
  var policies = Policies()
  /// Acknowledgements wait for nothing unless a script lets them.
  var acknowledgementDelay: Nanoseconds = 0
  /// What the command has printed.
  var printed: [String] = []

  /// - Returns: what is printed.
  mutating func run(_ command: String) throws -> [String] {
    printed = []
    var words = ScriptWords(command)
    let name = try words.next("a command")
    switch name {
    case "boot": try boot(&words)
    case "spawn": try spawn(&words)
    case "migrate": try migrate(&words)
    case "start", "kill", "freeze", "resume", "cancel": try ask(name, &words)
    case "send": try send(&words)
    case "policy": try setPolicy(&words)
    case "balance": handle(.request(.balance), at: try words.node(names))
    case "choose": try choose(&words)
    case "tell":
      let interval = try words.time("an interval")
      handle(.request(.tellLoad(every: interval)), at: try words.node(names))
    case "packets": printed = flights.map { "\(names.of($0.from)) > \(names.of($0.to)) \(names.of($0.packet))" }
    case "deliver", "drop": try move(&words, delivered: name == "deliver")
    case "repeat": receive(flights[try oldest(&words)])
    case "swap": try swap(&words)
    case "keep": kept[try words.next("a name")] = flights[try oldest(&words)]
    case "late":
      guard let flight = kept[try words.next("a name")] else { throw ScriptError("nothing was kept by that name") }
      receive(flight)
    case "break": try breakConnection(&words)
    case "connect": try connect(&words)
    case "crash": try crash(&words)
    case "reboot": try reboot(&words)
    case "fire": try fire(&words)
    case "run": try pass(until: now + words.time("a time"), packets: false)
    case "stabilize": try pass(until: words.isAtEnd ? now : now + words.time("a time"), packets: true)
    case "state": try state(&words)
    default: throw ScriptError("there is no command `\(name)`")
    }
    try words.end()
    return printed.isEmpty ? ["(nothing)"] : printed
  }

  // MARK: - Kernels

  private mutating func boot(_ words: inout ScriptWords) throws {
    let frames = try words.number("frames")
    if let delay = try words.number("acknowledgement-delay-us") { acknowledgementDelay = Nanoseconds(delay) * 1000 }
    while !words.isAtEnd {
      names.nodes.append(try words.next("a node"))
      var node = Node()
      node.kernel = nil
      nodes.append(node)
    }
    for place in nodes.indices { nodes[place].kernel = makeKernel(place, frames: frames) }
  }

  private func makeKernel(_ place: Int, frames: Int?) -> NodeKernel {
    var settings = NodeSettings()
    settings.acknowledgementDelay = acknowledgementDelay
    if let frames { settings.memory = UInt64(frames * settings.pageSize) }
    return NodeKernel(
      id: NodeID(UInt32(place)), incarnation: nodes[place].incarnation, settings: settings,
      members: ContiguousArray(nodes.indices.map { NodeID(UInt32($0)) }), seed: 1,
      policies: policies)
  }

  func kernel(_ node: NodeID) throws -> NodeKernel {
    guard let kernel = nodes[Int(node.number)].kernel else { throw ScriptError("\(names.of(node)) is down") }
    return kernel
  }

  /// Gives an event to a kernel, prints what it did, and puts its packets on their way; a node that is down is silent.
  mutating func handle(_ event: Event, at node: NodeID) {
    let place = Int(node.number)
    guard nodes[place].kernel != nil else { return }
    var buffer = EffectBuffer()
    buffer.now = now
    nodes[place].kernel?.handle(event, &buffer)
    #expect(nodes[place].kernel?.brokenInvariant() == nil)
    for effect in buffer.effects {
      switch effect {
      case .send(let packet, _, let to, let notify):
        flights.append(
          Flight(packet: packet, from: node, to: to, incarnation: nodes[place].incarnation, notify: notify))
        printed.append("  \(names.of(node)) > \(names.of(to)) \(names.of(packet))")
      case .report(let fact): printed.append("  \(names.of(node)): \(names.of(fact))")
      case .setTimer(let timer, let time): nodes[place].timers.append((timer, time))
      case .wakeCore(let core, let time): nodes[place].wakes[core] = time
      }
    }
  }

  private mutating func crash(_ words: inout ScriptWords) throws {
    let node = try words.node(names)
    nodes[Int(node.number)].kernel = nil
    nodes[Int(node.number)].timers = []
    nodes[Int(node.number)].wakes = [:]
    flights.removeAll { $0.to == node }
  }

  private mutating func reboot(_ words: inout ScriptWords) throws {
    let place = Int(try words.node(names).number)
    guard nodes[place].kernel == nil else { throw ScriptError("it is up") }
    nodes[place].incarnation += 1
    nodes[place].kernel = makeKernel(place, frames: nil)
  }

  // MARK: - Operator

  private mutating func spawn(_ words: inout ScriptWords) throws {
    let name = try words.next("a name")
    let programName = try words.value("program") ?? "waiter"
    guard let program = ScriptPrograms.named(programName) else { throw ScriptError("no program `\(programName)`") }
    var request = SpawnRequest(name: name, program: program, pages: try words.number("pages") ?? 4, seed: 1)
    if let text = try words.value("forwarding") {
      guard let mechanism = ForwardingMechanism.allCases.first(where: { $0.name == text }) else {
        throw ScriptError("no mechanism `\(text)`")
      }
      request.forwarding = mechanism
    }
    if let family = try words.value("family") { request.family = try names.process(family) }
    request.held = words.flag("held")
    request.isInseparable = words.flag("inseparable")
    request.isPlaced = words.flag("placed")
    if words.flag("home") { request.communication = .home }
    guard let text = try words.value("on") else { throw ScriptError("on which node?") }
    let node = try names.node(text)
    let issued = try kernel(node).nextProcessID
    names.processes.append(
      (
        name,
        ProcessID(
          origin: issued.origin, incarnation: issued.incarnation, serial: issued.serial, forwarding: request.forwarding)
      ))
    handle(.request(.spawn(request)), at: node)
  }

  private mutating func migrate(_ words: inout ScriptWords) throws {
    let process = try words.process(names)
    let destination = try words.node(names)
    let text = try words.next("a mechanism")
    guard let mechanism = TransferMechanism(rawValue: text) else { throw ScriptError("no mechanism `\(text)`") }
    var options = TransferOptions(mechanism)
    if let prefetch = try words.number("prefetch") { options.prefetch = prefetch }
    options.maxRounds = try words.number("rounds")
    if let backing = try words.value("backing") { options.backing = try names.node(backing) }
    options.bandwidth = try words.number("bandwidth").map { UInt64(clamping: $0) }
    options.recovers = words.flag("recover")
    options.throttles = words.flag("throttle")
    options.sendsDeltas = words.flag("delta")
    options.pushes = words.flag("push")
    options.withCoprocesses = words.flag("coprocesses")
    handle(.request(.migrate(process, to: destination, options)), at: try home(of: process))
  }

  private mutating func ask(_ name: String, _ words: inout ScriptWords) throws {
    let process = try words.process(names)
    let request: Request =
      switch name {
      case "start": .start(process)
      case "kill": .kill(process)
      case "freeze": .freeze(process)
      case "resume": .resume(process)
      default: .cancelMigration(process)
      }
    handle(.request(request), at: try home(of: process))
  }

  private mutating func send(_ words: inout ScriptWords) throws {
    let sender = try words.process(names)
    let receiver = try words.process(names)
    let text = try words.next("a text")
    handle(.request(.send(from: sender, to: receiver, text: text, size: 0)), at: try home(of: sender))
  }

  /// The node whose kernel has the process, or is moving it away.
  func home(of process: ProcessID) throws -> NodeID {
    let homes = nodes.compactMap { node -> NodeID? in
      node.kernel?.processes.contains(process) == true ? node.kernel?.id : nil
    }
    guard let home = homes.first else { throw ScriptError("\(names.of(process)) is on no node") }
    return home
  }

  private mutating func state(_ words: inout ScriptWords) throws {
    while !words.isAtEnd {
      let node = try words.node(names)
      printed += names.state(of: try kernel(node))
    }
  }

  // MARK: - Packets

  private func oldest(_ words: inout ScriptWords) throws -> Int {
    let (from, to) = (try words.node(names), try words.node(names))
    guard let place = flights.firstIndex(where: { $0.from == from && $0.to == to }) else {
      throw ScriptError("nothing is on its way from \(names.of(from)) to \(names.of(to))")
    }
    return place
  }

  private mutating func move(_ words: inout ScriptWords, delivered: Bool) throws {
    var ends = words
    _ = try oldest(&words)
    var count = words.isAtEnd ? 1 : 0
    if !words.isAtEnd {
      let text = try words.next("a count")
      guard let number = text == "all" ? Int.max : Int(text) else { throw ScriptError("`\(text)` is not a count") }
      count = number
    }
    let (from, to) = (try ends.node(names), try ends.node(names))
    while count > 0, let place = flights.firstIndex(where: { $0.from == from && $0.to == to }) {
      take(place, delivered: delivered)
      count -= 1
    }
    guard count == 0 || count > 1_000_000 else { throw ScriptError("there are \(count) too few") }
  }

  private mutating func take(_ place: Int, delivered: Bool) {
    let flight = flights.remove(at: place)
    if delivered {
      receive(flight)
    } else {
      printed.append("lost: \(names.of(flight.from)) > \(names.of(flight.to)) \(names.of(flight.packet))")
    }
    if let notice = flight.notify, nodes[Int(flight.from.number)].incarnation == flight.incarnation {
      handle(.transmitted(notice, peer: flight.to), at: flight.from)
    }
  }

  private mutating func receive(_ flight: Flight) {
    guard nodes[Int(flight.to.number)].kernel != nil else {
      let ends = "\(names.of(flight.from)) > \(names.of(flight.to))"
      printed.append("lost, the node is down: \(ends) \(names.of(flight.packet))")
      return
    }
    printed.append("\(names.of(flight.to)) receives \(names.of(flight.packet)) from \(names.of(flight.from))")
    handle(.packet(flight.packet, from: flight.from, incarnation: flight.incarnation), at: flight.to)
  }

  private mutating func swap(_ words: inout ScriptWords) throws {
    let first = try oldest(&words)
    let (from, to) = (flights[first].from, flights[first].to)
    guard let second = flights.indices.first(where: { $0 > first && flights[$0].from == from && flights[$0].to == to })
    else { throw ScriptError("there is only one") }
    flights.swapAt(first, second)
  }

  private mutating func breakConnection(_ words: inout ScriptWords) throws {
    let told = try words.value("told").map { try names.node($0) }
    let (one, other) = (try words.node(names), try words.node(names))
    let isLost = { (flight: Flight) in
      flight.from == one && flight.to == other || flight.from == other && flight.to == one
    }
    for flight in flights where isLost(flight) {
      printed.append("lost: \(names.of(flight.from)) > \(names.of(flight.to)) \(names.of(flight.packet))")
    }
    flights.removeAll(where: isLost)
    if told != other { handle(.connectionBroken(peer: other), at: one) }
    if told != one { handle(.connectionBroken(peer: one), at: other) }
  }

  private mutating func connect(_ words: inout ScriptWords) throws {
    let told = try words.value("told").map { try names.node($0) }
    let (one, other) = (try words.node(names), try words.node(names))
    for (node, peer) in [(one, other), (other, one)] where told ?? node == node {
      handle(.connected(peer: peer, incarnation: nodes[Int(peer.number)].incarnation), at: node)
    }
  }

  // MARK: - Time

  private mutating func fire(_ words: inout ScriptWords) throws {
    let node = try words.node(names)
    let kind = try words.next("a kind of timer")
    let timers = nodes[Int(node.number)].timers
    let places = timers.indices.filter { word(timers[$0].timer) == kind }
    guard let place = places.min(by: { timers[$0].at < timers[$1].at }) else {
      throw ScriptError("no such timer: \(timers.map { word($0.timer) }.joined(separator: " "))")
    }
    now = max(now, timers[place].at)
    handle(.timer(nodes[Int(node.number)].timers.remove(at: place).timer), at: node)
  }

  /// Lets time pass; with `packets` every packet arrives at once.
  private mutating func pass(until end: Nanoseconds, packets: Bool) throws {
    var steps = 0
    while true {
      steps += 1
      guard steps < 10_000 else { throw ScriptError("it does not come to rest") }
      if packets, !flights.isEmpty {
        take(0, delivered: true)
        continue
      }
      guard let (place, time) = nextDue(), time <= end else { break }
      now = max(now, time)
      if let timer = nodes[place].timers.indices.first(where: { nodes[place].timers[$0].at <= now }) {
        handle(.timer(nodes[place].timers.remove(at: timer).timer), at: NodeID(UInt32(place)))
      } else if let core = nodes[place].wakes.min(by: { ($0.value, $0.key) < ($1.value, $1.key) })?.key {
        nodes[place].wakes[core] = nil
        let horizon = min(end, nextDue()?.time ?? .max)
        handle(.core(core, horizon: horizon), at: NodeID(UInt32(place)))
      }
    }
    now = end
  }

  /// The node at which something is due first, and when.
  private func nextDue() -> (place: Int, time: Nanoseconds)? {
    nodes.indices.compactMap { place -> (place: Int, time: Nanoseconds)? in
      let times = nodes[place].timers.map(\.at) + nodes[place].wakes.values
      return times.min().map { (place, $0) }
    }.min { ($0.time, $0.place) < ($1.time, $1.place) }
  }
}
