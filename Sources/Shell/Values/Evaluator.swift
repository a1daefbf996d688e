import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// Evaluates expressions and templates over one world as it is now.
///
/// Every error is a diagnostic that points at the part of the expression with the mistake.
public struct Evaluator: Sendable {
  /// The world that paths read.
  public let world: any Cluster
  /// By name, without `$`.
  public let variables: [String: Value]
  /// Where the spans of the expressions lie.
  public let source: SourceText

  /// The world when a step of a lesson began; nil outside lessons.
  let stepStart: (any Cluster)?
  /// Counts what it does; nil where nothing is counted.
  let effort: Effort?

  /// What `about(…)` says in another language, by what it says in English; empty for English.
  public var numberWords: [String: String] = [:]

  /// The most bytes that a text made by a template may have.
  static let longestText = 1 << 20

  /// - Parameter stepStart: the world when a step of a lesson began; nil outside lessons.
  public init(
    world: any Cluster, variables: [String: Value], source: SourceText, stepStart: (any Cluster)? = nil
  ) {
    self.init(world: world, variables: variables, source: source, stepStart: stepStart, effort: nil)
  }

  init(
    world: any Cluster, variables: [String: Value], source: SourceText, stepStart: (any Cluster)? = nil,
    effort: Effort?
  ) {
    self.world = world
    self.variables = variables
    self.source = source
    self.stepStart = stepStart
    self.effort = effort
  }

  /// The value of an expression.
  public func evaluate(_ expression: Expression) throws(Diagnostic) -> Value {
    effort?.spend(1)
    switch expression {
    case .literal(let literal, _): return Value(literal)
    case .string(let template): return .text(try text(template))
    case .variable(let name, let span): return try variable(name, at: span)
    case .variablePath(let name, let members, let span):
      return try path(PathReference(first: name, isVariable: true, members: members, span: span))
    case .path(let components, let span):
      return try path(PathReference(components: components, span: span))
    case .unary(let sign, let operand, let span): return try unary(sign, operand, at: span)
    case .binary(let sign, let left, let right, let span): return try binary(sign, left, right, at: span)
    case .call(let name, let arguments, let span): return try call(name, arguments, at: span)
    case .list(let elements, let span):
      var values: [Value] = []
      for element in elements { values.append(try evaluate(element)) }
      let list = Value.list(values)
      let size = list.size
      effort?.spend(size.elements)
      try requireEffort(at: span)
      if let excess = size.excess(over: .list) { throw source.diagnostic(at: span, "this list \(excess)") }
      return list
    case .each(let selection, let span): return try self.list(selection, at: span)
    }
  }

  /// The text of a template with its places filled in.
  public func text(_ template: Template) throws(Diagnostic) -> String {
    var result = ""
    for segment in template.segments {
      switch segment {
      case .literal(let text): result += text
      case .variable(let name, let span): result += try variable(name, at: span).text(in: world)
      case .expression(let expression): result += try evaluate(expression).text(in: world)
      }
      guard result.utf8.count <= Self.longestText else { throw tooLong(template.span) }
    }
    effort?.spend(forText: result)
    try requireEffort(at: template.span)
    return result
  }

  /// - Throws: an error when the session may do no more.
  func requireEffort(at span: SourceSpan) throws(Diagnostic) {
    if let effort, effort.isUsedUp { throw source.diagnostic(at: span, effort.message) }
  }

  /// Whether an expression is true. It must be true or false.
  public func condition(_ expression: Expression) throws(Diagnostic) -> Bool {
    let value = try evaluate(expression)
    guard case .boolean(let truth) = value else {
      throw source.diagnostic(
        at: expression.span, statement(of: value, expression), expected: "true or false, as from `p1.node == b`")
    }
    return truth
  }

  /// The value of `$name`.
  public func variable(_ name: String, at span: SourceSpan) throws(Diagnostic) -> Value {
    if let value = variables[name] { return value }
    if Fields.of(.world).contains(where: { $0.name == name }) || world.node(named: name) != nil
      || world.processes[name: name] != nil
    {
      throw source.diagnostic(
        at: span, "there is no variable `$\(name)`", suggestion: "$(\(name))",
        remedy: "what is no variable stands without `$`, and in a text in `$( )`")
    }
    throw source.diagnostic(
      at: span, "there is no variable `$\(name)`",
      suggestion: closest(to: name, among: variables.keys.sorted()).map { "$" + $0 },
      remedy: "`let \(name) = …` makes it")
  }
}

// MARK: - What errors say of a value

extension Evaluator {
  /// The text of an expression in back quotes, on one line and shortened.
  func quoted(_ expression: Expression) -> String {
    let words = source.text(expression.span).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return words.count <= 48 ? "`\(words)`" : "`\(words.prefix(47))…`"
  }

  /// A clause such as "`now` is a time"; for none it also says why.
  func statement(of value: Value, _ expression: Expression) -> String {
    let statement = "\(quoted(expression)) is \(value.kind)"
    guard value == .none, let why = whyNone(expression) else { return statement }
    return "\(statement): \(why)"
  }

  /// A clause that says why a field is none; nil for other expressions.
  private func whyNone(_ expression: Expression) -> String? {
    switch expression {
    case .path(let components, let span): whyNone(PathReference(components: components, span: span))
    case .variablePath(let name, let members, let span):
      whyNone(PathReference(first: name, isVariable: true, members: members, span: span))
    default: nil
    }
  }
}
