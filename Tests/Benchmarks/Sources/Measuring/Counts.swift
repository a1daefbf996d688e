import Foundation

/// What a run executed and allocated, as valgrind counts it: the same however busy the machine is.
public struct Counts: Sendable {
  /// Instructions.
  public let instructions: Int
  /// How often memory was asked for.
  public let allocations: Int

  /// What valgrind is asked to count.
  public enum Kind: String, Sendable, CaseIterable {
    /// Instructions, by cachegrind without its caches.
    case instructions
    /// Allocations, by massif.
    case allocations

    fileprivate var options: [String] {
      switch self {
      case .instructions: ["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]
      case .allocations:
        [
          "--tool=massif", "--stats=yes", "--time-unit=B", "--depth=1", "--max-snapshots=10",
          "--massif-out-file=/dev/null",
        ]
      }
    }

    /// The numbers after these words, in what valgrind writes, are added up.
    fileprivate var words: [String] {
      switch self {
      case .instructions: ["I   refs:", "I refs:"]
      case .allocations: ["heap allocs:", "heap reallocs:"]
      }
    }
  }

  /// Counts one thing in one run of a program.
  /// - Parameters:
  ///   - command: the program, with its path, and its arguments. It has no debug information, which valgrind cannot read.
  ///   - folder: where it runs.
  public static func count(_ kind: Kind, of command: [String], in folder: URL) throws -> Int {
    let log = "\(kind.rawValue).log"
    // Without -R the kernel would put memory somewhere else in every run. A pipe, since the grader lets its processes write
    // no files, and valgrind writes in them too.
    let piped = [
      "bash", "-c", #"set -o pipefail; setarch -R valgrind "$@" 2>&1 >/dev/null | cat >"$0""#, log,
    ]
    let environment = Surroundings.environment.merging(Surroundings.plainProcessor) { $1 }
    _ = try MeasuredRun(of: piped + kind.options + command, in: folder, environment: environment)
    let text = try String(contentsOf: folder.appending(path: log), encoding: .utf8)
    let lines = text.split(separator: "\n")
    // Of processes that the first one forks, valgrind cannot say what they did by themselves.
    let first = lines.lazy.compactMap(Self.process).first
    let numbers = lines.compactMap { line -> Int? in
      guard Self.process(of: line) == first, let word = kind.words.first(where: { line.contains($0) }),
        let range = line.range(of: word)
      else { return nil }
      return Int(line[range.upperBound...].filter(\.isNumber))
    }
    guard !numbers.isEmpty else {
      throw MeasuredRun.Failure(description: "valgrind counted no \(kind.rawValue): \(text)")
    }
    return numbers.reduce(0, +)
  }

  /// The number of the process that valgrind says this about, as in `==123== text`.
  private static func process(of line: Substring) -> Int? {
    guard line.hasPrefix("==") || line.hasPrefix("--") else { return nil }
    return Int(line.dropFirst(2).prefix(while: \.isNumber))
  }
}
