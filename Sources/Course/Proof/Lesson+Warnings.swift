import CommandLanguage

extension Lesson {
  /// What its author hardly means, as far as the text shows that: prose that belongs to something else than it seems, checks
  /// that say nothing, and checks that ask for what a learner defines.
  package var warnings: [Diagnostic] { remarks + steps.flatMap(idleParts) + namesOfLearners }

  // MARK: - Checks that say nothing

  private func idleParts(_ step: Step) -> [Diagnostic] {
    let questions = Set(steps.flatMap(\.questions).map(\.name))
    let changeable = questions.union(step.learnersNames)
    return step.checks.flatMap { check -> [Diagnostic] in
      let idle = check.condition.conjuncts.filter { part in
        !part.readsWorld && part.freeVariables.isDisjoint(with: changeable)
      }
      let constant = idle.map { part in
        source.diagnostic(
          at: part.span, "this part of the check `\(check.name)` is the same whatever a learner does",
          remedy: "compare something of the world: what a step changes")
      }
      return constant
        + check.condition.comparisons.compactMap { sign, left, right, span in
          guard !idle.contains(where: { $0.span.start <= span.start && span.end <= $0.span.end }),
            written(left) == written(right)
          else { return nil }
          return source.diagnostic(
            at: span, "both sides of this `\(sign.rawValue)` are the same, so it says nothing",
            remedy: "compare with what the value was before the step, or with a number")
        }
    }
  }

  private func written(_ expression: Expression) -> String {
    source.text(expression.span).split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  // MARK: - Names

  /// Complaints about checks that ask for a variable that a solution sets: checks do not see what learners define.
  private var namesOfLearners: [Diagnostic] {
    var own = Set(parameters.map(\.name))
    var found: [Diagnostic] = []
    for step in steps {
      own.formUnion(step.questions.map(\.name))
      for case .setup(let script) in step.preamble { own.formUnion(script.statements.flatMap(\.setNames)) }
      for check in step.checks {
        for name in check.condition.freeVariables.intersection(step.learnersNames).sorted() {
          let isOwn = own.contains(name)
          found.append(
            source.diagnostic(
              at: check.condition.span,
              isOwn
                ? "the check `\(check.name)` sees the set-up's `$\(name)`, and not the one that the solution sets"
                : "the check `\(check.name)` asks for `$\(name)`, and checks do not see what a learner sets with `let`",
              remedy: isOwn
                ? "give the solution's variable another name"
                : "ask for what the commands do to the world, or set `\(name)` in the `@setup`"))
        }
      }
    }
    return found
  }
}

extension Lesson.Step {
  /// The variables that its solution and its wrong submissions set.
  fileprivate var learnersNames: Set<String> {
    Set(([solution] + wrong.map(\.script)).flatMap(\.statements).flatMap(\.setNames))
  }
}

extension Statement {
  /// The variables that it sets, in blocks too.
  var setNames: [String] {
    switch kind {
    case .let(let name, _): [name]
    case .forEach(let name, _, let block): [name] + block.statements.flatMap(\.setNames)
    case .if(let branches, let otherwise):
      (branches.map(\.block) + (otherwise.map { [$0] } ?? [])).flatMap { $0.statements.flatMap(\.setNames) }
    case .repeat(_, let block), .while(_, let block), .expectError(_, let block):
      block.statements.flatMap(\.setNames)
    case .command, .define, .expect, .program, .deferred: []
    }
  }
}

extension Expression {
  /// The parts that are joined by `and`.
  var conjuncts: [Expression] {
    if case .binary(.and, let left, let right, _) = self { return left.conjuncts + right.conjuncts }
    return [self]
  }

  /// The expressions right inside this one.
  var parts: [Expression] {
    switch self {
    case .literal, .variable, .variablePath, .path: []
    case .string(let template):
      template.segments.compactMap { if case .expression(let inner) = $0 { inner } else { nil } }
    case .unary(_, let operand, _): [operand]
    case .binary(_, let left, let right, _): [left, right]
    case .call(_, let elements, _), .list(let elements, _): elements
    case .each(let selection, _):
      [selection.element, selection.list] + [selection.condition].compactMap(\.self)
    }
  }

  /// Whether its value depends on the world.
  var readsWorld: Bool {
    switch self {
    case .path, .variablePath: true
    case .literal, .variable, .string, .unary, .binary, .call, .list, .each: parts.contains(where: \.readsWorld)
    }
  }

  /// The variables that it takes from outside.
  var freeVariables: Set<String> {
    switch self {
    case .variable(let name, _), .variablePath(let name, _, _): [name]
    case .string(let template):
      template.segments.reduce(into: []) { names, segment in
        switch segment {
        case .literal: break
        case .variable(let name, _): names.insert(name)
        case .expression(let inner): names.formUnion(inner.freeVariables)
        }
      }
    case .each(let selection, _):
      parts.reduce(into: Set<String>()) { $0.formUnion($1.freeVariables) }.subtracting([selection.name])
    case .literal, .path, .unary, .binary, .call, .list:
      parts.reduce(into: []) { $0.formUnion($1.freeVariables) }
    }
  }

  /// All comparisons in it, the outer ones first.
  var comparisons: [(sign: BinaryOperator, left: Expression, right: Expression, span: SourceSpan)] {
    var found: [(sign: BinaryOperator, left: Expression, right: Expression, span: SourceSpan)] = []
    if case .binary(let sign, let left, let right, let span) = self {
      switch sign {
      case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: found.append((sign, left, right, span))
      case .or, .and, .in, .plus, .minus, .times, .divided, .remainder: break
      }
    }
    return found + parts.flatMap(\.comparisons)
  }
}
