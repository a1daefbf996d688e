import Chronicle
import CommandLanguage
import MigrationKernel
import Shell
import Simulator

/// Puts faults into a scene, at each packet from the first to the last, and judges how the scene ends.
///
/// The result is a script: the scene up to the packet, a line `run until`, and lines for the fault. So a person can
/// repeat by hand what went wrong.
public struct FaultSweep {
  /// The instant after the network got a packet.
  private struct Moment {
    let session: Session
    /// The lines that lead to it.
    let lines: [String]
    /// The lines of the story that come after it. The first may be a pause that has already begun.
    let rest: [String]
    /// When that pause is over.
    let pauseEnd: Nanoseconds
    let packet: (from: String, to: String)
  }

  /// How the scene ended with faults in it.
  public struct Point: Sendable {
    /// What went wrong; nil when nothing did.
    public let failure: String?
    /// Whether the process that was to move was lost.
    public let isLost: Bool
    /// The script that repeats it.
    public let lines: [String]
  }

  /// The scene into which faults are put.
  public let scene: SweepScene
  private var moments: [Moment] = []
  /// What every process leaves when no fault happens.
  private var undisturbed: [String: String] = [:]

  /// How many commands of the scene were refused when no fault happened: none, if it is right.
  public private(set) var refusals = 0
  /// How its migrations ended when no fault happened.
  public private(set) var outcomes: [MigrationRecord.Status] = []

  /// The number of packets at which a fault can be put. When several leave at one instant, only the last counts.
  public var packetCount: Int { moments.count }

  /// Executes the scene without faults, and notes its packets.
  public init(_ scene: SweepScene) {
    self.scene = scene
    var session = Session.silent()
    session.checkInvariants()
    for line in scene.setup { session.perform(line) }
    collectMoments(from: session)
  }

  /// Goes through the story, and stops after each event that sends something.
  private mutating func collectMoments(from start: Session) {
    var session = start
    var lines = scene.setup
    for (place, line) in scene.story.enumerated() {
      guard let pause = pause(line) else {
        session.perform(line)
        lines.append(line)
        continue
      }
      let end = session.state.world.now + pause
      while true {
        let wait = "run until cluster.packets > \(session.state.world.packetsCarried)"
        var next = session
        next.perform(wait)
        let world = next.state.world
        guard world.packetsCarried > session.state.world.packetsCarried, world.now <= end,
          let packet = world.packets.all.last
        else { break }
        session = next
        moments.append(
          Moment(
            session: session, lines: lines + [wait], rest: Array(scene.story[(place + 1)...]), pauseEnd: end,
            packet: (world[packet.from].name, world[packet.to].name)))
      }
      session.perform("run \(end - session.state.world.now)ns")
      lines.append(line)
    }
    session.perform("run 4000s")
    undisturbed = session.state.world.finalStates
    refusals = session.refusalCount
    outcomes = session.state.world.migrations.all.map(\.status)
  }

  // MARK: - Points

  /// All faults for the packet with a number, counted from 0. Besides the usual ones, the packet may arrive again after
  /// each of the later packets.
  public func faults(at number: Int) -> [SweepFault] {
    SweepFault.all + (number + 1..<moments.count).map { lateness(of: number, after: $0) }
  }

  /// The fault by which a packet arrives again, soon after a later one.
  private func lateness(of number: Int, after later: Int) -> SweepFault {
    let delay = moments[later].session.state.world.now - moments[number].session.state.world.now
    return .repeatPacket(after: "\(delay + 200_000)ns")
  }

  /// Puts a fault at the packet with a number, counted from 0.
  public func run(_ fault: SweepFault, at number: Int) -> Point {
    let moment = moments[number]
    let (begin, pause, end) = fault.lines(packet: moment.packet)
    return finish(moment, [begin] + [pause, end].compactMap(\.self)) { judge($0, moment, fault) }
  }

  /// Puts a fault at a packet, and a second one some packets later, or about a second later when these do not come.
  private func run(_ first: SweepFault, at number: Int, _ second: SweepFault, packetsLater distance: Int) -> Point {
    let moment = moments[number]
    let later = moments[min(number + distance, moments.count - 1)]
    let (one, other) = (first.lines(packet: moment.packet), second.lines(packet: later.packet))
    // After the first fault so many packets may never come.
    let latest = later.session.state.world.now + 1_000_000_000
    let packets = moment.session.state.world.packetsCarried + UInt64(distance)
    let wait = "run until cluster.packets >= \(packets) or now >= \(latest)ns"
    let lines = [one.begin, wait, other.begin, one.pause, one.end, other.pause, other.end]
    return finish(moment, lines.compactMap(\.self)) { _ in nil }
  }

  /// Draws two faults and the packets for them. The point's script says which they were.
  ///
  /// - Precondition: the scene has packets.
  public func runPair(_ random: inout Generator) -> Point {
    precondition(packetCount > 0, "there is no packet to put faults at")
    func draw(_ count: Int) -> Int { Int(random.next(below: UInt64(count))) }
    let (number, distance) = (draw(packetCount), draw(30) + 1)
    let (first, second) = (SweepFault.all[draw(SweepFault.all.count)], SweepFault.all[draw(SweepFault.all.count)])
    if case .repeatPacket = first {
      let late = lateness(of: number, after: number + draw(packetCount - number))
      return run(late, at: number, second, packetsLater: distance)
    }
    return run(first, at: number, second, packetsLater: distance)
  }

