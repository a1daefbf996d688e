import Testing

@testable import MigrationKernel

@Suite struct ChunkedArrayTests {
  static func array(_ count: Int) -> ChunkedArray<Int> {
    var array = ChunkedArray<Int>()
    for number in 0..<count { array.append(number) }
    return array
  }

  @Test(arguments: [0, 1, 127, 128, 129, 1000])
  func holdsWhatWasAppended(count: Int) {
    let array = Self.array(count)
    #expect(array.count == count && array.isEmpty == (count == 0))
    #expect(Array(array) == Array(0..<count))
  }

  @Test func aCopyIsNotChanged() {
    var array = Self.array(300)
    let copy = array
    array[150] = -1
    array.append(300)
    #expect(copy[150] == 150 && copy.count == 300)
    #expect(array[150] == -1 && array.count == 301)
  }

  @Test(arguments: [1, 127, 128, 129, 300])
  func dropsTheLastOnly(count: Int) {
    var array = Self.array(count)
    let copy = array
    for _ in 0..<count { array.removeLast() }
    #expect(array.isEmpty && array.brokenInvariant() == nil && copy.count == count)
    for number in 0..<count { array.append(-number) }
    #expect(Array(array) == (0..<count).map { -$0 } && array.brokenInvariant() == nil)
    array.removeLast()
    #expect(Array(array) == (0..<count - 1).map { -$0 } && Array(copy) == Array(0..<count))
  }

  @Test func dropsTheOldestChunk() {
    var array = Self.array(300)
    #expect(array.removeFirstChunk() == 128)
    #expect(Array(array) == Array(128..<300))
    array.append(300)
    #expect(Array(array) == Array(128...300))
    #expect(array.removeFirstChunk() == 128 && array.removeFirstChunk() == 45 && array.removeFirstChunk() == 0)
    array.append(7)
    #expect(Array(array) == [7])
  }
}

@Suite struct GeneratorTests {
  @Test func generatorIsSplitMix64() {
    // The first outputs for seed 1234567, as published with the algorithm's reference implementation.
    var generator = Generator(seed: 1_234_567)
    #expect(generator.next() == 6_457_827_717_110_365_317)
    #expect(generator.next() == 3_203_168_211_198_807_973)
  }

  @Test(arguments: [1, 2, 3, 10, 1000, 1 << 63, UInt64.max])
  func staysBelowTheBound(bound: UInt64) {
    var generator = Generator(seed: bound)
    for _ in 0..<1000 { #expect(generator.next(below: bound) < bound) }
  }

  @Test(arguments: [2, 7, 64])
  func everyNumberIsAsLikely(bound: UInt64) {
    var generator = Generator(seed: 1)
    var counts = [Int](repeating: 0, count: Int(bound))
    let draws = 20_000
    for _ in 0..<draws { counts[Int(generator.next(below: bound))] += 1 }
    let expected = Double(draws) / Double(bound)
    // Six standard deviations of a binomial count.
    for count in counts { #expect(abs(Double(count) - expected) < 6 * expected.squareRoot()) }
  }

  @Test func aBoundThatDoesNotDivideHasNoBias() {
    // Of three thirds of 2^64 + 1, modulo or multiplication alone would draw the first half as often as the rest.
    var generator = Generator(seed: 5)
    let bound: UInt64 = 3 << 62
    let low = (0..<20_000).count { _ in generator.next(below: bound) < 1 << 62 }
    #expect(abs(low - 6667) < 400)
  }
}

@Suite struct IncomingStreamTests {
  static func message(_ sequence: UInt32, base: UInt32 = 0) -> Message {
    let process = ProcessID(origin: NodeID(0), incarnation: 1, serial: 1)
    return Message(
      id: MessageID(from: process, to: process, sequence: sequence), text: "", size: 0, base: base,
      senderNode: NodeID(0))
  }

  /// What is delivered when messages come in that order.
  static func delivered(_ messages: [Message]) -> [UInt32] {
    var stream = IncomingStream()
    return messages.flatMap { stream.putInOrder($0).map(\.id.sequence) }
  }

  static func permutations(_ list: [UInt32]) -> [[UInt32]] {
    guard list.count > 1 else { return [list] }
    return list.indices.flatMap { place in
      var rest = list
      let first = rest.remove(at: place)
      return permutations(rest).map { [first] + $0 }
    }
  }

  @Test func anyOrderIsPutRight() {
    for order in Self.permutations([0, 1, 2, 3, 4]) {
      #expect(Self.delivered(order.map { Self.message($0) }) == [0, 1, 2, 3, 4], "\(order)")
    }
  }

  @Test func repetitionsAreDropped() {
    for order in Self.permutations([0, 1, 2, 3]) {
      let twice = (order + order.reversed()).map { Self.message($0) }
      #expect(Self.delivered(twice) == [0, 1, 2, 3], "\(order)")
    }
  }

  @Test func waitsForWhatTheSenderStandsFor() {
    #expect(Self.delivered([Self.message(2), Self.message(3)]) == [])
  }

  @Test func doesNotWaitForWhatTheSenderHasGivenUp() {
    #expect(Self.delivered([Self.message(3, base: 3), Self.message(4, base: 3)]) == [3, 4])
    #expect(Self.delivered([Self.message(3), Self.message(4), Self.message(4, base: 3)]) == [3, 4])
    // Given up, and still come: too late once a later one has been delivered, in turn before that.
    #expect(Self.delivered([Self.message(1, base: 1), Self.message(0)]) == [1])
    #expect(Self.delivered([Self.message(2), Self.message(5, base: 4)]) == [2])
    #expect(Self.delivered([Self.message(2), Self.message(5, base: 4), Self.message(4, base: 4)]) == [2, 4, 5])
  }
}
