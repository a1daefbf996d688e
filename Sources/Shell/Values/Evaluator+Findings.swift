import CommandLanguage

extension Evaluator {
  /// What the sides of the comparisons in a condition are now, as in "p1.node is a": this says why the condition does
  /// not hold. Leaves out literals, and what cannot be evaluated.
  ///
  /// - Parameter secrets: variables whose values nobody may learn. Sides in which they are used are left out.
  public func findings(_ condition: Expression, hiding secrets: Set<String> = []) -> [String] {
    var found: [String] = []
    collect(condition, hiding: secrets, into: &found)
    return found
  }

  private func collect(_ condition: Expression, hiding secrets: Set<String>, into found: inout [String]) {
    switch condition {
    case .binary(.and, let left, let right, _), .binary(.or, let left, let right, _):
      collect(left, hiding: secrets, into: &found)
      collect(right, hiding: secrets, into: &found)
    case .unary(.not, let operand, _): collect(operand, hiding: secrets, into: &found)
    case .binary(_, let left, let right, _):
      let digits = digitsToTellApart(try? evaluate(left), try? evaluate(right))
      for side in [left, right] where !uses(secrets, side) { state(side, digits: digits, into: &found) }
    default: if !uses(secrets, condition) { state(condition, digits: usualDigits, into: &found) }
    }
  }

  private func uses(_ names: Set<String>, _ side: Expression) -> Bool {
    guard !names.isEmpty else { return false }
    return !names.isDisjoint(with: SourceText(name: "", text: source.text(side.span)).usedVariables())
  }

  /// How many significant digits show that two values differ.
  private func digitsToTellApart(_ left: Value?, _ right: Value?) -> Int {
    guard let left, let right, left != right else { return usualDigits }
    let most = 18
    return (usualDigits..<most).first { left.text(in: world, digits: $0) != right.text(in: world, digits: $0) } ?? most
  }

  private func state(_ side: Expression, digits: Int, into found: inout [String]) {
    if case .literal = side { return }
    guard let value = try? evaluate(side) else { return }
    let (name, text) = (source.text(side.span), value.text(in: world, digits: digits))
    let finding = "\(name) is \(text)"
    if name != text, !found.contains(finding) { found.append(finding) }
  }
}
