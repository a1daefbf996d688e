import MigrationKernel

/// A packet survives being encoded and decoded, and has as many bytes as its sender counted. Kernels on different
/// machines have nothing but these bytes in common. All parts of something long come before the rest, over the same
/// connection.
struct PacketsTravel: Sendable {
  private struct Way: Hashable {
    let from: NodeID
    let incarnation: UInt32
    let to: NodeID
    let connection: UInt32
    let whole: Part.Whole
  }

  /// Bytes that have come in parts.
  private var parts: [Way: Int] = [:]
  /// Long things whose rest a driver did something wrong with: it may come without its parts, or they without it.
  private var torn: Set<Part.Whole> = []

  /// Notes that a driver does something wrong with a packet.
  mutating func observeMistake(with packet: borrowing Packet) {
    if let (whole, _) = packet.rest { torn.insert(whole) }
  }

  /// - Returns: the packet that the receiver decodes, and what is wrong with the bytes; nil when nothing is.
  mutating func decodeAgain(
    _ packet: Packet, size: Int, _ route: ScheduledEvent.Route
  ) -> (packet: Packet, found: String?) {
    var header = WireHeader(incarnation: route.fromIncarnation)
    if route.isUrgent { header.stream = .urgent }
    let bytes = Frame(packet, header).bytes
    guard bytes.count == size else {
      return (packet, "a packet (\(packet.name)) of \(bytes.count) bytes was counted as \(size)")
    }
    do throws(WireError) {
      let frame = try Frame(bytes)
      guard frame.header == header else {
        return (packet, "the header of a packet (\(packet.name)) changed on its way")
      }
      return (frame.packet, route.isRepeated || route.treatment == .copied ? nil : putTogether(frame.packet, route))
    } catch {
      return (packet, "a packet (\(packet.name)) cannot be read: \(error)")
    }
  }

  private mutating func putTogether(_ packet: Packet, _ route: ScheduledEvent.Route) -> String? {
    func way(of whole: Part.Whole) -> Way {
      Way(
        from: route.from, incarnation: route.fromIncarnation, to: route.to, connection: route.connection, whole: whole)
    }
    if let (whole, bytes) = packet.part {
      parts[way(of: whole), default: 0] += Int(bytes)
    } else if let (whole, sentBefore) = packet.rest {
      let come = parts.removeValue(forKey: way(of: whole)) ?? 0
      if come != sentBefore, !torn.contains(whole) {
        return "of a \(packet.name) \(sentBefore) bytes went in parts, and \(come) have come"
      }
    }
    return nil
  }
}
