import CommandLanguage
import Course
import Shell

/// A concept inventory: questions whose wrong choices each betray a misconception.
///
/// It stands in `inventory.yaml` beside the lessons:
///
///     questions:
///       - id: freeze-grows
///         concept: "Total freezing: how the stop depends on the size"
///         statements: [35, 36]
///         parameters: {pages: 64..256}
///         script: |
///           node add a b
///           spawn p --on a --pages $pages
///           migrate p b
///         text: |
///           A process has $pages pages …
///         right: {choice: "…", feedback: "…"}
///         verify: p.migration.pagesTime > p.migration.tripsTime
///         wrong:
///           - {choice: "…", not: "…", misconception: "…", feedback: "…"}
///
/// The engine executes the script. After it, `verify` must hold: that is what the right choice says. `not` is what a wrong
/// choice says, and must not hold. Texts may hold `$(expression)`.
public struct Inventory: Sendable {
  /// A question, and what proves it.
  public struct Item: Sendable {
    /// Its name.
    public let name: String
    /// What it asks for, as one sentence.
    public let concept: String
    /// The numbers of the course's statements that it is about.
    public let statements: [Int]
    /// The numbers that a seed draws.
    public let parameters: [Lesson.Parameter]
    /// What the engine executes; nil when there is nothing to execute.
    let script: SourceText?
    let text: Prose
    let right: Choice
    let wrong: [Choice]
    /// The line in the file on which it begins.
    let line: Int

    /// Whether the engine proves the right choice, and disproves every wrong one.
    public var isProven: Bool { script != nil && right.claim != nil && wrong.allSatisfy { $0.claim != nil } }
    /// The misconceptions that the wrong choices betray.
    public var misconceptions: [String] { wrong.compactMap(\.misconception) }
  }

  /// A choice, and what it says in the language of the engine.
  struct Choice: Sendable {
    let text: Prose
    let feedback: Prose
    let claim: (expression: Expression, source: SourceText)?
    let misconception: String?
  }

  /// A text in which numbers are filled in, line by line.
  struct Prose: Sendable {
    let lines: [Template]
    let source: SourceText
  }

  /// In the order of the file.
  public let items: [Item]
  /// What the file is called.
  public let name: String

  /// The file in the folder of a course.
  public static func path(inCourse folder: String) -> String { folder + "/inventory.yaml" }

  /// - Parameters:
  ///   - source: the text of the file.
  ///   - table: the commands and fields that may stand in it.
  public init(parsing source: SourceText, table: CommandTable) throws(CourseOutline.Mistake) {
    name = source.name
    let members = try CourseOutline.members(of: source)
    guard members.count == 1, members[0].name == "questions", case .list(let entries) = members[0].value else {
      throw CourseOutline.Mistake("\(source.name): it has no `questions`, which are a list")
    }
    var items: [Item] = []
    for entry in entries {
      let reader = try InventoryReader(entry, number: items.count + 1, name: source.name, table: table)
      let item = try reader.item()
      guard !items.contains(where: { $0.name == item.name }) else {
        throw reader.mistake("there are two questions `\(item.name)`")
      }
      items.append(item)
    }
    self.items = items
  }

  /// The lines that people read, each with its number in the file.
  public var proseLines: [(line: Int, text: String)] {
    items.flatMap { item -> [(line: Int, text: String)] in
      let choices = [item.right] + item.wrong
      let texts = [item.text] + choices.flatMap { [$0.text, $0.feedback] }
      let lines = texts.flatMap { text in
        text.lines.map { (text.source.place(of: $0.span).line, text.source.text($0.span)) }
      }
      return [(item.line, item.concept)] + lines + item.misconceptions.map { (item.line, $0) }
    }
  }
}

/// Reads one question of an inventory.
private struct InventoryReader {
  private let members: [YAML.Member]
  private let number: Int
  private let name: String
  private let table: CommandTable

  private static let names = [
    "id", "concept", "statements", "parameters", "script", "text", "right", "verify", "wrong",
  ]
  private static let namesOfChoices = ["choice", "feedback", "not", "misconception"]

  init(_ entry: YAML, number: Int, name: String, table: CommandTable) throws(CourseOutline.Mistake) {
    (self.number, self.name, self.table) = (number, name, table)
    guard case .members(let members) = entry else {
      throw CourseOutline.Mistake("\(name): question \(number) has no named parts, such as `id` and `text`")
    }
    self.members = members
    try refuseUnknown(members, but: Self.names)
  }

  func mistake(_ text: String, line: Int? = nil) -> CourseOutline.Mistake {
    CourseOutline.Mistake("\(name):\(line ?? members.first?.line ?? 1): question \(number): \(text)")
  }

  func item() throws(CourseOutline.Mistake) -> Inventory.Item {
    let id = try text("id", in: members)
    guard CommandTable.isName(id) else { throw mistake("`\(id)` is not a name") }
    guard case .members(let right)? = find("right", in: members)?.value else { throw mistake("`right` is no choice") }
    guard case .list(let entries)? = find("wrong", in: members)?.value, entries.count >= 2 else {
      throw mistake("`wrong` is no list of two choices or more")
    }
    var wrong: [Inventory.Choice] = []
    for entry in entries {
      guard case .members(let parts) = entry else { throw mistake("a choice in `wrong` has no named parts") }
      let choice = try choice(parts, claim: find("not", in: parts))
      guard choice.misconception != nil else {
        throw mistake("a choice in `wrong` has no `misconception`", line: parts.first?.line)
      }
      wrong.append(choice)
    }
    var script: SourceText?
    if let member = find("script", in: members) { script = source(try text(member), member.valueLine) }
    return Inventory.Item(
      name: id, concept: try text("concept", in: members), statements: try statements(), parameters: try parameters(),
      script: script, text: try prose("text", in: members),
      right: try choice(right, claim: find("verify", in: members)), wrong: wrong, line: members.first?.line ?? 1)
  }

