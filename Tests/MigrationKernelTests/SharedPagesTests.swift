import Testing

@testable import MigrationKernel

/// Equal pages of an address space share their bytes, and that shows in nothing but the memory taken.
@Suite struct SharedPagesTests {
  private static let pageSize = 4096

  /// How many different arrays the pages of an address space have their bytes in.
  private static func bodies(of space: AddressSpace) -> Int {
    Set((0..<space.pageCount).compactMap { place(of: space[$0]) }).count
  }

  /// Where the bytes of a page lie; nil when it has none.
  private static func place(of page: Page) -> UInt? {
    guard case .bytes(let bytes) = page else { return nil }
    return bytes.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
  }

  private static func text(_ number: Int) -> [UInt8] { Array("text \(number) of a few".utf8) }

  /// Bytes that fill a page, and differ from others of that kind in one.
  private static func full(_ number: Int, differingAt place: Int = pageSize - 1) -> [UInt8] {
    var bytes = [UInt8](repeating: 0xAB, count: pageSize)
    bytes[place] = UInt8(number)
    return bytes
  }

  /// Pages in which these contents were written one after another, again and again, each time from an array of their own.
  private static func written(_ contents: [[UInt8]], pages: Int) throws -> AddressSpace {
    var space = AddressSpace(pageCount: pages, pageSize: pageSize)
    for page in 0..<pages { try space.write(contents[page % contents.count].map { $0 }, at: UInt64(page * pageSize)) }
    return space
  }

  @Test(arguments: [1, 2, 8, 100])
  func pagesOfAFewTextsShareThem(count: Int) throws {
    let space = try Self.written((0..<count).map { Self.text($0) }, pages: 1000)
    #expect(Self.bodies(of: space) == count)
    for page in 0..<1000 {
      let text = Self.text(page % count)
      let rest = [UInt8](repeating: 0, count: Self.pageSize - text.count)
      #expect(space[page].contents(pageSize: Self.pageSize) == text + rest)
    }
  }

  @Test func aTextTakesItsOwnLength() throws {
    let space = try Self.written([Self.text(1)], pages: 1)
    guard case .bytes(let bytes) = space[0] else {
      Issue.record("a text is kept as a word")
      return
    }
    #expect(bytes == Self.text(1))
  }

  /// The array that was written is the one that the page has, so what keeps it elsewhere takes no memory twice.
  @Test func aWholeArrayIsNotCopied() throws {
    let bytes = Self.full(1)
    var space = AddressSpace(pageCount: 1, pageSize: Self.pageSize)
    try space.write(bytes, at: 0)
    #expect(Self.place(of: space[0]) == Self.place(of: .bytes(bytes)))
  }

