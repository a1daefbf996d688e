import Glibc
import TestSupport
import Testing

@testable import LineEditor

@Suite struct HistoryFileTests {
  private let directory = TemporaryDirectory()
  private var path: String { directory.path + "/state/migsh/history" }

  private func write(_ bytes: [UInt8]) {
    directory.write(bytes, to: "history")
  }

  private var plainPath: String { directory.path + "/history" }

  @Test func entriesComeBackInOrder() {
    var history = HistoryFile(path: path)
    let entries = ["node add a b", "two\nlines {\n\t}", "back\\slash \\n", "\\", "grüße 😀", "trailing "]
    for entry in entries {
      let isAdded = history.append(entry)
      #expect(isAdded, "\(entry)")
    }
    #expect(history.entries == entries)
    var reloaded = HistoryFile(path: path)
    #expect(reloaded.entries == entries)
    history.expectNoWarning()
    reloaded.expectNoWarning()
  }

  @Test func theFileAndItsDirectoriesAreTheOwnersAlone() {
    var history = HistoryFile(path: path)
    history.append("x")
    #expect(mode(path) == 0o600)
    #expect(mode(directory.path + "/state/migsh") == 0o700)
    #expect(mode(directory.path + "/state") == 0o700)
  }

  @Test func aFileThatOthersCouldReadIsClosedToThem() {
    write(Array("a\n".utf8))
    chmod(plainPath, 0o644)
    #expect(HistoryFile(path: plainPath).entries == ["a"])
    #expect(mode(plainPath) == 0o600)
  }

  @Test(arguments: ["", " ", "\n", "  \t", " secret", "a\u{1B}[2J", "nul\0", "\u{7F}"])
  func whatShouldNotBeKeptIsNot(entry: String) {
    var history = HistoryFile(path: path)
    let isAdded = history.append(entry)
    #expect(!isAdded)
    #expect(history.entries.isEmpty)
    #expect(HistoryFile(path: path).entries.isEmpty)
  }

  @Test func anEntryIsNotRepeatedAtOnce() {
    var history = HistoryFile(path: path)
    for entry in ["a", "a", "b", "a"] { history.append(entry) }
    #expect(history.entries == ["a", "b", "a"])
    var next = HistoryFile(path: path)
    next.append("a")
    #expect(next.entries == ["a", "b", "a"])
  }

  @Test func aHistoryWithoutAFileOnlyRemembers() {
    var history = HistoryFile()
    history.append("a")
    #expect(history.entries == ["a"])
    history.expectNoWarning()
  }

  @Test func twoShellsLoseNothing() {
    var first = HistoryFile(path: path)
    var second = HistoryFile(path: path)
    first.append("1")
    second.append("2")
    first.append("3")
    #expect(first.entries == ["1", "3"])
    #expect(HistoryFile(path: path).entries == ["1", "2", "3"])
  }

  @Test func shellsThatTrimWhileOthersWriteLoseNothing() async {
    write(Array((1...19_990).map { "old \($0)\n" }.joined().utf8))
    let path = plainPath
    await withTaskGroup { group in
      for shell in 1...4 {
        group.addTask {
          var history = HistoryFile(path: path)
          for number in 1...20 { history.append("shell \(shell) line \(number)") }
          history.expectNoWarning()
        }
      }
    }
    let entries = HistoryFile(path: path).entries
    for shell in 1...4 {
      let own = entries.filter { $0.hasPrefix("shell \(shell) ") }
      #expect(own == (1...20).map { "shell \(shell) line \($0)" })
    }
    #expect(lineCount(plainPath) < 19_990)
  }

  @Test func onlyTheLastEntriesAreLoaded() {
    write(Array((1...10_500).map { "line \($0)\n" }.joined().utf8))
    let history = HistoryFile(path: plainPath)
    #expect(history.entries.count == HistoryFile.maxLoadedEntries)
    #expect(history.entries.first == "line 501")
    #expect(history.entries.last == "line 10500")
    #expect(lineCount(plainPath) == 10_500)
  }

  @Test(arguments: [(20_000, 20_000), (20_001, 10_000), (50_000, 10_000)])
  func aFileThatHasGrownIsCutBack(lines: Int, kept: Int) {
    write(Array((1...lines).map { "line \($0)\n" }.joined().utf8))
    var history = HistoryFile(path: plainPath)
    #expect(lineCount(plainPath) == kept)
    #expect(history.entries.last == "line \(lines)")
    history.expectNoWarning()
    #expect(mode(plainPath) == 0o600)
  }

  @Test func aFileThatGrowsUnderOneShellIsCutBack() {
    write(Array((1...20_000).map { "line \($0)\n" }.joined().utf8))
    var history = HistoryFile(path: plainPath)
    history.append("one more")
    #expect(lineCount(plainPath) == 10_000)
    #expect(HistoryFile(path: plainPath).entries.last == "one more")
  }

  @Test func anEntryTooLongForTheFileIsStillRemembered() {
    var history = HistoryFile(path: path)
    let long = String(repeating: "x", count: HistoryFile.maxEntryBytes + 1)
    history.append(long)
    history.append("short")
    #expect(history.entries == [long, "short"])
    #expect(HistoryFile(path: path).entries == ["short"])
  }

