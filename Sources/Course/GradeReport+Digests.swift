import Shell

extension GradeReport.Digests {
  var json: JSON {
    .object([
      ("exercise", .string(exercise)), ("submission", JSON(submission)), ("parts", parts?.json ?? .null),
    ])
  }

  init(_ reader: ReportReader) throws(MalformedReport) {
    let submission = try reader.textOrNull("submission")
    guard submission.map(Digest.isDigest) ?? true else { throw reader.mistake("digest") }
    self.init(
      exercise: try reader.digest("exercise"), submission: submission,
      parts: try reader.objectOrNull("parts").map { reader throws(MalformedReport) in try PartDigests(reader) })
  }
}

extension PartDigests {
  fileprivate var json: JSON {
    .object([
      ("parameters", .string(parameters)), ("limits", .string(limits)), ("rules", .string(rules)),
      ("steps", .array(steps.map(\.json))),
    ])
  }

  fileprivate init(_ reader: ReportReader) throws(MalformedReport) {
    self.init(
      parameters: try reader.digest("parameters"), limits: try reader.digest("limits"),
      rules: try reader.digest("rules"),
      steps: try reader.list("steps") { reader throws(MalformedReport) in try Step(reader) })
  }
}

extension PartDigests.Step {
  fileprivate var json: JSON {
    .object([
      ("setUp", .string(setUp)), ("solution", .string(solution)), ("checks", .array(checks.map { .string($0) })),
    ])
  }

  fileprivate init(_ reader: ReportReader) throws(MalformedReport) {
    let checks = try reader.texts("checks")
    guard checks.allSatisfy(Digest.isDigest) else { throw reader.mistake("digest") }
    self.init(setUp: try reader.digest("setUp"), solution: try reader.digest("solution"), checks: checks)
  }
}

extension GradeReport.Regrade {
  var json: JSON {
    .object([
      ("kept", .array(kept.map { .string($0) })),
      ("judged", .array(judged.map { .object([("step", .string($0.step)), ("why", .string($0.why))]) })),
    ])
  }

  init(_ reader: ReportReader) throws(MalformedReport) {
    self.init(
      kept: try reader.texts("kept"),
      judged: try reader.list("judged") { reader throws(MalformedReport) in
        Judged(step: try reader.text("step"), why: try reader.text("why"))
      })
  }
}

extension ReportReader {
  fileprivate func digest(_ name: String) throws(MalformedReport) -> String {
    let text = try text(name)
    guard Digest.isDigest(text) else { throw mistake("digest") }
    return text
  }
}
