import Testing

@testable import MigrationKernel

@Suite struct EncodingTests {
  static let process = ProcessID(origin: NodeID(3), incarnation: 2, serial: 5)
  static let attempt = MigrationAttempt(process: process, epoch: 7)

  static let address = Address(node: NodeID(4), epoch: 7)

  static func message(_ text: String, size: UInt32) -> Message {
    Message(
      id: MessageID(from: process, to: process, sequence: 1), text: text, size: size, base: 0,
      senderNode: NodeID(1), hops: 3)
  }

  /// A message for which a thread waits, with two acknowledgements.
  static var withRiders: RoutedPacket {
    var packet = RoutedPacket(to: process, hops: 2, body: .message(message("x", size: 1)))
    packet.isMoving = true
    packet.isAwaited = true
    packet.riders = [0, 9].map { Acknowledgement(to: process, from: process, expected: $0, address: address) }
    return packet
  }

  static func routed(_ body: RoutedPacket.Body) -> Packet { .routed(RoutedPacket(to: process, hops: 2, body: body)) }

  /// A program with every instruction, operand, selector and kind of text.
  static var richProgram: StepProgram {
    let operands: [InstructionOperand] = [.literal(1), .register(0)]
    let selectors: [PageOperand] = operands.flatMap {
      [.one($0), .range($0, $0), .random($0, $0), .next($0, $0, counter: 0)]
    }
    var instructions: [Instruction] = [.loop(times: nil, counter: 0, end: 0)]
    instructions += operands.flatMap {
      [
        .compute($0), .sleep($0), .send(to: $0, template: 0, otherwise: 2), .receive(into: 0, timeout: $0),
        .loop(times: $0, counter: 0, end: 0), .barrier(0, of: $0),
      ]
    }
    instructions += selectors.flatMap { [.read($0), .write($0)] }
    instructions += [
      .send(to: .register(0), template: 0, otherwise: nil), .receive(into: nil, timeout: nil), .reply(template: 0),
      .print(template: 0), .next(counter: 0, start: 0), .jump(1),
      .fork(program: 0, into: 0), .thread(after: 1), .lock(1), .unlock(0), .join, .readFile(0, into: 1),
      .readFile(1, into: nil), .writeFile(1, template: 0), .pause,
      .exit,
    ]
    return program(
      instructions, templates: [TextTemplate([.text("é"), .register(0)])], registers: ["a", "b", "c", "d"], counters: 2,
      children: [waiter], locks: ["free", "tåken"], barriers: ["gate"], files: ["a", "b"])
  }

  /// A process with a thread in every state and messages wherever they can be.
  static var richProcess: Process {
    var result = Process(
      SpawnRequest(
        name: "näme", program: richProgram, pages: 9, threads: 14,
        environment: ["a": .number(1), "b": .text("x"), "c": .process(process, name: "p")],
        seed: 1),
      id: process, pageSize: 4096, seed: 1, now: 5)
    let states: [Thread.State] = [
      .ready, .receiving(deadline: 5), .receiving(deadline: nil), .sending(message("", size: 0).id),
      .sleeping(until: 9), .ended, .faulting(page: 2, startedAt: 3), .locking(1), .locking(1), .meeting(0, of: 3),
      .meeting(0, of: 4), .joining, .receiving(deadline: nil), .calling(since: 2),
    ]
    for (place, state) in states.enumerated() { result.threads[place].state = state }
    result.threads[2].waits = 8
    for thread in result.threads.indices { result.threads[thread].cpuTime = Nanoseconds(thread) }
    for thread in [1, 2, 5] { result.threads[thread].starter = 0 }
    result.threads[12].starter = 11
    result.synchronization.locks[1] = Synchronization.Lock(holder: 4, queue: [8, 7])
    result.synchronization.barriers[0] = [10, 9]
    result.threads[4].guest.steps.isInterruptible = true
    var pages = PageSet()
    for page in [2, 3, 8] { pages.insert(page, of: 9) }
    result.holders = [RemoteHolding(node: NodeID(6), attempt: attempt, pages: pages, window: 4)]
    result.trail = [NodeID(1), NodeID(6)]
    result.correspondentAddresses = [Correspondent(process: process, address: address)]
    result.inbox = [message("in", size: 100)]
    result.outbox.streams[process] = OutgoingStream(
      nextSequence: 2, unacknowledged: [UnacknowledgedMessage(message: message("out", size: 3), sentAt: 4)])
    result.incoming[process] = IncomingStream(expected: 1, early: [message("early", size: 50)])
    return result
  }

