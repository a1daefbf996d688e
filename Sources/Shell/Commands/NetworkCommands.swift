import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// The network between the nodes: what its lines are like, and how they fail.
extension Commands {
  static let network: [Command] = [
    Command(
      "network set", flags: LineQuality.flags, summary: "what the line between every two nodes is like",
      details: "Lines set with `link set` keep what was set for them. Without a flag it only shows the defaults.",
      examples: ["network set --latency 2ms --bandwidth 1Gbps", "network set --loss 1% --jitter 500us"],
      data: .object(SharedShape.line), group: "Cluster", effect: .setting(nil), run: setNetwork),
    networkShow,
    Command(
      "link set", [LineEnds.a, LineEnds.b], flags: LineQuality.flags,
      summary: "what the line between two nodes is like, both ways",
      details: "What is not said keeps its value. Without a flag it only shows the line.",
      examples: ["link set a b --bandwidth 10Mbps"],
      preparation: "node add a b",
      data: .object(lineEnds + SharedShape.line + [.init("up", .boolean, "whether it is whole")]), group: "Cluster",
      effect: .setting(nil), run: setLine),
    Command(
      "link fail", [LineEnds.a, LineEnds.b], summary: "cut the line between two nodes, both ways",
      details: """
        What is sent over it waits. A node that has waited for its detection timeout is told that the connection broke, \
        and what was under way is lost; if the line heals before, it comes late.
        """,
      examples: ["link fail a b"], preparation: "node add a b", data: cutLines, group: "Cluster", run: failLine),
    Command(
      "link heal", [LineEnds.a, LineEnds.b], summary: "mend the line between two nodes", examples: ["link heal a b"],
      preparation: "node add a b; link fail a b", data: healedLines, group: "Cluster",
      run: healLine),
    Command(
      "link drop", [LineEnds.a, LineEnds.b], summary: "break the connection between two nodes",
      details: """
        Both live, and the line is whole; but what is on its way is lost. Both are told as soon as they can be, and \
        neither learns what arrived.
        """,
      examples: ["link drop a b"], preparation: "node add a b; spawn p1; migrate p1 b", data: .object(lineEnds),
      group: "Cluster", run: dropConnection),
    Command(
      "link repeat", [Repetition.from, Repetition.to], flags: [Repetition.after],
      summary: "the packet sent last from one node to another arrives twice",
      details: "It has to be on its way still. If the connection breaks before, it does not come again.",
      examples: ["link repeat a b --after 2s"],
      preparation: "node add a b; spawn p1 --program echo; spawn p2 --on b --program idle; send p1 p2 \"hello\"",
      data: .object(lineEnds + [.init("at", .time, "when it arrives again")]),
      group: "Cluster", run: repeatPacket),
    Command(
      "partition", [partitionGroups],
      summary: "cut every line between nodes of different groups",
      details: "Nodes in no group keep all their lines. A node alone is a group, too.",
      examples: ["partition a,b c,d", "partition a b,c"], preparation: "node add a b c d", data: cutLines,
      group: "Cluster", run: partition),
    Command(
      "heal", summary: "mend all lines that have failed", examples: ["heal"],
      preparation: "node add a b c; partition a b,c", data: healedLines, group: "Cluster", run: heal),
  ]

  private static let lineEnds: [DataShape.Member] = [
    .init("a", .node, "one end"), .init("b", .node, "the other end"),
  ]
  private static let cutLines = DataShape.only("failed", .list(.list(.node)), "the two ends of each line that was cut")
  private static let healedLines = DataShape.only(
    "healed", .list(.list(.node)), "the two ends of each line that is mended")

  private static let partitionGroups = RepeatedParameter("GROUP", .argument(.nodeGroup))

  // MARK: - What lines are like

  private static func changed(_ line: Line, _ call: Invocation) throws(SessionError) -> Line {
    var line = line
    if let latency = try call[LineQuality.latency] { line.latency = latency }
    if let bandwidth = try call[LineQuality.bandwidth] { line.bandwidth = bandwidth }
    if let loss = try call[LineQuality.loss] { line.loss = loss }
    if let jitter = try call[LineQuality.jitter] { line.jitter = jitter }
    return line
  }

  /// A line as data.
  private static func items(of line: Line) -> [Report.Item] {
    [
      .init("latency", .time(line.latency)), .init("bandwidth", .rate(line.bandwidth)),
      .init("loss", .share(line.loss)),
      .init("jitter", .time(line.jitter)),
    ]
  }

  static func lineText(_ line: Line) -> String {
    "latency \(formatTime(line.latency)), bandwidth \(formatRate(line.bandwidth))"
      + (line.loss > 0 ? ", loss \(formatShare(line.loss))" : "")
      + (line.jitter > 0 ? ", jitter \(formatTime(line.jitter))" : "")
  }

  private static func setNetwork(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let line = try changed(session.state.world.lineDefaults, call)
    if !call.call.flags.isEmpty { session.state.world.apply(.setNetwork(line)) }
    return Report("network: \(lineText(line))", items(of: line))
  }

  /// The two ends of a line.
  private static func ends(_ call: Invocation) throws(SessionError) -> (NodeID, NodeID) {
    let (a, b) = (try call[LineEnds.a], try call[LineEnds.b])
    guard a != b else {
      throw call.refuse("a node has no line to itself", at: call.span(of: LineEnds.b), expected: "another node")
    }
    return (a, b)
  }

  private static func names(_ a: NodeID, _ b: NodeID, _ world: any Cluster) -> String {
    "\(world[a].name)–\(world[b].name)"
  }

