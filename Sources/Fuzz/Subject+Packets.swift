import MigrationKernel

/// The packets that nodes send to each other.
extension Subject {
  /// Decodes a packet. One that can be decoded is the same when it is encoded and decoded again.
  func feedPacket(_ input: [UInt8]) -> Outcome {
    var outcome = Outcome()
    // Otherwise the decoder would look at nothing but the length.
    let bytes = (0..<4).map { UInt8(truncatingIfNeeded: input.count >> ($0 * 8)) } + input.dropFirst(4)
    do throws(WireError) {
      let frame = try Frame(bytes)
      outcome.reach(Feature.hash(frame.packet.name.description.utf8))
      outcome.reach(Generator.fold(frame.packet.digest % 64, UInt64(bytes.count.leadingZeroBitCount)))
      let again = frame.bytes
      if again.count != frame.packet.encodedSize { outcome.finding = "a packet is not as long as it says" }
      if try Frame(again).packet.digest != frame.packet.digest { outcome.finding = "a packet reads as another" }
    } catch {
      outcome.reach(Generator.fold(Feature.hash(message: error.description), UInt64(bytes.count > 5 ? bytes[5] : 0)))
      outcome.finding = Self.flaw(in: error.description, isJSON: false)
    }
    return outcome
  }

  /// The packets of the kernels of a small cluster while processes talk and move.
  static func frames() -> [[UInt8]] {
    var cluster = PacketScene()
    cluster.play()
    return cluster.frames
  }
}

/// Three kernels that are driven by hand; every packet between them is kept.
private struct PacketScene {
  private(set) var frames: [[UInt8]] = []
  private var kernels: [NodeKernel] = []
  private var pending: [(time: Nanoseconds, node: Int, event: Event)] = []
  private var now: Nanoseconds = 0
  private var created: [ProcessID] = []

  mutating func play() {
    let members = ContiguousArray((0..<3 as Range<UInt32>).map(NodeID.init))
    kernels = members.map {
      NodeKernel(id: $0, incarnation: 1, settings: NodeSettings(), members: members, seed: UInt64($0.number))
    }
    let writer = StepProgram(
      name: "writer", source: "",
      instructions: [
        .loop(times: nil, counter: 0, end: 5), .write(.next(.literal(0), .literal(15), counter: 1)),
        .compute(.literal(100_000)), .send(to: .register(0), template: 0, otherwise: 3), .next(counter: 0, start: 0),
      ],
      templates: [TextTemplate([.text("é "), .register(0)])], registers: ["peer"], counterCount: 2)
    let listener = StepProgram(
      name: "listener", source: "",
      instructions: [
        .thread(after: 4), .lock(0), .barrier(0, of: .literal(2)), .exit,
        .loop(times: nil, counter: 0, end: 10), .receive(into: 0, timeout: .literal(50_000_000)), .print(template: 0),
        .writeFile(0, template: 0), .readFile(0, into: 0), .next(counter: 0, start: 4), .join,
      ],
      templates: [TextTemplate([.register(0)])], registers: ["m"], counterCount: 1, locks: ["l"], barriers: ["b"],
      files: ["f"])
    for mechanism in ForwardingMechanism.allCases {
      var request = SpawnRequest(name: "listener", program: listener, pages: 4)
      request.forwarding = mechanism
      ask(1, .spawn(request))
      guard let peer = created.last else { return }
      request = SpawnRequest(
        name: "writer", program: writer, pages: 16, environment: ["peer": .process(peer, name: "listener")])
      ask(0, .spawn(request))
    }
    run(20_000_000)
    let choices = TransferMechanism.choices
    for (place, process) in created.enumerated() {
      var options = TransferOptions(choices[place % choices.count])
      options.backing = NodeID(UInt32(place % 3))
      options.sendsDeltas = true
      options.prefetch = 4
      options.pushes = place % 2 == 0
      for target in [2, 0, 1] {
        for node in kernels.indices where kernels[node].processes.contains(process) {
          ask(node, .migrate(process, to: NodeID(UInt32(target)), options))
        }
        run(30_000_000)
      }
    }
    for peer in kernels.indices where peer != 0 { handle(.connectionBroken(peer: NodeID(UInt32(peer))), at: 0) }
    for (place, process) in created.enumerated() {
      for node in kernels.indices where place % 2 == 0 { ask(node, .kill(process)) }
    }
    run(3_000_000_000)
  }

  private mutating func ask(_ node: Int, _ request: Request) { handle(.request(request), at: node) }

  private mutating func run(_ time: Nanoseconds) {
    let end = now + time
    while let next = pending.indices.min(by: { pending[$0].time < pending[$1].time }), pending[next].time <= end,
      frames.count < 2_000
    {
      let (time, node, event) = pending.remove(at: next)
      now = time
      handle(event, at: node)
    }
    now = end
  }

  private mutating func handle(_ event: Event, at node: Int) {
    var out = EffectBuffer()
    out.now = now
    kernels[node].handle(event, &out)
    let sender = NodeID(UInt32(node))
    for effect in out.effects {
      switch effect {
      case .send(let packet, _, let peer, let notify):
        if frames.count < 2_000 { frames.append(Frame(packet, WireHeader(incarnation: 1)).bytes) }
        pending.append((now + 1_000_000, Int(peer.number), .packet(packet, from: sender, incarnation: 1)))
        if let notify { pending.append((now + 100_000, node, .transmitted(notify, peer: peer))) }
      case .setTimer(let timer, let time): pending.append((time, node, .timer(timer)))
      case .wakeCore(let core, let time):
        pending.removeAll { entry in
          if case .core(core, _) = entry.event { entry.node == node } else { false }
        }
        pending.append((time, node, .core(core, horizon: time + 100_000)))
      case .report(let fact): if case .created(let process, _, _) = fact { created.append(process) }
      }
    }
  }
}
