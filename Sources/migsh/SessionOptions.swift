import ArgumentParser
import Course
import Glibc
import Shell

/// The options of every subcommand that executes commands.
struct SessionOptions: ParsableArguments {
  @Option(help: "The seed of everything random.")
  var seed: UInt64 = 1

  @Option(help: "What commands print: text, json for one object a command, or csv for their data.")
  var format: Session.Format = .text

  @Flag(help: "For a screen reader: tell pictures in sentences, and show only what is typed.")
  var plain = false

  @Flag(help: "Show every command before it is executed.")
  var echo = false

  @Flag(help: "Go on after an error.")
  var keepGoing = false

  @Flag(help: "Check after every event what must always hold, and run everything twice.")
  var checkInvariants = false

  @Option(
    help: ArgumentHelp(
      "The language of lessons that are translated, such as de. By default that of LC_ALL, LC_MESSAGES or LANG.",
      valueName: "code"))
  var language: LessonLanguage?

  func validate() throws {
    guard seed <= UInt64(Int64.max) else { throw ValidationError("--seed takes a number from 0 to \(Int64.max).") }
  }
}

/// The same options as values, for who starts without a parser.
struct BatchSettings {
  var seed: UInt64 = 1
  var format: Session.Format = .text
  var plain = false
  var echo = false
  var keepGoing = false
  var checkInvariants = false
  /// The folder of the course; nil for the one that is found.
  var lessons: String?
  /// The language of lessons; nil for the one in which they were written.
  var language: WantedLanguage? = LessonLanguage.ofEnvironment { name in
    getenv(name).map { String(cString: $0) }
  }
  .map { WantedLanguage($0, isAskedFor: false) }
}

extension SessionOptions {
  var settings: BatchSettings {
    var settings = BatchSettings(
      seed: seed, format: format, plain: plain, echo: echo, keepGoing: keepGoing, checkInvariants: checkInvariants)
    if let language { settings.language = WantedLanguage(language, isAskedFor: true) }
    return settings
  }
}

extension SessionOptions {
  private static let switches = ["--plain", "--echo", "--keep-going", "--check-invariants"]
  private static let valued = ["--seed", "--format", "--language"]
  /// The subcommands that take these options.
  private static let subcommands = ["shell", "run", "lesson"]

  /// Arguments in which options stand behind the name of the subcommand that are typed in front of it, as in
  /// `migsh --plain lesson why-move`.
  static func movedBehindSubcommand(_ arguments: [String]) -> [String] {
    var rest = arguments[...]
    while let option = rest.first {
      if switches.contains(option) || valued.contains(where: { option.hasPrefix($0 + "=") }) {
        rest = rest.dropFirst()
      } else if valued.contains(option) {
        rest = rest.dropFirst(2)
      } else {
        break
      }
    }
    guard rest.startIndex > 0, let name = rest.first, subcommands.contains(name) else { return arguments }
    return [name] + arguments[..<rest.startIndex] + rest.dropFirst()
  }
}

extension Session.Format: ExpressibleByArgument {}

extension LessonLanguage: ExpressibleByArgument {
  /// - Parameter argument: its code.
  public init?(argument: String) { self.init(argument) }
}
