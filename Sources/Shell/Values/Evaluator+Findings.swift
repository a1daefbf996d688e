import CommandLanguage

extension Evaluator {
  /// What the sides of the comparisons in a condition are now, as in "p1.node is a": this says why the condition does
  /// not hold. Leaves out literals, and what cannot be evaluated.
  public func findings(_ condition: Expression) -> [String] {
    var found: [String] = []
    collect(condition, into: &found)
    return found
  }

  private func collect(_ condition: Expression, into found: inout [String]) {
    switch condition {
    case .binary(.and, let left, let right, _), .binary(.or, let left, let right, _):
      collect(left, into: &found)
      collect(right, into: &found)
    case .unary(.not, let operand, _): collect(operand, into: &found)
    case .binary(_, let left, let right, _):
      state(left, into: &found)
      state(right, into: &found)
    default: state(condition, into: &found)
    }
  }

  private func state(_ side: Expression, into found: inout [String]) {
    if case .literal = side { return }
    guard let value = try? evaluate(side) else { return }
    let (name, text) = (source.text(side.span), value.text(in: world))
    let finding = "\(name) is \(text)"
    if name != text, !found.contains(finding) { found.append(finding) }
  }
}
