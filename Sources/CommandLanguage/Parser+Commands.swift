/// A command's words in the text, and the command they name.
struct CommandWords {
  var spec: CommandSpec
  var span: SourceSpan
  /// The lexer after the last word.
  var lexerAfter: Lexer
}

// MARK: - Which command

extension Parser {
  /// The longest command name with which the text starts. It uses nothing up.
  func matchCommandWords() throws(Diagnostic) -> CommandWords? {
    var ahead = lexer
    let first = try ahead.next()
    guard case .name(let word) = first.kind else { return nil }
    let candidates = table.commands(startingWith: word)
    var words = [word]
    var span = first.span
    var best = table.lookup(words).map { CommandWords(spec: $0, span: span, lexerAfter: ahead) }
    while candidates.contains(where: { $0.words.count > words.count && $0.words.starts(with: words) }) {
      // The next token may be anything, even something that only a raw word can be.
      guard let token = try? ahead.next(), case .name(let next) = token.kind else { break }
      words.append(next)
      span = span.through(token.span)
      if let spec = table.lookup(words) { best = CommandWords(spec: spec, span: span, lexerAfter: ahead) }
    }
    return best
  }

  mutating func parseCommandOrDeferred(_ first: Token, word: String) throws(Diagnostic) -> Statement.Kind {
    if let words = try matchCommandWords() { return try parseCommand(words) }
    if hasSourced, table.commands(startingWith: word).isEmpty { return try skipDeferred() }
    throw try unknownCommand(first, word: word)
  }

  /// Passes a statement that cannot be parsed yet, to its end outside all braces and parentheses.
  private mutating func skipDeferred() throws(Diagnostic) -> Statement.Kind {
    var open: [Token] = []
    while true {
      let token = try lexer.peek()
      switch token.kind {
      case .end:
        if let innermost = open.last { throw unclosed(innermost.span) }
        return .deferred
      case .separator where open.isEmpty:
        return .deferred
      case .symbol(.openBrace), .symbol(.openParenthesis), .symbol(.openBracket), .substitution:
        open.append(token)
      case .symbol(.closeBrace), .symbol(.closeParenthesis), .symbol(.closeBracket):
        if open.isEmpty { return .deferred }
        open.removeLast()
      default:
        break
      }
      try advance()
    }
  }

  private func unknownCommand(_ first: Token, word: String) throws(Diagnostic) -> Diagnostic {
    var ahead = lexer
    try ahead.next()
    var second: Token?
    if !ahead.isAtStatementEnd { second = try? ahead.next() }
    let verbs = table.commands(startingWith: word)
    if !verbs.isEmpty { return unknownVerb(first, second, of: verbs) }
    return source.diagnostic(
      at: first.span, "there is no command `\(shortened(word))`", expected: "a command; `help` lists them",
      suggestion: closestCommand(to: word, second: second))
  }

  private func unknownVerb(_ noun: Token, _ second: Token?, of verbs: [CommandSpec]) -> Diagnostic {
    let expected = verbs.map { "`\($0.name)`" }.joined(separator: ", ", last: " or ")
    guard let second, case .name(let verb) = second.kind else {
      return source.diagnostic(at: noun.span, "\(quoted(noun)) is not a whole command", expected: expected)
    }
    let suggestion = closest(to: verb, among: verbs.compactMap { $0.words.dropFirst().first })
    return source.diagnostic(
      at: second.span, "\(quoted(noun)) has no `\(shortened(verb))`", expected: expected,
      suggestion: suggestion.map { source.text(noun.span) + " " + $0 })
  }

  private func closestCommand(to word: String, second: Token?) -> String? {
    let ownVerbs = table.all.filter { $0.words.count > 1 && $0.words.last == word }
    if let only = ownVerbs.first, ownVerbs.count == 1 { return only.name }
    if case .name(let verb) = second?.kind,
      let name = closest(to: "\(word) \(verb)", among: table.all.filter { $0.words.count > 1 }.map(\.name))
    {
      return name
    }
    return closest(to: word, among: table.all.compactMap(\.words.first))
  }
}

