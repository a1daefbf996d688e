extension Packet {
  /// Bytes that a page needs besides its contents: its place, and how it is encoded.
  public static let pageOverhead = 4 + 1
  /// Bytes that a page sent as a difference needs besides that: its length.
  static let deltaOverhead = 4
}

extension PageBatch: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put32(UInt32(clamping: pageSize))
    sink.putCount(pages.count)
    for (index, form) in pages {
      sink.put32(index)
      switch form {
      case .whole(let page):
        sink.put8(0)
        sink.put(page, pageSize: pageSize)
      case .zeros: sink.put8(1)
      case .delta(let delta):
        sink.put8(2)
        sink.putCount(delta.bytes.count)
        sink.put(delta.bytes)
      }
    }
  }

  init(from reader: inout ByteReader) throws(WireError) {
    self.init(pageSize: Int(try reader.take32()), isRead: true)
    for _ in 0..<(try reader.takeCount(ofAtLeast: Packet.pageOverhead)) {
      let index = UInt32(try reader.take32(most: AddressSpace.pageLimit - 1, "page number"))
      switch try reader.takeCode("form of a page", { $0 < 3 ? $0 : nil }) {
      case 0: append(index, .whole(try reader.takePage(pageSize)))
      case 1: append(index, .zeros)
      default: append(index, .delta(PageDelta(bytes: try reader.takeBytes(try reader.takeCount(ofAtLeast: 1)))))
      }
    }
  }
}

extension PageSet: WireValue {
  /// The pages as stretches: the first, and how many.
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    let stretches = stretches
    sink.putCount(stretches.count)
    for stretch in stretches {
      sink.put32(UInt32(truncatingIfNeeded: stretch.lowerBound))
      sink.put32(UInt32(truncatingIfNeeded: stretch.count))
    }
  }

  /// Stretches come in ascending order, with a gap between any two.
  init(from reader: inout ByteReader) throws(WireError) {
    var end = 0
    let stretches = try reader.takeList(ofAtLeast: 8) { (reader) throws(WireError) in
      let first = try reader.take32(most: AddressSpace.pageLimit - 1, "page number")
      guard first > end || end == 0 else { throw .badValue("stretch of pages in its order", offset: reader.offset) }
      let count = try reader.take32(most: AddressSpace.pageLimit - first, "number of pages")
      guard count > 0 else { throw .badValue("number of pages", offset: reader.offset) }
      end = first + count
      return first..<end
    }
    try reader.chargePageSet(of: end)
    self.init(stretches, of: end)
  }
}
