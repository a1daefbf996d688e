import MigrationKernel

/// What arrives is what the bytes of a packet say, and they are as many as its sender counted: kernels that run on
/// different machines have nothing else in common.
struct PacketsTravel: Sendable {
  /// - Returns: the packet that its receiver makes of the bytes, and what is wrong with them; nil when nothing is.
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