  @Test func junkInTheFileIsSkipped() {
    let junk: [UInt8] = [0xFF, 0xFE, 0x0A, 0x00, 0x41, 0x0A, 0x0A, 0x1B, 0x5B, 0x0A, 0xC3]
    write(Array("first\n".utf8) + junk + Array("\nlast\\".utf8))
    var history = HistoryFile(path: plainPath)
    #expect(history.entries == ["first", "last"])
    history.append("new")
    #expect(HistoryFile(path: plainPath).entries == ["first", "last", "new"])
    history.expectNoWarning()
  }

  @Test func aHugeFileOfJunkIsReadOnlyAtItsEnd() {
    write([UInt8](repeating: 0x41, count: 5 << 20) + Array("\nlast\n".utf8))
    #expect(HistoryFile(path: plainPath).entries == ["last"])
  }

  @Test func whatIsNoPlainFileIsRefusedWithOneWarning() {
    directory.write([], to: "file")
    mkfifo(directory.path + "/pipe", 0o600)
    for path in [directory.path, directory.path + "/file/history", directory.path + "/pipe", "/dev/null", ""] {
      var history = HistoryFile(path: path)
      history.append("a")
      history.append("b")
      #expect(history.entries == ["a", "b"])
      let warning = history.takeWarning()
      #expect(path.isEmpty || warning?.contains(path) == true)
      #expect(warning?.contains("only until this shell ends") == true)
      history.expectNoWarning()
    }
  }

  @Test(.enabled(if: getuid() != 0, "the superuser may write anywhere"))
  func aDirectoryThatCannotBeWrittenGivesAWarning() {
    chmod(directory.path, 0o500)
    var history = HistoryFile(path: path)
    history.append("a")
    #expect(history.entries == ["a"])
    let warning = history.takeWarning()
    #expect(warning?.contains("denied") == true)
  }

  @Test func aLockThatIsNeverGivenBackIsNotWaitedForForEver() {
    write(Array("a\n".utf8))
    let holder = open(plainPath, O_RDWR)
    flock(holder, LOCK_EX)
    var history = HistoryFile(path: plainPath)
    let warning = history.takeWarning()
    #expect(warning?.contains("lock") == true)
    close(holder)
  }

  @Test func onAFullDiskTheFileKeepsItsWholeLines() throws {
    let output = try run(builtProgram("line-editor-probe"), ["--fill", plainPath, "1000"]).output
    #expect(output.contains("entries: 100\n"))
    #expect(output.contains("warning: the history file \(plainPath) cannot be used: File too large"))
    #expect(output.contains("second warning: none"))
    let kept = HistoryFile(path: plainPath).entries
    #expect(kept == (1...63).map { "entry number \($0)" })
  }

  /// A shell is killed while it appends and cuts back, and another shell appends at the same time. Every line is whole,
  /// and none is missing.
  @Test func aShellThatIsKilledLeavesWholeLines() throws {
    write(Array((1...1_400).map { "old \($0)\n" }.joined().utf8))
    var other = HistoryFile(path: plainPath)
    for round in 1...6 {
      let outcome = try run(
        builtProgram("line-editor-probe"), ["--append", plainPath],
        interruptOnceItWrote: "\(round % 3 * 500 + 500) entries", signal: SIGKILL)
      #expect(outcome.status == 128 + SIGKILL)
      other.append("other \(round)")
      let text = String(decoding: contents(of: plainPath), as: UTF8.self)
      #expect(text.hasSuffix("\nother \(round)\n"))
      let numbers = text.split(separator: "\n").compactMap { line -> Int? in
        let words = line.split(separator: " ")
        let isWhole = words.first == "entry" ? words.count == 3 : words.count == 2 && words[1].allSatisfy(\.isNumber)
        #expect(isWhole, "\(line)")
        return words.first == "entry" ? words.last.flatMap { Int($0) } : nil
      }
      #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $1 == $0 + 1 || $1 == 1 })
      #expect(HistoryFile(path: plainPath).entries.last == "other \(round)")
    }
    other.expectNoWarning()
  }

  @Test func theStandardPlaceFollowsTheEnvironment() {
    #expect(StateFolder.path(of: "history", stateHome: "/state", home: "/home/a") == "/state/migsh/history")
    #expect(StateFolder.path(of: "history", stateHome: nil, home: "/home/a") == "/home/a/.local/state/migsh/history")
    #expect(StateFolder.path(of: "history", stateHome: "relative", home: "/h") == "/h/.local/state/migsh/history")
    #expect(StateFolder.path(of: "history", stateHome: "", home: "") == nil)
    #expect(StateFolder.path(of: "history", stateHome: nil, home: nil) == nil)
  }

  @Test(arguments: [
    ("/state", "/users/ada", "/state/migsh/progress"),
    ("state", "/users/ada", "/users/ada/.local/state/migsh/progress"),
    (nil, "/users/ada", "/users/ada/.local/state/migsh/progress"), ("", "home", nil), (nil, nil, nil),
  ]) func theProgressOfLearnersHasItsPlace(_ stateHome: String?, _ home: String?, _ path: String?) {
    #expect(StateFolder.path(of: "progress", stateHome: stateHome, home: home) == path)
  }
}

extension HistoryFile {
  fileprivate mutating func expectNoWarning(sourceLocation: SourceLocation = #_sourceLocation) {
    let warning = takeWarning()
    #expect(warning == nil, sourceLocation: sourceLocation)
  }
}

private func mode(_ path: String) -> mode_t {
  var status = stat()
  return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
}

private func lineCount(_ path: String) -> Int {
  contents(of: path).split(separator: UInt8(ascii: "\n")).count
}
