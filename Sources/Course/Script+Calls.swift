import CommandLanguage

extension Statement {
  /// The commands in it, in the order in which they stand, those in blocks too.
  var calls: [CommandCall] {
    switch kind {
    case .command(let call): [call]
    case .if(let branches, let otherwise): branches.flatMap(\.block.calls) + (otherwise?.calls ?? [])
    case .forEach(_, _, let block), .repeat(_, let block), .while(_, let block), .define(_, _, let block),
      .expectError(_, let block):
      block.calls
    case .let, .expect, .program, .deferred: []
    }
  }
}

extension Block {
  fileprivate var calls: [CommandCall] { statements.flatMap(\.calls) }
}
