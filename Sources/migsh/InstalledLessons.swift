import Glibc
import Shell

/// The lessons that come with migsh. They have names, wherever the program is executed.
enum InstalledLessons {
  private static let ending = ".migsh"

  /// The folder with the lessons: what `MIGSH_LESSONS` names, or `share/migsh/Lessons` beside the program's `bin`, or `Lessons`
  /// in the sources from which the program was built. Nil when there is none.
  static let folder: String? = {
    if let named = getenv("MIGSH_LESSONS").map({ String(cString: $0) }), !named.isEmpty { return named }
    guard let program = realpath("/proc/self/exe", nil) else { return nil }
    defer { free(program) }
    var folders = String(cString: program).split(separator: "/").dropLast().map(String.init)
    let installed = "/" + (folders.dropLast() + ["share", "migsh", "Lessons"]).joined(separator: "/")
    if isFolder(installed) { return installed }
    // Swift builds into .build/MACHINE/release, below the sources.
    for _ in 0..<3 {
      _ = folders.popLast()
      let root = "/" + folders.joined(separator: "/")
      let sources = [root + "/Lessons/course.yaml", root + "/Package.swift"]
      if sources.allSatisfy({ access($0, R_OK) == 0 }) { return root + "/Lessons" }
    }
    return nil
  }()

  /// Where the lessons are, and their exercises.
  private static var folders: [String] { folder.map { [$0, $0 + "/exercises"] } ?? [] }

  /// The names of all lessons and exercises, in alphabetical order.
  static var names: [String] {
    let files = folders.flatMap { (try? entries(ofFolder: $0)) ?? [] }
    return Set(files.filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) }).sorted()
  }

  /// The file that an argument stands for: the one of that name, the lesson of that name, or the one of that name with the
  /// ending of scripts.
  static func file(_ argument: String) -> String {
    guard !argument.isEmpty, !argument.contains("/"), access(argument, F_OK) != 0 else { return argument }
    let name = argument.hasSuffix(ending) ? argument : argument + ending
    return folders.map { "\($0)/\(name)" }.first { access($0, F_OK) == 0 }
      ?? (access(name, F_OK) == 0 ? name : argument)
  }
}
