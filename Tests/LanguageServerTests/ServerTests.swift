import CommandLanguage
import Shell
import Testing

@testable import LanguageServer

/// A conversation with a server, without any process.
private struct Client {
  private var server = Server(readFile: { path in
    guard let text = ["/lib/moves.migsh": "# moves\ndefine go p { migrate $p b }\n"][path] else { throw Missing() }
    return try SourceText(name: path, bytes: Array(text.utf8), folder: "/lib/")
  })
  private var requests = 0

  struct Missing: Error {}

  var exitStatus: ScriptStatus? { server.exitStatus }

  /// - Parameter begins: whether the server is ready for requests.
  init(begins: Bool = true) {
    guard begins else { return }
    _ = ask("initialize", #"{"capabilities":{}}"#)
    tell("initialized", "{}")
  }

  /// The messages in what a server writes.
  static func messages(_ bytes: [UInt8]) -> [JSON] {
    var reader = FrameReader()
    reader.append(bytes)
    var messages: [JSON] = []
    while case .message(let content)? = reader.next() {
      if let message = try? JSON(parsing: content) { messages.append(message) }
    }
    return messages
  }

  @discardableResult mutating func send(raw bytes: [UInt8]) -> [JSON] { Self.messages(server.receive(bytes)) }

  @discardableResult mutating func send(_ content: String) -> [JSON] { send(raw: FrameReader.frame(content)) }

  @discardableResult mutating func tell(_ method: String, _ parameters: String) -> [JSON] {
    send(#"{"jsonrpc":"2.0","method":"\#(method)","params":\#(parameters)}"#)
  }

  /// The result of a request.
  mutating func ask(_ method: String, _ parameters: String) -> JSON? {
    requests += 1
    let answers = send(#"{"jsonrpc":"2.0","id":\#(requests),"method":"\#(method)","params":\#(parameters)}"#)
    return answers.first { $0["id"]?.wholeNumber == requests }?["result"]
  }

  static let uri = "file:///lib/main.migsh"

  /// Opens a text, and returns its findings.
  @discardableResult mutating func open(_ text: String, uri: String = Client.uri) -> [JSON] {
    let document = JSON.object([
      ("uri", .string(uri)), ("languageId", .string("migsh")), ("version", .integer(1)), ("text", .string(text)),
    ])
    return findings(tell("textDocument/didOpen", JSON.object([("textDocument", document)]).encoded))
  }

  /// Changes the text, and returns its findings.
  mutating func change(_ changes: String) -> [JSON] {
    findings(
      tell(
        "textDocument/didChange",
        #"{"textDocument":{"uri":"\#(Self.uri)","version":2},"contentChanges":[\#(changes)]}"#))
  }

  private func findings(_ messages: [JSON]) -> [JSON] {
    messages.first { $0["method"]?.text == "textDocument/publishDiagnostics" }?["params"]?["diagnostics"]?.elements
      ?? []
  }

  /// Asks about the place of `^` in a text, which is opened without it.
  mutating func ask(_ method: String, at marked: String) -> JSON? {
    let parts = marked.split(separator: "^", maxSplits: 1, omittingEmptySubsequences: false)
    open(parts.joined())
    let lines = parts[0].split(separator: "\n", omittingEmptySubsequences: false)
    let position = TextPosition(line: lines.count - 1, character: lines.last?.utf16.count ?? 0)
    return ask(
      "textDocument/\(method)", #"{"textDocument":{"uri":"\#(Self.uri)"},"position":\#(position.json.encoded)}"#)
  }

  /// What is offered at the place of `^`.
  mutating func labels(_ marked: String) -> [String] {
    ask("completion", at: marked)?["items"]?.elements?.compactMap { $0["label"]?.text } ?? []
  }

  mutating func hover(_ marked: String) -> String? { ask("hover", at: marked)?["contents"]?["value"]?.text }

  /// Where the definition is: `2:7-9`, with the file's name when it is another.
  mutating func definition(_ marked: String) -> String? {
    guard let answer = ask("definition", at: marked), let uri = answer["uri"]?.text else { return nil }
    return (uri == Self.uri ? "" : uri + " ") + range(answer["range"])
  }
}

private func range(_ json: JSON?) -> String {
  func place(_ json: JSON?) -> String { "\(json?["line"]?.wholeNumber ?? -1):\(json?["character"]?.wholeNumber ?? -1)" }
  return "\(place(json?["start"]))-\(place(json?["end"]))"
}

private func text(_ finding: JSON) -> String {
  "\(range(finding["range"])) \(finding["severity"]?.wholeNumber ?? 0) \(finding["message"]?.text?.prefix { $0 != "\n" } ?? "")"
}

@Suite struct ConversationTests {
  @Test func aConversationFromBeginningToEnd() {
    var client = Client(begins: false)
    let abilities = client.ask("initialize", #"{"processId":1,"rootUri":null,"capabilities":{}}"#)
    #expect(abilities?["capabilities"]?["textDocumentSync"]?["change"] == .integer(2))
    #expect(abilities?["capabilities"]?["positionEncoding"] == .string("utf-16"))
    #expect(abilities?["serverInfo"]?["version"] == .string(migshVersion))
    #expect(client.tell("initialized", "{}") == [])
    #expect(client.ask("shutdown", "null") == .null)
    #expect(client.exitStatus == nil)
    client.tell("exit", "null")
    #expect(client.exitStatus == .success)
  }

  @Test func whoLeavesWithoutShutdownFails() {
    var client = Client()
    client.tell("exit", "null")
    #expect(client.exitStatus == .failed)
  }

  /// The code of the error with which each message is answered; 0 for no answer.
  @Test(arguments: [
    (false, #"{"jsonrpc":"2.0","id":1,"method":"textDocument/hover","params":{}}"#, -32002),
    (false, #"{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{}}"#, 0),
    (true, #"{"jsonrpc":"2.0","id":"x","method":"nonsense"}"#, -32601),
    (true, #"{"jsonrpc":"2.0","method":"nonsense"}"#, 0), (true, #"{"jsonrpc":"2.0","method":"$/cancelRequest"}"#, 0),
    (true, #"{"jsonrpc":"2.0","id":1,"method":"initialize"}"#, -32600),
    (true, #"{"jsonrpc":"2.0","id":1,"method":"textDocument/hover"}"#, -32602),
    (true, #"{"id":1,"method":"textDocument/hover","params":{"textDocument":{"uri":"file:///none"}}}"#, -32602),
    (true, #"{"jsonrpc":"2.0","id":1}"#, -32600), (true, #"{"jsonrpc":"2.0","id":1,"result":null}"#, 0),
    (true, #"[]"#, -32600), (true, "3", -32600), (true, "", -32700), (true, "{\"id\":1", -32700),
    (true, #"{"id":[1],"method":"shutdown"}"#, -32600), (true, #"{"id":1,"method":3}"#, -32600),
    (true, #"{"method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///x"}}}"#, 0),
    (true, #"{"method":"textDocument/didChange","params":{"textDocument":{"uri":"file:///x"}}}"#, 0),
  ]) func badMessagesAreAnswered(_ begins: Bool, _ message: String, _ code: Int) {
    var client = Client(begins: begins)
    let answers = client.send(message)
    #expect(answers.first?["error"]?["code"]?.wholeNumber ?? 0 == code)
    #expect(answers.count == (code == 0 ? 0 : 1))
    #expect(client.exitStatus == nil)
  }

  @Test func nothingComesAfterShutdown() {
    var client = Client()
    _ = client.ask("shutdown", "null")
    #expect(client.send(#"{"id":7,"method":"textDocument/hover"}"#).first?["error"]?["code"] == .integer(-32600))
    #expect(client.open("nonsense") == [])
  }

  /// Whatever stands between messages, the next one is read.
  @Test(arguments: [
    "garbage\r\n\r\n", "Content-Length: x\r\n\r\n", "Content-Length: -3\r\n\r\n", "Content-Type: y\r\n\r\n",
    "\u{0}\u{1}\r\n\r\n", "Content-Length: 99999999999999999999\r\n\r\n", String(repeating: "x", count: 20_000),
    "Content-Length: 5\r\n\r\nabcde",
  ]) func badFramesAreLeftBehind(_ junk: String) {
    var client = Client()
    let answers = client.send(raw: Array(junk.utf8) + FrameReader.frame(#"{"id":7,"method":"shutdown"}"#))
    #expect(answers.first?["error"]?["code"] == .integer(-32700))
    #expect(answers.last?["id"] == .integer(7) && answers.last?["result"] == .null)
  }

  @Test func messagesMayComeByteByByteOrTogether() {
    var client = Client(begins: false)
    let bytes =
      FrameReader.frame(#"{"id":1,"method":"initialize"}"#)
      + Array("Content-Type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length: 28\r\n\r\n".utf8)
      + Array(#"{"id":2,"method":"shutdown"}"#.utf8)
    let answers = bytes.flatMap { client.send(raw: [$0]) }
    #expect(answers.map { $0["id"] } == [.integer(1), .integer(2)])
    var other = Client(begins: false)
    #expect(other.send(raw: bytes) == answers)
  }

  @Test func messagesThatAreTooLargeArePassed() {
    var client = Client()
    let length = FrameReader.largestMessage + 1
    #expect(client.send(raw: Array("Content-Length: \(length)\r\n\r\n".utf8)).first?["error"] != nil)
    let part = [UInt8](repeating: UInt8(ascii: " "), count: 1 << 20)
    for _ in 0..<(length / part.count) { #expect(client.send(raw: part) == []) }
    #expect(client.send(raw: Array(" ".utf8) + FrameReader.frame(#"{"id":7,"method":"shutdown"}"#)).count == 1)
  }

  @Test func textsThatAreNotUTF8AreRefused() {
    var client = Client()
    let bytes = Array(#"{"id":1,"method":""#.utf8) + [0xFF, 0xFE] + Array(#""}"#.utf8)
    let answers = client.send(raw: Array("Content-Length: \(bytes.count)\r\n\r\n".utf8) + bytes)
    #expect(answers.first?["error"]?["code"] == .integer(-32700))
  }

  /// Whatever bytes come, there is an answer or none, and no end.
  @Test func junkEndsNobody() {
    var generator = SystemlessGenerator(state: 7)
    let pieces =
      [
        "Content-Length: ", "12", "\r\n\r\n", "{", "}", "\"id\":1", ",", "\"method\":\"initialize\"", "[", "\u{0}", "é",
        "\"params\":", "null", "-1", "1e999", "\\ud800", "textDocument/didOpen", "\"", ":",
      ].map { Array($0.utf8) } + [[0xFF], [0xC3]]
    for _ in 0..<300 {
      var client = Client(begins: generator.next() % 2 == 0)
      let count = Int(generator.next() % 40)
      let body = (0..<count).flatMap { _ in pieces[Int(generator.next() % UInt64(pieces.count))] }
      client.send(raw: body)
      client.send(raw: Array("Content-Length: \(body.count)\r\n\r\n".utf8) + body)
      #expect(client.exitStatus == nil)
    }
  }

  /// Numbers from a seed, so that what fails once fails again.
  private struct SystemlessGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 33
    }
  }
}

@Suite struct DocumentTests {
  @Test func findingsComeWithTheirPlaces() {
    var client = Client()
    #expect(
      client.open("say \"🙂é\"; nde add\nlet x = 3\n").map(text) == ["0:11-0:14 1 there is no command `nde`"])
    #expect(client.open("node add a\nlet x = 3\n").map(text) == ["1:4-1:5 2 `$x` is never used"])
    #expect(client.open("node add a").map(text) == [])
    #expect(
      client.open("source other.migsh\n", uri: "file:///lib/q.migsh").map(text).first?.hasPrefix("0:7-0:18 2 ") == true)
  }

  @Test func changesAreWholeOrInParts() {
    var client = Client()
    client.open("nde add 🙂\nnow\n")
    #expect(client.change(#"{"text":"now"}"#) == [])
    #expect(client.change(#"{"text":"say \"🙂\"\r\nnow\r\nnow"}"#) == [])
    // Behind the smiley, which has two units; then across lines; then behind the end.
    func edit(_ start: String, _ end: String, _ text: String) -> String {
      func place(_ text: String) -> String {
        let parts = text.split(separator: ":")
        return #"{"line":\#(parts[0]),"character":\#(parts[1])}"#
      }
      return #"{"range":{"start":\#(place(start)),"end":\#(place(end))},"text":"\#(text)"}"#
    }
    #expect(client.change(edit("0:8", "0:8", "; nope")).map(text) == ["0:10-0:14 1 there is no command `nope`"])
    #expect(
      client.change(edit("0:8", "1:3", "") + "," + edit("0:8", "0:99", "; nein")).map(text) == [
        "0:10-0:14 1 there is no command `nein`"
      ])
    #expect(client.change(edit("0:8", "99:0", "") + "," + edit("0:5", "0:7", "ok")) == [])
    #expect(client.ask("textDocument/documentSymbol", #"{"textDocument":{"uri":"\#(Client.uri)"}}"#) == .array([]))
    #expect(client.change(#"{"range":{"start":3},"text":"x"}"#) == [])
    #expect(client.change(#"{"text":"let k = 3"}"#) == [])
  }

  @Test func severalChangesAtOnceAreToldOnce() {
    var client = Client()
    client.open("now")
    let change = FrameReader.frame(
      #"{"method":"textDocument/didChange","params":{"textDocument":{"uri":"\#(Client.uri)","version":9},"#
        + #""contentChanges":[{"text":"nope"}]}}"#)
    let told = client.send(raw: change + change + change)
    #expect(told.count == 1)
    #expect(told.first?["params"]?["version"] == .integer(9))
  }

  @Test func closingTakesFindingsAway() {
    var client = Client()
    client.open("nope")
    let told = client.tell("textDocument/didClose", #"{"textDocument":{"uri":"\#(Client.uri)"}}"#)
    #expect(told.first?["params"]?["diagnostics"] == .array([]))
  }

  @Test func textsThatAreNoScriptsAreTold() {
    var client = Client()
    #expect(
      client.open("now\n\u{1B}[31m").map(text) == ["1:0-1:1 1 the control character U+001B cannot stand in a text"])
    #expect(client.hover("\u{1}n^ow") == nil)
    #expect(client.labels("\u{1}n^") == [])
    #expect(client.definition("\u{1}n^ow") == nil)
    #expect(client.open(String(repeating: "x", count: 5_000_000)).count == 1)
  }

  @Test func largeTextsAreChecked() {
    var client = Client()
    #expect(client.open(String(repeating: "run 1ms; say \"$(now)\"\n", count: 20_000) + "nope").count == 1)
    #expect(client.open(String(repeating: "{ ( [ \" ' $( ", count: 50_000)).count <= 100)
  }
}

@Suite struct CompletionTests {
  @Test func commandsFlagsAndValuesAreOffered() {
    var client = Client()
    #expect(client.labels("node ^").prefix(2) == ["add", "list"])
    #expect(client.labels("mig^") == ["migrate", "migration"])
    #expect(client.labels("node add a b\nspawn p\nmigrate p ^") == ["a", "b"])
    #expect(client.labels("spawn p\nmigrate ^").contains("p"))
    #expect(!client.labels("spawn p\nmigrate p ^").contains("node"))
    #expect(client.labels("spawn p --pag^") == ["--pages"])
    #expect(client.labels("set forwarding orig^") == ["origin"])
    #expect(client.labels("let pages = 3\nsay \"$pa^") == ["$pages"])
    #expect(client.labels("define there p { }\nther^") == ["there"])
    #expect(client.labels("program mine { comp^") == ["compute"])
    #expect(client.labels("node add a\nspawn p\nprint p.migration.fr^") == ["p.migration.freezeTime"])
    #expect(client.labels("# node ^") == [])
  }

  @Test func whatIsOfferedReplacesWhatIsTyped() {
    var client = Client()
    let item = client.ask("completion", at: "say \"🙂\"; node ad^ a")?["items"]?.elements?.first
    #expect(item?["textEdit"]?["newText"] == .string("add"))
    #expect(range(item?["textEdit"]?["range"]) == "0:15-0:17")
    #expect(item?["detail"]?.text?.isEmpty == false)
  }

  @Test func lessonsHaveTheirOwnLines() {
    var client = Client()
    let lesson = "@lesson l \"L\"\n@param pages 1..3\n@setup\nnode add a b; spawn p\n@step s\n| Don't.\n"
    #expect(client.labels(lesson + "@so^") == ["@solution"])
    #expect(client.labels(lesson + "@forbid node-f^") == ["node-failed"])
    #expect(client.labels(lesson + "@check c p.migration.freezeT^") == ["p.migration.freezeTime"])
    #expect(client.labels(lesson + "@check ^") == [])
    #expect(client.labels(lesson + "| It has $pa^") == ["$pages"])
    #expect(client.labels(lesson + "@solution\nmigrate p ^") == ["a", "b"])
    #expect(client.labels("@details ^") == [])
    #expect(client.labels(lesson + "@details ^") == ["full", "actual-only", "none"])
  }
}

@Suite struct HoverTests {
  @Test func helpIsShown() {
    var client = Client()
    #expect(client.hover("node a^dd a")?.hasPrefix("node add NAME...") == true)
    #expect(client.hover("n^ode add a")?.hasPrefix("node add NAME...") == true)
    #expect(client.hover("migrate p b --push^ --on-reference")?.hasPrefix("--push\n") == true)
    #expect(client.hover("program p { comp^ute 3ms }") == "compute T\nuse a core")
    #expect(client.hover("let x = 3\nprint $^x") == "let x = 3\nline 1")
    #expect(client.hover("let x = 3\nsay \"is $x^\"") == "let x = 3\nline 1")
    #expect(
      client.hover("node add a\nspawn p\nprint p.migration.freeze^Time")?.hasPrefix("p.migration.freezeTime\n") == true)
    #expect(client.hover("define go p { migrate $p b }\ng^o x") == "define go p { migrate $p b }\nline 1")
    #expect(client.hover("@lesson l \"L\"\n@fo^rbid x") == "@forbid KIND [kept]")
    #expect(client.hover("@lesson l \"L\"\n@param n 1..2\n| Not $n^.") == "@param n 1..2\nline 2")
    #expect(client.hover("# co^mment") == nil)
    #expect(client.hover("^") == nil)
  }
}

@Suite struct SymbolTests {
  @Test func theOutlineHasDefinitionsAndSteps() {
    var client = Client()
    func outline(_ text: String) -> [String] {
      client.open(text)
      let symbols = client.ask("textDocument/documentSymbol", #"{"textDocument":{"uri":"\#(Client.uri)"}}"#)
      return symbols?.elements?.map {
        "\($0["name"]?.text ?? "") \($0["kind"]?.wholeNumber ?? 0) \(range($0["range"]))"
      } ?? []
    }
    #expect(
      outline("let x = 3\ndefine f p {\n  now\n  if now > 0s { now }\n}\nlet x = 4\nprogram q { repeat { exit } }\n")
        == [
          "x 13 0:0-0:5", "f 12 1:0-4:1", "q 5 6:0-6:29",
        ])
    // As long as somebody types, a text has mistakes.
    #expect(outline("define f { now }\nnonsense )\nlet y = ") == ["f 12 0:0-0:16", "y 13 2:0-2:5"])
    #expect(
      outline("@lesson l \"Title\"\n@param n 1..3\n@step one points 2\n| Don't $n.\n@solution\nlet z = 1\n@step two\n")
        == [
          "l 2 0:0-0:17", "n 13 1:0-1:13", "one 24 2:0-6:0", "z 13 5:0-5:5", "two 24 6:0-7:0",
        ])
  }

  @Test func definitionsAreFound() {
    var client = Client()
    #expect(client.definition("let é = 3\nlet x = 3\nprint $x^") == "1:4-1:5")
    #expect(client.definition("let x = 3\ndefine f x { print $x^ }") == "1:9-1:10")
    #expect(client.definition("let x = 3\ndefine f y { print $x^ }") == "0:4-0:5")
    #expect(client.definition("for n in a { fail $n^ }\nfor n in b { now }") == "0:4-0:5")
    #expect(client.definition("define f { now }\nf^") == "0:7-0:8")
    #expect(client.definition("program mine { exit }\nspawn p --program mi^ne") == "0:8-0:12")
    #expect(client.definition("node add a b\nfail b^") == "0:11-0:12")
    #expect(client.definition("say \"$(1 + $x^)\"; let x = 3") == "0:21-0:22")
    #expect(client.definition("source moves.migsh\ng^o p") == "file:///lib/moves.migsh 1:7-1:9")
    #expect(client.definition("source mov^es.migsh") == "file:///lib/moves.migsh 0:0-0:0")
    #expect(client.definition("source none.m^igsh") == nil)
    #expect(client.definition("n^ow") == nil)
    #expect(client.definition("print $nope^") == nil)
  }
}

@Suite struct FileURITests {
  @Test func pathsBecomeAddressesAndComeBack() {
    for path in ["/a/b c.migsh", "/é/#%?.migsh", "/-._~/x"] { #expect(FileURI.path(of: FileURI.uri(of: path)) == path) }
    #expect(FileURI.uri(of: "/é x") == "file:///%C3%A9%20x")
    #expect(FileURI.path(of: "file://host/x") == "/x")
    #expect(FileURI.path(of: "untitled:1") == nil)
    #expect(FileURI.path(of: "file://") == nil)
    #expect(FileURI.path(of: "file:///a%2") == "/a%2")
  }
}
