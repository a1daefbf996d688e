import MigrationKernel

/// A fuzzing run that libFuzzer conducts: it sees which branches of the code an input takes, where `Fuzzer` sees only
/// what the shell says. Crashes and inputs that take more than a minute or 6 GiB are left in files in the folder.
enum LibFuzzer {
  struct Missing: Error, CustomStringConvertible {
    let description = "libFuzzer is not built in: build with --sanitize fuzzer -Xswiftc -DLIBFUZZER"
  }

  #if LIBFUZZER
    nonisolated(unsafe) fileprivate static var subject: Subject?
    nonisolated(unsafe) fileprivate static var mutator: Mutator?

    static func run(_ subject: Subject, folder: String, seed: UInt64, duration: Duration?) throws {
      self.subject = subject
      mutator = Mutator(vocabulary: subject.vocabulary)
      for (number, input) in subject.seeds.enumerated() {
        let file = open("\(folder)/seed-\(number)", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        write(file, input, input.count)
        close(file)
      }
      var arguments = [
        "migsh-fuzz", folder, "-seed=\(seed)", "-timeout=60", "-rss_limit_mb=6144", "-max_len=\(Mutator.mostBytes)",
        "-len_control=0", "-artifact_prefix=\(folder)/../\(subject.kind.rawValue)-",
      ]
      if let duration { arguments.append("-max_total_time=\(duration.components.seconds)") }
      var count = CInt(arguments.count)
      var pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = .allocate(capacity: arguments.count + 1)
      for (place, argument) in arguments.enumerated() { pointers?[place] = strdup(argument) }
      pointers?[arguments.count] = nil
      _ = runDriver(&count, &pointers) { bytes, count in
        let input = Array(UnsafeBufferPointer(start: bytes, count: count))
        if let finding = LibFuzzer.subject?.feed(input).finding { fatalError(finding) }
        return 0
      }
    }
  #else
    static func run(_ subject: Subject, folder: String, seed: UInt64, duration: Duration?) throws { throw Missing() }
  #endif
}

#if LIBFUZZER
  import Glibc

  @_silgen_name("LLVMFuzzerRunDriver")
  private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ tryOut: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
  ) -> CInt

  /// libFuzzer asks here for a variation of an input.
  @_cdecl("LLVMFuzzerCustomMutator")
  func varied(_ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ most: Int, _ seed: UInt32) -> Int {
    var generator = Generator(seed: UInt64(seed))
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    let made = LibFuzzer.mutator?.variation(of: input, other: input, with: &generator) ?? input
    for (place, byte) in made.prefix(most).enumerated() { bytes[place] = byte }
    return min(made.count, most)
  }
#endif
