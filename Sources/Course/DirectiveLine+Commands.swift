import CommandLanguage

extension DirectiveLine {
  /// A command that a directive names, with flags of it.
  struct NamedCommand {
    let spec: CommandSpec
    let span: SourceSpan
    var flags: [String] = []
  }

  /// The commands that the rest of the line names, as they are typed or with `-` between their words.
  ///
  /// - Parameter takesGroups: whether the first word of some commands names all of them.
  mutating func commands(
    _ table: CommandTable, takesFlags: Bool, takesGroups: Bool = false
  ) throws(Diagnostic) -> [NamedCommand] {
    var words: [(text: String, span: SourceSpan)] = []
    while let word = word() { words.append(word) }
    guard !words.isEmpty else { throw mistake("`@\(directive.rawValue)` needs a command") }
    var commands: [NamedCommand] = []
    while let first = words.first {
      if first.text.hasPrefix("--") {
        guard takesFlags, var last = commands.popLast() else {
          throw mistake("`\(first.text)` cannot stand here", at: first.span)
        }
        last.flags.append(try flag(first, of: last.spec))
        commands.append(last)
        words.removeFirst()
        continue
      }
      guard let (specs, count) = longest(words, table, takesGroups: takesGroups) else {
        throw mistake(
          "there is no command `\(first.text)`", at: first.span,
          suggestion: closest(to: first.text, among: table.all.map { $0.name.replacing(" ", with: "-") }))
      }
      commands += specs.map { NamedCommand(spec: $0, span: first.span) }
      words.removeFirst(count)
    }
    return commands
  }

  /// The command that the first words name, and how many words these are.
  private func longest(
    _ words: [(text: String, span: SourceSpan)], _ table: CommandTable, takesGroups: Bool
  ) -> (specs: [CommandSpec], count: Int)? {
    for count in stride(from: min(3, words.count), to: 0, by: -1) {
      if let spec = table.lookup(words.prefix(count).map(\.text)) { return ([spec], count) }
    }
    let parts = words[0].text.split(separator: "-").map(String.init)
    if let spec = table.lookup(parts) { return ([spec], 1) }
    let group = table.commands(startingWith: words[0].text)
    return takesGroups && !group.isEmpty ? (group, 1) : nil
  }

  private func flag(_ word: (text: String, span: SourceSpan), of spec: CommandSpec) throws(Diagnostic) -> String {
    let name = String(word.text.dropFirst(2))
    let names = spec.acceptedFlags.map(\.name)
    guard names.contains(name) else {
      throw mistake(
        "`\(spec.name)` has no flag `\(word.text)`", at: word.span,
        suggestion: closest(to: name, among: names).map { "--" + $0 })
    }
    return name
  }

  /// The condition before a `|`, and the prose behind it; nil for that when there is none.
  mutating func conditionAndProse(_ table: CommandTable) throws(Diagnostic) -> (Expression, prose: Template?) {
    let whole = rest
    let bar = firstBar(in: whole)
    let span = SourceSpan(start: whole.start, end: bar ?? whole.end)
    guard !source.text(span).allSatisfy({ $0 == " " || $0 == "\t" }) else {
      throw mistake("`@\(directive.rawValue)` needs an expression")
    }
    var parser = Parser(source: source, table: table, span: span)
    let (condition, end) = try parser.parseLeadingExpression()
    skip(to: end)
    guard let bar else {
      try expectEnd()
      return (condition, nil)
    }
    guard rest.start >= bar else {
      guard let word = word() else { throw mistake("a `|` is missing") }
      throw mistake("`\(word.text)` cannot stand here", at: word.span)
    }
    skip(to: bar + 1)
    return (condition, isAtEnd ? nil : try text(table))
  }

  /// The first `|` that stands in no text.
  private func firstBar(in span: SourceSpan) -> Int? {
    var quote: UInt8?
    var offset = span.start
    while offset < span.end {
      let byte = source.utf8[offset]
      if let open = quote {
        if byte == UInt8(ascii: "\\"), open == UInt8(ascii: "\"") { offset += 1 }
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      } else if byte == UInt8(ascii: "|") {
        return offset
      }
      offset += 1
    }
    return nil
  }
}
