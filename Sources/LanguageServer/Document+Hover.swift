import CommandLanguage
import Course
import Shell

extension Document {
  /// What help says of what stands at a place.
  func hover(at position: TextPosition) -> JSON {
    guard view.source != nil else { return .null }
    let offset = view.lines.offset(of: position)
    let declarations = Declarations(of: view)
    let knowledge = Knowledge(declarations)
    guard let place = Place(in: view, declarations, at: offset, knowledge.table),
      let text = describe(place, declarations, knowledge)
    else { return .null }
    return .object([
      ("contents", .object([("kind", .string("plaintext")), ("value", .string(text))])),
      ("range", view.lines.json(place.range)),
    ])
  }

  private func describe(_ place: Place, _ declarations: Declarations, _ knowledge: Knowledge) -> String? {
    switch place.kind {
    case .variable(let name): return declarations.variable(name, at: place.range.lowerBound).map(describe)
    case .command(let name):
      if let own = declarations.thing(name, at: place.range.lowerBound), own.kind == .command { return describe(own) }
      return Knowledge.help(name)
    case .flag(let name, let spec):
      return spec.acceptedFlags.first { $0.name == name }.map { "\($0.notation)\n\($0.summary)" }
    case .step(let word):
      // The row of `read` tells `write`, too.
      return (word.help ?? Step.Word.read.help).map { "\($0.usage)\n\($0.summary)" }
    case .path(let path):
      return knowledge.summary(of: path, after: "print ").flatMap { $0.isEmpty ? nil : "\(path)\n\($0)" }
    case .directive(let name): return Lesson.directives.first { $0.name == name }?.usage
    case .word(let word):
      if let own = declarations.thing(word, at: place.range.lowerBound) { return describe(own) }
      return knowledge.summary(of: word, after: "print ").flatMap { $0.isEmpty ? nil : "\(word)\n\($0)" }
    }
  }

  /// The first line of the statement that declares something, and where that stands.
  private func describe(_ declaration: Declaration) -> String {
    let line = view.lines.line(of: declaration.range.lowerBound)
    let text = view.lines.text(view.lines.range(ofLine: line)).drop { $0.isWhitespace }
    return "\(text)\nline \(line + 1)"
  }

  /// Where what stands at a place is declared: in this text, or in a file that it executes.
  func definition(at position: TextPosition, reading read: (String) throws -> SourceText) -> JSON {
    guard let source = view.source else { return .null }
    let offset = view.lines.offset(of: position)
    let declarations = Declarations(of: view)
    if let file = declarations.sourcedFiles.first(where: { $0.range.contains(offset) }) {
      let path = source.path(ofFile: file.path)
      guard (try? read(path)) != nil else { return .null }
      return Self.location(FileURI.uri(of: path), TextLines([]), 0..<0)
    }
    let table = Knowledge(declarations).table
    guard let place = Place(in: view, declarations, at: offset, table) else { return .null }
    let name: String
    var isVariable = false
    switch place.kind {
    case .variable(let variable): (name, isVariable) = (variable, true)
    case .command(let word), .word(let word): name = word
    case .path(let path): name = path
    case .flag, .step, .directive: return .null
    }
    if let own = Self.find(name, isVariable, at: offset, declarations) {
      return Self.location(uri, view.lines, own.range)
    }
    var known: Set<String> = []
    return search(name, isVariable, in: declarations, of: source, reading: read, &known) ?? .null
  }

  private static func find(
    _ name: String, _ isVariable: Bool, at offset: Int, _ declarations: Declarations
  ) -> Declaration? {
    isVariable ? declarations.variable(name, at: offset) : declarations.thing(name, at: offset)
  }

  /// The most files that one question opens.
  private static let mostFiles = 100

  private func search(
    _ name: String, _ isVariable: Bool, in declarations: Declarations, of source: SourceText,
    reading read: (String) throws -> SourceText, _ known: inout Set<String>
  ) -> JSON? {
    for file in declarations.sourcedFiles where known.count < Self.mostFiles {
      let path = source.path(ofFile: file.path)
      guard known.insert(path).inserted, let text = try? read(path) else { continue }
      let inside = Declarations(text: text.text)
      if let found = Self.find(name, isVariable, at: text.utf8.count, inside) {
        return Self.location(FileURI.uri(of: path), TextLines(text.utf8), found.range)
      }
      if let deeper = search(name, isVariable, in: inside, of: text, reading: read, &known) { return deeper }
    }
    return nil
  }

  private static func location(_ uri: String, _ lines: TextLines, _ range: Range<Int>) -> JSON {
    .object([("uri", .string(uri)), ("range", lines.json(range))])
  }
}