  /// Executes the lines of a fault and the rest of the story, lets everything come to its end, and judges it.
  private func finish(_ moment: Moment, _ fault: [String], _ judge: (World) -> String?) -> Point {
    var session = moment.session
    var lines = moment.lines
    func perform(_ line: String) {
      session.perform(line)
      lines.append(line)
    }
    for line in fault { perform(line) }
    if session.state.world.now < moment.pauseEnd { perform("run \(moment.pauseEnd - session.state.world.now)ns") }
    for line in moment.rest { perform(line) }
    for line in ["heal"] + SweepScene.nodes.map({ "recover \($0)" }) + ["run 100s", "start w", "run 4000s"] {
      perform(line)
    }
    let world = session.state.world
    let violation = world.invariants?.violation.map { TortureRun.Failure.violation($0).text }
    let late = violation == nil ? world.missingOutput ?? world.unreachable : nil
    let isLost = if case .lost? = world.processes[name: "w"]?.fate { true } else { false }
    let failure =
      violation ?? world.unsettled.first ?? late.map { TortureRun.Failure.violation($0).text } ?? judge(world)
    return Point(failure: failure, isLost: isLost, lines: lines)
  }

  // MARK: - What must become of it

  /// True when a process has come to its end, or to where it waits for ever.
  private func hasDoneItsWork(_ process: ProcessID, _ world: World) -> Bool {
    switch world.processes[process]?.fate {
    case .ended(.exited, _, _): true
    case .alive: scene.stays && world.processes[process].map { $0.lines.printed > 0 && $0.lines.waiting == 0 } == true
    case .ended, .lost, nil: false
    }
  }

  /// Says what is wrong with the end of the scene. Demands only what every scene must do after such a fault.
  ///
  /// - A repeated packet changes nothing, and neither does a line that is whole again before anybody notices.
  /// - A broken connection or a cut line kills only a process that needs pages from the other side.
  /// - A crash kills every process on the node, and every process on its way there after the commit. One is also lost that is
  ///   committed after the crash, since the node had said before that it has the process. Otherwise a crash kills only a
  ///   process that needs pages from there.
  private func judge(_ world: World, _ moment: Moment, _ fault: SweepFault) -> String? {
    let before = moment.session.state.world
    var mustEqual = false
    var crashed: String?
    switch fault {
    case .repeatPacket, .cut(_, _, .short), .cutItsLine(.short), .isolate(_, .short): mustEqual = true
    case .dropConnection, .cut, .cutItsLine, .isolate: break
    case .crash(let node, _): crashed = node
    }
    let ends = world.migrations.all.map(\.status)
    if case .repeatPacket = fault, ends != outcomes { return "migrations are \(ends), and undisturbed \(outcomes)" }
    let finalStates = world.finalStates
    for record in before.processes.all where record.fate == .alive {
      let final = finalStates[record.name] ?? "nothing"
      if mustEqual {
        let expected = undisturbed[record.name] ?? "nothing"
        if final != expected { return "\(record.name) left \(final), and undisturbed \(expected)" }
        continue
      }
      let hasEnded = hasDoneItsWork(record.id, world)
      switch (record.owner, crashed.flatMap { before.node(named: $0) }) {
      case (.node(let owner), let node?) where owner == node, (.inTransit(_, let owner), let node?) where owner == node:
        guard case .lost(becauseOf: node, at: _)? = world.processes[record.id]?.fate else {
          return "\(record.name) was not lost with node \(before[node].name), on which it was: \(final)"
        }
      case (.inTransit(let source, _), let node?) where source == node: break
      // The source commits before it can hear that the destination has fallen, which had the process.
      case (.node, let node?) where record.migrations.last.map({ before.awaitsCommit($0, to: node) }) == true: break
      default:
        if let node = crashed.flatMap({ before.node(named: $0) }), isAboutToBeCommitted(record.id, to: node, before),
          case .lost(becauseOf: node, at: _)? = world.processes[record.id]?.fate
        {
          continue
        }
        if !hasEnded && !scene.leavesPages { return "\(record.name) did not come to its end: \(final)" }
      }
    }
    return nil
  }

  /// Whether a node has said that it has a process, and its packet is on its way.
  private func isAboutToBeCommitted(_ process: ProcessID, to node: NodeID, _ world: World) -> Bool {
    world.packets.all.contains {
      $0.name == "installed" && $0.process == process && $0.from == node && $0.leftAt <= world.now
        && $0.arrivesAt > world.now
    }
  }
}

extension Session {
  fileprivate mutating func perform(_ line: String) { _ = execute(SourceText(name: "sweep", text: line)) }
}

extension World {
  /// The destination of a migration has the process, and the source waits for others before it commits.
  fileprivate func awaitsCommit(_ number: Int, to node: NodeID) -> Bool {
    guard let migration = migrations[number], migration.destination == node, migration.endedAt == nil else {
      return false
    }
    return migration.pagesTime != nil && migration.activatedAt == nil
  }

  /// What each process has left: its fate, its memory, what it received, and what it printed, in words.
  fileprivate var finalStates: [String: String] {
    var result: [String: String] = [:]
    for record in processes.all {
      let summary = record.summary.map { "\($0.memoryDigest) \($0.receivedDigest) \($0.receivedCount)" }
      result[record.name] = "\(summary ?? "\(record.fate)") \(record.output.map(\.text))"
    }
    return result
  }
}
