import Testing

@testable import CommandLanguage

@Suite struct CommandTests {
  private func summary(_ text: String, abbreviated: Bool = false) throws -> String? {
    guard let call = try command(text, abbreviated: abbreviated) else { return nil }
    let arguments = call.arguments.map { "(" + $0.map(notation).joined(separator: " ") + ")" }
    let flags = call.flags.map { "--" + $0.flag.name + ($0.value.map { "=" + notation($0) } ?? "") }
    return ([call.spec.name] + arguments + flags).joined(separator: " ")
  }

  @Test(arguments: [
    ("node add a b --cores 2 c --speed=1.5", "node add (a b c) --cores=2 --speed=1.5"),
    ("node add a --memory 4GiB", "node add (a) --memory=4294967296:size"),
    ("node list", "node list"), ("partition a,b c , d", "partition (a,b c,d)"),
    ("network set --loss 20% --latency 1ms", "network set --loss=0.2:share --latency=1000000:time"),
    ("spawn p1 --set k=3 --set=l='x' --set m=$y --hold", "spawn (p1) --set=k=3 --set=l=\"x\" --set=m=$y --hold"),
    (#"poke p1 $n "a $(1 + 1)""#, #"poke (p1) ($n) ("a <(1 + 1)>")"#), ("touch p1 3", "touch (p1) (3..)"),
    ("touch p1 0..$(2 * 3)", "touch (p1) (0..$((2 * 3)))"), ("migrate p1", "migrate (p1) ()"),
    ("migrate p1 b", "migrate (p1) (b)"), ("migrate --flush p1", "migrate (p1) () --flush"),
    ("migrate cancel p1", "migrate cancel (p1)"), ("migrate $p $p.origin", "migrate ($p) ($($p.origin))"),
    ("checkpoint before", "checkpoint (before)"), ("checkpoint list", "checkpoint list"), ("run", "run ()"),
    ("run 10ms", "run (10000000:time)"), ("run until now > 3s", "run until ($((now > 3000000000:time)))"),
    ("set seed 3", "set seed (3)"), ("set quantum 10ms", "set (quantum) (10000000:time)"), ("set", "set () ()"),
    ("set forwarding link-update", "set (forwarding) (link-update)"), ("set x -1.5", "set (x) (-1.5)"),
    ("set x p1.node", "set (x) ($(p1.node))"), ("set x none", "set (x) (none)"),
    ("balance on --every 5ms", "balance (on) --every=5000000:time"), ("balance now", "balance (now)"),
    ("source ../x/3a.migsh", "source (../x/3a.migsh)"), ("source \"my file\"", "source (\"my file\")"),
    ("source a.migsh # comment", "source (a.migsh)"), ("help", "help ()"), ("help if node.x 3x", "help (if node.x 3x)"),
    ("timed { run }", "timed () ({1})"), ("timed a { run; run }", "timed (a) ({2})"),
    ("spawn \"w$i\"", "spawn (\"w<$i>\")"), ("unset x", "unset (x)"), ("say $x", "say ($x)"),
    ("node add a --speed 2 --cores $(1 + 1)", "node add (a) --speed=2 --cores=$((1 + 1))"),
  ])
  func understands(text: String, meaning: String) throws {
    #expect(try summary(text) == meaning)
  }

  @Test(arguments: [
    ("node add", "", "`node add` needs a new name for `NAME`"),
    ("node add a 3", "3", "`NAME` takes a new name, not `3`"),
    ("node add if", "if", "`if` is a reserved word and cannot be a name"),
    ("node add \"if\"", "\"if\"", "`if` is a reserved word and cannot be a name"),
    ("node add '3a'", "'3a'", "this text cannot be a name"),
    ("node add a --cores 1.5", "1.5", "`--cores` takes a whole number, and `1.5` is a bare number"),
    ("node add a --cores 5ms", "5ms", "`--cores` takes a whole number, and `5ms` is a time"),
    ("node add a --cores -1", "-1", "`--cores` takes a whole number, which cannot be below zero"),
    ("node add a -c", "-", "`NAME` takes a new name, not `-`"),
    ("node add a --cores 1 --cores 2", "--cores", "`--cores` is given twice"),
    ("node add a --cores=", "--cores", "`--cores` needs a value"),
    ("node add a --cores= 2", "--cores", "`--cores` needs a value"),
    ("node add a --cores==2", "==", "`==` cannot stand here"),
    ("node add a --cores --speed 1", "--cores", "`--cores` needs a value"),
    ("network set --latency 5KiB", "5KiB", "`--latency` takes a time, and `5KiB` is a size"),
    ("network set --loss 5", "5", "`--loss` takes a share, and `5` has no unit"),
    ("network set --latency fast", "fast", "`--latency` takes a time, not `fast`"),
    ("network set --latency \"1ms\"", "\"1ms\"", "`--latency` takes a time, not `\"1ms\"`"),
    ("spawn p1 --hold=3", "=", "`--hold` takes no value"), ("spawn p1 --set k", "k", "`k` has no value"),
    ("spawn p1 --set k =3", "k", "`k` has no value"), ("spawn p1 --set k= 3", "=", "no value touches this `=`"),
    ("spawn p1 p2", "p2", "`p2` is one argument too many for `spawn`"),
    ("spawn p1 --p 3", "--p", "`--p` is short for several flags"),
    ("spawn p1 --ho", "--ho", "`--ho` is short for `--hold`, which only a terminal accepts"),
    ("node list --x", "--x", "`node list` has no flag `--x`"),
    ("touch p1 5..2", "5..2", "this range is reversed: 5 comes after 2"),
    ("touch p1 1KiB", "1KiB", "`PAGES` takes a page or a range of pages, and `1KiB` is a size"),
    ("touch p1 0..", "", "the end of the line comes too early"),
    ("partition a, \n", "", "the end of the line comes too early"),
    ("poke p1 0..3 'x'", "..", "`..` touches what stands before it"),
    ("poke p1 3 hello", "hello", "`text` takes a text in quotes, not `hello`"),
    ("migrate p1.x", ".", "`.` touches what stands before it"),
    ("say \"a\"\"b\"", "\"b\"", "`\"b\"` touches what stands before it"),
    ("balance nwo", "nwo", "`WHEN` does not take `nwo`"),
    ("unset $x", "$x", "`NAME` takes a variable's name, not `$x`"),
    ("run 5ms )", ")", "`)` is one argument too many for `run`"), ("3", "3", "`3` cannot stand here"),
    ("--on a spawn", "--on", "`--on` cannot stand here"), ("}", "}", "this `}` closes nothing"),
    ("timed a", "", "`timed` needs commands in braces for `BLOCK`"),
    ("source a$x", "$x", "`$x` touches what stands before it"),
    ("source", "", "`source` needs a file for `FILE`"), ("add", "add", "there is no command `add`"),
  ])
  func refuses(text: String, place: String, message: String) {
    let mistake = mistake(text)
    #expect(mistake?.message == message)
    #expect(underlined(text) == place)
  }

  @Test func shortFlagsNeedATerminal() throws {
    #expect(try summary("spawn p1 --ho --pag 3", abbreviated: true) == "spawn (p1) --hold --pages=3")
    #expect(mistake("spawn p1 --p 3", abbreviated: true)?.expected == "`--pages`, `--program` or `--parent`")
    #expect(mistake("migrate p1 --pretransf")?.suggestion == "--pretransfer")
  }

  @Test(arguments: [
    ("nod list", "node list"), ("add", "node add"), ("rnu", "run"), ("lte x = 3", "let"),
    ("program lst", "program list"),
    ("balance nwo", "now"), ("touch p 5..2", "2..5"), ("migrat cancel p", "migrate cancel"), ("node ad x", "node add"),
  ])
  func suggests(text: String, suggestion: String) {
    #expect(mistake(text)?.suggestion == suggestion)
  }

  @Test func looksUpArgumentsAndFlags() throws {
    let call = try #require(try command("spawn p1 --set a=1 --pages 3 --set b=2"))
    #expect(
      call.arguments(for: ParameterSpec(name: "NAME", kind: .newName)).first
        == .name("p1", SourceSpan(start: 6, end: 8)))
    #expect(call.arguments(for: ParameterSpec(name: "OTHER", kind: .text)).isEmpty)
    let pages = call.uses(of: FlagSpec(name: "pages", value: .count, summary: "")).first
    #expect(pages?.value == .literal(.integer(3), SourceSpan(start: 27, end: 28)))
    #expect(pages?.span == SourceSpan(start: 19, end: 28))
    #expect(call.uses(of: FlagSpec(name: "set", value: .assignment, summary: "")).count == 2)
    #expect(call.uses(of: FlagSpec(name: "hold", summary: "")).isEmpty)
    #expect(call.wordsSpan == SourceSpan(start: 0, end: 5))
    #expect(call.span == SourceSpan(start: 0, end: 38))
  }

