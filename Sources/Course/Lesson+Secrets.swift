import CommandLanguage

extension Lesson {
  /// The names of what learners must not know: secret parameters, and what set-ups work out from these with `let`.
  var secretNames: Set<String> {
    var secrets = Set(parameters.filter(\.isSecret).map(\.name))
    guard !secrets.isEmpty else { return [] }
    for (name, value) in settings where !value.freeVariables.isDisjoint(with: secrets) { secrets.insert(name) }
    return secrets
  }

  /// The names that learners' commands do not know: the secrets, and in an exercise what set-ups define with `let`, unless a
  /// text that is read before the step is done tells it. Often that is the answer, worked out for the checks.
  var hiddenNames: Set<String> {
    guard points > 0 else { return secretNames }
    var told: Set<String> = []
    for text in steps.flatMap(\.textsBefore) { told.formUnion(Expression.string(text).freeVariables) }
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
    let hidden = hiddenNames
    guard !hidden.isEmpty else { return [] }
    return steps.flatMap { step -> [Diagnostic] in
      (step.textsBefore + step.checks.compactMap(\.message)).flatMap { text in
        Expression.string(text).freeVariables.intersection(hidden).sorted().map { name in
          source.diagnostic(
            at: text.span, "this tells learners `$\(name)`, which is secret",
            remedy: "an explanation may tell it, once the step is done")
        }
      }
    }
  }
}

extension Lesson.Step {
  /// What a learner reads before it is done, but for the texts of its checks.
  fileprivate var textsBefore: [Template] {
    let preamble = preamble.flatMap { part -> [Template] in
      switch part {
      case .prose(let lines): lines
      case .question(let question): [question.text]
      case .setup: []
      }
    }
    return preamble + task + hints
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
