import CommandLanguage
import Course
import Shell

/// Goes through a script or a lesson, and gathers which names it sets and uses, and where.
struct NameGatherer {
  /// How a name comes to stand for something.
  enum SettingKind {
    case variable, loopVariable, parameter, lessonParameter, prediction
  }

  /// A place that gives a variable a value.
  struct Setting {
    let kind: SettingKind
    let name: String
    let source: SourceText
    let span: SourceSpan
    /// Whether the value is written out, and nothing is looked at for it.
    let isConstant: Bool
    let place: Place
  }

  /// A place that needs a variable's value.
  struct Use {
    let name: String
    let source: SourceText
    let span: SourceSpan
    let place: Place
  }

  /// A command of the author's own.
  struct Definition {
    let name: String
    let parameters: [String]
    let source: SourceText
    let span: SourceSpan
    let place: Place
  }

  /// A use of a command of the author's own.
  struct Call {
    let name: String
    let place: Place
  }

  /// Where something stands, as far as it matters for names.
  struct Place {
    /// How many statements outside all blocks begin before it.
    var turn = 0
    /// The command in whose definition it stands.
    var definition: Int?
    /// Whether it stands in a block, so that it may be passed over.
    var isInBlock = false
    /// Whether it stands in the steps of a program, where a name may also be that of a process.
    var isInProgram = false
    /// Whether it stands in a file that the text names, and not in the text itself.
    var isSourced = false
    /// Whether it prepares a step of a lesson, for a learner who may use what it sets.
    var isForLearner = false
  }

  let checker: ScriptChecker
  private(set) var settings: [Setting] = []
  private(set) var uses: [Use] = []
  private(set) var definitions: [Definition] = []
  private(set) var calls: [Call] = []
  private(set) var programs: [Setting] = []
  /// Bare names: one may be that of a program.
  private(set) var names: Set<String> = []
  private(set) var findings: [Finding] = []
  /// Whether the name of a program is put together when the script runs.
  private(set) var composesProgramNames = false
  /// Whether a file is executed whose name or contents show only when the script runs.
  private(set) var isOpen = false
  /// Whether a command is executed, and not only defined.
  private(set) var executes = false

  var table: CommandTable
  private var turn = 0
  private var filesRead: Set<String> = []
  /// The files that the script writes before it reads them.
  private var filesWritten: Set<String> = []
  /// The definitions after which nothing more is executed.
  var definitionsThatQuit: Set<String> = []

  init(checker: ScriptChecker) {
    self.checker = checker
    table = checker.table
  }

  // MARK: - Whole texts

  mutating func add(script statements: [Statement], in source: SourceText) {
    add(statements, in: source, Place())
    findUnreachable(statements, in: source)
  }

  mutating func add(_ lesson: Lesson) {
    for parameter in lesson.parameters {
      settings.append(
        Setting(
          kind: .lessonParameter, name: parameter.name, source: lesson.source,
          span: lesson.parameterSpan(parameter.name),
          isConstant: true, place: Place()))
    }
    for prediction in lesson.predictions {
      settings.append(
        Setting(
          kind: .prediction, name: prediction.name, source: lesson.source, span: prediction.span, isConstant: true,
          place: Place()))
    }
    for part in lesson.parts {
      turn += 1
      switch part {
      case .setup(let source): add(part: source, Place(isForLearner: true))
      case .solution(let source): add(part: source, Place())
      case .expression(let expression): add(expression, in: lesson.source, Place(turn: turn))
      case .text(let text): add(text, in: lesson.source, Place(turn: turn))
      }
    }
  }

  private mutating func add(part source: SourceText, _ place: Place) {
    var parser = Parser(source: source, table: table)
    // The lesson's parser has told its mistakes.
    guard let statements = try? parser.parseScript() else { return }
    table = parser.table
    add(statements, in: source, place)
    findUnreachable(statements, in: source)
  }

  // MARK: - Statements

  private mutating func add(_ statements: [Statement], in source: SourceText, _ outer: Place) {
    for statement in statements {
      var place = outer
      if !outer.isInBlock, outer.definition == nil, !outer.isSourced {
        turn += 1
      }
      place.turn = turn
      add(statement, in: source, place)
    }
  }

