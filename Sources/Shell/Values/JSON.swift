/// A JSON value (RFC 8259). Keys keep the order in which they were given.
public enum JSON: Sendable, Equatable {
  case null
  case boolean(Bool)
  case integer(Int64)
  /// JSON has only finite numbers. Any other is encoded as `null`.
  case number(Double)
  case string(String)
  case array([JSON])
  case object([(String, JSON)])

  public static func == (left: JSON, right: JSON) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.boolean(let left), .boolean(let right)): left == right
    case (.integer(let left), .integer(let right)): left == right
    case (.number(let left), .number(let right)): left == right
    case (.string(let left), .string(let right)): left == right
    case (.array(let left), .array(let right)): left == right
    case (.object(let left), .object(let right)):
      left.count == right.count && zip(left, right).allSatisfy { $0.0 == $1.0 && $0.1 == $1.1 }
    default: false
    }
  }

  /// The text of the value, on one line.
  public var encoded: String {
    var text = ""
    write(to: &text)
    return text
  }

  /// The text of the value, in lines: what is short stands on one.
  public var indented: String {
    var text = ""
    write(to: &text, indent: "", room: Self.usualWidth)
    return text + "\n"
  }

  private static let usualWidth = 110

  /// - Parameter room: the columns that are left in the line.
  private func write(to text: inout String, indent: String, room: Int) {
    let line = encoded
    guard line.utf8.count > room else {
      text += line
      return
    }
    let inside = indent + "  "
    func parts<Part>(_ parts: [Part], _ brackets: (String, String), _ writePart: (Part) -> Void) {
      text += brackets.0
      for (index, part) in parts.enumerated() {
        text += (index > 0 ? ",\n" : "\n") + inside
        writePart(part)
      }
      text += "\n" + indent + brackets.1
    }
    switch self {
    case .array(let elements):
      parts(elements, ("[", "]")) { $0.write(to: &text, indent: inside, room: Self.usualWidth - inside.count - 1) }
    case .object(let members):
      parts(members, ("{", "}")) { name, value in
        Self.write(name, to: &text)
        text += ": "
        value.write(to: &text, indent: inside, room: Self.usualWidth - inside.count - name.utf8.count - 5)
      }
    case .null, .boolean, .integer, .number, .string: text += line
    }
  }

  private func write(to text: inout String) {
    switch self {
    case .null: text += "null"
    case .boolean(let truth): text += truth ? "true" : "false"
    case .integer(let number): text += String(number)
    case .number(let number): text += number.isFinite ? number.description : "null"
    case .string(let string): Self.write(string, to: &text)
    case .array(let elements):
      text += "["
      for (index, element) in elements.enumerated() {
        if index > 0 { text += "," }
        element.write(to: &text)
      }
      text += "]"
    case .object(let members):
      text += "{"
      for (index, member) in members.enumerated() {
        if index > 0 { text += "," }
        Self.write(member.0, to: &text)
        text += ":"
        member.1.write(to: &text)
      }
      text += "}"
    }
  }

  private static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      // JSON allows the last three as they are, but some programs take them for the end of a line.
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
