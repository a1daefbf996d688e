import CommandLanguage
import Testing

@testable import Shell

@Suite struct HighlightingTests {
  /// Each part that looks different, as `KIND:TEXT`.
  private func parts(_ text: String) -> [String] {
    let recorder = Recorder()
    recorder.execute("node add a b\nspawn p\ndefine twice x { say \"$x $x\" }")
    return recorder.session.highlight(text).map { part in
      let bytes = Array(text.utf8)[part.range]
      return "\(part.kind):\(String(decoding: bytes, as: UTF8.self))"
    }
  }

  @Test(arguments: [
    ("migrate p b", ["command:migrate"]), ("node add c", ["command:node", "command:add"]),
    ("twice 3", ["command:twice", "number:3"]),
    ("migrat p", ["unknown:migrat"]), ("migrat", []), ("node ad", ["command:node"]),
    ("node adx c", ["command:node", "unknown:adx"]),
    ("now; mgrate p; now", ["command:now", "unknown:mgrate", "command:now"]),
    (
      "if p.node == a { now } else { nwo }",
      ["command:if", "bracket:{", "command:now", "bracket:}", "command:else", "bracket:{", "unknown:nwo", "bracket:}"]
    ),
    ("if true {\n}\nelse {", ["command:if", "bracket:{", "bracket:}", "command:else", "bracket:{"]),
    (
      "define again y { now }; again 3",
      ["command:define", "bracket:{", "command:now", "bracket:}", "command:again", "number:3"]
    ),
  ]) func commandsAreKnownOrNot(_ text: String, _ wanted: [String]) {
    #expect(parts(text) == wanted)
  }

  @Test(arguments: [
    ("program x { compute 2ms }", ["command:program", "bracket:{", "command:compute", "number:2ms", "bracket:}"]),
    ("program x { migrate p", ["command:program", "bracket:{", "unknown:migrate"]),
    (
      "program x { receive as m reply \"$m\" }",
      ["command:program", "bracket:{", "command:receive", "command:reply", "text:\"$m\"", "variable:$m", "bracket:}"]
    ),
    ("program list", ["command:program", "command:list"]),
  ]) func stepsAreNoCommands(_ text: String, _ wanted: [String]) {
    #expect(parts(text) == wanted)
  }

  @Test(arguments: [
    ("migrate p b --flush --downtime 20ms", ["command:migrate", "flag:--flush", "flag:--downtime", "number:20ms"]),
    ("migrate p b --pre", ["command:migrate", "flag:--pre"]),
    ("migrate p b --nothing", ["command:migrate", "unknown:--nothing"]),
    ("ps --to f --append", ["command:ps", "flag:--to", "flag:--append"]),
    ("source f --to g", ["command:source", "unknown:--to"]),
    (
      "say \"a $home $(now + 1ms) b\" # said",
      [
        "command:say", "text:\"a $home $(now + 1ms) b\"", "variable:$home", "variable:$", "bracket:(", "number:1ms",
        "bracket:)", "comment:# said",
      ]
    ),
    ("say \"never ends $ho", ["command:say", "text:\"never ends $ho", "variable:$ho"]),
    ("say '$home'", ["command:say", "text:'$home'"]),
    ("run 5q", ["command:run"]),
    (
      "print ($x + [1])",
      ["command:print", "bracket:(", "variable:$x", "bracket:[", "number:1", "bracket:]", "bracket:)"]
    ),
    ("print § $ \\x", ["command:print", "variable:$"]), ("say \"#\" #x", ["command:say", "text:\"#\"", "comment:#x"]),
    ("", []),
  ]) func theRestIsToldApart(_ text: String, _ wanted: [String]) {
    #expect(parts(text) == wanted)
  }

  @Test(arguments: [
    "if 1 == 2 {\n  say \"a\"\n} else {\n  nwo\n}", "program x {\n  compute 2ms\n  migrate p\n}",
    "say \"a\nb $x\nc\" # d\nnow", "define t x {\n  now\n}\nt 3", "print (1 +\n 2ms)", "run \\\n 3ms",
  ]) func lineAfterLineIsAsTheWhole(_ text: String) {
    let session = Recorder().session
    func described(_ part: HighlightedPart, from start: Int, in text: String) -> String {
      "\(part.range.lowerBound + start)..<\(part.range.upperBound + start) \(part.kind)"
    }
    let whole = Set(session.highlight(text).map { described($0, from: 0, in: text) })
    var earlier = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let parts = session.highlighting(after: earlier)(line + "\n")
      for part in parts where part.kind != .text {
        #expect(whole.contains(described(part, from: earlier.utf8.count, in: text)))
      }
      earlier += line + "\n"
    }
  }

  @Test func anyPrefixOfAnyTextIsTaken() {
    let session = Recorder().session
    let text = Array(
      "define x y { if $y == \"a $(count([1, 2])) \\q\" { migrate p b --flush=3 } } # ö 'x\nprogram z { send \"".utf8)
    for length in 0...text.count {
      let prefix = String(decoding: text[..<length], as: UTF8.self)
      for part in session.highlight(prefix) {
        #expect(part.range.lowerBound >= 0 && part.range.upperBound <= prefix.utf8.count && !part.range.isEmpty)
      }
    }
  }
}
