import CommandLanguage
import Synchronization
import Testing

@testable import Shell

/// What is shown takes work for what is shown alone, and can be stopped.
@Suite struct ShowingTests {
  private static let asked = Mutex(0)

  @Test func onlyWhatIsShownIsMade() {
    let column = Column<Int>("N>", "n") { number in
      Self.asked.withLock { $0 += 1 }
      return .integer(Int64(number))
    }
    let data = Column<Int>(data: "all") { _ in
      Self.asked.withLock { $0 += 1_000_000 }
      return .value(.none)
    }
    let world = Session { _ in }.state.world
    let listing = Listing(0..<1000, [column], data: { [column, data] })
    #expect(Self.asked.withLock { $0 } == 0)
    #expect(listing.text(in: world).split(separator: "\n").count == 1001)
    #expect(Self.asked.withLock { $0 } == 1000)
    var polls = 0
    let cut = listing.text(in: world) {
      polls += 1
      return polls > 2
    }
    #expect(cut.split(separator: "\n").count < 300)
    #expect(listing.data(in: world).count == 1000)
  }

  @Test(arguments: ["ps", "node list", "log --last 1000", "set format json; ps", "message list --last 1000"])
  func ctrlCStopsWhatIsShown(_ command: String) {
    var session = Session { _ in }
    let scene = "node add a b\nspawn p --program idle --pages 1 --count 300\nsend p1 p2 \"x\" --count 300\nrun 1s"
    #expect(session.execute(SourceText(name: "scene", text: scene)) == .success)
    var polls = 0
    session.isInterrupted = {
      polls += 1
      return polls > 3
    }
    #expect(
      session.execute(SourceText(name: "show", text: command)) == (command == "node list" ? .success : .interrupted))
  }

  /// On a narrow screen a line is cut around its mistake, and long texts in tables go on below themselves.
  @Test func everythingFitsIntoANarrowScreen() {
    var output = ""
    var session = Session { output += $0 }
    session.options.columns = 60
    let scene = "node add first-of-all second-of-all\nspawn p\nmigrate p second-of-all"
    _ = session.execute(SourceText(name: "scene", text: scene))
    let long =
      "say \"\(String(repeating: "x", count: 70))\"; fail nowhere; say \"\(String(repeating: "y", count: 70))\""
    output = ""
    _ = session.execute(SourceText(name: "narrow", text: "if true { \(long) }"))
    let lines = output.split(separator: "\n").map(String.init)
    let caret = lines.firstIndex { $0.contains("^") } ?? 1
    #expect(lines[caret - 1].count <= 60)
    let start = lines[caret].firstIndex(of: "^") ?? lines[caret].startIndex
    let place = lines[caret].distance(from: lines[caret].startIndex, to: start)
    #expect(lines[caret - 1].dropFirst(place).hasPrefix("nowhere"))
    output = ""
    _ = session.execute(SourceText(name: "narrow", text: "log; set"))
    let tooWide = output.split(separator: "\n").filter { $0.count > 60 }
    #expect(tooWide.isEmpty, "\(tooWide)")
  }

  /// A node goes when no process needs it, or the message says what is needed.
  @Test(arguments: [
    ("", "removed b"), ("spawn q --on b", "it has the process q"),
    ("migrate p b; migrate p a; run 100ms", "it has the forwarding address of p"),
    ("migrate p b; migrate p a; run 100ms; kill p", "removed b"),
    ("migrate p b; migrate p a --on-reference; run 10ms", "of p, the forwarding address of p"),
    ("migrate p b --async", "removed b"), ("migrate p b --async; run 2ms", "it has a migration of p from a"),
    ("spawn q --on b --forwarding origin; migrate q a", "what messages for q ask for its place"),
    ("fail b", "removed b"),
  ]) func nodesThatAreNeededStay(_ script: String, _ message: String) {
    var output = ""
    var session = Session { output += $0 }
    let scene = "node add a b\nspawn p\nrun 1ms\n"
    _ = session.execute(SourceText(name: "scene", text: scene + script))
    output = ""
    _ = session.execute(SourceText(name: "remove", text: "node remove b"))
    #expect(output.contains(message), "\(output)")
  }

  @Test func whatTheOperatorChangesIsInTheLog() {
    var output = ""
    var session = Session { output += $0 }
    let script = """
      node add a b
      link set a b --latency 5ms
      network set --bandwidth 1Gbps
      set loss 1%
      node set a --speed 0.5
      link set a b
      network set
      set forwarding origin
      set communication home
      """
    #expect(session.execute(SourceText(name: "changes", text: script)) == .success)
    #expect(output.contains("forwarding is origin for processes spawned from now on"))
    #expect(output.contains("communication is home for processes spawned from now on"))
    output = ""
    _ = session.execute(SourceText(name: "log", text: "log"))
    let lines = output.split(separator: "\n").dropFirst(3).map {
      $0.split(separator: " ").dropFirst(2).joined(separator: " ")
    }
    #expect(
      lines == [
        "a the line to b has latency 5 ms, bandwidth 100 Mbps from now on",
        "the network has latency 1 ms, bandwidth 1 Gbps from now on",
        "the network has latency 1 ms, bandwidth 1 Gbps, loss 1% from now on",
        "a the node has speed 0.5 and 4 GiB from now on",
      ])
  }
}
