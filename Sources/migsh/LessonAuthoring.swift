import CommandLanguage
import Course
import Glibc
import LineEditor
import Shell

/// The files that `migsh lesson new` and `migsh lesson translate` write for authors and translators.
enum LessonAuthoring {
  /// Writes the skeleton of a lesson into a file that is not there yet.
  ///
  /// - Parameter argument: its name, or the path of its file.
  static func writeSkeleton(_ argument: String, isExercise: Bool) -> ScriptStatus {
    let ending = ".migsh"
    let path = argument.hasSuffix(ending) ? argument : argument + ending
    let name = String((path.split(separator: "/").last ?? "").dropLast(ending.count))
    guard let text = LessonSkeleton.text(name: name, isExercise: isExercise) else {
      return refuse(
        "`\(name)` is no name for a lesson: letters, digits and `-`, a letter first, no word of the language")
    }
    if let status = writeNew(text, to: path) { return status }
    Terminal.write(
      """
      wrote \(path); it is proved as it is, and its comments say what to put in place of what
        migsh test \(path)
        migsh lesson \(path.contains("/") ? path : "./" + path)
      In a course, add it to course.yaml. There a solution may use only what this lesson and those before it teach.

      """)
    return .success
  }

  /// Writes the texts of a lesson, with room for their translations, into the file beside it.
  static func writeTranslation(of lesson: String, into code: String, isUpdate: Bool) -> ScriptStatus {
    guard let language = LessonLanguage(code) else {
      return refuse("`\(code)` is no code of a language: two or three letters, as in de or pt-BR")
    }
    let file = InstalledLessons.file(lesson)
    do {
      let table = Session { _ in }.table
      let lesson = try Lesson(parsing: try readSource(file), table: table)
      let path = TranslationFiles.path(of: language, beside: file)
      guard isUpdate else {
        let status = writeNew(
          lesson.translationSkeleton(into: language), to: path,
          remedy: "`--update` keeps what it has, and adds what is missing")
        if let status { return status }
        Terminal.write("wrote \(path); `migsh test \(file)` says what is still to be translated\n")
        return .success
      }
      let old = try TranslationFiles.translation(into: language, beside: file)
      try writeFile(lesson.translationSkeleton(into: language, keeping: old), to: path)
      Terminal.write("brought \(path) up to date; `migsh test \(file)` says what is still to be translated\n")
      return .success
    } catch {
      Terminal.writeError(describe(error, of: file) + "\n")
      return .usage
    }
  }

  /// Writes a file that must not be there yet.
  ///
  /// - Returns: nil when that was done.
  private static func writeNew(_ text: String, to path: String, remedy: String? = nil) -> ScriptStatus? {
    do throws(FileError) {
      try writeNewFile(text, to: path)
      return nil
    } catch {
      guard error.saysItExists else { return refuse("\(path): \(error)") }
      return refuse("\(path) is there already, and is not overwritten\(remedy.map { "; \($0)" } ?? "")")
    }
  }

  private static func refuse(_ message: String) -> ScriptStatus {
    Terminal.writeError("migsh: \(printable(message))\n")
    return .usage
  }
}
