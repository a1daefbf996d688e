import CommandLanguage
import MigrationKernel

/// Makes a formula of an expression over the candidates of a policy, and checks that its kinds of numbers go together.
struct FormulaCompiler {
  /// Where the expression lies.
  let source: SourceText
  /// Its variables stand for what they hold now.
  let evaluator: Evaluator

  /// What a formula says of a candidate.
  enum Purpose {
    /// How much a process is for moving.
    case selection
    /// How much a node is worth.
    case destination
    /// Whether a candidate may be chosen.
    case condition
  }

  /// What a part of a formula is.
  private struct Part {
    var formula: PolicyFormula
    var kind: Kind
  }

  /// What its number measures. Pages go with numbers, and with sizes.
  private enum Kind: Equatable {
    case number, pages, time, size, truth, mixed

    var description: String {
      switch self {
      case .number: "a bare number"
      case .pages: "a number of pages"
      case .time: "a time"
      case .size: "a size"
      case .truth: "true or false"
      case .mixed: "a product of unlike things"
      }
    }
  }

  func compile(_ expression: Expression, for purpose: Purpose) throws(Diagnostic) -> PolicyFormula {
    let part = try part(expression)
    guard (part.kind == .truth) == (purpose == .condition) else {
      throw source.diagnostic(
        at: expression.span, "this is \(part.kind.description)",
        expected: purpose == .condition ? "true or false, as from `freeMemory >= pages`" : "a number: the highest wins")
    }
    switch purpose {
    case .selection where part.formula.mentionsNode:
      throw source.diagnostic(
        at: expression.span, "no node has been chosen yet when a process is selected",
        expected: "fields of a process: \(Self.names(of: PolicyFormula.ProcessField.self))")
    case .selection where !part.formula.mentionsProcess:
      throw source.diagnostic(
        at: expression.span, "this is the same for every process: it names none of their fields",
        expected: "some of \(Self.names(of: PolicyFormula.ProcessField.self))")
    case .destination where !part.formula.mentionsNode:
      throw source.diagnostic(
        at: expression.span, "this is the same for every node: it names none of their fields",
        expected: "some of \(Self.names(of: PolicyFormula.NodeField.self))")
    case .condition where !part.formula.mentionsNode && !part.formula.mentionsProcess:
      throw source.diagnostic(
        at: expression.span, "this is the same for every process and every node: it names none of their fields",
        expected: "some of \(Self.allNames.joined(separator: ", "))")
    case .selection, .destination, .condition: return part.formula
    }
  }

  private static func names<Field: CaseIterable & RawRepresentable>(of _: Field.Type) -> String
  where Field.RawValue == String { Field.allCases.map(\.rawValue).joined(separator: ", ") }

  private static let allNames =
    PolicyFormula.ProcessField.allCases.map(\.rawValue) + PolicyFormula.NodeField.allCases.map(\.rawValue)

  // MARK: - Parts

  private func part(_ expression: Expression) throws(Diagnostic) -> Part {
    switch expression {
    case .literal, .variable: return try constant(try evaluator.evaluate(expression), at: expression.span)
    case .path(let names, let span): return try field(names, at: span)
    case .unary(.minus, let operand, let span):
      let part = try part(operand)
      guard part.kind != .truth else { throw source.diagnostic(at: span, "there is no negative of true or false") }
      return Part(formula: .negative(part.formula), kind: part.kind)
    case .unary(.not, let operand, _):
      return Part(formula: .not(try truth(operand)), kind: .truth)
    case .binary(let sign, let left, let right, let span): return try binary(sign, left, right, at: span)
    case .call(let name, let arguments, let span): return try call(name, arguments, at: span)
    case .string(let template): throw unknown("a text", at: template.span)
    case .variablePath(_, _, let span): throw unknown("a field of a certain thing", at: span)
    case .list(_, let span), .each(_, let span): throw unknown("a list", at: span)
    }
  }

  private func unknown(_ what: String, at span: SourceSpan) -> Diagnostic {
    source.diagnostic(
      at: span, "\(what) says nothing of a candidate", expected: "numbers, quantities and the fields of candidates",
      remedy: "`help policy define` lists them")
  }

  private func constant(_ value: Value, at span: SourceSpan) throws(Diagnostic) -> Part {
    switch value {
    case .integer(let number): return Part(formula: .number(Double(number)), kind: .number)
    case .decimal(let number), .share(let number): return Part(formula: .number(number), kind: .number)
    case .quantity(let amount, .time): return Part(formula: .number(Double(amount)), kind: .time)
    case .quantity(let amount, .size): return Part(formula: .number(Double(amount)), kind: .size)
    case .boolean(let truth): return Part(formula: .number(truth ? 1 : 0), kind: .truth)
    case .none, .quantity, .text, .word, .node, .process, .list, .record: throw unknown("\(value.kind)", at: span)
    }
  }

