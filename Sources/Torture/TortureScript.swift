import MigrationKernel

/// A random cluster and everything that is done to it, drawn from one seed, as commands that a person could type.
///
/// First it draws what can happen at all, so that each seed lacks something (swarm testing; Groce et al., ISSTA 2012).
/// Some mistakes show only in quiet moments, and a run in which everything happens all the time has none.
public struct TortureScript: Sendable {
  /// The seed from which all of it was drawn.
  public let seed: UInt64
  /// One line that says what was drawn.
  public private(set) var summary = ""
  /// The cluster and its processes.
  public private(set) var setup: [String] = []
  /// Faults, migrations and messages.
  public private(set) var safety: [String] = []
  /// The commands that end all faults and let everything settle.
  public private(set) var liveness: [String] = []

  /// All commands, one on a line.
  public var lines: [String] { setup + safety + liveness }

  private var random: Generator
  /// For what was added later: the rest of a seed's script stays as it was.
  private var extra: Generator
  private var nodes: [String] = []
  private var processes: [String] = []
  private var inseparable: Set<String> = []
  private var actions: [Action] = []
  private var printingSteps = 0

  /// What may be done to the cluster.
  private enum Action: CaseIterable {
    case migrate, send, cancel, crash, recover, cut, heal, partition, freeze, resume, kill, poke, spawn, slow, machine

    var weight: Int {
      switch self {
      case .migrate: 12
      case .send: 6
      case .recover, .heal: 3
      case .crash, .cut: 2
      default: 1
      }
    }
  }

  /// The same seed makes the same script.
  public init(seed: UInt64) {
    self.seed = seed
    random = Generator(seed: seed &* 0x9E37_79B9_7F4A_7C15 ^ 0x5DEE_CE66)
    extra = Generator(seed: seed &* 0xD1B5_4A32_D192_ED03 ^ 0x2545_F491)
    makeCluster()
    makePrograms()
    for number in 1...draw(3...7) { spawn("p\(number)") }
    let optional = Action.allCases.filter { ![.migrate, .send].contains($0) && chance(2) }
    actions = ([.migrate, .send] + optional).flatMap { Array(repeating: $0, count: $0.weight) }
    for _ in 0..<draw(20...120) { act() }
    settle()
    // Drawn last, and so nothing else changes.
    if extraChance(6) {
      setup.insert("set load-interval \(["130ms", "700ms", "5s"][Int(extra.next(below: 3))])", at: 0)
    }
    drawPolicies()
    let words = optional.map { "\($0)" }.joined(separator: " ")
    summary = "\(nodes.count) nodes, \(processes.count) processes; \(words)"
  }

  // MARK: - Drawing

  private mutating func draw(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(random.next(below: UInt64(range.upperBound - range.lowerBound + 1)))
  }

  /// True once in `times` times on average.
  private mutating func chance(_ times: Int) -> Bool { draw(1...times) == 1 }

  /// The same, drawn apart.
  private mutating func extraChance(_ times: UInt64) -> Bool { extra.next(below: times) == 0 }

  private mutating func pick(_ words: [String]) -> String { words.isEmpty ? "" : words[draw(0...words.count - 1)] }

  // MARK: - The cluster

  private mutating func makeCluster() {
    setup.append("set detection-timeout \(pick(["100ms", "1s", "3s"]))")
    setup.append("set quantum \(pick(["10ms", "1ms", "137us"]))")
    var network = "network set --latency \(pick(["0ns", "50us", "1ms", "20ms"]))"
    network += " --bandwidth \(pick(["10Mbps", "100Mbps", "1Gbps"]))"
    if chance(3) { network += " --loss \(pick(["0.1%", "5%", "30%"]))" }
    if chance(3) { network += " --jitter \(pick(["10us", "1ms", "50ms"]))" }
    setup.append(network)
    for cost in ["page", "fault", "packet", "dirty", "switch"] where extraChance(8) {
      setup.append("set cost-\(cost) \(["1us", "37us", "700us"][Int(extra.next(below: 3))])")
    }
    for number in 0..<draw(2...6) {
      let name = "n\(number)"
      let memory = pick(["4GiB", "4GiB", "512KiB"])
      setup.append(
        "node add \(name) --cores \(draw(1...3)) --speed \(pick(["1", "0.3", "2.5", "0.01"])) --memory \(memory)")
      nodes.append(name)
    }
    if chance(2) { setup.append("link set n0 n1 --latency \(pick(["0ns", "7ms", "300ms"])) --bandwidth 1Mbps") }
  }

