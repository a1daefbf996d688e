import Testing

@testable import CommandLanguage

@Suite struct ExpressionTests {
  @Test(arguments: [
    ("1 + 2 * 3", "(1 + (2 * 3))"), ("1 - 2 - 3", "((1 - 2) - 3)"), ("(1 + 2) * 3", "((1 + 2) * 3)"),
    ("5 % 2", "(5 % 2)"), ("-$x + 1", "((- $x) + 1)"), ("-1 - -2", "((- 1) - (- 2))"),
    ("a or b and not c == d", "(a or (b and (not (c == d))))"), ("not a.up and b.up", "((not a.up) and b.up)"),
    ("p1.migration.freezeTime < 20ms", "(p1.migration.freezeTime < 20000000:time)"),
    ("$p.node != b", "($p.node != b)"), ("p1 in cluster.processes", "(p1 in cluster.processes)"),
    ("$n in [a, b]", "($n in [a, b])"), ("[]", "[]"), ("max(1, min(2, 3), $x)", "max(1, min(2, 3), $x)"),
    ("count(a.forwards) >= 2", "(count(a.forwards) >= 2)"), ("now", "now"),
    ("message.lost == 0", "(message.lost == 0)"),
    (
      "count($m for m in cluster.messages where $m.from == p1)",
      "count([$m for m in cluster.messages where ($m.from == p1)])"
    ),
    ("[$p.pages + 1 for p in cluster.processes]", "[($p.pages + 1) for p in cluster.processes]"),
    ("sum(1 for x in [1, 2]\nwhere $x > 1) + 3", "(sum([1 for x in [1, 2] where ($x > 1)]) + 3)"),
    ("event.node-failed.last", "event.node-failed.last"), ("where.pages", "where.pages"),
    ("true", "true"), ("none", "none"), ("$(1 + 2) * 3", "((1 + 2) * 3)"), ("a-b", "a-b"), ("p1.a-b.in", "p1.a-b.in"),
    (#""at $n: $(1 + $x)" == 'x$y'"#, #"("at <$n>: <(1 + $x)>" == "x$y")"#), ("(1\n+\n2)", "(1 + 2)"),
    ("max(1,\n  2,\n)", "max(1, 2)"), (#""$("$("$x")")""#, "\"<\"<\"<$x>\">\">\""), ("1 + \\\n 2", "(1 + 2)"),
  ])
  func understands(text: String, meaning: String) throws {
    #expect(try understood(text) == meaning)
  }

  @Test(arguments: [
    ("a -b", "-"), ("5-3", "-"), ("a - b -3", "-"), ("(a)-3", "-"), ("a- b", "-"), ("1 < 2 < 3", "<"),
    ("a == b == c", "=="), ("count(1 for)", ")"), ("count(1 for x)", ")"), ("count(1 for x in)", ")"),
    ("[1 for $x in y]", "$x"),
    ("[1 for x in y if true]", "if"), ("[1, 2 for x in y]", "for"), ("[1 for x in y, 2]", ","), ("1 for x in y", "for"),
    ("[1 for if in y]", "if"), ("count(count($y for y in z) for x in y)", "for"),
    ("count(1 for x in [2 for y in z])", "for"),
    ("count(1 for x in y where count($z for z in y) > 1)", "for"), ("[1 for x in y", "["),
    ("a = b", "="), ("1 +", ""), ("", ""), ("(1 + 2", "("), ("(1 2)", "2"), ("[1, 2", "["), ("[1 2]", "2"),
    ("f(x)", "f"), ("max()", "max()"), ("if", "if"), ("a == not b", "not"), ("a b", "b"), ("a + * b", "*"),
    (#""$()""#, ")"), (#""$(1 2)""#, "2"), (#""$(1 -2)""#, "-"), ("a and", ""), ("1 ; + 2 (", "+"), ("5%2", "%"),
  ])
  func refuses(text: String, place: String) {
    #expect(underlined("print " + text) == place)
  }

  @Test func spansCoverWhatWasTyped() throws {
    let call = try #require(try command("print (a + b) * max(1, 2)"))
    guard case .expression(.binary(.times, let left, let right, let span), _)? = call.arguments.first?.first else {
      Issue.record("no product")
      return
    }
    #expect(left.span == SourceSpan(start: 7, end: 12))
    #expect(right.span == SourceSpan(start: 16, end: 25))
    #expect(span == SourceSpan(start: 7, end: 25))
  }

  @Test func suggestsFunctions() {
    #expect(mistake("print cuont(x)")?.suggestion == "count")
    #expect(mistake("print a = b")?.suggestion == "==")
  }

  @Test(arguments: ["(", "[", "not ", "- ", "max(", "$("])
  func refusesWhatNestsTooDeep(opening: String) {
    let text = "print " + String(repeating: opening, count: 100_000)
    #expect(mistake(text)?.message == "this nests deeper than 64 levels")
  }

  @Test func takesWhatNestsJustDeepEnough() throws {
    let open = String(repeating: "(", count: Parser.deepestNesting)
    let close = String(repeating: ")", count: Parser.deepestNesting)
    #expect(try understood(open + "1" + close) == "1")
    #expect(mistake("print (" + open + "1" + close + ")")?.message == "this nests deeper than 64 levels")
  }

  @Test func refusesTextsThatNestTooDeep() {
    let text = "print " + String(repeating: "\"$(", count: 10_000)
    #expect(mistake(text)?.message == "this nests deeper than 64 levels")
  }

  @Test func boundsTheOperatorsOfOneExpression() throws {
    let most = "1" + String(repeating: " + 1", count: Parser.mostOperators)
    #expect(try parse("print \(most)\nprint \(most); set x $(\(most))").count == 3)
    #expect(mistake("print \(most) + 1")?.message == "an expression holds at most 256 operators")
    #expect(mistake("print (\(most)) + 1")?.message == "an expression holds at most 256 operators")
    #expect(mistake("print \"$(\(most))\" + 1")?.message == "an expression holds at most 256 operators")
    #expect(try parse("say \"$(\(most)) $(\(most))\"").count == 1)
  }
}
