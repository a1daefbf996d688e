import CommandLanguage
import MigrationKernel
import Simulator
import Testing

@testable import Shell

/// `memory` at earlier times shows what it showed then, wherever its way begins, and changes nothing.
@Suite struct PastMemoryTests {
  private static let statements = [
    "node add a b c", "spawn p --on a --pages 60 --program hot", "spawn q --on b --pages 40 --program scan", "run 7ms",
    "migrate p b --pretransfer --async", "run 20ms", "run until p.cpu >= 30ms", "migrate q c --on-reference", "run 9ms",
    "link fail a c", "run 30ms", "link heal a c", "run until q.dirty >= 20", "migrate p c --async", "run 3ms",
    "run 50ms",
  ]

  private static func recorder(copies: Bool) -> Recorder {
    var options = Session.Options()
    options.isInteractive = copies
    let recorder = Recorder(options)
    recorder.session.copyDistance = .microseconds(50)
    return recorder
  }

  private static func map(of output: String) -> [Substring] {
    output.split(separator: "\n").filter { $0.wholeMatch(of: /\s*\d+\s\s[.+#o]+/) != nil }
  }

  /// The maps at many instants, from states before commands, from copies that were kept often, and from the beginning of
  /// time.
  @Test(arguments: [false, true]) func showsWhatWasShownThen(copies: Bool) throws {
    let recorder = Self.recorder(copies: copies)
    var maps: [(instant: Nanoseconds, name: String, map: [Substring])] = []
    for statement in Self.statements {
      #expect(recorder.execute(statement) == .success)
      for name in ["p", "q"] where recorder.session.state.world.processes[name: name] != nil {
        let map = Self.map(of: recorder.output(of: "memory \(name)"))
        if !map.isEmpty { maps.append((recorder.session.state.world.now, name, map)) }
      }
    }
    // Of several statements at one instant the last counts.
    var latest: [String: [Substring]] = [:]
    // What happens at the very beginning happens after the commands.
    for (instant, name, map) in maps where instant > 0 { latest["\(name) \(instant)"] = map }
    #expect(latest.count > 15)
    let whole = Self.recorder(copies: copies)
    #expect(whole.execute(Self.statements.joined(separator: "\n")) == .success)
    whole.execute("checkpoint here\nrestore here")
    for session in [recorder, whole] {
      let before = session.session.state.world
      for (key, map) in latest {
        let parts = key.split(separator: " ")
        #expect(Self.map(of: session.output(of: "memory \(parts[0]) --at \(parts[1])ns")) == map, "\(key)")
      }
      let after = session.session.state.world
      #expect(after.now == before.now && after.eventCount == before.eventCount && after.log.total == before.log.total)
    }
  }

  /// An instant within a run is shown as a run that stops there shows it.
  @Test func showsInstantsWithinRuns() throws {
    let start = Self.statements.prefix(5).joined(separator: "\n")
    let long = Self.recorder(copies: true)
    #expect(long.execute(start + "\nrun 100ms") == .success)
    var seen: Set<[Substring]> = []
    for milliseconds in stride(from: 1, to: 100, by: 7) {
      let short = Self.recorder(copies: false)
      #expect(short.execute(start + "\nrun \(milliseconds)ms") == .success)
      let expected = Self.map(of: short.output(of: "memory q"))
      let instant = short.session.state.world.now
      #expect(Self.map(of: long.output(of: "memory q --at \(instant)ns")) == expected, "\(milliseconds) ms")
      seen.insert(expected)
    }
    #expect(seen.count > 3)
  }

  @Test func beforeIsTheMomentOfTheFreeze() throws {
    let recorder = Self.recorder(copies: false)
    #expect(recorder.execute("node add a b\nspawn p --pages 30 --program scan\nrun 12ms") == .success)
    #expect(recorder.execute("memory p --before") == .refused)
    #expect(recorder.execute("migrate p b --on-reference\nrun 2ms") == .success)
    let record = try #require(recorder.session.state.world.migrations[1])
    let text = recorder.output(of: "memory p --before")
    let maps = Self.map(of: text)
    #expect(maps.count == 2 && maps[0].contains("#") && !maps[0].contains("o") && maps[1].contains("o"))
    #expect(text.contains("migration 1 from a to b froze it") && text.contains(", on b:\np: 30 pages"))
    recorder.session.options.format = .json
    let data = recorder.output(of: "memory p --before")
    #expect(data.contains("\"before\":{\"at\":\(record.frozenAt ?? 0),\"migration\":1,"))
    #expect(data.contains("\"state\":\"written\"") && data.contains("\"state\":\"remote\""))
  }

  @Test func refusesWhatThereWasNot() {
    let recorder = Self.recorder(copies: false)
    recorder.execute("node add a b\nrun 5ms\nspawn p --pages 8\nrun 5ms")
    #expect(recorder.execute("memory p --at 11ms") == .refused)
    #expect(recorder.output.contains("this is yet to come"))
    #expect(recorder.execute("memory p --at 4ms") == .refused)
    #expect(recorder.output.contains("was not there yet"))
    #expect(recorder.execute("memory p --live") == .refused)
    #expect(recorder.output.contains("draws at a terminal only"))
    #expect(recorder.execute("memory p --for 1s") == .refused)
    recorder.execute("run 5ms\nfail a\nrun 5ms")
    #expect(recorder.execute("memory p --at 12ms") == .success)
    #expect(recorder.execute("memory p --at 16ms") == .refused)
    #expect(recorder.output.contains("was lost at"))
  }

  /// What is done again counts like everything else that is executed.
  @Test func looksBackOnlyAsOftenAsTheSessionMay() {
    let recorder = Self.recorder(copies: false)
    #expect(recorder.execute("node add a b\nspawn p --pages 8\nspawn q --on b\nrun 1s") == .success)
    recorder.session.options.limits.events = recorder.session.state.world.eventCount * 3
    var statuses: Set<ScriptStatus> = []
    for _ in 0..<8 { statuses.insert(recorder.execute("memory p --at 900ms")) }
    #expect(statuses == [.success, .limit])
  }
}
