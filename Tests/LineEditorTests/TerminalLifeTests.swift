import Glibc
import TestSupport
import Testing

@testable import LineEditor

/// What may happen to a terminal while a line is edited.
@Suite struct TerminalLifeTests {
  /// A shell with job control that runs the helper program.
  private func job() throws -> TerminalSession {
    let session = try TerminalSession(
      "/bin/bash", ["--norc", "--noprofile", "-i"], variables: ["PS1=% ", "HISTFILE="])
    session.type(builtProgram("line-editor-probe") + "\r")
    try session.expect("probe>")
    return session
  }

  @Test func controlZSuspendsAndTheLineComesBack() throws {
    let session = try job()
    session.type("abc (d)" + left + left)
    try session.waitForScreen { $0.text.hasSuffix("probe> abc (d)") && $0.column == 12 }
    session.type(controlZ)
    let stopped = try session.expect("Stopped")
    // Pastes are for the shell again.
    #expect(stopped.contains("\u{1B}[?2004l"))
    session.type("fg\r")
    try session.waitForScreen { $0.text.hasSuffix("line-editor-probe\nprobe> abc (d)") && $0.column == 12 }
    session.type("x\r")
    try session.expect("[line \"abc (xd)\"]")
  }

  @Test func controlZTakesTheSuggestionAway() throws {
    let session = try job()
    session.type("spawn p1\r")
    try session.waitForScreen { $0.text.hasSuffix("[line \"spawn p1\"]\nprobe>") }
    session.type("spa")
    try session.waitForScreen { $0.text.hasSuffix("probe> spawn p1") }
    session.type(controlZ)
    try session.expect("Stopped")
    #expect(session.screen.text.contains("probe> spa\n"))
    session.type("fg\r")
    try session.waitForScreen { $0.text.hasSuffix("line-editor-probe\nprobe> spawn p1") }
    session.type(controlZ)
    try session.expect("Stopped")
    session.type("fg\r")
    try session.waitForScreen { $0.text.hasSuffix("line-editor-probe\nprobe> spawn p1") }
    session.type("\r")
    try session.expect("[line \"spa\"]")
  }

  @Test func aTerminalThatIsClosedEndsTheProgram() throws {
    let session = try probe()
    try session.expect("probe>")
    session.type("abc")
    try session.expect("abc")
    #expect(session.hangUp())
  }

  /// Under `nohup` the signal is ignored, and reading fails.
  @Test func itEndsAlsoWithoutTheSignal() throws {
    let session = try TerminalSession(
      "/bin/sh", ["-c", "trap '' HUP; exec \"$0\"", builtProgram("line-editor-probe")])
    try session.expect("probe>")
    session.type("abc")
    try session.expect("abc")
    #expect(session.hangUp())
  }

  @Test(arguments: [(1, 1), (24, 1), (1, 80), (2, 2), (3, 3)] as [(UInt16, UInt16)])
  func tinyTerminalsWork(rows: UInt16, columns: UInt16) throws {
    let session = try probe(rows: rows, columns: columns)
    session.type("spawn (abc) 12 \"x" + left + "sp\t" + home + right + end + up + down + "\u{C}\r")
    try session.expect("[line \"spawn (abc) 12 ")
    session.waitForSilence()
    session.type("spa")
    session.waitForSilence()
    session.type("wn 中 {\r")
    try session.expect("中 {\"]")
    session.type("}\r")
    try session.expect("}\"]")
  }

  @Test(
    arguments: [
      [0xFF], [0xC3], [0xC3, 0x28], [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xED, 0xA0, 0x80], [0x80],
      [0xF4, 0x90, 0x80, 0x80],
    ] as [[UInt8]]) func brokenUTF8DoesNoHarm(bytes: [UInt8]) throws
  {
    let session = try probe()
    try session.expect("probe>")
    session.type(Array("ab".utf8) + bytes + Array("cd\r".utf8))
    let output = try session.expect("\"]")
    #expect(output.contains("[line \"abcd\"]") || output.contains("[line \"ab(cd\"]"))
  }

  @Test func aGiantPasteIsRefusedQuickly() throws {
    let session = try probe()
    try session.expect("probe>")
    let block = Array(String(repeating: "spawn process number 12345678901\r", count: 10 << 15).utf8)
    #expect(block.count > 10_000_000)
    let clock = ContinuousClock()
    let start = clock.now
    session.type(Array("\u{1B}[200~".utf8) + block + Array("\u{1B}[201~".utf8))
    try session.expect("not pasted: more than 32768 characters")
    // Optimised it takes a quarter of a second. Here other tests run beside it, and nothing is optimised.
    #expect(clock.now - start < .seconds(60))
    session.type("next\r")
    try session.expect("[line \"next\"]")
  }

  @Test func keysOfViWork() throws {
    let session = try probe(editrc: "bind -v\n")
    try session.expect("probe>")
    session.type("abc def")
    session.type(escape + "bcwxyz" + escape + "0x$p\r")
    try session.expect("[line \"bc xyza\"]")
    session.type("spa\t" + escape + "k\r")
    try session.expect("[line \"bc xyza\"]")
  }
}
