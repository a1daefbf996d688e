import Testing

@testable import CommandLanguage

@Suite struct LexerTests {
  private func kinds(_ text: String) throws -> [Token.Kind] {
    let source = try SourceText(name: "t", bytes: Array(text.utf8))
    var lexer = Lexer(source: source, range: SourceSpan(start: 0, end: source.utf8.count))
    var kinds: [Token.Kind] = []
    while try lexer.peek().kind != .end { kinds.append(try lexer.next().kind) }
    return kinds
  }

  @Test func names() throws {
    #expect(
      try kinds("a a-b a_1-2 a- --flag") == [
        .name("a"), .name("a-b"), .name("a_1-2"), .name("a"), .symbol(.minus), .flag("flag"),
      ])
    #expect(try kinds("a--b") == [.name("a"), .symbol(.minus), .symbol(.minus), .name("b")])
  }

  @Test func commentsAndContinuedLines() throws {
    #expect(try kinds("a # b ; c\nd") == [.name("a"), .separator, .name("d")])
    #expect(try kinds("a \\\n b \\ \r\n c") == [.name("a"), .name("b"), .name("c")])
    #expect(try kinds("a;b") == [.name("a"), .separator, .name("b")])
    #expect(try kinds("'#'") == [.string([.literal("#")])])
    #expect(throws: Diagnostic.self) { try kinds("a \\ b") }
  }

  @Test func ranges() throws {
    #expect(try kinds("0..15") == [.number(.integer(0)), .symbol(.range), .number(.integer(15))])
    #expect(try kinds("1.5..2") == [.number(.decimal(1.5)), .symbol(.range), .number(.integer(2))])
  }

  @Test func texts() throws {
    #expect(try kinds(#""a\n\t\"\\\$b""#) == [.string([.literal("a\n\t\"\\$b")])])
    #expect(try kinds(#"'a\n$b'"#) == [.string([.literal(#"a\n$b"#)])])
    #expect(try kinds("\"a\r\nb\\\nc\"") == [.string([.literal("a\nbc")])])
    #expect(try kinds(#""$5 $ $.""#) == [.string([.literal("$5 $ $.")])])
    #expect(try kinds(#""""#) == [.string([])])
    #expect(
      try kinds(#""$a.b$c-d""#) == [
        .string([
          .variable("a", SourceSpan(start: 1, end: 3)), .literal(".b"), .variable("c-d", SourceSpan(start: 5, end: 9)),
        ])
      ])
    #expect(
      try kinds(#""$(f(")") + 1)!""#) == [
        .string([.substitution(SourceSpan(start: 3, end: 13)), .literal("!")])
      ])
  }

  @Test(arguments: [
    #""\q""#, #""abc"#, "'abc", #""$(a""#, "$", "$1", "&", "é", "5µs", "\u{1B}", "'\u{1B}'", "5%2",
    "99999999999999999999",
  ])
  func refuses(text: String) {
    #expect(throws: Diagnostic.self) { try kinds(text) }
  }

  @Test(arguments: [("a && b", "and"), ("a || b", "or"), ("!a", "not"), ("\u{201C}a\u{201D}", "\"")])
  func suggestsTheLanguagesOwnSigns(text: String, sign: String) {
    #expect(mistake("print " + text)?.suggestion == sign)
  }

  @Test func rawWords() {
    let source = SourceText(name: "t", text: "  ../a-1/3x.migsh;b")
    var lexer = Lexer(source: source, range: SourceSpan(start: 0, end: source.utf8.count))
    #expect(lexer.nextRawWord()?.word == "../a-1/3x.migsh")
    #expect(lexer.nextRawWord()?.word == nil)
  }
}

@Suite struct LiteralTests {
  private func literal(_ text: String) throws -> String? { try understood(text) }

  @Test(arguments: [
    ("5", "5"), ("007", "7"), ("2.50", "2.5"), ("1.5ms", "1500000:time"), ("0.000000001s", "1:time"),
    ("1.0000000000000000000000000000ns", "1:time"), ("123456789.123456789s", "123456789123456789:time"),
    ("1.5KiB", "1536:size"), ("0.0009765625KiB", "1:size"), ("4GiB", "4294967296:size"), ("1.5kB", "1500:size"),
    ("100Mbps", "100000000:rate"), ("0.5kbps", "500:rate"), ("20%", "0.2:share"), ("12.5%", "0.125:share"),
    ("0.1KiB", "102:size"), ("1.234MiB", "1293943:size"), ("9223372036854775807", "9223372036854775807"),
    ("9223372036.854775807s", "9223372036854775807:time"),
  ])
  func isExact(text: String, value: String) throws {
    #expect(try literal(text) == value)
  }

  @Test(arguments: [
    ("0.3ns", "`0.3ns` is no whole number of nanoseconds"),
    ("0.5bps", "`0.5bps` is no whole number of bits per second"),
    ("9223372036854775808", "`9223372036854775808` is too large a number"),
    ("9223372036.854775808s", "`9223372036.854775808s` is too large a number"),
    ("9999999999GiB", "`9999999999GiB` is too large a number"),
    ("0.\(String(repeating: "1", count: 39))s", "this number has too many digits"),
    ("5sec", "`sec` is no unit"),
  ])
  func isRefused(text: String, message: String) {
    #expect(mistake("print " + text)?.message == message)
  }

  @Test func decimalsTooLargeForANumberAreRefused() {
    #expect(
      mistake("print \(String(repeating: "9", count: 400)).5")?.message.hasSuffix("is too large a number") == true)
  }
}
