import ArgumentParser
import Shell

/// The options of every subcommand that executes commands.
struct SessionOptions: ParsableArguments {
  @Option(help: "The seed of everything random.")
  var seed: UInt64 = 1

  @Option(help: "What commands print: text, or json for one object a command.")
  var format: Session.Format = .text

  @Flag(help: "Show every command before it is executed.")
  var echo = false

  @Flag(help: "Go on after an error.")
  var keepGoing = false

  @Flag(help: "Check after every event what must always hold, and run everything twice.")
  var checkInvariants = false
}

extension Session.Format: ExpressibleByArgument {}
