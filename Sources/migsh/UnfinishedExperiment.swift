import Glibc
import Shell

/// The file beside the output in which an experiment keeps the rows of its finished runs, so that it can go on after an
/// interruption: the header of the output, and a line for each row, in the order in which they came.
///
/// What is under way when the program is killed is lost, and half a line at the end of the file with it.
final class UnfinishedExperiment {
  let path: String
  private let descriptor: Int32
  /// The rows that were in it.
  private(set) var rows: [ExperimentRow] = []

  /// Opens the file for the experiment with a header, or begins it.
  ///
  /// - Parameter beginsAnew: whether a file of another experiment is replaced.
  init(for output: String, _ header: ExperimentHeader, columnCount: Int, beginsAnew: Bool) throws {
    path = output + ".part"
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw Self.failure(path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw ExperimentError(
        "another migsh runs an experiment that writes \(output)", remedy: "wait for it, or give another file")
    }
    let text = beginsAnew ? [] : try readAll()
    // What comes after the last newline was cut off.
    let kept = text.prefix((text.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1)
    var lines = String(decoding: kept, as: UTF8.self).split(separator: "\n")[...]
    if let first = lines.popFirst() {
      guard ExperimentHeader(line: first) == header else {
        throw ExperimentError(
          "\(path) has runs of another experiment, or the script has changed since",
          remedy: "--restart begins anew, and --csv with another name leaves them as they are")
      }
      rows = lines.compactMap { ExperimentRow(line: $0, columnCount: columnCount) }
    }
    guard ftruncate(descriptor, off_t(kept.count)) == 0, lseek(descriptor, 0, SEEK_END) >= 0 else {
      throw Self.failure(path)
    }
    if kept.isEmpty { try append(header.line) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  func append(_ row: ExperimentRow) throws { try append(row.line) }

  private func append(_ line: String) throws {
    var rest = Array((line + "\n").utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.failure(path) }
      rest = rest.dropFirst(count)
    }
  }

  /// Removes the file, once the output is written.
  func remove() { unlink(path) }

  private func readAll() throws -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Self.failure(path) }
      guard count > 0 else { return bytes }
      bytes += buffer[..<count]
    }
  }

  private static func failure(_ path: String) -> FileError { FileError(path: path, code: errno) }
}
