import Testing

@testable import Course

/// Exercises about policies: the student's rule is used on processes that the student does not see.
@Suite struct PolicyExerciseTests {
  /// The student defines a rule; then it has to choose among others than those that it was tried on.
  static let rule = """
    @lesson own-rule "A rule of your own"
    @param pages 40..60
    @setup
    node add a b
    node add c --memory 64KiB
    set load-interval 50ms
    spawn small --on a --pages 4
    run 10ms
    spawn large --on a --pages $pages
    run 110ms
    @step rule points 4
    # Define a policy that moves what costs least to where memory is left, and put it in force.
    @check small small.migrations == 1
    @check stays large.node == a
    @solution
    policy define thrifty --select '-cost' --destination '-load' --where 'freeMemory >= pages * 4KiB'
    policy selection thrifty
    policy destination thrifty
    migrate --from a
    @setup
    node add d
    node add e --memory 64KiB
    spawn first --on d --pages $($pages * 2)
    spawn second --on d --pages 20
    spawn third --on d --pages $pages
    spawn near --on a
    spawn more --on b
    run 110ms
    migrate --from d
    @step others points 6
    @check cheapest second.migrations == 1 and second.node in [a, b] hidden seeds 3
    @check alone first.node == d and third.node == d
    @solution
    run 1ms
    """

  private func report(_ policy: String) throws -> GradeReport {
    try grade(
      Self.rule,
      """
      @step rule
      policy define mine \(policy)
      policy selection mine
      policy destination mine
      migrate --from a
      """)
  }

  @Test func aRuleThatFitsEarnsAll() throws {
    let report = try report("--select 'pages * -2' --destination 'freeMemory' --where 'freeMemory > pages * 4KiB'")
    // The second step is worth points only through what is done in it, and here nothing is.
    #expect(report.steps.allSatisfy { step in step.checks.allSatisfy { $0.verdict == .passed } }, "\(report.text)")
    #expect(report.total == 400 && !report.isPassed)
  }

  /// Each rule does what is asked with the processes that are shown.
  @Test(arguments: [
    "--select 'age' --destination '-load'",
    "--select '5 - pages' --destination '-load' --where 'pages < 10'",
  ])
  func aRuleThatFitsOnlyWhatIsShownEarnsAPart(_ policy: String) throws {
    let report = try report(policy)
    #expect(report.steps.first?.earned == 400 && report.total < 1000, "\(report.text)")
  }

  @Test func aRuleWithoutSenseIsSaidToBeWrong() throws {
    let report = try report("--select 'pages + 1s'")
    #expect(report.total == 0 && report.text.contains("policy define mine"), "\(report.text)")
  }
}
