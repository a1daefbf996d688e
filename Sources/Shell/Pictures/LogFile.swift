import Chronicle
import MigrationKernel
import Simulator

/// The log for other programs.
enum LogFile {
  /// An entry in each line, as RFC 4180 has it.
  static func csv(_ world: any Cluster) -> String {
    let find = world.messages.finder
    var text = "number,time_ns,node,kind,what\n"
    for entry in world.log.entries {
      let fields = [
        "\(entry.number)", "\(entry.time)", entry.event.hasNode ? world.name(of: entry.node) : "-",
        entry.event.kind.rawValue, entry.event.text(in: world, find: find),
      ]
      text += CSV.record(fields)
    }
    return text
  }
}

/// The log with vector clocks, as ShiViz reads it (https://bestchai.bitbucket.io/shiviz/): two lines for each entry, the
/// node with its clock and the event.
///
/// A packet carries what its node knew at the instant when it was sent, and whoever gets it knows that from then on. Kernels
/// have no such clocks: these follow from when packets left and came. A packet takes time, so no event is before itself.
struct ShiViz {
  /// An entry, and how many entries of each node it knows of: of its own node with itself.
  struct Event: Sendable {
    let entry: Log.Entry
    let clock: [NodeID: Int]
  }

  let events: [Event]
  private let world: any Cluster

  init(_ world: any Cluster) {
    self.world = world
    let packets = Array(world.packets.all)
    // What happened before the first packet that is kept could lack what it knew.
    let start = world.packets.isWhole ? 0 : packets.first?.sentAt ?? 0
    let entries = world.log.entries.filter { $0.event.hasNode && $0.time >= start }
    var steps: [(time: Nanoseconds, rank: Int, place: Int)] = []
    for (place, entry) in entries.enumerated() { steps.append((entry.time, 1, place)) }
    for (place, packet) in packets.enumerated() where !packet.isLost && packet.arrivesAt <= world.now {
      steps.append((packet.arrivesAt, 0, place))
      steps.append((packet.sentAt, 2, place))
    }
    steps.sort { ($0.time, $0.rank, $0.place) < ($1.time, $1.rank, $1.place) }
    var clocks: [NodeID: [NodeID: Int]] = [:]
    var carried: [Int: [NodeID: Int]] = [:]
    var events: [Event] = []
    for step in steps {
      switch step.rank {
      case 0:
        guard let clock = carried.removeValue(forKey: step.place) else { continue }
        clocks[packets[step.place].to, default: [:]].merge(clock, uniquingKeysWith: max)
      case 1:
        let entry = entries[step.place]
        clocks[entry.node, default: [:]][entry.node, default: 0] += 1
        events.append(Event(entry: entry, clock: clocks[entry.node] ?? [:]))
      default: carried[step.place] = clocks[packets[step.place].from] ?? [:]
      }
    }
    self.events = events
  }

  var text: String {
    let find = world.messages.finder
    return events.map { event in
      let clock = event.clock.sorted { $0.key < $1.key }.map { (world.name(of: $0.key), JSON.integer(Int64($0.value))) }
      let what = event.entry.event.text(in: world, find: find).split(whereSeparator: \.isNewline).joined(separator: " ")
      return
        "\(world.name(of: event.entry.node)) \(JSON.object(clock).encoded)\n\(formatInstant(event.entry.time)) \(what)\n"
    }
    .joined()
  }
}
