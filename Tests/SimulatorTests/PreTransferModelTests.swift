import Chronicle
import MigrationKernel
import TestSupport
import Testing

@testable import Simulator

/// Pre-transfer against its formulas: ti = ni·p / B, n(i+1) = min(W, d·ti), until n(i+1) ≥ ni; then the process stands
/// still for (n·p + state) / B + 3L.
@Suite struct PreTransferModelTests {
  /// One migration: an address space, a line, and a process that writes `rate` distinct pages a second.
  struct Setting: CustomStringConvertible {
    var pages = 1000
    var pageSize = 4096
    /// Bits a second.
    var bandwidth: UInt64 = 100_000_000
    var latency: Nanoseconds = 0
    /// The time between two writes; nil for a process that writes nothing.
    var period: Nanoseconds?
    /// The number of pages that it writes, in turn or at random, at the beginning of its address space.
    var hotPages = 1000
    var isRandom = false
    var options = TransferOptions(.preTransfer)

    /// Bytes of a page on the network.
    var bytesPerPage: Int { pageSize + Packet.pageOverhead }
    /// Nanoseconds that a byte occupies the line.
    var timePerByte: Double { 8e9 / Double(bandwidth) }
    /// Pages written a nanosecond.
    var rate: Double { period.map { 1 / Double($0) } ?? 0 }

    var description: String {
      "\(pages) pages of \(pageSize), \(bandwidth) bps, \(latency) ns, a write every \(period ?? 0) ns to \(hotPages)"
    }

    /// Has the process migrated, some time after it began.
    func migrate(seed: UInt64 = 1) throws -> MigrationRecord {
      var world = World(seed: seed)
      world.setNetwork(MigrationTests.line(bandwidth: bandwidth, latency: latency))
      var settings = NodeSettings()
      settings.pageSize = pageSize
      world.addNode(named: "a", settings)
      world.addNode(named: "b", settings)
      let writer = period.map { Programs.regularWriter(period: $0, pages: hotPages, atRandom: isRandom) }
      let request = SpawnRequest(
        name: "p", program: writer ?? Programs.echo, pages: pages, seed: seed)
      let spawned = world.spawn(request, on: NodeID(0))
      let process = try #require(spawned)
      _ = world.run(to: 1_234_567)
      world.migrate(process, to: 1, options)
      _ = world.run(to: .max / 2) { $0.migrations[1]?.endedAt != nil }
      let record = try #require(world.migrations[1])
      #expect(record.status == .completed, "\(self)")
      let traffic = world.network.traffic(of: record.attempt)
      #expect(UInt64(record.pagesSent) == traffic.pages && UInt64(record.pageBytes) == traffic.pageBytes)
      return record
    }

    /// The pages of each round, and the pages left for the freeze, in whole pages by the formulas.
    func formula() -> (rounds: [Int], frozen: Int) {
      var rounds = [pages]
      while true {
        let time = Double(rounds[rounds.count - 1] * bytesPerPage) * timePerByte
        let dirtied = min(hotPages, Int((rate * time).rounded()))
        if dirtied == 0 || dirtied >= rounds[rounds.count - 1] { return (rounds, dirtied) }
        rounds.append(dirtied)
      }
    }
  }

  /// The bytes around the pages in packets, and those of the packets between the two kernels.
  static let header = 40.0
  static let control = 32.0
  static let offer = 50.0

  @Test func roundsMatchTheModel() throws {
    var (worstFreeze, worstTotal, worstRound, count) = (0.0, 0.0, 0, 0)
    for pages in [64, 641] {
      for pageSize in [4096, 16_384] {
        for bandwidth in [10_000_000, 10_000_000_000] as [UInt64] {
          for latency in [0, 2_000_000] as [Nanoseconds] {
            // The share of the line that the writer would fill: none, a tenth, half, nearly all, more than all.
            for load in [0, 0.1, 0.5, 0.9, 1.5] {
              for hotPages in [pages, pages / 8] {
                var setting = Setting(pages: pages, pageSize: pageSize, bandwidth: bandwidth, latency: latency)
                setting.hotPages = hotPages
                if load > 0 {
                  setting.period = Nanoseconds(Double(setting.bytesPerPage) * setting.timePerByte / load)
                }
                let record = try setting.migrate()
                try Self.expectExact(record, setting)
                let difference = try Self.difference(record, setting)
                worstRound = max(worstRound, try Self.expectSeries(record, setting, load: load))
                worstFreeze = max(worstFreeze, difference.freeze)
                worstTotal = max(worstTotal, difference.total)
                count += 1
              }
            }
          }
        }
      }
    }
    print(
      """
      pre-transfer, \(count) settings: at worst \(worstRound) pages in a round, \(worstFreeze * 100) % in the freeze time \
      and \(worstTotal * 100) % in the total time from the model
      """)
  }

