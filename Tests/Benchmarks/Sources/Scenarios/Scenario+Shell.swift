extension Scenario {
  /// A copy of the world is kept before every command.
  static let worldCopy = Scenario(
    name: "world-copy", summary: "commands with 1,000 processes, before each of which a copy of the world is kept",
    unit: "command", timed: Sizes(0, 5000), counted: Sizes(0, 200),
    subject: .script(
      setup: { _ in
        """
        \(programs)
        node add a b
        spawn s --on a --count 1000 --pages 1000 --program filler
        run 100ms
        """
      },
      work: { Array(repeating: "run 1us", count: $0).joined(separator: "\n") }))

  /// Back to the copy, which is the state that is left then.
  static let undo = Scenario(
    name: "step-back", summary: "commands with 10,000 processes, each of which is taken back", unit: "undo",
    timed: Sizes(0, 500), counted: Sizes(0, 20),
    subject: .script(
      setup: { _ in
        """
        node add a b --memory 16GiB
        spawn s --on a --count 10000 --pages 10
        run 100ms
        """
      },
      work: { Array(repeating: "run 10ms\nundo", count: $0).joined(separator: "\n") }))

  /// A block is read whole before any of it is executed; this one never is.
  static let parsing = Scenario(
    name: "parsing", summary: "a large script is read, and not executed", unit: "line",
    timed: Sizes(1000, 20_000), counted: Sizes(100, 1100),
    subject: .script(
      setup: { _ in "" },
      work: { units in
        let lines = (0..<units / 2).map { line in
          """
            spawn p\(line) --on a --pages 64 --program hot # a comment
            if p\(line).node == a and p\(line).pages > 3 * (4 + 5) { migrate p\(line) b --delta } else { say "$(p\(line))" }
          """
        }
        return "if 1 == 2 {\n\(lines.joined(separator: "\n"))\n}"
      }))

  /// What somebody waits for before anything else.
  static let startUp = Scenario(
    name: "start-up", summary: "the start of a shell that is given nothing to do", unit: "start", timed: Sizes(0, 1),
    counted: Sizes(0, 1), subject: .program { $0 == 0 ? nil : Invocation(["-c", ""]) })

  /// What the grader's own process does: it plays the solution, by which it judges the exercise, and takes the report.
  static let grading = Scenario(
    name: "grading", summary: "an exercise is tried with its solution, and one submission is graded", unit: "grading",
    timed: Sizes(0, 1), counted: Sizes(0, 1),
    subject: .program { units in
      guard units > 0 else { return nil }
      return Invocation(
        ["grade", "move.migsh", "student.migsh", "--format", "csv", "--exit-mode", "harness"],
        files: ["move.migsh": exercise, "student.migsh": "migrate shop b --pretransfer\n"])
    })

  private static let exercise = """
    @lesson move "Move a process" needs total-freezing
    @goal "You can move a process while it works." minutes 5
    @param pages 64..256

    @setup
    node add a b
    spawn shop --on a --pages $pages --program hot
    run 20ms

    | Move `shop` to `b`.

    @step move points 4
    @check at shop.node == b "shop should be on b" weight 2
    @check whole shop.migration.pagesLeft == 0 "no page should be left behind" weight 2
    @check any shop.node == b hidden seeds 8
    @hint Use `migrate`
    @solution
    migrate shop b

    """

  /// The orders in which things happen, drawn at random: migsh does not yet go through all of them.
  static let torture = Scenario(
    name: "torture",
    summary: "orders of events: random clusters under faults, each run twice with every invariant checked",
    unit: "seed", timed: Sizes(1, 9), counted: Sizes(1, 3),
    subject: .program { units in
      Invocation(["torture", "--worker", "--first", "2", "--seeds", "\(units)", "--jobs", "1"])
    })

  /// The page about a run with a log of 10,000 entries, for which the run is done again.
  static let report = Scenario(
    name: "report", summary: "the page about a run of 10,000 log entries", unit: "page",
    timed: Sizes(0, 4), counted: Sizes(0, 1),
    subject: .script(
      setup: { most in
        """
        node add a b c
        spawn p --on a --pages 200 --program hot
        spawn q --on a --program echo
        spawn r --on b --program pinger --set peer=q --count 3
        spawn s --on a --pages 2000 --program scan
        run 20ms
        migrate p b --pretransfer
        migrate s b --on-reference
        run \(most > 1 ? 30 : 3)s
        """
      },
      work: { $0 == 0 ? "" : "repeat \($0) { export report \"report.html\" --force }" }))
}
