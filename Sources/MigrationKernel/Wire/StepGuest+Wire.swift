extension StepGuest {
  /// A program may have neither registers nor counters.
  static let leastWireSize = 4 + 8 + 8 + 8 + 1 + ProcessID.wireSize

  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put32(UInt32(clamping: position))
    sink.put64(cursor)
    sink.put64(debt)
    sink.put64(generator.state)
    sink.put(isInterruptible)
    sink.put(correspondent ?? .nobody)
    for counter in counters { sink.put64(counter) }
    for register in registers { sink.put(register) }
  }

  /// - Parameter program: which it executes; it says how many counters and registers follow.
  init(from reader: inout ByteReader, program: StepProgram) throws(WireError) {
    self.init(program: program, environment: [:], seed: 0)
    position = try reader.take32(most: program.instructions.count, "place in the program")
    cursor = try reader.take64()
    debt = try reader.take64()
    generator.state = try reader.take64()
    isInterruptible = try reader.takeFlag()
    let process: ProcessID = try reader.take()
    correspondent = process == .nobody ? nil : process
    for place in counters.indices { counters[place] = try reader.take64() }
    for place in registers.indices { registers[place] = try reader.take() }
  }
}

extension ProcessID {
  fileprivate static let nobody = ProcessID.terminal(of: NodeID(.max), incarnation: 0)
}

extension RegisterValue: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    switch self {
    case .none: sink.put8(0)
    case .number(let number):
      sink.put8(1)
      sink.put64(number)
    case .text(let text):
      sink.put8(2)
      sink.put(text)
    case .process(let process, let name):
      sink.put8(3)
      sink.put(process)
      sink.put(name)
    }
  }

  init(from reader: inout ByteReader) throws(WireError) {
    switch try reader.takeCode("kind of register", { $0 < 4 ? $0 : nil }) {
    case 0: self = .none
    case 1: self = .number(try reader.take64())
    case 2: self = .text(try reader.takeText())
    default: self = .process(try reader.take(), name: try reader.takeText())
    }
  }
}
