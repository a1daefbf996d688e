import Chronicle
import MigrationKernel

/// Lines, cores and costs as they were, or are, in machines of one kind: `set profile` sets them together.
///
/// A step of a program takes 100 ns on a core of speed 1, which is about what an instruction or two took in 1990.
struct Profile: Sendable {
  let name: String
  let latency: Nanoseconds
  let bandwidth: UInt64
  let cores: Int
  /// In thousandths.
  let speed: UInt64
  let costs: KernelCosts
  /// Where each value comes from, as help says it.
  let sources: [String]

  static let all = [ethernet1990, datacenter2025]
  /// What `set profile` takes.
  static let names = all.map(\.name) + ["none"]

  /// Workstations with Sprite or Accent on one Ethernet.
  private static let ethernet1990 = Profile(
    name: "ethernet-1990",
    // A null remote call from kernel to kernel took a few milliseconds there and back (Ousterhout et al. 1988, Sprite).
    latency: 1_000_000,
    // DIX 1980, IEEE 802.3.
    bandwidth: 10_000_000,
    // A SPARCstation 1 of 20 MHz, 12.5 MIPS (Sun 1989).
    cores: 1, speed: 1000,
    costs: costs(
      // Sprite wrote 660 KB of pages a second (Douglis and Ousterhout 1991): 6.2 ms for 4 KiB. The line takes 3.3 of
      // them. The two ends share the rest.
      page: 1_450_000,
      // A page fetched on reference took 115 ms in Accent (Zayas 1987) on a machine about a tenth as fast; half of it at
      // the node that serves, without the line.
      fault: 5_000_000,
      // A quarter of a null remote call of 2.5 ms: four times a packet is sent or received (Ousterhout et al. 1988).
      packet: 600_000,
      // A look at a page table entry, tens of instructions.
      dirty: 2_000,
      // There and back by way of a pipe, two switches, took about a millisecond (the cswitch benchmark of Ousterhout 1990).
      contextSwitch: 500_000),
    sources: [
      "latency 1ms, cost-packet 600us: a null remote call of Sprite took 2.5 ms (Ousterhout et al. 1988)",
      "bandwidth 10Mbps: Ethernet (DIX 1980)", "1 core of speed 1: a SPARCstation 1 of 20 MHz (1989)",
      "cost-page 1.45ms: Sprite wrote 660 KB a second, less what the line takes (Douglis and Ousterhout 1991)",
      "cost-fault 5ms: 115 ms a fault in Accent (Zayas 1987), on a machine a tenth as fast, at two ends",
      "cost-dirty 2us: tens of instructions, an estimate",
      "cost-switch 500us: half of there and back by way of a pipe, rounded (Ousterhout 1990)",
    ])

  /// Servers in one hall, with Linux and QEMU.
  private static let datacenter2025 = Profile(
    name: "datacenter-2025",
    // Tens of microseconds between two servers of one hall (Barroso et al. 2017, Attack of the killer microseconds).
    latency: 20_000,
    // A usual port of a server (IEEE 802.3by).
    bandwidth: 25_000_000_000,
    // By clock rates: 3 GHz after 20 MHz.
    cores: 16, speed: 150_000,
    costs: costs(
      // A core carries 42 Gbps of TCP (Cai et al. 2021): 0.78 us for 4 KiB, at 150 times the speed of 1990.
      page: 117_000,
      // A fault served by userfaultfd: 10 us or so (QEMU's post-copy).
      fault: 1_500_000,
      // A packet through Linux's stack without its data: a microsecond (Cai et al. 2021).
      packet: 150_000,
      // KVM's dirty log: a bit a page, a few nanoseconds.
      dirty: 500,
      // 3.8 us, caches left aside, on a Xeon of 2 GHz (Li, Ding and Shen 2007): 2.5 us by clock rates.
      contextSwitch: 375_000),
    sources: [
      "latency 20us: tens of microseconds in one hall (Barroso et al. 2017)",
      "bandwidth 25Gbps: a usual port of a server (IEEE 802.3by)",
      "16 cores of speed 150: by clock rates, 3 GHz after 20 MHz",
      "cost-page 117us, 0.78 us at that speed: a core carries 42 Gbps of TCP (Cai et al. 2021)",
      "cost-fault 1.5ms, 10 us at that speed: userfaultfd, an estimate",
      "cost-packet 150us, 1 us at that speed: the same without the data, an estimate",
      "cost-dirty 500ns, 3 ns at that speed: a bit a page in KVM's log, an estimate",
      "cost-switch 375us, 2.5 us at that speed: 3.8 us on a Xeon of 2 GHz (Li, Ding and Shen 2007)",
    ])

  /// What it is made of, and where that comes from.
  var text: String { "\(name): \(sources.joined(separator: "; "))." }

  private static func costs(
    page: Nanoseconds, fault: Nanoseconds, packet: Nanoseconds, dirty: Nanoseconds, contextSwitch: Nanoseconds
  ) -> KernelCosts {
    var costs = KernelCosts()
    (costs.page, costs.fault, costs.packet) = (page, fault, packet)
    (costs.dirty, costs.contextSwitch) = (dirty, contextSwitch)
    return costs
  }

  func set(_ session: inout Session) {
    Self.set(&session, latency: latency, bandwidth: bandwidth) {
      ($0.cores, $0.speed, $0.costs) = (cores, speed, costs)
    }
  }

  private static func set(
    _ session: inout Session, latency: Nanoseconds, bandwidth: UInt64, _ change: (inout NodeSettings) -> Void
  ) {
    var line = session.state.world.lineDefaults
    (line.latency, line.bandwidth) = (latency, bandwidth)
    session.state.world.apply(.setNetwork(line))
    changeDefaults(&session, change)
  }

  /// The one whose lines, cores and costs new lines and nodes get.
  static func inForce(_ session: borrowing Session) -> Profile? { all.first { $0.isSet(session) } }

  /// Gives new lines and nodes what those of a new cluster get, if a profile is in force.
  static func end(_ session: inout Session) {
    guard inForce(session) != nil else { return }
    let (line, node) = (Line(), NodeSettings())
    set(&session, latency: line.latency, bandwidth: line.bandwidth) {
      ($0.cores, $0.speed, $0.costs) = (node.cores, node.speed, node.costs)
    }
  }

  /// True when lines, cores and costs are as it sets them.
  private func isSet(_ session: borrowing Session) -> Bool {
    let (line, node) = (session.state.world.lineDefaults, session.state.world.nodeDefaults)
    return line.latency == latency && line.bandwidth == bandwidth && node.cores == cores && node.speed == speed
      && node.costs == costs
  }
}
