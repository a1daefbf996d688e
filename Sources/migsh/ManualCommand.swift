import ArgumentParser
import CommandLanguage
import Shell

/// `migsh manual`: the manual page, which `Scripts/install` installs.
struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual", abstract: "Print the manual page, for man.", shouldDisplay: false)

  func run() throws { Terminal.write(ManualPage.text) }
}

/// The manual page in the macros of mdoc, made from what the program knows of itself.
enum ManualPage {
  private static let date = "November 30, 2026"

  static var text: String {
    let help = (try? JSON(parsing: Array(Migsh._dumpHelp().utf8)))?["command"] ?? .null
    let commands = subcommands(of: help, after: "")
    return heading + synopsis(commands) + description(help) + section("Subcommands", commands.map(subcommand).joined())
      + general(help) + environment + files + statuses + examples + seeAlso
  }

  private static let heading = """
    .Dd \(date)
    .Dt MIGSH 1
    .Os
    .Sh NAME
    .Nm migsh
    .Nd \(escaped("a shell for process migration in distributed systems"))

    """

  // MARK: - Parts

  private static func section(_ title: String, _ content: String) -> String {
    ".Sh \(title.uppercased())\n" + content
  }

  private static func synopsis(_ commands: [(name: String, help: JSON)]) -> String {
    let lines = commands.map { name, command -> String in
      let arguments = arguments(of: command)
      let operands = arguments.filter { $0["kind"]?.text == "positional" }.map { argument in
        let macro = "Ar \(value(of: argument))" + (argument["isRepeating"] == .boolean(true) ? " ..." : "")
        return argument["isOptional"] == .boolean(true) ? " Op \(macro)" : " \(macro)"
      }
      // The shell needs no word of its own.
      let word = name == "shell" ? "" : "\n.Cm \(escaped(name))"
      let options = arguments.contains { $0["kind"]?.text != "positional" } ? "\n.Op Ar options" : ""
      return ".Nm" + word + options + operands.map { "\n." + $0.dropFirst() }.joined() + "\n"
    }
    return section("Synopsis", lines.joined())
  }

  private static func description(_ help: JSON) -> String {
    let introduction = """
      In migsh a person builds a small distributed system, runs processes on it, moves them between nodes while they run, \
      and sees exactly what that cost and what it broke. The same commands are typed, executed from a file, taught in a \
      lesson, or graded.
      """
    // What is said of exit statuses has a section of its own.
    let rest = paragraphs(help["discussion"]?.text).filter { !$0.hasPrefix("Exit status") }
    let topics = "The commands of the shell tell of themselves: type help in it, or migsh -c 'help all'."
    return section("Description", ([introduction] + rest + [topics]).map(escapedText).joined(separator: ".Pp\n"))
  }

  private static func subcommand(_ name: String, _ command: JSON) -> String {
    let abstract = escapedText(command["abstract"]?.text ?? "")
    let discussion = paragraphs(command["discussion"]?.text).map { ".Pp\n" + escapedText($0) }.joined()
    return ".Ss migsh \(escaped(name))\n" + abstract + discussion + list(arguments(of: command))
  }

  /// What every command takes.
  private static func general(_ help: JSON) -> String {
    let shared = (help["arguments"]?.elements ?? []).filter(isShown)
    let completion = """
      .It Fl -generate-completion-script Ar shell
      Print a script with which bash, zsh or fish completes what is typed.

      """
    return section(
      "Options of every command", ".Bl -tag -width Ds\n" + shared.map(item).joined() + completion + ".El\n")
  }

  private static func list(_ arguments: [JSON]) -> String {
    arguments.isEmpty ? "" : ".Bl -tag -width Ds\n" + arguments.map(item).joined() + ".El\n"
  }

  private static func item(_ argument: JSON) -> String {
    var text = escapedText(argument["abstract"]?.text ?? "")
    let choices = argument["allValues"]?.elements?.compactMap(\.text) ?? []
    if !choices.isEmpty { text += escapedText("One of \(choices.joined(separator: ", ")).") }
    if let usual = argument["defaultValue"]?.text { text += escapedText("By default \(usual).") }
    return ".It \(notation(argument))\n" + text
  }

  private static let environment: String = {
    let items = EnvironmentVariable.allCases.map { ".It Ev \($0.rawValue)\n" + escapedText($0.meaning) }
    return section("Environment", ".Bl -tag -width Ds\n" + items.joined() + ".El\n")
  }()

  private static let files = section(
    "Files",
    """
    .Bl -tag -width Ds
    .It Pa share/migsh/Lessons
    The lessons and exercises that have names, beside the folder of the program.
    .It Pa ~/.local/state/migsh/history
    What was typed at the prompt.
    .It Pa ~/.editrc
    Settings of the line editor, see
    .Xr editrc 5 .
    .El

    """)

