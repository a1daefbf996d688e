import Testing

@testable import Shell

/// How the number of active processes went up and down, for somebody who does not see the picture.
@Suite struct LoadWordsTests {
  private func words(_ counts: Int...) -> String {
    LoadHistory.Course(counts.enumerated().map { (UInt64($0.offset) * 1_000_000_000, $0.element) }).words
  }

  @Test func fewChangesAreToldOneByOne() {
    #expect(words(2) == "has 2 active processes all the time")
    #expect(words(0, 1) == "has 0 active processes at first, then 1 from 1 s")
    #expect(words(1, 2, 0) == "has 1 active process at first, then 2 from 1 s and 0 from 2 s")
    #expect(
      words(0, 1, 2, 1, 0) == "has 0 active processes at first, then 1 from 1 s, 2 from 2 s, 1 from 3 s and 0 from 4 s")
  }

  @Test func ofManyChangesTheTurnsAreTold() {
    #expect(
      words(0, 5, 12, 20, 11, 3, 1)
        == "has 0 active processes at first, goes up to 20 at 3 s, down to 1 at 6 s, and has 1 now")
  }

  @Test func smallWaysBackAndForthAreLeftOut() {
    let told = words(0, 10, 9, 20, 18, 19, 30, 2, 3, 1, 2, 1, 8, 7, 9, 0)
    #expect(
      told
        == "has 0 active processes at first, goes up to 20 at 3 s, down to 18 at 4 s, up to 30 at 6 s, down to 1 at 11 s, "
        + "up to 9 at 14 s, down to 0 at 15 s, with smaller ups and downs in between, and has 0 now")
  }

  /// However many turns there are, what is told is short, and has the highest number.
  @Test func thePeakIsAlwaysTold() {
    let steps = (0..<1000).map { (time: UInt64($0), count: $0 == 613 ? 99 : $0 * 37 % 17) }
    let turns = LoadHistory.Course.turns(in: steps)
    let kept = LoadHistory.Course.largest(turns)
    #expect(kept.count <= LoadHistory.Course.mostTurns && turns.count > 100)
    #expect(kept.contains { $0.count == 99 })
    let ways = zip(kept, kept.dropFirst()).map { $1.count > $0.count }
    #expect(zip(ways, ways.dropFirst()).allSatisfy { $0 != $1 })
  }
}
