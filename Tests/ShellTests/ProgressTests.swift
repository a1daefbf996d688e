import CommandLanguage
import Testing

@testable import Shell

/// What is told of statements that take long.
@Suite struct ProgressTests {
  /// A clock that goes on by a step whenever somebody looks at it, and what was told.
  private final class Watcher {
    var now = ContinuousClock.now
    var told: [Progress?] = []
    let step: Duration

    init(step: Duration) { self.step = step }

    func session() -> Session {
      var session = Session { _ in }
      session.meter = ProgressMeter(
        clock: {
          self.now += self.step
          return self.now
        }, tell: { self.told.append($0) })
      return session
    }

    var lines: [String] { told.compactMap { $0?.line } }
  }

  private func told(of script: String, step: Duration = .milliseconds(20)) -> Watcher {
    let watcher = Watcher(step: step)
    var session = watcher.session()
    #expect(
      session.execute(SourceText(name: "setup", text: "node add a b c; spawn p --on a; spawn q --on a")) == .success)
    watcher.told = []
    #expect(session.execute(SourceText(name: "test", text: script)) == .success)
    return watcher
  }

  @Test func nobodyHearsOfWhatIsShort() {
    #expect(told(of: "run 10s", step: .zero).told.isEmpty)
    #expect(told(of: "repeat 1000 { run 1ms }", step: .zero).told.isEmpty)
  }

  @Test func timeThatPassesIsTold() throws {
    let watcher = told(of: "run 20s")
    let first = try #require(watcher.told.first ?? nil)
    #expect(first.elapsed >= ProgressMeter.patience)
    #expect(first.command == "run")
    #expect(first.time?.all == 20_000_000_000)
    let parts = watcher.told.compactMap { $0 }
    #expect(parts.count > 2)
    for (earlier, later) in zip(parts, parts.dropFirst()) {
      #expect(later.elapsed - earlier.elapsed >= ProgressMeter.distance)
      #expect((later.time?.done ?? 0) > (earlier.time?.done ?? 0))
      #expect(later.events > earlier.events)
    }
    // What is left and what has passed are in the proportion of the virtual time.
    for part in parts {
      let (left, fraction) = try (#require(part.left), #require(part.fraction))
      #expect(abs((part.elapsed / (left + part.elapsed)) - fraction) < 1e-6)
    }
    #expect(watcher.told.last == .some(nil), "in the end it is taken back")
  }

  /// A screen reader reads every line that comes.
  @Test func whatIsHeardIsToldSeldom() throws {
    let watcher = Watcher(step: .milliseconds(500))
    var session = watcher.session()
    session.options.screen.tellsPictures = true
    #expect(session.execute(SourceText(name: "test", text: "node add a b; spawn p; spawn q; run 60s")) == .success)
    let parts = watcher.told.compactMap { $0 }
    #expect(parts.count > 1 && parts.allSatisfy(\.isHeard) && watcher.told.count == parts.count)
    for (earlier, later) in zip(parts, parts.dropFirst()) {
      #expect(later.elapsed - earlier.elapsed >= ProgressMeter.heardDistance)
    }
    #expect(watcher.lines.allSatisfy { $0.hasPrefix("run: ") && !$0.contains("a second") })
  }

  @Test func whatHasNoKnownEndSaysNoTimeLeft() throws {
    let watcher = told(of: "run until now >= 20s")
    let last = try #require(watcher.lines.last)
    #expect(last.hasPrefix("run until: "))
    #expect(!last.contains("left"))
    #expect(last.contains("events a second"))
  }

  @Test func loopsCountTheirRounds() throws {
    let watcher = told(of: "repeat 200 { for x in 1..3 { run 10ms } }")
    let parts = watcher.told.compactMap { $0 }
    #expect(!parts.isEmpty)
    #expect(parts.allSatisfy { $0.rounds?.all == 200 })
    let rounds = parts.compactMap { $0.rounds?.done }
    #expect(rounds == rounds.sorted())
    #expect(try #require(watcher.lines.first).contains(" of 200, "))
  }

  @Test func comparisonsCountTheirCopies() throws {
    let watcher = told(of: "compare transfer p b")
    let trials = watcher.told.compactMap { $0?.trials }
    #expect(Set(trials.map(\.all)).count == 1)
    #expect(trials.map(\.done) == trials.map(\.done).sorted())
    #expect(try #require(trials.last).done <= (try #require(trials.last?.all)))
    #expect(trials.count > 1)
  }

  @Test func goingBackIsTold() throws {
    let watcher = Watcher(step: .milliseconds(20))
    var session = watcher.session()
    session.options.isInteractive = true
    session.copyDistance = .seconds(1_000_000)
    #expect(
      session.execute(
        SourceText(name: "test", text: "node add a b; spawn p --program hot; run 1s; migrate p b; run 20s")) == .success
    )
    watcher.told = []
    #expect(session.execute(SourceText(name: "test", text: "step back")) == .success)
    #expect(watcher.lines.first?.hasPrefix("step back: ") ?? true)
  }

  @Test func manyThingsAtOnceAreCounted() throws {
    let watcher = told(of: "spawn w --count 20000 --on a --pages 1", step: .milliseconds(100))
    let items = watcher.told.compactMap { $0?.items }
    #expect(items.contains { $0.done > 0 })
    #expect(items.allSatisfy { $0.all == 20_000 })
  }

  @Test func aLineSaysWhatIsKnown() {
    var progress = Progress(command: "run")
    progress.time = .init(done: 3_200_000_000, all: 10_000_000_000)
    progress.events = 1_312_345
    progress.elapsed = .milliseconds(3_200)
    #expect(progress.line == "run: 3.2 s of 10 s, 410,000 events a second, about 7 s left")
    progress.elapsed = .seconds(3_200)
    #expect(progress.line == "run: 3.2 s of 10 s, 410 events a second, about 114 min left")
    progress.rounds = .init(done: 11, all: 40)
    progress.elapsed = .seconds(10)
    #expect(progress.line == "run: round 11 of 40, 3.2 s of 10 s, 130,000 events a second, about 29 s left")
    progress.rounds = nil
    progress.trials = .init(done: 2, all: nil)
    #expect(progress.line == "run: copy 2, 3.2 s of 10 s, 130,000 events a second")
  }
}
