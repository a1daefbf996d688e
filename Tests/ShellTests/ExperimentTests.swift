import CommandLanguage
import TestSupport
import Testing

@testable import Shell

private func script(_ text: String, _ vary: [String] = [], seeds: Int = 1, keepsGoing: Bool = false) throws
  -> ExperimentScript
{
  try ExperimentScript(
    SourceText(name: "test", text: text), grid: try ParameterGrid(vary, seedCount: seeds), keepsGoing: keepsGoing)
}

/// What an experiment says that cannot be run.
private func refusal(_ text: String, _ vary: [String]) -> String {
  do {
    _ = try script(text, vary)
    return ""
  } catch let error as Diagnostic {
    return error.rendered()
  } catch {
    return "\(error)"
  }
}

private func rows(_ script: ExperimentScript) -> [ExperimentRow] {
  (0..<script.grid.runCount).compactMap { script.run($0) }
}

@Suite struct ParameterGridTests {
  @Test func theSeedChangesFastestThenTheLastVariation() throws {
    let grid = try ParameterGrid(["a=1,2", "b=x,y,z"], firstSeed: 7, seedCount: 2)
    #expect(grid.runCount == 12)
    #expect(
      (0..<5).map(grid.text(ofRun:)) == [
        "a=1 b=x seed=7", "a=1 b=x seed=8", "a=1 b=y seed=7", "a=1 b=y seed=8", "a=1 b=z seed=7",
      ])
    #expect(grid.text(ofRun: 11) == "a=2 b=z seed=8")
    #expect(Set((0..<12).map(grid.text(ofRun:))).count == 12)
  }

  static let readings: [(String, Value)] = [
    ("3", .integer(3)), ("-3", .integer(-3)), ("0.5", .decimal(0.5)), ("-0.5", .decimal(-0.5)),
    ("10ms", .quantity(10_000_000, .time)), ("4KiB", .quantity(4096, .size)), ("20%", .share(0.2)),
    ("true", .boolean(true)), ("none", .text("none")), ("-true", .text("-true")),
    ("link-update", .text("link-update")), ("10xs", .text("10xs")), ("a b", .text("a b")), ("1 + 1", .text("1 + 1")),
    ("\"x\"", .text("\"x\"")), ("x=y", .text("x=y")),
  ]

  @Test(arguments: readings) func aValueIsANumberAQuantityATruthOrElseAText(_ text: String, _ value: Value) throws {
    #expect(try ParameterGrid(["x=\(text)"]).choices(atPoint: 0).map(\.value) == [value])
  }

  static let mistakes: [([String], String)] = [
    (["x"], "`x` says no values"), (["x=1,,2"], "is empty"), (["x="], "is empty"), (["2x=1"], "cannot be varied"),
    (["for=1"], "cannot be varied"), (["seed=1"], "--seeds N"), (["status=1"], "has a column `status`"),
    (["x=1", "x=2"], "varied twice"), (["x=1,1"], "the value `1` twice"),
    (["x=1ms,1000us"], "the value `1000us` twice"),
    (["x=1\u{7}"], "control character"),
  ]

  @Test(arguments: mistakes) func aGridThatMakesNoSenseIsRefused(_ vary: [String], _ message: String) throws {
    let error = try #require(throws: ExperimentError.self) { try ParameterGrid(vary) }
    #expect(error.description.contains(message))
  }

  @Test func aGridHasABound() throws {
    let many = (0..<1000).map(String.init).joined(separator: ",")
    #expect(try ParameterGrid(["x=\(many)"], seedCount: 1000).runCount == 1_000_000)
    #expect(throws: ExperimentError.self) { try ParameterGrid(["x=\(many)"], seedCount: 1001) }
    #expect(throws: ExperimentError.self) { try ParameterGrid((0..<9).map { "x\($0)=\(many)" }, seedCount: 1000) }
  }

  @Test func everyRunIsInOneShard() throws {
    let shards = try (1...3).map { try #require(Shard("\($0)/3")) }
    #expect(shards.flatMap { Array($0.runs(of: 7)) } == [0, 3, 6, 1, 4, 2, 5])
    #expect(["0/3", "4/3", "1", "1/0", "a/b", "1/3/3", "-1/3"].allSatisfy { Shard($0) == nil })
  }
}

@Suite struct ExperimentScriptTests {
  /// The given value counts, wherever the script sets the variable.
  @Test func letKeepsTheGivenValue() throws {
    let text = """
      let x = 1; let first = $x
      if true { let x = 2 }
      define change { let x = 3 }
      change
      let last = $x
      """
    let experiment = try script(text, ["x=5,6"])
    #expect(experiment.measured == ["first", "last"])
    #expect(rows(experiment).map(\.cells) == [5, 6].map { [.whole($0, .count), .whole($0, .count)] })
    #expect(rows(experiment).allSatisfy { $0.status == .success })
  }

