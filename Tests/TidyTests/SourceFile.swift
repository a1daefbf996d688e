import Foundation

/// A Swift file as lines: as they are written, and as code alone.
struct SourceFile {
  /// From the top of the repository.
  let path: String
  let lines: [String]
  /// The same lines without comments, and without what stands inside string literals: so that every brace counts.
  let code: [String]

  init(path: String, text: String) {
    self.path = path
    lines = text.components(separatedBy: "\n")
    code = Self.codeAlone(Array(text.utf8)).components(separatedBy: "\n")
  }

  /// How many lines there are; that the last one ends makes no further one.
  var lineCount: Int { lines.last == "" ? lines.count - 1 : lines.count }

  private static func codeAlone(_ text: [UInt8]) -> String {
    var code: [UInt8] = []
    var place = 0
    var depth = 0
    while place < text.count {
      if depth > 0 {
        skipComment(text, &place, &depth, &code)
      } else if starts(text, at: place, with: "//") {
        while place < text.count, text[place] != newline { place += 1 }
      } else if starts(text, at: place, with: "/*") {
        depth = 1
        place += 2
      } else if text[place] == quotationMark || text[place] == hash && isRawString(text, at: place) {
        skipString(text, &place, &code)
      } else {
        code.append(text[place])
        place += 1
      }
    }
    return String(decoding: code, as: UTF8.self)
  }

  private static let newline = UInt8(ascii: "\n")
  private static let quotationMark = UInt8(ascii: "\"")
  private static let hash = UInt8(ascii: "#")

  private static func starts(_ text: [UInt8], at place: Int, with word: String) -> Bool {
    text[place...].starts(with: word.utf8)
  }

  private static func isRawString(_ text: [UInt8], at place: Int) -> Bool {
    text[place...].first { $0 != hash } == quotationMark
  }

  /// Goes on by one mark or one character inside comments, `depth` of them one in the other.
  private static func skipComment(_ text: [UInt8], _ place: inout Int, _ depth: inout Int, _ code: inout [UInt8]) {
    if starts(text, at: place, with: "*/") {
      depth -= 1
      place += 2
    } else if starts(text, at: place, with: "/*") {
      depth += 1
      place += 2
    } else {
      skipCharacter(text, &place, &code)
    }
  }

  private static func skipCharacter(_ text: [UInt8], _ place: inout Int, _ code: inout [UInt8]) {
    if place < text.count, text[place] == newline { code.append(newline) }
    place += 1
  }

  /// Leaves of a string literal two quotation marks and the ends of its lines. Interpolations are skipped with it,
  /// whatever strings they hold.
  private static func skipString(_ text: [UInt8], _ place: inout Int, _ code: inout [UInt8]) {
    let marks = String(repeating: "#", count: text[place...].prefix { $0 == hash }.count)
    place += marks.count
    let quote = starts(text, at: place, with: "\"\"\"") ? "\"\"\"" : "\""
    place += quote.count
    code += "\"\"".utf8
    let (end, escape) = (quote + marks, "\\" + marks)
    while place < text.count, !starts(text, at: place, with: end) {
      if starts(text, at: place, with: escape + "(") {
        place += escape.count + 1
        skipInterpolation(text, &place, &code)
      } else {
        if starts(text, at: place, with: escape) { place += escape.count }
        skipCharacter(text, &place, &code)
      }
    }
    place += end.count
  }

  private static func skipInterpolation(_ text: [UInt8], _ place: inout Int, _ code: inout [UInt8]) {
    var depth = 1
    while place < text.count, depth > 0 {
      if text[place] == quotationMark {
        var skipped: [UInt8] = []
        skipString(text, &place, &skipped)
        code += skipped.filter { $0 == newline }
      } else {
        if text[place] == UInt8(ascii: "(") { depth += 1 }
        if text[place] == UInt8(ascii: ")") { depth -= 1 }
        skipCharacter(text, &place, &code)
      }
    }
  }
}
