import CommandLanguage
import Testing

@testable import Shell

/// `cheapest` goes by what `predict` says.
@Suite struct CheapestTests {
  /// The whole numbers that follow a key in JSON, in their order.
  private static func numbers(_ key: String, in output: some StringProtocol) -> [Double] {
    output.split(separator: "\"\(key)\":").dropFirst().compactMap { Double($0.prefix { $0.isNumber }) }
  }

  private static func words(_ key: String, in output: some StringProtocol) -> [String] {
    output.split(separator: "\"\(key)\":\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
  }

  /// Processes with pages and states of different sizes. A first move measures the line.
  @Test(arguments: ["--total-freezing", "--on-reference"]) func ordersProcessesAsTheirFreezeTimes(_ flag: String) throws
  {
    var output = ""
    var options = Session.Options()
    options.format = .json
    var session = Session(options: options) { output += $0 }
    func execute(_ text: String) -> String {
      output = ""
      #expect(session.execute(SourceText(name: "test", text: text)) == .success, "\(output)")
      return output
    }
    // Nobody writes while all are compared.
    _ = execute(
      """
      node add a b
      link set a b --latency 3ms --bandwidth 40Mbps
      program w { write 0..$last   receive timeout 1s   compute 900s }
      policy selection cheapest
      policy destination random
      """)
    let sizes = [(900, 0), (40, 300_000), (500, 0), (41, 0), (350, 900_000), (120, 40_000), (1, 0), (600, 100_000)]
    for (place, (pages, state)) in sizes.enumerated() {
      _ = execute("spawn p\(place) --on a --pages \(pages) --program w --state \(state)B")
    }
    _ = execute("spawn first --on a --pages 300 --program w\nrun 3s\nmigrate first b")
    var freezeTimes: [String: Double] = [:]
    for place in sizes.indices {
      let predicted = Self.numbers("freezeTime", in: execute("predict p\(place) b \(flag)"))
      let freezeTime: Double = try #require(predicted.first)
      freezeTimes["p\(place)"] = freezeTime
    }
    let choice = try #require(execute("migrate --from a \(flag)").split(separator: "\"choice\":").dropFirst().first)
    let (names, costs) = (Self.words("process", in: choice), Self.numbers("cost", in: choice))
    #expect(names.count == sizes.count && costs.count == sizes.count)
    // Some that leave their pages behind differ by a few bytes.
    let times = names.map { freezeTimes[$0] ?? 0 }
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 + 20_000 }, "\(names) \(freezeTimes)")
    for (name, cost) in zip(names, costs) {
      let predicted = try #require(freezeTimes[name])
      #expect(abs(cost - predicted) < 0.02 * predicted + 1_000_000, "\(name): \(cost) and \(predicted)")
    }
  }
}
