import ArgumentParser
import Shell

/// The options of every subcommand that executes commands.
struct SessionOptions: ParsableArguments {
  @Option(help: "The seed of everything random.")
  var seed: UInt64 = 1

  @Option(help: "What commands print: text, json for one object a command, or csv for their data.")
  var format: Session.Format = .text

  @Flag(help: "Tell pictures in sentences that a screen reader can read.")
  var plain = false

  @Flag(help: "Show every command before it is executed.")
  var echo = false

  @Flag(help: "Go on after an error.")
  var keepGoing = false

  @Flag(help: "Check after every event what must always hold, and run everything twice.")
  var checkInvariants = false

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
}

extension SessionOptions {
  var settings: BatchSettings {
    BatchSettings(
      seed: seed, format: format, plain: plain, echo: echo, keepGoing: keepGoing, checkInvariants: checkInvariants)
  }
}

extension Session.Format: ExpressibleByArgument {}
