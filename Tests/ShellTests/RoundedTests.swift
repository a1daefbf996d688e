import CommandLanguage
import Testing

@testable import Shell

/// Numbers as a person would say them.
@Suite struct RoundedTests {
  @Test(arguments: [
    ("12.34ms", "about 12 ms"), ("12ms", "12 ms"), ("9.96ms", "about 10 ms"), ("999.9ms", "about 1 s"), ("0s", "0 ns"),
    ("3", "3"), ("17", "17"), ("21", "21"), ("256", "about 260"), ("1000", "1000"), ("1234", "about 1200"),
    ("2 / 3", "two thirds"), ("66 / 100", "about two thirds"), ("1 / 2", "half"), ("51%", "about half"),
    ("66%", "about two thirds"),
    ("3%", "3%"), ("3.14%", "about 3.1%"), ("0%", "nothing"), ("100%", "all"), ("98%", "nearly all"),
    ("3.97 / 1", "about 4"), ("3 / 2", "1.5"), ("100 / 7", "about 14"), ("3.14159 / 1", "about 3.1"), ("4KiB", "4 KiB"),
    ("5000B", "about 4.9 KiB"),
    ("100Mbps", "100 Mbps"), ("123Mbps", "about 120 Mbps"), ("0 - 256", "about -260"), ("1 / 1000", "0.001"),
    ("1 / 700", "about 0.0014"),
  ]) func says(_ expression: String, _ text: String) throws {
    var output = ""
    var session = Session { output += $0 }
    #expect(session.execute(SourceText(name: "x", text: "say \"$(about(\(expression)))\"")) == .success, "\(output)")
    #expect(output == text + "\n")
  }

  @Test func saysNothingOfTexts() {
    var output = ""
    var session = Session { output += $0 }
    #expect(session.execute(SourceText(name: "x", text: "print about(\"x\")")) == .refused)
    #expect(output.contains("expected a number"))
  }
}
