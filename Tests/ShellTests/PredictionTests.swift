import CommandLanguage
import MigrationKernel
import Testing

@testable import Shell

/// Migrations cost what `predict` says.
@Suite struct PredictionTests {
  /// The whole numbers that follow a key in a command's JSON.
  private static func number(_ key: String, in output: String) -> Double? {
    output.split(separator: "\"\(key)\":").dropFirst().first.flatMap { rest in
      Double(rest.prefix { $0.isNumber })
    }
  }

  /// The prediction of a migration and the report of that migration, as JSON.
  ///
  /// - Parameter late: the report as it is when all that may be fetched has been.
  private static func outcomes(
    setup: String, flags: String, late: Bool = false
  ) throws -> (predicted: String, reported: String) {
    var output = ""
    var options = Session.Options()
    options.format = .json
    var session = Session(options: options) { output += $0 }
    func execute(_ text: String) -> String {
      output = ""
      #expect(session.execute(SourceText(name: "test", text: text)) == .success, "\(output)")
      return output
    }
    _ = execute(setup)
    let predicted = execute("predict p b \(flags)")
    let reported = execute("migrate p b \(flags)")
    guard late else { return (predicted, reported) }
    _ = execute("run 12s")
    return (predicted, execute("migration show"))
  }

  @Test(arguments: [
    "--total-freezing", "--pretransfer", "--pretransfer --downtime 30ms", "--pretransfer --max-rounds 2",
    "--on-reference", "--hybrid", "--pretransfer --bandwidth 60Mbps", "--flush", "--flush --backing b",
    "--flush --backing c", "--flush --backing c --bandwidth 60Mbps", "--total-freezing --zero-marks",
    "--pretransfer --zero-marks", "--pretransfer --zero-marks --max-rounds 1", "--pretransfer --bandwidth 10Mbps",
    "--pretransfer --bandwidth 10Mbps --throttle", "--pretransfer --bandwidth 10Mbps --throttle --downtime 300ms",
    "--pretransfer --bandwidth 10Mbps --delta", "--pretransfer --bandwidth 10Mbps --delta --max-rounds 1",
  ]) func theFreezeTimeIsWhatWasPredicted(_ flags: String) throws {
    let (predicted, output) = try Self.outcomes(
      setup: """
        node add a b c
        program w { repeat { write next 0..$last   compute 2ms } }
        spawn p --pages 800 --program w
        run 100ms
        """, flags: flags)
    let freeze = (
      try #require(Self.number("freezeTime", in: predicted)), try #require(Self.number("freezeTime", in: output))
    )
    // The difference may be a round of a page or two, and the state.
    let page = flags.contains("10Mbps") ? 3_300_000.0 : 330_000
    #expect(abs(freeze.0 - freeze.1) < 2 * page + 100_000, "\(freeze)")
    if let total = (Self.number("totalTime", in: predicted)), !flags.hasPrefix("--flush"), flags != "--on-reference",
      flags != "--hybrid"
    {
      let actual = try #require(Self.number("totalTime", in: output))
      // A page that is written before the first round reaches it goes as a whole page, and not as a mark.
      let touched = flags.contains("zero-marks") ? 6 * page : 0
      #expect(abs(total - actual) < 0.02 * actual + touched, "\(total) \(actual)")
    }
  }

  // MARK: - A grid

  /// What a process does again and again: it writes a page after each interval, or writes nothing.
  static let steps =
    ["sleep 1s"] + ["5ms", "1ms", "400us", "100us", "20us"].map { "write next 0..$last   compute \($0)" }

  /// Compares freeze time and total time for several rates of writing, speeds of the line, and options. The freeze time
  /// is right up to the time for two pages: since a write happens at an instant, a round may differ by so many. What
  /// the formulas leave out (the state, the bytes around pages, the answers of kernels) matters less. The total time is
  /// right up to a hundredth.
  @Test func predictionsComeTrue() throws {
    var (worstFreeze, worstTotal, count) = (0.0, 0.0, 0)
    for step in Self.steps {
      for bandwidth in [20, 100, 1000] {
        for (flags, cap) in [
          ("--total-freezing", 1000), ("--pretransfer", 1000), ("--pretransfer --downtime 5ms", 1000),
          ("--pretransfer --downtime 50ms", 1000), ("--pretransfer --max-rounds 1", 1000),
          ("--pretransfer --bandwidth 10Mbps --downtime 20ms", 10), ("--on-reference", 1000), ("--hybrid", 1000),
        ] {
          let (predicted, reported) = try Self.outcomes(
            setup: """
              network set --bandwidth \(bandwidth)Mbps
              node add a b
              program w { repeat { \(step) } }
              spawn p --pages 300 --program w
              run 100ms
              """, flags: flags)
          let comment = "\(step) over \(bandwidth) Mbps, \(flags)" as Comment
          let page = Double(4096 + Packet.pageOverhead) * 8000 / Double(min(bandwidth, cap))
          let expected = try #require(Self.number("freezeTime", in: predicted))
          let freeze = try #require(Self.number("freezeTime", in: reported))
          worstFreeze = max(worstFreeze, abs(freeze - expected) / page)
          #expect(abs(freeze - expected) < 2 * page, comment)
          count += 1
          guard !predicted.contains("\"totalTime\":null"), !reported.contains("\"totalTime\":null") else { continue }
          let expectedTotal = try #require(Self.number("totalTime", in: predicted))
          let total = try #require(Self.number("totalTime", in: reported))
          worstTotal = max(worstTotal, abs(total / expectedTotal - 1))
          #expect(abs(total / expectedTotal - 1) < 0.01, comment)
        }
      }
    }
    print(
      "\(count) predictions: the freeze time at worst off by that of \(worstFreeze) pages, the total time by \(worstTotal * 100) %"
    )
  }

