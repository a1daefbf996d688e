import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// Commands for scripts: they print, and execute or save other scripts.
extension Commands {
  static let scripting: [Command] = [
    Command(
      "say", [Script.text], summary: "write a text",
      examples: ["say \"p1 is on $(p1.node)\""], group: "Scripting", effect: .nothing
    ) { (_, call) throws(SessionError) in
      let text = try call[Script.text]
      return Report(text, .init("text", .text(text)))
    },
    Command(
      "print", [Script.expression], summary: "write the value of an expression",
      examples: ["print p1.migration.freezeTime", "print count(cluster.nodes)"], group: "Scripting", effect: .nothing
    ) { (session, call) throws(SessionError) in
      let value = try call[Script.expression]
      return Report(value.text(in: session.state.world), .init("value", value))
    },
    Command(
      "source", [Script.file], summary: "execute a script from a file", group: "Scripting",
      run: source),
    Command(
      "save", [Script.file], summary: "write what was typed, and worked, to a script",
      details: "A file that is there already is replaced.", group: "Scripting", effect: .nothing, run: save),
  ]

  private static func source(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let path = try call[Script.file]
    let place = call.span(of: Script.file)
    guard session.depth < Session.mostNestedCalls else {
      throw call.refuse("files read one another more than \(Session.mostNestedCalls) deep", at: place)
    }
    guard let file = session.options.files.readable(path) else {
      throw call.refuse("this file may not be read here", at: place)
    }
    let source: SourceText
    do {
      source = try readSource(file, name: path)
    } catch let error as Diagnostic {
      throw .syntax(error)
    } catch {
      throw call.refuse("`\(path)` cannot be read: \(error)", at: place)
    }
    let statements: [Statement]
    do { statements = try session.parse(source) } catch { throw .syntax(error) }
    session.depth += 1
    defer { session.depth -= 1 }
    for statement in statements where !session.hasQuit { try session.execute(statement, in: source) }
    return Report("", .init("file", .text(path)))
  }

  private static func save(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let path = try call[Script.file]
    let place = call.span(of: Script.file)
    guard session.options.files == .all else { throw call.refuse("no file may be written here", at: place) }
    let text = session.transcript.joined(separator: "\n") + "\n"
    do {
      try writeFile(text, to: path)
    } catch {
      throw call.refuse("`\(path)` cannot be written: \(error)", at: place)
    }
    return Report("saved \(counted(session.transcript.count, "command")) to \(path)", .init("file", .text(path)))
  }
}

private enum Script {
  static let text = Parameter("TEXT", .word(.message))
  static let expression = Parameter("EXPRESSION", .value(.expression))
  static let file = Parameter("FILE", .word(.path))
}