  @Test func theSeedIsThatOfTheRun() throws {
    let text = "set seed 5\nnode add a\nspawn p --program random\nrun 1s\nlet digest = p.digest"
    let results = rows(try script(text, seeds: 2))
    #expect(results[0].cells != results[1].cells)
    #expect(results == rows(try script(text, seeds: 2)))
  }

  /// What `save` writes in a run leads to the state of that run.
  @Test func aRunIsSavedWithItsValues() throws {
    var session = Session(seed: 7) { _ in }
    session.give([("x", .integer(5))])
    #expect(session.execute(SourceText(name: "test", text: "let x = 1\nset seed 2\nlet y = $x")) == .success)
    #expect(session.savedLines == ["set seed 7", "let x = 5", "let y = $x"])
  }

  /// A column is there whether or not a run sets it.
  @Test func columnsFollowFromTheText() throws {
    let text = """
      let mode = "a"
      if $mode == "a" { let fast = 1ms } else { let slow = 4KiB }
      for i in 1..2 { let last = $i * 0.5 }
      repeat 1 { let truth = 1 == 1 }
      define f { let inside = 1 }
      let mixed = [1]; let fast = 2ms
      let word = running
      """
    let experiment = try script(text, ["mode=a,b"])
    #expect(
      experiment.columns == [
        "mode", "seed", "status", "failed", "now", "fast", "slow", "last", "truth", "mixed", "word",
      ])
    let results = rows(experiment)
    #expect(
      results[0].cells == [
        .whole(2_000_000, .time), .empty, .decimal(1, .number), .truth(true), .empty, .text("running"),
      ])
    #expect(results[1].cells[1] == .whole(4096, .size))
  }

  @Test func aRowTellsHowItsRunEnded() throws {
    let text =
      "let x = 1\nexpect $x != 1\nrun 5ms\nexpect $x != 1 \"again\"\nif $x == 2 { fail nobody }\nlet done = true"
    let stopped = rows(try script(text, ["x=0,1,2"]))
    #expect(stopped.map(\.status) == [.success, .failed, .refused])
    #expect(stopped.map(\.failed) == [0, 1, 0])
    #expect(stopped.map(\.now) == [5_000_000, 0, 5_000_000])
    #expect(stopped[1].message.hasPrefix("test:2:8: failed: this does not hold"))
    let going = rows(try script(text, ["x=0,1,2"], keepsGoing: true))
    #expect(going.map(\.failed) == [0, 2, 0])
    #expect(going.allSatisfy { $0.cells == [.truth(true)] })
  }

  static let refusals: [(String, String, [String])] = [
    ("let rate = 1\nprint $rate", "rtae=1", ["never uses `$rtae`", "did you mean `--vary rate=…`?", "it uses $rate"]),
    ("let rate = 1 # $rate\nsay '$rate \\$rate'", "rate=1", ["never uses `$rate`", "no variables"]),
    ("let t = 10ms\nrun $t", "t=5", ["test:1:9: error: the experiment gives `5` for `$t`, and here it is a time"]),
    ("let n = 1\nprint $n", "n=x", ["gives `x`"]),
    ("let status = 1; print $n", "n=1", ["test:1:1: error: every row", "another name"]),
    ("for n in 1..2 { print $n }", "n=1", ["no loop can set it"]), ("print $n +", "n=1", ["error"]),
  ]

  @Test(arguments: refusals)
  func mistakesAreFoundBeforeAnythingRuns(_ text: String, _ vary: String, _ parts: [String]) {
    let found = refusal(text, [vary])
    for part in parts { #expect(found.contains(part), "\(found)") }
  }

  /// A use in a text, in a program and in a file that is sourced is a use.
  @Test func variablesAreFoundWhereverTheyStand() throws {
    let text = SourceText(
      name: "test", text: "say \"$a $(max($b, 1)) \\$no\" # $no\nsource x/1.y $c\nprogram p { compute $d }\nsay '$no'")
    #expect(text.usedVariables() == ["a", "b", "c", "d"])
    let directory = TemporaryDirectory()
    directory.write(Array("source two.migsh\n".utf8), to: "one.migsh")
    directory.write(Array("print $n\n".utf8), to: "two.migsh")
    func experiment() throws -> ExperimentScript {
      let source = SourceText(name: "test", text: "source one.migsh", folder: directory.path + "/")
      return try ExperimentScript(source, grid: try ParameterGrid(["n=1"]))
    }
    let before = try experiment().fingerprint
    #expect(try experiment().fingerprint == before)
    directory.write(Array("print $n + 1\n".utf8), to: "two.migsh")
    #expect(try experiment().fingerprint != before)
    directory.write(Array("print 1\n".utf8), to: "two.migsh")
    #expect(throws: ExperimentError.self) { try experiment() }
  }

  @Test func theFingerprintIsOfAllThatDecidesTheRuns() throws {
    let all = try [
      script("print $n", ["n=1,2"]), script("print  $n", ["n=1,2"]), script("print $n", ["n=1,3"]),
      script("print $n", ["n=1,2"], seeds: 2), script("print $n", ["n=1,2"], keepsGoing: true),
    ]
    #expect(Set(all.map(\.fingerprint)).count == all.count)
  }
}

