import Testing

@testable import CommandLanguage

@Suite struct SourceTextTests {
  @Test func countsLinesAndCharacters() {
    let source = SourceText(name: "a", text: "ab\né\u{301}x\n\nz")
    #expect(source.location(0) == (1, 1))
    #expect(source.location(2) == (1, 3))
    #expect(source.location(3) == (2, 1))
    #expect(source.location(7) == (2, 2))
    #expect(source.location(9) == (3, 1))
    #expect(source.location(10) == (4, 1))
    #expect(source.location(11) == (4, 2))
    #expect(source.lastLine == 4)
  }

  @Test func keepsOffsetsOutsideTheTextAtItsEnds() {
    let source = SourceText(name: "a", text: "ab\ncd")
    #expect(source.location(-5) == (1, 1))
    #expect(source.location(99) == (2, 3))
    #expect(source.text(SourceSpan(start: -3, end: 99)) == "ab\ncd")
    #expect(source.text(SourceSpan(start: 4, end: 1)) == "")
  }

  @Test func aLineEndOfTwoSignsIsANewline() throws {
    let source = try SourceText(name: "a", bytes: Array("ab\r\ncd\r\n\r\n".utf8))
    #expect(source.text == "ab\ncd\n\n")
    #expect(source.line(at: 0) == "ab")
    #expect(source.location(3) == (2, 1))
  }

  @Test(arguments: ["ab\r\nc\rd", "ab\r\nc\r", "ab\r\nc\r\r\n"]) func anotherCarriageReturnIsRefused(_ text: String) {
    let error = #expect(throws: Diagnostic.self) { try SourceText(name: "a", bytes: Array(text.utf8)) }
    #expect(error?.place == SourcePlace(file: "a", line: 2, column: 2))
    #expect(error?.message == "a carriage return does not end a line")
  }

  @Test func slicesKeepTheirLineNumbers() {
    #expect(SourceText(name: "a", text: "x\ny", firstLine: 41).location(2) == (42, 1))
  }

  @Test func dropsAByteOrderMark() throws {
    #expect(try SourceText(name: "a", bytes: [0xEF, 0xBB, 0xBF, 0x78]).text == "x")
  }

  @Test func refusesBytesThatAreNotUTF8() {
    let error = #expect(throws: Diagnostic.self) { try SourceText(name: "a", bytes: [0x78, 0x0A, 0x79, 0xFF, 0x7A]) }
    #expect(error?.place == SourcePlace(file: "a", line: 2, column: 2))
    #expect(error?.message == "this byte is not UTF-8")
  }

  @Test(
    arguments: [
      ([0x78, 0x1B, 0x5B], "U+001B"), ([0x78, 0x00], "U+0000"), ([0x78, 0x7F], "U+007F"),
      ([0x78, 0xC2, 0x9B], "U+009B"),
    ] as [([UInt8], String)])
  func refusesControlCharacters(bytes: [UInt8], code: String) {
    let error = #expect(throws: Diagnostic.self) { try SourceText(name: "a", bytes: bytes) }
    #expect(error?.place.column == 2)
    #expect(error?.message == "the control character \(code) cannot stand in a text")
    #expect(error?.rendered().contains("\u{1B}") == false)
  }

  @Test func takesTabsAndNewlines() throws {
    #expect(try SourceText(name: "a", bytes: Array("a\tb\nc".utf8)).text == "a\tb\nc")
  }

  @Test func refusesWhatIsTooLarge() throws {
    let most = [UInt8](repeating: 0x20, count: SourceText.sizeLimit)
    #expect(try SourceText(name: "a", bytes: most).utf8.count == most.count)
    let error = #expect(throws: Diagnostic.self) { try SourceText(name: "a", bytes: most + [0x20]) }
    #expect(error?.message.contains("the most is 4194304") == true)
  }
}