  static var richImage: ProcessImage {
    ProcessImage(richProcess, leaving: PageSet(), acceptedAt: 0, roundTrip: 0, now: 6)
  }

  static var packets: [Packet] {
    var space = AddressSpace(pageCount: 3, pageSize: 4096)
    space[0] = .word(7)
    space[1] = .bytes([UInt8](repeating: 1, count: 4096))
    let call = FileCall.ID(process: process, thread: 2, number: 9)
    let offer = MigrationOffer(mechanism: .totalFreezing, name: "näme", pages: 9, threads: 1, pageSize: 4096)
    return [
      .offer(attempt, offer), .accept(attempt), .refuse(attempt, .noRoom), .refuse(attempt, .otherPageSize),
      .pages(attempt, PageBatch(space, from: 0)), .pages(attempt, PageBatch(space, from: 3)),
      .pages(attempt, PageBatch(space, from: 0, marksZeros: true)), .pages(attempt, deltas(space)),
      .handover(attempt, richImage), .installed(attempt), .commit(attempt), .activated(attempt),
      .abort(attempt), .query(attempt), .unknown(attempt),
      .reserve(
        attempt,
        FlushRequest(
          destination: NodeID(1), pages: 9, pageSize: 4096, base: 6, pushes: true, bandwidth: nil, marksZeros: false)),
      .reserve(
        attempt,
        FlushRequest(
          destination: NodeID(1), pages: 9, pageSize: 4096, base: nil, pushes: false, bandwidth: nil, marksZeros: true)),
      .pageRequest(attempt, pages: [3, 4]), .pageSupply(attempt, PageBatch(space, from: 1)),
      .withdrawn(attempt, becauseOf: NodeID(2)), .reserved(attempt), .pagesEnd(attempt), .pagesKept(attempt),
      .client(attempt, epoch: 3, pages: PageSet(all: 9)),
      .client(attempt, epoch: 3, pages: PageSet(all: 9), afterBreak: true),
      .release(attempt, epoch: 9), .movedOn(attempt, to: NodeID(2), epoch: 9), .stillNeeded(attempt, epoch: 9),
      routed(.message(message("héllo", size: 6))),
      routed(.message(message("héllo", size: 1000))), routed(.message(message("", size: 0))),
      routed(.acknowledgement(from: process, expected: 4, at: Address(node: NodeID(2), epoch: 6))),
      .routed(withRiders), routed(.inquiry(message("", size: 0).id, from: NodeID(1))),
      routed(.missing(message("", size: 0).id)), routed(.waiting(message("", size: 0).id)),
      routed(.undeliverable(message("", size: 0).id, .notFound(at: NodeID(1)))),
      routed(.undeliverable(message("", size: 0).id, .rebooted(NodeID(1), incarnation: 2))),
      routed(.undeliverable(message("", size: 0).id, .unreachable(NodeID(1)))),
      routed(.undeliverable(message("", size: 0).id, .notHere(at: NodeID(1)))),
      routed(.newAddress(attempt, address, source: NodeID(1))),
      .linkUpdated(attempt, at: NodeID(1), by: process, isMoving: true), .locate(process),
      .located(process, address), .moving(process), .moved(process, address), .forget(process),
      .fileCall(FileCall(id: call, name: "näme", text: nil)),
      .fileCall(FileCall(id: call, name: "name", text: "téxt")),
      .fileAnswer(FileAnswer(id: call, text: nil)),
      .load(LoadReport(runnable: 3, cores: 2, speed: 500, freeMemory: 1 << 33, processes: 4)),
      .probe(
        Probe(
          number: 9, asksForWork: true,
          report: LoadReport(runnable: 0, cores: 1, speed: 1000, freeMemory: 1 << 20, processes: 2))),
      .probeAnswer(
        ProbeAnswer(
          number: 9, gives: true,
          report: LoadReport(runnable: 7, cores: 4, speed: 2500, freeMemory: 0, processes: 1))),
      .fileAnswer(FileAnswer(id: call, text: "téxt")),
    ] + parts
  }

