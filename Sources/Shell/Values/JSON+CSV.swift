extension JSON {
  /// The value as comma-separated values, with a line of names first: a row for each object of a list, or one row for an
  /// object. What has parts of its own stands in its field as JSON. Empty for nothing.
  var commaSeparated: String {
    switch self {
    case .null: return ""
    case .object: return Self.table([self])
    case .array(let elements): return Self.table(elements)
    case .boolean, .integer, .number, .string: return Self.table([.object([("value", self)])])
    }
  }

  private static func table(_ rows: [JSON]) -> String {
    let objects = rows.map { row in if case .object(let members) = row { members } else { [("value", row)] } }
    // Rows of one table may differ in what they have.
    var names: [String] = []
    var known: Set<String> = []
    for case (let name, _) in objects.joined() where known.insert(name).inserted { names.append(name) }
    guard !names.isEmpty else { return "" }
    var text = CSV.record(names)
    for members in objects {
      let values = Dictionary(members) { first, _ in first }
      text += names.map { values[$0]?.csvField ?? "" }.joined(separator: ",") + "\n"
    }
    return text
  }

  private var csvField: String {
    switch self {
    case .null: ""
    case .string(let text): CSV.field(text)
    case .boolean, .integer, .number: encoded
    case .array, .object: CSV.field(encoded)
    }
  }
}
