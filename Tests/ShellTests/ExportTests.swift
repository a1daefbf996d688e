import Chronicle
import CommandLanguage
import Foundation
import MigrationKernel
import Testing

@testable import Shell

/// Files for other programs keep to the rules of their formats.
@Suite struct ExportTests {
  /// What `export` writes.
  static func file(_ what: String, _ ending: String, in session: Session, flags: String = "") throws -> String {
    let path = FileManager.default.temporaryDirectory.appending(path: "migsh-\(UUID().uuidString)\(ending)").path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    var session = session
    #expect(session.execute(SourceText(name: "export", text: "export \(what) \"\(path)\" \(flags)")) == .success)
    return try String(contentsOfFile: path, encoding: .utf8)
  }

  @Test(arguments: ["timeline", "map", "rounds", "load", "memory p1", "messages"])
  func writesPicturesInEveryForm(_ what: String) throws {
    let session = PictureTests.session()
    #expect(try Self.file(what, ".svg", in: session).hasPrefix("<svg "))
    #expect(try Self.file(what, ".txt", in: session).split(separator: "\n").count > 1)
    let data = try Self.file(what, ".json", in: session)
    // The same that the command prints.
    var printed = ""
    var other = session
    other.write = { printed += $0 }
    other.options.format = .json
    _ = other.execute(SourceText(name: "show", text: what == "load" ? "load --over 3600s" : what))
    #expect(printed.contains("\"data\":\(data.dropLast()),\"error\":null"))
  }

