/// A stretch of lines, from its first to the one with its closing brace.
struct Stretch {
  let name: String
  /// Counted from 0.
  let first: Int
  let last: Int

  var lineCount: Int { last - first + 1 }
}

extension SourceFile {
  /// Functions, initialisers, subscripts and computed properties with a body of their own.
  var functions: [Stretch] {
    code.indices.compactMap { first in
      // Words are looked for first, since expressions are matched slowly.
      guard Self.declaringWords.contains(where: code[first].contains),
        let match = code[first].firstMatch(
          of: /\b(?:func\s+([^\s(<]+)|(init|deinit|subscript)\b[?!(<\s]|var\s+(\w+)\s*[:{])/),
        Self.isDeclaration(code[first][..<match.range.lowerBound]), let last = endOfBody(from: first)
      else { return nil }
      let name = match.1 ?? match.2 ?? match.3 ?? ""
      return Stretch(name: String(name), first: first, last: last)
    }
  }

  private static let declaringWords = ["func ", "init", "subscript", "var "]

  /// What other modules see: declarations that are public or open, or required by a public protocol.
  ///
  /// Leaves out the cases of an enumeration, whose names may say it all, and what an extension does for one of
  /// `protocols`, whose own comments say it.
  func publicDeclarations(butOf protocols: Set<String> = []) -> [(line: Int, text: String)] {
    var found: [(line: Int, text: String)] = []
    var endOfProtocol = -1
    var endOfConformance = -1
    for (line, text) in code.enumerated() {
      if let conformance = text.firstMatch(of: /^extension [\w.]+: (\w+) \{$/),
        protocols.contains(String(conformance.1))
      {
        endOfConformance = endOfBody(from: line) ?? line
      }
      guard line > endOfConformance else { continue }
      let isRequirement =
        line < endOfProtocol && text.contains(/^ +(?:[a-z]+ )*(?:func|var|init|subscript|associatedtype)\b/)
      let isPublic =
        (text.contains("public ") || text.contains("open "))
        && text.contains(/^\s*(?:@?\w+(?:\([^)]*\))? )*(?:public|open(?= class| func| var)) (?!extension\b)/)
      guard isRequirement || isPublic else { continue }
      if text.contains("protocol "), let end = endOfBody(from: line) { endOfProtocol = end }
      found.append((line, text.trimmingCharacters(in: .whitespaces)))
    }
    return found
  }

  /// The public protocols that it declares.
  var publicProtocols: [String] {
    code.compactMap { $0.firstMatch(of: /^public protocol (\w+)/).map { String($0.1) } }
  }

  /// Whether a documentation comment stands before a declaration, or before its attributes.
  func isDocumented(at line: Int) -> Bool {
    var before = line - 1
    while before >= 0, lines[before].contains(/^\s*@/) { before -= 1 }
    return before >= 0 && lines[before].contains(/^\s*(?:\/\/\/|\*\/)/)
  }

  /// Whether an initialiser only takes the parts of a value, which are documented.
  func isMemberwise(at line: Int) -> Bool {
    guard code[line].contains("init("), let last = endOfBody(from: line) else { return false }
    if last == line { return code[line].contains(/\{\s*(?:self\.\w+ = \w+)?\s*\}/) }
    guard let brace = code[line...last].firstIndex(where: { $0.hasSuffix("{") }) else { return false }
    return code[(brace + 1)..<last].allSatisfy { $0.contains(/^\s*(?:self\.)?\w+ = \w+$/) }
  }

  /// Every `switch`, with the last word of what it is over, and with the names of the cases in its labels: `packet` for
  /// `case .packet(let packet, _):`.
  var switches: [(line: Int, subject: String, cases: Set<String>, hasDefault: Bool)] {
    code.indices.compactMap { first in
      guard code[first].contains("switch "), code[first].contains(/\bswitch\b/), let last = endOfBody(from: first)
      else { return nil }
      var cases: Set<String> = []
      var hasDefault = false
      var depth = 0
      for line in first...last {
        // Labels stand one brace deep; on the first line the brace comes last.
        if line > first, depth == 1 {
          if code[line].contains(/^\s*(?:@unknown )?default:/) { hasDefault = true }
          if code[line].contains(/^\s*case\b/) {
            cases.formUnion(label(at: line).matches(of: /[\s(,]\.(\w+)/).map { String($0.1) })
          }
        }
        depth += code[line].count { $0 == "{" } - code[line].count { $0 == "}" }
        if line == first { depth = 1 }
      }
      let subject = code[first].firstMatch(of: /\bswitch\s+(?:[\w.]+\.)?(\w+)/).map { String($0.1) } ?? ""
      return (first, subject, cases, hasDefault)
    }
  }

  /// The cases of the enumerations that are declared here, by the enumeration's name.
  var enumerations: [(name: String, cases: Set<String>)] {
    code.indices.compactMap { first in
      guard code[first].contains("enum "), let name = code[first].firstMatch(of: /\benum\s+(\w+)/)?.1,
        let last = endOfBody(from: first)
      else {
        return nil
      }
      var cases: Set<String> = []
      var depth = 0
      for line in first...last {
        if line > first, depth == 1, let match = code[line].firstMatch(of: /^\s*(?:indirect )?case (.*)/) {
          cases.formUnion(Self.names(ofCases: String(match.1)))
        }
        depth += code[line].count { $0 == "{" } - code[line].count { $0 == "}" }
      }
      return (String(name), cases)
    }
  }

  /// `a(Int), b = 1, c` declares a, b and c.
  private static func names(ofCases text: String) -> [String] {
    var depth = 0
    var outside = ""
    for character in text {
      if character == "(" { depth += 1 }
      if depth == 0 { outside.append(character) }
      if character == ")" { depth -= 1 }
    }
    return outside.split(separator: ",").compactMap { $0.firstMatch(of: /\w+/).map { String($0.0) } }
  }

  /// The label that begins on a line, up to its colon or the end of its last line.
  private func label(at line: Int) -> String {
    var text = ""
    for next in code[line...].prefix(8) {
      text += next + " "
      if next.contains(/:(?:\s|$)/) { break }
    }
    // What follows the label's colon is no part of it; colons inside parentheses name arguments.
    var depth = 0
    for (place, character) in zip(text.indices, text) {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if character == ":", depth == 0 { return String(text[..<place]) }
    }
    return text
  }

  /// Only attributes and modifiers may stand before the declaring word.
  private static func isDeclaration(_ before: Substring) -> Bool {
    before.wholeMatch(of: /\s*(?:@?[a-z]\w*(?:\([^)]*\))?\s+)*/) != nil
      && before.firstMatch(of: /\b(?:let|return|case|in|try|await)\b/) == nil
  }

  /// The line on which the braces that open after a line's beginning are closed; nil when the declaration has none.
  private func endOfBody(from first: Int) -> Int? {
    var depth = 0
    var parentheses = 0
    for line in first..<code.count {
      for character in code[line] {
        switch character {
        case "(", "[": parentheses += 1
        case ")", "]": parentheses -= 1
        case "{": depth += 1
        case "}":
          depth -= 1
          if depth < 0 { return nil }
          if depth == 0, parentheses == 0 { return line }
        default: break
        }
      }
      // Without a brace by now, and nothing that goes on, it has no body.
      if depth == 0, parentheses == 0, line > first || !code[line].contains(/[,(=]\s*$|\bwhere\b/), !goesOn(after: line)
      {
        return nil
      }
    }
    return nil
  }

  private func goesOn(after line: Int) -> Bool {
    line + 1 < code.count && code[line + 1].contains(/^\s*(?:\{|\)|->|where\b|throws\b|async\b|else\b)/)
  }
}