  /// The first part and the rest of a long message and a long process.
  static var parts: [Packet] {
    var process = richProcess
    process.inbox = [message("in", size: 40_000)]
    let image = ProcessImage(process, leaving: PageSet(), acceptedAt: 0, roundTrip: 0, now: 6)
    let contents: [LongPacket.Content] = [
      .routed(RoutedPacket(to: self.process, body: .message(message("long", size: 50_000)))), .handover(attempt, image),
    ]
    return contents.flatMap { content in
      var long = LongPacket(content)
      var packets: [Packet] = []
      while let (part, size) = long.takePart() {
        packets.append(.part(part))
        #expect(packets.last?.encodedSize == size && size <= LongPacket.partSize)
      }
      return [packets[0], long.rest.packet]
    }
  }

  /// The parts and the rest have the bytes of the whole, and what each part has of its own.
  @Test func partsAndRestAreTheWhole() throws {
    for content in [
      LongPacket.Content.routed(RoutedPacket(to: Self.process, body: .message(Self.message("x", size: 1 << 20)))),
      .routed(RoutedPacket(to: Self.process, body: .message(Self.message("x", size: 16_384)))),
      .routed(RoutedPacket(to: Self.process, body: .message(Self.message("x", size: 16_000)))),
    ] {
      var long = LongPacket(content)
      let (whole, announced) = (long.size, long.sizeWithParts)
      var (count, own) = (0, 0)
      while let (part, size) = long.takePart() {
        count += 1
        own += size - Int(part.bytes)
      }
      let rest = long.rest.packet.encodedSize
      #expect(long.partBytes + rest == announced)
      #expect(announced == whole + own + (count > 0 ? 4 : 0))
      #expect(rest <= LongPacket.partSize + 4)
    }
  }

  /// Pages that were sent before as zeros, and one that was not.
  static func deltas(_ space: AddressSpace) -> PageBatch {
    var batch = PageBatch(pageSize: space.pageSize)
    for index in 0..<space.pageCount {
      batch.append(
        UInt32(index),
        PageForm(space[index], marksZeros: false, over: index == 1 ? nil : .zero, pageSize: space.pageSize))
    }
    return batch
  }

  @Test func theFormOfAPageIsInThePacket() {
    var batch = PageBatch(pageSize: 2)
    batch.append(7, .whole(.word(0x0201)))
    batch.append(8, .zeros)
    batch.append(9, .delta(PageDelta(bytes: [0, 1, 5])))
    var writer = ByteWriter()
    Packet.pages(Self.attempt, batch).encode(into: &writer)
    let pages: [UInt8] = [7, 0, 0, 0, 0, 1, 2] + [8, 0, 0, 0, 1] + [9, 0, 0, 0, 2, 3, 0, 0, 0, 0, 1, 5]
    #expect(writer.bytes.suffix(pages.count + 4) == [3, 0, 0, 0] + pages)
  }

  @Test func aPacketIsAsLongAsItSays() {
    for packet in Self.packets {
      let bytes = Frame(packet, WireHeader(incarnation: 3)).bytes
      #expect(packet.encodedSize == bytes.count, "\(word(packet))")
      #expect(Array(bytes.prefix(4)) == (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> ($0 * 8)) })
      // The packet is exactly these bytes: with a byte less or more, and a length that fits, it is no packet.
      #expect(throws: WireError.self, "\(word(packet))") { try Frame(Self.relabelled(Array(bytes.dropLast()))) }
      #expect(throws: WireError.self, "\(word(packet))") { try Frame(Self.relabelled(bytes + [0])) }
    }
  }