  private func field(_ names: [String], at span: SourceSpan) throws(Diagnostic) -> Part {
    guard names.count == 1, let name = names.first else {
      throw source.diagnostic(
        at: span, "a policy looks at one candidate after the other, and cannot name one",
        expected: "a field alone, such as `\(names.last ?? "age")`", remedy: "`help policy define` lists the fields")
    }
    if let field = PolicyFormula.ProcessField(rawValue: name) {
      return Part(formula: .process(field), kind: kind(of: field))
    }
    if let field = PolicyFormula.NodeField(rawValue: name) { return Part(formula: .node(field), kind: kind(of: field)) }
    throw source.diagnostic(
      at: span, "`\(name)` is no field of a process or a node that policies see",
      expected: "one of \(Self.allNames.joined(separator: ", "))", suggestion: closest(to: name, among: Self.allNames))
  }

  private func kind(of field: PolicyFormula.ProcessField) -> Kind {
    switch field {
    case .age, .cpu, .residence, .cost: .time
    case .pages, .resident, .dirty: .pages
    case .threads, .migrations, .remoteMessages: .number
    }
  }

  private func kind(of field: PolicyFormula.NodeField) -> Kind {
    switch field {
    case .freeMemory: .size
    case .staleness: .time
    case .load, .runnable, .cores, .speed, .processes, .messages: .number
    }
  }

  private func truth(_ expression: Expression) throws(Diagnostic) -> PolicyFormula {
    let part = try part(expression)
    guard part.kind == .truth else {
      throw source.diagnostic(at: expression.span, "this is \(part.kind.description)", expected: "true or false")
    }
    return part.formula
  }

  // MARK: - Operators

  private func binary(
    _ sign: BinaryOperator, _ left: Expression, _ right: Expression, at span: SourceSpan
  ) throws(Diagnostic) -> Part {
    switch sign {
    case .and: return Part(formula: .binary(.and, try truth(left), try truth(right)), kind: .truth)
    case .or: return Part(formula: .binary(.or, try truth(left), try truth(right)), kind: .truth)
    case .in: throw unknown("a list", at: span)
    case .times, .divided: return try product(sign, left, right, at: span)
    case .plus, .minus, .remainder:
      let (first, second, kind) = try alike(left, right, at: span)
      let operation: PolicyFormula.Operation = sign == .plus ? .plus : sign == .minus ? .minus : .remainder
      guard kind != .truth else { throw source.diagnostic(at: span, "true and false are no numbers") }
      return Part(formula: .binary(operation, first, second), kind: kind)
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual:
      let (first, second, _) = try alike(left, right, at: span)
      let operation: PolicyFormula.Operation =
        switch sign {
        case .equal: .equal
        case .notEqual: .different
        case .less: .less
        case .lessOrEqual: .atMost
        case .greater: .greater
        default: .atLeast
        }
      return Part(formula: .binary(operation, first, second), kind: .truth)
    }
  }

  private func product(
    _ sign: BinaryOperator, _ left: Expression, _ right: Expression, at span: SourceSpan
  ) throws(Diagnostic) -> Part {
    let (first, second) = (try part(left), try part(right))
    guard first.kind != .truth, second.kind != .truth else {
      throw source.diagnostic(at: span, "true and false are no numbers")
    }
    let isPlain = second.kind == .number || second.kind == .pages
    let kind: Kind =
      if isPlain {
        first.kind
      } else if sign == .times {
        first.kind == .number || first.kind == .pages ? second.kind : .mixed
      } else {
        first.kind == second.kind && first.kind != .mixed ? .number : .mixed
      }
    return Part(formula: .binary(sign == .times ? .times : .over, first.formula, second.formula), kind: kind)
  }

  /// Two parts that can be added or compared, in the same unit.
  private func alike(
    _ left: Expression, _ right: Expression, at span: SourceSpan
  ) throws(Diagnostic) -> (PolicyFormula, PolicyFormula, Kind) {
    let (first, second) = (try part(left), try part(right))
    if first.kind == second.kind { return (first.formula, second.formula, first.kind) }
    switch (first.kind, second.kind) {
    case (.pages, .number), (.number, .pages): return (first.formula, second.formula, .pages)
    case (.pages, .size): return (.binary(.times, first.formula, .pageSize), second.formula, .size)
    case (.size, .pages): return (first.formula, .binary(.times, second.formula, .pageSize), .size)
    // What was multiplied out of unlike things goes with anything.
    case (.mixed, .number), (.number, .mixed): return (first.formula, second.formula, .mixed)
    default:
      throw source.diagnostic(
        at: span, "the left side is \(first.kind.description), and the right side is \(second.kind.description)",
        expected: "both of one kind")
    }
  }

  private func call(_ name: String, _ arguments: [Expression], at span: SourceSpan) throws(Diagnostic) -> Part {
    switch (name, arguments.count) {
    case ("abs", 1):
      let part = try part(arguments[0])
      guard part.kind != .truth else { throw source.diagnostic(at: span, "true and false are no numbers") }
      return Part(formula: .binary(.maximum, part.formula, .negative(part.formula)), kind: part.kind)
    case ("min", 2), ("max", 2):
      let (first, second, kind) = try alike(arguments[0], arguments[1], at: span)
      return Part(formula: .binary(name == "min" ? .minimum : .maximum, first, second), kind: kind)
    default:
      throw source.diagnostic(
        at: span, "`\(name)` of \(counted(arguments.count, "value")) says nothing of a candidate",
        expected: "`abs(X)`, `min(X, Y)` or `max(X, Y)`")
    }
  }
}
