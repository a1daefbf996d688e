import CommandLanguage
import MigrationKernel
import Simulator
import Testing

@testable import Shell
@testable import Torture

/// `step back` comes to the same world from wherever its way begins, and to the one in which the run once was.
@Suite struct StepBackTests {
  /// Once from the states before commands; once from copies that were kept often; and from the beginning of time.
  @Test func everyWayLeadsToTheSameWorld() {
    var compared = 0
    for seed in 1...6 as ClosedRange<UInt64> {
      let lines = Array(TortureScript(seed: seed).lines.prefix(40))
      let plain = Self.session(after: lines, seed: seed, copies: false)
      let copying = Self.session(after: lines, seed: seed, copies: true)
      let world = plain.state.world
      #expect(copying.state.world.digest == world.digest && copying.state.world.eventCount == world.eventCount)
      #expect(copying.past.done.contains { !$0.copies.isEmpty } || world.eventCount < 200)
      var generator = Generator(seed: seed)
      for _ in 0..<4 {
        let count = 1 + Int(generator.next(below: UInt64(world.log.total)))
        var (one, other) = (plain, copying)
        let text = SourceText(name: "back", text: "step back \(count)")
        #expect(one.execute(text) == .success && other.execute(text) == .success)
        let (first, second) = (one.state.world, other.state.world)
        #expect(first.log.total <= world.log.total - count)
        #expect(first.log.total == second.log.total && first.now == second.now, "seed \(seed), back \(count)")
        #expect(first.digest == second.digest && first.eventCount == second.eventCount, "seed \(seed), back \(count)")
        guard first.log.total > 0 else { continue }
        var third = World(seed: seed)
        third.keepsDigest = true
        #expect(third.repeatRun(of: world.journal, toEntry: first.log.total) == .arrived)
        #expect(first.digest == third.digest && first.eventCount == third.eventCount, "seed \(seed), back \(count)")
        #expect(World(replaying: second.journal).digest == second.digest, "seed \(seed), back \(count)")
        // What comes then is what came.
        #expect(one.execute(SourceText(name: "redo", text: "redo \(one.past.undone.count)")) == .success)
        #expect(one.state.world.digest == world.digest && one.state.world.now == world.now)
        compared += 1
      }
    }
    #expect(compared > 15)
  }

  /// The moments to which `step` comes one after the other.
  @Test(arguments: [false, true]) func backIsWhereStepWas(_ copies: Bool) {
    let lines = [
      "node add a b c", "spawn p --program hot", "spawn q --on b --program echo", "spawn r --on c --program zipf",
      "run 3ms", "migrate p b --async", "migrate r a --pretransfer --async",
    ]
    let told = "$(now) $(p.state) $(p.cpu) $(p.digest) $(r.cpu) $(r.digest) $(r.dirty) $(q.cpu) $(message.delivered)"
    func moment(_ session: inout Session) -> String {
      var output = ""
      session.write = { output += $0 }
      _ = session.execute(SourceText(name: "test", text: "say \"\(told)\""))
      return output
    }
    var stepping = Self.session(after: lines, seed: 3, copies: false)
    var running = Self.session(after: lines, seed: 3, copies: copies)
    #expect(running.execute(SourceText(name: "test", text: "run 80ms")) == .success)
    var moments: [Int: String] = [:]
    let last = running.state.world.log.total
    while stepping.state.world.log.total < last {
      #expect(stepping.execute(SourceText(name: "test", text: "step")) == .success)
      moments[stepping.state.world.log.total] = moment(&stepping)
    }
    #expect(moments.count > 15)
    for _ in 0..<last where !moments.isEmpty {
      // At first to the moment of the last fact.
      let text = running.state.world.log.total == last && moments[last] != nil ? "step back 0" : "step back"
      #expect(running.execute(SourceText(name: "test", text: text)) == .success)
      guard let expected = moments[running.state.world.log.total] else { continue }
      #expect(moment(&running) == expected)
      moments[running.state.world.log.total] = nil
    }
    #expect(moments.isEmpty)
  }

  private static func session(after lines: [String], seed: UInt64, copies: Bool) -> Session {
    var options = Session.Options()
    options.undoDepth = 10_000
    options.keepsGoing = true
    options.isInteractive = copies
    var session = Session(seed: seed, options: options) { _ in }
    session.copyDistance = .microseconds(200)
    session.keepDigest()
    for line in lines { _ = session.execute(SourceText(name: "test", text: line)) }
    return session
  }
}
