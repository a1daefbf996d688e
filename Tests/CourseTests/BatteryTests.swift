import CommandLanguage
import Shell
import Testing

@testable import Course

/// The ways round an exercise that `migsh test` tries by itself.
@Suite struct BatteryTests {
  /// An exercise that none of them passes.
  static let sound = """
    @lesson sound "Sound"
    @param pages 256..512
    @withhold undo checkpoint
    @setup
    node add a b c
    program busy { repeat { write next 0..63  compute 1ms } }
    spawn desk --on a --pages $pages --program busy
    spawn clerk --on c --program idle
    run 50ms
    @step brief points 4
    @check at desk.node == b essential
    @check brief desk.migration.freezeTime < 20ms essential
    @check whole desk.remote == 0 and desk.migration.mechanism == pretransfer essential
    @check way step.message.delivered == 1 and count(desk.inbox) == 1 and desk.migrations == 1 essential
    @solution
    migrate desk b --pretransfer
    send clerk desk "hello"
    run 100ms
    """

  private static func results(_ text: String, seeds: ClosedRange<UInt64> = 1...2) throws -> (
    problems: [String], results: [BatteryResult]
  ) {
    var prover = Prover(try lesson(text))
    let problems = prover.prove(seeds: seeds).map(\.text)
    return (problems, prover.results)
  }

  private static func attempts(_ problems: [String]) -> Set<String> {
    Set(problems.compactMap { $0.firstMatch(of: /step `\w+` \(([a-z-]+)\)/).map { String($0.1) } })
  }

