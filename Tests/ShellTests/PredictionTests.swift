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
  private static func outcomes(setup: String, flags: String) throws -> (predicted: String, reported: String) {
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
    return (execute("predict p b \(flags)"), execute("migrate p b \(flags)"))
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
          guard !predicted.contains("\"totalTime\":null") else { continue }
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
