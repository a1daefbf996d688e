import Chronicle
import MigrationKernel

/// What is wrong with the drivers of nodes; see `DriverFault`.
struct Drivers: Sendable {
  private struct Flaw: Sendable {
    let node: NodeID
    let fault: DriverFault
    /// How many packets of the kind have been sent since.
    var count: UInt64 = 0
  }

  private var flaws: [Flaw] = []

  /// Whether no driver has a fault.
  @inline(__always)
  var areSound: Bool { flaws.isEmpty }

  /// The same drivers, before they have sent anything.
  var anew: Drivers {
    var drivers = Drivers()
    for flaw in flaws { drivers.spoil(flaw.node, flaw.fault) }
    return drivers
  }

  mutating func spoil(_ node: NodeID, _ fault: DriverFault) {
    flaws.removeAll { $0.node == node && $0.fault.packet == fault.packet }
    flaws.append(Flaw(node: node, fault: fault))
  }

  mutating func replace(_ node: NodeID) { flaws.removeAll { $0.node == node } }

  /// Counts a packet that a node sends.
  ///
  /// - Returns: what its driver does to it; nil when it goes as it should.
  mutating func mistake(with packet: borrowing Packet, of node: NodeID) -> DriverFault.Manner? {
    let name = packet.called
    guard let place = flaws.firstIndex(where: { $0.node == node && $0.fault.packet == name }) else { return nil }
    flaws[place].count += 1
    return flaws[place].count % flaws[place].fault.period == 0 ? flaws[place].fault.manner : nil
  }
}

/// What a driver has made of a packet.
enum Treatment: Sendable {
  case none
  /// It is the second of two.
  case copied
  case altered
  /// No node gets it.
  case lost
}

extension World {
  /// Sends a packet as a faulty driver does.
  mutating func sendWrongly(
    _ manner: DriverFault.Manner, _ packet: Packet, size: Int, from: NodeID, to: NodeID, notify: Notice?
  ) {
    invariants?.observeMistake(with: packet)
    switch manner {
    case .loses: put(packet, size: size, from: from, to: to, notify: notify, .lost)
    case .alters: put(packet, size: size, from: from, to: to, notify: notify, .altered)
    case .repeats:
      put(packet, size: size, from: from, to: to, notify: notify, .none)
      put(packet, size: size, from: from, to: to, notify: nil, .copied)
    }
  }

  /// Reads a packet that its sender's driver has altered, as its receiver reads any.
  ///
  /// - Returns: nil when it cannot be read.
  mutating func readAltered(_ packet: Packet, _ route: ScheduledEvent.Route) -> Packet? {
    var header = WireHeader(incarnation: route.fromIncarnation)
    if route.isUrgent { header.stream = .urgent }
    var bytes = Frame(packet, header).bytes
    bytes[WireHeader.kindOffset] = ~bytes[WireHeader.kindOffset]
    do throws(WireError) {
      return try Frame(bytes).packet
    } catch {
      recordEvent(.packetUnreadable(from: route.from, error), of: route.to)
      return nil
    }
  }
}
