/// Where the bytes of a packet go.
///
/// One description of the encoding serves to count its bytes, to fold them into a digest, and to write them.
/// Numbers are little-endian; texts and lists have a 32-bit count before them.
package protocol ByteSink {
  mutating func put(_ value: UInt64, bytes: Int)
  mutating func put(_ text: String)
  mutating func put(_ page: Page, pageSize: Int)
  mutating func put(_ bytes: [UInt8])
  /// Bytes that say nothing: the rest of a message's body whose size was given apart from its text.
  mutating func putPadding(_ count: Int)
}

extension ByteSink {
  mutating func put8(_ value: UInt8) { put(UInt64(value), bytes: 1) }
  mutating func put16(_ value: UInt16) { put(UInt64(value), bytes: 2) }
  mutating func put32(_ value: UInt32) { put(UInt64(value), bytes: 4) }
  mutating func put64(_ value: UInt64) { put(value, bytes: 8) }
  mutating func putCount(_ count: Int) { put(UInt64(count), bytes: 4) }

  mutating func put(_ process: ProcessID) {
    put32(process.origin.number)
    put32(process.incarnation)
    put32(process.serial)
    put8(process.forwarding.rawValue)
  }

  mutating func put(_ location: Location) {
    put32(location.node.number)
    put32(location.epoch)
    put64(location.since)
  }

  mutating func put(_ attempt: MigrationAttempt) {
    put(attempt.process)
    put32(attempt.epoch)
  }

  mutating func put(_ message: MessageID) {
    put(message.from)
    put(message.to)
    put32(message.sequence)
  }
}

/// Counts bytes.
struct ByteCounter: ByteSink {
  private(set) var count = 0
  mutating func put(_ value: UInt64, bytes: Int) { count += bytes }
  mutating func put(_ text: String) { count += 4 + text.utf8.count }
  mutating func put(_ page: Page, pageSize: Int) { count += pageSize }
  mutating func put(_ bytes: [UInt8]) { count += bytes.count }
  mutating func putPadding(_ count: Int) { self.count += count }
}

/// Folds bytes into a number that is equal for equal packets.
struct ByteDigest: ByteSink {
  private(set) var value: UInt64 = 0
  mutating func put(_ word: UInt64, bytes: Int) { value = mixed(value ^ word &+ UInt64(bytes)) }
  mutating func put(_ text: String) {
    putCount(text.utf8.count)
    for byte in text.utf8 { put8(byte) }
  }
  mutating func put(_ page: Page, pageSize: Int) { put64(page.digest(at: 0)) }
  mutating func put(_ bytes: [UInt8]) { for byte in bytes { put8(byte) } }
  mutating func putPadding(_ count: Int) {}
}

/// Writes bytes.
package struct ByteWriter: ByteSink {
  package private(set) var bytes: [UInt8] = []
  package init() {}
  package mutating func put(_ value: UInt64, bytes count: Int) {
    for place in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(place * 8))) }
  }
  package mutating func put(_ text: String) {
    putCount(text.utf8.count)
    bytes.append(contentsOf: text.utf8)
  }
  package mutating func put(_ page: Page, pageSize: Int) { bytes.append(contentsOf: page.contents(pageSize: pageSize)) }
  package mutating func put(_ bytes: [UInt8]) { self.bytes.append(contentsOf: bytes) }
  package mutating func putPadding(_ count: Int) { bytes.append(contentsOf: repeatElement(0, count: count)) }
}

extension Packet {
  /// Bytes before a packet's own: its length, its kind, and the sender's incarnation.
  static let headerSize = 4 + 1 + 4
  /// Bytes that a page needs besides its contents: its place, and how it is encoded.
  public static let pageOverhead = 4 + 1
  /// Bytes that a page sent as a difference needs besides that: its length.
  static let deltaOverhead = 4

  /// How many bytes it is on the network, header included.
  public var encodedSize: Int {
    var counter = ByteCounter()
    encode(into: &counter)
    return Self.headerSize + counter.count
  }

