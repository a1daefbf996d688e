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
    guard case .script(let setup, let work) = scenario.subject else { continue }
    Benchmark(scenario.name) { benchmark in
      var session = Session { _ in }
      guard session.execute(SourceText(name: scenario.name, text: setup(scenario.timed.more))) == .success else {
        return benchmark.error("the cluster cannot be built")
      }
      let work = SourceText(name: scenario.name, text: work(scenario.timed.more))
      benchmark.startMeasurement()
      let status = session.execute(work)
      benchmark.stopMeasurement()
      if status != .success { benchmark.error("ended with \(status)") }
    }
  }

  // What is done at a prompt, where nobody wants to wait.
  let crowd = "node add a b --memory 100GiB\nspawn p --count 10000 --program idle\nrun 1ms"
  for line in ["migrate ", "migrate p99", "print p1."] {
    Benchmark("tab after \(line.split(separator: " ").joined(separator: " ")), 100 times") { benchmark in
      guard let session = prompt(after: crowd, benchmark) else { return }
      benchmark.startMeasurement()
      for _ in 0..<100 { blackHole(session.complete(line, at: line.utf8.count)) }
      benchmark.stopMeasurement()
    }
  }
  Benchmark("colours after a key, 100 times") { benchmark in
    guard let session = prompt(after: crowd, benchmark) else { return }
    let line = "migrate p9999 b --pretransfer # a comment"
    let highlighting = session.highlighting(after: "")
    benchmark.startMeasurement()
    for _ in 0..<100 { blackHole(highlighting(line)) }
    benchmark.stopMeasurement()
  }
  // Each round brings eleven facts.
  let moving = """
    node add a b
    spawn p --program hot --pages 64
    repeat 500 { migrate p b; run 20ms; migrate p a; run 20ms }
    """
  for (name, distance) in [("near", 1), ("far", 8000)] {
    Benchmark("step back, \(name)") { benchmark in
      guard var session = prompt(after: moving, benchmark) else { return }
      execute("step back \(distance)", in: &session, benchmark)
    }
  }
}

/// A session in which a person has typed these commands; nil, and the benchmark has failed, when one was refused.
private func prompt(after setup: String, _ benchmark: Benchmark) -> Session? {
  var session = Session { _ in }
  session.options.isInteractive = true
  guard session.execute(SourceText(name: benchmark.name, text: setup)) == .success else {
    benchmark.error("what leads there was refused")
    return nil
  }
  return session
}

/// Measures one command.
private func execute(_ command: String, in session: inout Session, _ benchmark: Benchmark) {
  benchmark.startMeasurement()
  let status = session.execute(SourceText(name: benchmark.name, text: command))
  benchmark.stopMeasurement()
  if status != .success { benchmark.error("ended with \(status)") }
}
