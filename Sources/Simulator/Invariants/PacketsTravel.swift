import MigrationKernel

/// A packet survives being encoded and decoded, and has as many bytes as its sender counted. Kernels on different
/// machines have nothing but these bytes in common.
struct PacketsTravel: Sendable {
  /// - Returns: the packet that the receiver decodes, and what is wrong with the bytes; nil when nothing is.
  func decodeAgain(_ packet: Packet, size: Int, _ incarnation: UInt32) -> (packet: Packet, found: String?) {
    let header = WireHeader(incarnation: incarnation)
    let bytes = Frame(packet, header).bytes
    guard bytes.count == size else {
      return (packet, "a packet (\(packet.name)) of \(bytes.count) bytes was counted as \(size)")
    }
    do throws(WireError) {
      let frame = try Frame(bytes)
      guard frame.header == header else {
        return (packet, "the header of a packet (\(packet.name)) changed on its way")
      }
      return (frame.packet, nil)
    } catch {
      return (packet, "a packet (\(packet.name)) cannot be read: \(error)")
    }
  }
}
