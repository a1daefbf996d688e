import Testing

@testable import Shell

@Suite struct JSONTests {
  @Test func encoding() {
    let value = JSON.object([
      ("v", .integer(1)), ("ok", .boolean(true)), ("data", .array([.null, .number(1.5), .string("x")])),
      ("a", .object([])),
    ])
    #expect(value.encoded == #"{"v":1,"ok":true,"data":[null,1.5,"x"],"a":{}}"#)
  }

  @Test func escapes() {
    let text = "\"\\/\n\r\t\u{0}\u{8}\u{1B}\u{7F}\u{85}\u{2028}é😀"
    #expect(
      JSON.string(text).encoded
        == #""\"\\/\n\r\t\u0000\u0008\u001b\u007f\u0085\u2028é😀""#)
    #expect(JSON.object([("a\nb", .null)]).encoded == #"{"a\nb":null}"#)
  }

  @Test func onlyFiniteNumbers() {
    #expect(JSON.array([.number(.infinity), .number(.nan), .number(1e300)]).encoded == "[null,null,1e+300]")
  }

  @Test func equality() {
    #expect(JSON.object([("a", .null), ("b", .null)]) == .object([("a", .null), ("b", .null)]))
    #expect(JSON.object([("a", .null), ("b", .null)]) != .object([("b", .null), ("a", .null)]))
    #expect(JSON.integer(1) != .number(1))
    #expect(JSON.array([.string("a")]) != .array([]))
  }
}