  @Test func slicesReportTheirTrueLines() {
    let source = SourceText(name: "lesson.migsh", text: "run\nrun 5\n", firstLine: 40)
    var parser = Parser(source: source, table: sampleTable)
    let error = #expect(throws: Diagnostic.self) { try parser.parseScript() }
    #expect(error?.place == SourcePlace(file: "lesson.migsh", line: 41, column: 5))
  }
}

@Suite struct CommandTableTests {
  private func usage(_ words: String...) -> String? { sampleTable.lookup(words).map(sampleTable.usage) }

  @Test func writesUsage() {
    #expect(usage("node", "add") == "node add NAME... [--cores N] [--speed X] [--memory SIZE]")
    #expect(usage("poke") == "poke P PAGE \"text\"")
    #expect(usage("migrate") == "migrate P [NODE] [--pretransfer | --flush] [--prefetch N] [--downtime T]")
    #expect(usage("balance") == "balance now|on|off [--every T]")
    #expect(usage("help") == "help [TOPIC...]")
    #expect(usage("timed") == "timed [LABEL] { }")
    #expect(usage("let") == "let NAME = EXPRESSION")
    #expect(usage("repeat") == "repeat N { }")
    #expect(usage("if") == "if EXPRESSION { } [else { }]")
    #expect(usage("expect") == "expect EXPRESSION [\"why it matters\"]")
  }

  @Test func replacesAndIgnores() {
    var table = CommandTable([CommandSpec(words: ["x"], summary: "one")])
    let count = table.all.count
    table.add(CommandSpec(words: ["x"], summary: "two"))
    table.add(CommandSpec(words: [], summary: "nothing"))
    #expect(table.all.count == count)
    #expect(table.lookup(["x"])?.summary == "two")
    #expect(table.lookup(["y"]) == nil)
    #expect(table.commands(startingWith: "expect").map(\.name) == ["expect", "expect error"])
  }

  @Test func examplesOfTheGrammarParse() throws {
    for spec in CommandTable.grammar {
      #expect(!spec.examples.isEmpty)
      for example in spec.examples { #expect(try parse(example).count == 1) }
    }
  }

  @Test func knowsNames() {
    for name in ["a", "a1", "a-b", "a_", "A-1_2"] { #expect(CommandTable.isName(name)) }
    for text in ["", "1", "-a", "a-", "a--b", "a.b", "é", "if", "a b"] { #expect(!CommandTable.isName(text)) }
  }
}
