extension NodeID: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) { sink.put32(number) }
  init(from reader: inout ByteReader) throws(WireError) { self.init(try reader.take32()) }
}

extension ProcessID: WireValue {
  /// Bytes of every identifier.
  static let wireSize = 13

  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put(origin)
    sink.put32(incarnation)
    sink.put32(serial)
    sink.put8(forwarding.rawValue)
  }

  init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      origin: try reader.take(), incarnation: try reader.take32(), serial: try reader.take32(),
      forwarding: try reader.takeCode("forwarding mechanism", ForwardingMechanism.init(rawValue:)))
  }
}

extension MigrationAttempt: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put(process)
    sink.put32(epoch)
  }

  init(from reader: inout ByteReader) throws(WireError) {
    self.init(process: try reader.take(), epoch: try reader.take32())
  }
}

extension MessageID: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put(from)
    sink.put(to)
    sink.put32(sequence)
  }

  init(from reader: inout ByteReader) throws(WireError) {
    self.init(from: try reader.take(), to: try reader.take(), sequence: try reader.take32())
  }
}

extension Address: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put(node)
    sink.put32(epoch)
  }

  init(from reader: inout ByteReader) throws(WireError) {
    self.init(node: try reader.take(), epoch: try reader.take32())
  }
}
