import CommandLanguage

/// What stands before the cursor, as far as it decides what may stand at it.
struct CompletionPlace {
  enum Kind {
    /// A word that begins at an offset, with the statements before it.
    case word(LooseStatements, start: Int)
    /// `$` and a name in a text in quotes.
    case variable(start: Int)
    /// A text in quotes that begins with `quote`, whose contents begin at an offset.
    case text(LooseStatements, start: Int, quote: String)
    case nothing
  }

  let kind: Kind

  /// - Parameter typed: everything up to the cursor.
  init(_ typed: String) {
    let tokens = LooseToken.all(in: typed)
    let length = typed.utf8.count
    guard let last = tokens.last, last.range.upperBound == length else {
      kind = .word(Self.statements(tokens[...]), start: length)
      return
    }
    switch last.kind {
    case .comment: kind = .nothing
    case .text(let isClosed): kind = isClosed ? .nothing : Self.kind(in: last, typed, after: tokens.dropLast())
    case .separator: kind = .word(Self.statements(tokens[...]), start: length)
    case .word, .number, .variable, .flag, .symbol, .substitution:
      var first = tokens.count
      while first > 0, Self.isPartOfWord(tokens[first - 1]) {
        first -= 1
        if tokens[first].hasSpaceBefore { break }
      }
      let statements = Self.statements(tokens[..<first])
      let start = first < tokens.count ? tokens[first].range.lowerBound : length
      // A minus that touches what follows is not part of a name.
      let isMinus = first + 1 < tokens.count && tokens[first].text == "-" && tokens[first + 1].kind != .symbol
      kind = .word(statements, start: isMinus ? start + 1 : start)
    }
  }

  /// What stands before a word of the kind that file names are, and where that begins.
  static func beforeRawWord(_ typed: String) -> (LooseStatements, start: Int) {
    let bytes = Array(typed.utf8)
    var start = bytes.count
    while start > 0, !" \t\n;#\"'(){}$".utf8.contains(bytes[start - 1]) { start -= 1 }
    let before = String(decoding: bytes[..<start], as: UTF8.self)
    return (statements(LooseToken.all(in: before)[...]), start)
  }

  /// Whether a token can belong to a word, which may be a path such as `p1.migration.freezeTime`.
  private static func isPartOfWord(_ token: LooseToken) -> Bool {
    switch token.kind {
    case .word, .number, .variable, .flag: true
    case .symbol: token.text == "." || token.text == "-"
    case .text, .substitution, .separator, .comment: false
    }
  }

  private static func statements(_ tokens: some Sequence<LooseToken>) -> LooseStatements {
    var statements = LooseStatements()
    for token in tokens { statements.pass(token) }
    return statements
  }

  /// Inside a text in quotes.
  private static func kind(in text: LooseToken, _ typed: String, after before: ArraySlice<LooseToken>) -> Kind {
    let parts = text.parts
    // An expression in a text, which goes on to the cursor.
    if let open = parts.lastIndex(where: { $0.kind == .substitution }) {
      var inner = LooseStatements()
      for part in parts[open...] { inner.pass(part) }
      if inner.levels.count > 1 {
        var first = parts.count
        while first > open + 1, isPartOfWord(parts[first - 1]),
          parts[first - 1].range.upperBound == typed.utf8.count
            || first < parts.count && parts[first - 1].range.upperBound == parts[first].range.lowerBound
        {
          first -= 1
        }
        let start = first < parts.count ? parts[first].range.lowerBound : typed.utf8.count
        return .word(statements(parts[open..<first]), start: start)
      }
    }
    if let last = parts.last, last.kind == .variable, last.range.upperBound == typed.utf8.count {
      return .variable(start: last.range.lowerBound)
    }
    if typed.hasSuffix("$"), text.text.hasPrefix("\"") { return .variable(start: typed.utf8.count - 1) }
    return .text(statements(before), start: text.range.lowerBound + 1, quote: String(text.text.prefix(1)))
  }
}

