import Testing

@testable import CommandLanguage

@Suite struct StatementTests {
  /// The statement with what it holds in braces, one word each.
  private func outline(_ statements: [Statement]) -> String {
    statements.map(outline).joined(separator: "; ")
  }

  private func outline(_ block: Block) -> String { "{" + outline(block.statements) + "}" }

  private func outline(_ statement: Statement) -> String {
    switch statement.kind {
    case .command(let call): call.spec.name
    case .let(let name, let value): "let \(name) = \(notation(value))"
    case .if(let branches, let otherwise):
      branches.map { "if \(notation($0.condition)) \(outline($0.block))" }.joined(separator: " else ")
        + (otherwise.map { " else \(outline($0))" } ?? "")
    case .forEach(let name, let values, let block):
      "for \(name) in \(values.map(notation).joined(separator: " ")) \(outline(block))"
    case .repeat(let count, let block): "repeat \(notation(count)) \(outline(block))"
    case .while(let condition, let block): "while \(notation(condition)) \(outline(block))"
    case .define(let name, let parameters, let block):
      "define \(name)(\(parameters.joined(separator: ","))) \(outline(block))"
    case .expect(let condition, let why): "expect \(notation(condition)) \(why.map(notation) ?? "-")"
    case .expectError(let part, let block): "error \(part.map(notation) ?? "-") \(outline(block))"
    case .program(let program): "program \(program.name)"
    case .deferred: "deferred"
    }
  }

  @Test(arguments: [
    ("spawn p --to a.txt", "spawn p"), ("spawn p --to a.txt --append --page 3", "spawn p --pages 3"),
    ("repeat 2 { spawn --to 'a b' p }", "repeat 2 { spawn p }"), ("spawn p | less -S", "spawn p"),
    ("spawn p --on a # | no pipe", "spawn p --on a"),
  ])
  func whereOutputGoesIsNoPartOfAReplay(text: String, replayed: String) throws {
    let source = SourceText(name: "test", text: text)
    var parser = Parser(
      source: source, table: sampleTable, options: Parser.Options(allowAbbreviatedFlags: true, allowPipes: true))
    #expect(source.fullText(of: try #require(try parser.parseScript().first), forReplay: true) == replayed)
  }

  @Test(
    arguments: [
      ("", ""), (" ;;\n# nothing\n", ""), ("run; run\nrun", "run; run; run"), ("let x=5", "let x = 5"),
      ("let x = \\\n  5", "let x = 5"), ("if a { run }", "if a {run}"), ("if a { run } else { }", "if a {run} else {}"),
      ("if a {\n run\n}\nelse if b { } else { }", "if a {run} else if b {} else {}"),
      ("for x in a 3 'z' $y p1.node 0..3 { run; run }", "for x in a 3 \"z\" $y $(p1.node) 0..3 {run; run}"),
      ("for x in -1 $(cluster.nodes) {}", "for x in -1 $(cluster.nodes) {}"),
      ("repeat 2 * $n { run }", "repeat (2 * $n) {run}"),
      ("while p1.pages < 3 and not a.up {\n run }\nrun", "while ((p1.pages < 3) and (not a.up)) {run}; run"),
      ("for x in [a, 3] [] { run }", "for x in $([a, 3]) $([]) {run}"),
      ("spawn p --to a.txt --append; run", "spawn; run"),
      ("define f { run }; f", "define f() {run}; f"), ("define f a b { run }\nf 3 p1.x", "define f(a,b) {run}; f"),
      ("define f { run }; define f a { run }; f 1", "define f() {run}; define f(a) {run}; f"),
      ("expect p1.node == b \"why $x\"", "expect (p1.node == b) \"why <$x>\""), ("expect a.up", "expect a.up -"),
      ("expect error { migrate p b }", "error - {migrate}"), ("expect error \"down\" { run }", "error \"down\" {run}"),
      ("program p { exit }", "program p"), ("program list", "program list"), ("program lister { }", "program lister"),
      ("source x.migsh; zap a { b; c } --d 3x\nrun", "source"), ("{", ""),
    ].dropLast(2))
  func understands(text: String, meaning: String) throws {
    #expect(try outline(parse(text)) == meaning)
  }

