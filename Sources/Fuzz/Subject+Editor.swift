import CommandLanguage
import Course
import LanguageServer
import ScriptCheck
import Shell

/// What `migsh check` and editors do with a text.
extension Subject {
  private struct NoFile: Error {}

  func feedEditor(_ input: [UInt8]) -> Outcome {
    var outcome = Outcome()
    let manner = Feature.hash(input)
    var server = Server(readFile: { _ in throw NoFile() })
    if manner & 7 == 0 {
      // As bytes of a conversation.
      outcome.finding = flaw(inAnswers: server.receive(input))
    }
    guard let source = text(input, &outcome) else { return outcome }
    let findings = ScriptChecker(table: table, readFile: { _ in throw NoFile() }).check(source)
    for finding in findings { note(finding.diagnostic, &outcome) }
    let mistakes = findings.filter { $0.severity == .error }.map(\.diagnostic)
    do throws(Diagnostic) {
      if Lesson.isLesson(source) {
        _ = try Lesson(parsing: source, table: table)
      } else {
        var parser = Parser(source: source, table: table)
        _ = try parser.parseScript()
      }
      // What a sourced file might define is looked at more closely by a check.
      if let mistake = mistakes.first, !source.text.contains("source") {
        outcome.finding = outcome.finding ?? "only the check finds a mistake: \(mistake.rendered())"
      }
    } catch {
      if !mistakes.contains(error) {
        outcome.finding = outcome.finding ?? "the check does not find the mistake: \(error.rendered())"
      }
    }
    outcome.finding = outcome.finding ?? flaw(inAnswers: talk(about: source, manner))
    return outcome
  }

  /// A conversation about a text. Places are drawn from `manner`, and some lie outside the text.
  private func talk(about source: SourceText, _ manner: UInt64) -> [UInt8] {
    var server = Server(readFile: { _ in throw NoFile() })
    let document = JSON.object([("uri", .string("file:///fuzz.migsh")), ("text", .string(source.text))])
    let line = Int64(manner >> 8 & 0xFFFF) % Int64(source.lastLine + 1)
    func place(_ shift: UInt64) -> JSON {
      .object([("line", .integer(line)), ("character", .integer(Int64(manner >> shift & 63)))])
    }
    let change = JSON.object([
      ("range", .object([("start", place(24)), ("end", place(32))])),
      ("text", .string(String(source.text.prefix(Int(manner >> 40 & 15))))),
    ])
    let parameters = JSON.object([
      ("textDocument", document), ("position", place(24)), ("contentChanges", .array([change])),
    ])
    let questions = ["hover", "completion", "definition", "documentSymbol"].map { "textDocument/\($0)" }
    var bytes = Self.frame("initialize", .null, id: 1) + Self.frame("textDocument/didOpen", parameters)
    for round in [1, 2] {
      for (index, method) in questions.enumerated() {
        bytes += Self.frame(method, parameters, id: Int64(10 * round + index))
      }
      if round == 1 { bytes += Self.frame("textDocument/didChange", parameters) }
    }
    return server.receive(bytes)
  }

  private static func frame(_ method: String, _ parameters: JSON, id: Int64? = nil) -> [UInt8] {
    let known: [(String, JSON)] = [("method", .string(method)), ("params", parameters)]
    let content = JSON.object(known + (id.map { [("id", .integer($0))] } ?? [])).encoded
    return Array("Content-Length: \(content.utf8.count)\r\n\r\n\(content)".utf8)
  }

  /// What is wrong with what a server writes: each message is whole, and an object.
  private func flaw(inAnswers bytes: [UInt8]) -> String? {
    var rest = bytes[...]
    while !rest.isEmpty {
      let header = rest.prefix { $0 != UInt8(ascii: "\r") }
      let length = Int(String(decoding: header.dropFirst("Content-Length: ".utf8.count), as: UTF8.self)) ?? -1
      let body = rest.dropFirst(header.count + 4)
      guard length >= 0, body.count >= length else { return "a message is not whole" }
      guard let message = try? JSON(parsing: Array(body.prefix(length))), message["jsonrpc"] != nil else {
        return "no message: \(String(decoding: body.prefix(length), as: UTF8.self))"
      }
      rest = body.dropFirst(length)
    }
    return nil
  }
}