  private mutating func add(_ statement: Statement, in source: SourceText, _ place: Place) {
    var inside = place
    inside.isInBlock = true
    switch statement.kind {
    case .command(let call): add(call, in: source, place)
    case .let(let name, let expression):
      add(expression, in: source, place)
      set(.variable, name, in: statement, source, place, isConstant: expression.isWrittenOut)
    case .if(let branches, let otherwise):
      note(place)
      for branch in branches {
        add(branch.condition, in: source, place)
        add(branch.block.statements, in: source, inside)
      }
      add(otherwise?.statements ?? [], in: source, inside)
    case .forEach(let name, let values, let block):
      note(place)
      for value in values { add(value, in: source, place) }
      set(.loopVariable, name, in: statement, source, place, isConstant: true)
      add(block.statements, in: source, inside)
    case .repeat(let condition, let block), .while(let condition, let block):
      note(place)
      add(condition, in: source, place)
      add(block.statements, in: source, inside)
    case .define(let name, let parameters, let block): define(name, parameters, block, statement, in: source, place)
    case .expect(let condition, let why):
      note(place)
      add(condition, in: source, place)
      if let why { add(why, in: source, place) }
    case .expectError(let part, let block):
      note(place)
      if let part { add(part, in: source, place) }
      add(block.statements, in: source, inside)
    case .program(let program):
      if !place.isSourced {
        programs.append(
          Setting(
            kind: .variable, name: program.name, source: source, span: program.nameSpan, isConstant: true, place: place)
        )
      }
      inside.isInProgram = true
      for step in program.body { add(step, in: source, inside) }
    case .deferred: addDeferred(statement, in: source, place)
    }
  }

  /// Notes that something is executed, and not only defined.
  private mutating func note(_ place: Place) {
    if place.definition == nil, !place.isSourced { executes = true }
  }

  /// Something whose command only a sourced file can define.
  private mutating func addDeferred(_ statement: Statement, in source: SourceText, _ place: Place) {
    guard !isOpen else { return }
    var parser = Parser(source: source, table: table, span: statement.span)
    do throws(Diagnostic) {
      for statement in try parser.parseScript() { add(statement, in: source, place) }
    } catch {
      findings.append(.mistake(error))
    }
  }

  private mutating func set(
    _ kind: SettingKind, _ name: String, in statement: Statement, _ source: SourceText, _ place: Place,
    isConstant: Bool
  ) {
    let span = source.spansOfNames(in: statement).first ?? statement.span
    settings.append(
      Setting(kind: kind, name: name, source: source, span: span, isConstant: isConstant, place: place))
  }

  private mutating func define(
    _ name: String, _ parameters: [String], _ block: Block, _ statement: Statement, in source: SourceText,
    _ place: Place
  ) {
    let spans = source.spansOfNames(in: statement)
    definitions.append(
      Definition(
        name: name, parameters: parameters, source: source, span: spans.first ?? statement.span, place: place))
    var inside = place
    inside.definition = definitions.count - 1
    inside.isInBlock = true
    for (parameter, span) in zip(parameters, spans.dropFirst()) {
      settings.append(
        Setting(kind: .parameter, name: parameter, source: source, span: span, isConstant: true, place: inside))
    }
    table.add(.userDefined(name: name, parameters: parameters))
    add(block.statements, in: source, inside)
    if alwaysQuits(block.statements) { definitionsThatQuit.insert(name) } else { definitionsThatQuit.remove(name) }
  }

  // MARK: - Commands

  private mutating func add(_ call: CommandCall, in source: SourceText, _ place: Place) {
    if call.spec.words != ["source"] { note(place) }
    if call.spec.isUserDefined { calls.append(Call(name: call.spec.name, place: place)) }
    for argument in call.arguments.joined() { add(argument, in: source, place) }
    for use in call.flags + call.outputFlags { if let value = use.value { add(value, in: source, place) } }
    for use in call.flags where use.flag.value == .program {
      if case .string(let name)? = use.value, name.segments.count > 1 { composesProgramNames = true }
    }
    if let file = call.outputFile?.constantText { filesWritten.insert(source.path(ofFile: file)) }
    let file = call.arguments.first?.first
    switch call.spec.name {
    case "save":
      if let path = file?.constantText { filesWritten.insert(source.path(ofFile: path)) }
    case "source": follow(file, call, in: source, place)
    default: break
    }
  }

  /// Reads a file that the script executes.
  private mutating func follow(_ argument: Argument?, _ call: CommandCall, in source: SourceText, _ place: Place) {
    guard let argument, let name = argument.constantText else {
      isOpen = true
      return
    }
    let path = source.path(ofFile: name)
    guard filesRead.insert(path).inserted else { return }
    var mistakes: [Diagnostic] = []
    do {
      let file = try checker.readFile(path)
      var parser = Parser(source: file, table: table)
      let statements = parser.parseScript(collecting: &mistakes)
      var inside = place
      inside.isSourced = true
      table = parser.table
      add(statements, in: file, inside)
      if alwaysQuits(statements) { filesThatQuit.insert(path) }
    } catch let mistake as Diagnostic {
      mistakes = [mistake]
    } catch {
      isOpen = true
      if !filesWritten.contains(path) {
        findings.append(
          .warning(.unreadable, source.diagnostic(at: argument.span, "`\(name)` cannot be read: \(error)")))
      }
    }
    findings += mistakes.map { mistake in
      var mistake = mistake
      mistake.callers.append(Caller(command: source.text(call.span), place: source.place(of: call.span)))
      return .mistake(mistake)
    }
  }