  /// A random cluster with load on its lines and cores, a random process, and flags of a random move.
  private static func setting(_ random: inout Generator) -> (setup: String, flags: String) {
    func below(_ bound: Int) -> Int { Int(random.next(below: UInt64(bound))) }
    func pick(_ choices: [String]) -> String { choices[below(choices.count)] }
    let pages = below(600) + 1
    let program = pick([
      "repeat { write next 0..$last compute \(below(3000) + 200)us }",
      "repeat { write 0..\(below(pages)) compute \(below(5000) + 100)us }",
      "repeat { write random 0..$last compute \(below(2000) + 50)us }",
      "repeat { read next 0..$last compute 500us }", "sleep 1000s", "repeat { write next 0..$last sleep 700us }",
    ])
    var setup = """
      network set --bandwidth \(pick(["10Mbps", "100Mbps", "1Gbps"])) --latency \(pick(["100us", "1ms", "20ms"]))
      node add a b c --cores \(below(3) + 1)
      program w { \(program) }
      program burn { repeat { compute 7ms } }
      spawn p --pages \(pages) --program w --state \(below(200))KiB

      """
    for number in 0..<below(3) { setup += "spawn on-a-\(number) --pages 10 --program burn\n" }
    for number in 0..<below(3) { setup += "spawn on-b-\(number) --on b --pages 10 --program burn\n" }
    setup += "spawn q --on c --pages 300\nspawn o --pages 400\nrun \(below(50) + 10)ms\n"
    for _ in 0..<below(4) { setup += "send q p \"x\" --size \(below(100) + 1)KiB\n" }
    setup += "run 1s\n"
    if below(3) == 0 { setup += "migrate o b --async\nrun 3ms\n" }
    let flags = pick([
      "", "--zero-marks", "--pretransfer", "--pretransfer --downtime 30ms", "--pretransfer --throttle",
      "--pretransfer --delta", "--pretransfer --zero-marks --max-rounds 3",
      "--pretransfer --bandwidth 8Mbps --downtime 40ms",
      "--pretransfer --bandwidth 8Mbps --cap-stop", "--on-reference", "--on-reference --push --prefetch 4", "--hybrid",
      "--flush", "--flush --backing c --push", "--flush --backing a",
    ])
    return (setup, flags)
  }

  /// Freeze time, total time and faults over random settings: times to a twentieth or half a millisecond, in nearly all.
  @Test func randomSettings() throws {
    var random = Generator(seed: 7)
    var (right, count) = (0, 0)
    for _ in 0..<40 {
      let (setup, flags) = Self.setting(&random)
      let (predicted, reported) = try Self.outcomes(setup: setup, flags: flags, late: true)
      let freeze = try #require(Self.number("freezeTime", in: predicted), "\(setup) \(flags) \(predicted)")
      let wait = try #require(Self.number("coreWaitTime", in: reported), "\(setup) \(flags) \(reported)")
      let found = try #require(Self.number("freezeTime", in: reported)) - wait
      func isNear(_ one: Double, _ other: Double) -> Bool { abs(one - other) <= max(other / 20, 500_000) }
      var isRight = isNear(freeze, found)
      if let total = Self.number("totalTime", in: predicted), let actual = Self.number("totalTime", in: reported) {
        // Pages are fetched only after it has had its core.
        isRight = isRight && isNear(total, Self.number("pagesLeft", in: reported) == 0 ? actual - wait : actual)
        isRight = isRight && Self.number("remoteFaults", in: predicted) == Self.number("remoteFaults", in: reported)
      }
      count += 1
      right += isRight ? 1 : 0
    }
    #expect(right * 100 >= count * 95, "\(right) of \(count)")
  }

  /// The predictions about a throttle.
  @Test func theThrottleThatIsNeeded() throws {
    func predict(_ program: String, _ flags: String) -> String {
      var output = ""
      var session = Session(options: Session.Options()) { output += $0 }
      let text = """
        node add a b
        program w { repeat { write next 0..$last  \(program) } }
        spawn p --pages 400 --program w
        run 100ms
        predict p b --pretransfer \(flags)
        """
      #expect(session.execute(SourceText(name: "test", text: text)) == .success)
      return output
    }
    // 10,000 pages a second, where the line carries 3,047: a third of the speed is too much, and three tenths are not.
    let fast = predict("compute 99900ns", "--throttle")
    #expect(fast.contains("or to be slowed down by 70%") && fast.contains("slowed down  0% 20% 30% 40%"))
    #expect(predict("compute 99900ns", "").contains("Mbps\n"), "without the option nothing is said of it")
    #expect(predict("sleep 99us", "--throttle").contains("slowed down is no help"))
    #expect(predict("compute 5ms", "--throttle").contains("converges at 100 Mbps; needs more than"))
    // A difference of three bytes for each page.
    #expect(predict("compute 99900ns", "--delta").contains("converges at 100 Mbps; needs more than 960 kbps"))
  }
}
