import Shell

/// Parts of a JSON Schema (draft 2020-12).
package enum Schema {
  /// A whole schema: the first definition is what a document must be.
  package static func document(_ title: String, _ description: String, _ definitions: [(String, JSON)]) -> JSON {
    .object([
      ("$schema", .string("https://json-schema.org/draft/2020-12/schema")), ("title", .string(title)),
      ("description", .string(description)), ("$ref", .string("#/$defs/\(definitions.first?.0 ?? "")")),
      ("$defs", .object(definitions)),
    ])
  }

  /// SHA-256 in hexadecimal digits.
  package static var digest: JSON {
    .object([("type", .string("string")), ("pattern", .string("^[0-9a-f]{64}$"))])
  }

  /// Any text.
  package static var text: JSON { type("string") }
  /// Points, which are never negative.
  package static var points: JSON { .object([("type", .string("number")), ("minimum", .integer(0))]) }

  /// A value of a type of JSON.
  package static func type(_ name: String) -> JSON { .object([("type", .string(name))]) }
  /// One text, and no other.
  package static func constant(_ text: String) -> JSON { .object([("const", .string(text))]) }
  /// What a definition says.
  package static func reference(_ name: String) -> JSON { .object([("$ref", .string("#/$defs/\(name)"))]) }
  /// That, or null.
  package static func orNull(_ kind: JSON) -> JSON { .object([("anyOf", .array([kind, type("null")]))]) }
  /// A whole number from 0 on.
  package static func natural(_ most: UInt64? = nil) -> JSON {
    .object(
      [("type", .string("integer")), ("minimum", .integer(0))]
        + (most.map { [("maximum", .integer(Int64(clamping: $0)))] } ?? []))
  }
  /// A list of what a definition says.
  package static func list(_ name: String) -> JSON {
    .object([("type", .string("array")), ("items", reference(name))])
  }
  /// One of the words of a type.
  package static func words<Word: RawRepresentable<String> & CaseIterable>(_: Word.Type) -> JSON {
    .object([("enum", .array(Word.allCases.map { .string($0.rawValue) }))])
  }

  /// An object with all of these members, and no other.
  package static func object(_ members: [(name: String, kind: JSON, description: String)]) -> JSON {
    .object([
      ("type", .string("object")), ("additionalProperties", .boolean(false)),
      ("required", .array(members.map { .string($0.name) })),
      (
        "properties",
        .object(
          members.map { name, kind, description in
            guard case .object(let parts) = kind else { return (name, kind) }
            return (name, .object(parts + [("description", .string(description))]))
          })
      ),
    ])
  }
}