@Suite struct ExperimentFileTests {
  static let texts = ["", "plain", "a,b", "say \"x\"", "two\nlines", "#", " x", "\r", "é", "\\t\\", "tab\there"]

  @Test(arguments: texts) func fieldsAreReadAsTheyWereWritten(_ text: String) throws {
    let record = "1,\(CSV.field(text)),\(CSV.field(text))\n"
    #expect(CSV.records(record[...]) == [record[...]])
    #expect(CSV.fields(record[...]) == ["1", text, text])
    let row = ExperimentRow(
      run: 3, status: .failed, failed: 1, now: 9,
      cells: [
        .text(text), .empty, .truth(false), .whole(-5, .time), .whole(7, .count), .decimal(0.1, .share),
        .decimal(-1e300, .number),
      ],
      message: text)
    #expect(!row.line.contains("\n"))
    #expect(ExperimentRow(line: row.line, columnCount: 7) == row)
    #expect(ExperimentRow(line: row.line, columnCount: 6) == nil)
    #expect(ExperimentRow(line: row.line.dropLast(text.utf8.count + 5), columnCount: 7) == nil)
  }

  @Test func quotesStandOnlyWhereTheyMust() {
    #expect(["a b", "a,b", "x\"y", "#1", ""].map(CSV.field) == ["a b", "\"a,b\"", "\"x\"\"y\"", "\"#1\"", "\"\""])
    #expect(CSV.records("a\nb") == nil)
    #expect(CSV.records("\"a\nb\n") == nil)
  }

  private static let text = "let t = \"x\"; let now-ish = now; print $n; let t = \"$n, # \\\"\\n\""

  private func files(_ count: Int, _ vary: String = "n=1,2,3") throws -> [(name: String, text: String)] {
    let experiment = try script(Self.text, [vary], seeds: 3)
    return try (1...count).map { number in
      let shard = try #require(Shard("\(number)/\(count)"))
      let rows = shard.runs(of: experiment.grid.runCount).compactMap { experiment.run($0) }
      return ("\(number).csv", ExperimentReport.csv(experiment, shard: shard, rows: rows))
    }
  }