  private static let statuses: String = {
    var meanings = ScriptStatus.allCases.map { (Int($0.rawValue), $0.meaning) }
    meanings.append((5, "migsh torture found that something does not end."))
    meanings.sort { $0.0 < $1.0 }
    let items = meanings.map { ".It \($0.0)\n" + escapedText($0.1) }
    return section("Exit status", ".Bl -tag -width Ds\n" + items.joined() + ".El\n")
  }()

  /// Commands with what they print, which the program itself says.
  private static let examples: String = {
    let commands = ["node add a b", "spawn p", "run 100ms", "migrate p b"]
    var output = ""
    var session = Session { output += $0 }
    _ = session.execute(SourceText(name: "", text: commands.joined(separator: "\n")))
    let typed = commands.map { "> \($0)" }.joined(separator: "\n")
    let shown = (typed + "\n\n" + output).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    return section(
      "Examples",
      """
      A process moves from one node to another, and migsh says what that cost.
      Typed at the prompt, or in a file for
      .Cm migsh run :
      .Bd -literal
      \(shown.map { escaped(String($0)) }.joined(separator: "\n"))
      .Ed
      .Pp
      A lesson that comes with migsh, by its name:
      .Dl migsh run total-freezing
      .Pp
      Mistakes in all scripts here, as data for an editor:
      .Dl migsh check --format json *.migsh

      """)
  }()

  private static let seeAlso = section("See also", ".Xr less 1 ,\n.Xr editrc 5\n")

  // MARK: - What the program says of itself

  /// The commands that do something, each with all words of its name: a command that has others below it does nothing itself.
  private static func subcommands(of command: JSON, after words: String) -> [(name: String, help: JSON)] {
    (command["subcommands"]?.elements ?? []).flatMap { command -> [(name: String, help: JSON)] in
      let word = command["commandName"]?.text ?? ""
      guard command["shouldDisplay"] != .boolean(false), word != "help" else { return [] }
      let below = subcommands(of: command, after: words + word + " ")
      return below.isEmpty ? [(words + word, command)] : below
    }
  }

  private static func value(of argument: JSON) -> String { "\\&" + escaped(argument["valueName"]?.text ?? "value") }

  /// The arguments of a command, without those that every command has.
  private static func arguments(of command: JSON) -> [JSON] {
    (command["arguments"]?.elements ?? []).filter { argument in
      let name = argument["preferredName"]?["name"]?.text
      return isShown(argument) && name != "help" && name != "version"
    }
  }

  private static func isShown(_ argument: JSON) -> Bool { argument["shouldDisplay"] != .boolean(false) }

  private static func notation(_ argument: JSON) -> String {
    let isOption = argument["kind"]?.text == "option"
    guard argument["kind"]?.text != "positional" else { return "Ar \(value(of: argument))" }
    let names = (argument["names"]?.elements ?? []).map { name -> String in
      let word = escaped(name["name"]?.text ?? "")
      return "Fl " + (name["kind"]?.text == "long" ? "-" + word : word)
    }
    return names.joined(separator: " , ") + (isOption ? " Ar \(value(of: argument))" : "")
  }

  private static func paragraphs(_ text: String?) -> [String] {
    (text ?? "").split(separator: "\n").map(String.init)
  }

  // MARK: - Text for mdoc

  /// Characters as themselves.
  private static func escaped(_ text: String) -> String {
    var line = text.replacing("\\", with: "\\e").replacing("-", with: "\\-").replacing("…", with: "...")
    if line.hasPrefix(".") || line.hasPrefix("'") { line = "\\&" + line }
    return line
  }

  private static let widestLine = 76

  /// A paragraph, each sentence on lines of its own, as mdoc wants it.
  private static func escapedText(_ text: String) -> String {
    var lines = [""]
    for word in text.split(separator: " ") {
      let isFull = escaped(lines[lines.count - 1] + " " + word).count > widestLine
      if isFull, !lines[lines.count - 1].isEmpty { lines.append("") }
      lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
      if word.hasSuffix("."), word.count > 1 { lines.append("") }
    }
    return lines.filter { !$0.isEmpty }.map { escaped($0) + "\n" }.joined()
  }
}

extension ScriptStatus {
  /// What it means, as a sentence.
  fileprivate var meaning: String {
    switch self {
    case .success: "All went well."
    case .failed: "An expectation or a check failed, or a text that was checked has mistakes."
    case .usage: "The program was called wrongly, or a text could not be read or understood."
    case .refused: "A command was refused while running."
    case .fault: "A fault of migsh."
    case .limit: "A limit was reached."
    case .interrupted: "It was interrupted."
    }
  }
}
