import MigrationKernel

/// Makes inputs up, one after another, and keeps those that reached something new to go on from.
struct Fuzzer {
  private(set) var subject: Subject
  private(set) var corpus: [[UInt8]]
  /// What inputs have reached so far.
  private(set) var features: Set<UInt64> = []
  /// How many inputs were tried.
  private(set) var count: UInt64 = 0

  private var mutator: Mutator
  private var generator: Generator
  /// How many of the first inputs, which are tried as they are, remain.
  private var untried: Int

  /// - Parameter saved: inputs kept by earlier runs.
  init(_ subject: Subject, seed: UInt64, saved: [[UInt8]] = []) {
    self.subject = subject
    corpus = subject.seeds + saved
    untried = corpus.count
    mutator = Mutator(vocabulary: subject.vocabulary)
    generator = Generator(seed: seed)
  }

  /// The next input.
  mutating func next() -> [UInt8] {
    if untried > 0 {
      untried -= 1
      return corpus[untried]
    }
    return mutator.variation(of: corpus, with: &generator)
  }

  /// Tries an input.
  ///
  /// - Returns: whether it reached something new, and what is wrong, if anything is.
  mutating func tryOut(_ input: [UInt8]) -> (isNew: Bool, finding: String?) {
    let outcome = subject.feed(input)
    count += 1
    let before = features.count
    features.formUnion(outcome.features)
    let isNew = features.count > before && count > subject.seeds.count
    if isNew { corpus.append(input) }
    return (isNew, outcome.finding)
  }
}

/// Things that an input can reach, as numbers that are the same in every run.
enum Feature {
  static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  /// A message without what differs from one input to the next: names, numbers and quotations.
  static func hash(message: String) -> UInt64 {
    var isQuoted = false
    var essence: [UInt8] = []
    for byte in message.utf8 {
      if byte == UInt8(ascii: "`") {
        isQuoted.toggle()
      } else if !isQuoted, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
        essence.append(byte)
      }
    }
    return hash(essence.prefix(120))
  }
}
