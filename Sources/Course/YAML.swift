import CLibYAML

/// A value of a YAML document, as libyaml reads it: texts, lists, and named values. Aliases are not followed.
package enum YAML {
  case text(String)
  case list([YAML])
  /// In the order in which they stand.
  case members([Member])

  package struct Member {
    package let name: String
    package let value: YAML
    /// Where the name stands, counted from 1.
    package let line: Int
    /// Where the value's text begins, counted from 1.
    package let valueLine: Int
    /// Whether the lines of the text stand in the document as they are, behind a `|`.
    let isLiteral: Bool
  }

  /// A value, and where it stands.
  private struct Node {
    let value: YAML
    let line: Int
    let column: Int
    var isLiteral = false
  }

  /// What is wrong with a text, and where.
  package struct Mistake: Error {
    let message: String
    /// Counted from 1.
    let line: Int
    let column: Int
  }

  /// How deep lists and named values may stand in each other.
  static let deepestNesting = 32

  /// Reads the first document of a text; nil when there is none.
  static func document(in text: String) throws(Mistake) -> YAML? {
    var parser = yaml_parser_t()
    guard yaml_parser_initialize(&parser) == 1 else {
      throw Mistake(message: "there is no memory left", line: 1, column: 1)
    }
    defer { yaml_parser_delete(&parser) }
    let bytes = Array(text.utf8)
    return try bytes.withUnsafeBufferPointer { (buffer) throws(Mistake) in
      yaml_parser_set_input_string(&parser, buffer.baseAddress, buffer.count)
      return try node(&parser, depth: 0)?.value
    }
  }

  /// The value that comes next; nil when a list, named values or the document ends instead.
  private static func node(_ parser: inout yaml_parser_t, depth: Int) throws(Mistake) -> Node? {
    while true {
      var event = yaml_event_t()
      guard yaml_parser_parse(&parser, &event) == 1 else { throw mistake(parser) }
      defer { yaml_event_delete(&event) }
      let place = event.start_mark
      let (line, column) = (Int(place.line) + 1, Int(place.column) + 1)
      func refusal(_ message: String) -> Mistake {
        Mistake(message: message, line: line, column: column)
      }
      guard depth <= deepestNesting else { throw refusal("this nests deeper than \(deepestNesting) levels") }
      switch event.type {
      case YAML_SCALAR_EVENT:
        let scalar = event.data.scalar
        let text = String(
          decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.value == nil ? 0 : scalar.length),
          as: UTF8.self)
        return Node(
          value: .text(text), line: line, column: column, isLiteral: scalar.style == YAML_LITERAL_SCALAR_STYLE)
      case YAML_SEQUENCE_START_EVENT:
        var elements: [YAML] = []
        while let element = try node(&parser, depth: depth + 1) { elements.append(element.value) }
        return Node(value: .list(elements), line: line, column: column)
      case YAML_MAPPING_START_EVENT:
        var members: [Member] = []
        var known: Set<String> = []
        while let key = try node(&parser, depth: depth + 1) {
          guard case .text(let name) = key.value, let member = try node(&parser, depth: depth + 1) else {
            throw refusal("a name must be a text")
          }
          guard known.insert(name).inserted else {
            throw Mistake(message: "`\(name)` stands here twice", line: key.line, column: key.column)
          }
          members.append(
            Member(
              name: name, value: member.value, line: key.line, valueLine: member.line + (member.isLiteral ? 1 : 0),
              isLiteral: member.isLiteral))
        }
        return Node(value: .members(members), line: line, column: column)
      case YAML_ALIAS_EVENT: throw refusal("an alias cannot stand here")
      case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT, YAML_DOCUMENT_END_EVENT, YAML_STREAM_END_EVENT: return nil
      default: continue
      }
    }
  }

  private static func mistake(_ parser: yaml_parser_t) -> Mistake {
    let message = parser.problem.map { String(cString: $0) } ?? "the text cannot be read"
    return Mistake(
      message: message, line: Int(parser.problem_mark.line) + 1, column: Int(parser.problem_mark.column) + 1)
  }
}
