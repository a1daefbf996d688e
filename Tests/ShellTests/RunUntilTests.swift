import CommandLanguage
import MigrationKernel
import Simulator
import Testing

@testable import Shell

/// `run until` stops at the first instant at which its condition holds.
@Suite struct RunUntilTests {
  private static let busy = "node add a b --cores 2\nspawn p --program counter"
  /// Writes one page after the other, and computes a while after each.
  private static let writer = """
    node add a b
    program steps { write 0 compute 1ms write 1 compute 1ms write 2 compute 1ms write 3 compute 1ms write 4 compute 20ms }
    spawn p --program steps
    """
  private static let three = "node add a\nspawn p --program counter --count 3"

  private func session(_ script: String) -> Session {
    var session = Session { _ in }
    #expect(session.execute(SourceText(name: "scene", text: script)) == .success, "\(script)")
    return session
  }

  /// A scene, a condition, and the nanosecond at which it holds first.
  @Test(arguments: [
    ("node add a", "now >= 12ms", 12_000_000), ("node add a", "now == 12ms", 12_000_000),
    ("node add a", "now > 12ms", 12_000_001), ("node add a", "12ms < now", 12_000_001),
    ("node add a", "now >= 0ms", 0), (busy, "now >= 12ms", 12_000_000), (busy, "p.cpu >= 3ms", 3_000_000),
    (busy, "p.cpu > 3ms", 3_000_001), (busy, "p.cpu == 3ms", 3_000_000), (busy, "p.age >= 7ms", 7_000_000),
    (busy, "not (p.cpu < 3ms)", 3_000_000), (busy, "p.cpu >= 3ms or now >= 2ms", 2_000_000),
    (busy, "p.cpu >= 3ms and now >= 20ms", 20_000_000), (busy, "p.cpu * 2 >= 6ms", 3_000_000),
    (busy, "p.node == a and now - $t0 >= 5ms", 5_000_000),
    (busy, "now - 1ms >= p.cpu + $t0 or p.cpu >= 4ms", 4_000_000),
    (three, "p2.cpu >= 1ms", 11_000_000), (three, "p3.cpu >= 10ms", 30_000_000),
    (three, "p1.cpu + p2.cpu >= 15ms", 15_000_000), (three, "p1.cpu - p2.cpu >= 10ms", 10_000_000),
    ("node add a --speed 0.5\nspawn p", "p.cpu >= 3ms", 3_000_000),
    (writer, "p.dirty == 1", 0), (writer, "p.dirty >= 3", 2_000_200), (writer, "p.dirty == 4", 3_000_300),
    (writer, "p.dirty >= 2 and p.dirty < 4", 1_000_100),
  ]) func stopsExactly(_ scene: String, _ condition: String, _ instant: UInt64) {
    var session = session("let t0 = 0ms\n" + scene)
    let status = session.execute(SourceText(name: "until", text: "run until \(condition)"))
    #expect(status == .success, "\(condition)")
    #expect(session.state.world.now == instant, "\(condition)")
    #expect(session.execute(SourceText(name: "until", text: "expect \(condition)")) == .success)
  }

  /// A condition on dirty pages holds first at the same instant whether steps are looked at one by one (as they are for a
  /// digest) or only where a page becomes dirty: also when rounds of a migration take the dirty pages in between.
  @Test(arguments: 1...4) func dirtyPagesAreCountedExactly(_ number: Int) {
    let scene = """
      set seed \(number)
      node add a b --cores 2
      program fast { repeat { write random 0..199 compute 1us } }
      program slow { repeat { write next 0..99 compute 130us write random 0..9 sleep 700us } }
      spawn p --program fast --pages 200
      spawn q --program slow --pages 100
      migrate p b --pretransfer --async
      migrate q b --pretransfer --async
      run 100us
      """
    let conditions = [
      "p.dirty == \(number * 9)", "p.dirty + q.dirty >= \(60 + number * 12) or now >= 90ms",
      "p.dirty < q.dirty or q.dirty == \(number)", "p.dirty == \(150 - number) and q.node == b or now >= 80ms",
    ]
    for condition in conditions {
      var (quick, exact) = (session(scene), session(scene))
      let first = quick.execute(SourceText(name: "quick", text: "run until \(condition)"))
      let second = exact.execute(SourceText(name: "exact", text: "run until (\(condition)) and p.digest != \"\""))
      #expect(first == second && quick.state.world.now == exact.state.world.now, "\(condition)")
    }
  }

  /// What has an end cannot wait for ever for more.
  @Test(arguments: ["p.cpu >= 3ms", "now < 0ms", "p.cpu > 5ms and now >= 1ms"])
  func whatCanNeverHoldReachesALimit(_ condition: String) {
    var options = Session.Options()
    options.limits.patience = 100_000_000
    var session = Session(options: options) { _ in }
    let scene = "node add a\nprogram short { compute 2ms }\nspawn p --program short\nspawn q"
    #expect(session.execute(SourceText(name: "scene", text: scene)) == .success)
    #expect(session.execute(SourceText(name: "until", text: "run until \(condition)")) == .limit)
    #expect(session.state.world.now == 100_000_000)
  }

  @Test func whatCannotBeComparedIsRefused() {
    for condition in ["p.cpu >= 3", "now > p", "now", "p.migration.freezeTime > 1ms"] {
      var session = session(Self.busy)
      #expect(session.execute(SourceText(name: "until", text: "run until \(condition)")) == .refused, "\(condition)")
      #expect(session.state.world.now == 0)
    }
  }

  /// An event that makes it hold and the next one that ends that may come in the same run of events.
  @Test func stopsAtTheEventItself() {
    var session = session(
      """
      node add a b
      spawn echo --on b --program echo
      spawn p --program pinger --set peer=echo
      """)
    for count in 1...20 {
      #expect(session.execute(SourceText(name: "until", text: "run until p.received >= \(count)")) == .success)
      #expect(session.execute(SourceText(name: "until", text: "expect p.received == \(count)")) == .success)
    }
    #expect(session.execute(SourceText(name: "until", text: "migrate p b --async\nrun until p.node == b")) == .success)
    #expect(session.execute(SourceText(name: "until", text: "expect p.node == b")) == .success)
  }
}
