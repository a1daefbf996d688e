import ArgumentParser
import Glibc
import Shell

extension CompletionKind {
  /// Scripts and lessons in files, and the names of the lessons that come with migsh.
  static let scripts = CompletionKind.custom { _, _, prefix in ShellCompletion.candidates(prefix) }
}

/// What the shells offer when somebody types the arguments of migsh and presses Tab.
enum ShellCompletion {
  /// The script that a shell reads; nil when the program was not asked for one, or for that of a shell that is not known.
  static func script(_ arguments: [String]) -> String? {
    let option = "--generate-completion-script"
    guard let first = arguments.first, first == option || first.hasPrefix(option + "=") else { return nil }
    let name = first == option ? arguments.dropFirst().first ?? "" : String(first.dropFirst(option.count + 1))
    guard let shell = CompletionShell(rawValue: name) else { return nil }
    let script = Migsh.completionScript(for: shell)
    // Of what is offered to it, zsh would take a folder for a word that has come to its end. What it finds by itself, it
    // goes into.
    return shell == .zsh ? script.replacing(zshCompletes, with: zshCompletes + zshFiles) : script
  }

  private static let zshCompletes = "__migsh_complete \"${completions[@]:0:-1}\"\n    fi"
  private static let zshFiles = "\n    _files -g '*.migsh'"

  static func candidates(_ prefix: String) -> [String] {
    let names = InstalledLessons.names.filter { $0.hasPrefix(prefix) }
    return CompletionShell.requesting == .zsh ? names : names + files(prefix)
  }

  /// The scripts and folders that a path may go on to.
  private static func files(_ prefix: String) -> [String] {
    let folder = prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? ""
    let start = prefix.dropFirst(folder.count)
    let names = (try? entries(ofFolder: folder.isEmpty ? "." : folder)) ?? []
    return names.sorted().compactMap { name in
      // bash would execute what stands in `$(…)`.
      guard name.hasPrefix(start), name.hasPrefix(".") == start.hasPrefix("."), name.allSatisfy(isPlain) else {
        return nil
      }
      let path = folder + name
      if isFolder(path) { return CompletionShell.requesting == .bash ? path : path + "/" }
      return name.hasSuffix(".migsh") ? path : nil
    }
  }

  private static func isPlain(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || " ._-+@%,=".contains(character)
  }
}
