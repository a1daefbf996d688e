import CommandLanguage

/// The schema of JSON output (JSON Schema, draft 2020-12), made from what each command declares of its data.
///
/// The member `name` of a record says which definition its data must fit. So a validator says what is wrong with the one
/// definition that has the command's name, and not that none of all fits.
struct OutputSchema {
  /// The members of a schema.
  private typealias Members = [(String, JSON)]

  private static let null: Members = [("type", .string("null"))]

  /// Shapes with names of their own, in the order of their first use.
  private var shared: [SharedShape] = []

  /// The schema of what the commands of a table say.
  static func json(_ table: CommandTable) -> JSON {
    var schema = OutputSchema()
    return schema.record(table.all.filter { !$0.isUserDefined })
  }

  private mutating func record(_ specs: [CommandSpec]) -> JSON {
    var definitions: Members = []
    let rules = rules(specs, &definitions)
    let written = members(of: .shared(.written))
    let record = Record.members(names: specs.map(\.name))
    let properties = record.map { ($0.name, property($0)) }
    // The definition of one shared shape may be the first to use another.
    var next = 0
    while next < shared.count {
      definitions.append((shared[next].name, described(shared[next].shape, shared[next].summary)))
      next += 1
    }
    let isError = Self.propertyIs("error", [("type", .string("object"))])
    let ofError: Members = [("ok", .object([("const", .boolean(false))])), ("data", .object(Self.null))]
    return .object([
      ("$schema", .string("https://json-schema.org/draft/2020-12/schema")), ("$id", .string(Record.address)),
      ("title", .string("What one command of migsh said, version \(Record.version)")), ("type", .string("object")),
      ("required", .array(record.filter(\.isAlwaysThere).map { .string($0.name) })),
      ("additionalProperties", .boolean(false)), ("properties", .object(properties)),
      ("if", isError), ("then", .object([("properties", .object(ofError))])),
      (
        "else",
        .object([("if", Self.propertyIs("data", written)), ("else", .object([("allOf", .array(rules))]))])
      ), ("$defs", .object(definitions)),
    ])
  }

  /// For each name of a record, what its data must be. Adds the definitions to which that leads.
  private mutating func rules(_ specs: [CommandSpec], _ definitions: inout Members) -> [JSON] {
    var rules: [JSON] = []
    var silent: [JSON] = []
    for spec in specs {
      let shape = Commands.dataShape(of: spec.name)
      if case .nothing = shape {
        silent.append(.string(spec.name))
        continue
      }
      let key = spec.words.joined(separator: "-")
      definitions.append((key, .object([("title", .string(spec.name))] + members(of: shape, spec.summary))))
      rules.append(Self.rule([("const", .string(spec.name))], Self.reference(key)))
    }
    rules.append(Self.rule([("enum", .array(silent))], Self.null))
    rules.append(Self.rule(Self.null, members(of: .shared(.lesson))))
    return rules
  }

  /// What data must be when the name fits.
  private static func rule(_ name: Members, _ data: Members) -> JSON {
    .object([("if", propertyIs("name", name)), ("then", propertyIs("data", data))])
  }

  private static func propertyIs(_ name: String, _ schema: Members) -> JSON {
    .object([("properties", .object([(name, .object(schema))]))])
  }

  private static func reference(_ definition: String) -> Members { [("$ref", .string("#/$defs/\(definition)"))] }

  // MARK: - Shapes

  private mutating func described(_ shape: DataShape, _ summary: String) -> JSON {
    .object(members(of: shape, summary))
  }

  private mutating func members(of shape: DataShape, _ summary: String) -> Members {
    [("description", .string(summary))] + members(of: shape)
  }

  private mutating func property(_ member: DataShape.Member) -> JSON {
    described(member.shape, member.summary + (member.shape.unit.map { ", \($0)" } ?? ""))
  }

  private mutating func json(_ shape: DataShape) -> JSON { .object(members(of: shape)) }

  private mutating func members(of shape: DataShape) -> Members {
    switch shape {
    case .nothing: return Self.null
    case .boolean: return [("type", .string("boolean"))]
    case .count, .time, .size, .rate: return [("type", .string("integer")), ("minimum", .integer(0))]
    case .number: return [("type", .string("number"))]
    case .share: return [("type", .string("number")), ("minimum", .integer(0)), ("maximum", .integer(1))]
    case .text, .node, .process: return [("type", .string("string"))]
    case .constant(let number): return [("const", .integer(Int64(number)))]
    case .word(let words): return [("enum", .array(words.map { .string($0) }))]
    case .anything: return []
    case .schema: return [("type", .string("object"))]
    case .optional(let shape): return orNull(members(of: shape))
    case .list(let element): return [("type", .string("array")), ("items", json(element))]
    case .object(let content):
      return [
        ("type", .string("object")), ("required", .array(content.filter(\.isAlwaysThere).map { .string($0.name) })),
        ("additionalProperties", .boolean(false)), ("properties", .object(content.map { ($0.name, property($0)) })),
      ]
    case .named(let value, let count):
      return [
        ("type", .string("object")), ("minProperties", .integer(Int64(count.lowerBound))),
        ("maxProperties", .integer(Int64(count.upperBound))), ("additionalProperties", json(value)),
      ]
    case .shared(let shape):
      if !shared.contains(where: { $0.name == shape.name }) { shared.append(shape) }
      return Self.reference(shape.name)
    case .either(let shapes): return [("anyOf", .array(shapes.map { json($0) }))]
    case .unlessStopped(let own): return members(of: .either([own, .shared(.stopped)]))
    }
  }

  private func orNull(_ schema: Members) -> Members {
    guard let first = schema.first else { return [] }
    switch first {
    case ("type", let type): return [("type", .array([type, .string("null")]))] + schema.dropFirst()
    case ("enum", .array(let words)): return [("enum", .array(words + [.null]))]
    default: return [("anyOf", .array([.object(schema), .object(Self.null)]))]
    }
  }
}

extension DataShape {
  /// The unit of its numbers; nil when they have none.
  fileprivate var unit: String? {
    switch self {
    case .time: "in nanoseconds"
    case .size: "in bytes"
    case .rate: "in bits a second"
    case .share: "as a fraction of 1"
    case .optional(let shape): shape.unit
    case .list(let element): element.unit.map { "each \($0)" }
    case .nothing, .boolean, .count, .number, .text, .constant, .word, .node, .process, .anything, .schema, .object,
      .named, .shared, .either, .unlessStopped:
      nil
    }
  }
}
