/// The program says of which kind the guests of a process are, so their state does not.
extension ThreadGuest {
  static var leastWireSize: Int { StepGuest.leastWireSize }

  func encode<Sink: ByteSink>(into sink: inout Sink) {
    switch kind {
    case .steps: stepGuest!.encode(into: &sink)
    }
  }

  init(from reader: inout ByteReader, program: ProgramImage) throws(WireError) {
    switch program {
    case .steps(let program): self.init(try StepGuest(from: &reader, program: program))
    }
  }
}

/// There is one kind of program, so nothing is written that says which. With a second one a byte that does comes first, in
/// a new version of the encoding (`WireHeader.version`).
extension ProgramImage: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    switch self {
    case .steps(let program): program.encode(into: &sink)
    }
  }

  init(from reader: inout ByteReader) throws(WireError) { self = .steps(try reader.take()) }
}