// MARK: - Arguments and flags

extension Parser {
  mutating func parseCommand(_ words: CommandWords) throws(Diagnostic) -> Statement.Kind {
    lexer = words.lexerAfter
    lastEnd = words.span.end
    let spec = words.spec
    var arguments: [[Argument]] = spec.parameters.map { _ in [] }
    var flags: [FlagUse] = []
    var index = 0
    var pipe: String?
    while !lexer.isAtStatementEnd {
      if lexer.isAtPipe {
        pipe = try parsePipe()
      } else if lexer.isAtFlag {
        flags.append(try parseFlag(of: spec, after: flags))
      } else {
        index = try parameterIndex(of: spec, from: index, filled: arguments)
        let parameter = spec.parameters[index]
        arguments[index].append(try parseArgument(parameter.kind, for: "`\(parameter.name)`"))
        if !parameter.arity.isRepeated { index += 1 }
      }
      if pipe == nil { try expectSpaceAfterArgument() }
    }
    let outputFlags = flags.filter { CommandTable.outputFlags.contains($0.flag) }
    if !outputFlags.isEmpty { flags.removeAll { CommandTable.outputFlags.contains($0.flag) } }
    if let use = outputFlags.first, !outputFlags.contains(where: { $0.flag == CommandTable.outputFile }) {
      throw source.diagnostic(
        at: use.span, "`--append` needs `--to`", expected: "the file to add to: --to FILE --append")
    }
    for (parameter, values) in zip(spec.parameters, arguments) where parameter.arity.isRequired && values.isEmpty {
      throw source.diagnostic(
        at: endOfLast, "`\(spec.name)` needs \(parameter.kind.noun) for `\(parameter.name)`",
        expected: "`\(table.usage(spec))`")
    }
    if spec.words == ["source"] { hasSourced = true }
    return .command(
      CommandCall(
        spec: spec, arguments: arguments, flags: flags, outputFlags: outputFlags, pipe: pipe,
        span: SourceSpan(start: words.span.start, end: lastEnd),
        wordsSpan: words.span))
  }

  /// Reads the command of the system's shell behind `|`: the rest of the line.
  private mutating func parsePipe() throws(Diagnostic) -> String {
    let sign = lexer.nextCharacter
    guard options.allowPipes else {
      throw source.diagnostic(
        at: sign, "`|` hands output to a program of the system, which only a terminal allows",
        remedy: "`--to FILE` writes output to a file")
    }
    guard nesting == 0 else {
      throw source.diagnostic(
        at: sign, "`|` cannot stand inside braces", remedy: "all that follows it in the line goes to the system's shell"
      )
    }
    let (text, span) = lexer.nextRestOfLine()
    lastEnd = span.end
    let command = text.dropFirst()
    guard command.contains(where: { !$0.isWhitespace }) else {
      throw source.diagnostic(at: sign, "`|` needs a command of the system's shell behind it", expected: "as in | less")
    }
    return String(command)
  }

  /// The parameter to which the next argument belongs. A block skips parameters that need no argument.
  private mutating func parameterIndex(
    of spec: CommandSpec, from start: Int, filled: [[Argument]]
  ) throws(Diagnostic) -> Int {
    var index = start
    if let byte = lexer.byte(lexer.nextStart), byte == UInt8(ascii: "{") {
      while index < spec.parameters.count, spec.parameters[index].kind != .block,
        !spec.parameters[index].arity.isRequired || !filled[index].isEmpty
      {
        index += 1
      }
    }
    guard index < spec.parameters.count else {
      let token = try lexer.peek()
      throw source.diagnostic(
        at: token.span, "\(quoted(token)) is one argument too many for `\(spec.name)`",
        expected: "`\(table.usage(spec))`")
    }
    return index
  }

