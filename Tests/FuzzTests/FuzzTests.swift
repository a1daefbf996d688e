import Foundation
import Testing

@testable import migsh_fuzz

/// A short run of the fuzzer, and all inputs that once crashed or confused something.
@Suite struct FuzzTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
  private static let corpus = root + "/Tests/FuzzTests/Corpus"

  @Test(arguments: Subject.Kind.allCases) func nothingIsFoundInAShortRun(_ kind: Subject.Kind) throws {
    let subject = try Subject(kind, root: Self.root)
    #expect(subject.seeds.count > 5)
    var fuzzer = Fuzzer(subject, seed: 1)
    let begun = ContinuousClock.now
    // The seeds are scripts that other tests execute.
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