  /// A number that is equal for equal packets.
  public var digest: UInt64 {
    var digest = ByteDigest()
    digest.put8(kind)
    encode(into: &digest)
    return digest.value
  }

  /// Its kind, as its header says it.
  private var kind: UInt8 {
    switch self {
    case .offer: 0
    case .accept: 1
    case .refuse: 2
    case .pages: 3
    case .handover: 4
    case .installed: 5
    case .commit: 6
    case .activated: 7
    case .abort: 8
    case .query: 9
    case .unknown: 10
    case .routed: 11
    case .pageRequest: 12
    case .pageSupply: 13
    case .withdrawn: 14
    case .client: 15
    case .release: 16
    case .locate: 17
    case .located: 18
    case .moved: 19
    case .forget: 20
    case .linkUpdated: 21
    case .reserve: 22
    case .reserved: 23
    case .pagesEnd: 24
    case .pagesKept: 25
    case .moving: 26
    case .movedOn: 27
    case .stillNeeded: 28
    }
  }

  /// Writes what follows the header.
  package func encode<Sink: ByteSink>(into sink: inout Sink) {
    switch self {
    case .offer(let attempt, let offer):
      sink.put(attempt)
      sink.put8(UInt8(offer.mechanism.code))
      sink.put(offer.name)
      sink.put32(offer.pages)
      sink.put32(offer.threads)
      sink.put32(offer.pageSize)
    case .refuse(let attempt, let refusal):
      sink.put(attempt)
      sink.put8(refusal.rawValue)
    case .release(let attempt, let epoch), .stillNeeded(let attempt, let epoch):
      sink.put(attempt)
      sink.put32(epoch)
    case .movedOn(let attempt, let node, let epoch):
      sink.put(attempt)
      sink.put32(node.number)
      sink.put32(epoch)
    case .client(let attempt, let epoch, let pages):
      sink.put(attempt)
      sink.put32(epoch)
      pages.encode(into: &sink)
    case .reserve(let attempt, let request):
      sink.put(attempt)
      sink.put32(request.destination.number)
      sink.put32(request.pages)
      sink.put32(request.pageSize)
      // Epochs count from 1.
      sink.put32(request.base ?? 0)
      sink.put8((request.pushes ? 1 : 0) | (request.marksZeros ? 2 : 0))
      sink.put64(request.bandwidth ?? 0)
    case .pageRequest(let attempt, let pages):
      sink.put(attempt)
      sink.putCount(pages.count)
      for page in pages { sink.put32(page) }
    case .pages(let attempt, let batch), .pageSupply(let attempt, let batch):
      sink.put(attempt)
      sink.putCount(batch.pages.count)
      for (index, form) in batch.pages {
        sink.put32(index)
        switch form {
        case .whole(let page):
          sink.put8(0)
          sink.put(page, pageSize: batch.pageSize)
        case .zeros: sink.put8(1)
        case .delta(let delta):
          sink.put8(2)
          sink.putCount(delta.bytes.count)
          sink.put(delta.bytes)
        }
      }
    case .handover(let attempt, let process):
      sink.put(attempt)
      process.encode(into: &sink)
    case .activated(let attempt, let time):
      sink.put(attempt)
      sink.put64(time)
    case .accept(let attempt), .installed(let attempt), .commit(let attempt), .abort(let attempt),
      .query(let attempt), .unknown(let attempt), .reserved(let attempt), .pagesEnd(let attempt),
      .pagesKept(let attempt):
      sink.put(attempt)
    case .locate(let process), .moving(let process), .forget(let process): sink.put(process)
    case .located(let process, let location), .moved(let process, let location):
      sink.put(process)
      sink.put(location)
    case .linkUpdated(let attempt, let process):
      sink.put(attempt)
      sink.put(process)
    case .withdrawn(let attempt, let node):
      sink.put(attempt)
      sink.put32(node.number)
    case .routed(let routed):
      sink.put(routed.to)
      sink.put16(routed.hops)
      sink.put32(routed.since)
      sink.put8(routed.isMoving ? 1 : 0)
      routed.body.encode(into: &sink)
    }
  }
}