/// What the next argument of a command can be.
struct WantedArgument {
  let spec: CommandSpec
  /// Nil when nothing more may come but flags.
  let kind: ParameterKind?
  /// The flag whose value it is; nil for an argument of its own.
  let flag: FlagSpec?
  /// Whether it goes on with what stands before it.
  let hasBegun: Bool
  /// The tokens of the expression that it goes on with.
  let expression: [LooseToken]
  /// The token before it.
  let previous: String?
  /// The flags that may still come.
  let flags: [Offer]
}

extension Session {
  /// What is wanted after the tokens of a command, at a UTF-8 offset; nil when they are no command.
  func wanted(in tokens: [LooseToken], upTo start: Int) -> WantedArgument? {
    let words = tokens.prefix { $0.kind == .word }.map(\.text)
    let counts = stride(from: min(3, words.count), through: 1, by: -1)
    guard let spec = counts.lazy.compactMap({ table.lookup(Array(words.prefix($0))) }).first else { return nil }
    var reader = ArgumentReader(spec: spec)
    for token in tokens.dropFirst(spec.words.count) { reader.pass(token) }
    return reader.wanted(at: start)
  }
}

/// Goes through the arguments of a command.
private struct ArgumentReader {
  let spec: CommandSpec
  private var index = 0
  private var used: Set<String> = []
  /// The flag whose value comes next.
  private var openFlag: FlagSpec?
  private var last: LooseToken?
  /// What the argument that was passed last belongs to.
  private var lastKind: (kind: ParameterKind?, flag: FlagSpec?) = (nil, nil)
  /// Whether a `=` came last behind which a value begins.
  private var isAtValue = false
  private var isInExpression = false
  private var expression: [LooseToken] = []

  init(spec: CommandSpec) { self.spec = spec }

  private var parameter: ParameterSpec? { spec.parameters.indices.contains(index) ? spec.parameters[index] : nil }

  mutating func pass(_ token: LooseToken) {
    defer { last = token }
    if token.kind == .flag {
      let matches = spec.acceptedFlags.filter { "--\($0.name)".hasPrefix(token.text) }
      let flag = matches.first { "--\($0.name)" == token.text } ?? (matches.count == 1 ? matches.first : nil)
      if let flag { used.insert(flag.name) }
      openFlag = flag?.value == nil ? nil : flag
      return
    }
    if let last, last.kind == .flag, token.text == "=", !token.hasSpaceBefore {
      isAtValue = true
      return
    }
    let isSign = token.text == "=" && parameter?.kind == .word(["="])
    // What touches goes on with the same argument, and so does what stands behind a comma.
    let touches = !token.hasSpaceBefore || last?.text == ","
    let goesOn = touches && last != nil && last?.kind != .flag && !isAtValue && !isSign && !isInExpression
    isAtValue = isSign
    if goesOn { return }
    if let flag = openFlag {
      lastKind = (flag.value, flag)
      openFlag = nil
    } else if let parameter {
      lastKind = (parameter.kind, nil)
      if parameter.kind == .expression {
        isInExpression = true
        expression.append(token)
      } else if parameter.arity == .one || parameter.arity == .optional {
        index += 1
      }
    }
  }

  func wanted(at start: Int) -> WantedArgument {
    var kind: ParameterKind?
    var flag: FlagSpec?
    var hasBegun = false
    if let openFlag {
      (kind, flag) = (openFlag.value, openFlag)
    } else if let last, last.text == ",", lastKind.kind != nil, !isInExpression {
      (kind, flag) = lastKind
      hasBegun = true
    } else {
      // What touches an argument is no further one.
      let touches = last?.range.upperBound == start && !isAtValue && !isInExpression
      kind = touches ? nil : parameter?.kind
      hasBegun = isInExpression
    }
    return WantedArgument(
      spec: spec, kind: kind, flag: flag, hasBegun: hasBegun, expression: expression, previous: last?.text,
      flags: flags)
  }

  private var flags: [Offer] {
    let excluded = Set(spec.exclusiveFlags.filter { !used.isDisjoint(with: $0) }.joined())
    return spec.flags.filter { flag in
      flag.repeatable || !used.contains(flag.name) && !excluded.contains(flag.name)
    }.map { Offer("--\($0.name)", $0.summary) }
  }
}
