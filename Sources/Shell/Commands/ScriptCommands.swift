import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// What scripts say, and other scripts.
extension Commands {
  static let scripting: [Command] = [
    Command(
      "say", [ParameterSpec(name: "TEXT", kind: .message)], summary: "write a text",
      examples: ["say \"p1 is on $(p1.node)\""], group: "Scripting", effect: .nothing
    ) { (_, call) throws(SessionError) in
      let text = try call.text("TEXT")
      return Report(text: text, data: .object([("text", .string(text))]))
    },
    Command(
      "print", [ParameterSpec(name: "EXPRESSION", kind: .expression)], summary: "write the value of an expression",
      examples: ["print p1.migration.freezeTime", "print count(cluster.nodes)"], group: "Scripting", effect: .nothing
    ) { (session, call) throws(SessionError) in
      let value = try call.value(call.require("EXPRESSION"))
      return Report(
        text: value.text(in: session.state.world), data: .object([("value", value.json(in: session.state.world))]))
    },
    Command(
      "source", [ParameterSpec(name: "FILE", kind: .path)], summary: "execute a script from a file", group: "Scripting",
      run: source),
    Command(
      "save", [ParameterSpec(name: "FILE", kind: .path)], summary: "write what was typed, and worked, to a script",
      details: "A file that is there already is replaced.", group: "Scripting", effect: .nothing, run: save),
  ]

  private static func source(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let argument = try call.require("FILE")
    let path = try call.word(argument)
    guard session.depth < Session.deepestCall else {
      throw call.refuse("files read one another more than \(Session.deepestCall) deep", at: argument.span)
    }
    guard let file = session.options.files.readable(path) else {
      throw call.refuse("this file may not be read here", at: argument.span)
    }
    let source: SourceText
    do {
      source = try readSource(file, name: path)
    } catch let error as Diagnostic {
      throw .syntax(error)
    } catch {
      throw call.refuse("`\(path)` cannot be read: \(error)", at: argument.span)
    }
    let statements: [Statement]
    do { statements = try session.parse(source) } catch { throw .syntax(error) }
    session.depth += 1
    defer { session.depth -= 1 }
    for statement in statements where !session.hasQuit { try session.execute(statement, in: source) }
    return Report(text: "", data: .object([("file", .string(path))]))
  }

  private static func save(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let argument = try call.require("FILE")
    let path = try call.word(argument)
    guard session.options.files == .all else { throw call.refuse("no file may be written here", at: argument.span) }
    let text = session.transcript.joined(separator: "\n") + "\n"
    do {
      try writeFile(text, to: path)
    } catch {
      throw call.refuse("`\(path)` cannot be written: \(error)", at: argument.span)
    }
    return Report(
      text: "saved \(counted(session.transcript.count, "command")) to \(path)", data: .object([("file", .string(path))])
    )
  }
}
