import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// The programs that processes execute.
extension Commands {
  static let programs: [Command] = [
    Command("program list", summary: "the programs there are", group: "Processes", effect: .nothing, run: listPrograms),
    Command(
      "program show", [shownProgram], summary: "a program's source", group: "Processes", effect: .nothing,
      run: showProgram),
  ]

  private static let shownProgram = Parameter("NAME", .program)

  private static func listPrograms(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    var table = Table("PROGRAM", "WHAT IT DOES")
    for program in session.state.programs.values {
      table.add(program.name, program.summary)
    }
    return Report(text: table.text, data: .array(session.state.programs.keys.map { .string($0) }))
  }

  private static func showProgram(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let name = try call[shownProgram]
    let source = session.state.programs[name]?.program.source ?? ""
    return Report(text: source, data: .object([("name", .string(name)), ("source", .string(source))]))
  }
}