  /// Programs that work on pages, and talk to the processes in their variables.
  private mutating func makePrograms() {
    for number in 1...3 {
      setup.append("program work\(number) { repeat \(draw(3...1000)) { \(steps(3)) } }")
    }
    setup.append("program work4 { repeat \(draw(20...300)) { \(steps(3)) sleep \(draw(50...500))ms } }")
    let (rounds, time) = (1 + extra.next(below: 60), 1 + extra.next(below: 3000))
    let round = "repeat \(rounds) { lock data { write next 0..7 compute \(time)us } write random 0..$last }"
    setup.append(
      "program work5 { thread { \(round) barrier all 3 print \"first\" } "
        + "thread { \(round) thread { write 0..3 } join barrier all 3 } \(round) barrier all 3 join }")
    setup.append(
      "program stuck { thread { lock a { compute 5ms lock b { } } } lock b { compute \(time)us lock a { } } }")
    setup.append(
      "program keeper { repeat \(rounds) { write-file log \"$self\" compute \(time)us read-file log as was "
        + "sleep 30ms } print \"kept\" }")
    setup.append("program listen { repeat { receive as m \(step()) } }")
    setup.append("program answer { repeat { receive as m sleep \(draw(20...200))ms reply \"got it\" } }")
    setup.append(
      "program team { fork mate { repeat { receive as m compute \(draw(1...9))ms reply \"yes\" } } "
        + "repeat \(draw(5...60)) { send mate \"do\" receive timeout 2s write next 0..7 } }")
    setup.append(
      "program ask { repeat \(draw(5...60)) { send $peer \"well?\" else { compute 1ms } "
        + "receive timeout 500ms } }")
  }

  private mutating func steps(_ count: Int) -> String {
    (0..<draw(1...count)).map { _ in step() }.joined(separator: " ")
  }

  /// A random step. Every process has at least eight pages.
  private mutating func step() -> String {
    let last = pick(["7", "$last"])
    return switch draw(0...7) {
    case 0: "compute \(draw(1...5000))us"
    case 1: "write next 0..\(last)"
    case 2: "write random 0..\(last)"
    case 3: "read random 0..\(last)"
    case 4: "write 0..\(draw(0...7))"
    case 5: "sleep \(draw(1...20))ms"
    case 6: printing()
    default: "compute \(draw(1...50))us"
    }
  }

  /// No two steps print the same.
  private mutating func printing() -> String {
    printingSteps += 1
    return "print \"line \(printingSteps)\""
  }

  private mutating func spawn(_ name: String) {
    let isFirst = processes.isEmpty
    var program = pick(
      ["work1", "work2", "work3", "work4", "work4", "listen", "answer", "team"] + (isFirst ? [] : ["ask", "ask"]))
    if program == "work4", extraChance(2) { program = "work5" }
    if program == "listen", extraChance(4) { program = "stuck" }
    if program == "answer", extraChance(3) { program = "keeper" }
    var line = "spawn \(name) --on \(pick(nodes)) --pages \(draw(8...60)) --program \(program)"
    let goesHome = chance(6)
    if !goesHome { line += " --forwarding \(pick(ForwardingMechanism.allCases.map(\.name)))" }
    if chance(5) { line += " --threads \(draw(2...3))" }
    if extraChance(6) { line += " --state \(extraChance(2) ? "5KiB" : "40KiB")" }
    if chance(8) { line += " --hold" }
    if program == "team", chance(2) {
      line += " --inseparable"
      inseparable.insert(name)
    }
    if program == "ask" { line += " --set peer=\(pick(processes))" }
    if goesHome { line = "set communication home\n\(line)\nset communication direct" }
    setup += line.split(separator: "\n").map(String.init)
    processes.append(name)
  }

  // MARK: - What is done to it

  private mutating func act() {
    switch actions[draw(0...actions.count - 1)] {
    case .migrate: migrate()
    case .send:
      let size = extraChance(3) ? " --size \(10 + extra.next(below: 40))KiB" : ""
      safety.append("send \(pick(processes)) \(pick(processes)) \"told\" --count \(draw(1...5))\(size)")
    case .cancel: safety.append("migrate cancel \(pick(processes))")
    case .crash: safety.append("fail \(pick(nodes))")
    case .recover: safety.append("recover \(pick(nodes))")
    case .cut: safety.append("link fail \(pick(nodes)) \(pick(nodes))")
    case .heal: safety.append("heal")
    case .partition:
      let one = pick(nodes)
      safety.append("partition \(one) \(nodes.filter { $0 != one }.joined(separator: ","))")
    case .freeze: safety.append("freeze \(pick(processes))")
    case .resume: safety.append("resume \(pick(processes))")
    case .kill: if chance(4) { safety.append("kill \(pick(processes))") }
    case .poke: safety.append("poke \(pick(processes)) \(draw(0...7)) \"x\"")
    case .spawn:
      guard processes.count < 12 else { return }
      let known = setup.count
      spawn("p\(processes.count + 1)")
      safety += setup[known...]
      setup.removeSubrange(known...)
    case .slow:
      let change = pick([
        "--latency 0ns", "--latency 5ms", "--latency 400ms", "--bandwidth 1Mbps", "--loss 20%", "--jitter 9ms",
      ])
      safety.append("link set \(pick(nodes)) \(pick(nodes)) \(change)")
    case .machine:
      let node = pick(nodes)
      safety.append(
        pick([
          "node set \(node) --speed 0.01", "node set \(node) --speed 3", "node set \(node) --memory 256KiB",
          "node set \(node) --memory 4GiB", "node remove \(node)", "node add \(node)",
        ]))
    }
    switch draw(0...9) {
    case 0...3: break
    case 4...6: safety.append("run \(draw(1...3000))us")
    case 7, 8: safety.append("run \(draw(1...60))ms")
    default: safety.append("run \(draw(1...4000))ms")
    }
  }

