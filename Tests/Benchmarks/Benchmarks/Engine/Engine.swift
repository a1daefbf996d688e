import Benchmark
import CommandLanguage
import Scenarios
import Shell

/// The scenarios inside one process, without the start of the program and without what builds the cluster.
nonisolated(unsafe) let benchmarks = {
  Benchmark.defaultConfiguration = .init(
    metrics: [.cpuTotal, .wallClock, .peakMemoryResident], warmupIterations: 1, maxDuration: .seconds(10),
    maxIterations: 7)
  for scenario in Scenario.all {
    Benchmark(scenario.name) { benchmark in
      var session = Session { _ in }
      guard session.execute(SourceText(name: scenario.name, text: scenario.setup)) == .success else {
        return benchmark.error("the cluster cannot be built")
      }
      let work = SourceText(name: scenario.name, text: scenario.work)
      benchmark.startMeasurement()
      let status = session.execute(work)
      benchmark.stopMeasurement()
      if status != .success { benchmark.error("ended with \(status)") }
    }
  }

  // What Tab costs, a hundred times.
  for line in ["migrate ", "migrate p99", "print p1."] {
    Benchmark("tab after \(line.split(separator: " ").joined(separator: " "))") { benchmark in
      var session = Session { _ in }
      let setup = SourceText(
        name: "tab", text: "node add a b --memory 100GiB\nspawn p --count 10000 --program idle\nrun 1ms")
      guard session.execute(setup) == .success else { return benchmark.error("the cluster cannot be built") }
      benchmark.startMeasurement()
      for _ in 0..<100 { blackHole(session.complete(line, at: line.utf8.count)) }
      benchmark.stopMeasurement()
    }
  }
}
