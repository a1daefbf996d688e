#if LIBFUZZER
  import Glibc
  import MigrationKernel

  // Built for libFuzzer, the program has libFuzzer's `main` and its options: it sees which branches of the code an input
  // takes, where `Fuzzer` sees only what the shell says. It runs in the repository's folder; what to feed stands in the
  // environment:
  //
  //     swift build -c release --product migsh-fuzz --sanitize fuzzer -Xswiftc -DLIBFUZZER --scratch-path DIR
  //     MIGSH_FUZZ=commands DIR/release/migsh-fuzz CORPUS -timeout=60 -rss_limit_mb=2048 -max_len=16384

  private nonisolated(unsafe) let subject: Subject = {
    let kind = getenv("MIGSH_FUZZ").flatMap { Subject.Kind(rawValue: String(cString: $0)) } ?? .commands
    do { return try Subject(kind, root: ".") } catch { fatalError("\(error)") }
  }()
  private let mutator = Mutator(vocabulary: subject.vocabulary, kind: subject.kind)

  /// libFuzzer calls this to try an input.
  @_cdecl("LLVMFuzzerTestOneInput")
  func tryOut(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    if let finding = subject.feed(input).finding { fatalError(finding) }
    return 0
  }

  /// libFuzzer calls this for a variation of an input, or for a seed when the input is empty.
  @_cdecl("LLVMFuzzerCustomMutator")
  func varied(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ most: Int, _ seed: UInt32) -> Int {
    var generator = Generator(seed: UInt64(seed))
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    let other = generator.pick(subject.seeds)
    let made = input.count < 2 ? other : mutator.variation(of: input, other: other, with: &generator)
    for (place, byte) in made.prefix(most).enumerated() { bytes[place] = byte }
    return min(made.count, most)
  }
#endif