extension RoutedPacket.Body {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    switch self {
    case .message(let message):
      sink.put8(0)
      message.encode(into: &sink)
    case .acknowledgement(let from, let expected, let node, let epoch):
      sink.put8(1)
      sink.put(from)
      sink.put32(expected)
      sink.put32(node.number)
      sink.put32(epoch)
    case .waiting(let message):
      sink.put8(2)
      sink.put(message)
    case .undeliverable(let message, let reason):
      sink.put8(3)
      sink.put(message)
      switch reason {
      case .notFound(let node):
        sink.put8(0)
        sink.put32(node.number)
      case .unreachable(let node):
        sink.put8(1)
        sink.put32(node.number)
      case .notHere(let node):
        sink.put8(2)
        sink.put32(node.number)
      }
    case .newAddress(let attempt, let location, let source):
      sink.put8(4)
      sink.put(attempt)
      sink.put(location)
      sink.put32(source.number)
    }
  }
}

extension Message {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put(id)
    sink.put32(base)
    sink.put32(senderNode.number)
    sink.put16(hops)
    sink.put64(sentAt)
    sink.put32(size)
    sink.put(text)
    sink.putPadding(max(0, Int(size) - text.utf8.count))
  }
}

extension Process {
  /// Everything but the contents of the pages, which travel in batches of their own. A process not yet started is only
  /// described.
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put(id)
    sink.put(name)
    sink.put8(phase.code)
    sink.put(family)
    sink.put8(isInseparable ? 1 : 0)
    sink.put8(communication.rawValue)
    sink.put32(UInt32(truncatingIfNeeded: space.pageCount))
    sink.put32(epoch)
    sink.put32(migrations)
    sink.put64(createdAt)
    sink.put64(cpuTime)
    program.encode(into: &sink)
    sink.putCount(threads.count)
    for thread in threads { thread.encode(into: &sink) }
    sink.put16(prefetch)
    sink.put64(space.remoteDigest)
    sink.putCount(holders.count)
    for holder in holders { holder.encode(into: &sink) }
    sink.putCount(trail.count)
    for node in trail { sink.put32(node.number) }
    sink.putCount(links.count)
    for link in links {
      sink.put(link.process)
      sink.put(link.location)
    }
    sink.put32(receivedCount)
    sink.put64(receivedDigest)
    sink.putCount(inbox.count)
    for message in inbox { message.encode(into: &sink) }
    sink.putCount(outbox.streams.count)
    for (receiver, stream) in outbox.streams {
      sink.put(receiver)
      sink.put32(stream.nextSequence)
      sink.putCount(stream.unacknowledged.count)
      for message in stream.unacknowledged { message.encode(into: &sink) }
    }
    sink.putCount(incoming.count)
    for (sender, stream) in incoming {
      sink.put(sender)
      sink.put32(stream.expected)
      sink.putCount(stream.early.count)
      for message in stream.early { message.encode(into: &sink) }
    }
  }
}

extension PageHolder {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put32(node.number)
    sink.put(attempt)
    pages.encode(into: &sink)
  }
}

extension PageSet {
  /// The pages as stretches: the first, and how many.
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    let stretches = stretches
    sink.putCount(stretches.count)
    for stretch in stretches {
      sink.put32(UInt32(truncatingIfNeeded: stretch.lowerBound))
      sink.put32(UInt32(truncatingIfNeeded: stretch.count))
    }
  }
}

extension Process.Phase {
  fileprivate var code: UInt8 {
    switch self {
    case .new: 0
    case .active: 1
    case .held: 2
    case .migrating: 3
    }
  }
}

