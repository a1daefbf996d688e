import Chronicle
import CommandLanguage
import MigrationKernel
import TestSupport
import Testing

@testable import Shell

/// Lists of jobs: what is read of them, and what is refused.
@Suite struct TraceTests {
  private static func reader(limit: Int = 1000, first: Bool = false, speed: Double = 1) -> TraceReader {
    TraceReader(limit: limit, takesFirst: first, speed: speed) { $0 == "a" ? NodeID(0) : nil }
  }

  private static func problem(
    _ text: String, _ format: TraceReader.Format = .csv, limit: Int = 1000
  ) -> TraceReader.Problem? {
    var reader = reader(limit: limit)
    do throws(TraceReader.Problem) { _ = try reader.read(Array(text.utf8), as: format) } catch { return error }
    return nil
  }

  @Test func timesAreExact() throws {
    var reader = Self.reader()
    let text = """
      service,arrival
      1,0
      0.000000001,0.1
      2.5ms,0.123456789
      3min,1s
      1h,9007199.254740993
      .5us, 9007199.255
      """
    let trace = try reader.read(Array(text.utf8), as: .csv)
    #expect(trace.jobs.map(\.service) == [1_000_000_000, 1, 2_500_000, 180_000_000_000, 3_600_000_000_000, 500])
    #expect(
      trace.jobs.map(\.arrival)
        == [0, 100_000_000, 123_456_789, 1_000_000_000, 9_007_199_254_740_993, 9_007_199_255_000_000])
  }

  @Test func onlyTheFirstAreTaken() throws {
    var reader = Self.reader(limit: 2, first: true)
    // What comes after them is not even looked at.
    let trace = try reader.read(Array("arrival,service\n0,1\n1,1\n\nnonsense\n".utf8), as: .csv)
    #expect(trace.jobs.count == 2)
    #expect(Self.problem("arrival,service\n0,1\n1,1\n2,1\n", limit: 2)?.line == 4)
    #expect(Self.problem("arrival,service\n0,1\n1,1\n2,1\n", limit: 3) == nil)
  }

  @Test func speedDividesAllTimes() throws {
    var reader = Self.reader(speed: 4)
    let trace = try reader.read(Array("arrival,service\n1,2\n2,1ns\n".utf8), as: .csv)
    #expect(trace.jobs.map(\.arrival) == [250_000_000, 500_000_000] && trace.jobs.map(\.service) == [500_000_000, 1])
  }

  @Test(arguments: [
    ("", 1, 1), ("\n\n", 2, 1), ("arrival,service\n", 1, 1), ("arrival,service\n1,1,\n", 2, 1),
    ("arrival,service\n1, \n", 2, 4), ("arrival,service\n1,1e3\n", 2, 3), ("arrival,service\n1,.\n", 2, 3),
    ("arrival,service\n1,1 parsec\n", 2, 3), ("arrival,service\n1,99999999999999999999999s\n", 2, 3),
    ("arrival,service\n1,1.2.3\n", 2, 3), ("arrival,service\n1,4000h\n", 2, 1),
    ("arrival,service,arrival\n", 1, 17), ("arrival,service,node\n1,1,b\n", 2, 5),
    ("arrival,service,threads\n1,1,1001\n", 2, 5), ("arrival,service\n\u{0}\u{FF},1\n", 2, 1),
  ])
  func whatIsWrongIsNamed(_ text: String, line: Int, column: Int) throws {
    let problem = try #require(Self.problem(text), "\(text)")
    #expect(problem.line == line && problem.column == column, "\(text): \(problem)")
  }

  /// Whatever a file holds, it is read or refused.
  @Test(arguments: 0..<60 as Range<UInt64>) func anyBytesAreReadOrRefused(seed: UInt64) {
    var generator = Generator(seed: seed)
    let starts = ["arrival,service\n", "arrival,service,pages,node\n", "; x\n", ""]
    let parts = ["1", "0", "-1", ",", ",", "\n", " ", "\t", ".", "9999999999", "ms", "a", ";", "\r\n", "é", "-"]
    for _ in 0..<30 {
      var text = starts[Int(generator.next(below: 4))]
      for _ in 0..<generator.next(below: 60) { text += parts[Int(generator.next(below: UInt64(parts.count)))] }
      for format in TraceReader.Format.allCases {
        var reader = Self.reader(speed: 0.5)
        do throws(TraceReader.Problem) {
          let trace = try reader.read(Array(text.utf8), as: format)
          #expect(!trace.jobs.isEmpty && trace.jobs.allSatisfy { $0.service > 0 && $0.threads > 0 })
        } catch { #expect(error.line > 0 && error.column > 0 && !error.message.isEmpty) }
      }
    }
  }

  /// A script may not have more jobs than processes, in a trace or otherwise.
  @Test func theLimitOfProcessesHoldsForJobs() {
    let directory = TemporaryDirectory()
    directory.write(Array(("arrival,service\n" + String(repeating: "0,1ns\n", count: 51)).utf8), to: "t.csv")
    var printed = ""
    var session = Session { printed += $0 }
    session.options.limits.processes = 50
    func execute(_ text: String) -> ScriptStatus { session.execute(SourceText(name: "test", text: text)) }
    #expect(execute("node add a\nworkload trace t '\(directory.path)/t.csv'") == .refused)
    #expect(printed.contains("t.csv:52:1: more than 50 jobs") && printed.contains("`--jobs N` takes the first N"))
    #expect(execute("workload trace t '\(directory.path)/t.csv' --jobs 50\nrun") == .success)
    for command in ["run 3600s", "run", "run until jobs.completed > 1000"] {
      #expect(execute("reset\nnode add a\nworkload add w --rate 1000 --service fixed --mean 1ns\n\(command)") == .limit)
    }
    #expect(execute("fail a\nworkload add v --rate 100000 --service fixed --mean 1ns\nrun 3600s") == .limit)
  }

  @Test func aSessionThatMayReadNoFilesReadsNoTrace() {
    var printed = ""
    var session = Session { printed += $0 }
    session.options.files = .none
    #expect(
      session.execute(SourceText(name: "test", text: "node add a\nworkload trace t '/etc/passwd' --format csv"))
        == .refused)
    #expect(printed.contains("this file may not be read here"))
  }
}
