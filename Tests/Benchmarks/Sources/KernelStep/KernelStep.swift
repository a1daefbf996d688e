import MigrationKernel

/// Drives two kernels whose processes answer each other, with as little around them as can be, for so many events.
///
/// There is no network: a packet arrives a microsecond after it was sent. What is left is what `NodeKernel.handle` takes.
@main
struct KernelStep {
  static func main() {
    guard CommandLine.arguments.count == 2, let count = Int(CommandLine.arguments[1]), count > 0 else {
      print("usage: kernel-step EVENTS")
      return
    }
    var pair = Pair()
    var handled = 0
    while handled < count {
      guard pair.handleNext() else { fatalError("after \(handled) events nothing more happens") }
      handled += 1
    }
    print("\(handled) events, \(pair.packets) packets, it is \(pair.now) ns")
  }
}

/// Two kernels, and the few things that will happen to them.
private struct Pair {
  private struct Coming {
    let time: Nanoseconds
    /// Cores run after all else that happens at an instant.
    let isCore: Bool
    let order: Int
    let node: Int
    let event: Event

    func isBefore(_ other: Coming) -> Bool {
      if time != other.time { return time < other.time }
      return isCore == other.isCore ? order < other.order : other.isCore
    }
  }

  private(set) var now: Nanoseconds = 0
  private(set) var packets = 0
  private var kernels: [NodeKernel]
  private var coming: [Coming] = []
  private var order = 0
  private var buffer = EffectBuffer()

  init() {
    let members = ContiguousArray([NodeID(0), NodeID(1)])
    kernels = members.map { NodeKernel(id: $0, incarnation: 1, settings: NodeSettings(), members: members, seed: 1) }
    let text = [TextTemplate([.text("hello")])]
    let server = StepProgram(
      name: "server", source: "",
      instructions: [
        .loop(times: nil, counter: 0, end: 4), .receive(into: nil, timeout: nil), .reply(template: 0),
        .next(counter: 0, start: 0),
      ], templates: text, counterCount: 1)
    let caller = StepProgram(
      name: "caller", source: "",
      instructions: [
        .loop(times: nil, counter: 0, end: 4), .send(to: .register(0), template: 0, otherwise: nil),
        .receive(into: nil, timeout: nil), .next(counter: 0, start: 0),
      ], templates: text, registers: ["peer"], counterCount: 1)
    handle(.request(.spawn(SpawnRequest(name: "server", program: server, pages: 1, seed: 1))), by: 0)
    guard let peer = kernels[0].processes.first(where: { _ in true })?.id else {
      fatalError("the first kernel created no process")
    }
    handle(
      .request(
        .spawn(
          SpawnRequest(
            name: "client", program: caller, pages: 1, environment: ["peer": .process(peer, name: "server")], seed: 1))),
      by: 1)
  }

  /// - Returns: whether there was anything.
  mutating func handleNext() -> Bool {
    guard var first = coming.indices.first else { return false }
    for place in coming.indices where coming[place].isBefore(coming[first]) { first = place }
    let next = coming.remove(at: first)
    now = next.time
    if case .core(let core, _) = next.event {
      // What is on its way comes when it comes, and a packet that is sent from now on a microsecond later.
      let first = coming.lazy.filter { $0.node == next.node }.map(\.time).min() ?? .max
      handle(.core(core, horizon: min(first, now + 1000)), by: next.node)
    } else {
      handle(next.event, by: next.node)
    }
    return true
  }

  private mutating func handle(_ event: Event, by node: Int) {
    buffer.now = now
    kernels[node].handle(event, &buffer)
    for effect in buffer.effects { carryOut(effect, of: node) }
    buffer.effects.removeAll(keepingCapacity: true)
  }

  private mutating func carryOut(_ effect: Effect, of node: Int) {
    switch effect {
    case .send(let packet, _, let destination, let notice):
      packets += 1
      let here = NodeID(UInt32(node))
      schedule(.packet(packet, from: here, incarnation: 1), at: now + 1000, for: Int(destination.number))
      if let notice { schedule(.transmitted(notice, peer: destination), at: now, for: node) }
    case .setTimer(let timer, let time): schedule(.timer(timer), at: time, for: node)
    case .wakeCore(let core, let time):
      schedule(.core(core, horizon: time), at: time, for: node, isCore: true)
    case .report: break
    }
  }

  private mutating func schedule(_ event: Event, at time: Nanoseconds, for node: Int, isCore: Bool = false) {
    order += 1
    coming.append(Coming(time: time, isCore: isCore, order: order, node: node, event: event))
  }
}
