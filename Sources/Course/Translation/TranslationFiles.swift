import CommandLanguage
import Shell

/// The files with translations, which lie beside their lessons: `why-move.de.yaml` beside `why-move.migsh`.
public enum TranslationFiles {
  private static let lessonEnding = ".migsh"
  private static let ending = ".yaml"

  /// Where the translation of a lesson is, or would be.
  ///
  /// - Parameter lesson: the lesson's file.
  public static func path(of language: LessonLanguage, beside lesson: String) -> String {
    "\(beginning(of: lesson)).\(language.code)\(ending)"
  }

  private static func beginning(of lesson: String) -> String {
    lesson.hasSuffix(lessonEnding) ? String(lesson.dropLast(lessonEnding.count)) : lesson
  }

  /// The lesson beside which a file would be a translation; nil for a file with another kind of name.
  public static func lesson(ofTranslation path: String) -> String? {
    guard path.hasSuffix(ending) else { return nil }
    let stem = path.dropLast(ending.count)
    guard let point = stem.lastIndex(of: "."), LessonLanguage(String(stem[stem.index(after: point)...])) != nil else {
      return nil
    }
    return stem[..<point] + lessonEnding
  }

  /// The languages into which a lesson is translated, in alphabetical order.
  public static func languages(beside lesson: String) -> [LessonLanguage] {
    let folder = lesson.lastIndex(of: "/").map { String(lesson[...$0]) } ?? ""
    let name = beginning(of: lesson).dropFirst(folder.count) + "."
    let files = (try? entries(ofFolder: folder.isEmpty ? "." : folder)) ?? []
    return files.filter { $0.hasPrefix(name) && $0.hasSuffix(ending) }.compactMap { file in
      let code = String(file.dropFirst(name.count).dropLast(ending.count))
      return LessonLanguage(code).flatMap { $0.code == code ? $0 : nil }
    }
    .sorted { $0.code < $1.code }
  }

  /// The language into which a lesson is translated that comes nearest to what is wanted: `pt` where there is no `pt-BR`.
  static func nearest(to wanted: LessonLanguage, beside lesson: String) -> LessonLanguage? {
    let there = languages(beside: lesson)
    return wanted.candidates.first { there.contains($0) }
  }

  /// Reads a translation.
  ///
  /// - Throws: a `Diagnostic` when it cannot be understood, a `FileError` when it cannot be read.
  public static func translation(into language: LessonLanguage, beside lesson: String) throws -> LessonTranslation {
    try LessonTranslation(parsing: try readSource(path(of: language, beside: lesson)), language: language)
  }
}

/// The language in which somebody wants to read.
public struct WantedLanguage: Sendable {
  /// The language.
  public let language: LessonLanguage
  /// Whether it was asked for by name. What the environment says is a wish, and nothing is said when it cannot be met.
  public let isAskedFor: Bool

  public init(_ language: LessonLanguage, isAskedFor: Bool) {
    self.language = language
    self.isAskedFor = isAskedFor
  }
}

extension Lesson {
  /// The lesson in the language that is wanted, as far as it is translated.
  ///
  /// - Parameters:
  ///   - wanted: nil for the language in which it was written.
  ///   - path: the lesson's file.
  /// - Returns: also what has to be said when the wish cannot be met.
  public func inLanguage(
    _ wanted: WantedLanguage?, path: String, table: CommandTable
  ) -> (lesson: Lesson, notice: String?) {
    guard let wanted else { return (self, nil) }
    guard let language = TranslationFiles.nearest(to: wanted.language, beside: path) else {
      guard wanted.isAskedFor else { return (self, nil) }
      let others = TranslationFiles.languages(beside: path).map(\.code)
      let there = others.isEmpty ? "" : "; there is \(others.joined(separator: ", "))"
      return (
        self, "\(name) is not translated into `\(wanted.language.code)`, so it is shown as it was written\(there)"
      )
    }
    do {
      let translation = try TranslationFiles.translation(into: language, beside: path)
      return (translated(by: translation, table: table), nil)
    } catch let mistake as Diagnostic {
      return (self, "the translation cannot be read, so the lesson is shown as it was written:\n\(mistake.rendered())")
    } catch {
      return (self, "the translation cannot be read, so the lesson is shown as it was written: \(error)")
    }
  }
}