  @Test func theFileNamesItsKindAndHasARowForEachRun() throws {
    let experiment = try script("let t = now; print $n; print $m", ["n=1,2", "m=10ms,x;y"], seeds: 2)
    let text = ExperimentReport.csv(experiment, shard: nil, rows: rows(experiment))
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines[0].hasPrefix("# migsh experiment 1; fingerprint "))
    #expect(lines[0].hasSuffix("; runs 8; n=1,2; m=10ms,x%3By; seeds 1 to 2"))
    #expect(lines[1] == "n,m,seed,status,failed,now,t")
    #expect(lines[2...4] == ["1,10000000,1,0,0,0,0", "1,10000000,2,0,0,0,0", "1,x;y,1,0,0,0,0"])
    #expect(lines.count == 10)
  }

  @Test(arguments: [1, 2, 4, 9, 12]) func mergedShardsAreTheFileOfARunWithout(_ count: Int) throws {
    let experiment = try script(Self.text, ["n=1,2,3"], seeds: 3)
    let whole = ExperimentReport.csv(experiment, shard: nil, rows: rows(experiment))
    #expect(try ExperimentReport.merge(try files(count).reversed()) == whole)
  }

  @Test func whatDoesNotBelongTogetherIsNamed() throws {
    func complaint(_ files: [(name: String, text: String)]) throws -> String {
      try #require(throws: ExperimentError.self) { try ExperimentReport.merge(files) }.description
    }
    let good = try files(4)
    #expect(try complaint([good[0], good[2]]).hasPrefix("shards 2, 4 of 4 are missing"))
    #expect(try complaint(Array(good[..<3])).contains("--shard 4/4"))
    #expect(try complaint(good + [("again.csv", good[1].text)]).hasPrefix("2.csv and again.csv are both shard 2"))
    let other = try files(4, "n=1,2,4")
    #expect(
      try complaint([good[0], other[1]]).contains("2.csv is not of the same experiment as 1.csv\n  the grids differ"))
    #expect(try complaint([good[0], try files(3)[1]]).contains("different numbers of shards"))
    #expect(try complaint([good[0], ("x", "a,b\n1,2\n")]).hasPrefix("the first line of x"))
    #expect(try complaint([("cut.csv", String(good[0].text.dropLast()))]).hasPrefix("cut.csv is not whole"))
    let lines = good[0].text.split(separator: "\n")
    #expect(try complaint([("cut.csv", lines.dropLast(2).joined(separator: "\n") + "\n")]).contains("not whole"))
    let experiment = try script(Self.text, ["n=1"])
    let whole = ExperimentReport.csv(experiment, shard: nil, rows: rows(experiment))
    #expect(try complaint([("whole.csv", whole)]).contains("it holds all runs"))
  }

  @Test func theWorstRunDecidesTheStatus() throws {
    let order: [ScriptStatus] = [.success, .failed, .limit, .refused, .usage, .interrupted, .fault]
    for (index, worse) in order.enumerated() {
      for better in order[...index] {
        #expect(ExperimentReport.worse(worse, better) == worse)
        #expect(ExperimentReport.worse(better, worse) == worse)
      }
    }
    let experiment = try script("expect $n == 1; say 'status'", ["n=1,2"])
    let text = ExperimentReport.csv(experiment, shard: nil, rows: rows(experiment))
    #expect(ExperimentReport.worstStatus(in: text) == .failed)
    #expect(ExperimentReport.worstStatus(in: String(text.dropLast())) == nil)
  }
}

@Suite struct ExperimentSummaryTests {
  /// Published values: Student's t, two-sided 95 %.
  static let quantiles: [(Int, Double)] = [
    (1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (9, 2.262), (10, 2.228), (15, 2.131), (16, 2.120),
    (17, 2.110), (19, 2.093), (20, 2.086), (25, 2.060), (29, 2.045), (30, 2.042), (40, 2.021), (60, 2.000),
    (120, 1.980), (1_000_000, 1.960),
  ]

  @Test(arguments: quantiles) func quantilesAreThePublishedOnes(_ degrees: Int, _ quantile: Double) {
    #expect(abs(studentQuantile(degreesOfFreedom: degrees) - quantile) < 0.0005)
  }

  @Test func quantilesFallWithoutASeam() {
    let quantiles = (1...300).map(studentQuantile)
    #expect(zip(quantiles, quantiles.dropFirst()).allSatisfy { $0 > $1 })
    // To seven places: 16 is the first that is not in the table.
    #expect(abs(quantiles[15] - 2.1199053) < 1e-6)
    #expect(abs(quantiles[14] - 2.1314495) < 1e-7)
  }

  /// Student's own data on sleep (1908): a mean of 0.75, a standard deviation of 1.789, n = 10.
  @Test func theIntervalIsThatOfATextbook() throws {
    let estimate = try #require(
      Estimate([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]))
    #expect(abs(estimate.mean - 0.75) < 1e-12)
    #expect(abs(try #require(estimate.margin) - 1.2798) < 1e-4)
    #expect(Estimate([3])?.margin == nil)
    #expect(Estimate([]) == nil)
  }

  @Test func theTableHasALineForEachPoint() throws {
    let text = """
      let n = 1
      node add a; spawn p --program random
      let time = $n * 10ms
      let number = $n
      let name = "p"
      if $n == 2 { let rare = 50% ; expect 1 == 2 }
      """
    let experiment = try script(text, ["n=1,2"], seeds: 3)
    #expect(
      ExperimentSummary(experiment, rows: rows(experiment)).text == """
        N  RUNS  FAILED          time  number      rare
        1     3       0  10 ms ± 0 ns   1 ± 0         -
        2     3       3  20 ms ± 0 ns   2 ± 0  50% ± 0%
        mean ± half of the 95 % confidence interval

        """)
  }

  @Test func aNumberThatOnlySomeRunsGaveSaysSo() throws {
    let experiment = try script("let x = 1; print $n", ["n=1"], seeds: 3)
    let cells: [Cell] = [.whole(2, .count), .decimal(3, .number), .empty]
    let rows = cells.enumerated().map {
      ExperimentRow(run: $0, status: .success, failed: 0, now: 0, cells: [$1], message: "")
    }
    #expect(ExperimentSummary(experiment, rows: rows).text.contains("1     3  2.5 ± 6.353 (2)"))
  }
}