  private static func setLine(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let (a, b) = try ends(call)
    let world = session.state.world
    let line = try changed(world.line(a, b), call)
    if !call.call.flags.isEmpty { session.state.world.apply(.setLine(a, b, line)) }
    let isCut = world.isCut(a, b)
    return Report(
      "line \(names(a, b, world)): \(lineText(line))\(isCut ? "; it has failed" : "")",
      pair(a, b) + items(of: line) + [.init("up", .boolean(!isCut))])
  }

  // MARK: - Failures

  private static func failLine(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let (a, b) = try ends(call)
    guard !session.state.world.isCut(a, b) else {
      throw call.refuse(
        "the line \(names(a, b, session.state.world)) has failed already",
        remedy: "`\(healing(a, b, session.state.world))` mends it")
    }
    return changeLines(&session, .cutLine(a, b), "failed")
  }

  private static func healLine(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let (a, b) = try ends(call)
    guard session.state.world.isCut(a, b) else {
      throw call.refuse("the line \(names(a, b, session.state.world)) has not failed")
    }
    return changeLines(&session, .healLine(a, b), "healed")
  }

  private static func dropConnection(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let (a, b) = try ends(call)
    let name = names(a, b, session.state.world)
    guard session.state.world.apply(.dropConnection(a, b)) == .done else {
      guard session.state.world.isCut(a, b) else {
        throw call.refuse("\(name) has no connection that could break: nothing has been sent over it")
      }
      throw call.refuse(
        "the line \(name) has failed", remedy: "`\(healing(a, b, session.state.world))` mends it")
    }
    return Report("the connection \(name) broke", pair(a, b))
  }

  private static func healing(_ a: NodeID, _ b: NodeID, _ world: any Cluster) -> String {
    "link heal \(world[a].name) \(world[b].name)"
  }

  private static func repeatPacket(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let (from, to) = (try call[Repetition.from], try call[Repetition.to])
    let delay = try call[Repetition.after] ?? 0
    let world = session.state.world
    guard case .arrivesAgain(let time) = session.state.world.apply(.repeatPacket(from: from, to: to, after: delay))
    else {
      throw call.refuse("nothing is on its way from \(world[from].name) to \(world[to].name)")
    }
    return Report(
      "what \(world[from].name) sent last to \(world[to].name) arrives again at \(formatTime(time))",
      pair(from, to) + [.init("at", .time(time))])
  }

  private static func pair(_ a: NodeID, _ b: NodeID) -> [Report.Item] { [.init("a", .node(a)), .init("b", .node(b))] }

  private static func partition(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let arguments = call[partitionGroups].map(\.argument)
    guard arguments.count > 1 else {
      throw call.refuse(
        "one group alone is parted from nobody", at: arguments.first?.span ?? call.call.span,
        expected: "two groups or more, such as `partition a,b c,d`")
    }
    var groups: [[NodeID]] = []
    var known: Set<NodeID> = []
    for argument in arguments {
      let members = if case .group(let members, _) = argument { members } else { [argument] }
      var group: [NodeID] = []
      for member in members {
        let node = try call.node(member)
        guard known.insert(node).inserted else {
          throw call.refuse("`\(session.state.world[node].name)` is named twice", at: member.span)
        }
        group.append(node)
      }
      groups.append(group)
    }
    return changeLines(&session, .partition(groups), "failed")
  }

  private static func heal(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    changeLines(&session, .healAllLines, "healed")
  }

  /// Applies an input, and reports which lines it made fail or heal.
  ///
  /// - Parameter what: what becomes of lines.
  private static func changeLines(_ session: inout Session, _ input: Input, _ what: String) -> Report {
    let before = session.state.world.cutLines
    session.state.world.apply(input)
    let world = session.state.world
    let pairs = Set(before).symmetricDifference(world.cutLines).sorted()
    let text = pairs.map { names($0.a, $0.b, world) }.joined(separator: ", ")
    return Report(
      pairs.isEmpty ? "no line has changed" : "\(text) \(what)",
      .init(what, .list(pairs.map { .list([.node($0.a), .node($0.b)]) })))
  }
}

private enum LineEnds {
  static let a = Parameter("A", .node)
  static let b = Parameter("B", .node)
}

/// What a line between two nodes is like.
private enum LineQuality {
  static let latency = Flag("latency", .latency, "time that a bit takes from one end to the other (1 ms)")
  static let bandwidth = Flag("bandwidth", .bandwidth, "bits a second (100 Mbps)")
  static let loss = Flag("loss", .loss, "segments lost, up to 50%, which have to be sent again (0%)")
  static let jitter = Flag("jitter", .jitter, "up to how much longer a packet may take (0 ns)")

  static let flags: [any FlagDeclaration] = [latency, bandwidth, loss, jitter]
}

private enum Repetition {
  static let from = Parameter("FROM", .node)
  static let to = Parameter("TO", .node)
  static let after = Flag("after", .latency, "how much later it comes again (0 ns)")
}

extension Reader where Result == UInt64 {
  static var latency: Reader { time(in: 0...3_600_000_000_000, "a latency") }
  static var bandwidth: Reader { rate(in: 1...1_000_000_000_000_000, "a bandwidth") }
  static var jitter: Reader { time(in: 0...3_600_000_000_000, "a jitter") }
}

extension Reader where Result == Double {
  /// A probability of loss at which packets still arrive in the end.
  static var loss: Reader {
    Reader(kind: .share) { (argument, call) throws(SessionError) in
      guard case .share(let loss) = try call.value(argument), (0...0.5).contains(loss) else {
        throw call.refuse("this is not a loss", at: argument.span, expected: "a share from 0% to 50%")
      }
      return loss
    }
  }
}