  @Test func aSoundExercisePassesAndEverythingIsTried() throws {
    let (problems, results) = try Self.results(Self.sound)
    #expect(problems == [])
    let kinds = Set(results.map(\.attempt))
    #expect(
      kinds == [
        "nothing", "lines", "machines", "mechanisms", "swapped-names", "rebuilt", "other-direction",
        "withheld-commands",
      ])
    // Where `undo` and checkpoints are withheld, nothing can be tried and taken back.
    let free = try Self.results(Self.sound.replacing("@withhold undo checkpoint\n", with: ""))
    #expect(free.results.count { $0.attempt == "trial-and-error" } == 2)
    #expect(results.allSatisfy { $0.earned < 400 && $0.points == 4 && $0.acceptance == nil })
    #expect(results.first { $0.attempt == "lines" }?.refusal == "`network set` cannot be used here")
    #expect(results.contains { $0.attempt == "mechanisms" && $0.text.contains("--hybrid") && $0.refusal == nil })
  }

  /// What is taken away from the sound exercise, and what then passes.
  @Test(arguments: [
    ("@withhold undo checkpoint\n", "", ["trial-and-error"]),
    (
      "@check whole desk.remote == 0 and desk.migration.mechanism == pretransfer essential",
      "@check whole desk.remote == 0 essential guard", ["mechanisms"]
    ),
    (
      "@check way step.message.delivered == 1 and count(desk.inbox) == 1 and desk.migrations == 1",
      "@check way step.message.delivered == 1 and desk.migrations == 1", ["other-direction"]
    ),
    ("desk.node == b", "not (desk.node == a)", ["swapped-names"]),
  ]) func whatIsTooGenerousIsFound(_ part: String, _ instead: String, _ found: [String]) throws {
    let (problems, _) = try Self.results(Self.sound.replacing(part, with: instead))
    #expect(Self.attempts(problems) == Set(found), "\(problems)")
    #expect(problems.allSatisfy { $0.contains("or say @accept ") && $0.contains("expected less than 4 points") })
    // With the author's word for it, it passes.
    let accepted = found.sorted().map { "@accept \($0) \"why not\"\n" }.joined()
    let text = Self.sound.replacing(part, with: instead).replacing("@check at", with: accepted + "@check at")
    let (none, results) = try Self.results(text)
    #expect(none == [])
    #expect(results.contains { $0.acceptance == "why not" && $0.earned == 400 })
  }

  @Test func linesAndMachinesAreTriedWhereTheyMayBeChanged() throws {
    let exercise = """
      @lesson open "Open"
      @allow link-set network-set node-set
      @setup
      node add a b
      spawn p1 --on a --pages 256 --program hot
      run 10ms
      @step move points 2
      @accept trial-and-error "it may be tried"
      @check brief p1.node == b and p1.migration.freezeTime < 10ms essential
      @solution
      migrate p1 b --pretransfer
      """
    let (problems, _) = try Self.results(exercise)
    #expect(Self.attempts(problems).contains("lines"), "\(problems)")
    #expect(problems.contains { $0.contains("(lines): network set --latency 0s --bandwidth 100Gbps; migrate p1 b") })
  }

  @Test func anotherSetUpUnderTheSameNamesIsTried() throws {
    let (_, results) = try Self.results(Self.sound)
    let refusals = Set(results.filter { $0.attempt == "rebuilt" }.compactMap(\.refusal))
    #expect(
      refusals == ["`reset` cannot be used here", "there is a process `desk` already, though it has ended"])
    #expect(results.contains { $0.text.hasPrefix("kill desk\nspawn desk --on b --pages $pages --program busy\n") })
  }

  @Test func sendingFirstIsTried() throws {
    let exercise = """
      @lesson first "First"
      @setup
      node add a b c
      spawn desk --on b --program idle
      spawn clerk --on c --program idle
      run 10ms
      @step cut points 2
      @accept trial-and-error "it may be tried"
      @accept swapped-names "any of them"
      @accept other-direction "either way"
      @check sent step.message.delivered == 1 and not a.up
      @solution
      fail a
      send clerk desk "hello"
      run 100ms
      """
    let (problems, _) = try Self.results(exercise)
    #expect(Self.attempts(problems) == ["sent-before"], "\(problems)")
    let (none, _) = try Self.results(
      exercise.replacing("and not a.up", with: "and not a.up and now < 120ms and desk.delay != none"))
    #expect(Self.attempts(none) == ["sent-before"])
  }

  @Test func doingNothingCannotBeAccepted() throws {
    let (problems, _) = try Self.results(
      """
      @lesson idle "Idle"
      @setup
      node add a
      @step wait points 2
      @accept trial-and-error "it may be tried"
      @check late now >= 10s
      @solution
      run 11s
      """)
    #expect(Self.attempts(problems) == ["nothing"], "\(problems)")
    #expect(problems.first?.contains("a check must fail when nothing is done") == true)
  }

  /// Numbers that are written out pass with one seed, and not with those that a check asks for.
  @Test func furtherSeedsCount() throws {
    let exercise = """
      @lesson seeds "Seeds"
      @param pages 1..9
      @setup
      node add a b
      spawn p1 --on a --pages 8 --program idle
      spawn p2 --on a --pages $pages --program idle
      run 10ms
      @step move points 2
      @accept trial-and-error "it may be tried"
      @accept rebuilt "it may be made anew"
      @check at (p2.node == b and $pages > 0) or (p1.node == b and $pages < 6) seeds 20
      @solution
      migrate p2 b
      """
    #expect(try Self.results(exercise, seeds: 1...5).problems == [])
    let problems = try Self.results(exercise.replacing(" seeds 20", with: ""), seeds: 1...5).problems
    #expect(Self.attempts(problems) == ["swapped-names"], "\(problems)")
  }

  @Test func scriptsAreMadeFromTheSolution() throws {
    func script(_ text: String) throws -> Lesson.Script {
      try #require(try lesson("@lesson x \"X\"\n@step s\n@solution\n" + text).steps.first).solution
    }
    let migration = try script("migrate p1 b --pretransfer --max-rounds 2 --async\nrun 1s")
    #expect(
      migration.otherTransfers.prefix(2) == [
        "migrate p1 b --total-freezing --max-rounds 2 --async\nrun 1s",
        "migrate p1 b --total-freezing  --async\nrun 1s",
      ])
    #expect(migration.otherTransfers.allSatisfy { !$0.contains("pretransfer") })
    #expect(migration.withoutIdea == "migrate p1 b   \nrun 1s")
    #expect(try script("migrate p1 b").otherTransfers == [])
    #expect(
      try script("set forwarding origin\nspawn p --forwarding origin").otherForwardings.first
        == "set forwarding link-traversal\nspawn p --forwarding link-traversal")
    #expect(try script("send a b \"x\"\nrun 1s").otherDirection == "send b a \"x\"\nrun 1s")
    #expect(try script("fail c\nrun 1s\nsend a b \"x\"").sentBefore == "run 1s\nsend a b \"x\"\nfail c")
    #expect(try script("send a b \"x\"\nfail c").sentBefore == nil)
    #expect(
      try script("migrate p1 b\nrun until p1.node == b").swapped("b", "c") == "migrate p1 c\nrun until p1.node == c")
    #expect(try script("migrate p1 b").swapped("c", "d") == nil)
    #expect(
      try script("migrate p1 b").rebuilt { _ in "--pages 8" } == "kill p1\nspawn p1 --on b --pages 8\nrun 10ms")
  }

  /// What is accepted must leave the next step possible.
  @Test func anAcceptedWayRoundMustLeaveTheNextStepPossible() throws {
    let exercise = """
      @lesson next "Next"
      @setup
      node add a b c
      spawn p1 --on a
      @step any points 2
      @accept trial-and-error "it may be tried"
      @accept swapped-names "any other node"
      @check away p1.node in [b, c]
      @solution
      migrate p1 b
      @step then points 2
      @accept trial-and-error "it may be tried"
      @check at p1.node == c
      @solution
      migrate p1 c
      """
    let (problems, _) = try Self.results(exercise)
    #expect(problems.count == 1, "\(problems)")
    #expect(
      problems.first?.hasPrefix(
        "lesson:11:1: error: the step `then` is impossible after the accepted `swapped-names` in `any`: its solution stops: "
      ) == true, "\(problems)")
    let (none, _) = try Self.results(
      exercise.replacing(
        "@check at p1.node == c\n@solution\nmigrate p1 c", with: "@check at p1.node == a\n@solution\nmigrate p1 a"))
    #expect(none == [])
  }
}
