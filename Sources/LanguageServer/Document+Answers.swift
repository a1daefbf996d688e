import CommandLanguage
import Course
import ScriptCheck
import Shell

// MARK: - Findings

extension Document {
  /// What is wrong with the text, as the protocol has it.
  func findings(_ checker: ScriptChecker) -> [JSON] {
    var findings: [Finding] = view.mistake.map { [.mistake($0)] } ?? []
    if let source = view.source { findings += checker.check(source) }
    return findings.map(json)
  }

  private func json(_ finding: Finding) -> JSON {
    let diagnostic = finding.diagnostic
    // A mistake in a file that this one sources is told where this one names it.
    let place = diagnostic.callers.last?.place ?? diagnostic.place
    let start = max(0, place.line - 1)
    let line = start < view.lines.count ? view.lines.text(view.lines.range(ofLine: start)) : ""
    func units(_ characters: Int) -> Int { line.prefix(max(0, characters)).utf16.count }
    let first = units(place.column - 1)
    let width = diagnostic.callers.isEmpty ? diagnostic.caretWidth : line.count
    let range = JSON.object([
      ("start", TextPosition(line: start, character: first).json),
      ("end", TextPosition(line: start, character: units(place.column - 1 + width)).json),
    ])
    var message = diagnostic.message
    if !diagnostic.callers.isEmpty { message = "\(diagnostic.place): \(message)" }
    if let expected = diagnostic.expected { message += "\nexpected \(expected)" }
    if let suggestion = diagnostic.suggestion { message += "\ndid you mean `\(suggestion)`?" }
    if let remedy = diagnostic.remedy { message += "\n\(remedy)" }
    var members: [(String, JSON)] = [
      ("range", range), ("severity", .integer(finding.severity == .error ? 1 : 2)),
      ("code", .string(finding.code.rawValue)), ("source", .string("migsh")), ("message", .string(message)),
    ]
    let unnecessary: Int64 = 1
    switch finding.code {
    case .unused, .unreachable: members.append(("tags", .array([.integer(unnecessary)])))
    case .syntax, .unset, .redefined, .unreadable, .idle: break
    }
    return .object(members)
  }
}

// MARK: - Completion

extension Document {
  /// The most candidates in one answer.
  private static let mostCandidates = 1000

  /// The kinds of candidates that the protocol has numbers for.
  private enum CandidateKind: Int64 {
    case function = 3
    case variable = 6
    case property = 10
    case value = 12
    case keyword = 14
  }

  func completion(at position: TextPosition) -> JSON {
    guard let source = view.source else { return Self.list([], isIncomplete: false) }
    let offset = view.lines.offset(of: position)
    let line = view.lines.line(of: offset)
    let range = view.lines.range(ofLine: line)
    let typed = view.lines.text(range.lowerBound..<max(range.lowerBound, offset))
    switch view.kind(ofLine: line) {
    case .commands:
      let text = String(decoding: Array(view.commands.utf8.prefix(offset)), as: UTF8.self)
      return completion(of: text, behind: "", from: 0, to: offset, source)
    case .prose: return completion(of: typed, behind: "say \"", from: range.lowerBound, to: offset, source)
    case .directive: return completion(ofDirective: typed, from: range.lowerBound, to: offset, source)
    }
  }

  /// Offers what Tab would offer.
  ///
  /// - Parameters:
  ///   - text: what stands before the cursor, from the offset `start` on.
  ///   - opening: what would stand before it in the shell.
  private func completion(
    of text: String, behind opening: String, from start: Int, to offset: Int, _ source: SourceText
  ) -> JSON {
    let knowledge = Knowledge(Declarations(of: view), folder: source.folder)
    let completion = knowledge.complete(opening + text)
    let first = max(start, completion.start - opening.utf8.count + start)
    return Self.list(
      completion.candidates.prefix(Self.mostCandidates).map { ($0.text, $0.summary, Self.kind(of: $0.text)) },
      isIncomplete: completion.candidates.count > Self.mostCandidates,
      replacing: view.lines.json(first..<max(first, offset)))
  }

  private func completion(
    ofDirective typed: String, from start: Int, to offset: Int, _ source: SourceText
  ) -> JSON {
    let blank = typed.utf8.prefix { $0 == 0x20 || $0 == 0x09 }.count
    let content = String(decoding: Array(typed.utf8.dropFirst(blank)), as: UTF8.self)
    let words = content.split(omittingEmptySubsequences: true) { $0 == " " || $0 == "\t" }.map(String.init)
    let isInWord = !(content.last?.isWhitespace ?? true)
    if words.count < 2, isInWord || words.isEmpty {
      let found = Lesson.directives.filter { ("@" + $0.name).hasPrefix(content) }
      return Self.list(
        found.map { ("@" + $0.name, $0.usage, .keyword) }, isIncomplete: false,
        replacing: view.lines.json(start + blank..<offset))
    }
    let last = isInWord ? words.last ?? "" : ""
    func choose(_ names: [String]) -> JSON {
      let isFirst = words.count == (isInWord ? 2 : 1)
      return Self.list(
        isFirst ? names.filter { $0.hasPrefix(last) }.map { ($0, "", .value) } : [], isIncomplete: false,
        replacing: view.lines.json(offset - last.utf8.count..<offset))
    }
    switch words[0] {
    case "@details": return choose(Lesson.detailNames)
    case "@forbid": return choose(Lesson.forbiddenKinds)
    case "@answer", "@check":
      // The expression begins behind the directive, or behind the name of the check.
      let before = words[0] == "@answer" ? 1 : 2
      guard words.count > before || words.count == before && !isInWord else {
        return Self.list([], isIncomplete: false)
      }
      let rest = Self.dropping(words: before, of: content)
      let restStart = start + blank + content.utf8.count - rest.utf8.count
      return completion(of: rest, behind: "print ", from: restStart, to: offset, source)
    default: return completion(of: content, behind: "say \"", from: start + blank, to: offset, source)
    }
  }

