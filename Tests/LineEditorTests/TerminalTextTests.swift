import Testing

@testable import LineEditor

@Suite struct PromptTests {
  @Test func colourIsMarkedAndEndsBeforeTheLastCharacter() {
    #expect(Prompt.colored("migsh> ") == "\u{1}\u{1B}[1;36m\u{1}migsh>\u{1}\u{1B}[0m\u{1} ")
  }

  @Test(arguments: ["", ">"]) func aPromptTooShortForColourStaysPlain(text: String) {
    #expect(Prompt.colored(text) == text)
  }

  @Test func controlCharactersAreDropped() {
    #expect(Prompt.plain("a\u{1}\u{1B}b\n> ", allowsUnicode: true) == "ab> ")
  }

  @Test func outsideUTF8OnlyASCIIIsLeft() {
    #expect(Prompt.plain("é… ", allowsUnicode: false) == "?? ")
    #expect(Prompt.plain("é… ", allowsUnicode: true) == "é… ")
  }
}

@Suite struct ScreenPositionTests {
  private func position(after text: String, columns: Int) -> [Int] {
    TerminalAbilities.chooseLocale()
    var position = ScreenPosition(columns: columns)
    position.advance(over: text.unicodeScalars.map(\.value))
    return [position.row, position.column]
  }

  @Test func charactersTakeTheirWidth() {
    #expect(position(after: "abc", columns: 80) == [0, 3])
    #expect(position(after: "a\tb", columns: 80) == [0, 9])
    #expect(position(after: "a\u{3}", columns: 80) == [0, 3])
    #expect(position(after: "中", columns: 80) == [0, 2])
    #expect(position(after: "e\u{301}", columns: 80) == [0, 1])
    #expect(position(after: "\u{80}", columns: 80) == [0, 8])
  }

  @Test func linesBreakAtNewlinesAndAtTheMargin() {
    #expect(position(after: "a\nbc", columns: 80) == [1, 2])
    #expect(position(after: "abcd", columns: 4) == [1, 0])
    #expect(position(after: "abcde", columns: 4) == [1, 1])
    #expect(position(after: "abc中", columns: 4) == [1, 2])
  }

  @Test func aTabEndsAtTheMarginAtTheLatest() {
    #expect(position(after: "abc\t", columns: 10) == [0, 8])
    #expect(position(after: "abcdefgh\tx", columns: 10) == [1, 1])
    #expect(position(after: "a\tx", columns: 7) == [1, 1])
  }

  @Test(arguments: [-1, 0]) func anUnknownWidthIsNotDividedBy(columns: Int) {
    #expect(position(after: "ab", columns: columns) == [2, 0])
  }
}

@Suite struct TerminalAbilitiesTests {
  private typealias Description = TerminalAbilities.Description
  private let dim = "\u{1B}[2m"

  private func abilities(
    clear: String? = "\u{1B}[K", dim: String? = nil, colors: Int? = 8, noColor: String? = nil, force: String? = nil
  ) -> TerminalAbilities {
    TerminalAbilities(
      Description(clearToLineEnd: clear, dim: dim, colors: colors), noColor: noColor, forceColor: force,
      allowsUnicode: true)
  }

  @Test func aTerminalWithEscapesShowsColours() {
    #expect(abilities().obeysEscapes)
    #expect(abilities().showsColors)
    #expect(abilities(colors: nil).showsColors)
    #expect(!abilities(colors: -1).showsColors)
  }

  @Test func noColorTakesColoursAwayUnlessItIsEmpty() {
    #expect(!abilities(noColor: "1").showsColors)
    #expect(abilities(noColor: "").showsColors)
  }

  @Test func coloursCanBeForced() {
    #expect(abilities(colors: -1, force: "1").showsColors)
    #expect(!abilities(colors: -1, force: "0").showsColors)
    #expect(!abilities(colors: -1, force: "").showsColors)
    #expect(!abilities(noColor: "1", force: "1").showsColors)
    #expect(!abilities(clear: nil, force: "1").showsColors)
  }

  @Test func dimTextGoesWithTheColours() {
    #expect(abilities(dim: dim, noColor: "1").dim == nil)
    #expect(abilities(dim: dim, colors: 2).dim == dim)
    #expect(abilities(dim: dim).dim == dim)
    #expect(abilities().dim == "\u{1B}[90m")
    #expect(abilities(noColor: "1").dim == nil)
    #expect(abilities(clear: nil, dim: dim).dim == nil)
  }

  @Test(arguments: [nil, "", "\u{1B}K"]) func aDumbOrAncientTerminalGetsNoEscapes(clearToLineEnd: String?) {
    #expect(!abilities(clear: clearToLineEnd).obeysEscapes)
    #expect(!abilities(clear: clearToLineEnd).showsColors)
  }
}

@Suite struct CharacterDecoderTests {
  private func decode(_ bytes: [UInt8]) -> String {
    var decoder = CharacterDecoder()
    var text = String.UnicodeScalarView()
    for byte in bytes {
      if let scalar = decoder.decode(byte) { text.append(scalar) }
    }
    return String(text)
  }

  @Test(arguments: ["", "abc", "äöü", "€", "😀", "a😀b\u{0}\u{7F}"]) func textComesBack(text: String) {
    #expect(decode(Array(text.utf8)) == text)
  }

  @Test(arguments: [
    [0xFF], [0x80], [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xC0, 0x80], [0xED, 0xA0, 0x80],
    [0xF8, 0x88, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80],
  ]) func brokenSequencesAreDroppedAndDoNotSpoilWhatFollows(bytes: [UInt8]) {
    #expect(decode(bytes + Array("xé".utf8)) == "xé")
  }
}

@Suite struct PastedTextTests {
  private func paste(_ text: String) -> PastedText {
    var paste = PastedText()
    for scalar in text.unicodeScalars { paste.append(scalar) }
    return paste
  }

  @Test func theBlockEndsAtItsMark() {
    #expect(!paste("abc").isComplete)
    #expect(paste("abc\u{1B}[201~").isComplete)
    #expect(paste("abc\u{1B}[201~").text == "abc")
  }

  @Test(arguments: ["a\rb", "a\nb", "a\r\nb", "a\rb\r", "a\r\nb\r\n\r\n"]) func everyLineEndIsANewline(text: String) {
    #expect(paste(text + "\u{1B}[201~").text == "a\nb")
  }

  @Test func emptyLinesAndTabsStayAndControlCharactersGo() {
    #expect(paste("a\r\r\tb\u{3}\u{1B}[31m\u{0}\u{1B}[201~").text == "a\n\n\tb[31m")
  }

  @Test func aBlockOfTheGreatestLengthIsTaken() {
    let block = paste(String(repeating: "x", count: PastedText.maxScalars) + "\u{1B}[201~")
    #expect(block.isComplete)
    #expect(!block.isTooLong)
    #expect(block.text.count == PastedText.maxScalars)
  }

  @Test(arguments: [1, 10, PastedText.maxScalars * 2]) func aLongerBlockIsRefusedAndStillEnds(excess: Int) {
    let block = paste(String(repeating: "x", count: PastedText.maxScalars + excess) + "\u{1B}[201~")
    #expect(block.isComplete)
    #expect(block.isTooLong)
  }
}