  /// Each quantity follows from the one before, to the nanosecond and the page. The model leaves out only the bytes
  /// around pages in packets, and that a write happens at an instant.
  static func expectExact(_ record: MigrationRecord, _ setting: Setting) throws {
    let comment = "\(setting): \(record.rounds)" as Comment
    let batch = max(1, 64 * 1024 / setting.bytesPerPage)
    func time(_ pages: Int) -> (exact: Double, packets: Double) {
      let packets = Double((pages + batch - 1) / batch)
      return ((Double(pages * setting.bytesPerPage) + packets * header) * setting.timePerByte, packets)
    }
    #expect(record.rounds.first?.pages == setting.pages, comment)
    var startedAt = try #require(record.acceptedAt)
    for (place, round) in record.rounds.enumerated() {
      let (exact, packets) = time(round.pages)
      #expect(round.startedAt == startedAt && abs(Double(round.duration) - exact) <= packets + 1, comment)
      // Between two instants there lie so many writes, or one more.
      let writes = setting.rate * Double(round.duration)
      #expect(abs(Double(round.dirtied) - min(Double(setting.hotPages), writes)) <= 1, comment)
      let next = place + 1 < record.rounds.count ? record.rounds[place + 1].pages : record.pagesSentFrozen
      #expect(next == round.dirtied, comment)
      let isLast = place + 1 == record.rounds.count
      #expect(isLast == (round.dirtied == 0 || round.dirtied >= round.pages), comment)
      startedAt += round.duration
    }
    // A step on a page is not cut short.
    let safePointTime = try #require(record.safePointTime)
    #expect(record.frozenAt == startedAt + safePointTime && safePointTime <= StepGuest.stepTime, comment)
    let (sending, packets) = time(record.pagesSentFrozen)
    let trips = 3 * Double(setting.latency) + (Double(record.stateBytes) + 2 * control) * setting.timePerByte
    #expect(abs(Double(try #require(record.freezeTime)) - sending - trips) <= packets + 4, comment)
    let negotiation = 2 * Double(setting.latency) + (offer + control) * setting.timePerByte
    #expect(abs(Double(try #require(record.acceptedAt) - record.offeredAt) - negotiation) <= 2, comment)
  }

