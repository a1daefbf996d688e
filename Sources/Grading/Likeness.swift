import CommandLanguage
import Course
import Shell

/// Tells which submissions are alike up to names, spacing, comments, the order of flags and texts in quotes.
///
/// Names are those that a submission gives: of variables, commands of its own, programs, processes and nodes. Each is
/// replaced by its number in the order of first appearance. What remains is reduced to a digest, so that two submissions
/// can be compared without either being kept.
struct Likeness: Sendable {
  /// With fewer tokens than this beyond what the exercise itself says, a solution says nothing about its author.
  static let fewestTokens = 12
  /// A submission with more bytes is not compared: nobody types that much, and who wants to be unlike others by length is
  /// seen anyway.
  static let mostBytes = 32 * 1024

  private let table: CommandTable
  private let steps: [String]
  /// What the exercise shows of commands, in prose and hints.
  private let given: Set<String>
  /// The words of its set-ups, prose and checks: what can be a name there is the same for everybody.
  private let words: Set<String>

  init(_ exercise: Lesson) {
    table = Session { _ in }.table
    steps = exercise.steps.map(\.name)
    words = Self.words(of: exercise.source.text)
    let table = table
    given = Set(
      Self.codeInProse(of: exercise.source.text).flatMap { code in
        LikenessClause.all(in: code, table).map(\.text)
      })
  }

  /// The digest of what a submission says; nil when that is too little to tell anything, or too much to be compared.
  func digest(of submission: Submission) -> String? {
    guard submission.parts.values.reduce(0, { $0 + $1.utf8.count }) <= Self.mostBytes else { return nil }
    var (clauses, tokenCount): ([LikenessClause], Int) = ([], 0)
    for step in steps {
      guard let part = submission.parts[step] else { continue }
      let ofStep = LikenessClause.all(in: part.text, table)
      tokenCount += ofStep.reduce(0) { $0 + (given.contains($1.text) ? 0 : $1.tokens.count) }
      clauses += [LikenessClause(beginning: step)] + ofStep
    }
    guard tokenCount >= Self.fewestTokens else { return nil }
    var names = LikenessNames(clauses, known: words)
    return Digest.hexadecimal(of: Array(clauses.map { names.text(of: $0) }.joined(separator: "\n").utf8))
  }

  /// The words that everybody knows: those that do not stand in solutions, or in what must not pass.
  private static func words(of text: String) -> Set<String> {
    var (words, isShown): (Set<String>, Bool) = ([], true)
    for line in text.split(whereSeparator: \.isNewline) {
      if line.hasPrefix("@") || line.hasPrefix("|") {
        isShown = !line.hasPrefix("@solution") && !line.hasPrefix("@wrong")
      }
      guard isShown else { continue }
      words.formUnion(line.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }.map(String.init))
    }
    return words
  }

  /// What stands between back quotes in the prose and the hints of an exercise.
  private static func codeInProse(of text: String) -> [String] {
    let prose = text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("|") || $0.hasPrefix("@hint") }
    let parts = prose.map { $0.hasPrefix("|") ? $0.dropFirst() : $0 }.joined(separator: " ")
      .split(separator: "`", omittingEmptySubsequences: false)
    return parts.enumerated().filter { !$0.offset.isMultiple(of: 2) }.map {
      String($0.element).replacing("\\$", with: "$")
    }
  }
}

/// A statement up to where a block begins or ends, a step of a program, or a brace: its flags stand in the order of
/// their names.
private struct LikenessClause {
  /// What a name in a clause stands for, when the clause gives it.
  enum Gift {
    case variable, thing
  }

  /// In the order in which they are compared.
  private(set) var tokens: [LooseToken] = []
  /// How many of them are the command's own words.
  private(set) var commandLength = 0
  /// The names that it gives.
  private(set) var gifts: [(kind: Gift, name: String)] = []
  /// The words after the first, when the command is none of the language.
  private(set) var ownArguments: [String] = []
  /// The step that begins here.
  let step: String?

  /// Where a step's part begins.
  init(beginning step: String) { self.step = step }

  private init(_ tokens: ArraySlice<LooseToken>, _ table: CommandTable) {
    step = nil
    let words = tokens.prefix { $0.kind == .word }.map(\.text)
    let spec = words.first.flatMap { first in
      table.commands(startingWith: first).filter { words.starts(with: $0.words) }
        .max { $0.words.count < $1.words.count }
    }
    commandLength = min(spec?.words.count ?? 1, tokens.count)
    var positional = Array(tokens.prefix(commandLength))
    var flags: [[LooseToken]] = []
    var arguments: [String?] = []
    var rest = tokens.dropFirst(commandLength)
    while let token = rest.first {
      guard token.kind == .flag else {
        let argument = Self.takeArgument(from: &rest)
        arguments.append(argument.count == 1 && token.kind == .word ? token.text : nil)
        positional += argument
        continue
      }
      var flag = [rest.removeFirst()]
      switch spec?.acceptedFlags.first(where: { "--\($0.name)" == token.text })?.value {
      case nil: break
      case .expression:
        while let next = rest.first, next.kind != .flag {
          flag += [next]
          rest.removeFirst()
        }
      case _?: if rest.first?.kind != .flag { flag += Self.takeArgument(from: &rest) }
      }
      flags.append(flag)
    }
    flags = flags.enumerated().sorted { ($0.element[0].text, $0.offset) < ($1.element[0].text, $1.offset) }
      .map(\.element)
    self.tokens = positional + flags.joined()
    gifts = Self.gifts(of: words.first, spec, arguments)
    if spec == nil { ownArguments = arguments.compactMap(\.self) }
  }

