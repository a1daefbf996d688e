import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

extension Evaluator {
  func call(_ name: String, _ arguments: [Expression], at span: SourceSpan) throws(Diagnostic) -> Value {
    switch name {
    case "count":
      let (argument, value) = try only(arguments, of: name, at: span)
      guard case .list(let elements) = value else {
        throw source.diagnostic(
          at: argument.span, statement(of: value, argument),
          expected: "a list, as in count(cluster.nodes)")
      }
      return .count(elements.count)
    case "about":
      let (argument, value) = try only(arguments, of: name, at: span)
      guard let text = value.roundedForPeople(words: numberWords) else {
        throw source.diagnostic(at: argument.span, statement(of: value, argument), expected: "a number")
      }
      return .text(text)
    case "abs":
      let (argument, value) = try only(arguments, of: name, at: span)
      do { return try value.magnitude } catch {
        if error == .overflow { throw tooLarge(span) }
        throw source.diagnostic(at: argument.span, statement(of: value, argument), expected: "a number")
      }
    case "sum":
      let values = try operands(arguments)
      try requireEffort(at: span)
      guard let first = values.first else { return .integer(0) }
      return try fold(name, first, values, at: span) { (sum, value) throws(ArithmeticProblem) in
        try sum.adding(value)
      }
    case "min", "max":
      let values = try operands(arguments)
      try requireEffort(at: span)
      guard let first = values.first else {
        throw source.diagnostic(at: span, "an empty list has no `\(name)`", remedy: "ask count(…) > 0 first")
      }
      let wanted: Value.Order = name == "min" ? .less : .greater
      return try fold(name, first, values, at: span) { (best, value) throws(ArithmeticProblem) in
        try value.order(to: best) == wanted ? value : best
      }
    default:
      throw source.diagnostic(
        at: span, "there is no function `\(name)`", expected: Expression.functions.joined(separator: ", "),
        suggestion: closest(to: name, among: Expression.functions))
    }
  }

  /// The most elements from which a list is made.
  private static let mostSelected = 20_000

  /// The list that is made from another: what becomes of each of its elements for which the condition holds.
  func list(_ selection: Expression.Selection, at span: SourceSpan) throws(Diagnostic) -> Value {
    let given = try evaluate(selection.list)
    guard case .list(let elements) = given else {
      throw source.diagnostic(
        at: selection.list.span, statement(of: given, selection.list),
        expected: "a list behind `in`, such as cluster.migrations or cluster.messages")
    }
    guard elements.count <= Self.mostSelected else {
      throw source.diagnostic(
        at: selection.list.span, "this list has \(elements.count) elements",
        expected: "at most \(Self.mostSelected), where another is made from it")
    }
    var made: [Value] = []
    for element in elements {
      let inner = with(selection.name, element)
      if let condition = selection.condition, try !inner.condition(condition) { continue }
      made.append(try inner.evaluate(selection.element))
    }
    let list = Value.list(made)
    if let excess = list.size.excess(over: .list) { throw source.diagnostic(at: span, "this list \(excess)") }
    return list
  }

  /// The same with another variable.
  private func with(_ name: String, _ value: Value) -> Evaluator {
    var variables = variables
    variables[name] = value
    var inner = Evaluator(world: world, variables: variables, source: source, stepStart: stepStart)
    inner.numberWords = numberWords
    return inner
  }

  private func only(
    _ arguments: [Expression], of name: String, at span: SourceSpan
  ) throws(Diagnostic) -> (Expression, Value) {
    guard arguments.count == 1, let argument = arguments.first else {
      throw source.diagnostic(at: span, "`\(name)` takes one value", expected: "\(name)(VALUE)")
    }
    return (argument, try evaluate(argument))
  }

  /// The elements of the argument, when that is one list; otherwise the arguments themselves.
  private func operands(_ arguments: [Expression]) throws(Diagnostic) -> [Value] {
    var values: [Value] = []
    for argument in arguments { values.append(try evaluate(argument)) }
    if values.count == 1, case .list(let elements)? = values.first { values = elements }
    effort?.spend(values.count)
    return values
  }

  /// Combines the first value with each of the others in turn. Even a value alone must be a number.
  private func fold(
    _ name: String, _ first: Value, _ values: [Value], at span: SourceSpan,
    _ combine: (Value, Value) throws(ArithmeticProblem) -> Value
  ) throws(Diagnostic) -> Value {
    var result = first
    if first.dimension == nil { throw mixed(name, first, first, at: span) }
    for value in values.dropFirst() {
      do { result = try combine(result, value) } catch {
        if error == .overflow { throw tooLarge(span) }
        throw mixed(name, result, value, at: span)
      }
    }
    return result
  }

  private func mixed(_ name: String, _ first: Value, _ second: Value, at span: SourceSpan) -> Diagnostic {
    let found = first.kind == second.kind ? "\(first.kind)" : "\(first.kind) and \(second.kind)"
    return source.diagnostic(
      at: span, "`\(name)` cannot work on \(found)", expected: "numbers, or quantities that all measure the same")
  }
}
