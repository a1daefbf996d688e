import Testing

@testable import LineEditor

@Suite struct CompletionStepTests {
  private func makeStep(
    _ line: String, at cursor: Int? = nil, from start: Int, _ candidates: [String]
  ) -> CompletionStep? {
    CompletionStep(
      line: line, cursor: cursor ?? line.utf8.count,
      completions: Completions(replaceFrom: start, candidates: candidates))
  }

  @Test func aUniqueCandidateReplacesTheWordAndAddsASpace() throws {
    let step = try #require(makeStep("node li", from: 5, ["list"]))
    #expect(step.deletedScalars == 2)
    #expect(step.insertion == "list ")
    #expect(step.listing.isEmpty)
  }

  @Test(arguments: ["--on=", "p1."]) func anOpenEndedCandidateGetsNoSpace(candidate: String) throws {
    #expect(try #require(makeStep("x", from: 0, [candidate])).insertion == candidate)
  }

  @Test func severalCandidatesInsertWhatTheyShareAndAreListed() throws {
    let step = try #require(makeStep("s", from: 0, ["spawn", "speed"]))
    #expect(step.deletedScalars == 1)
    #expect(step.insertion == "sp")
    #expect(step.listing == ["spawn", "speed"])
  }

  @Test(arguments: [["spawn", "speed"], ["Spawn", "sPeed"]])
  func whatIsTypedIsNeverShortened(candidates: [String]) throws {
    let step = try #require(makeStep("sp", from: 0, candidates))
    #expect(step.deletedScalars == 0)
    #expect(step.insertion.isEmpty)
    #expect(step.listing == candidates)
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

@Suite struct ColumnsTests {
  @Test func columnsAreReadDownwards() {
    let table = columns(of: ["a", "bb", "ccc", "d", "e"], width: 14, maxRows: 10)
    #expect(table == "a    ccc  e\nbb   d\n")
  }

  @Test func whatIsWiderThanTheScreenStandsAlone() {
    #expect(columns(of: ["abcdef", "b"], width: 3, maxRows: 10) == "abcdef\nb\n")
  }

  @Test func rowsBeyondTheLimitAreCounted() {
    #expect(columns(of: ["a", "b", "c"], width: 1, maxRows: 2) == "a\nb\n(and 1 more)\n")
  }

  @Test(arguments: [-1, 0]) func aScreenOfUnknownSizeStillShowsSomething(size: Int) {
    #expect(columns(of: ["a", "b"], width: size, maxRows: size) == "a\n(and 1 more)\n")
  }

  @Test func nothingGivesNothing() {
    #expect(columns(of: [], width: 80, maxRows: 10).isEmpty)
  }
}
