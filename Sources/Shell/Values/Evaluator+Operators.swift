import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

extension Evaluator {
  func unary(_ sign: UnaryOperator, _ operand: Expression, at span: SourceSpan) throws(Diagnostic) -> Value {
    switch sign {
    case .not: return .boolean(!(try condition(operand)))
    case .minus:
      let value = try evaluate(operand)
      do { return try value.negated } catch {
        if error == .overflow { throw tooLarge(span) }
        throw source.diagnostic(at: span, statement(of: value, operand), expected: "a number behind `-`")
      }
    }
  }

  func binary(
    _ sign: BinaryOperator, _ left: Expression, _ right: Expression, at span: SourceSpan
  ) throws(Diagnostic) -> Value {
    switch sign {
    case .and: return .boolean(try condition(left) ? try condition(right) : false)
    case .or: return .boolean(try condition(left) ? true : try condition(right))
    default: break
    }
    let operation = Operation(
      sign: sign, left: left, leftValue: try evaluate(left), right: right, rightValue: try evaluate(right), span: span)
    if let effort { effort.spend(operation.size) }
    if sign == .in { return .boolean(try isMember(operation)) }
    do { return try operation.result } catch { throw diagnostic(error, operation) }
  }

  private func isMember(_ operation: Operation) throws(Diagnostic) -> Bool {
    guard case .list(let elements) = operation.rightValue else {
      throw source.diagnostic(
        at: operation.right.span, statement(of: operation.rightValue, operation.right),
        expected: "a list behind `in`, such as `cluster.nodes` or [a, b]")
    }
    effort?.spend(elements.count)
    for element in elements {
      do { if try operation.leftValue.equals(element) { return true } } catch {
        throw source.diagnostic(
          at: operation.span,
          "\(statement(of: operation.leftValue, operation.left)), and \(element.kind) is in the list",
          remedy: "the two can never be equal")
      }
    }
    return false
  }

  // MARK: - Diagnostics

  private func diagnostic(_ problem: ArithmeticProblem, _ operation: Operation) -> Diagnostic {
    switch problem {
    case .overflow: return tooLarge(operation.span)
    case .tooLong: return tooLong(operation.span)
    case .divisionByZero:
      return source.diagnostic(
        at: operation.right.span, "division by zero", remedy: "\(quoted(operation.right)) is 0 here")
    case .mismatch: break
    }
    for (value, expression) in [(operation.leftValue, operation.left), (operation.rightValue, operation.right)]
    where value == .none {
      return source.diagnostic(
        at: expression.span, statement(of: value, expression), expected: "a value that can be \(operation.verb)",
        remedy: "`== none` asks whether there is a value")
    }
    return source.diagnostic(
      at: operation.span,
      "\(quoted(operation.left)) is \(operation.leftValue.kind) and \(quoted(operation.right)) is "
        + "\(operation.rightValue.kind): they cannot be \(operation.verb)",
      remedy: operation.remedy)
  }

  func tooLong(_ span: SourceSpan) -> Diagnostic {
    source.diagnostic(at: span, "this text is longer than \(formatSize(UInt64(Self.longestText)))")
  }

  func tooLarge(_ span: SourceSpan) -> Diagnostic {
    source.diagnostic(at: span, "the result is larger than a number can be", remedy: "use smaller numbers")
  }
}

/// An operator and its two values.
private struct Operation {
  let sign: BinaryOperator
  let left: Expression
  let leftValue: Value
  let right: Expression
  let rightValue: Value
  let span: SourceSpan

  /// How much there is to compare: bytes of texts and elements of lists, as far as these are at the surface.
  var size: Int {
    [leftValue, rightValue].reduce(0) { size, value in
      switch value {
      case .text(let text), .word(let text): size + text.utf8.count / 64
      case .list(let values): size + values.count
      default: size
      }
    }
  }

  var result: Value {
    get throws(ArithmeticProblem) {
      switch sign {
      case .plus: try leftValue.adding(rightValue)
      case .minus: try leftValue.subtracting(rightValue)
      case .times: try leftValue.multiplied(by: rightValue)
      case .divided: try leftValue.divided(by: rightValue)
      case .remainder: try leftValue.remainder(dividingBy: rightValue)
      case .equal: .boolean(try leftValue.equals(rightValue))
      case .notEqual: .boolean(try !leftValue.equals(rightValue))
      case .less: .boolean(try leftValue.order(to: rightValue) == .less)
      case .lessOrEqual: .boolean(try leftValue.order(to: rightValue) != .greater)
      case .greater: .boolean(try leftValue.order(to: rightValue) == .greater)
      case .greaterOrEqual: .boolean(try leftValue.order(to: rightValue) != .less)
      case .or, .and, .in: throw .mismatch
      }
    }
  }

  /// The verb for what the operator does with the two.
  var verb: String {
    switch sign {
    case .plus: "added"
    case .minus: "subtracted"
    case .times: "multiplied"
    case .divided, .remainder: "divided"
    case .less, .lessOrEqual, .greater, .greaterOrEqual: "put in order"
    case .equal, .notEqual, .in, .or, .and: "compared"
    }
  }

  var remedy: String? {
    switch (leftValue, rightValue) {
    case (.integer, .quantity(_, let dimension)), (.decimal, .quantity(_, let dimension)),
      (.quantity(_, let dimension), .integer), (.quantity(_, let dimension), .decimal):
      switch dimension {
      case .time: "give the number a unit, such as 5ms"
      case .size: "give the number a unit, such as 5KiB"
      case .rate: "give the number a unit, such as 5Mbps"
      case .count, .number, .share: nil
      }
    case (.text, _) where sign == .plus, (_, .text) where sign == .plus:
      "texts are joined in one: \"$x and $(p1.node)\""
    case (.text, .node), (.text, .process), (.node, .text), (.process, .text):
      "the name of a node or process stands without quotes"
    default: nil
    }
  }
}
