import Shell

extension GradeReport {
  /// What became of the steps of a submission that had been graded before.
  public struct Regrade: Sendable, Equatable {
    /// A step that was judged again.
    public struct Judged: Sendable, Equatable {
      /// Its name.
      public let step: String
      /// Why, in words that continue "since".
      public let why: String
    }

    /// The names of the steps that have the results of the earlier report.
    public let kept: [String]
    /// The others, in the order of the exercise.
    public let judged: [Judged]

    init(kept: [String], judged: [Judged]) { (self.kept, self.judged) = (kept, judged) }

    /// In one sentence without a stop: which steps were kept, which were judged again, and why.
    public var text: String {
      func list(_ names: [String]) -> String { (names.count == 1 ? "step " : "steps ") + names.joined(separator: ", ") }
      guard !judged.isEmpty else { return "all steps keep their earlier results" }
      var groups: [(why: String, steps: [String])] = []
      for one in judged {
        if let place = groups.firstIndex(where: { $0.why == one.why }) {
          groups[place].steps.append(one.step)
        } else {
          groups.append((one.why, [one.step]))
        }
      }
      if kept.isEmpty, groups.count == 1 { return "all steps are judged again: \(groups[0].why)" }
      let again = groups.map { "\(list($0.steps)) judged again: \($0.why)" }
      return ((kept.isEmpty ? [] : ["\(list(kept)) kept"]) + again).joined(separator: "; ")
    }
  }

  /// The same report: every step keeps its result.
  public var keptWhole: GradeReport {
    var report = self
    report.regrade = Regrade(kept: steps.map(\.name), judged: [])
    return report
  }
}

extension Grader {
  /// Grades a submission that was graded before, and judges again only what may have another result now.
  ///
  /// - Parameters:
  ///   - seed: as in `grade`.
  ///   - circumstances: as in `grade`; the submission's digest and the secret's fingerprint tell whether they are the same.
  ///   - former: the earlier report; nil when there is none.
  /// - Returns: what `grade` would return, and in `regrade` what was kept.
  public func regrade(
    _ submission: Submission, seed: UInt64, _ circumstances: GradeReport.Circumstances, after former: GradeReport?
  ) throws(Interrupted) -> GradeReport {
    if let obstacle = FormerResults.obstacle(former, exercise, parts, seed: seed, circumstances) {
      var report = try grade(submission, seed: seed, circumstances)
      report.regrade = GradeReport.Regrade(
        kept: [], judged: report.steps.map { GradeReport.Regrade.Judged(step: $0.name, why: obstacle) })
      return report
    }
    let results = former.map { FormerResults($0, exercise, parts) }
    return try grade(submission, seed: seed, circumstances, keeping: results)
  }
}
