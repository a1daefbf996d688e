import CommandLanguage
import Shell

/// Reports as JSON. They have the schema `migsh/grade/v2`, which `GradeReport.schema` describes. Every key is always there;
/// it is null when it has nothing to say:
///
///     {"schema": "migsh/grade/v2",
///      "engine": "0.1.0",                    the version that graded
///      "audience": "teacher",                 with everything; "student": without what a student may not see
///      "exercise": "move-it", "title": "…",
///      "details": "full",                     what a student may see of a failure: "full", "actual-only" or "none"
///      "student": "ada", "section": "B", "file": "class/ada.migsh",
///      "status": "graded",                    or why not; "statusText" then says it in a sentence
///      "statusText": null,
///      "cause": "In step move, …",            the first thing that went wrong
///      "seed": 4711,                          replays it: at most 53 bits
///      "parameters": {"pages": 97},
///      "secret": [],                          parameters that a student may not see
///      "total": 5.33, "max": 10.0,            points
///      "passed": false,                       every step is begun, all checks passed, the submission had no error
///      "steps": [{"name": "move", "points": 4, "earned": 2.66,
///        "basis": "own" | "reference",        from which world it was judged
///        "begun": true,                       a check passed that did not hold when the step began
///        "answered": true,                    the submission has commands for it
///        "checks": [{"name": "at", "verdict": "passed" | "failed" | "could-not-be-checked", "hidden": false,
///          "essential": false, "weight": 1, "guard": false,
///          "message": …, "expected": …, "found": …, "event": …, "reason": …,
///          "forbidden": false,                something that must not happen, and not something that must hold
///          "seed": null}]}],                  the further seed with which it failed
///      "errors": [{"step": "move", "kind": "error" | "failed" | "limit" | "unreadable",
///        "file": "ada.migsh", "line": 3, "column": 1, "message": "…", "text": "the whole diagnostic"}],
///      "furtherErrors": 0,                    more that are not listed
///      "fault": null,                         what went wrong in the engine; the rest is then worth nothing
///      "digests": {"exercise": "…", "submission": "…",        SHA-256
///        "parts": {"parameters": "…", "limits": "…", "rules": "…",     null for students
///          "steps": [{"setUp": "…", "solution": "…", "checks": ["…"]}]}},
///      "used": [{"limit": "events", "used": 1234, "most": 5000000}],   with the student's own seed
///      "isolation": ["…"],                    what kept the submission from doing harm
///      "picture": null,                       the world at the first failure: an SVG document
///      "likeness": null,                      the same in submissions that are alike up to names
///      "courseSecret": "3f2a90bc",            tells the secret from others from which the numbers follow
///      "regrade": null}                       or {"kept": ["move"], "judged": [{"step": "back", "why": "…"}]}
extension GradeReport {
  /// How the schema of these reports is called.
  public static let schemaName = "migsh/grade/v2"

  /// In the schema above.
  public var json: JSON {
    .object([
      ("schema", .string(Self.schemaName)), ("engine", .string(engine)), ("audience", .string(audience.rawValue)),
      ("exercise", .string(exercise)), ("title", .string(title)), ("details", .string(details.rawValue)),
      ("student", .string(student)), ("section", JSON(section)), ("file", .string(file)),
      ("status", .string(status.rawValue)), ("statusText", JSON(statusText)), ("cause", JSON(cause)),
      ("seed", .integer(Int64(clamping: seed))),
      ("parameters", .object(values.map { ($0.name, .integer($0.value)) })),
      ("secret", .array(secretNames.map { .string($0) })),
      ("total", .number(Double(total) / 100)), ("max", .integer(Int64(highest))), ("passed", .boolean(isPassed)),
      ("steps", .array(steps.map(\.json))), ("errors", .array(problems.map(\.json))),
      ("furtherErrors", .integer(Int64(furtherProblems))), ("fault", JSON(fault)),
      ("digests", digests.json),
      ("used", .array(used.map(\.json))), ("isolation", .array(isolation.map { .string($0) })),
      ("picture", JSON(picture)), ("likeness", JSON(likeness)), ("courseSecret", JSON(courseSecret)),
      ("regrade", regrade?.json ?? .null),
    ])
  }

