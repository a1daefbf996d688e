import Testing

@testable import migsh

/// What can be shown follows from the environment and from whether output goes to a terminal.
@Suite struct ScreenTests {
  private static func screen(_ variables: [String: String], terminal: Bool = true, plain: Bool = false) -> (
    colors: Bool, unicode: Bool, told: Bool
  ) {
    let screen = Terminal.screen(tellsPictures: plain, isTerminal: terminal, columns: 80) { variables[$0] }
    return (screen.showsColors, screen.showsUnicode, screen.tellsPictures)
  }

  private static let usual = ["TERM": "xterm-256color", "LANG": "en_US.UTF-8"]

  @Test func aTerminalHasColoursAndLines() {
    #expect(Self.screen(Self.usual) == (true, true, false))
    #expect(Self.screen(Self.usual, plain: true).told)
    // The same bytes go into a file on every machine.
    #expect(Self.screen(Self.usual, terminal: false) == (false, true, false))
    #expect(Self.screen([:], terminal: false) == (false, true, false))
    #expect(Self.screen(["TERM": "dumb"], terminal: false) == (false, true, false))
  }

  @Test func theEnvironmentIsObeyed() {
    func with(_ name: String, _ value: String) -> [String: String] { Self.usual.merging([name: value]) { $1 } }
    #expect(!Self.screen(with("NO_COLOR", "1")).colors)
    // According to no-color.org an empty variable counts as unset.
    #expect(Self.screen(with("NO_COLOR", "")).colors)
    #expect(Self.screen(["CLICOLOR_FORCE": "1"], terminal: false).colors)
    #expect(!Self.screen(["CLICOLOR_FORCE": "0"], terminal: false).colors)
    #expect(!Self.screen(["CLICOLOR_FORCE": "1", "NO_COLOR": "1"], terminal: false).colors)
    #expect(Self.screen(with("TERM", "dumb")) == (false, true, true))
    #expect(Self.screen(with("MIGSH_PLAIN", "1")).told && Self.screen(["MIGSH_PLAIN": "1"], terminal: false).told)
    #expect(!Self.screen(with("MIGSH_PLAIN", "0")).told && !Self.screen(with("MIGSH_PLAIN", "")).told)
    #expect(!Self.screen(["LANG": "C"]).colors)
    #expect(!Self.screen(with("LC_ALL", "C")).unicode)
    #expect(Self.screen(with("LC_ALL", "C.utf8")).unicode)
    #expect(!Self.screen(with("LC_CTYPE", "de_DE.ISO-8859-1")).unicode)
  }

  /// Options of commands that execute something may stand in front of their names.
  @Test(arguments: [
    ("--plain lesson why-move", "lesson --plain why-move"), ("--seed 7 --plain run x", "run --seed 7 --plain x"),
    ("--format=json lesson a --step b", "lesson --format=json a --step b"), ("--plain", "--plain"),
    ("--plain x.migsh", "--plain x.migsh"), ("--plain grade x", "--plain grade x"),
    ("lesson --plain", "lesson --plain"),
    ("--seed", "--seed"), ("", ""),
  ])
  func optionsMayStandInFront(_ typed: String, _ parsed: String) {
    func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
    #expect(SessionOptions.movedBehindSubcommand(words(typed)) == words(parsed))
  }
}
