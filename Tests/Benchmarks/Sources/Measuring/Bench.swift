import Foundation
import Scenarios

/// A folder in which programs are measured, which goes when it is closed.
public struct Bench: Sendable {
  /// Where everything happens.
  public let folder: URL
  /// The program that drives kernels alone, with its path.
  public let kernelStep: String

  /// Where a program lies, seen from everywhere.
  private static func absolute(_ program: String) -> String { URL(filePath: program).standardizedFileURL.path }

  /// An empty folder.
  /// - Parameter kernelStep: the program that drives kernels alone; nil when it will lie in the folder.
  public init(kernelStep: String? = nil) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "migsh-benchmark-\(UUID().uuidString)")
    self.kernelStep = kernelStep.map(Self.absolute) ?? folder.appending(path: "kernel-step").path
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  /// Removes the folder.
  public func close() { try? FileManager.default.removeItem(at: folder) }

  /// A place in which a scenario can run that number of units.
  public struct Place: Sendable {
    /// Where it runs.
    public let folder: URL
    /// What the bench runs there.
    public let command: [String]

    /// A folder that exists, and a command.
    public init(folder: URL, command: [String]) { (self.folder, self.command) = (folder, command) }
  }

  /// Writes what a scenario needs for so many units; nil when that would be no run at all.
  /// - Parameters:
  ///   - name: of the folder: each place has one of its own.
  ///   - program: migsh, with its path.
  public func place(
    _ name: String, _ scenario: Scenario, units: Int, of sizes: Scenario.Sizes, program: String
  ) throws -> Place? {
    guard let invocation = scenario.invocation(units: units, of: sizes) else { return nil }
    return try place(name, invocation, program: program)
  }

  /// Writes the files of a call of migsh.
  public func place(_ name: String, _ invocation: Scenario.Invocation, program: String) throws -> Place {
    let folder = folder.appending(path: name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (path, text) in invocation.files {
      try text.write(to: folder.appending(path: path), atomically: true, encoding: .utf8)
    }
    let program = invocation.isKernelAlone ? kernelStep : Self.absolute(program)
    return Place(folder: folder, command: [program] + invocation.arguments)
  }
}

/// Values that were measured several times.
public struct Sample: Sendable {
  private let sorted: [Double]

  /// - Precondition: there is a value.
  public init(_ values: [Double]) {
    precondition(!values.isEmpty)
    sorted = values.sorted()
  }

  /// As many are less as are more.
  public var median: Double {
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  /// The least and the most.
  public var range: (least: Double, most: Double) { (sorted[0], sorted[sorted.count - 1]) }

  /// Between these the true median is in at least 95 of 100 cases, whatever the distribution; all that there is when there
  /// are fewer than 6 values.
  public var interval: (Double, Double) {
    var outside = 0
    // Of `count` tosses, how likely are no more than `outside` heads? Both ends count.
    var (term, sum) = (pow(0.5, Double(sorted.count)), 0.0)
    while outside < sorted.count / 2 {
      sum += 2 * term
      guard sum <= 0.05 else { break }
      term *= Double(sorted.count - outside) / Double(outside + 1)
      outside += 1
    }
    let cut = max(0, outside - 1)
    return (sorted[cut], sorted[sorted.count - 1 - cut])
  }
}

/// A line of a table: each cell as wide as its column, but at least a blank between two.
public func row(_ cells: [String], widths: [Int]) -> String {
  zip(cells, widths).map { cell, width in
    cell + String(repeating: " ", count: max(1, width - cell.count))
  }.joined().trimmingCharacters(in: CharacterSet(charactersIn: " "))
}
