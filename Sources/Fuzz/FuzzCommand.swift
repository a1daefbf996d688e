import ArgumentParser
import Glibc

/// `migsh-fuzz`: tries to crash, hang or confuse everything that reads foreign input.
///
///     swift build -c release --product migsh-fuzz && .build/release/migsh-fuzz --minutes 10 --corpus DIR
///
/// It can be built for libFuzzer too, see `LibFuzzer.swift`.
#if !LIBFUZZER
  @main
#endif
struct FuzzCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "migsh-fuzz", abstract: "Feed migsh with hostile input.",
    discussion: """
      The input that is being tried stands in DIR/current-KIND-SEED, so that a crash or a hang leaves it there; give it to \
      --replay. Findings that do not end the program are written to DIR as well, and make the exit status 1.
      """)

  @ArgumentParser.Argument(
    help: "What to feed: \(Subject.Kind.allCases.map(\.rawValue).joined(separator: ", ")) (all).")
  var subjects: [Subject.Kind] = []

  @Option(help: "How many inputs for each of them (100000, or as many as --minutes allows).")
  var inputs: UInt64?

  @Option(help: "Of everything random: the same seed and files try the same inputs.")
  var seed: UInt64 = 1

  @Option(help: "Stop after so long, for all of them together.")
  var minutes: Double?

  @Option(help: ArgumentHelp("Where inputs that reached something new are kept, and findings.", valueName: "dir"))
  var corpus = "fuzz-corpus"

  @Option(help: ArgumentHelp("The repository, from which the first inputs are taken.", valueName: "dir"))
  var root = "."

  @Flag(help: "Do not make anything up: try only these files, whose names begin with what they are for.")
  var replay = false

  @ArgumentParser.Option(parsing: .upToNextOption, help: "The files for --replay.")
  var files: [String] = []

  func run() throws {
    limitResources()
    if replay { return try replayFiles() }
    let kinds = subjects.isEmpty ? Subject.Kind.allCases : subjects
    var isClean = true
    for (number, kind) in kinds.enumerated() {
      let left = minutes.map { Duration.seconds($0 * 60) / (kinds.count) }
      let subject = try Subject(kind, root: root)
      let store = try Store(folder: corpus, kind: kind, seed: seed)
      var fuzzer = Fuzzer(subject, seed: seed &+ UInt64(number), saved: store.load())
      let begun = ContinuousClock.now
      var told = begun
      let most = inputs ?? (minutes == nil ? 100_000 : .max)
      while fuzzer.count < most, left.map({ ContinuousClock.now - begun < $0 }) ?? true {
        let input = fuzzer.next()
        store.begin(input)
        let verdict = fuzzer.tryOut(input)
        if verdict.isNew { store.keep(input) }
        if let finding = verdict.finding {
          isClean = false
          say("\(kind.rawValue): \(finding)\n  written to \(store.keepFinding(input))")
        }
        if fuzzer.count % 64 == 0, .now - told > .seconds(30) {
          told = .now
          say(progress(kind, fuzzer, since: begun))
        }
      }
      store.end()
      say(progress(kind, fuzzer, since: begun))
    }
    if !isClean { throw ExitCode(1) }
  }

  private func replayFiles() throws {
    var isClean = true
    for file in files {
      let name = file.split(separator: "/").last.map(String.init) ?? file
      let kind =
        Subject.Kind.allCases.first { name.hasPrefix($0.rawValue) || name.hasPrefix(Store.currentPrefix + $0.rawValue) }
        ?? subjects.first ?? .commands
      let begun = ContinuousClock.now
      let outcome = try Subject(kind, root: root).feed(Store.readInput(file))
      say("\(file): \(outcome.finding ?? "nothing found"), \(ContinuousClock.now - begun)")
      if outcome.finding != nil { isClean = false }
    }
    if !isClean { throw ExitCode(1) }
  }

  private func progress(_ kind: Subject.Kind, _ fuzzer: Fuzzer, since begun: ContinuousClock.Instant) -> String {
    let elapsed = Double((ContinuousClock.now - begun) / .milliseconds(1)) / 1000
    let rate = Int(Double(fuzzer.count) / max(elapsed, 0.001))
    return """
      \(kind.rawValue): \(fuzzer.count) inputs in \(Int(elapsed)) s, \(rate) a second; \
      \(fuzzer.corpus.count) kept, \(fuzzer.features.count) things seen; at most \(Self.mostMemory >> 20) MiB
      """
  }

  /// The memory that the program has needed so far, in bytes.
  private static var mostMemory: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss << 10
  }

  private func say(_ text: String) {
    print(text)
    fflush(nil)
  }

  /// More memory than this, or more time than a minute for one input (see `Store.begin`), is a finding.
  private func limitResources() {
    var limit = rlimit(rlim_cur: 2 << 30, rlim_max: 2 << 30)
    setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    limit = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
  }
}

extension Subject.Kind: ExpressibleByArgument {}
