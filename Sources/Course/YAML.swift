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
    /// The line on which the name stands, counted from 1.
    package let line: Int
    /// The line on which the text of the value begins: the next one for a text that stands as a block below its name.
    package let valueLine: Int
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
      return try value(&parser, depth: 0)?.value
    }
  }

  /// The value that comes next, and the line on which it begins; nil when a list, named values or the document ends
  /// instead.
  private static func value(
    _ parser: inout yaml_parser_t, depth: Int
  ) throws(Mistake) -> (value: YAML, line: Int)? {
    while true {
      var event = yaml_event_t()
      guard yaml_parser_parse(&parser, &event) == 1 else { throw mistake(parser) }
      defer { yaml_event_delete(&event) }
      let place = event.start_mark
      func refusal(_ message: String) -> Mistake {
        Mistake(message: message, line: Int(place.line) + 1, column: Int(place.column) + 1)
      }
      guard depth <= deepestNesting else { throw refusal("this nests deeper than \(deepestNesting) levels") }
      let line = Int(place.line) + 1
      switch event.type {
      case YAML_SCALAR_EVENT:
        let scalar = event.data.scalar
        let text = String(
          decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.value == nil ? 0 : scalar.length),
          as: UTF8.self)
        let isBlock = scalar.style == YAML_LITERAL_SCALAR_STYLE || scalar.style == YAML_FOLDED_SCALAR_STYLE
        return (.text(text), isBlock ? line + 1 : line)
      case YAML_SEQUENCE_START_EVENT:
        var elements: [YAML] = []
        while let element = try value(&parser, depth: depth + 1) { elements.append(element.value) }
        return (.list(elements), line)
      case YAML_MAPPING_START_EVENT:
        var members: [Member] = []
        while let name = try value(&parser, depth: depth + 1) {
          guard case .text(let text) = name.value, let member = try value(&parser, depth: depth + 1) else {
            throw refusal("a name must be a text")
          }
          guard !members.contains(where: { $0.name == text }) else { throw refusal("`\(text)` stands here twice") }
          members.append(Member(name: text, value: member.value, line: name.line, valueLine: member.line))
        }
        return (.members(members), line)
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