  /// The variables that hold the elements of a list from which another is made.
  private var bound: [String] = []
  /// The files after which nothing more is executed.
  var filesThatQuit: Set<String> = []

  // MARK: - What is read

  private mutating func add(_ argument: Argument, in source: SourceText, _ place: Place) {
    switch argument {
    case .name(let name, _): names.insert(name)
    case .string(let text): add(text, in: source, place)
    case .literal: break
    case .variable(let name, let span): use(name, span, in: source, place)
    case .expression(let expression, _): add(expression, in: source, place)
    case .pages(let first, let last, _):
      add(first, in: source, place)
      if let last { add(last, in: source, place) }
    case .assignment(_, let value, _): add(value, in: source, place)
    case .group(let members, _): for member in members { add(member, in: source, place) }
    case .block(let block): add(block.statements, in: source, place)
    }
  }

  private mutating func add(_ expression: Expression, in source: SourceText, _ place: Place) {
    switch expression {
    case .literal: break
    case .path(let path, _): if let first = path.first { names.insert(first) }
    case .string(let text): add(text, in: source, place)
    case .variable(let name, let span): use(name, span, in: source, place)
    case .variablePath(let name, _, let span):
      use(name, SourceSpan(start: span.start, end: span.start + 1 + name.utf8.count), in: source, place)
    case .unary(_, let operand, _): add(operand, in: source, place)
    case .binary(_, let left, let right, _):
      add(left, in: source, place)
      add(right, in: source, place)
    case .each(let selection, _):
      add(selection.list, in: source, place)
      bound.append(selection.name)
      add(selection.element, in: source, place)
      if let condition = selection.condition { add(condition, in: source, place) }
      bound.removeLast()
    case .call(_, let elements, _), .list(let elements, _):
      for element in elements { add(element, in: source, place) }
    }
  }

  private mutating func add(_ text: Template, in source: SourceText, _ place: Place) {
    for segment in text.segments {
      switch segment {
      case .literal(let text): names.insert(text)
      case .variable(let name, let span): use(name, span, in: source, place)
      case .expression(let expression): add(expression, in: source, place)
      }
    }
  }

  private mutating func add(_ step: Step, in source: SourceText, _ place: Place) {
    let parts = step.kind.parts
    for operand in parts.operands + (parts.pages?.operands ?? []) {
      if case .variable(let name, let span) = operand { use(name, span, in: source, place) }
    }
    if let text = parts.text { add(text, in: source, place) }
    for step in parts.steps ?? [] { add(step, in: source, place) }
  }

  private mutating func use(_ name: String, _ span: SourceSpan, in source: SourceText, _ place: Place) {
    guard !bound.contains(name) else { return }
    uses.append(Use(name: name, source: source, span: span, place: place))
  }

  mutating func report(_ finding: Finding) { findings.append(finding) }
}

extension Argument {
  /// The text that it is written as; nil when that shows only later.
  var constantText: String? {
    switch self {
    case .name(let name, _): name
    case .string(let template): template.constantText
    case .literal, .variable, .expression, .pages, .assignment, .group, .block: nil
    }
  }
}

extension Expression {
  /// Whether it is the same whatever has happened in the world.
  var isWrittenOut: Bool {
    switch self {
    case .literal: true
    case .string(let text): text.constantText != nil
    case .variable, .variablePath, .path, .each: false
    case .unary(_, let operand, _): operand.isWrittenOut
    case .binary(_, let left, let right, _): left.isWrittenOut && right.isWrittenOut
    case .call(_, let elements, _), .list(let elements, _): elements.allSatisfy(\.isWrittenOut)
    }
  }
}

extension PageSelector {
  /// What its ends are.
  var operands: [Operand] {
    switch self {
    case .page(let page): [page]
    case .range(let first, let last), .random(let first, let last), .next(let first, let last): [first, last]
    }
  }
}

extension Lesson {
  /// Where a parameter gets its name.
  func parameterSpan(_ name: String) -> SourceSpan {
    var offset = 0
    for line in source.text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
      if words.count > 1, words[0].elementsEqual("@param".utf8), words[1].elementsEqual(name.utf8) {
        let start = offset + line.distance(from: line.startIndex, to: words[1].startIndex)
        return SourceSpan(start: start, end: start + name.utf8.count)
      }
      offset += line.count + 1
    }
    return span
  }
}
