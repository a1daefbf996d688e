import CommandLanguage

extension Lesson {
  /// The names of what learners must not know: secret parameters, and what set-ups work out from these with `let`.
  var secretNames: Set<String> {
    var secrets = Set(parameters.filter(\.isSecret).map(\.name))
    guard !secrets.isEmpty else { return [] }
    for (name, value) in settings where !value.freeVariables.isDisjoint(with: secrets) { secrets.insert(name) }
    return secrets
  }

  /// The names that learners' commands do not know: the secrets, and in an exercise what set-ups define with `let`, unless its
  /// prose or the text of a step tells it. Often that is the answer, worked out for the checks. A hint may tell its value.
  var hiddenNames: Set<String> {
    guard points > 0 else { return secretNames }
    var told: Set<String> = []
    for text in steps.flatMap(\.story) { told.formUnion(Expression.string(text).freeVariables) }
    return secretNames.union(Set(settings.map(\.name)).subtracting(told))
  }

  /// What set-ups define with `let`, in order.
  private var settings: [(name: String, value: Expression)] {
    var found: [(name: String, value: Expression)] = []
    for step in steps {
      for case .setup(let script) in step.preamble { found += script.statements.flatMap(\.settings) }
    }
    return found
  }

  /// Complaints about what is read before a step is done, and shows what is secret.
  var toldSecrets: [Diagnostic] {
    let (secrets, hidden) = (secretNames, hiddenNames)
    guard !hidden.isEmpty else { return [] }
    return steps.flatMap { step -> [Diagnostic] in
      let hints = step.hints.map { ($0, secrets) }
      let others = (step.story + step.checks.compactMap(\.message)).map { ($0, hidden) }
      return (others + hints).flatMap { text, names in
        Expression.string(text).freeVariables.intersection(names).sorted().map { name in
          source.diagnostic(
            at: text.span, "this tells learners `$\(name)`, which is secret",
            remedy: "an explanation may tell it, once the step is done")
        }
      }
    }
  }
}

extension Lesson.Step {
  /// What every learner reads before it is done: without hints, and texts of checks that fail.
  fileprivate var story: [Template] {
    let preamble = preamble.flatMap { part -> [Template] in
      switch part {
      case .prose(let lines): lines
      case .question(let question): [question.text]
      case .setup: []
      }
    }
    return preamble + task
  }
}

extension Statement {
  /// The variables that it sets to a value, in blocks too.
  fileprivate var settings: [(name: String, value: Expression)] {
    switch kind {
    case .let(let name, let value): [(name, value)]
    case .if(let branches, let otherwise):
      (branches.map(\.block) + (otherwise.map { [$0] } ?? [])).flatMap { $0.statements.flatMap(\.settings) }
    case .forEach(_, _, let block), .repeat(_, let block), .while(_, let block), .expectError(_, let block):
      block.statements.flatMap(\.settings)
    case .command, .define, .expect, .program, .deferred: []
    }
  }
}
