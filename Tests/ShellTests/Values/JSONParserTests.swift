import Testing

@testable import Shell

@Suite struct JSONParserTests {
  @Test func valuesAreRead() throws(JSONMistake) {
    let text = #" {"a":[1,-2,0.5,1e3,true,false,null,"\u00e9\ud83d\ude42\n\/"],"b":{},"a":2} "#
    let value = try JSON(parsing: Array(text.utf8))
    #expect(value["a"] == .integer(2))
    #expect(value.encoded == #"{"a":[1,-2,0.5,1000.0,true,false,null,"é🙂\n/"],"b":{},"a":2}"#)
    #expect(try JSON(parsing: Array(#""\ud83d x \udc00""#.utf8)) == .string("\u{FFFD} x \u{FFFD}"))
    #expect(try JSON(parsing: Array("9223372036854775808".utf8)) == .number(9_223_372_036_854_775_808))
    #expect(try JSON(parsing: Array(#""\ud83d\u0041""#.utf8)) == .string("\u{FFFD}A"))
  }

  @Test(arguments: [
    "", " ", "{", "[1,]", "{\"a\":1,}", "{a:1}", "01", "1.", ".5", "+1", "1e", "--1", "tru", "nullx", "\"", "\"\\x\"",
    "\"\\u12g4\"", "\"\\u12", "\"\t\"", "[1 2]", "{\"a\" 1}", "1 2", "1e999", "NaN", "'a'", "[", "\u{FEFF}1",
    String(repeating: "[", count: 100_000),
  ]) func othersAreRefused(_ text: String) {
    #expect(throws: JSONMistake.self) { try JSON(parsing: Array(text.utf8)) }
  }

  /// What is written is read again.
  @Test func textsComeBack() throws(JSONMistake) {
    let texts = ["", "\u{0}\u{1F}\u{7F}\u{2028}", "\"\\/", "é🙂", "\u{10FFFF}"]
    for text in texts { #expect(try JSON(parsing: Array(JSON.string(text).encoded.utf8)) == .string(text)) }
  }
}
