import CommandLanguage
import Course
import Glibc
import Shell

/// The bytes that a student has handed in. Nobody has looked at them yet.
struct HandedIn {
  /// The largest submission together with the files that came with it, in bytes.
  static let mostBytes = SourceText.sizeLimit
  /// How many files may come with a submission.
  static let mostFiles = 64

  /// Those of the submission itself.
  let bytes: [UInt8]
  /// All that it may read, by their paths in its folder.
  let files: [String: [UInt8]]

  init(_ item: SubmissionItem) throws(Obstacle) {
    guard let path = item.path else { throw Obstacle(kind: .missing, text: "there is no file") }
    bytes = try readPlainFile(path, atMost: Self.mostBytes)
    files = try item.folder.map { folder throws(Obstacle) in try readFolder(folder) } ?? [:]
  }

  /// SHA-256 of all of it: of the submission alone when no file came with it.
  var digest: String {
    guard !files.isEmpty else { return Digest.hexadecimal(of: bytes) }
    let parts = files.sorted { $0.key < $1.key }.map { "\(Digest.hexadecimal(of: $0.value)) \($0.key)\0" }
    return Digest.hexadecimal(of: bytes + Array(parts.joined().utf8))
  }
}

/// Why a file of a submission cannot be used.
struct Obstacle: Error {
  let kind: SubmissionItem.Obstacle
  let text: String
}

/// The bytes of a plain file. Follows no link, and waits for nobody who has the file open as a pipe.
private func readPlainFile(_ path: String, atMost most: Int) throws(Obstacle) -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
  guard descriptor >= 0 else { throw unreadable(FileError(path: path, code: errno)) }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
    throw Obstacle(kind: .notAFile, text: "this is no plain file")
  }
  guard status.st_size <= most else {
    throw Obstacle(
      kind: .tooLarge, text: "the file has \(status.st_size) bytes, and the most is \(most)")
  }
  let bytes: [UInt8]
  do throws(FileError) { bytes = try readAll(from: descriptor, of: path, limit: most) } catch {
    throw unreadable(error)
  }
  guard bytes.count <= most else { throw Obstacle(kind: .tooLarge, text: "the file has more than \(most) bytes") }
  return bytes
}

private func unreadable(_ error: FileError) -> Obstacle {
  Obstacle(kind: .unreadable, text: "the file cannot be read: \(error)")
}

/// The plain files of a folder and of those in it, by their paths from there.
private func readFolder(_ folder: String) throws(Obstacle) -> [String: [UInt8]] {
  var files: [String: [UInt8]] = [:]
  var left = HandedIn.mostBytes
  var waiting = [""]
  while let part = waiting.popLast() {
    let names = ((try? entries(ofFolder: folder + "/" + part)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
    for name in names {
      let path = part + name
      var status = stat()
      guard lstat(folder + "/" + path, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR, path.utf8.count < 1024 { waiting.append(path + "/") }
      guard status.st_mode & S_IFMT == S_IFREG else { continue }
      guard files.count < HandedIn.mostFiles else {
        throw Obstacle(kind: .tooLarge, text: "the folder has more than \(HandedIn.mostFiles) files")
      }
      guard status.st_size <= left else {
        throw Obstacle(
          kind: .tooLarge, text: "the files of the folder have more than \(HandedIn.mostBytes) bytes together")
      }
      let bytes = try readPlainFile(folder + "/" + path, atMost: left)
      left -= bytes.count
      files[path] = bytes
    }
  }
  return files
}
