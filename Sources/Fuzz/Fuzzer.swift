import MigrationKernel

/// Makes up inputs, one after another. It keeps those that reach something new, and makes further ones from them.
struct Fuzzer {
  let subject: Subject
  private(set) var corpus: [[UInt8]]
  /// What inputs have reached so far.
  private(set) var features: Set<UInt64> = []
  /// How many made-up inputs were tried, without those to begin with.
  private(set) var count: UInt64 = 0

  private var mutator: Mutator
  private var generator: Generator
  /// The inputs to begin with, which are tried as they are, and how many have been tried.
  private let first: [[UInt8]]
  private var firstTried = 0
  private var trunk = Trunk()

  /// A beginning that several inputs share. It is executed only once, since a session is a value that can be copied.
  private struct Trunk {
    var text: [UInt8] = []
    /// Lines that followed the trunk in an input: new endings grow from them.
    var rest: [UInt8] = []
    var left = 0
    /// Nil until the trunk was tried alone, and when nothing can be executed after it.
    var end: Subject.Start?
  }

  /// Inputs that grow from one trunk.
  private static let branches = 24

  /// - Parameter saved: inputs that earlier runs kept. This run keeps those that reach something new.
  init(_ subject: Subject, seed: UInt64, saved: [[UInt8]] = []) {
    self.subject = subject
    corpus = subject.seeds
    first = corpus + saved
    mutator = Mutator(vocabulary: subject.vocabulary, kind: subject.kind)
    generator = Generator(seed: seed)
  }

  /// The next input.
  mutating func next() -> [UInt8] {
    if firstTried < first.count {
      firstTried += 1
      return first[firstTried - 1]
    }
    count += 1
    guard subject.kind == .commands else { return mutator.variation(of: corpus, with: &generator) }
    if trunk.left > 0, trunk.end != nil {
      trunk.left -= 1
      let ending = mutator.variation(of: trunk.rest, other: generator.pick(corpus), with: &generator)
      return trunk.text + ending
    }
    // Early parts shall change now and then, too.
    guard generator.below(4) > 0 else { return mutator.variation(of: corpus, with: &generator) }
    (trunk.text, trunk.rest) = mutator.division(of: corpus, with: &generator)
    trunk.left = Self.branches
    trunk.end = nil
    return trunk.text
  }

  /// Tries an input.
  ///
  /// - Returns: whether it is a made-up input that reached something new, and what is wrong, if anything is.
  mutating func tryOut(_ input: [UInt8]) -> (isNew: Bool, finding: String?) {
    let start = trunk.end.flatMap { input.count > $0.text.count && input.starts(with: $0.text) ? $0 : nil }
    let outcome = subject.feed(input, from: start)
    if trunk.end == nil, trunk.left > 0, input == trunk.text { trunk.end = outcome.end }
    let before = features.count
    for feature in outcome.features { features.insert(feature) }
    let isNew = features.count > before
    if isNew, count > 0 || firstTried > subject.seeds.count { corpus.append(input) }
    return (isNew && count > 0, outcome.finding)
  }
}

/// Things that an input can reach, as numbers that are the same in every run.
enum Feature {
  private static let basis: UInt64 = 0xCBF2_9CE4_8422_2325
  private static let prime: UInt64 = 0x100_0000_01B3

  static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
    var hash = basis
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* prime }
    return hash
  }

  /// The beginning and the end of a message, without what differs from input to input: numbers, and everything from the
  /// first quotation mark to the last, since a quotation may have such marks in it.
  static func hash(message: String) -> UInt64 {
    let bytes = message.utf8
    let opening = bytes.prefix { $0 != quote }
    let ending = opening.endIndex < bytes.endIndex ? bytes.reversed().prefix { $0 != quote } : []
    var hash = basis
    for byte in Array(opening.prefix(20)) + ending.prefix(20) {
      let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      if !isDigit { hash = (hash ^ UInt64(byte)) &* prime }
    }
    return hash
  }

  /// The beginning of a further text of a diagnostic, up to its first quotation.
  static func hash(remark: String) -> UInt64 { hash(remark.utf8.prefix { $0 != quote }.prefix(20)) }

  private static let quote = UInt8(ascii: "`")
}