  /// Reads a report that was written as JSON, exactly as it was.
  ///
  /// - Throws: `MalformedReport` for what is no such report, or says of itself what its parts do not: a total that is not
  ///   what its steps earned, a cause that is not the first thing that went wrong.
  public init(json: JSON) throws(MalformedReport) {
    let name = json["schema"]?.text
    guard name == Self.schemaName else {
      throw MalformedReport(
        name.map { "this report has the schema `\($0.prefix(60))`, and not `\(Self.schemaName)`" }
          ?? "this is no report on a submission",
        remedy: "grade the submissions again with this version of migsh")
    }
    let reader = ReportReader(json)
    self.init(
      engine: try reader.text("engine"), audience: try reader.word("audience"), exercise: try reader.text("exercise"),
      title: try reader.text("title"), details: try reader.word("details"), student: try reader.text("student"),
      seed: try reader.number("seed"), values: try reader.numbers("parameters"),
      secretNames: try reader.texts("secret"),
      steps: try reader.list("steps") { reader throws(MalformedReport) in try Step(reader) },
      problems: try reader.list("errors") { reader throws(MalformedReport) in try Problem(reader) },
      furtherProblems: try reader.number("furtherErrors", most: 1 << 32), fault: try reader.textOrNull("fault"),
      digests: try Digests(reader.object("digests")), try Circumstances(reader))
    // This also finds keys that nobody reads, and numbers that do not follow from the others.
    if let place = Self.difference(Self.completed(json), self.json) {
      throw MalformedReport("this report contradicts itself at `\(place)`", remedy: ReportReader.remedy)
    }
  }

  /// Reads a report from the bytes of a JSON text.
  public init(parsing bytes: [UInt8]) throws(MalformedReport) {
    let json: JSON
    do throws(JSONMistake) { json = try JSON(parsing: bytes) } catch {
      throw MalformedReport(
        "this is no JSON: \(error.message), after \(counted(error.offset, "byte"))", remedy: ReportReader.remedy)
    }
    try self.init(json: json)
  }

  /// A report with the members that reports of this schema did not have at first.
  private static func completed(_ json: JSON) -> JSON {
    guard case .object(var members) = json else { return json }
    if json["regrade"] == nil { members.append(("regrade", .null)) }
    guard case .object(let digests)? = json["digests"], json["digests"]?["parts"] == nil,
      let place = members.firstIndex(where: { $0.0 == "digests" })
    else { return .object(members) }
    members[place].1 = .object(digests + [("parts", .null)])
    return .object(members)
  }

  /// Where two values first differ; nil when they say the same. The order of keys says nothing, nor whether a whole number
  /// is written with decimals: other programs change both.
  private static func difference(_ first: JSON, _ second: JSON, at path: String = "") -> String? {
    switch (first, second) {
    case (.object(let left), .object(let right)):
      let leftNames = left.map(\.0).sorted()
      let rightNames = right.map(\.0).sorted()
      guard leftNames == rightNames else {
        let odd = Set(leftNames).symmetricDifference(rightNames).sorted().first
        return path + "/" + (odd ?? leftNames.first { name in left.count { $0.0 == name } > 1 } ?? "")
      }
      for (name, value) in left {
        guard let other = second[name] else { return "\(path)/\(name)" }
        if let place = difference(value, other, at: "\(path)/\(name)") { return place }
      }
      return nil
    case (.array(let left), .array(let right)):
      guard left.count == right.count else { return path }
      return zip(left, right).enumerated().lazy.compactMap { index, pair in
        difference(pair.0, pair.1, at: "\(path)/\(index)")
      }.first
    case (.integer(let left), .number(let right)), (.number(let right), .integer(let left)):
      return Double(left) == right ? nil : path
    case (.null, _), (.boolean, _), (.integer, _), (.number, _), (.string, _), (.array, _), (.object, _):
      return first == second ? nil : path
    }
  }
}

/// Why something is no report on a submission.
public struct MalformedReport: Error, Equatable, CustomStringConvertible {
  /// What is wrong.
  public let message: String
  /// What to do about it.
  public let remedy: String