  func expectSpaceAfterArgument() throws(Diagnostic) {
    var ahead = lexer
    guard ahead.nextTouches, !ahead.isAtStatementEnd, ahead.byte(ahead.position) != UInt8(ascii: "{") else { return }
    let token = try ahead.next()
    throw source.diagnostic(
      at: token.span, "\(quoted(token)) touches what stands before it",
      expected: "white space between arguments, or quotes around one")
  }

  private mutating func parseFlag(of spec: CommandSpec, after earlier: [FlagUse]) throws(Diagnostic) -> FlagUse {
    let token = try advance()
    guard case .flag(let typed) = token.kind else { throw unexpected(token, expected: "a flag") }
    let flag = try resolveFlag(typed, at: token.span, of: spec)
    try checkCombination(flag, at: token.span, of: spec, after: earlier)
    let hasEqualSign = lexer.byte(lexer.position) == UInt8(ascii: "=")
    guard let kind = flag.value else {
      guard !hasEqualSign else {
        let sign = try lexer.peek()
        throw source.diagnostic(at: sign.span, "`--\(flag.name)` takes no value")
      }
      return FlagUse(flag: flag, value: nil, span: token.span)
    }
    if hasEqualSign {
      let sign = try advance()
      guard sign.isSymbol(.assign) else { throw unexpected(sign, expected: "`=` and a value") }
    }
    let isMissing = hasEqualSign ? lexer.hasSpace(at: lexer.position) : lexer.isAtFlag
    guard !isMissing, !lexer.isAtStatementEnd else {
      throw source.diagnostic(
        at: token.span, "`--\(flag.name)` needs a value", expected: kind.description,
        remedy: "as in --\(flag.name) \(flag.valueName ?? kind.usualValueName)")
    }
    let value = try parseArgument(kind, for: "`--\(flag.name)`")
    return FlagUse(flag: flag, value: value, span: token.span.through(value.span))
  }

  private func resolveFlag(_ typed: String, at span: SourceSpan, of spec: CommandSpec) throws(Diagnostic) -> FlagSpec {
    // Most flags are the command's own, and which others it has is not known without looking through the grammar.
    if let flag = spec.flags.first(where: { $0.name == typed }) { return flag }
    if let flag = spec.outputFlags.first(where: { $0.name == typed }) { return flag }
    let own = spec.flags.filter { $0.name.hasPrefix(typed) }
    let matches = own.isEmpty ? spec.outputFlags.filter { $0.name.hasPrefix(typed) } : own
    if let only = matches.first, matches.count == 1 {
      if options.allowAbbreviatedFlags { return only }
      throw source.diagnostic(
        at: span, "`--\(typed)` is short for `--\(only.name)`, which only a terminal accepts",
        suggestion: "--\(only.name)")
    }
    if !matches.isEmpty {
      throw source.diagnostic(
        at: span, "`--\(typed)` is short for several flags",
        expected: matches.map { "`--\($0.name)`" }.joined(separator: ", ", last: " or "))
    }
    throw source.diagnostic(
      at: span, "`\(spec.name)` has no flag `--\(shortened(typed))`",
      expected: spec.flags.isEmpty ? "no flag at all" : "`\(table.usage(spec))`",
      suggestion: closest(to: typed, among: spec.acceptedFlags.map(\.name)).map { "--\($0)" })
  }

  private func checkCombination(
    _ flag: FlagSpec, at span: SourceSpan, of spec: CommandSpec, after earlier: [FlagUse]
  ) throws(Diagnostic) {
    if !flag.repeatable, earlier.contains(where: { $0.flag.name == flag.name }) {
      throw source.diagnostic(at: span, "`--\(flag.name)` is given twice", remedy: "leave one of them out")
    }
    for group in spec.exclusiveFlags where group.contains(flag.name) {
      guard let other = earlier.first(where: { $0.flag.name != flag.name && group.contains($0.flag.name) }) else {
        continue
      }
      throw source.diagnostic(
        at: span, "`--\(flag.name)` cannot stand beside `--\(other.flag.name)`", remedy: "leave one of them out")
    }
  }
}
