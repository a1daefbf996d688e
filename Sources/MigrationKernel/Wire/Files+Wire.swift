extension FileCall.ID: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put(process)
    sink.put32(thread)
    sink.put32(number)
  }

  init(from reader: inout ByteReader) throws(WireError) {
    process = try reader.take()
    thread = try reader.take32()
    number = try reader.take32()
  }
}

extension FileCall: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put(id)
    sink.put(name)
    sink.put(optional: text)
  }

  init(from reader: inout ByteReader) throws(WireError) {
    id = try reader.take()
    name = try reader.takeText()
    text = try reader.takeOptionalText()
  }
}

extension FileAnswer: WireValue {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put(id)
    sink.put(optional: text)
  }

  init(from reader: inout ByteReader) throws(WireError) {
    id = try reader.take()
    text = try reader.takeOptionalText()
  }
}

extension ByteSink {
  fileprivate mutating func put(optional text: String?) {
    put(text != nil)
    if let text { put(text) }
  }
}

extension ByteReader {
  fileprivate mutating func takeOptionalText() throws(WireError) -> String? { try takeFlag() ? takeText() : nil }
}