  init(_ message: String, remedy: String) {
    self.message = message
    self.remedy = remedy
  }

  public var description: String { "\(message); \(remedy)" }
}

// MARK: - Parts

extension GradeReport.Step {
  fileprivate var json: JSON {
    .object([
      ("name", .string(name)), ("points", .integer(Int64(points))), ("earned", .number(Double(earned) / 100)),
      ("basis", .string(basis.rawValue)), ("begun", .boolean(isBegun)), ("answered", .boolean(isAnswered)),
      ("checks", .array(checks.map { .object($0.data + $0.furtherData) })),
    ])
  }

  fileprivate init(_ reader: ReportReader) throws(MalformedReport) {
    self.init(
      name: try reader.text("name"), points: try reader.number("points", most: 1000),
      isBegun: try reader.truth("begun"), isAnswered: try reader.truth("answered"), basis: try reader.word("basis"),
      checks: try reader.list("checks") { reader throws(MalformedReport) in try CheckResult(reader) })
  }
}

extension CheckResult {
  fileprivate var furtherData: [(String, JSON)] {
    [("forbidden", .boolean(isForbidden)), ("seed", seed.map { .integer(Int64(clamping: $0)) } ?? .null)]
  }

  fileprivate init(_ reader: ReportReader) throws(MalformedReport) {
    self.init(
      name: try reader.text("name"), isForbidden: try reader.truth("forbidden"), isHidden: try reader.truth("hidden"),
      isEssential: try reader.truth("essential"), weight: try reader.number("weight", most: 1000),
      isGuard: try reader.truth("guard"), verdict: try reader.word("verdict"))
    message = try reader.textOrNull("message")
    expected = try reader.textOrNull("expected")
    found = try reader.textOrNull("found")
    event = try reader.textOrNull("event")
    reason = try reader.textOrNull("reason")
    seed = try reader.isNull("seed") ? nil : reader.number("seed")
  }
}

extension GradeReport.Problem {
  fileprivate var json: JSON {
    .object([
      ("step", JSON(step)), ("kind", .string(kind)), ("file", .string(place.file)),
      ("line", .integer(Int64(place.line))),
      ("column", .integer(Int64(place.column))), ("message", .string(message)), ("text", .string(text)),
    ])
  }

  fileprivate init(_ reader: ReportReader) throws(MalformedReport) {
    step = try reader.textOrNull("step")
    kind = try reader.text("kind")
    place = SourcePlace(
      file: try reader.text("file"), line: try reader.number("line"), column: try reader.number("column"))
    message = try reader.text("message")
    text = try reader.text("text")
  }
}

extension GradeReport.Usage {
  fileprivate var json: JSON {
    .object([
      ("limit", .string(limit.rawValue)), ("used", .integer(Int64(clamping: used))),
      ("most", .integer(Int64(clamping: most))),
    ])
  }

  fileprivate init(_ reader: ReportReader) throws(MalformedReport) {
    self.init(try reader.word("limit"), used: try reader.number("used"), most: try reader.number("most"))
  }
}

extension GradeReport.Circumstances {
  fileprivate init(_ reader: ReportReader) throws(MalformedReport) {
    file = try reader.text("file")
    section = try reader.textOrNull("section")
    status = try reader.word("status")
    statusText = try reader.textOrNull("statusText")
    used = try reader.list("used") { reader throws(MalformedReport) in try GradeReport.Usage(reader) }
    isolation = try reader.texts("isolation")
    picture = try reader.textOrNull("picture")
    likeness = try reader.textOrNull("likeness")
    guard likeness.map(Digest.isDigest) ?? true else { throw reader.mistake("likeness") }
    courseSecret = try reader.textOrNull("courseSecret")
    regrade = try reader.objectOrNull("regrade").map { reader throws(MalformedReport) in try GradeReport.Regrade(reader)
    }
    guard courseSecret.map(StudentSeed.isFingerprint) ?? true else { throw reader.mistake("courseSecret") }
  }
}

extension JSON {
  /// A text, or null.
  init(_ text: String?) { self = text.map { .string($0) } ?? .null }
}