  @Test(arguments: [
    ("let 3 = 4", "3"), ("let $x = 4", "$x"), ("let if = 4", "if"), ("let x 4", "4"), ("let x", ""),
    ("let x = 5 6", "6"),
    ("else { }", "else"), ("if a { run } ; else { }", "else"), ("if { run }", "{"), ("if a", ""),
    ("if a { run } run", "run"),
    ("if a { run", "{"), ("for x in { }", "{"), ("for x a { }", "a"), ("for x in a b", ""), ("for if in a { }", "if"),
    ("repeat { run }", "{"), ("repeat 5ms { run }", "5ms"), ("define run { }", "run"), ("define node { }", "node"),
    ("define f a a { }", "a"), ("define f 3 { }", "3"), ("define f a", ""), ("define now { }", "now"),
    ("define f a { run }; f", ""), ("define f a { run }; f 1 2", "2"), ("f 1; define f a { run }", "f"),
    ("expect error { }", "{ }"), ("expect error { run; say 'x' }", "say 'x'"), ("expect error == 3", "=="),
    ("expect error \"a\"", ""), ("expect a.up \"x\" \"y\"", "\"y\""), ("run }", "}"), ("repeat 2 { run } }", "}"),
    ("program p", "p"), ("program if { }", "if"), ("program p { exit } run", "run"), ("zap", "zap"),
  ])
  func refuses(text: String, place: String) {
    #expect(underlined(text) == place)
  }

  @Test func afterASourceUnknownCommandsAreDeferred() throws {
    let text = "source x.migsh; zap a { b; c } --d (3\n)\nrepeat 2 { zip }; run"
    let statements = try parse(text)
    #expect(outline(statements) == "source; deferred; repeat 2 {deferred}; run")
    let source = SourceText(name: "test.migsh", text: text)
    #expect(source.text(statements[1].span) == "zap a { b; c } --d (3\n)")
    #expect(mistake("source x; node lst")?.message == "`node` has no `lst`")
    #expect(mistake("source x; zap {")?.message == "this `{` is never closed")
    #expect(mistake("zap; source x")?.message == "there is no command `zap`")
  }

  @Test func aDeferredStatementIsParsedInItsPlace() throws {
    let text = "source x.migsh\nrun; zap 3 4 ; run"
    let source = SourceText(name: "test.migsh", text: text)
    let deferred = try #require(try parse(text).first { $0.kind == .deferred })
    var table = sampleTable
    table.add(.userDefined(name: "zap", parameters: ["a", "b"]))
    var parser = Parser(source: source, table: table, span: deferred.span)
    let statements = try parser.parseScript()
    #expect(statements.map(\.span) == [deferred.span])
    table.add(.userDefined(name: "zap", parameters: ["a"]))
    var strict = Parser(source: source, table: table, span: deferred.span)
    let error = #expect(throws: Diagnostic.self) { try strict.parseScript() }
    #expect(error?.place == SourcePlace(file: "test.migsh", line: 2, column: 12))
  }

  @Test func definitionsStayInTheTable() throws {
    var parser = Parser(source: SourceText(name: "a", text: "define f x { run }"), table: sampleTable)
    _ = try parser.parseScript()
    #expect(parser.table.lookup(["f"]) == .userDefined(name: "f", parameters: ["x"]))
    #expect(sampleTable.lookup(["f"]) == nil)
  }

  @Test func boundsNestingAndLength() throws {
    let deep = String(repeating: "repeat 2 { ", count: Parser.deepestNesting)
    let close = String(repeating: "}", count: Parser.deepestNesting)
    #expect(try parse(deep + close).count == 1)
    #expect(mistake(deep + "repeat 2 { }" + close)?.message == "this nests deeper than 64 levels")
    #expect(mistake(String(repeating: "repeat 2 { ", count: 10_000))?.message == "this nests deeper than 64 levels")
    let most = String(repeating: "run;", count: Parser.mostStatements)
    #expect(try parse(most).count == Parser.mostStatements)
    #expect(mistake(most + "run")?.message == "a script holds at most 100000 statements and steps")
  }

  @Test(arguments: [
    ("say 'a", true), ("say \"a", true), ("say \"$(", true), ("say \"a\\\"", true), ("if a {", true),
    ("print (1", true),
    ("print [1", true), ("run \\", true), ("run \\\n", true), ("run \\ ", true), ("if a { # }", true),
    ("say \"$(1) ", true),
    ("", false), ("run", false), ("say 'a'", false), ("say \"a\\\\\"", false), ("if a { }", false), ("run # {", false),
    ("run # \\", false), ("run \\\n\n", false), ("run \\\n 5ms", false), ("say '{('", false), ("}", false),
    ("( }", false),
    ("say \"$(f(1))\"", false), ("run # it's", false),
  ])
  func knowsWhatIsIncomplete(text: String, isIncomplete: Bool) {
    #expect(Parser.isIncomplete(text) == isIncomplete)
  }
}
