import Testing

@testable import CommandLanguage

@Suite struct LooseTokenTests {
  private func tokens(_ text: String) -> [String] { LooseToken.all(in: text).map { "\($0.kind) \($0.text)" } }

  @Test func tokensOfTheLanguageAreAsTheLexerHasThem() {
    #expect(
      tokens("migrate p1 b --flush # x\n;") == [
        "word migrate", "word p1", "word b", "flag --flush", "comment # x", "separator \n", "separator ;",
      ])
    #expect(
      tokens("let x=$y+$(20ms)") == [
        "word let", "word x", "symbol =", "variable $y", "symbol +", "substitution $(", "number 20ms", "symbol )",
      ])
  }

  @Test func whatTheLexerRefusesIsAWord() {
    #expect(tokens("5q § a") == ["word 5q", "word §", "word a"])
    #expect(tokens("20%x $ y") == ["word 20", "symbol %", "word x", "variable $", "word y"])
    #expect(tokens("x--flush")[0] == "word x")
  }

  @Test func textsMayBeUnfinished() {
    #expect(tokens("'a' \"b $(c \")\"") == ["text(isClosed: true) 'a'", "text(isClosed: false) \"b $(c \")\""])
    #expect(tokens("\"a\"") == ["text(isClosed: true) \"a\""])
    #expect(tokens("\"") == ["text(isClosed: false) \""])
    #expect(tokens("\"a\\\"") == ["text(isClosed: false) \"a\\\""])
  }

  @Test func tokensCoverTheTextInOrder() {
    let text = "if $x == \"a\" { é 5q } \\\n # end"
    var end = 0
    for token in LooseToken.all(in: text) {
      #expect(token.range.lowerBound >= end && !token.range.isEmpty)
      #expect(String(decoding: Array(text.utf8)[token.range], as: UTF8.self) == token.text)
      end = token.range.upperBound
    }
    #expect(end == text.utf8.count)
  }

  /// What the lexer refuses repeats its whole line when it is described. Twice the line must not take four times as long: a
  /// line of 1 MB would take an hour.
  @Test(arguments: ["! ", "5q ", "\"a $(5q)\" ", "\\ ", "a-", "\"$( "])
  func aLineOfAMegabyteTakesTimeInProportion(_ part: String) {
    let text = String(repeating: part, count: (1 << 20) / part.utf8.count)
    let begun = ContinuousClock.now
    let tokens = LooseToken.all(in: text)
    let parts = tokens.reduce(0) { $0 + $1.parts.count }
    #expect(ContinuousClock.now - begun < .seconds(60))
    #expect(!tokens.isEmpty && tokens.last.map { $0.range.upperBound + 4 >= text.utf8.count } == true)
    if part.contains("5q)") { #expect(parts == 3 * tokens.count) }
  }

  @Test func partsOfATextStandWhereTheTextDoes() throws {
    let text = "say 'x' \"a $b and $(c + 5q)\""
    let token = try #require(LooseToken.all(in: text).last)
    #expect(token.parts.map(\.text) == ["$b", "$(", "c", "+", "5q", ")"])
    for part in token.parts { #expect(String(decoding: Array(text.utf8)[part.range], as: UTF8.self) == part.text) }
  }

  @Test func statementsAreFollowedIntoBlocks() {
    func statement(_ text: String) -> String {
      var statements = LooseStatements()
      for token in LooseToken.all(in: text) { statements.pass(token) }
      return "\(statements.innermost.place): " + statements.innermost.tokens.map(\.text).joined(separator: " ")
    }
    #expect(statement("now; migrate p") == "commands: migrate p")
    #expect(statement("if x { migrate") == "commands: migrate")
    #expect(statement("if x { migrate }") == "commands: if x { }")
    #expect(statement("program x { repeat { write 0 compute") == "steps: compute")
    #expect(statement("print count([a, b") == "expression: a , b")
    #expect(statement("print )}]") == "commands: print ) } ]")
  }

  @Test(arguments: [
    ("", 0), ("repeat 3 {\n", 1), ("repeat 3 { if x {\n", 2), ("repeat 3 { if x { }\n", 1), ("say \"{\n", 0),
    ("# {\n", 0), ("repeat 3 { say \"\n", 0), ("print (\n", 0), ("}}\n", 0),
  ]) func linesAreIndentedByTheBracesThatAreOpen(_ text: String, _ depth: Int) {
    #expect(Parser.indentation(after: text) == depth)
  }
}