  private static func dropping(words count: Int, of text: String) -> String {
    var rest = Substring(text)
    for _ in 0..<count { rest = rest.drop { !$0.isWhitespace }.drop { $0.isWhitespace } }
    return String(rest)
  }

  private static func kind(of candidate: String) -> CandidateKind {
    if candidate.hasPrefix("--") { return .property }
    if candidate.hasPrefix("$") { return .variable }
    return candidate.contains(".") ? .property : candidate.hasSuffix("(") ? .function : .value
  }

  private static func list(
    _ candidates: [(text: String, summary: String, kind: CandidateKind)], isIncomplete: Bool,
    replacing range: JSON = .null
  ) -> JSON {
    let items = candidates.enumerated().map { index, candidate -> JSON in
      let number = String(index)
      var members: [(String, JSON)] = [
        ("label", .string(candidate.text)), ("kind", .integer(candidate.kind.rawValue)),
        // Clients sort by this text.
        ("sortText", .string(String(repeating: "0", count: max(0, 5 - number.count)) + number)),
        ("filterText", .string(candidate.text)),
        ("textEdit", .object([("range", range), ("newText", .string(candidate.text))])),
      ]
      if !candidate.summary.isEmpty { members.append(("detail", .string(candidate.summary))) }
      return .object(members)
    }
    return .object([("isIncomplete", .boolean(isIncomplete)), ("items", .array(items))])
  }
}

// MARK: - Symbols

extension Document {
  /// The kinds of symbols that the protocol has numbers for.
  private enum SymbolKind: Int64 {
    case module = 2
    case `class` = 5
    case function = 12
    case variable = 13
    case event = 24
  }

  /// Definitions, programs and variables; in a lesson its steps, too.
  var symbols: JSON {
    guard view.source != nil else { return .array([]) }
    var symbols: [(start: Int, json: JSON)] = []
    var known: Set<String> = []
    for declaration in Declarations(of: view).all {
      let kind: SymbolKind
      switch declaration.kind {
      case .command: kind = .function
      case .program: kind = .class
      // A variable stands where it is set first.
      case .variable, .lessonParameter:
        guard known.insert(declaration.name).inserted else { continue }
        kind = .variable
      case .loopVariable, .parameter, .node, .process: continue
      }
      symbols.append(
        (declaration.range.lowerBound, symbol(declaration.name, kind, declaration.statement, declaration.range)))
    }
    symbols += steps
    symbols.sort { $0.start < $1.start }
    return .array(symbols.map(\.json))
  }

  private func symbol(
    _ name: String, _ kind: SymbolKind, _ range: Range<Int>, _ selection: Range<Int>, detail: String = ""
  ) -> JSON {
    .object([
      ("name", .string(name)), ("detail", .string(detail)), ("kind", .integer(kind.rawValue)),
      ("range", view.lines.json(range)), ("selectionRange", view.lines.json(selection)),
    ])
  }

  /// The lesson and its steps. A step goes on to the next, with what leads to that.
  private var steps: [(start: Int, json: JSON)] {
    guard view.isLesson else { return [] }
    var lines: [(kind: SymbolKind, name: Range<Int>, line: Range<Int>)] = []
    for line in 0..<view.lines.count where view.kind(ofLine: line) == .directive {
      let range = view.lines.range(ofLine: line)
      let words = LooseToken.all(in: view.lines.text(range))
      guard words.count > 1, ["@step", "@lesson"].contains(words[0].text) else { continue }
      let name = range.lowerBound + words[1].range.lowerBound..<range.lowerBound + words[1].range.upperBound
      lines.append((words[0].text == "@step" ? .event : .module, name, range))
    }
    return lines.enumerated().map { index, entry in
      let end = index + 1 < lines.count ? lines[index + 1].line.lowerBound : view.lines.bytes.count
      let whole =
        entry.line.lowerBound..<(entry.kind == .module ? entry.line.upperBound : max(entry.line.upperBound, end))
      let title = view.lines.text(entry.name.upperBound..<entry.line.upperBound).drop { $0.isWhitespace }
      return (
        entry.line.lowerBound,
        symbol(view.lines.text(entry.name), entry.kind, whole, entry.name, detail: String(title))
      )
    }
  }
}
