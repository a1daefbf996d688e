extension LoadReport: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put32(UInt32(clamping: runnable))
    sink.put32(UInt32(clamping: cores))
    sink.put64(speed)
    sink.put64(freeMemory)
    sink.put32(UInt32(clamping: processes))
  }

  init(from reader: inout ByteReader) throws(WireError) {
    runnable = Int(try reader.take32())
    cores = Int(try reader.take32())
    speed = try reader.take64()
    freeMemory = try reader.take64()
    processes = Int(try reader.take32())
  }
}

extension Probe: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put32(number)
    sink.put(asksForWork)
    sink.put(report)
  }

  init(from reader: inout ByteReader) throws(WireError) {
    number = try reader.take32()
    asksForWork = try reader.takeFlag()
    report = try reader.take()
  }
}

extension ProbeAnswer: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put32(number)
    sink.put(gives)
    sink.put(report)
  }

  init(from reader: inout ByteReader) throws(WireError) {
    number = try reader.take32()
    gives = try reader.takeFlag()
    report = try reader.take()
  }
}