  /// Takes tokens that touch, and what stands in brackets.
  private static func takeArgument(from rest: inout ArraySlice<LooseToken>) -> [LooseToken] {
    var (argument, depth): ([LooseToken], Int) = ([], 0)
    while let token = rest.first, argument.isEmpty || depth > 0 || !token.hasSpaceBefore {
      if token.text == "(" || token.text == "[" || token.kind == .substitution { depth += 1 }
      if token.text == ")" || token.text == "]" { depth -= 1 }
      argument.append(rest.removeFirst())
    }
    return argument
  }

  private static func gifts(
    of word: String?, _ spec: CommandSpec?, _ arguments: [String?]
  ) -> [(kind: Gift, name: String)] {
    switch word {
    case "let", "for": return arguments.first.flatMap(\.self).map { [(.variable, $0)] } ?? []
    case "define":
      let names = arguments.compactMap(\.self)
      return names.prefix(1).map { (.thing, $0) } + names.dropFirst().map { (.variable, $0) }
    case "program": return arguments.first.flatMap(\.self).map { [(.thing, $0)] } ?? []
    default:
      guard let parameters = spec?.parameters, !parameters.isEmpty else { return [] }
      return arguments.enumerated().compactMap { index, name in
        let kind = parameters[min(index, parameters.count - 1)].kind
        return kind == .newName ? name.map { (.thing, $0) } : nil
      }
    }
  }

  /// All tokens as they were typed, parted by single spaces.
  var text: String { tokens.map(\.text).joined(separator: " ") }

  /// The clauses of a text. Nothing nests in them, however deep the text does.
  static func all(in text: String, _ table: CommandTable) -> [LikenessClause] {
    let tokens = LooseToken.all(in: text).filter { $0.kind != .comment }
    var (clauses, start, depth): ([LikenessClause], Int, Int) = ([], 0, 0)
    func end(_ place: Int) {
      if place > start { clauses.append(LikenessClause(tokens[start..<place], table)) }
      start = place + 1
    }
    for (place, token) in tokens.enumerated() {
      switch (token.kind, token.text) {
      case (.substitution, _), (.symbol, "("), (.symbol, "["): depth += 1
      case (.symbol, ")"), (.symbol, "]"): depth = max(0, depth - 1)
      case (.separator, _) where depth == 0: end(place)
      case (.symbol, "{"), (.symbol, "}"):
        end(place)
        clauses.append(LikenessClause(tokens[place...place], table))
        depth = 0
      default: break
      }
    }
    end(tokens.count)
    return clauses
  }
}

/// Replaces the names that a submission gives by numbers.
private struct LikenessNames {
  private var variables: Set<String> = []
  private var things: Set<String> = []
  private var numbers: [String: Int] = [:]

  /// - Parameter known: words that are no names of the submission's own, unless it gives them.
  init(_ clauses: [LikenessClause], known: Set<String>) {
    for gift in clauses.flatMap(\.gifts) {
      switch gift.kind {
      case .variable: variables.insert(gift.name)
      case .thing: things.insert(gift.name)
      }
    }
    // What a command of its own is called with may be a name that this gives.
    for clause in clauses where clause.tokens.first.map({ things.contains($0.text) }) == true {
      things.formUnion(clause.ownArguments.filter { !known.contains($0) })
    }
  }

  mutating func text(of clause: LikenessClause) -> String {
    if let step = clause.step { return "@step \(step)" }
    let given = Set(clause.gifts.filter { $0.kind == .variable }.map(\.name))
    var (words, previous): ([String], String) = ([], "")
    for (place, token) in clause.tokens.enumerated() {
      // A command's own words are names only where the submission has defined them.
      let isCommand = place < clause.commandLength && clause.commandLength > 1
      if !isCommand { words += shown(token, after: previous, given) } else { words.append(token.text) }
      previous = token.text
    }
    return words.joined(separator: " ")
  }

  /// - Parameter given: variables that stand in this clause without `$`, since it gives them.
  private mutating func shown(_ token: LooseToken, after previous: String, _ given: Set<String>) -> [String] {
    switch token.kind {
    case .text:
      // What a text computes counts, its words do not.
      let parts = token.parts
      return ["\"\""] + parts.flatMap { part in part.kind == .variable ? shown(part, after: "", given) : [part.text] }
    case .variable:
      let name = String(token.text.dropFirst())
      return [variables.contains(name) ? number(of: token.text) : token.text]
    case .word:
      if previous == "." { return [token.text] }
      if given.contains(token.text) { return [number(of: "$" + token.text)] }
      return [things.contains(token.text) ? number(of: token.text) : token.text]
    case .number:
      // `5 ms` and `5ms` are the same.
      let digits = token.text.prefix { $0.isNumber || $0 == "." }
      return [String(digits)] + (digits.count < token.text.count ? [String(token.text.dropFirst(digits.count))] : [])
    case .substitution, .flag, .symbol, .separator, .comment: return [token.text]
    }
  }

  private mutating func number(of name: String) -> String {
    let number = numbers[name] ?? numbers.count + 1
    numbers[name] = number
    return "<\(number)>"
  }
}
