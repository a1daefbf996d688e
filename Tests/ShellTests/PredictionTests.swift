import CommandLanguage
import MigrationKernel
import Testing

@testable import Shell

/// What `predict` says comes about.
@Suite struct PredictionTests {
  /// The whole numbers behind a key in what a command printed as JSON.
  private static func number(_ key: String, in output: String) -> Double? {
    output.split(separator: "\"\(key)\":").dropFirst().first.flatMap { rest in
      Double(rest.prefix { $0.isNumber })
    }
  }

  @Test(arguments: [
    "--total-freezing", "--pretransfer", "--pretransfer --downtime 30ms", "--pretransfer --max-rounds 2",
    "--on-reference", "--hybrid", "--pretransfer --bandwidth 60Mbps", "--total-freezing --zero-marks",
    "--pretransfer --zero-marks", "--pretransfer --zero-marks --max-rounds 1", "--pretransfer --bandwidth 10Mbps",
    "--pretransfer --bandwidth 10Mbps --throttle", "--pretransfer --bandwidth 10Mbps --throttle --downtime 300ms",
    "--pretransfer --bandwidth 10Mbps --delta", "--pretransfer --bandwidth 10Mbps --delta --max-rounds 1",
  ]) func theFreezeTimeIsWhatWasPredicted(_ flags: String) throws {
    var output = ""
    var options = Session.Options()
    options.format = .json
    var session = Session(options: options) { output += $0 }
    let setup = """
      node add a b
      program w { repeat { write next 0..$last   compute 2ms } }
      spawn p --pages 800 --program w
      run 100ms
      """
    #expect(session.execute(SourceText(name: "setup", text: setup)) == .success)
    output = ""
    #expect(session.execute(SourceText(name: "predict", text: "predict p b \(flags)")) == .success)
    let predicted = output
    output = ""
    #expect(session.execute(SourceText(name: "migrate", text: "migrate p b \(flags)")) == .success)
    let freeze = (
      try #require(Self.number("freezeTime", in: predicted)), try #require(Self.number("freezeTime", in: output))
    )
    // A round more or less of a page or two, and the state.
    let page = flags.contains("10Mbps") ? 3_300_000.0 : 330_000
    #expect(abs(freeze.0 - freeze.1) < 2 * page + 100_000, "\(freeze)")
    if let total = (Self.number("totalTime", in: predicted)), flags != "--on-reference", flags != "--hybrid" {
      let actual = try #require(Self.number("totalTime", in: output))
      // A page touched while the first round was on its way to it goes whole, and not as a mark.
      let touched = flags.contains("zero-marks") ? 6 * page : 0
      #expect(abs(total - actual) < 0.02 * actual + touched, "\(total) \(actual)")
    }
  }

  /// What `predict` says of a throttle.
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
    // 10,000 pages a second, where the link carries 3,047: a third of the speed is too much, and three tenths are not.
    let fast = predict("compute 99900ns", "--throttle")
    #expect(fast.contains("or to be slowed down by 70%") && fast.contains("slowed down  0% 20% 30% 40%"))
    #expect(predict("compute 99900ns", "").contains("Mbps\n"), "without the option nothing is said of it")
    #expect(predict("sleep 99us", "--throttle").contains("slowed down is no help"))
    #expect(predict("compute 5ms", "--throttle").contains("converges at 100 Mbps; needs more than"))
    // A difference of three bytes for each page.
    #expect(predict("compute 99900ns", "--delta").contains("converges at 100 Mbps; needs more than 960 kbps"))
  }
}
