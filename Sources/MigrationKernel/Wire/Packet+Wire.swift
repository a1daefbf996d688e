extension Packet {
  /// Its kind, as its header says it.
  enum Kind: UInt8, CaseIterable {
    case offer, accept, refuse, pages, handover, installed, commit, activated, abort, query, unknown, routed
    case pageRequest, pageSupply, withdrawn, client, release, locate, located, moved, forget, linkUpdated
    case reserve, reserved, pagesEnd, pagesKept, moving, movedOn, stillNeeded
  }

  var kind: Kind {
    switch self {
    case .offer: .offer
    case .accept: .accept
    case .refuse: .refuse
    case .pages: .pages
    case .handover: .handover
    case .installed: .installed
    case .commit: .commit
    case .activated: .activated
    case .abort: .abort
    case .query: .query
    case .unknown: .unknown
    case .routed: .routed
    case .pageRequest: .pageRequest
    case .pageSupply: .pageSupply
    case .withdrawn: .withdrawn
    case .client: .client
    case .release: .release
    case .locate: .locate
    case .located: .located
    case .moved: .moved
    case .forget: .forget
    case .linkUpdated: .linkUpdated
    case .reserve: .reserve
    case .reserved: .reserved
    case .pagesEnd: .pagesEnd
    case .pagesKept: .pagesKept
    case .moving: .moving
    case .movedOn: .movedOn
    case .stillNeeded: .stillNeeded
    }
  }

  /// Writes what follows the header.
  package func encode<Sink: ByteSink>(into sink: inout Sink) {
    switch self {
    case .accept(let attempt), .installed(let attempt), .commit(let attempt), .activated(let attempt),
      .abort(let attempt), .query(let attempt), .unknown(let attempt), .reserved(let attempt), .pagesEnd(let attempt),
      .pagesKept(let attempt):
      sink.put(attempt)
    case .offer(let attempt, let offer):
      sink.put(attempt)
      sink.put(offer)
    case .refuse(let attempt, let refusal):
      sink.put(attempt)
      sink.put8(refusal.rawValue)
    case .reserve(let attempt, let request):
      sink.put(attempt)
      sink.put(request)
    case .pages(let attempt, let batch), .pageSupply(let attempt, let batch):
      sink.put(attempt)
      sink.put(batch)
    case .handover(let attempt, let image):
      sink.put(attempt)
      sink.put(image)
    case .pageRequest(let attempt, let pages):
      sink.put(attempt)
      sink.putCount(pages.count)
      for page in pages { sink.put32(page) }
    case .withdrawn(let attempt, let node):
      sink.put(attempt)
      sink.put(node)
    case .client(let attempt, let epoch, let pages):
      sink.put(attempt)
      sink.put32(epoch)
      sink.put(pages)
    case .release(let attempt, let epoch), .stillNeeded(let attempt, let epoch):
      sink.put(attempt)
      sink.put32(epoch)
    case .movedOn(let attempt, let node, let epoch):
      sink.put(attempt)
      sink.put(node)
      sink.put32(epoch)
    case .locate(let process), .moving(let process), .forget(let process): sink.put(process)
    case .located(let process, let address), .moved(let process, let address):
      sink.put(process)
      sink.put(address)
    case .linkUpdated(let attempt, let correspondent):
      sink.put(attempt)
      sink.put(correspondent)
    case .routed(let routed): sink.put(routed)
    }
  }

  /// Reads what follows the header of a packet of that kind.
  init(_ kind: Kind, from reader: inout ByteReader) throws(WireError) {
    switch kind {
    case .offer: self = .offer(try reader.take(), try reader.take())
    case .accept: self = .accept(try reader.take())
    case .refuse: self = .refuse(try reader.take(), try reader.takeCode("refusal", MigrationRefusal.init(rawValue:)))
    case .reserve: self = .reserve(try reader.take(), try reader.take())
    case .reserved: self = .reserved(try reader.take())
    case .pages: self = .pages(try reader.take(), try reader.take())
    case .pagesEnd: self = .pagesEnd(try reader.take())
    case .pagesKept: self = .pagesKept(try reader.take())
    case .handover: self = .handover(try reader.take(), try reader.take())
    case .installed: self = .installed(try reader.take())
    case .commit: self = .commit(try reader.take())
    case .activated: self = .activated(try reader.take())
    case .abort: self = .abort(try reader.take())
    case .query: self = .query(try reader.take())
    case .unknown: self = .unknown(try reader.take())
    case .pageRequest:
      self = .pageRequest(
        try reader.take(),
        pages: try reader.takeList(ofAtLeast: 4) { (reader) throws(WireError) in try reader.take32() })
    case .pageSupply: self = .pageSupply(try reader.take(), try reader.take())
    case .withdrawn: self = .withdrawn(try reader.take(), becauseOf: try reader.take())
    case .client: self = .client(try reader.take(), epoch: try reader.take32(), pages: try reader.take())
    case .release: self = .release(try reader.take(), epoch: try reader.take32())
    case .stillNeeded: self = .stillNeeded(try reader.take(), epoch: try reader.take32())
    case .movedOn: self = .movedOn(try reader.take(), to: try reader.take(), epoch: try reader.take32())
    case .locate: self = .locate(try reader.take())
    case .located: self = .located(try reader.take(), try reader.take())
    case .moving: self = .moving(try reader.take())
    case .moved: self = .moved(try reader.take(), try reader.take())
    case .forget: self = .forget(try reader.take())
    case .linkUpdated: self = .linkUpdated(try reader.take(), by: try reader.take())
    case .routed: self = .routed(try reader.take())
    }
  }
}

extension ByteReader {
  /// A value whose type says how it is read.
  mutating func take<Value: WireValue>() throws(WireError) -> Value { try Value(from: &self) }
}
