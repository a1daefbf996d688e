import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// The programs that processes execute.
extension Commands {
  static let programs: [Command] = [
    Command(
      "program list", summary: "the programs there are", examples: ["program list"], data: .list(.text),
      group: "Processes", effect: .nothing,
      run: listPrograms),
    Command(
      "program show", [shownProgram], summary: "a program's source",
      examples: ["program show echo"],
      data: .object([.init("name", .text, "its name"), .init("source", .text, "its source")]), group: "Processes",
      effect: .nothing,
      run: showProgram),
  ]

  private static let shownProgram = Parameter("NAME", .program)

  private static func listPrograms(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let columns: [Column<CompiledProgram>] = [
      Column(shown: "PROGRAM") { $0.name }, Column(shown: "WHAT IT DOES") { $0.summary },
    ]
    return Report([.table(Listing(session.state.programs.all, columns) { .value(.text($0.name)) })])
  }

  private static func showProgram(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let name = try call[shownProgram]
    let source = session.state.programs[name]?.program.source ?? ""
    return Report(source, .init("name", .text(name)), .init("source", .text(source)))
  }
}