  private mutating func migrate() {
    let process = pick(processes)
    var line = "migrate \(process) \(pick(nodes)) --async"
    switch draw(0...5) {
    case 0: break
    case 1:
      line += " --pretransfer"
      if chance(3) { line += " --max-rounds \(draw(1...5))" }
      if chance(3) { line += " --downtime \(draw(1...50))ms" }
      if chance(4) { line += " --throttle" }
      if chance(3) { line += " --delta" }
    case 2:
      line += " --on-reference"
      if chance(2) { line += " --prefetch \(draw(1...16))" }
      if chance(3) { line += " --push" }
    case 3: line += " --hybrid"
    default:
      line += " --flush"
      if chance(2) { line += " --backing \(pick(nodes))" }
    }
    let leavesPages = ["--on-reference", "--hybrid", "--flush"].contains { line.contains($0) }
    if leavesPages, extraChance(3) { line += " --recover" }
    if chance(5) { line += " --zero-marks" }
    if chance(6) { line += " --bandwidth \(draw(1...20))Mbps" }
    if extraChance(6) { line += " --cap-stop" }
    if inseparable.contains(process) || chance(10) { line += " --with-coprocesses" }
    safety.append(line)
  }

  // MARK: - Policies

  /// Lets policies choose, in some scripts: where processes begin, which are moved and where to, and that nodes balance their
  /// load by themselves until the faults end.
  private mutating func drawPolicies() {
    func bounds(_ generator: inout Generator) -> String {
      let threshold = ["0", "0.5", "1", "2"][Int(generator.next(below: 4))]
      return " --threshold \(threshold) --probes \(1 + generator.next(below: 4))"
        + (generator.next(below: 2) == 0 ? " --inflate" : "")
    }
    func rule(_ generator: inout Generator) -> String {
      // Not on request.
      NodePolicy.all[1 + Int(generator.next(below: UInt64(NodePolicy.all.count - 1)))].name + bounds(&generator)
    }
    // A process for which the node that is asked has no room is created all the same: whoever compares with a world without
    // policies would find another process.
    if extraChance(2), !setup.contains(where: { $0.contains("--memory 512KiB") }) {
      setup.insert("policy placement \(rule(&extra))", at: 0)
      func placed(_ lines: [String]) -> [String] {
        lines.map { line in
          guard line.hasPrefix("spawn "), extraChance(2) else { return line }
          return line.replacing(" --on ", with: " --at ") + " --async"
        }
      }
      setup = placed(setup)
      safety = placed(safety)
    }
    guard extraChance(3) else { return }
    setup.insert("policy destination \(rule(&extra))", at: 0)
    setup.insert(
      "policy selection \(SelectionPolicy.all[Int(extra.next(below: UInt64(SelectionPolicy.all.count)))].name)", at: 0)
    for place in safety.indices where safety[place].hasPrefix("migrate p") && extraChance(4) {
      var words = safety[place].split(separator: " ")
      words.remove(at: 2)
      if extraChance(3) { words.remove(at: 1) }
      safety[place] = words.joined(separator: " ")
    }
    guard extraChance(2) else { return }
    let policy = InitiationPolicy.allCases[Int(extra.next(below: 3))].name
    let interval = ["3ms", "50ms", "1s"][Int(extra.next(below: 3))]
    setup.insert(
      "policy initiation \(policy) --threshold \(["0", "1", "1.5"][Int(extra.next(below: 3))]) --every \(interval)"
        + (extraChance(3) ? " --residence 100ms" : "") + (extraChance(3) ? " --cost-benefit" : ""), at: 0)
    let mechanism = ["", " --pretransfer", " --on-reference", " --hybrid", " --flush"][Int(extra.next(below: 5))]
    safety.insert("balance on\(mechanism)", at: 0)
    liveness.insert("balance off", at: 0)
  }

  /// Ends all faults: heals all lines, brings all nodes back, lets all processes go on. Then lets a long time pass.
  private mutating func settle() {
    liveness.append("heal")
    liveness += nodes.filter { safety.contains("node remove \($0)") }.map { "node add \($0)" }
    liveness += nodes.map { "recover \($0)" }
    liveness.append("run 100s")
    liveness += processes.map { "resume \($0)" }
    liveness += processes.map { "start \($0)" }
    liveness.append("run 200s")
  }
}
