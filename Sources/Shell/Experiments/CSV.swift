/// Comma-separated values, as RFC 4180 has them, with lines that end in newlines.
package enum CSV {
  /// A text as one field: in quotes where it could be taken for something else. `#` begins a comment for many readers.
  package static func field(_ text: String) -> String {
    let needsQuotes =
      text.isEmpty || text.hasPrefix(" ") || text.hasSuffix(" ")
      || text.unicodeScalars.contains { ",\"#\n\r".unicodeScalars.contains($0) }
    return needsQuotes ? "\"\(text.replacing("\"", with: "\"\""))\"" : text
  }

  /// Texts as one record, with the newline that ends it.
  package static func record(_ texts: [String]) -> String { texts.map(field).joined(separator: ",") + "\n" }

  /// Cuts a text into records, each with the newline that ends it. Newlines inside quotes end none.
  ///
  /// - Returns: nil when the last record does not end.
  package static func records(_ text: Substring) -> [Substring]? {
    var records: [Substring] = []
    var start = text.startIndex
    var isQuoted = false
    for index in text.utf8.indices {
      switch text.utf8[index] {
      case UInt8(ascii: "\""): isQuoted.toggle()
      case UInt8(ascii: "\n") where !isQuoted:
        let next = text.utf8.index(after: index)
        records.append(text[start..<next])
        start = next
      default: break
      }
    }
    return start == text.endIndex ? records : nil
  }

  /// The fields of a record, without their quotes.
  package static func fields(_ record: Substring) -> [String] {
    var fields: [String] = []
    var field: [UInt8] = []
    var isQuoted = false
    var wasQuote = false
    for byte in record.utf8 {
      switch byte {
      case UInt8(ascii: "\""):
        // The second of two quotes inside quotes stands for itself.
        if !isQuoted, wasQuote { field.append(byte) }
        isQuoted.toggle()
        wasQuote = !isQuoted
        continue
      case UInt8(ascii: ",") where !isQuoted:
        fields.append(String(decoding: field, as: UTF8.self))
        field = []
      case UInt8(ascii: "\n") where !isQuoted: break
      default: field.append(byte)
      }
      wasQuote = false
    }
    return fields + [String(decoding: field, as: UTF8.self)]
  }
}
