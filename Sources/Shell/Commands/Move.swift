import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// The flags that say how a process moves: `migrate` and `predict` take them.
enum Move {
  static let process = Parameter("P", .liveProcess)
  static let destination = Parameter("NODE", .upNode)
  /// The same for `migrate`, where policies can choose them.
  static let chosenProcess = OptionalParameter("P", .liveProcess)
  static let chosenDestination = OptionalParameter("NODE", .upNode)

  static let backing = Flag("backing", .upNode, "flush: the backing node (that of `set backing`)")
  static let prefetch = Flag(
    "prefetch", .count(in: 1...1024, "a number of pages"),
    "on-reference, flush: how many pages a fault fetches at most (1)")
  static let recover = Switch(
    "recover", "on-reference, hybrid, flush: wait for a node that holds its pages, however long it does not answer")
  static let capStop = Switch("cap-stop", "let --bandwidth hold also while the process stands still")
  static let push = Switch("push", "on-reference, flush: send what is left in the background")
  static let maxRounds = Flag(
    "max-rounds", .count(in: 1...1_000_000, "a number of rounds"),
    "pretransfer: rounds after which it is stopped in any case")
  static let downtime = Flag(
    "downtime", .time(in: 0...3_600_000_000_000, "a downtime"),
    "pretransfer: stop it as soon as it would stand still for no longer")
  static let throttle = Switch(
    "throttle", "pretransfer: slow it down as long as it writes too fast, and stop it only then")
  static let delta = Switch(
    "delta", "pretransfer, hybrid with more rounds: send pages again as what they differ in")
  static let bandwidth = Flag(
    "bandwidth", .rate(in: 1000...1_000_000_000_000_000, "a bandwidth"),
    "what its pages may take of the line while it runs")
  static let zeroMarks = Switch("zero-marks", "send pages of zeros as marks of a few bytes")

  /// In the order in which help shows them. The default mechanism comes last.
  static let flags: [any FlagDeclaration] = {
    var flags: [any FlagDeclaration] = mechanisms.dropFirst().map { $0.flag }
    flags.append(contentsOf: options)
    flags.append(mechanisms[0].flag)
    return flags
  }()

  /// Those that say how, and not by which mechanism.
  static let options: [any FlagDeclaration] = [
    backing, prefetch, push, maxRounds, downtime, throttle, delta, bandwidth, capStop, zeroMarks,
    recover,
  ]

  /// The mechanisms. A command may name one; otherwise it takes the first.
  static let mechanisms = TransferMechanism.choices.map { mechanism in
    (mechanism: mechanism, flag: Switch(mechanism.rawValue, mechanism.summary))
  }

  /// Flags that only some mechanisms can use.
  private static let owners: [(flag: any FlagDeclaration, mechanisms: [TransferMechanism])] = {
    let withRounds = TransferMechanism.choices.filter(\.hasRounds)
    let untilTheRest = withRounds.filter { !$0.isOnDemand }
    let onDemand = TransferMechanism.choices.filter(\.isOnDemand)
    return [
      (maxRounds, withRounds), (downtime, untilTheRest), (throttle, untilTheRest), (delta, withRounds),
      (prefetch, onDemand), (push, onDemand), (backing, [.flushing]), (recover, onDemand),
    ]
  }()

  /// How the flags of a command say that a process moves.
  ///
  /// - Parameter usual: the backing node that was set for all.
  static func options(
    _ call: Invocation, from source: NodeID, to destination: NodeID, usual: NodeID?
  ) throws(SessionError) -> TransferOptions {
    try options(call, backing: usual ?? backing(from: source, to: destination, call.evaluator.world))
  }

  /// How the flags of a command say that processes move, wherever they are. Where nobody said another, the destination of each
  /// is its backing node.
  static func optionsForAny(_ call: Invocation, usual: NodeID?) throws(SessionError) -> TransferOptions {
    try options(call, backing: usual)
  }

  private static func options(_ call: Invocation, backing usual: NodeID?) throws(SessionError) -> TransferOptions {
    let chosen = mechanisms.first { call.has($0.flag) }
    let mechanism = chosen?.mechanism ?? .totalFreezing
    for (flag, mechanisms) in owners where !mechanisms.contains(mechanism) {
      guard let place = call.span(of: flag) else { continue }
      let names = mechanisms.map { "`--\($0.rawValue)`" }
      let some = names.count > 1 ? names.dropLast().joined(separator: ", ") + " and " : ""
      throw call.refuse(
        "`--\(flag.spec.name)` is an option of \(some)\(names[names.count - 1])", at: place,
        remedy: "add `--\(mechanisms[0].rawValue)`, or leave it out")
    }
    let options = try options(call, for: mechanism, backing: usual)
    let world = call.evaluator.world
    if let node = options.backing, !world[node].isUp {
      let name = world.name(of: node)
      throw call.refuse(
        "the backing node that was set is `\(name)`, which is down",
        at: chosen.flatMap { call.span(of: $0.flag) },
        remedy: "`recover \(name)` brings it back, empty; or name another with `--backing`")
    }
    return options
  }

  /// How the flags of a command say that a process moves by a mechanism, which leaves out those that it cannot use.
  static func options(
    _ call: Invocation, for mechanism: TransferMechanism, backing usual: NodeID?
  ) throws(SessionError) -> TransferOptions {
    func uses(_ flag: any FlagDeclaration) -> Bool {
      owners.first { $0.flag.spec.name == flag.spec.name }?.mechanisms.contains(mechanism) ?? true
    }
    func has(_ flag: Switch) -> Bool { uses(flag) && call.has(flag) }
    func value<Value>(_ flag: Flag<Value>) throws(SessionError) -> Value? { uses(flag) ? try call[flag] : nil }
    var options = TransferOptions(mechanism)
    options.pushes = has(push)
    options.prefetch = try value(prefetch) ?? 1
    options.marksZeros = has(zeroMarks)
    options.throttles = has(throttle)
    options.sendsDeltas = has(delta)
    options.maxRounds = try value(maxRounds)
    options.downtime = try value(downtime)
    options.bandwidth = try value(bandwidth)
    options.recovers = has(recover)
    options.capsStop = has(capStop)
    if mechanism == .flushing { options.backing = try value(backing) ?? usual }
    return options
  }

  /// Where a process is flushed to when nobody said: the first node that is up and neither end, else the destination.
  static func backing(from source: NodeID, to destination: NodeID, _ world: any Cluster) -> NodeID {
    world.members.first { $0 != source && $0 != destination && world[$0].isUp } ?? destination
  }
}
