import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// Commands for scripts: they print, and execute or save other scripts.
extension Commands {
  static let scripting: [Command] = [
    Command(
      "say", [Script.text], summary: "write a text",
      examples: ["say \"p1 is on $(p1.node)\""], preparation: "node add a b; spawn p1",
      data: .only("text", .text, "what was said"), group: "Scripting",
      effect: .nothing
    ) { (_, call) throws(SessionError) in
      let text = try call[Script.text]
      return Report(text, .init("text", .text(text)))
    },
    Command(
      "print", [Script.expression], summary: "write the value of an expression",
      examples: ["print p1.migration.freezeTime", "print count(cluster.nodes)"],
      preparation: "node add a b; spawn p1; migrate p1 b", data: .only("value", .anything, "the value"),
      group: "Scripting", effect: .nothing
    ) { (session, call) throws(SessionError) in
      let value = try call[Script.expression]
      return Report(value.text(in: session.state.world), .init("value", value))
    },
    Command(
      "source", [Script.file], summary: "execute a script from a file",
      details: "A script finds the files that it names beside itself, wherever it is executed.",
      examples: ["source cluster.migsh"], data: .only("file", .text, "the file as typed"), group: "Scripting",
      isSaved: false, run: source),
    Command(
      "save", [Script.file], flags: [Script.force], summary: "write a script that leads to the present state",
      details: """
        It holds what was typed and worked, without what was undone, and what sourced files did in place of their names. \
        A file that is there already is replaced only with --force.
        """, examples: ["save mine.migsh", "save mine.migsh --force"], preparation: "node add a b; spawn p1",
      data: .only("file", .text, "the file as typed"), group: "Scripting", effect: .nothing, isSaved: false,
      run: save),
  ]

  private static func source(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let path = try call[Script.file]
    let place = call.span(of: Script.file)
    let source: SourceText
    do {
      guard let file = try session.options.files.read(path, from: call.source) else {
        throw call.refuse("this file may not be read here", at: place)
      }
      source = try SourceText(
        name: session.options.files == .all ? file.path : path, bytes: file.bytes, folder: folder(of: file.path))
    } catch let error as SessionError {
      throw error
    } catch let error as Diagnostic {
      throw .syntax(error)
    } catch {
      throw call.refuse("`\(path)` cannot be read: \(error)", at: place)
    }
    guard !source.beginsLesson else {
      let name = path.split(separator: "/").last?.replacing(".migsh", with: "") ?? ""
      throw call.refuse(
        "`\(path)` is a lesson", at: place,
        remedy: "`lesson \(name)` enters it at a prompt; `migsh run FILE` plays it from beginning to end")
    }
    let statements: [Statement]
    do { statements = try session.parse(source) } catch { throw .syntax(error) }
    session.state.script.add("# from \(path.split(whereSeparator: \.isNewline).joined(separator: " "))")
    try session.enter(statements, in: source, at: place ?? call.call.span, of: call.source)
    return Report("", .init("file", .text(path)))
  }

  private static func save(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let path = try call[Script.file]
    let place = call.span(of: Script.file)
    let file = try call.newFile(path, at: place, replacing: call.has(Script.force), session)
    let lines = session.savedLines
    guard session.state.script.isWhole, lines.count <= Parser.mostStatements else {
      throw call.refuse(
        "what was done is too long for one script", expected: "at most \(Parser.mostStatements) commands")
    }
    try call.write(lines.joined(separator: "\n") + "\n", to: file, typedAs: path, at: place)
    return Report("saved \(counted(lines.count, "command")) to \(path)", .init("file", .text(path)))
  }
}

extension Invocation {
  /// Where a command writes a file that the user names.
  ///
  /// - Parameters:
  ///   - path: as typed.
  ///   - place: where that stands.
  ///   - replaces: whether a file that is there already is replaced.
  func newFile(
    _ path: String, at place: SourceSpan?, replacing replaces: Bool, _ session: borrowing Session
  ) throws(SessionError) -> String {
    guard session.options.files == .all else { throw refuse("no file may be written here", at: place) }
    let file = source.path(ofFile: path)
    guard replaces || !isPlainFile(file) else {
      throw refuse("there is a file `\(path)` already", at: place, remedy: "`--force` replaces it")
    }
    return file
  }

  func write(_ text: String, to file: String, typedAs path: String, at place: SourceSpan?) throws(SessionError) {
    do {
      try writeFile(text, to: file)
    } catch {
      throw refuse("`\(path)` cannot be written: \(error)", at: place)
    }
  }
}

private enum Script {
  static let text = Parameter("TEXT", .word(.message))
  static let expression = Parameter("EXPRESSION", .value(.expression))
  static let file = Parameter("FILE", .word(.path))
  static let force = Switch("force", "replace a file that is there already")
}
