import Testing

@testable import MigrationKernel

@Suite struct PageTests {
  static func space(_ page: Page, at index: Int = 3, pages: Int = 300) -> AddressSpace {
    var space = AddressSpace(pageCount: pages, pageSize: 64)
    space[index] = page
    return space
  }

  static func bytes(_ word: UInt64) -> [UInt8] { Page.word(word).contents(pageSize: 64) }

  @Test(arguments: [0, 1, 255, 256, 0x0123_4567_89AB_CDEF, UInt64.max])
  func theFormOfAPageDoesNotShow(word: UInt64) {
    let asWord = Self.space(.word(word))
    let asBytes = Self.space(.bytes(Self.bytes(word)))
    #expect(asWord.digest == asBytes.digest)
    #expect(asWord[3].contents(pageSize: 64) == asBytes[3].contents(pageSize: 64))
    if word == 0 { #expect(asWord.digest == Self.space(.zero).digest) }
  }

  @Test(arguments: [0, 1, 255, 256, 65_535, 0x0123_4567_89AB_CDEF, UInt64.max])
  func incrementIsTheSameInEveryForm(word: UInt64) {
    var asWord = Self.space(.word(word))
    var asBytes = Self.space(.bytes(Self.bytes(word)))
    asWord.increment(3)
    asBytes.increment(3)
    #expect(asWord.digest == asBytes.digest)
    #expect(asBytes[3].contents(pageSize: 64) == Self.bytes(word &+ 1))
  }

  @Test func incrementLeavesTheBytesBehindTheWordAlone() {
    var bytes = [UInt8](repeating: 0xFF, count: 64)
    var space = Self.space(.bytes(bytes))
    space.increment(3)
    bytes.replaceSubrange(0..<8, with: repeatElement(0, count: 8))
    #expect(space[3].contents(pageSize: 64) == bytes)
  }

  @Test func aShortPageCarriesNowhere() {
    var space = AddressSpace(pageCount: 1, pageSize: 3)
    space[0] = .bytes([255, 255, 255])
    space.increment(0)
    #expect(space[0].contents(pageSize: 3) == [0, 0, 0])
  }

  @Test func equalContentsElsewhereAreDifferent() {
    #expect(Self.space(.word(7), at: 3).digest != Self.space(.word(7), at: 4).digest)
    #expect(Self.space(.word(7)).digest != Self.space(.word(8)).digest)
    var second = [UInt8](repeating: 0, count: 64)
    second[8] = 7
    #expect(Self.space(.word(7)).digest != Self.space(.bytes(second)).digest)
  }

  @Test func aCopyKeepsWhatItHeld() {
    var original = Self.space(.bytes(Self.bytes(1)))
    let copy = original
    let digest = copy.digest
    original.increment(3)
    original[299] = .word(9)
    #expect(copy.digest == digest)
    #expect(original.digest != digest)
    #expect(copy[299].contents(pageSize: 64) == Self.bytes(0))
  }

  @Test func everyPageCanBeReadWrittenAndFoundDirty() {
    var space = AddressSpace(pageCount: 513, pageSize: 64)
    #expect(space.dirty.count == 0 && space.touchedCount == 0 && space.digest == 0)
    for index in 0..<513 { space.increment(index) }
    #expect(space.dirty.count == 513 && space.touchedCount == 513)
    _ = space.takeDirty()
    #expect(space.dirty.count == 0 && space.touchedCount == 513)
    space.increment(512)
    #expect(space.dirty.contains(512) && !space.dirty.contains(511) && space.dirty.count == 1)
    #expect(space[512].contents(pageSize: 64) == Self.bytes(2))
  }

  @Test func anEmptyAddressSpaceHoldsNothing() {
    let space = AddressSpace(pageCount: 0, pageSize: 64)
    #expect(space.digest == 0 && space.dirty.count == 0 && space.touchedCount == 0)
  }

  @Test func batchesCoverEveryPageOnce() {
    var space = AddressSpace(pageCount: 40, pageSize: 4096)
    space.increment(39)
    var stream = PageStream(PageSet(all: 40))
    var next = 0
    while let batch = stream.next(space, marksZeros: false) {
      #expect(batch.pages.map(\.index) == (next..<min(40, next + 15)).map(UInt32.init))
      next += batch.pages.count
    }
    #expect(next == 40 && stream.left.isEmpty)
    var large = PageStream(PageSet(all: 2))
    #expect(large.next(AddressSpace(pageCount: 2, pageSize: 1 << 20), marksZeros: false)?.pages.count == 1)
    var marks = PageStream(PageSet(all: 40))
    #expect(marks.next(space, marksZeros: true)?.pages.count == 40)
  }
}
