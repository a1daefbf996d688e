import Testing

@testable import MigrationKernel

/// Any bytes decode to a packet or to a reason why they are none. Every encoded packet decodes to itself.
@Suite struct DecodingTests {
  static func header(_ number: UInt32) -> WireHeader {
    var header = WireHeader(incarnation: number)
    header.stream = number % 2 == 0 ? .urgent : .ordinary
    header.acknowledgement = number &* 77
    return header
  }

  @Test func everyKindHasItsPacketHere() {
    let kinds = Set(EncodingTests.packets.map(\.kind))
    #expect(Packet.Kind.allCases.filter { !kinds.contains($0) } == [])
  }

  @Test func aPacketGivesItselfAgain() throws {
    for (number, packet) in EncodingTests.packets.enumerated() {
      let header = Self.header(UInt32(number))
      let bytes = Frame(packet, header).bytes
      let frame = try Frame(bytes)
      #expect(frame.header == header)
      #expect(frame.packet.kind == packet.kind)
      #expect(frame.bytes == bytes, "\(word(packet))")
      #expect(frame.packet.digest == packet.digest, "\(word(packet))")
    }
  }

  /// An image has every field, so the value of each field must come back in that field.
  @Test func nothingOfAProcessIsLeftBehind() throws {
    let image = EncodingTests.richImage
    let frame = try Frame(Frame(.handover(EncodingTests.attempt, image), WireHeader(incarnation: 1)).bytes)
    guard case .handover(_, let arrived) = frame.packet else {
      Issue.record("a handover has become \(frame.packet.name)")
      return
    }
    let process = Process(arrived, over: AddressSpace(pageCount: 9, pageSize: 4096), acceptedAt: 106, now: 106)
    let left = EncodingTests.richProcess
    #expect(process.id == left.id && process.name == left.name && process.phase == left.phase)
    #expect(process.createdAt == 105 && process.correspondentAddresses == left.correspondentAddresses)
    #expect(process.trail == left.trail && process.space.remote == left.holders[0].pages)
    #expect(process.holders[0].window == 4 && process.holders[0].expected == nil)
    #expect(process.threads[2].waits == 8 && process.threads[4].guest.isInterruptible)
    let states: [Thread.State] = [
      .ready, .receiving(deadline: 106), .receiving(deadline: nil), left.threads[3].state, .sleeping(until: 109),
      .ended,
      .faulting(page: 2, startedAt: 103), .locking(1), .locking(1), .meeting(0, of: 3), .meeting(0, of: 4), .joining,
      .receiving(deadline: nil), .calling(since: 102),
    ]
    #expect(process.threads.map(\.state) == states && process.synchronization == left.synchronization)
    #expect(process.threads.map(\.cpuTime) == left.threads.map(\.cpuTime))
    #expect(process.threads.map(\.starter) == left.threads.map(\.starter))
    #expect(process.outbox.streams[left.id]?.unacknowledged.first?.sentAt == 104)
    #expect(process.inbox.map(\.text) == ["in"] && process.incoming[left.id]?.early.map(\.text) == ["early"])
    for (here, there) in zip(process.threads.map(\.guest.steps), left.threads.map(\.guest.steps)) {
      #expect(here.registers == there.registers && here.counters == there.counters)
    }
  }

  /// When the clock is younger than what arrives, decoding makes no instant before its beginning.
  @Test func clocksNeedNotAgree() throws {
    let process = Process(
      EncodingTests.richImage, over: AddressSpace(pageCount: 9, pageSize: 4096), acceptedAt: 0, now: 0)
    #expect(process.createdAt == 0 && process.outbox.streams[process.id]?.unacknowledged.first?.sentAt == 0)
    #expect(process.threads[6].state == .faulting(page: 2, startedAt: 0))
  }

  @Test func whatWaitsForEverDoesSoElsewhere() {
    var process = EncodingTests.richProcess
    process.threads[0].state = .sleeping(until: .max)
    let image = ProcessImage(process, leaving: PageSet(), acceptedAt: 0, roundTrip: 0, now: 100)
    #expect(Process(image, over: process.space, acceptedAt: 7, now: 7).threads[0].state == .sleeping(until: .max))
  }

  /// Locks and barriers that do not agree with what the threads wait for are no process.
  @Test(
    arguments: [
      { $0.synchronization.locks[1].queue = [8] }, { $0.synchronization.locks[1].queue = [8, 7, 6] },
      { $0.synchronization.locks[1].queue = [8, 8] }, { $0.synchronization.locks[1].holder = nil },
      { $0.synchronization.locks[1].holder = 14 }, { $0.synchronization.locks[1].holder = 5 },
      { $0.synchronization.barriers[0] = [9] }, { $0.threads[9].state = .meeting(0, of: 2) },
      { $0.threads[9].state = .meeting(1, of: 9) }, { $0.threads[7].state = .locking(2) },
      { $0.threads[1].starter = 1 }, { $0.threads[1].starter = 40 },
    ] as [@Sendable (inout Process) -> Void])
  func threadsThatWaitForNobodyAreNoProcess(_ spoil: @Sendable (inout Process) -> Void) {
    var process = EncodingTests.richProcess
    spoil(&process)
    let image = ProcessImage(process, leaving: PageSet(), acceptedAt: 0, roundTrip: 0, now: 6)
    let bytes = Frame(.handover(EncodingTests.attempt, image), Self.header(1)).bytes
    #expect(throws: WireError.self) { try Frame(bytes) }
  }