  @Test func replacesFilesOnlyWithForce() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "migsh-\(UUID().uuidString).svg").path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    var output = ""
    var session = PictureTests.session()
    session.write = { output += $0 }
    func export(_ flags: String) -> ScriptStatus {
      session.execute(SourceText(name: "export", text: "export map \"\(path)\" \(flags)"))
    }
    #expect(export("") == .success)
    #expect(export("") == .refused)
    #expect(output.contains("already") && output.contains("--force"))
    #expect(export("--force") == .success)
  }

  /// Where nothing may be written, as in a submission that is graded, `export` writes nothing.
  @Test(
    arguments: [Session.FileAccess.none, .readBelow("/tmp")],
    ["map x.svg", "trace x.json", "log x.csv", "memory p1 x.txt"])
  func writesNothingWhereNothingMayBe(_ files: Session.FileAccess, _ what: String) {
    var output = ""
    var session = PictureTests.session()
    session.write = { output += $0 }
    session.options.files = files
    #expect(session.execute(SourceText(name: "export", text: "export \(what)")) == .refused)
    #expect(output.contains("no file may be written here"))
    #expect(!FileManager.default.fileExists(atPath: String(what.split(separator: " ").last ?? "")))
  }

  // MARK: - Chrome Trace Event Format

  private struct TraceEvent {
    let members: [String: Any]
    var phase: String { members["ph"] as? String ?? "" }
    var start: Double { (members["ts"] as? NSNumber)?.doubleValue ?? -1 }
    var duration: Double { (members["dur"] as? NSNumber)?.doubleValue ?? -1 }
    var track: [Int] { ["pid", "tid"].map { (members[$0] as? NSNumber)?.intValue ?? -1 } }
    var id: Int { (members["id"] as? NSNumber)?.intValue ?? -1 }
  }

  private static func trace(_ script: String = PictureTests.scene) throws -> [TraceEvent] {
    let text = try file("trace", ".json", in: PictureTests.session(script))
    let root = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    return try #require(root["traceEvents"] as? [[String: Any]]).map(TraceEvent.init)
  }

  @Test func tracesHaveTheMembersThatTheFormatAsksFor() throws {
    let events = try Self.trace()
    #expect(Set(events.map(\.phase)) == ["M", "X", "s", "f"])
    for event in events {
      #expect(event.members["name"] is String)
      #expect(event.track.allSatisfy { $0 >= 0 })
      switch event.phase {
      case "M": #expect(((event.members["args"] as? [String: Any])?["name"] as? String)?.isEmpty == false)
      case "X": #expect(event.start >= 0 && event.duration >= 0)
      default: #expect(event.start >= 0 && event.id > 0 && event.members["cat"] is String)
      }
    }
    let named = Set(events.filter { $0.members["name"] as? String == "thread_name" }.map(\.track))
    #expect(events.filter { $0.phase == "X" }.allSatisfy { named.contains($0.track) })
    let names = Set(events.compactMap { $0.members["name"] as? String })
    #expect(names.isSuperset(of: ["negotiating", "round 1", "frozen: pages", "down", "process_name"]))
    // Times are microseconds: the scene takes about 0.3 s.
    let last = events.map { $0.start + max(0, $0.duration) }.max() ?? 0
    #expect(last > 200_000 && last < 1_000_000)
  }

  /// Slices of one thread are one inside the other or apart.
  @Test func slicesNest() throws {
    let threads = Dictionary(grouping: try Self.trace().filter { $0.phase == "X" }, by: \.track)
    #expect(threads.count > 6)
    for slices in threads.values {
      var open: [Double] = []
      // Thousandths of a microsecond are the smallest there are.
      let ordered = slices.map { slice in
        (start: (slice.start * 1000).rounded(), end: ((slice.start + slice.duration) * 1000).rounded())
      }
      .sorted { ($0.start, -$0.end) < ($1.start, -$1.end) }
      for slice in ordered {
        while let last = open.last, last <= slice.start, last < slice.end { open.removeLast() }
        if let last = open.last { #expect(slice.end <= last) }
        open.append(slice.end)
      }
    }
  }

  @Test func flowsBeginAndEnd() throws {
    let script = PictureTests.scene + "\nspawn q --on a --program echo\nsend p1 q \"x\" --count 5\nrun 100ms"
    let events = try Self.trace(script)
    let slices = Set(events.filter { $0.phase == "X" }.map { $0.track.map(Double.init) + [$0.start] })
    let flows = Dictionary(grouping: events.filter { ["s", "t", "f"].contains($0.phase) }, by: \.id)
    #expect(flows.count >= 10)
    for steps in flows.values {
      #expect(steps.first?.phase == "s" && steps.last?.phase == "f" && steps.last?.members["bp"] as? String == "e")
      #expect(steps.dropFirst().dropLast().allSatisfy { $0.phase == "t" })
      #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.start <= $1.start })
      for step in steps { #expect(slices.contains(step.track.map(Double.init) + [step.start])) }
    }
  }

  /// Nodes are its processes; slices, flows and tracks are as many as the world has things that they stand for.
  @Test func tracesCountWhatTheWorldHas() throws {
    let script = PictureTests.scene + "\nspawn q --on a --program echo\nsend p1 q \"x\" --count 5\nrun 100ms"
    let world = PictureTests.session(script).state.world
    let events = try Self.trace(script)
    func count(_ isCounted: (TraceEvent) -> Bool) -> Int { events.count(where: isCounted) }
    #expect(count { $0.members["name"] as? String == "process_name" } == world.members.count)
    let steps = world.messages.all.map(\.steps.count)
    #expect(count { $0.phase == "X" && $0.members["cat"] as? String == "message" } == steps.reduce(0, +))
    #expect(Set(events.filter { $0.phase == "s" }.map(\.id)).count == steps.count { $0 > 1 })
    #expect(count { "stf".contains($0.phase) && $0.phase.count == 1 } == steps.filter { $0 > 1 }.reduce(0, +))
    let history = ClusterHistory(Array(world.processes.all), in: world)
    let spans = history.processes.flatMap(\.spans).filter { $0.end > $0.start }
    #expect(count { $0.phase == "X" && $0.members["cat"] as? String == "process" } == spans.count)
    #expect(count { $0.phase == "X" && $0.members["cat"] as? String == "node" } == history.outages.count)
    let titles = events.filter { $0.members["name"] as? String == "thread_name" }
      .compactMap { ($0.members["args"] as? [String: Any])?["name"] as? String }
    #expect(titles.count { $0.hasPrefix("migration ") } == world.migrations.all.count)
    let places = Set(
      history.processes.flatMap { one in one.spans.filter { $0.end > $0.start }.map { "\(one.record.name) \($0.node)" }
      })
    #expect(titles.count { title in history.processes.contains { $0.record.name == title } } == places.count)
  }

  // MARK: - ShiViz

  /// The clocks order events as they happened: on one node, and from a message's sending to its delivery; never backwards.
  @Test func vectorClocksFollowWhatHappenedBefore() throws {
    let script =
      PictureTests.scene + "\nspawn q --on a --program echo\nsend p1 q \"x\" --count 5 --every 1ms\nrun 100ms"
    let session = PictureTests.session(script)
    let events = ShiViz(session.state.world).events
    #expect(events.count > 60)
    func isBefore(_ first: ShiViz.Event, _ second: ShiViz.Event) -> Bool {
      first.clock.allSatisfy { $0.value <= second.clock[$0.key] ?? 0 } && first.clock != second.clock
    }
    // Each node counts its own events, one by one.
    var counts: [NodeID: Int] = [:]
    for event in events {
      counts[event.entry.node, default: 0] += 1
      #expect(event.clock[event.entry.node] == counts[event.entry.node])
    }
    // What is before something else happened no later, and the relation is that of the numbers that events know.
    for (place, second) in events.enumerated() {
      for first in events[..<place] {
        #expect(!isBefore(second, first))
        let knows = second.clock[first.entry.node] ?? 0 >= first.clock[first.entry.node] ?? 0
        #expect(isBefore(first, second) == knows)
      }
    }
    var sent: [MessageID: ShiViz.Event] = [:]
    var pairs = 0
    for event in events {
      guard case .fact(.message(let message, let fact)) = event.entry.event else { continue }
      if case .sent = fact { sent[message] = event }
      if case .delivered = fact, let first = sent[message] {
        #expect(isBefore(first, event))
        pairs += 1
      }
    }
    #expect(pairs >= 5)
    // Two nodes that have not heard of each other yet know nothing of each other.
    let first = try #require(events.first { $0.entry.node == NodeID(0) })
    let second = try #require(events.first { $0.entry.node == NodeID(1) })
    #expect(!isBefore(first, second) && !isBefore(second, first))
  }

  /// What ShiViz looks for by default: `(?<host>\S*) (?<clock>{.*})\n(?<event>.*)`.
  @Test func shiVizReadsItsLines() throws {
    let text = try Self.file("log", ".shiviz", in: PictureTests.session())
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    #expect(lines.count > 40 && lines.count.isMultiple(of: 2))
    for place in stride(from: 0, to: lines.count, by: 2) {
      let match = try #require(lines[place].wholeMatch(of: /(\S+) (\{.*\})/))
      let clock = try JSONSerialization.jsonObject(with: Data(String(match.2).utf8)) as? [String: Int]
      #expect(try #require(clock)[String(match.1)] ?? 0 > 0)
      #expect(!lines[place + 1].isEmpty)
    }
  }

  // MARK: - The page about a run

  /// A page of ten thousand events needs nothing but itself, and is short enough to send.
  @Test func pagesAreWellFormedSelfContainedAndShort() throws {
    let script =
      PictureTests.scene + "\nspawn q --on a --program echo\nspawn r --on b --program pinger --set peer=q --count 3"
      + "\nspawn s --on a --pages 2000 --program scan\nrun 10ms\nmigrate s b --on-reference\nrun 30s"
    let session = PictureTests.session(script)
    #expect(session.state.world.log.total >= 10_000)
    let page = try Self.file("report", ".html", in: session)
    #expect(page.utf8.count < 2_000_000, "\(page.utf8.count) bytes")
    let reader = XMLOutline(String(page.drop { $0 != "\n" }))
    #expect(reader.error == nil, "\(reader.error ?? "")")
    let elements = reader.elements
    #expect(elements.count { $0.name == "svg" } >= 5)
    #expect(elements.count { $0.name == "table" } >= 4)
    #expect(!elements.contains { ["img", "link", "iframe"].contains($0.name) })
    // The data, and the program that the page's policy names.
    #expect(elements.filter { $0.name == "script" }.map { $0.attributes["type"] } == ["application/json", nil])
    #expect(elements.allSatisfy { $0.attributes["src"] == nil && $0.attributes["href"] == nil })
    #expect(page.contains("default-src 'none'"))
    let identifiers = elements.compactMap { $0.attributes["id"] }
    #expect(Set(identifiers).count == identifiers.count)
    // The script leads to the same state again.
    let lines = try #require(elements.first { $0.name == "pre" }).text
    let again = PictureTests.session(lines)
    #expect(again.state.world.eventCount == session.state.world.eventCount)
  }

  /// The page's policy names the program by what it is, so nothing else is executed.
  @Test func thePolicyNamesTheProgram() throws {
    let page = try Self.file("report", ".html", in: PictureTests.session())
    let start = try #require(page.range(of: "<script>"))
    let end = try #require(page.range(of: "</script>", range: start.upperBound..<page.endIndex))
    let path = FileManager.default.temporaryDirectory.appending(path: "migsh-\(UUID().uuidString).js").path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try page[start.upperBound..<end.lowerBound].write(toFile: path, atomically: true, encoding: .utf8)
    let summing = Process()
    summing.executableURL = URL(filePath: "/usr/bin/sha256sum")
    summing.arguments = [path]
    let output = Pipe()
    summing.standardOutput = output
    try summing.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self).prefix(64)
    let bytes = stride(from: 0, to: 64, by: 2).compactMap { UInt8(text.dropFirst($0).prefix(2), radix: 16) }
    #expect(page.contains("script-src 'sha256-\(Data(bytes).base64EncodedString())'"), "say so in RunPageScript.digest")
    #expect(RunPageScript.digest == Data(bytes).base64EncodedString())
  }

  /// Whatever users name and print stays text.
  @Test func textsStayTexts() throws {
    let hostile = "</script><script>alert(1)</script><!-- ]]> \u{2028}\u{2029} & \u{FFFE} \"x\" `y`"
    let script = """
      node add a b
      program talk {
        print '\(hostile)'
        send q '\(hostile)'
        sleep 1s
      }
      spawn q --on b --program echo
      spawn p --on a --program talk
      run 20ms
      migrate p b
      run 20ms
      """
    let session = PictureTests.session(script)
    let page = try Self.file("report", ".html", in: session)
    let reader = XMLOutline(String(page.drop { $0 != "\n" }))
    #expect(reader.error == nil, "\(reader.error ?? "")")
    #expect(reader.elements.count { $0.name == "script" } == 2)
    let data = try #require(reader.elements.first { $0.attributes["id"] == "run" }).text
    #expect(!data.contains("<") && !data.contains("&") && !data.contains("\u{2028}"))
    let object = try JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any]
    let processes = try #require(object?["processes"] as? [[String: Any]])
    #expect(processes.compactMap { $0["name"] as? String } == ["q", "p"])
    #expect((object?["events"] as? [Any])?.count == session.state.world.log.entries.count)
    for ending in [".svg", ".json", ".mmd"] {
      let file = try Self.file("messages", ending, in: session)
      #expect(!file.contains("<script"))
      if ending == ".svg" { #expect(XMLOutline(file).error == nil) }
      if ending == ".json" {
        #expect(!file.contains("\u{2028}"))
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(file.utf8)) }
      }
    }
  }

  // MARK: - CSV and Mermaid

  @Test func csvHasAFieldForEachColumn() throws {
    let session = PictureTests.session()
    let records = try #require(CSV.records(try Self.file("log", ".csv", in: session)[...])).map(CSV.fields)
    #expect(records.first == ["number", "time_ns", "node", "kind", "what"])
    #expect(records.count == session.state.world.log.entries.count + 1)
    #expect(records.allSatisfy { $0.count == 5 })
    #expect(records.dropFirst().enumerated().allSatisfy { $1[0] == "\($0 + 1)" && UInt64($1[1]) != nil })
  }

  @Test func mermaidHasOneStatementInEachLine() throws {
    let session = PictureTests.session("node add a end\nspawn p --on a\nspawn q --on end\nsend p q \"x\"\nrun 10ms")
    let lines = try Self.file("messages", ".mmd", in: session).split(separator: "\n")
    #expect(lines.first == "sequenceDiagram")
    #expect(lines.dropFirst().prefix(2) == ["  participant n0 as a", "  participant n1 as end"])
    #expect(lines.count > 3)
    let statement = #/ {2}(n\d(->>|-x)n\d: |Note over n\d: )[^;]*(#\d+;[^;]*)*/#
    for line in lines.dropFirst(3) { #expect(line.wholeMatch(of: statement) != nil, "\(line)") }
  }
}
