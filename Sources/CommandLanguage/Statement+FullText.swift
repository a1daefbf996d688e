extension SourceText {
  /// A statement as a file must say it: as it was typed, but with all flags in full.
  public func fullText(of statement: Statement) -> String {
    var full = ""
    var position = statement.span.start
    for use in statement.flags {
      full += text(SourceSpan(start: position, end: use.span.start)) + "--\(use.flag.name)"
      position = use.span.start + 2
      while position < use.span.end, Ascii.isNameByte(utf8[position]) || utf8[position] == UInt8(ascii: "-") {
        position += 1
      }
    }
    return full + text(SourceSpan(start: position, end: statement.span.end))
  }
}

extension Statement {
  /// The flags of all commands in it, in the order in which they were typed.
  fileprivate var flags: [FlagUse] {
    switch kind {
    case .command(let call): call.flags
    case .if(let branches, let otherwise): branches.flatMap(\.block.flags) + (otherwise?.flags ?? [])
    case .forEach(_, _, let block), .repeat(_, let block), .define(_, _, let block), .expectError(_, let block):
      block.flags
    case .let, .expect, .program, .deferred: []
    }
  }
}

extension Statement {
  /// Whether it holds other statements.
  public var hasBlock: Bool {
    switch kind {
    case .if, .forEach, .repeat, .define, .expectError: true
    // What these execute may be anything.
    case .command(let call): call.spec.isUserDefined || call.spec.name == "source"
    case .deferred: true
    case .let, .expect, .program: false
    }
  }
}

extension Block {
  fileprivate var flags: [FlagUse] { statements.flatMap(\.flags) }
}
