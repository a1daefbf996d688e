/// A small cluster and a story of migration in it. The sweep puts faults at every packet of the story.
///
/// A process `w` is on node `src`, works on its pages, and answers `a` on node `peer`. The migration leads to `dst`; `far` is
/// a node that some scenes need besides.
public struct SweepScene: Sendable {
  static let nodes = ["src", "dst", "far", "peer"]

  /// Its name for `migsh sweep`.
  public let name: String
  /// Commands that come before any fault.
  let setup: [String]
  /// The commands that are swept, with pauses between them (`run TIME`).
  let story: [String]
  /// Whether `w` may need pages from another node than its own: it dies when that one does not answer.
  let leavesPages: Bool
  /// Whether `w` lives on when its work is done, so that it can be tried whether everybody reaches it.
  let stays: Bool
  /// Whether a node refuses a process when no fault happens.
  package let refuses: Bool

  private init(
    _ name: String, _ story: [String], before: [String] = [], after: [String] = [], spawn flags: String = "",
    leavesPages: Bool = false,
    asks: Int = 4, stays: Bool = false, isPlaced: Bool = false, refuses: Bool = false, program: String = "toiler"
  ) {
    self.name = name
    let asker = "spawn a --on peer --pages 1 --program asker --set to=w"
    // A process that is placed by a policy is created while faults happen; nobody asks it, for who asks may fall before.
    let beginning =
      isPlaced
      ? ["spawn w --at src --pages 20 --program busy --async"]
      : ["spawn w --on src --pages 20 --program \(program) \(flags)", asker]
    self.story = (isPlaced ? beginning : []) + story + ["run 60s"]
    self.refuses = refuses
    self.leavesPages = leavesPages
    self.stays = stays
    setup =
      [
        "node add \(Self.nodes.joined(separator: " "))",
        "program toiler { write 0..15 repeat \(asks) { receive as m timeout 300s write next 8..15 reply \"yes\" } "
          + "read 0..19 print \"worked\" \(stays ? "receive " : "")}",
        "program crew { write 0..15 thread { repeat \(asks) { lock desk { write 16 compute 1ms } sleep 3ms } barrier end 2 } "
          + "repeat \(asks) { receive as m timeout 300s lock desk { write next 8..15 write-file log \"$m\" } reply \"yes\" } "
          + "barrier end 2 join read-file log as last print \"worked\" }",
        "program team { fork mate { repeat \(asks) { receive as m timeout 300s write 3 reply \"done\" } } write 0..7 "
          + "repeat \(asks) { receive as m timeout 300s write next 2..7 reply \"yes\" send mate \"do\" receive timeout 300s } "
          + "print \"worked\" }",
        // Nobody sends a message again that has come back to the program.
        "program asker { repeat \(asks) { send $to \"well?\" \(flags.contains("returned") ? "" : "else { print \"untold\" } ")"
          + "receive timeout 300s sleep 2ms } print \"asked\" }",
        "program busy { write 0..7 compute 300ms read 0..7 print \"worked\" }",
      ] + before + (isPlaced ? [] : beginning) + ["run 3ms"] + after
  }

  /// A scene for each transfer mechanism and each forwarding mechanism, and for the cases that are hard for them.
  public static let all: [SweepScene] = {
    let away = ["migrate w dst --async"]
    // Long enough for a batch of pages that arrives a second time, and takes its time at the interface.
    let on = away + ["run 16ms", "migrate w far --async"]
    func toAndFro(_ pause: String) -> [String] {
      away + ["run \(pause)", "migrate w src --async", "run \(pause)"] + away
    }
    func with(_ flags: String, _ story: [String]) -> [String] {
      story.map { $0.replacing("--async", with: "--async \(flags)") }
    }
    return [
      SweepScene("total-freezing", away),
      SweepScene("pretransfer", ["migrate w dst --async --pretransfer"]),
      SweepScene("on-reference", ["migrate w dst --async --on-reference"], leavesPages: true),
      SweepScene("on-reference pushed", ["migrate w dst --async --on-reference --push"], leavesPages: true),
      SweepScene("hybrid", ["migrate w dst --async --hybrid"], leavesPages: true),
      SweepScene("flush to source", ["migrate w dst --async --flush --backing src"], leavesPages: true),
      SweepScene("flush to destination", ["migrate w dst --async --flush --backing dst"]),
      SweepScene("flush to third", ["migrate w dst --async --flush --backing far"], leavesPages: true),
      SweepScene("not started", away + ["run 8ms", "start w"], spawn: "--hold"),
      SweepScene("on-reference twice", with("--on-reference", on), leavesPages: true),
      SweepScene("flush twice", with("--flush --backing src", on), leavesPages: true),
      SweepScene(
        "on-reference and back",
        ["migrate w dst --async --on-reference", "run 12ms", "migrate w src --async"], leavesPages: true),
      SweepScene("to and fro", toAndFro("16ms"), asks: 8),
      SweepScene("to and fro on reference", with("--on-reference", toAndFro("12ms")), leavesPages: true, asks: 8),
      SweepScene(
        "to and fro, flushed", with("--flush --backing far", toAndFro("24ms")), leavesPages: true, asks: 12),
      SweepScene(
        "family to and fro", with("--with-coprocesses", toAndFro("30ms")), spawn: "--inseparable", asks: 12,
        program: "team"),
      SweepScene("cancelled, then moved", ["migrate w dst --async --pretransfer", "run 2ms", "migrate cancel w"] + on),
      SweepScene(
        "family, pretransfer", ["migrate w dst --async --pretransfer --with-coprocesses"], spawn: "--inseparable",
        asks: 12, program: "team"),
      SweepScene(
        "on-reference, recovering", ["migrate w dst --async --on-reference --recover"], leavesPages: true),
      SweepScene("pushed, recovering", ["migrate w dst --async --on-reference --push --recover"], leavesPages: true),
      SweepScene("flushed, recovering", ["migrate w dst --async --flush --backing far --recover"], leavesPages: true),
      SweepScene(
        "family", ["migrate w dst --async --with-coprocesses"], spawn: "--inseparable",
        program: "team"),
      SweepScene("link-traversal", on, spawn: "--forwarding link-traversal", stays: true),
      SweepScene("link-update", on, spawn: "--forwarding link-update", stays: true),
      // The source waits for the acknowledgement when the migration is called off.
      SweepScene(
        "link-update called off",
        ["link set src peer --latency 20ms"] + away + ["run 20ms", "migrate cancel w", "run 5ms"] + away,
        spawn: "--forwarding link-update", stays: true),
      SweepScene("ask-origin", on, spawn: "--forwarding origin", stays: true),
      SweepScene("resend-returned", on, spawn: "--forwarding resend-returned", stays: true),
      SweepScene("resend-dropped", on, spawn: "--forwarding resend-dropped", stays: true),
      SweepScene("threads and files", on, program: "crew"),
      SweepScene("home communication", on, before: ["set communication home"]),
    ] + policies
  }()

