import Testing

@testable import MigrationKernel

/// An address space that is read and written by bytes behaves as a plain array of bytes, except for faults.
@Suite struct ByteAccessTests {
  /// An address space, and what it should hold.
  struct Model {
    var space: AddressSpace
    var bytes: [UInt8]
    var written: Set<Int> = []
    let pageSize: Int

    init(pageCount: Int, pageSize: Int) {
      space = AddressSpace(pageCount: pageCount, pageSize: pageSize)
      bytes = [UInt8](repeating: 0, count: pageCount * pageSize)
      self.pageSize = pageSize
    }

    mutating func write(_ new: [UInt8], at address: Int) throws {
      try space.write(new, at: UInt64(address))
      note(new, at: address)
    }

    mutating func writeNumber<Number: FixedWidthInteger & UnsignedInteger>(_ number: Number, at address: Int) throws {
      try space.writeNumber(number, at: UInt64(address))
      note((0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> Number($0 * 8)) }, at: address)
    }

    /// Replaces a page, by a write or by a page that comes from elsewhere.
    mutating func store(_ contents: [UInt8], inPage page: Int, isComing: Bool) throws {
      let whole = contents + [UInt8](repeating: 0, count: pageSize - contents.count)
      if isComing {
        space.store(Page(contents: contents), at: page, isNew: true)
        note(whole, at: page * pageSize)
      } else {
        try write(whole, at: page * pageSize)
      }
    }

