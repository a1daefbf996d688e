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
    "--on-reference", "--hybrid", "--pretransfer --bandwidth 60Mbps", "--flush", "--flush --backing b",
    "--flush --backing c", "--flush --backing c --bandwidth 60Mbps",
  ]) func theFreezeTimeIsWhatWasPredicted(_ flags: String) throws {
    var output = ""
    var options = Session.Options()
    options.format = .json
    var session = Session(options: options) { output += $0 }
    let setup = """
      node add a b c
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
    #expect(abs(freeze.0 - freeze.1) < 2 * 330_000 + 100_000, "\(freeze)")
    if let total = (Self.number("totalTime", in: predicted)), !flags.hasPrefix("--flush"), flags != "--on-reference",
      flags != "--hybrid"
    {
      let actual = try #require(Self.number("totalTime", in: output))
      #expect(abs(total - actual) / actual < 0.02, "\(total) \(actual)")
    }
  }
}
