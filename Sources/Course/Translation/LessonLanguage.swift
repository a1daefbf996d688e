/// A language in which people read lessons: a code such as `de`, or `pt-BR` for one of a country.
public struct LessonLanguage: Sendable, Hashable {
  /// As it stands in the name of a file: the language in small letters, a country in capital ones.
  public let code: String

  /// - Parameter text: a code. A `_` may stand in place of `-`. Nil for what is no code.
  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).flatMap {
      $0.split(separator: "_", omittingEmptySubsequences: false)
    }
    guard let first = parts.first, (2...3).contains(first.count), first.allSatisfy(\.isPlainLetter),
      parts.dropFirst().allSatisfy({
        (2...8).contains($0.count) && $0.allSatisfy { $0.isPlainLetter || $0.isPlainDigit }
      })
    else { return nil }
    let rest = parts.dropFirst().map { $0.count == 2 ? $0.uppercased() : String($0) }
    code = ([first.lowercased()] + rest).joined(separator: "-")
  }

  /// The language that a user's environment asks for: that of the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set
  /// and not empty. Nil when that is `C`, or names no language.
  ///
  /// - Parameter variable: the value of a variable of the environment; nil for one that is not set.
  public static func ofEnvironment(_ variable: (String) -> String?) -> LessonLanguage? {
    let values = [variable("LC_ALL"), variable("LC_MESSAGES"), variable("LANG")]
    guard let locale = values.lazy.compactMap({ $0 }).first(where: { !$0.isEmpty }) else { return nil }
    return LessonLanguage(String(locale.prefix { $0 != "." && $0 != "@" }))
  }

  /// This language and the more general ones, the most special first: `pt-BR`, `pt`.
  var candidates: [LessonLanguage] {
    var found = [self]
    var text = code
    while let place = text.lastIndex(of: "-") {
      text = String(text[..<place])
      if let general = LessonLanguage(text) { found.append(general) }
    }
    return found
  }
}

extension Character {
  fileprivate var isPlainLetter: Bool { isASCII && isLetter }
  fileprivate var isPlainDigit: Bool { isASCII && isNumber }
}