  @Test func aWrittenPagePartsFromTheOthers() throws {
    var space = try Self.written([Self.full(1)], pages: 4)
    let (before, digest) = (space, space.digest)
    #expect(Self.bodies(of: space) == 1)
    try space.writeNumber(UInt8(9), at: UInt64(Self.pageSize + 100))
    #expect(Self.bodies(of: space) == 2)
    space.increment(2)
    #expect(Self.bodies(of: space) == 3)
    var expected = Self.full(1)
    expected[100] = 9
    #expect(space[1].contents(pageSize: Self.pageSize) == expected)
    for page in [0, 3] { #expect(space[page].contents(pageSize: Self.pageSize) == Self.full(1)) }
    #expect(before.digest == digest && Self.bodies(of: before) == 1)
  }

  /// A page that parted from the others and is written as they are shares with them again.
  @Test func aPageComesBackToTheOthers() throws {
    var space = try Self.written([Self.full(1)], pages: 3)
    try space.write([9, 9, 9], at: 100)
    #expect(Self.bodies(of: space) == 2)
    try space.write([0xAB, 0xAB, 0xAB], at: 100)
    #expect(Self.bodies(of: space) == 1)
  }

  @Test func zerosAndWordsHaveNoBytes() throws {
    let zeros = [UInt8](repeating: 0, count: Self.pageSize)
    let space = try Self.written([zeros, [1, 2, 3], [0, 0, 0, 0, 0, 0, 0, 8]], pages: 30)
    #expect(Self.bodies(of: space) == 0 && space.touchedCount == 20)
  }

  /// Contents that differ in one byte, wherever that is, are kept apart; as many as one set of samples holds are shared.
  @Test(arguments: [0, 7, 8, 100, 133, 2047, 2048, 4000, 4095])
  func oneByteMakesADifference(place: Int) throws {
    let contents = (1...4).map { Self.full($0, differingAt: place) }
    let space = try Self.written(contents, pages: 100)
    #expect(Self.bodies(of: space) == 4)
    for page in 0..<100 { #expect(space[page].contents(pageSize: Self.pageSize) == contents[page % 4]) }
  }

  /// One that is longer by a zero is the same page; one that is longer by anything else is not.
  @Test func lengthsAreToldApart() throws {
    let text = Self.text(1)
    let space = try Self.written([text, text + [0], text + [1], text.dropLast() + [0]], pages: 40)
    #expect(Self.bodies(of: space) == 3)
  }

  @Test func moreContentsThanAreRememberedAreAllKept() throws {
    let contents = (0..<3000).map { Self.text($0) }
    let space = try Self.written(contents, pages: 6000)
    for page in 0..<6000 { #expect(space[page].start(ofAtLeast: 0) == contents[page % 3000]) }
    #expect((5900...6000).contains(Self.bodies(of: space)), "hardly any is remembered as long as this")
    let fewer = try Self.written(Array(contents[..<300]), pages: 6000)
    #expect((300..<330).contains(Self.bodies(of: fewer)))
  }

  /// What no page holds any more is not kept for others: the page that is stored next has the array that came.
  @Test func contentsThatNobodyHasAreForgotten() throws {
    var space = try Self.written([Self.full(1)], pages: 2)
    for page in 0..<2 { try space.write(Self.full(2), at: UInt64(page * Self.pageSize)) }
    let again = Self.full(1)
    try space.write(again, at: 0)
    #expect(Self.place(of: space[0]) == Self.place(of: .bytes(again)))
  }

  /// Each page comes in a packet of its own, as bytes, and shares what came before.
  @Test func pagesThatTravelledShareAgain() throws {
    let source = try Self.written((0..<8).map { Self.text($0) } + [Self.full(1), Self.full(2)], pages: 500)
    var arrived = AddressSpace(pageCount: 500, pageSize: Self.pageSize)
    var supplied = arrived
    supplied.adopt(remote: PageSet(all: 500), digest: source.remoteDigest(with: PageSet(all: 500)))
    for index in 0..<500 {
      var batch = PageBatch(pageSize: Self.pageSize)
      batch.append(UInt32(index), .whole(source[index]))
      var writer = ByteWriter()
      writer.put(batch)
      var reader = ByteReader(writer.bytes)
      let come: PageBatch = try reader.take()
      guard case .whole(let page) = come.pages[0].form else {
        Issue.record("page \(index) did not come whole")
        continue
      }
      arrived.store(page, at: index, isNew: come.makesBytes(of: come.pages[0].form))
      supplied.supply(index, page, asDirty: false, isNew: come.makesBytes(of: come.pages[0].form))
    }
    #expect(Self.bodies(of: arrived) == 10 && Self.bodies(of: supplied) == 10)
    #expect(arrived.digest == source.digest && supplied.digest == source.digest)
    #expect(arrived.dirty.count == 500 && supplied.dirty.isEmpty)
  }

  /// A page that is filled byte by byte never has room for more than a page.
  @Test func aPageGrowsNoFurtherThanItsSize() throws {
    var space = AddressSpace(pageCount: 1, pageSize: Self.pageSize)
    for place in 0..<Self.pageSize { try space.writeNumber(UInt8(place % 255 + 1), at: UInt64(place)) }
    guard case .bytes(let bytes) = space[0] else {
      Issue.record("a full page is kept as a word")
      return
    }
    #expect(bytes.count == Self.pageSize && bytes.capacity < Self.pageSize + 64)
    #expect(bytes == (0..<Self.pageSize).map { UInt8($0 % 255 + 1) })
  }

  @Test func aPageThatEndsInZerosGetsShorter() throws {
    var space = try Self.written([Self.full(1)], pages: 1)
    try space.write([UInt8](repeating: 0, count: 4000), at: 96)
    #expect(space[0].keptCount == 96)
    try space.write([UInt8](repeating: 0, count: 88), at: 8)
    guard case .word(0xABAB_ABAB_ABAB_ABAB) = space[0] else {
      Issue.record("what is left of the page is not kept as a word")
      return
    }
  }
}
