import CommandLanguage

extension Lesson {
  /// The names of what learners must not know: secret parameters, and what set-ups work out from these with `let`.
  var secretNames: Set<String> {
    var secrets = Set(parameters.filter(\.isSecret).map(\.name))
    guard !secrets.isEmpty else { return [] }
    for step in steps {
      for case .setup(let script) in step.preamble {
        for (name, value) in script.statements.flatMap(\.settings) where !value.freeVariables.isDisjoint(with: secrets)
        {
          secrets.insert(name)
        }
      }
    }
    return secrets
  }

  /// Complaints about what is read before a step is done, and shows what is secret.
  var toldSecrets: [Diagnostic] {
    let secrets = secretNames
    guard !secrets.isEmpty else { return [] }
    return steps.flatMap { step -> [Diagnostic] in
      let preamble = step.preamble.flatMap { part -> [Template] in
        switch part {
        case .prose(let lines): lines
        case .question(let question): [question.text]
        case .setup: []
        }
      }
      let texts = preamble + step.task + step.hints + step.checks.compactMap(\.message)
      return texts.flatMap { text in
        Expression.string(text).freeVariables.intersection(secrets).sorted().map { name in
          source.diagnostic(
            at: text.span, "this tells learners `$\(name)`, which is secret",
            remedy: "an explanation may tell it, once the step is done")
        }
      }
    }
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