  @Test func bytesThatEndTooSoonAreNoPacket() {
    for packet in EncodingTests.packets {
      let bytes = Frame(packet, Self.header(1)).bytes
      for count in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 300)) {
        #expect(throws: WireError.self, "\(word(packet))") { try Frame(Array(bytes.prefix(count))) }
        // With the right length, the content ends too soon.
        guard count >= WireHeader.size else { continue }
        #expect(throws: WireError.self, "\(word(packet)) \(count)") { try Frame(Self.withLength(bytes.prefix(count))) }
      }
      #expect(throws: WireError.trailing(1)) { try Frame(bytes + [0]) }
      #expect(throws: WireError.trailing(1)) { try Frame(Self.withLength(bytes[...] + [0])) }
    }
  }

  private static func withLength(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> ($0 * 8)) } + bytes.dropFirst(4)
  }

  @Test func otherVersionsAndKindsAreNamed() {
    var bytes = Frame(EncodingTests.packets[1], Self.header(1)).bytes
    bytes[5] = 200
    #expect(throws: WireError.unknownKind(200)) { try Frame(bytes) }
    bytes[4] = 9
    #expect(throws: WireError.otherVersion(9)) { try Frame(bytes) }
    #expect(WireError.otherVersion(9).description.contains("run the same migsh on both nodes"))
  }

  /// Large numbers do not make the decoder ask for much memory.
  @Test func aFewBytesAskForLittleMemory() {
    var writer = ByteWriter()
    writer.put(EncodingTests.attempt)
    writer.put32(3)
    writer.putCount(1)
    writer.put32(0)
    writer.put32(UInt32(AddressSpace.pageLimit))
    writer.put(false)
    let one = writer.bytes
    var reader = ByteReader(one)
    #expect(throws: Never.self) { _ = try Packet(.client, from: &reader) }
    writer.put32(1)
    reader = ByteReader(Array(repeating: 0xFF, count: 40))
    #expect(throws: WireError.self) { _ = try Packet(.pageRequest, from: &reader) }
    // Ten sets of all pages that there can be are more than one packet may have.
    var holders = ByteWriter()
    for _ in 0..<10 {
      holders.putCount(1)
      holders.put32(0)
      holders.put32(UInt32(AddressSpace.pageLimit))
    }
    reader = ByteReader(holders.bytes)
    #expect(throws: WireError.self) { for _ in 0..<10 { _ = try PageSet(from: &reader) } }
  }

  /// A packet with changed bytes is read or refused. One that is read is whole: a process can be made from it, and it
  /// encodes to the same bytes again.
  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func changedBytesAreReadOrRefused(seed: UInt64) throws {
    var random = Generator(seed: seed)
    var (read, refused) = (0, 0)
    for packet in EncodingTests.packets {
      let original = Frame(packet, Self.header(1)).bytes
      for _ in 0..<20 {
        var bytes = original
        for _ in 0...random.next(below: 3) {
          let place = Int(random.next(below: UInt64(bytes.count)))
          switch random.next(below: 4) {
          case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
          case 1: bytes[place] ^= 1 << UInt8(random.next(below: 8))
          case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int(random.next(below: 9))))
          default: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
          }
          if bytes.isEmpty { bytes = [0] }
        }
        if bytes.count >= 4 { bytes = Self.withLength(bytes[...]) }
        guard let frame = try? Frame(bytes) else {
          refused += 1
          continue
        }
        read += 1
        #expect(try Frame(frame.bytes).packet.digest == frame.packet.digest)
        if case .handover(_, let image) = frame.packet {
          var process = Process(image, over: AddressSpace(pageCount: 9, pageSize: 4096), acceptedAt: 50, now: 50)
          for thread in process.threads.indices {
            var memory = process.space
            _ = process.threads[thread].guest.run(budget: 1_000_000, speed: 1000, memory: &memory)
          }
        }
      }
    }
    #expect(read > 100 && refused > 100)
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func randomBytesAreRefused(seed: UInt64) {
    var random = Generator(seed: seed)
    for kind in Packet.Kind.allCases {
      let bytes = (0..<random.next(below: 200)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      var reader = ByteReader(bytes)
      if let packet = try? Packet(kind, from: &reader) { #expect(packet.kind == kind) }
    }
  }

  @Test(arguments: 1...50 as ClosedRange<UInt64>)
  func setsOfPagesComeBack(seed: UInt64) throws {
    var random = Generator(seed: seed)
    let pageCount = Int(random.next(below: 1000)) + 1
    var pages = PageSet()
    for page in 0..<pageCount where random.next(below: 3) > 0 { pages.insert(page, of: pageCount) }
    var writer = ByteWriter()
    writer.put(pages)
    var reader = ByteReader(writer.bytes)
    var arrived = try PageSet(from: &reader)
    #expect(arrived == pages && Array(arrived) == Array(pages) && reader.remaining == 0)
    // It can grow as any other.
    arrived.insert(pageCount - 1, of: pageCount)
    #expect(arrived.contains(pageCount - 1) && arrived.count == pages.count + (pages.contains(pageCount - 1) ? 0 : 1))
    var union = PageSet()
    union.insert(0, of: 1)
    union.formUnion(pages)
    #expect(union.count == pages.count + (pages.contains(0) ? 0 : 1))
  }
}
