import Foundation

/// What one run of a program took.
public struct MeasuredRun: Sendable {
  /// Seconds of a processor. Programs that are measured run in one thread, and other programs disturb this least.
  public private(set) var processor = 0.0
  /// Seconds.
  public private(set) var wallClock = 0.0
  /// The most memory that it had, in KiB.
  public private(set) var memory = 0

  /// Why something could not be measured.
  public struct Failure: Error, CustomStringConvertible {
    /// What went wrong, for people.
    public let description: String

    /// A failure that reads like this.
    public init(description: String) { self.description = description }
  }

  /// Runs a program, some times one after another; the times are of one run.
  /// - Parameters:
  ///   - command: the program, with its path, and its arguments.
  ///   - folder: where it runs.
  ///   - output: the file in that folder which takes what it prints.
  ///   - environment: all the variables that it has.
  public init(
    of command: [String], in folder: URL, output: String = "output", repeated times: Int = 1,
    environment: [String: String] = Surroundings.environment
  ) throws {
    for _ in 0..<times { try runOnce(command, folder, output, environment) }
    processor /= Double(times)
    wallClock /= Double(times)
  }

  private mutating func runOnce(
    _ command: [String], _ folder: URL, _ output: String, _ environment: [String: String]
  ) throws {
    let words = [Self.helper, folder.path, output] + command
    guard try Self.status(of: words, environment) == 0 else {
      throw Failure(description: "\(Self.helper) cannot run `\(command.joined(separator: " "))`")
    }
    let usage = try String(contentsOf: folder.appending(path: "usage"), encoding: .utf8)
    let numbers = usage.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    guard numbers.count == 5, numbers[0] == 0 else {
      let errors = (try? String(contentsOf: folder.appending(path: "errors"), encoding: .utf8)) ?? ""
      throw Failure(description: "`\(command.joined(separator: " "))` failed: \(errors.prefix(500))")
    }
    processor += Double(numbers[1] + numbers[2]) * 1e-6
    wallClock += Double(numbers[3]) * 1e-9
    memory = max(memory, numbers[4])
  }

  /// The program `measured-run`, which lies beside the one that runs this.
  private static let helper = URL(filePath: CommandLine.arguments[0]).standardizedFileURL.deletingLastPathComponent()
    .appending(path: "measured-run").path

  /// Runs a command to its end.
  private static func status(of command: [String], _ environment: [String: String]) throws -> Int32 {
    var words = command.map { strdup($0) } + [nil]
    var variables = environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for word in words + variables { free(word) } }
    var process = pid_t()
    var status: Int32 = 0
    guard posix_spawn(&process, command[0], nil, nil, &words, &variables) == 0,
      waitpid(process, &status, 0) == process
    else { throw Failure(description: "\(command[0]) cannot be run") }
    return status
  }
}

/// What programs that are measured find around them: the same wherever they run.
public enum Surroundings {
  /// Hashes without a random seed, so that tables are laid out alike in every run.
  public static let environment = [
    "PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TERM": "dumb", "HOME": ".",
    "SWIFT_DETERMINISTIC_HASHING": "1", "MIGSH_COURSE_SECRET": "measured",
  ]

  /// Has the C library copy and compare memory in the way that every 64-bit processor of this kind can, and take the same
  /// limits for it: else it picks what suits the processor that it runs on.
  static let plainProcessor = [
    "GLIBC_TUNABLES": [
      "glibc.cpu.hwcaps=-AVX,-AVX2,-AVX512F,-AVX512VL,-AVX512BW,-AVX_Fast_Unaligned_Load,-ERMS,-FSRM,-BMI1,-BMI2,-SSSE3,"
        + "-SSE4_1,-SSE4_2",
      "glibc.cpu.x86_data_cache_size=32768", "glibc.cpu.x86_shared_cache_size=1048576",
      "glibc.cpu.x86_non_temporal_threshold=1048576", "glibc.cpu.x86_rep_movsb_threshold=2048",
      "glibc.cpu.x86_rep_stosb_threshold=2048",
    ].joined(separator: ":")
  ]
}
