import CommandLanguage
import Course
import ScriptCheck
import Shell

/// A language server (Language Server Protocol 3.17) without input and output: bytes of a client go in, bytes for it come
/// out.
public struct Server {
  /// How far the conversation has come.
  private enum Stage {
    case fresh, running, shutDown
  }

  /// The codes of errors that JSON-RPC and the protocol define.
  enum ErrorCode: Int64 {
    case parseError = -32700
    case invalidRequest = -32600
    case methodNotFound = -32601
    case invalidParameters = -32602
    case notInitialized = -32002
  }

  struct Failure: Error {
    let code: ErrorCode
    let message: String
  }

  /// The status with which the program ends; nil as long as the client has not said `exit`.
  public private(set) var exitStatus: ScriptStatus?

  private var frames = FrameReader()
  private var stage = Stage.fresh
  private(set) var documents: [String: Document] = [:]
  /// The documents whose findings are not told yet, in the order of their changes.
  private var changed: [String] = []
  private var output: [UInt8] = []
  private let checkerTable = Session { _ in }.table
  /// Reads a file that is not open in the editor.
  private let readFile: (String) throws -> SourceText

  /// - Parameter readFile: reads a file that scripts name and that the client has not opened.
  public init(readFile: @escaping (String) throws -> SourceText = { try readSource($0) }) { self.readFile = readFile }

  /// Takes what the client has written, whatever its bytes are.
  ///
  /// - Returns: what to write to the client. Findings are told once for all changes that came together.
  public mutating func receive(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    frames.append(bytes)
    while exitStatus == nil, let frame = frames.next() {
      switch frame {
      case .message(let content): receive(message: content)
      case .mistake(let message): refuse(.null, Failure(code: .parseError, message: message))
      }
    }
    for uri in changed { publish(uri) }
    changed = []
    defer { output = [] }
    return output
  }

  // MARK: - Messages

  private mutating func receive(message content: [UInt8]) {
    let message: JSON
    do throws(JSONMistake) { message = try JSON(parsing: content) } catch {
      return refuse(.null, Failure(code: .parseError, message: "\(error.message), at byte \(error.offset)"))
    }
    guard case .object = message else {
      return refuse(.null, Failure(code: .invalidRequest, message: "a message is an object"))
    }
    let id = message["id"]
    guard let method = message["method"]?.text else {
      // It may answer a request, but this server makes none.
      let isAnswer = message["result"] != nil || message["error"] != nil
      if !isAnswer { refuse(id ?? .null, Failure(code: .invalidRequest, message: "the method is missing")) }
      return
    }
    guard let id else { return notify(method, message["params"] ?? .null) }
    switch id {
    case .integer, .number, .string, .null: break
    case .boolean, .array, .object:
      return refuse(.null, Failure(code: .invalidRequest, message: "an id is a number or a text"))
    }
    do throws(Failure) {
      let result = try answer(method, message["params"] ?? .null)
      send([("id", id), ("result", result)])
    } catch {
      refuse(id, error)
    }
  }

  private mutating func send(_ members: [(String, JSON)]) {
    output += FrameReader.frame(JSON.object([("jsonrpc", .string("2.0"))] + members).encoded)
  }

  private mutating func refuse(_ id: JSON, _ failure: Failure) {
    send([
      ("id", id),
      ("error", .object([("code", .integer(failure.code.rawValue)), ("message", .string(failure.message))])),
    ])
  }

  private mutating func answer(_ method: String, _ parameters: JSON) throws(Failure) -> JSON {
    switch stage {
    case .fresh where method != "initialize":
      throw Failure(code: .notInitialized, message: "`initialize` comes first")
    case .shutDown: throw Failure(code: .invalidRequest, message: "after `shutdown` only `exit` may come")
    case .fresh, .running: break
    }
    switch method {
    case "initialize":
      guard stage == .fresh else { throw Failure(code: .invalidRequest, message: "`initialize` came before") }
      stage = .running
      return Self.abilities
    case "shutdown":
      stage = .shutDown
      return .null
    case "textDocument/completion":
      let (document, position) = try place(parameters)
      return document.completion(at: position)
    case "textDocument/hover":
      let (document, position) = try place(parameters)
      return document.hover(at: position)
    case "textDocument/definition":
      let (document, position) = try place(parameters)
      return document.definition(at: position, reading: reader)
    case "textDocument/documentSymbol": return try document(parameters).symbols
    default: throw Failure(code: .methodNotFound, message: "there is no method `\(method)`")
    }
  }

