import Testing

@testable import CommandLanguage

@Suite struct ProgramTests {
  private func notation(_ steps: [Step]) -> String { steps.map(notation).joined(separator: "; ") }

  private func notation(_ operand: Operand) -> String {
    switch operand {
    case .literal(let literal, _): CommandLanguageTests.notation(literal)
    case .variable(let name, _): "$" + name
    case .name(let name, _): name
    }
  }

  private func notation(_ pages: PageSelector) -> String {
    switch pages {
    case .page(let page): notation(page)
    case .range(let first, let last): "\(notation(first))..\(notation(last))"
    case .random(let first, let last): "random \(notation(first))..\(notation(last))"
    case .next(let first, let last): "next \(notation(first))..\(notation(last))"
    }
  }

  private func text(_ template: Template) -> String { CommandLanguageTests.notation(template) }

  private func notation(_ step: Step) -> String {
    switch step.kind {
    case .compute(let time): "compute \(notation(time))"
    case .read(let pages): "read \(notation(pages))"
    case .write(let pages): "write \(notation(pages))"
    case .send(let receiver, let message, let otherwise):
      "send \(notation(receiver)) \(text(message))" + (otherwise.map { " else {\(notation($0))}" } ?? "")
    case .receive(let name, let timeout):
      "receive" + (name.map { " as \($0)" } ?? "") + (timeout.map { " timeout \(notation($0))" } ?? "")
    case .reply(let message): "reply \(text(message))"
    case .print(let message): "print \(text(message))"
    case .sleep(let time): "sleep \(notation(time))"
    case .repeat(let count, let body): "repeat \(count.map(notation) ?? "-") {\(notation(body))}"
    case .fork(let name, let body): "fork \(name) {\(notation(body))}"
    case .thread(let body): "thread {\(notation(body))}"
    case .lock(let name, let body): "lock \(name) {\(notation(body))}"
    case .barrier(let name, let count): "barrier \(name) \(notation(count))"
    case .join: "join"
    case .readFile(let name, let variable): "read-file \(name)" + (variable.map { " as \($0)" } ?? "")
    case .writeFile(let name, let message): "write-file \(name) \(text(message))"
    case .exit: "exit"
    }
  }

  private func body(_ text: String) throws(Diagnostic) -> [Step] {
    try parseProgramBody(source: SourceText(name: "built-in", text: text))
  }

  @Test(arguments: [
    ("", ""), ("exit", "exit"),
    ("compute 2ms write 3\nread 0..15;exit", "compute 2000000:time; write 3; read 0..15; exit"),
    ("lock l { barrier b 3 } join barrier b $n", "lock l {barrier b 3}; join; barrier b $n"),
    ("read-file f as m write-file f 'got $m' read-file g", "read-file f as m; write-file f \"got $m\"; read-file g"),
    ("write random 0..63 write next 0..$last", "write random 0..63; write next 0..$last"),
    ("repeat { receive as m   reply \"got $m\" }", "repeat - {receive as m; reply \"got <$m>\"}"),
    ("repeat 3 { } repeat $n { exit }", "repeat 3 {}; repeat $n {exit}"),
    ("send p1 'x' send $to $m", "send p1 \"x\"; send $to \"<$m>\""),
    ("send p1 'x' else { exit }\nsend p1 'y'\nelse { }", "send p1 \"x\" else {exit}; send p1 \"y\" else {}"),
    (
      "receive receive timeout 5ms receive as m timeout $t",
      "receive; receive timeout 5000000:time; receive as m timeout $t"
    ),
    ("fork child { thread { sleep 1s } }", "fork child {thread {sleep 1000000000:time}}"),
    ("print \"a\" # comment\nexit", "print \"a\"; exit"),
  ])
  func understands(text: String, meaning: String) throws {
    #expect(try notation(body(text)) == meaning)
  }

  @Test(arguments: [
    ("compute 5KiB", "5KiB", "`compute` takes a time, and `5KiB` is a size"),
    ("compute 5", "5", "`compute` takes a time, and `5` has no unit"),
    ("compute fast", "fast", "`compute` takes a time, not `fast`"),
    ("compute", "", "the end of the line comes too early"), ("wirte 3", "wirte", "no step is called `wirte`"),
    ("migrate p b", "migrate", "no step is called `migrate`"),
    ("write 5..2", "5..2", "this range is reversed: 5 comes after 2"),
    ("write random 5..2", "5..2", "this range is reversed: 5 comes after 2"),
    ("write random 5", "", "the end of the line comes too early"),
    ("write random 5 exit", "exit", "`exit` cannot stand here"),
    ("write 5ms", "5ms", "`write` takes a page or a range of pages, and `5ms` is a time"),
    ("write -3", "-", "`write` takes a page or a range of pages, not `-`"),
    ("write $(1)", "$(", "in a program only $name"),
    ("reply \"a $(1 + 1) b\"", "$(1 + 1)", "in a program only $name"),
    ("reply hello", "hello", "`reply` takes a text in quotes, not `hello`"),
    ("send p1", "", "the end of the line comes too early"),
    ("send if 'x'", "if", "`if` is a reserved word and cannot be a name"),
    ("send 3 'x'", "3", "`send` takes a process's name, not `3`"), ("receive as 3", "3", "`3` cannot stand here"),
    ("receive timeout 3", "3", "`timeout` takes a time, and `3` has no unit"),
    ("repeat 5ms { }", "5ms", "`repeat` takes a whole number, and `5ms` is a time"),
    ("repeat exit", "exit", "`repeat` takes a whole number, not `exit`"),
    ("fork { }", "{", "`{` cannot stand here"),
    ("fork now { }", "now", "`now` is a reserved word and cannot be a name"),
    ("thread exit", "exit", "`exit` cannot stand here"), ("exit }", "}", "this `}` closes nothing"),
    ("thread { exit", "{", "this `{` is never closed"), ("else { }", "else", "no step is called `else`"),
    ("3", "3", "`3` cannot stand here"),
  ])
  func refuses(text: String, place: String, message: String) throws {
    let mistake = #expect(throws: Diagnostic.self) { try body(text) }
    #expect(mistake?.message == message)
    #expect(mistake.map { String($0.sourceLine.dropFirst($0.caretStart - 1).prefix($0.caretWidth)) } == place)
  }

  @Test func keepsTheNotation() throws {
    let text = "run; program hot { # busy\n  repeat { write 0..15 }\n}; run"
    guard case .program(let program) = try parse(text)[1].kind else {
      Issue.record("no program")
      return
    }
    #expect(program.name == "hot")
    #expect(program.nameSpan == SourceSpan(start: 13, end: 16))
    #expect(program.sourceText == "program hot { # busy\n  repeat { write 0..15 }\n}")
    #expect(notation(program.body) == "repeat - {write 0..15}")
  }

  @Test func spansCoverSteps() throws {
    let steps = try body("compute 2ms   send a 'x' else { exit }")
    #expect(steps.map(\.span) == [SourceSpan(start: 0, end: 11), SourceSpan(start: 14, end: 38)])
  }

  @Test func boundsNestingAndLength() throws {
    let deep = #expect(throws: Diagnostic.self) { try body(String(repeating: "thread { ", count: 10_000)) }
    #expect(deep?.message == "this nests deeper than 64 levels")
    let long = #expect(throws: Diagnostic.self) { try body(String(repeating: "exit ", count: 100_001)) }
    #expect(long?.message == "a script holds at most 100000 statements and steps")
  }
}
