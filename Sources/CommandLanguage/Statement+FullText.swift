extension SourceText {
  /// A statement as a file must say it: as it was typed, but with all flags in full.
  ///
  /// - Parameter forReplay: leaves out where output went, which is no part of what the statement did.
  public func fullText(of statement: Statement, forReplay: Bool = false) -> String {
    var full = ""
    var position = statement.span.start
    var flags: [FlagUse] = []
    statement.addFlags(to: &flags)
    for use in flags {
      full += text(SourceSpan(start: position, end: use.span.start))
      if forReplay, CommandTable.outputFlags.contains(use.flag) {
        while full.last == " " { full.removeLast() }
        position = use.span.end
        continue
      }
      full += "--\(use.flag.name)"
      position = use.span.start + 2
      while position < use.span.end, Ascii.isNameByte(utf8[position]) || utf8[position] == UInt8(ascii: "-") {
        position += 1
      }
    }
    var end = statement.span.end
    if forReplay, case .command(let call) = statement.kind, let pipe = call.pipe { end -= pipe.utf8.count + 1 }
    full += text(SourceSpan(start: position, end: end))
    while forReplay, full.last == " " { full.removeLast() }
    return full
  }
}

extension Statement {
  /// Adds the flags of all commands in it, in the order in which they were typed.
  fileprivate func addFlags(to flags: inout [FlagUse]) {
    switch kind {
    case .command(let call):
      flags +=
        call.outputFlags.isEmpty
        ? call.flags : (call.flags + call.outputFlags).sorted { $0.span.start < $1.span.start }
    case .if(let branches, let otherwise):
      for branch in branches { branch.block.addFlags(to: &flags) }
      otherwise?.addFlags(to: &flags)
    case .forEach(_, _, let block), .repeat(_, let block), .while(_, let block),
      .define(_, _, let block), .expectError(_, let block):
      block.addFlags(to: &flags)
    case .let, .expect, .program, .deferred: break
    }
  }
}

extension Statement {
  /// Whether it holds other statements.
  public var hasBlock: Bool {
    switch kind {
    case .if, .forEach, .repeat, .while, .define, .expectError: true
    // What these execute may be anything.
    case .command(let call): call.spec.isUserDefined || call.spec.name == "source"
    case .deferred: true
    case .let, .expect, .program: false
    }
  }
}

extension Block {
  fileprivate func addFlags(to flags: inout [FlagUse]) {
    for statement in statements { statement.addFlags(to: &flags) }
  }
}
