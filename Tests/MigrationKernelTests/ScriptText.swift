import Foundation

/// A script in the form of cockroachdb/datadriven: comments, a command, `----`, the output expected, an empty line.
struct ScriptText {
  struct Step {
    /// Comments and empty lines above the command.
    var preface: [String]
    var command: String
    var expected: [String]
    /// The line of the command in its file, from 1.
    var line: Int
  }

  var steps: [Step] = []
  /// What follows the last step.
  private var rest: [String] = []

  init(_ text: String) throws {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    var place = 0
    while place < lines.count {
      var preface: [String] = []
      while place < lines.count, lines[place].isEmpty || lines[place].hasPrefix("#") {
        preface.append(lines[place])
        place += 1
      }
      guard place < lines.count else {
        rest = preface
        break
      }
      var step = Step(preface: preface, command: lines[place], expected: [], line: place + 1)
      guard place + 1 < lines.count, lines[place + 1] == "----" else {
        throw ScriptError("line \(place + 1): no `----` below the command")
      }
      place += 2
      while place < lines.count, !lines[place].isEmpty {
        step.expected.append(lines[place])
        place += 1
      }
      steps.append(step)
    }
  }

  /// The script as it stands in its file.
  var text: String {
    (steps.flatMap { $0.preface + [$0.command, "----"] + $0.expected } + rest).joined(separator: "\n") + "\n"
  }
}

/// A command that cannot be executed: the script is wrong, whatever the kernels do.
struct ScriptError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
