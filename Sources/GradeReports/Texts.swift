import Course
import Shell

/// Base64 (RFC 4648).
enum Base64 {
  private static let signs = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encoded(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var signs: [UInt8] = []
    signs.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let part = bytes[start..<min(start + 3, bytes.count)]
      let bits = (0..<3).reduce(UInt32(0)) { $0 << 8 | ($1 < part.count ? UInt32(part[start + $1]) : 0) }
      for place in 0..<4 {
        signs.append(place <= part.count ? Self.signs[Int(bits >> UInt32(18 - 6 * place) & 63)] : UInt8(ascii: "="))
      }
    }
    return String(decoding: signs, as: UTF8.self)
  }
}

/// Texts as markup has them.
enum Markup {
  /// A text as XML and HTML have it: it shows, and does nothing else.
  static func escaped(_ text: String) -> String {
    escapedForXML(InertText.lines(text)).replacing("'", with: "&#39;")
  }

  /// A text as the value of an attribute, on one line.
  static func attribute(_ text: String) -> String { escaped(InertText.line(text, bytes: Most.textBytes)) }
}

/// Names that are told apart: a name that was there before gets a number.
struct UniqueNames {
  private var used: Set<String> = []

  /// - Parameter bytes: how long the name may be.
  mutating func name(_ wanted: String, bytes: Int = .max) -> String {
    let name = wanted.isEmpty ? "?" : wanted.cut(toBytes: bytes)
    if used.insert(name).inserted { return name }
    for number in 2... {
      let ending = " (\(number))"
      let other = wanted.cut(toBytes: bytes - ending.utf8.count) + ending
      if used.insert(other).inserted { return other }
    }
    return name
  }
}

/// How long names and texts in reports may be.
enum Most {
  static let nameBytes = 200
  static let textBytes = 8192

  /// A cell of a table for spreadsheets.
  static func cell(_ text: String) -> String { InertText.cell(text, bytes: textBytes) }
}

extension GradeReport {
  /// The student's name, on one line.
  var shownStudent: String { InertText.line(student, bytes: Most.nameBytes) }
  /// The submission's file, on one line; the student's name when nobody said which file it is.
  var shownFile: String { InertText.line(file.isEmpty ? student : file, bytes: Most.nameBytes) }
  /// What went wrong first, on one line.
  var shownCause: String? { cause.map { InertText.line($0, bytes: Most.textBytes) } }

  /// All that went wrong with the submission as a whole, in lines; nil when nothing did.
  var shownProblems: String? {
    let parts = [statusText, fault == statusText ? nil : fault].compactMap { $0 } + problems.map(\.text) + idleSteps
    guard !parts.isEmpty else { return nil }
    let more = furtherProblems > 0 ? ["and \(furtherProblems) more"] : []
    return InertText.lines((parts + more).joined(separator: "\n"), bytes: Most.textBytes)
  }

  /// Points earned, with at most two decimals.
  var totalPoints: String { formatPoints(total) }
}

extension CheckResult {
  /// What there is to say, on one line.
  var shownExplanation: String? { explanation.map { InertText.line($0, bytes: Most.textBytes) } }
  /// Its name and marks.
  var shownName: String { InertText.line(name + marksText, bytes: Most.nameBytes) }
}

extension GradeReport.Step {
  /// Its name, on one line.
  var shownName: String { InertText.line(name, bytes: Most.nameBytes) }

  /// How many points it earned, and why not all, on one line.
  var shownAccount: String {
    InertText.line(account ?? "\(formatPoints(earned)) of \(points) points", bytes: Most.textBytes)
  }

  /// The verdicts on its checks, a line for each.
  var shownVerdicts: String {
    let lines = checks.map { check in
      "\(verdictText(check))  \(check.shownName)" + (check.shownExplanation.map { ": \($0)" } ?? "")
    }
    return lines.joined(separator: "\n").cut(toBytes: Most.textBytes)
  }
}