  /// The bytes of a frame that says how many they are.
  private static func relabelled(_ bytes: [UInt8]) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> ($0 * 8)) } + bytes.dropFirst(4)
  }

  /// The sizes are counted by hand, from the tables of the encoding. Only this test notices a field that is left out in
  /// counting, writing and reading alike.
  @Test func sizesAreThoseOfTheTables() {
    let (header, process, attempt) = (15, 13, 17)
    let address = Address(node: NodeID(1), epoch: 2)
    #expect(Packet.accept(Self.attempt).encodedSize == header + attempt)
    #expect(Packet.refuse(Self.attempt, .noRoom).encodedSize == header + attempt + 1)
    #expect(Packet.pageRequest(Self.attempt, pages: [1, 2, 3]).encodedSize == header + attempt + 4 + 3 * 4)
    #expect(Packet.withdrawn(Self.attempt, becauseOf: NodeID(3)).encodedSize == header + attempt + 4)
    #expect(Packet.release(Self.attempt, epoch: 9).encodedSize == header + attempt + 4)
    #expect(Packet.movedOn(Self.attempt, to: NodeID(1), epoch: 3).encodedSize == header + attempt + 8)
    #expect(Packet.locate(Self.process).encodedSize == header + process)
    #expect(Packet.moved(Self.process, address).encodedSize == header + process + 8)
    let updated = Packet.linkUpdated(Self.attempt, at: NodeID(1), by: Self.process, isMoving: false)
    #expect(updated.encodedSize == header + attempt + 4 + process + 1)
  }

  @Test func aMessageIsAsLongAsItsSenderSaysWhereverItIs() {
    let short = Self.routed(.message(Self.message("ab", size: 2))).encodedSize
    #expect(Self.routed(.message(Self.message("ab", size: 5000))).encodedSize == short + 4998)
    var process = Self.richProcess
    func size() -> Int {
      Packet.handover(Self.attempt, ProcessImage(process, leaving: PageSet(), acceptedAt: 0, roundTrip: 0, now: 6))
        .encodedSize
    }
    let before = size()
    process.inbox.append(Self.message("ab", size: 5000))
    let extra = size() - before
    process.inbox.append(Self.message("ab", size: 2))
    #expect(size() - before - extra == extra - 4998)
  }

  @Test func pagesCostTheirContentsAndTheirOverhead() {
    let space = AddressSpace(pageCount: 20, pageSize: 4096)
    let empty = Packet.pages(Self.attempt, PageBatch(space, from: 20)).encodedSize
    let full = Packet.pages(Self.attempt, PageBatch(space, from: 0))
    #expect(full.pageCount == 15)
    #expect(full.encodedSize == empty + 15 * (4096 + Packet.pageOverhead))
    #expect(full.encodedSize <= PageBatch.targetSize + empty)
  }

  @Test func aPageIsWrittenAsItStandsInMemory() {
    var writer = ByteWriter()
    writer.put(Page.word(0x0102), pageSize: 16)
    #expect(writer.bytes == [2, 1] + [UInt8](repeating: 0, count: 14))
    var same = ByteWriter()
    same.put(Page.bytes(writer.bytes), pageSize: 16)
    #expect(same.bytes == writer.bytes)
  }

  @Test func equalPacketsHaveEqualDigestsAndOthersDoNot() {
    let digests = Self.packets.map(\.digest)
    #expect(digests == Self.packets.map(\.digest))
    // The padding of a message has no content, so only its size tells the two apart.
    #expect(Set(digests).count == digests.count)
  }

  @Test func everyByteHasACause() {
    for packet in Self.packets {
      let expected: Cause =
        switch word(packet) {
        case "pages", "pageSupply": .page
        case "handover": .processState
        case "fileCall", "fileAnswer": .systemCall
        case "load", "probe", "probeAnswer": .load
        case "message": .message
        case "part": packet.part?.whole.attempt == nil ? .message : .processState
        case "newAddress", "linkUpdated", "locate", "located", "moving", "moved", "forget": .location
        default: .control
        }
      #expect(packet.cause == expected, "\(word(packet))")
      // A packet that belongs to no move is for a message or a file, finds a process, or tells a load.
      let isForAll = [
        "acknowledgement", "inquiry", "waiting", "missing", "undeliverable", "locate", "located", "moving",
        "forget", "fileCall", "fileAnswer", "load", "probe", "probeAnswer",
      ]
      let isOfMessage = packet.messageOfWhole != nil
      #expect((packet.attempt == nil) == (isOfMessage || isForAll.contains(word(packet))), "\(word(packet))")
    }
    var line = Self.message("", size: 0)
    #expect(Self.routed(.message(line)).cause == .message)
    line = Message(
      id: MessageID(from: Self.process, to: .terminal(of: NodeID(3), incarnation: 1), sequence: 0), text: "", size: 0,
      base: 0, senderNode: NodeID(1))
    #expect(Self.routed(.message(line)).cause == .systemCall)
    #expect(
      Self.routed(
        .acknowledgement(
          from: .terminal(of: NodeID(3), incarnation: 1), expected: 0, at: Address(node: NodeID(3), epoch: 0))
      )
      .cause
        == .systemCall)
  }
}

extension PageBatch {
  /// The first packet that carries the pages from `first` on.
  init(_ space: AddressSpace, from first: Int, marksZeros: Bool = false) {
    var pages = PageSet()
    for page in first..<space.pageCount { pages.insert(page, of: space.pageCount) }
    var stream = PageStream(pages)
    self = stream.next(space, marksZeros: marksZeros) ?? PageBatch(pageSize: space.pageSize)
  }
}