extension Thread {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    switch state {
    case .ready, .running: sink.put8(0)
    case .receiving(let deadline):
      sink.put8(1)
      sink.put64(deadline ?? .max)
    case .sending(let message):
      sink.put8(2)
      sink.put(message)
    case .sleeping(let until):
      sink.put8(3)
      sink.put64(until)
    case .ended: sink.put8(4)
    case .faulting(let page, _):
      sink.put8(5)
      sink.put32(UInt32(truncatingIfNeeded: page))
    }
    sink.put32(UInt32(guest.position))
    sink.put64(guest.cursor)
    sink.put64(guest.debt)
    sink.put64(guest.generator.state)
    sink.put(guest.correspondent ?? ProcessID.terminal(of: NodeID(.max)))
    for counter in guest.counters { sink.put64(counter) }
    for register in guest.registers { register.encode(into: &sink) }
  }
}

extension RegisterValue {
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
}

extension Program {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    sink.put(name)
    sink.putCount(counterCount)
    sink.putCount(registers.count)
    for register in registers { sink.put(register) }
    sink.putCount(templates.count)
    for template in templates {
      sink.putCount(template.segments.count)
      for segment in template.segments {
        switch segment {
        case .text(let text):
          sink.put8(0)
          sink.put(text)
        case .register(let register):
          sink.put8(1)
          sink.put16(register)
        }
      }
    }
    sink.putCount(instructions.count)
    for instruction in instructions { instruction.encode(into: &sink) }
    sink.putCount(children.count)
    for child in children { child.encode(into: &sink) }
  }
}

extension Instruction {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    switch self {
    case .compute(let time):
      sink.put8(0)
      time.encode(into: &sink)
    case .read(let pages):
      sink.put8(1)
      pages.encode(into: &sink)
    case .write(let pages):
      sink.put8(2)
      pages.encode(into: &sink)
    case .send(let to, let template, let otherwise):
      sink.put8(3)
      to.encode(into: &sink)
      sink.put32(template)
      sink.put32(otherwise ?? .max)
    case .receive(let register, let timeout):
      sink.put8(4)
      sink.put16(register ?? .max)
      sink.put8(timeout == nil ? 0 : 1)
      timeout?.encode(into: &sink)
    case .reply(let template):
      sink.put8(5)
      sink.put32(template)
    case .print(let template):
      sink.put8(6)
      sink.put32(template)
    case .sleep(let time):
      sink.put8(7)
      time.encode(into: &sink)
    case .loop(let times, let counter, let end):
      sink.put8(8)
      sink.put8(times == nil ? 0 : 1)
      times?.encode(into: &sink)
      sink.put16(counter)
      sink.put32(end)
    case .next(let counter, let start):
      sink.put8(9)
      sink.put16(counter)
      sink.put32(start)
    case .jump(let target):
      sink.put8(10)
      sink.put32(target)
    case .fork(let program, let register):
      sink.put8(11)
      sink.put16(program)
      sink.put16(register)
    case .thread(let after):
      sink.put8(12)
      sink.put32(after)
    case .pause: sink.put8(13)
    case .exit: sink.put8(14)
    }
  }
}

extension Operand {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    switch self {
    case .literal(let value):
      sink.put8(0)
      sink.put64(value)
    case .register(let register):
      sink.put8(1)
      sink.put16(register)
    }
  }
}

extension PageSelector {
  func encode<Sink: ByteSink>(into sink: inout Sink) {
    switch self {
    case .one(let page):
      sink.put8(0)
      page.encode(into: &sink)
    case .range(let first, let last):
      sink.put8(1)
      first.encode(into: &sink)
      last.encode(into: &sink)
    case .random(let first, let last):
      sink.put8(2)
      first.encode(into: &sink)
      last.encode(into: &sink)
    case .next(let first, let last, let counter):
      sink.put8(3)
      first.encode(into: &sink)
      last.encode(into: &sink)
      sink.put16(counter)
    }
  }
}