  /// Policies choose. Nobody balances any more when the story ends, so that all comes to rest.
  private static let policies: [SweepScene] = {
    func busy(_ node: String, _ count: Int) -> String {
      "spawn \(node.prefix(1))b --on \(node) --count \(count) --pages 8 --program busy"
    }
    func balancing(_ pause: String) -> [String] { ["balance on --every 20ms", "run \(pause)", "balance off"] }
    return [
      // Two processes find the same node, which has room for one of them only; the others have enough to do.
      SweepScene(
        "placed by threshold", ["spawn v --at src --pages 20 --program busy --async"],
        before: [
          "node set far --memory 128KiB", "policy placement threshold --threshold 1 --probes 3", busy("src", 1),
          busy("dst", 1), busy("peer", 1),
        ], isPlaced: true, refuses: true),
      // The others come when `w` has been asked for the first time.
      SweepScene(
        "balanced by sender", balancing("35ms"),
        after: ["policy destination threshold --probes 2", "policy initiation sender", busy("src", 2)]),
      SweepScene(
        "balanced by receiver", balancing("35ms"),
        // It moves also while it waits to be asked.
        after: [
          "policy selection most-talkative", "policy initiation receiver --probes 3", busy("src", 2), busy("peer", 1),
        ]),
      SweepScene(
        "herding", balancing("25ms") + ["set load-interval off"],
        after: [
          "set load-interval 30ms", "policy destination least-loaded", "policy initiation sender", busy("src", 2),
          busy("far", 2), busy("peer", 1), "run 31ms",
        ], asks: 12),
    ]
  }()
}

/// What happens to the cluster when the network has just got a packet.
public enum SweepFault: Sendable, Hashable {
  /// How long a fault lasts. The detection timeout is a second.
  public enum Length: String, Sendable, CaseIterable {
    /// So short that nobody notices.
    case short = "400ms"
    /// So long that it is noticed and is over soon after.
    case medium = "1200ms"
    case long = "20s"
  }

  /// The connection over which the packet goes breaks.
  case dropConnection
  /// The packet arrives a second time.
  case repeatPacket(after: String)
  case crash(String, Length)
  /// The line is cut.
  case cut(String, String, Length)
  /// The line over which the packet goes is cut.
  case cutItsLine(Length)
  /// All lines of a node are cut.
  case isolate(String, Length)

  /// Every fault at every packet.
  public static let all: [SweepFault] = {
    var all: [SweepFault] = [.dropConnection, .repeatPacket(after: "0ns"), .repeatPacket(after: "3s")]
    for node in SweepScene.nodes { all += [.crash(node, .short), .crash(node, .long)] }
    for length in Length.allCases {
      all += [.cut("src", "dst", length), .cut("src", "far", length), .cut("dst", "far", length)]
      all += ["src", "dst", "far"].map { .isolate($0, length) }
    }
    return all
  }()

  /// One fault of each kind.
  public static let essential: [SweepFault] = [
    .dropConnection, .repeatPacket(after: "3s"), .crash("src", .long), .crash("dst", .long), .crash("far", .long),
    .cutItsLine(.short), .cutItsLine(.medium),
  ]

  /// The lines that begin the fault, let it last, and end it. `packet` says between which nodes the packet goes.
  func lines(packet: (from: String, to: String)) -> (begin: String, pause: String?, end: String?) {
    switch self {
    case .dropConnection: ("link drop \(packet.from) \(packet.to)", nil, nil)
    case .repeatPacket(let delay): ("link repeat \(packet.from) \(packet.to) --after \(delay)", nil, nil)
    case .crash(let node, let length): ("fail \(node)", "run \(length.rawValue)", "recover \(node)")
    case .cut(let a, let b, let length): ("link fail \(a) \(b)", "run \(length.rawValue)", "link heal \(a) \(b)")
    case .cutItsLine(let length): SweepFault.cut(packet.from, packet.to, length).lines(packet: packet)
    case .isolate(let node, let length):
      (
        "partition \(node) \(SweepScene.nodes.filter { $0 != node }.joined(separator: ","))",
        "run \(length.rawValue)", "heal"
      )
    }
  }
}