  // MARK: - Parts

  private func choice(
    _ parts: [YAML.Member], claim: YAML.Member?
  ) throws(CourseOutline.Mistake) -> Inventory.Choice {
    try refuseUnknown(parts, but: Self.namesOfChoices)
    var proof: (expression: Expression, source: SourceText)?
    if let claim {
      let source = source(try text(claim), claim.valueLine)
      proof = (try parsed(claim) { (table) throws(Diagnostic) in try Self.expression(source, table) }, source)
    }
    let misconception = find("misconception", in: parts)
    return Inventory.Choice(
      text: try prose("choice", in: parts), feedback: try prose("feedback", in: parts), claim: proof,
      misconception: try misconception.map { member throws(CourseOutline.Mistake) in try text(member) })
  }

  private static func expression(_ source: SourceText, _ table: CommandTable) throws(Diagnostic) -> Expression {
    var parser = Parser(source: source, table: table)
    let (expression, end) = try parser.parseLeadingExpression()
    let rest = SourceSpan(start: end, end: source.utf8.count)
    guard source.text(rest).allSatisfy(\.isWhitespace) else {
      throw source.diagnostic(at: rest, "this does not belong to the expression")
    }
    return expression
  }

  private func prose(_ name: String, in parts: [YAML.Member]) throws(CourseOutline.Mistake) -> Inventory.Prose {
    guard let member = find(name, in: parts) else { throw mistake("`\(name)` is missing", line: parts.first?.line) }
    let source = source(try text(member), member.valueLine)
    let lines = try parsed(member) { (table) throws(Diagnostic) in
      var lines: [Template] = []
      var start = 0
      for end in source.utf8.indices + [source.utf8.count]
      where end == source.utf8.count || source.utf8[end] == UInt8(ascii: "\n") {
        var parser = Parser(source: source, table: table, span: SourceSpan(start: start, end: end))
        lines.append(try parser.parseUnquotedText())
        start = end + 1
      }
      return lines
    }
    return Inventory.Prose(lines: lines, source: source)
  }

  private func statements() throws(CourseOutline.Mistake) -> [Int] {
    guard let member = find("statements", in: members), case .list(let entries) = member.value else {
      throw mistake("`statements` is not a list of numbers")
    }
    var numbers: [Int] = []
    for entry in entries {
      guard case .text(let text) = entry, let number = Int(text), number > 0 else {
        throw mistake("`statements` is not a list of numbers", line: member.line)
      }
      numbers.append(number)
    }
    return numbers
  }

  private func parameters() throws(CourseOutline.Mistake) -> [Lesson.Parameter] {
    guard let member = find("parameters", in: members) else { return [] }
    guard case .members(let entries) = member.value else {
      throw mistake("`parameters` has no ranges with names", line: member.line)
    }
    var parameters: [Lesson.Parameter] = []
    for entry in entries {
      let bounds = try text(entry).split(separator: "..").map { Int64($0) }
      guard CommandTable.isName(entry.name), bounds.count == 2, let low = bounds[0], let high = bounds[1], low <= high
      else { throw mistake("`\(entry.name)` has no range, such as 64..256", line: entry.line) }
      parameters.append(Lesson.Parameter(name: entry.name, range: low...high))
    }
    return parameters
  }

  // MARK: - Values

  private func source(_ text: String, _ line: Int) -> SourceText {
    SourceText(name: name, text: text.hasSuffix("\n") ? String(text.dropLast()) : text, firstLine: line)
  }

  private func parsed<Result>(
    _ member: YAML.Member, _ parse: (CommandTable) throws(Diagnostic) -> Result
  ) throws(CourseOutline.Mistake) -> Result {
    do throws(Diagnostic) { return try parse(table) } catch {
      throw CourseOutline.Mistake(error.rendered())
    }
  }

  private func find(_ name: String, in parts: [YAML.Member]) -> YAML.Member? { parts.first { $0.name == name } }

  private func text(_ name: String, in parts: [YAML.Member]) throws(CourseOutline.Mistake) -> String {
    guard let member = find(name, in: parts) else { throw mistake("`\(name)` is missing") }
    return try text(member)
  }

  private func text(_ member: YAML.Member) throws(CourseOutline.Mistake) -> String {
    guard case .text(let text) = member.value, text.contains(where: { !$0.isWhitespace }) else {
      throw mistake("`\(member.name)` is no text", line: member.line)
    }
    return text
  }

  private func refuseUnknown(_ parts: [YAML.Member], but names: [String]) throws(CourseOutline.Mistake) {
    for part in parts where !names.contains(part.name) {
      let suggestion = closest(to: part.name, among: names).map { "; did you mean `\($0)`?" } ?? ""
      throw mistake("`\(part.name)` has no meaning here\(suggestion)", line: part.line)
    }
  }
}
