import CommandLanguage

/// A place where a text gives a name to something.
struct Declaration: Equatable {
  enum Kind {
    case variable, loopVariable, parameter, lessonParameter, command, program, node, process

    /// Whether it is read as `$name`.
    var isVariable: Bool {
      switch self {
      case .variable, .loopVariable, .parameter, .lessonParameter: true
      case .command, .program, .node, .process: false
      }
    }
  }

  let kind: Kind
  let name: String
  /// Where the name stands, in UTF-8 offsets.
  let range: Range<Int>
  /// The statement, with its block when that is closed.
  var statement: Range<Int>
  /// The parameters of a command.
  var parameters: [String] = []
}

/// What a text declares. It need not be well formed: people type in it.
struct Declarations {
  private(set) var all: [Declaration] = []
  /// The files that it names with `source`.
  private(set) var sourcedFiles: [(path: String, range: Range<Int>)] = []
  private(set) var tokens: [LooseToken]

  init(of view: DocumentView) {
    self.init(text: view.commands)
    guard view.isLesson else { return }
    for line in 0..<view.lines.count where view.kind(ofLine: line) == .directive {
      let range = view.lines.range(ofLine: line)
      let words = LooseToken.all(in: view.lines.text(range))
      guard words.count > 1, words[0].text == "@param" else { continue }
      let name = words[1].range
      all.append(
        Declaration(
          kind: .lessonParameter, name: words[1].text,
          range: range.lowerBound + name.lowerBound..<range.lowerBound + name.upperBound, statement: range))
    }
  }

  init(text: String) {
    tokens = LooseToken.all(in: text)
    var statements = LooseStatements()
    // The definitions and programs whose braces are open.
    var open: [Int] = []
    for token in tokens {
      statements.pass(token)
      let level = statements.innermost
      guard level.place == .commands, let first = level.tokens.first else { continue }
      if token.text == "}", token.kind == .symbol {
        if let last = open.last, all[last].statement.lowerBound == first.range.lowerBound {
          all[last].statement = first.range.lowerBound..<token.range.upperBound
          open.removeLast()
        }
      } else if level.tokens.last == token {
        let before = all.count
        declare(level.tokens, token)
        let isNew = all.count > before && (all[before].kind == .command || all[before].kind == .program)
        if isNew { open.append(before) }
      }
    }
    closeParameters()
  }

  private mutating func declare(_ statement: [LooseToken], _ token: LooseToken) {
    let count = statement.count
    if statement[0].text == "source", count > 1 {
      sourceFile(statement)
      return
    }
    guard token.kind == .word, count > 1, CommandTable.isName(token.text) else { return }
    let kind: Declaration.Kind
    switch (statement[0].text, count) {
    case ("let", 2): kind = .variable
    case ("for", 2): kind = .loopVariable
    case ("define", 2): kind = .command
    case ("program", 2) where !["list", "show"].contains(token.text): kind = .program
    case ("spawn", 2): kind = .process
    case ("define", 3...) where statement.allSatisfy({ $0.kind == .word }):
      kind = .parameter
      if let command = all.lastIndex(where: { $0.kind == .command }) { all[command].parameters.append(token.text) }
    case ("node", 3...) where statement[1].text == "add" && statement.allSatisfy({ $0.kind == .word }): kind = .node
    default: return
    }
    all.append(
      Declaration(
        kind: kind, name: token.text, range: token.range,
        statement: statement[0].range.lowerBound..<token.range.upperBound))
  }

  /// File names follow other rules than tokens: all that touches belongs together.
  private mutating func sourceFile(_ statement: [LooseToken]) {
    let name = statement.dropFirst()
    guard let first = name.first, let last = name.last else { return }
    if name.count > 1 { sourcedFiles.removeLast() }
    let text = name.map(\.text).joined()
    let isQuoted = name.count == 1 && (text.hasPrefix("\"") || text.hasPrefix("'"))
    sourcedFiles.append(
      (isQuoted ? String(text.dropFirst().dropLast()) : text, first.range.lowerBound..<last.range.upperBound))
  }

  /// A parameter holds in all of its command's definition.
  private mutating func closeParameters() {
    var ends: [Int: Int] = [:]
    for command in all where command.kind == .command {
      ends[command.statement.lowerBound] = command.statement.upperBound
    }
    for index in all.indices where all[index].kind == .parameter {
      let start = all[index].statement.lowerBound
      all[index].statement = start..<max(all[index].statement.upperBound, ends[start] ?? 0)
    }
  }

  /// What a variable means at a place: the parameter around it, or what was set last before it, or what is set first.
  func variable(_ name: String, at offset: Int) -> Declaration? {
    let known = all.filter { $0.kind.isVariable && $0.name == name }
    let parameter = known.last { $0.kind == .parameter && $0.statement.contains(offset) }
    let others = known.filter { $0.kind != .parameter }
    return parameter ?? others.last { $0.range.lowerBound <= offset } ?? others.first ?? known.first
  }

  /// What a bare name means.
  func thing(_ name: String, at offset: Int) -> Declaration? {
    let known = all.filter { !$0.kind.isVariable && $0.name == name }
    return known.last { $0.range.lowerBound <= offset } ?? known.first
  }
}
