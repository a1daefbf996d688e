import CommandLanguage

/// What stands behind a command after which nothing more is executed.
extension NameGatherer {
  mutating func findUnreachable(_ statements: [Statement], in source: SourceText) {
    for (statement, following) in zip(statements, statements.dropFirst()) where alwaysQuits(statement, in: source) {
      report(
        .warning(
          .unreachable,
          source.diagnostic(
            at: following.span, "this is never executed: \(reason(statement, in: source)) stands before it")))
      break
    }
    for statement in statements {
      switch statement.kind {
      case .if(let branches, let otherwise):
        for branch in branches { findUnreachable(branch.block.statements, in: source) }
        findUnreachable(otherwise?.statements ?? [], in: source)
      case .forEach(_, _, let block), .repeat(_, let block), .while(_, let block), .expectError(_, let block),
        .define(_, _, let block):
        findUnreachable(block.statements, in: source)
      case .program(let program): findUnreachable(program.body, in: source)
      case .command, .let, .expect, .deferred: break
      }
    }
  }

  private func reason(_ statement: Statement, in source: SourceText) -> String {
    switch statement.kind {
    case .command(let call) where call.spec.words == ["quit"]: "`quit`"
    case .command(let call): "`\(source.text(call.wordsSpan))`, which quits,"
    default: "a statement that always quits"
    }
  }

  func alwaysQuits(_ statements: [Statement]) -> Bool { statements.contains { alwaysQuits($0, in: nil) } }

  /// Whether nothing is executed behind a statement, whatever happens.
  private func alwaysQuits(_ statement: Statement, in source: SourceText?) -> Bool {
    switch statement.kind {
    case .command(let call):
      if call.spec.words == ["quit"] || definitionsThatQuit.contains(call.spec.name) { return true }
      guard let source, call.spec.words == ["source"] else { return false }
      return call.arguments.first?.first?.constantText.map { filesThatQuit.contains(source.path(ofFile: $0)) } ?? false
    case .if(let branches, let otherwise?):
      return alwaysQuits(otherwise.statements) && branches.allSatisfy { alwaysQuits($0.block.statements) }
    case .if, .let, .forEach, .repeat, .while, .define, .expect, .expectError, .program, .deferred: return false
    }
  }

  // MARK: - Programs

  private mutating func findUnreachable(_ steps: [Step], in source: SourceText) {
    for (step, following) in zip(steps, steps.dropFirst()) {
      guard let reason = endingReason(step) else { continue }
      report(
        .warning(
          .unreachable, source.diagnostic(at: following.span, "this is never executed: \(reason) stands before it")))
      break
    }
    for step in steps { findUnreachable(step.kind.parts.steps ?? [], in: source) }
  }

  /// Why a thread never comes to the step behind one; nil when it may.
  private func endingReason(_ step: Step) -> String? {
    switch step.kind {
    case .exit: "`exit`"
    case .repeat(count: nil, _): "a `repeat` without an end"
    case .compute, .read, .write, .send, .receive, .reply, .print, .sleep, .repeat, .fork, .thread, .lock, .barrier,
      .join, .readFile, .writeFile:
      nil
    }
  }
}
