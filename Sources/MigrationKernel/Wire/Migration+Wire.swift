extension MigrationOffer: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put8(mechanism.code)
    sink.put(name)
    sink.put32(pages)
    sink.put32(threads)
    sink.put32(pageSize)
  }

  init(from reader: inout ByteReader) throws(WireError) {
    mechanism = try reader.takeCode("transfer mechanism", TransferMechanism.init(code:))
    name = try reader.takeText()
    pages = UInt32(try reader.take32(most: AddressSpace.pageLimit, "number of pages"))
    threads = try reader.take32()
    pageSize = try reader.take32()
  }
}

extension FlushRequest: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put(destination)
    sink.put32(pages)
    sink.put32(pageSize)
    // Epochs count from 1, and bits a second too.
    sink.put32(base ?? 0)
    sink.put8((pushes ? 1 : 0) | (marksZeros ? 2 : 0) | (recovers ? 4 : 0))
    sink.put64(bandwidth ?? 0)
  }

  init(from reader: inout ByteReader) throws(WireError) {
    destination = try reader.take()
    pages = UInt32(try reader.take32(most: AddressSpace.pageLimit, "number of pages"))
    pageSize = try reader.take32()
    let epoch = try reader.take32()
    base = epoch == 0 ? nil : epoch
    let flags = try reader.takeCode("set of flags") { $0 < 8 ? $0 : nil }
    pushes = flags & 1 != 0
    marksZeros = flags & 2 != 0
    recovers = flags & 4 != 0
    let rate = try reader.take64()
    bandwidth = rate == 0 ? nil : rate
  }
}
