import Testing

@testable import MigrationKernel

/// Differences of pages, in the format of QEMU's XBZRLE.
@Suite struct PageDeltaTests {
  static let pageSize = 4096

  /// A page of zeros but for some bytes at a place.
  static func page(_ bytes: [UInt8], at place: Int = 0, size: Int = pageSize) -> Page {
    var contents = [UInt8](repeating: 0, count: size)
    contents.replaceSubrange(place..<place + bytes.count, with: bytes)
    return .bytes(contents)
  }

  static func encoded(_ old: Page, _ new: Page, size: Int = pageSize) -> [UInt8]? {
    PageDelta(from: old, to: new, pageSize: size, limit: size)?.bytes
  }

  static func decoded(_ bytes: [UInt8], over held: Page, size: Int = pageSize) -> [UInt8]? {
    PageDelta(bytes: bytes).applied(to: held, pageSize: size)?.contents(pageSize: size)
  }

  /// The example of QEMU's documentation.
  @Test func theExampleOfTheFormat() {
    let old = Self.page(
      [5, 6, 7, 8, 9, 0xA, 0xB, 0xC, 0xD, 0xE, 0xF, 0x10, 0x11, 0x12, 0x13, 0x68, 0, 0, 0x6B, 0, 0x6D], at: 1001)
    let new = Self.page(
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 0xA, 0xB, 0xC, 0xD, 0xE, 0xF, 0x68, 0, 0, 0x67, 0, 0x69], at: 1001)
    let delta: [UInt8] = [
      0xE9, 0x07, 0x0F, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0xA, 0xB, 0xC, 0xD, 0xE, 0xF, 3, 1, 0x67, 1, 1, 0x69,
    ]
    #expect(Self.encoded(old, new) == delta)
    #expect(Self.decoded(delta, over: old) == new.contents(pageSize: Self.pageSize))
  }

  @Test func byHand() {
    // As it was; the first byte; the last; a carry; to zeros.
    #expect(Self.encoded(Self.page([7]), Self.page([7])) == [])
    #expect(Self.encoded(Self.page([7]), Self.page([8])) == [0, 1, 8])
    #expect(Self.encoded(.zero, Self.page([9], at: 4095)) == [0xFF, 0x1F, 1, 9])
    #expect(Self.encoded(.word(255), .word(256)) == [0, 2, 0, 1])
    #expect(Self.encoded(.word(5), .zero) == [0, 1, 0])
    // A word and the same in bytes.
    #expect(Self.encoded(.word(5), Self.page([5])) == [])
    #expect(Self.encoded(Self.page([5]), .word(0x0105)) == [1, 1, 1])
    // Lengths of three bytes, which QEMU's pages do not need: 20,000 is 0x20 + 0x1C * 128 + 1 * 16,384.
    #expect(Self.encoded(.zero, Self.page([9], at: 20_000, size: 65_536), size: 65_536) == [0xA0, 0x9C, 1, 1, 9])
  }

  @Test func aDifferenceThatSavesNothingIsNone() {
    let all = Page.bytes([UInt8](repeating: 3, count: Self.pageSize))
    #expect(Self.encoded(.zero, all) == nil)
    // Every other byte: a pair of lengths for each.
    let half = Page.bytes((0..<Self.pageSize).map { UInt8($0 % 2) })
    #expect(Self.encoded(.zero, half) == nil)
    // All but a few: 3 + 4,080 bytes.
    let most = Self.page([UInt8](repeating: 3, count: 4080))
    #expect(Self.encoded(.zero, most)?.count == 4083)
    #expect(PageDelta(from: .zero, to: most, pageSize: Self.pageSize, limit: 4083) == nil)
    #expect(PageDelta(from: .zero, to: .zero, pageSize: 4, limit: 0) == nil)
    // A page that holds more than a page of that size has no difference from one.
    let long = Page.bytes([UInt8](repeating: 3, count: Self.pageSize + 1))
    #expect(Self.encoded(long, most) == nil && Self.encoded(most, long) == nil)
    #expect(Self.decoded([0, 1, 7], over: long) == nil)
  }

  static func randomPage(_ random: inout Generator, size: Int, near other: [UInt8]? = nil) -> Page {
    switch random.next(below: 4) {
    case 0: return .zero
    case 1: return .word(random.next() >> random.next(below: 64))
    default:
      var bytes = other ?? (0..<size).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      for _ in 0..<random.next(below: 6) {
        let place = Int(random.next(below: UInt64(size)))
        let length = Int(random.next(below: UInt64(size - place) + 1))
        for index in place..<place + length { bytes[index] = UInt8(truncatingIfNeeded: random.next(below: 3)) }
      }
      return .bytes(bytes)
    }
  }

  /// A difference decodes to the new page, whatever the two pages are and in whatever form they are kept.
  @Test(arguments: [8, 13, 64, 200, 4096]) func randomPages(size: Int) throws {
    var random = Generator(seed: UInt64(size))
    var count = 0
    for _ in 0..<400 {
      let old = Self.randomPage(&random, size: size)
      let new = Self.randomPage(&random, size: size, near: old.contents(pageSize: size))
      guard let bytes = Self.encoded(old, new, size: size) else { continue }
      count += 1
      #expect(bytes.count < size)
      #expect(Self.decoded(bytes, over: old, size: size) == new.contents(pageSize: size))
      #expect(Self.decoded(bytes, over: .bytes(old.contents(pageSize: size)), size: size) != nil)
      // The result is the same in every form: what is sent does not depend on how pages are kept.
      let plain = Self.encoded(
        .bytes(old.contents(pageSize: size)), .bytes(new.contents(pageSize: size)), size: size)
      #expect(plain == bytes)
    }
    #expect(count > 100)
  }

  @Test func aWordStaysAWord() {
    var random = Generator(seed: 1)
    for _ in 0..<200 {
      let (old, new) = (random.next() >> random.next(below: 64), random.next() >> random.next(below: 64))
      let delta = PageDelta(from: .word(old), to: .word(new), pageSize: 64, limit: 64)
      #expect(delta?.applied(to: .word(old), pageSize: 64)?.word == new)
    }
    let cleared = PageDelta(from: .word(7), to: .zero, pageSize: 64, limit: 64)?.applied(to: .word(7), pageSize: 64)
    if case .zero? = cleared {} else { Issue.record("\(String(describing: cleared))") }
  }

  @Test(
    arguments: [
      [0], [5], [0, 0], [0, 1], [0, 2, 9], [0, 1, 9, 0, 1, 9], [0, 1, 9, 1, 0], [0, 1, 9, 1], [64, 1, 9],
      [63, 2, 9, 9],
      [0, 65] + [UInt8](repeating: 1, count: 65), [0x80], [0x80, 0x80, 0x80, 0x80, 0x80, 0, 1, 9],
      [0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 1, 9], [0, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 9], [10, 1, 9, 53, 1, 9],
    ] as [[UInt8]])
  func whatIsNoDifferenceIsRefused(bytes: [UInt8]) {
    for held in [Page.zero, .word(3), Self.page([1], size: 64)] {
      #expect(Self.decoded(bytes, over: held, size: 64) == nil)
    }
  }

  @Test func whateverComesItIsAPageOrNothing() {
    var random = Generator(seed: 2)
    var pages = 0
    for _ in 0..<4000 {
      let size = Int(1 + random.next(below: 80))
      let bytes = (0..<random.next(below: 12)).map { _ in UInt8(truncatingIfNeeded: random.next(below: 20)) }
      let held = Self.randomPage(&random, size: size)
      guard let page = Self.decoded(bytes, over: held, size: size) else { continue }
      pages += 1
      #expect(page.count == size)
    }
    #expect(pages > 200)
  }

  // MARK: - Batches

  @Test func aPageTakesItsShortestForm() {
    func form(_ page: Page, since sent: Page?, marksZeros: Bool = false) -> String {
      word(PageForm(page, marksZeros: marksZeros, over: sent, pageSize: 64))
    }
    #expect(form(.word(1), since: nil) == "whole")
    #expect(form(.word(1), since: .zero) == "delta")
    #expect(form(.zero, since: .word(1)) == "delta")
    #expect(form(.zero, since: .word(1), marksZeros: true) == "zeros")
    #expect(form(Self.page([0], size: 64), since: .word(1), marksZeros: true) == "zeros")
    // With its length it would be as long as the page.
    #expect(form(Self.page([UInt8](repeating: 1, count: 58), size: 64), since: .zero) == "whole")
    #expect(form(Self.page([UInt8](repeating: 1, count: 57), size: 64), since: .zero) == "delta")
  }

  @Test func aBatchCountsWhatItCarries() {
    var space = AddressSpace(pageCount: 4, pageSize: 64)
    var sent = SentPages(of: space)
    var first = PageStream(PageSet(all: 3))
    space[0] = .word(1)
    let whole = first.next(space, marksZeros: true, over: sent)
    #expect(whole?.zeroCount == 2 && whole?.deltaCount == 0 && whole?.size == 64 + 3 * 5)
    if let whole { sent.note(whole, of: space) }
    for page in 0..<4 { space.increment(page) }
    var again = PageStream(PageSet(all: 4))
    let deltas = again.next(space, marksZeros: true, over: sent)
    // The last was never sent, so it cannot differ from what was.
    #expect(deltas?.zeroCount == 0 && deltas?.deltaCount == 3)
    #expect(deltas?.size == 4 * 5 + 3 * (4 + 3) + 64 && deltas?.savedBytes == 3 * (64 - 7))
    let attempt = EncodingTests.attempt
    for batch in [whole, deltas].compactMap(\.self) {
      var writer = ByteWriter()
      Packet.pages(attempt, batch).encode(into: &writer)
      let empty = Packet.pages(attempt, PageBatch(pageSize: 64)).encodedSize
      #expect(WireHeader.size + writer.bytes.count == empty + batch.size)
    }
    #expect(
      space.encodedSize(of: PageSet(all: 4), marksZeros: true, over: nil) == 4 * (64 + 5)
        && AddressSpace(pageCount: 4, pageSize: 64).encodedSize(of: PageSet(all: 4), marksZeros: true, over: nil) == 20
    )
  }
}