  private static let abilities: JSON = .object([
    (
      "capabilities",
      .object([
        ("positionEncoding", .string("utf-16")),
        ("textDocumentSync", .object([("openClose", .boolean(true)), ("change", .integer(2))])),
        (
          "completionProvider",
          .object([("triggerCharacters", .array(["-", "$", ".", "@"].map(JSON.string)))])
        ),
        ("hoverProvider", .boolean(true)), ("definitionProvider", .boolean(true)),
        ("documentSymbolProvider", .boolean(true)),
      ])
    ),
    ("serverInfo", .object([("name", .string("migsh")), ("version", .string(migshVersion))])),
  ])

  private func document(_ parameters: JSON) throws(Failure) -> Document {
    guard let uri = parameters["textDocument"]?["uri"]?.text else {
      throw Failure(code: .invalidParameters, message: "the document is missing")
    }
    guard let document = documents[uri] else {
      throw Failure(code: .invalidParameters, message: "`\(uri)` is not open")
    }
    return document
  }

  private func place(_ parameters: JSON) throws(Failure) -> (Document, TextPosition) {
    let document = try document(parameters)
    guard let position = TextPosition(parameters["position"]) else {
      throw Failure(code: .invalidParameters, message: "the position is missing")
    }
    return (document, position)
  }

  // MARK: - Notifications

  private mutating func notify(_ method: String, _ parameters: JSON) {
    if method == "exit" {
      exitStatus = stage == .shutDown ? .success : .failed
      return
    }
    guard stage == .running else { return }
    let document = parameters["textDocument"]
    guard let uri = document?["uri"]?.text else { return }
    switch method {
    case "textDocument/didOpen":
      guard let text = document?["text"]?.text else { return }
      documents[uri] = Document(uri: uri, text: text, version: document?["version"]?.wholeNumber)
      noteChange(uri)
    case "textDocument/didChange":
      guard documents[uri] != nil, let changes = parameters["contentChanges"]?.elements else { return }
      let isUnderstood = documents[uri]?.apply(changes) ?? true
      documents[uri]?.version = document?["version"]?.wholeNumber
      if !isUnderstood { tell("a change of `\(uri)` cannot be understood; its text here may differ now") }
      noteChange(uri)
    case "textDocument/didClose":
      guard documents.removeValue(forKey: uri) != nil else { return }
      changed.removeAll { $0 == uri }
      publish(uri, [], version: nil)
    default: break
    }
  }

  /// Writes a line into the client's log.
  private mutating func tell(_ message: String) {
    let warning: Int64 = 2
    send([
      ("method", .string("window/logMessage")),
      ("params", .object([("type", .integer(warning)), ("message", .string(message))])),
    ])
  }

  private mutating func noteChange(_ uri: String) {
    if !changed.contains(uri) { changed.append(uri) }
  }

  // MARK: - Findings

  /// Reads what is open in the editor from there.
  private var reader: (String) throws -> SourceText {
    let (documents, readFile) = (documents, readFile)
    return { path in try documents[FileURI.uri(of: path)]?.view.source ?? readFile(path) }
  }

  private mutating func publish(_ uri: String) {
    guard let document = documents[uri] else { return }
    let checker = ScriptChecker(table: checkerTable, readFile: reader)
    publish(uri, document.findings(checker), version: document.version)
  }

  private mutating func publish(_ uri: String, _ findings: [JSON], version: Int?) {
    var parameters: [(String, JSON)] = [("uri", .string(uri))]
    if let version { parameters.append(("version", .integer(Int64(version)))) }
    send([
      ("method", .string("textDocument/publishDiagnostics")),
      ("params", .object(parameters + [("diagnostics", .array(findings))])),
    ])
  }
}