    mutating func increment(_ page: Int) {
      space.increment(page)
      let start = page * pageSize
      let word = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << UInt64($1 * 8) } &+ 1
      note((0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64($0 * 8)) }, at: start)
    }

    private mutating func note(_ new: [UInt8], at address: Int) {
      bytes.replaceSubrange(address..<address + new.count, with: new)
      written.formUnion((address..<address + new.count).map { $0 / pageSize })
    }

    /// Checks everything that can be seen of the address space.
    func check(_ comment: Comment) throws {
      var fresh = AddressSpace(pageCount: space.pageCount, pageSize: pageSize)
      for page in 0..<space.pageCount {
        let contents = Array(bytes[page * pageSize..<(page + 1) * pageSize])
        fresh[page] = .bytes(contents)
        #expect(space[page].contents(pageSize: pageSize) == contents, comment)
        let isWord = contents.dropFirst(8).allSatisfy { $0 == 0 }
        switch space[page] {
        case .zero: #expect(contents.allSatisfy { $0 == 0 }, comment)
        case .word(let word): #expect(isWord && word != 0, comment)
        case .bytes(let bytes):
          #expect(!isWord && bytes.last != 0 && contents.starts(with: bytes), comment)
        }
      }
      #expect(space.digest == fresh.digest && space.touchedCount == fresh.touchedCount, comment)
      #expect(space.brokenInvariant() == nil, comment)
      #expect(Set(space.dirty) == written, comment)
      #expect(try space.read(at: 0, count: bytes.count) == bytes, comment)
    }
  }

  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func itIsAnArrayOfBytes(seed: UInt64) throws {
    var random = Generator(seed: seed)
    let pageSize = [8, 9, 16, 24, 64, 100][Int(random.next(below: 6))]
    var model = Model(pageCount: Int(random.next(below: 6)) + 1, pageSize: pageSize)
    var kept: (model: Model, step: Int)?
    for step in 0..<300 {
      let count = model.bytes.count
      let address = Int(random.next(below: UInt64(count - 7)))
      // Writes zeros so often that pages become words, or empty, again.
      let number = random.next(below: 3) == 0 ? 0 : random.next() >> random.next(below: 64)
      switch random.next(below: 9) {
      case 0:
        let length = Int(random.next(below: UInt64(count - address) + 1))
        let isZero = random.next(below: 2) == 0
        try model.write((0..<length).map { _ in isZero ? 0 : UInt8(truncatingIfNeeded: random.next()) }, at: address)
      case 1: try model.writeNumber(UInt8(truncatingIfNeeded: number), at: address)
      case 2: try model.writeNumber(UInt16(truncatingIfNeeded: number), at: address)
      case 3: try model.writeNumber(UInt32(truncatingIfNeeded: number), at: address)
      case 4: try model.writeNumber(number, at: address)
      case 5: model.increment(address / pageSize)
      case 6, 7:
        // One of three contents that differ in their last byte, so that pages often hold the same.
        let length = min(pageSize, 9 + Int(random.next(below: 3)) * 20)
        let contents = [UInt8](repeating: 7, count: length - 1) + [UInt8(random.next(below: 3))]
        try model.store(contents, inPage: address / pageSize, isComing: random.next(below: 2) == 0)
      default: if random.next(below: 10) == 0 { kept = (model, step) }
      }
      try expectNumbers(model, at: address)
      if step % 10 == 0 { try model.check("seed \(seed), step \(step)") }
    }
    try model.check("seed \(seed)")
    // A copy holds what it held.
    if let kept { try kept.model.check("seed \(seed), copy of step \(kept.step)") }
  }

  private func expectNumbers(_ model: Model, at address: Int) throws {
    let expected = (0..<8).reduce(UInt64(0)) { $0 | UInt64(model.bytes[address + $1]) << UInt64($1 * 8) }
    let (space, place) = (model.space, UInt64(address))
    #expect(try space.readNumber(at: place, as: UInt64.self) == expected)
    #expect(try space.readNumber(at: place, as: UInt32.self) == UInt32(truncatingIfNeeded: expected))
    #expect(try space.readNumber(at: place, as: UInt16.self) == UInt16(truncatingIfNeeded: expected))
    #expect(try space.readNumber(at: place, as: UInt8.self) == UInt8(truncatingIfNeeded: expected))
  }

  /// Pages 1 and 3 of four are elsewhere.
  private static var partlyElsewhere: AddressSpace {
    var space = AddressSpace(pageCount: 4, pageSize: 16)
    space.increment(0)
    var remote = PageSet()
    for page in [1, 3] { remote.insert(page, of: 4) }
    space.adopt(remote: remote, digest: 0)
    return space
  }

  @Test(
    arguments: [
      (0, 16, nil), (0, 17, .remote(page: 1)), (16, 1, .remote(page: 1)), (31, 1, .remote(page: 1)), (32, 16, nil),
      (15, 40, .remote(page: 1)), (40, 20, .remote(page: 3)), (63, 1, .remote(page: 3)), (63, 2, .outside(63)),
      (0, 65, .outside(0)), (64, 0, nil), (16, 0, nil), (65, 0, .outside(65)), (64, 1, .outside(64)),
      (.max, 1, .outside(.max)), (.max, 8, .outside(.max)), (0, .max, .outside(0)),
    ] as [(UInt64, Int, MemoryFault?)])
  func faultsSayWhyAndChangeNothing(address: UInt64, count: Int, fault: MemoryFault?) {
    var space = Self.partlyElsewhere
    let digest = space.digest
    func caught(_ body: () throws(MemoryFault) -> Void) -> MemoryFault? {
      do throws(MemoryFault) {
        try body()
        return nil
      } catch { return error }
    }
    #expect(caught { () throws(MemoryFault) in _ = try space.read(at: address, count: count) } == fault)
    guard count < 100 else { return }
    let bytes = [UInt8](repeating: 7, count: count)
    #expect(caught { () throws(MemoryFault) in try space.write(bytes, at: address) } == fault)
    if fault != nil || count == 0 { #expect(space.digest == digest && space.dirty.isEmpty) }
  }

  @Test func numbersFaultAsBytesDo() {
    var space = Self.partlyElsewhere
    let digest = space.digest
    #expect(throws: MemoryFault.remote(page: 1)) { try space.writeNumber(UInt16.max, at: 15) }
    #expect(throws: MemoryFault.remote(page: 1)) { try space.readNumber(at: 9, as: UInt64.self) }
    #expect(throws: MemoryFault.outside(61)) { try space.readNumber(at: 61, as: UInt32.self) }
    #expect(throws: MemoryFault.outside(.max)) { try space.writeNumber(UInt8.max, at: .max) }
    #expect(space.digest == digest && space.dirty.isEmpty)
  }

  @Test func aWordThatWrapsIsNothing() {
    var space = AddressSpace(pageCount: 1, pageSize: 64)
    space[0] = .word(.max)
    space.increment(0)
    #expect(space.touched.isEmpty)
  }

  /// Bytes that no copy shares are changed in place.
  @Test func fullPagesAreWrittenInPlace() throws {
    var space = AddressSpace(pageCount: 2, pageSize: 4096)
    try space.write([UInt8](repeating: 1, count: 4096) + [UInt8](repeating: 2, count: 4096), at: 0)
    func place() -> UInt {
      guard case .bytes(let bytes) = space[1] else { return 0 }
      return bytes.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
    }
    let before = place()
    try space.writeNumber(UInt64.max, at: 4096 + 100)
    try space.write([9, 9, 9], at: 5000)
    space.increment(1)
    #expect(before != 0 && place() == before)
  }
}