  /// By what shares the freeze time and the total time of a migration differ from the formulas, for the pages that its
  /// rounds had. The formulas ignore packets and the talk of the kernels.
  static func difference(_ record: MigrationRecord, _ setting: Setting) throws -> (freeze: Double, total: Double) {
    let page = Double(setting.bytesPerPage) * setting.timePerByte
    let state = Double(record.stateBytes) * setting.timePerByte + 3 * Double(setting.latency)
    let freeze = Double(record.pagesSentFrozen) * page + state
    let rounds = record.rounds.reduce(0) { $0 + Double($1.pages) * page }
    let total = 2 * Double(setting.latency) + rounds + freeze
    let measured = (Double(try #require(record.freezeTime)), Double(try #require(record.totalTime)))
    // The two packets that follow the state are as large: where hardly a page is left they count, and nothing else does.
    let isLong = record.pagesSentFrozen >= 8
    let difference = (isLong ? abs(measured.0 - freeze) / freeze : 0, abs(measured.1 - total) / total)
    #expect(difference.0 < 0.005, "\(setting): frozen for \(measured.0), model \(freeze)")
    #expect(difference.1 < 0.005, "\(setting): total \(measured.1), model \(total)")
    return difference
  }

  /// The formulas alone, from the first round to the last.
  ///
  /// - Returns: by how many pages a round differs at most.
  static func expectSeries(_ record: MigrationRecord, _ setting: Setting, load: Double) throws -> Int {
    let (rounds, frozen) = setting.formula()
    // Since writes happen at instants, a round may have a page more or fewer. It passes on this difference, times the
    // load, to the next round.
    let granularity = load < 1 ? 1 / (1 - load) : 1
    let parts = zip(record.rounds.map(\.pages), rounds).map { abs($0 - $1) }
    let comment = "\(setting): \(record.rounds.map(\.pages)) instead of \(rounds)" as Comment
    #expect(parts.allSatisfy { Double($0) <= granularity }, comment)
    #expect(abs(Double(record.pagesSentFrozen - frozen)) <= granularity, comment)
    let sent = Double(rounds.reduce(frozen, +))
    let count = Double(max(rounds.count, record.rounds.count) + 1)
    #expect(abs(Double(record.pagesSent) - sent) <= 0.005 * sent + count * granularity, comment)
    return parts.max() ?? 0
  }

  // MARK: - Writers at random

  /// Of N pages, w writes at random hit N(1 - (1 - 1/N)^w) on average.
  @Test func randomWritersMatchTheModel() throws {
    var (count, sum, worst) = (0, 0.0, 0.0)
    for seed in 1...40 as ClosedRange<UInt64> {
      var setting = Setting(pages: 500 + 10 * Int(seed), pageSize: 4096, latency: 1_000_000)
      setting.hotPages = setting.pages
      setting.isRandom = true
      setting.period = 150_000 + 10_000 * seed
      let record = try setting.migrate(seed: seed)
      for round in record.rounds where round.pages >= 100 {
        let pages = Double(setting.pages)
        let writes = setting.rate * Double(round.duration)
        let missed = power(1 - 1 / pages, writes)
        let mean = pages * (1 - missed)
        // Of the number of pages that no write hits.
        let variance =
          pages * (pages - 1) * power(1 - 2 / pages, writes) + pages * missed - (pages * missed) * (pages * missed)
        // The writes of a round are one more or less than its time says.
        let deviation = (Double(round.dirtied) - mean) / (variance.squareRoot() + 1)
        #expect(abs(deviation) < 5, "seed \(seed): \(round.dirtied) pages dirtied, \(mean) expected")
        worst = max(worst, abs(deviation))
        sum += deviation
        count += 1
      }
    }
    #expect(count > 100)
    #expect(abs(sum) / Double(count).squareRoot() < 5, "on average too many or too few: \(sum / Double(count))")
    print("pre-transfer, random writers: at worst \(worst) sigma in \(count) rounds")
  }

  /// `base` to the power of a number that is not negative; the last fraction of a factor by a straight line.
  private func power(_ base: Double, _ exponent: Double) -> Double {
    var result = 1 - (1 - base) * (exponent - exponent.rounded(.down))
    for _ in 0..<Int(exponent) { result *= base }
    return result
  }

  // MARK: - Cases with known answers

  /// 1 GiB over 125 MB/s: 8.59 s.
  @Test func aGibibyteFrozen() throws {
    var setting = Setting(pages: 1 << 18, bandwidth: 1_000_000_000, period: 1_000_000)
    setting.hotPages = setting.pages
    setting.options = TransferOptions(.totalFreezing)
    let record = try setting.migrate()
    #expect(record.pagesSent == 1 << 18)
    expect(try #require(record.freezeTime), is: 8.59)
    expect(try #require(record.totalTime), is: 8.59)
  }

  /// 1024 MiB over 100 MiB/s, while 40 MiB/s are written: rounds of 1024, 409.6, 163.84 and 65.54 MiB, and 26.21 MiB
  /// frozen for 0.262 s. Pages of 128 KiB, with a line as much faster as they are larger on the network.
  @Test func aGeometricSeries() throws {
    let mebibyte = 8
    var setting = Setting(pages: 1024 * mebibyte, pageSize: 131_072)
    setting.period = 1_000_000_000 / Nanoseconds(40 * mebibyte)
    setting.bandwidth = UInt64(100 * mebibyte * (setting.bytesPerPage + Int(Self.header)) * 8)
    setting.hotPages = setting.pages
    setting.options.downtime = 300_000_000
    let record = try setting.migrate()
    #expect(record.rounds.map(\.outcome) == [.goesOn, .goesOn, .goesOn, .downtimeMet])
    for (round, size) in zip(record.rounds, [1024, 409.6, 163.84, 65.54]) {
      #expect(abs(Double(round.pages) / Double(mebibyte) - size) < 0.01 * size, "\(round)")
    }
    #expect(abs(Double(record.pagesSentFrozen) / Double(mebibyte) - 26.21) < 0.01 * 26.21)
    #expect(abs(Double(record.pagesSent) / Double(mebibyte) - 1689.19) < 0.01 * 1689.19)
    expect(try #require(record.freezeTime), is: 0.262)
    expect(try #require(record.totalTime), is: 16.89)
  }

  /// Within one in a hundred.
  private func expect(_ time: Nanoseconds, is seconds: Double) {
    #expect(abs(Double(time) / 1e9 - seconds) <= 0.01 * seconds, "\(time) ns instead of \(seconds) s")
  }
}
