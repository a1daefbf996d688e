import Course
import Glibc
import Shell

/// The reports of an earlier grading of a class: what is still true in them is kept.
///
/// Of what `migsh grade` wrote, no more than one report is in memory at a time.
public final class FormerReports {
  private enum Place {
    /// The report stands in the file.
    case line(start: Int, length: Int)
    /// Another program has laid the file out anew.
    case value(GradeReport)
  }

  private let path: String
  private let descriptor: Int32
  private var places: [String: Place] = [:]

  /// Reads all of it once, to find what is wrong with it.
  ///
  /// - Parameters:
  ///   - path: a file with reports in JSON. Those on other exercises count for nothing.
  ///   - exercise: the exercise's name.
  /// - Throws: a `ClassFileMistake` when it has no report on the exercise, two on one submission, or something that is none.
  public init(reading path: String, exercise: String) throws {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
    self.path = path
    var others: Set<String> = []
    try ReportFile.forEachPlacedReport(in: path) { report, span in
      guard report.exercise == exercise else {
        others.insert(report.exercise)
        return
      }
      let place = span.map { Place.line(start: $0.lowerBound, length: $0.count) } ?? .value(report)
      guard places.updateValue(place, forKey: report.file) == nil else {
        throw ClassFileMistake("\(path) has two reports on \(report.file): which of them counts, nobody can tell")
      }
    }
    guard places.isEmpty else { return }
    let names = others.sorted().map { "`\($0)`" }.joined(separator: ", ")
    throw ClassFileMistake(
      "\(path) has no report on the exercise `\(exercise)`\(names.isEmpty ? "" : ", but on \(names)"); without it all are graded"
    )
  }

  deinit { close(descriptor) }

  /// The report on a submission.
  ///
  /// - Returns: nil when there is none, or when the file is another now than it was.
  func report(on name: String) -> GradeReport? {
    switch places[name] {
    case .line(let start, let length):
      guard let bytes = readAll(from: descriptor, start: start, length: length) else { return nil }
      return try? GradeReport(parsing: bytes)
    case .value(let report): return report
    case nil: return nil
    }
  }
}

/// Reads a part of a file.
///
/// - Returns: nil when the file has no such part, with `errno` set.
func readAll(from descriptor: Int32, start: Int, length: Int) -> [UInt8]? {
  var bytes = [UInt8](repeating: 0, count: length)
  var filled = 0
  while filled < length {
    let count = bytes.withUnsafeMutableBytes { buffer in
      pread(
        descriptor, UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]).baseAddress, length - filled,
        off_t(start + filled))
    }
    if count < 0, errno == EINTR { continue }
    if count == 0 { errno = EIO }
    guard count > 0 else { return nil }
    filled += count
  }
  return bytes
}
