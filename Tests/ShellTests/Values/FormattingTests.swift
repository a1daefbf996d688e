import Chronicle
import MigrationKernel
import Simulator
import TestSupport
import Testing

@testable import Shell

@Suite struct FormattingTests {
  @Test(arguments: [
    (0, "0 ns"), (1, "1 ns"), (999, "999 ns"), (1_000, "1 us"), (1_001, "1.001 us"), (12_345, "12.35 us"),
    (999_949, "999.9 us"), (999_950, "1 ms"), (12_345_678, "12.35 ms"), (100_000_000, "100 ms"),
    (999_999_999, "1 s"), (1_000_000_000, "1 s"), (1_500_000_000, "1.5 s"), (12_345_600_000_000, "12346 s"),
    (UInt64.max, "18446744074 s"),
  ])
  func times(_ nanoseconds: UInt64, _ text: String) {
    #expect(formatTime(nanoseconds) == text)
  }

  @Test(arguments: [
    (0, "0 B"), (1_023, "1023 B"), (1_024, "1 KiB"), (4_096, "4 KiB"), (1_536, "1.5 KiB"), (1_572_864, "1.5 MiB"),
    (1_048_575, "1 MiB"), (4 << 30, "4 GiB"), (UInt64.max, "17179869184 GiB"),
  ])
  func sizes(_ bytes: UInt64, _ text: String) {
    #expect(formatSize(bytes) == text)
  }

  @Test(arguments: [
    (0, "0 bps"), (999, "999 bps"), (100_000_000, "100 Mbps"), (1_234_567, "1.235 Mbps"), (2_500_000_000, "2.5 Gbps"),
  ])
  func rates(_ bitsPerSecond: UInt64, _ text: String) {
    #expect(formatRate(bitsPerSecond) == text)
  }

  @Test(arguments: [
    (0, "0"), (1, "1"), (0.25, "0.25"), (1.0 / 3, "0.3333"), (-2.0 / 3, "-0.6667"), (9.99999, "10"), (1234.56, "1235"),
    (123456.7, "123457"), (0.0001234, "0.0001234"), (-0.00000001, "-1e-08"), (1e300, "1e+300"), (.infinity, "inf"),
  ])
  func numbers(_ number: Double, _ text: String) {
    #expect(formatNumber(number) == text)
  }

  @Test func shares() {
    #expect(formatShare(0.2) == "20%")
    #expect(formatShare(1.0 / 3) == "33.33%")
    #expect(formatShare(0.07) == "7%")
  }

  @Test func values() throws {
    let world = try Sample.moved()
    let process = try #require(world.processes[name: "p1"]).id
    let list = Value.list([
      .none, .boolean(true), .integer(-3), .decimal(0.5), .quantity(-1_500_000, .time), .quantity(2048, .size),
      .quantity(1_000, .rate), .share(0.2), .text("a \"b\"\n"), .word("running"), .node(NodeID(1)), .process(process),
    ])
    #expect(
      list.text(in: world)
        == #"[none, true, -3, 0.5, -1.5 ms, 2 KiB, 1 kbps, 20%, "a \"b\"\n", running, b, p1]"#)
    #expect(
      list.json(in: world).encoded
        == #"[null,true,-3,0.5,-1500000,2048,1000,0.2,"a \"b\"\n","running","b","p1"]"#)
    #expect(Value.text("a \"b\"").text(in: world) == "a \"b\"")
    #expect(Value.quantity(.min, .time).text(in: world) == "-9223372037 s")
  }

  @Test func thingsOfAnotherWorld() {
    let world = Sample.cluster()
    let process = ProcessID(origin: NodeID(9), incarnation: 2, serial: 4)
    #expect(Value.node(NodeID(9)).text(in: world) == "node 9")
    #expect(Value.process(process).text(in: world) == "node 9.2:4")
    #expect(Value.process(ProcessID(origin: NodeID(0), incarnation: 1, serial: 3)).text(in: world) == "a:3")
  }
}
