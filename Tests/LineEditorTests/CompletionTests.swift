import Testing

@testable import LineEditor

@Suite struct CompletionStepTests {
  private func makeStep(
    _ line: String, at cursor: Int? = nil, from start: Int, _ candidates: [String]
  ) -> CompletionStep? {
    CompletionStep(
      line: line, cursor: cursor ?? line.utf8.count,
      completions: Completions(replaceFrom: start, candidates: candidates.map { .init($0) }))
  }

  @Test func aUniqueCandidateReplacesTheWordAndAddsASpace() throws {
    let step = try #require(makeStep("node li", from: 5, ["list"]))
    #expect(step.deletedScalars == 2)
    #expect(step.insertion == "list ")
    #expect(step.listing.isEmpty)
  }

  @Test(arguments: ["--on=", "p1.", "Lessons/", "count("]) func anOpenEndedCandidateGetsNoSpace(candidate: String)
    throws
  {
    #expect(try #require(makeStep("x", from: 0, [candidate])).insertion == candidate)
  }

  @Test func severalCandidatesInsertWhatTheyShareAndAreListed() throws {
    let step = try #require(makeStep("s", from: 0, ["spawn", "speed"]))
    #expect(step.deletedScalars == 1)
    #expect(step.insertion == "sp")
    #expect(step.listing.map(\.text) == ["spawn", "speed"])
  }

  @Test(arguments: [["spawn", "speed"], ["Spawn", "sPeed"]])
  func whatIsTypedIsNeverShortened(candidates: [String]) throws {
    let step = try #require(makeStep("sp", from: 0, candidates))
    #expect(step.deletedScalars == 0)
    #expect(step.insertion.isEmpty)
    #expect(step.listing.map(\.text) == candidates)
  }

  @Test func theTextAfterTheCursorStays() throws {
    let step = try #require(makeStep("sp on a", at: 2, from: 0, ["spawn"]))
    #expect(step.deletedScalars == 2)
  }

  @Test func lengthsCountScalarsAndNotBytes() throws {
    let step = try #require(makeStep("ä größ", from: 3, ["größe"]))
    #expect(step.deletedScalars == 4)
    #expect(step.insertion == "größe ")
  }

  @Test(arguments: [-1, 2, 99]) func aStartThatDoesNotFitDoesNothing(start: Int) {
    #expect(makeStep("ä", at: 1, from: start, ["x"]) == nil)
    #expect(makeStep("äb", from: start == 2 ? 1 : start, ["x"]) == nil)
  }

  @Test func noCandidatesDoNothing() {
    #expect(makeStep("x", from: 0, []) == nil)
    #expect(CompletionStep(line: "x", cursor: 1, completions: .none) == nil)
  }
}

@Suite struct CandidateListTests {
  private func list(_ candidates: [String], width: Int, maxRows: Int) -> String {
    CandidateList(candidates: candidates.map { .init($0) }, width: width, maxRows: maxRows).text
  }

  private func described(_ candidates: [(String, String)], width: Int, maxRows: Int, dim: String = "") -> String {
    let candidates = candidates.map { Completions.Candidate($0.0, summary: $0.1) }
    return CandidateList(candidates: candidates, width: width, maxRows: maxRows, dim: dim).text
  }

  @Test func columnsAreReadDownwards() {
    #expect(list(["a", "bb", "ccc", "d", "e"], width: 14, maxRows: 10) == "a    ccc  e\nbb   d\n")
  }

  @Test func whatIsWiderThanTheScreenStandsAlone() {
    #expect(list(["abcdef", "b"], width: 3, maxRows: 10) == "abcdef\nb\n")
  }

  @Test func theLastRowCountsWhatIsLeftOut() {
    #expect(list(["a", "b", "c"], width: 1, maxRows: 2) == "a\n(and 2 more)\n")
    #expect(list(["a", "b"], width: 1, maxRows: 2) == "a\nb\n")
  }

  @Test func thereIsNoListWithoutRoom() {
    #expect(list(["a", "b"], width: 80, maxRows: 0).isEmpty)
    #expect(list(["a", "b"], width: 0, maxRows: -1).isEmpty)
    #expect(list([], width: 80, maxRows: 10).isEmpty)
  }

  @Test func summariesStandInAColumnOfTheirOwn() {
    let candidates = [("a", "the first"), ("bcd", ""), ("ef", "the third")]
    #expect(described(candidates, width: 80, maxRows: 5) == "a    the first\nbcd\nef   the third\n")
    #expect(described(candidates, width: 80, maxRows: 5, dim: "<").hasPrefix("a    <the first\u{1B}[0m\n"))
  }

  @Test func summariesAreCutAtTheWidth() {
    TerminalAbilities.chooseLocale()
    #expect(described([("a", "a long summary"), ("b", "")], width: 14, maxRows: 5) == "a  a long ...\nb\n")
    #expect(described([("a", "中中中中中中中"), ("b", "")], width: 14, maxRows: 5) == "a  中中中...\nb\n")
    #expect(described([("a", "a long summary"), ("b", "")], width: 10, maxRows: 5) == "a\nb\n")
  }

  @Test func withoutRoomForSummariesColumnsShowAllNames() {
    let candidates = (0..<9).map { ("x\($0)", "number \($0)") }
    #expect(described(candidates, width: 11, maxRows: 4) == "x0  x3  x6\nx1  x4  x7\nx2  x5  x8\n")
    #expect(described(candidates, width: 5, maxRows: 4).hasSuffix("x2\n(and 6 more)\n"))
  }

  /// Tab must not push the line that is typed off the screen.
  @Test(arguments: 1...12) func noListHasMoreRowsThanItMay(maxRows: Int) {
    for count in [1, 2, 11, 12, 13, 400] {
      for width in [1, 8, 30, 200] {
        let names = (0..<count).map { ("name\($0)", "a summary of \($0)") }
        #expect(described(names, width: width, maxRows: maxRows).count { $0 == "\n" } <= maxRows)
        #expect(list(names.map(\.0), width: width, maxRows: maxRows).count { $0 == "\n" } <= maxRows)
      }
    }
  }
}
