import Chronicle
import MigrationKernel

/// Every live process can be reached from every node, except where its mechanism says that it is cut off; there the sender
/// is told.
///
/// This is tried, on a copy of the world: a new process on each node, whose kernel knows only what it has been told, sends
/// a message to each. So it shows what a stranger sees there, and with the kernel's stale guesses. A message that comes
/// back is sent once more: where a round trip takes longer than a search, the answer to the search comes too late for the
/// first, and tells the kernel where the process is.
struct Reachability {
  private struct Probe {
    let node: NodeID
    let sender: ProcessID
    let process: ProcessID
    var message: MessageID
  }

  private var world: World
  private var probes: [Probe] = []

  init(_ world: World) {
    self.world = world
    self.world.invariants = nil
    self.world.keepsDigest = false
    endLosses()
    let alive = world.processes.all.filter { $0.fate == .alive }.map(\.id)
    guard !alive.isEmpty, Self.answersComeInTime(world) else { return }
    for node in world.members where world[node].isUp { send(from: node, to: alive) }
  }

  /// Loss is a fault, too, that stops: while it lasts an answer may come later than any time for which a kernel waits. What is
  /// being sent again comes first.
  private mutating func endLosses() {
    var isLossy = false
    for (place, one) in world.members.enumerated() {
      for other in world.members[..<place] where world.line(one, other).loss > 0 {
        var line = world.line(one, other)
        line.loss = 0
        world.apply(.setLine(one, other, line))
        isLossy = true
      }
    }
    guard isLossy else { return }
    let timeout = world.nodes.reduce(world.retransmissionTimeout) { max($0, $1.settings.detectionTimeout) }
    _ = world.run(to: world.now + 20 * timeout)
  }

  /// Whether a kernel that asks another hears the answer before its timers, which are multiples of the detection timeout,
  /// make it send back what waits for that. Where they do so on a line that is whole, nothing is tried.
  private static func answersComeInTime(_ world: World) -> Bool {
    let members = world.members
    let timeout = members.map { world[$0].settings.detectionTimeout }.min() ?? 0
    return members.allSatisfy { one in
      members.allSatisfy { other in
        guard one != other else { return true }
        let line = world.line(one, other)
        return 2 * (line.latency + line.jitter + smallPacket.scaled(by: 8_000_000_000, over: line.bandwidth)) < timeout
      }
    }
  }

  /// Bytes of a question or an answer, generously.
  private static let smallPacket: UInt64 = 200

  private mutating func send(from node: NodeID, to processes: [ProcessID]) {
    let program = StepProgram(name: "prober", source: "", instructions: [.receive(into: nil, timeout: nil)])
    let request = SpawnRequest(name: "prober", program: program, pages: 0, seed: 1)
    guard let prober = world.apply(.spawn(request, on: node)).process else { return }
    for process in processes {
      guard let message = send(from: prober, to: process, on: node) else { continue }
      probes.append(Probe(node: node, sender: prober, process: process, message: message))
    }
  }

  private mutating func send(from prober: ProcessID, to process: ProcessID, on node: NodeID) -> MessageID? {
    world.apply(.request(.send(from: prober, to: process, text: "", size: 0), of: node))
    guard let message = world.messages.all.last?.id, message.from == prober, message.to == process else { return nil }
    world.apply(.watch(message))
    return message
  }

  /// Lets time pass until the fate of every message is known, and says which one has not arrived though it should have.
  mutating func firstFault() -> String? {
    awaitFates()
    for place in probes.indices where isReturned(probes[place]) {
      let probe = probes[place]
      if let again = send(from: probe.sender, to: probe.process, on: probe.node) { probes[place].message = again }
    }
    awaitFates()
    return probes.lazy.compactMap(fault).first
  }

  private mutating func awaitFates() {
    let timeout = world.nodes.reduce(world.retransmissionTimeout) { max($0, $1.settings.detectionTimeout) }
    // Longer than a kernel sends a message again, and longer than an origin keeps one.
    for _ in 0..<20 {
      probes.removeAll { world.messages.isDelivered($0.message) || world.processes[$0.process]?.fate != .alive }
      guard probes.contains(where: { !isReturned($0) }) else { break }
      _ = world.run(to: world.now + 10 * timeout)
    }
  }

  private func isReturned(_ probe: Probe) -> Bool { world.messages[probe.message]?.status == .returned }

  private func fault(_ probe: Probe) -> String? {
    guard let record = world.processes[probe.process], !world.messages.isDelivered(probe.message) else { return nil }
    let words = "a message from node \(world[probe.node].name) does not reach process \(record.name)"
    guard isReturned(probe) else { return "\(words), and its sender is not told" }
    return isCutOff(record) ? nil : words
  }

  /// Whether the chain of forwarding addresses may lead over a node that has lost its memory since the process was there.
  private func isCutOff(_ record: ProcessDirectory.Record) -> Bool {
    guard record.id.forwarding == .linkTraversal else { return false }
    let left = record.migrations.compactMap { world.migrations[$0]?.source }
    return left.contains { world[$0].failures.last.map { $0 >= record.createdAt } ?? false }
  }
}

extension World {
  /// A live process that somebody cannot reach, though it should be reachable; nil when all is well, or when a node is down
  /// or a line is cut. Ask this when enough time has passed. It takes as long as a message to each process from each node.
  public var unreachable: Violation? {
    guard isWhole else { return nil }
    var reachability = Reachability(self)
    return reachability.firstFault().map { Violation(checker: .reachability, time: now, what: $0) }
  }
}
