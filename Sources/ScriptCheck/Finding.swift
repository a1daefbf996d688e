import CommandLanguage
import Shell

/// Something that `migsh check` or an editor tells about a text: a mistake, or what is hardly meant.
public struct Finding: Sendable, Equatable {
  /// How bad it is.
  public enum Severity: String, Sendable {
    /// The text cannot be executed.
    case error
    /// It can, and does not do what its author is likely to think.
    case warning
  }

  /// What kind of thing was found, for programs that read findings.
  public enum Code: String, Sendable, CaseIterable {
    case syntax, unused, unset, unreachable, redefined, unreadable, idle
  }

  /// How bad it is.
  public let severity: Severity
  /// What kind it is of.
  public let code: Code
  /// Where it is, and what is said of it.
  public let diagnostic: Diagnostic

  /// A mistake for which a text cannot be executed.
  public static func mistake(_ diagnostic: Diagnostic) -> Finding {
    Finding(severity: .error, code: .syntax, diagnostic: diagnostic)
  }

  static func warning(_ code: Code, _ diagnostic: Diagnostic) -> Finding {
    Finding(severity: .warning, code: code, diagnostic: diagnostic)
  }

  /// The finding for people, as the shell shows an error.
  public var text: String { diagnostic.rendered(kind: severity.rawValue) }

  /// The finding for programs. Lines and columns are counted from 1, in characters; `endColumn` is the one behind the last.
  public var json: JSON {
    var members: [(String, JSON)] = [
      ("file", .string(diagnostic.place.file)), ("line", .integer(Int64(diagnostic.place.line))),
      ("column", .integer(Int64(diagnostic.place.column))),
      ("endColumn", .integer(Int64(diagnostic.place.column + diagnostic.caretWidth))),
      ("severity", .string(severity.rawValue)), ("code", .string(code.rawValue)),
      ("message", .string(diagnostic.message)),
    ]
    if let expected = diagnostic.expected { members.append(("expected", .string(expected))) }
    if let suggestion = diagnostic.suggestion { members.append(("suggestion", .string(suggestion))) }
    if let remedy = diagnostic.remedy { members.append(("remedy", .string(remedy))) }
    return .object(members)
  }
}
