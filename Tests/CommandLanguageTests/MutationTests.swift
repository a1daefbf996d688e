import Testing

@testable import CommandLanguage

/// SplitMix64, so that every run tries the same texts.
private struct Generator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}

@Suite struct MutationTests {
  private static let corpus = [
    "node add a b --cores 2 --memory=4GiB\nnode list; node show a", "partition a,b c,d",
    "network set --latency 1.5ms --bandwidth 100Mbps --loss 0.5%", "let x = (p1.pages - 3) * 2 % 5",
    "spawn p1 --on a --pages $n --program hot --set key=value --set l='x y' --hold",
    "poke p1 3 \"at $now: $(count(cluster.nodes) + 1)\\n\"", "migrate p1 b --pretransfer --downtime 5ms",
    "if p1.node == b and not a.up { run 5ms } else if $x in [a, b] { say 'no' } else { reset }",
    "for n in a $b p1.node 0..15 \"c\" {\n  touch p1 0..$n # comment\n}",
    "repeat 3 { define f a b { run until now > 3s } }",
    "expect p1.migration.freezeTime < 20ms \"it was $(p1.migration.freezeTime)\"",
    "expect error \"down\" { migrate $p $p.origin }", "source ../x/y.migsh; zap a { b } \\\n (c)", "help node add 3x é",
    "program hot {\n  repeat { write 0..15 compute 2ms }\n  send p2 \"hi $m\" else { exit }\n}",
    "program echo { repeat 3 { receive as m timeout 5ms   reply 'got' thread { fork q { sleep 1s } } } }",
  ]

  private static let pieces = Array("(){}[]\"'$#;\\-.,=%<>!0aé\n\t \r\u{1B}")

  private func mutated(_ text: String, with generator: inout Generator) -> String {
    var characters = Array(text)
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let place = Int.random(in: 0...characters.count, using: &generator)
      switch Int.random(in: 0..<5, using: &generator) {
      case 0 where place < characters.count: characters.remove(at: place)
      case 1: characters.insert(contentsOf: Self.corpus.randomElement(using: &generator) ?? "", at: place)
      case 2: characters.removeLast(characters.count - place)
      case 3 where place + 1 < characters.count: characters.swapAt(place, place + 1)
      default: characters.insert(contentsOf: Self.pieces.randomElement(using: &generator).map { [$0] } ?? [], at: place)
      }
    }
    return String(characters)
  }

  /// Whether a place lies in a text: on one of its lines, and at most one column behind the end of the line.
  private func contains(_ source: SourceText, _ diagnostic: Diagnostic) -> Bool {
    let place = diagnostic.place
    guard (1...source.lastLine).contains(place.line) else { return false }
    let lines = source.text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
    let line = String(lines[place.line - 1])
    return place.file == source.name && (1...line.count + 1).contains(place.column) && diagnostic.sourceLine == line
  }

  @Test func everyMutationParsesOrHasAPlace() throws {
    for text in Self.corpus { _ = try parse(text) }
    var generator = Generator(state: 1)
    var parsed = 0
    var refused = 0
    for _ in 0..<20_000 {
      let text = mutated(Self.corpus.randomElement(using: &generator) ?? "", with: &generator)
      let source = SourceText(name: "test.migsh", text: text)
      var parser = Parser(source: source, table: sampleTable, options: .init(allowAbbreviatedFlags: refused % 2 == 0))
      _ = Parser.isIncomplete(text)
      do {
        _ = try parser.parseScript()
        parsed += 1
      } catch {
        refused += 1
        #expect(contains(source, error), "\(text)")
        #expect(!error.rendered().isEmpty)
      }
    }
    #expect(parsed > 1_000)
    #expect(refused > 10_000)
  }

  @Test func whatParsesIsComplete() throws {
    var generator = Generator(state: 2)
    var complete = 0
    var incomplete = 0
    for _ in 0..<2_000 {
      let text = mutated(Self.corpus.randomElement(using: &generator) ?? "", with: &generator)
      guard mistake(text) == nil else { continue }
      let ends = text.last.map { $0 == "\\" || $0.isWhitespace } ?? false
      #expect(ends || !Parser.isIncomplete(text), "\(text)")
      if !ends { complete += 1 }
      // The same with something left open is not; `help` takes brackets that close nothing.
      guard !ends, !text.hasPrefix("help") else { continue }
      for open in ["\nrepeat 2 {", "\nlet x = (1", "\nlet x = [1,", "\nsay \"a", "\nnode add a \\"] {
        #expect(Parser.isIncomplete(text + open), "\(text + open)")
        incomplete += 1
      }
    }
    #expect(complete > 100 && incomplete > 500, "\(complete) \(incomplete)")
  }
}
