import Foundation
import Testing

@testable import migsh_fuzz

/// A short run of the fuzzer, and every input that once crashed or confused something.
@Suite struct FuzzTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
  private static let corpus = root + "/Tests/FuzzTests/Corpus"

  @Test(arguments: Subject.Kind.allCases) func nothingIsFoundInAShortRun(_ kind: Subject.Kind) throws {
    let subject = try Subject(kind, root: Self.root)
    #expect(subject.seeds.count > 5)
    var fuzzer = Fuzzer(subject, seed: 1)
    // The seeds are scripts that other tests execute.
    for _ in subject.seeds { _ = fuzzer.next() }
    let begun = ContinuousClock.now
    while fuzzer.count < 400, .now - begun < .seconds(2) {
      let input = fuzzer.next()
      let finding = fuzzer.tryOut(input).finding
      #expect(finding == nil, "\(String(decoding: input, as: UTF8.self))")
    }
    #expect(fuzzer.features.count > 10)
  }

  @Test(arguments: Store.names(in: corpus).filter { !$0.hasPrefix(".") })
  func whatOnceWentWrongDoesNotAnyMore(_ name: String) throws {
    let kind = try #require(Subject.Kind.allCases.first { name.hasPrefix($0.rawValue) })
    let begun = ContinuousClock.now
    let finding = try Subject(kind, root: Self.root).feed(Store.read("\(Self.corpus)/\(name)")).finding
    #expect(finding == nil)
    #expect(.now - begun < .seconds(20))
  }

  @Test func withoutTheRepositoryNothingIsTried() {
    #expect(throws: Subject.NoSeeds.self) { try Subject(.commands, root: "/nonexistent") }
  }

  @Test func theSameSeedMakesTheSameInputs() throws {
    let subject = try Subject(.commands, root: Self.root)
    var first = Fuzzer(subject, seed: 7)
    var second = Fuzzer(subject, seed: 7)
    var other = Fuzzer(subject, seed: 8)
    for _ in 0..<subject.seeds.count {
      #expect(first.next() == second.next())
      _ = other.next()
    }
    let made = (0..<50).map { _ in first.next() }
    #expect(made == (0..<50).map { _ in second.next() })
    #expect(made != (0..<50).map { _ in other.next() })
  }

  @Test func anInputThatBeginsWithACopyOfASessionIsTriedAsFromItsBeginning() throws {
    let subject = try Subject(.commands, root: Self.root)
    let trunk = Array("# 1\nnode add a b\nspawn p --on a\nrun 50ms\n".utf8)
    let start = try #require(subject.feed(trunk).end)
    let input = trunk + Array("migrate p b --pretransfer\nmigrate p b\nlet x = p.nothing\n".utf8)
    #expect(subject.feed(input, from: start).features.suffix(9) == subject.feed(input).features.suffix(9))
    // The copy is as it was.
    #expect(subject.feed(trunk + Array("print p.node == a\n".utf8), from: start).finding == nil)
    #expect(subject.feed(input, from: start).features == subject.feed(input, from: start).features)
  }

  @Test func theInputThatIsBeingTriedStandsInAFile() throws {
    let folder = NSTemporaryDirectory() + "migsh-fuzz-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = try Store(folder: folder, kind: .syntax, seed: 5)
    let path = "\(folder)/current-syntax-5"
    for input in [Array("node add a".utf8), [], [0, 0xFF, 0], Array(repeating: 7, count: Mutator.mostBytes)] {
      store.begin(input)
      #expect(try Store.readInput(path) == input)
    }
    store.end()
    #expect(throws: Store.Failure.self) { try Store.readInput(path) }
  }

  @Test(arguments: ["a\u{1B}[2J", "bell\u{7}", "\u{9B}31m", "return\r"]) func whatATerminalObeysIsAFlaw(_ text: String)
  {
    #expect(Subject.flaw(in: text, isJSON: false) != nil)
  }

  @Test func whatIsNoJSONIsAFlaw() {
    #expect(Subject.flaw(in: "{\"v\":1}\n{\"v\":2}\n", isJSON: true) == nil)
    #expect(Subject.flaw(in: "{\"v\":1}\nerror\n", isJSON: true) != nil)
    #expect(Subject.flaw(in: "a\n\tb\n", isJSON: false) == nil)
  }
}
