import CommandLanguage
import Glibc

/// What the system said when a file could not be read or written.
public struct FileError: Error, CustomStringConvertible {
  /// The file that it is about.
  public let path: String
  let code: Int32

  /// - Parameter code: the number of the error, as `errno` has it.
  package init(path: String, code: Int32) {
    self.path = path
    self.code = code
  }

  public var description: String { String(cString: strerror(code)).lowercased() }
}

/// Reads a script.
///
/// - Parameters:
///   - path: where it is.
///   - name: what diagnostics call it; by default its path.
/// - Throws: a `Diagnostic` when it is no text, a `FileError` when it cannot be read.
public func readSource(_ path: String, name: String? = nil) throws -> SourceText {
  let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  return try SourceText(name: name ?? path, bytes: try readFile(path), folder: folder)
}

extension Session.FileAccess {
  /// The path of a file that commands may read; nil when they may not. When they may read below one folder only, neither
  /// `..` nor a symbolic link leads out of it, and what was typed names files in it.
  ///
  /// - Parameter source: what names the file. A path in a file is relative to the folder of that.
  func readable(_ path: String, from source: SourceText) -> String? {
    switch self {
    case .all: return source.path(ofFile: path)
    case .none: return nil
    case .readBelow(let folder):
      let isTyped = source.folder == nil && !path.hasPrefix("/")
      guard let base = canonical(folder),
        let file = canonical(isTyped ? "\(folder)/\(path)" : source.path(ofFile: path)),
        file.hasPrefix(base + "/")
      else { return nil }
      return file
    }
  }
}

extension SourceText {
  /// The path of a file that this source names: beside it, wherever it is executed from.
  package func path(ofFile path: String) -> String { path.hasPrefix("/") ? path : (folder ?? "") + path }
}

/// The bytes of a file. Stops reading soon after a size, which for scripts is the one that they can have at most.
package func readFile(_ path: String, limit: Int = SourceText.sizeLimit) throws(FileError) -> [UInt8] {
  let descriptor = open(path, O_RDONLY)
  guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while bytes.count <= limit {
    let count = read(descriptor, &buffer, buffer.count)
    if count < 0, errno == EINTR { continue }
    guard count >= 0 else { throw FileError(path: path, code: errno) }
    if count == 0 { break }
    bytes += buffer[..<count]
  }
  return bytes
}

/// Whether there is a plain file at a path, which writing would replace. What is written to a device or a pipe replaces
/// nothing.
func isPlainFile(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
}

/// Writes a file whole or not at all: writes a draft beside it, then puts that in its place. Follows a symbolic link,
/// which stays. Writes straight to what is no plain file, such as a device or a pipe.
public func writeFile(_ text: String, to path: String) throws(FileError) {
  try writeFile(Array(text.utf8), to: path)
}

/// Writes a file that is no text, in the same way.
public func writeFile(_ bytes: [UInt8], to path: String) throws(FileError) {
  let place = canonical(path) ?? path
  var status = stat()
  let exists = stat(place, &status) == 0
  guard !exists || status.st_mode & S_IFMT == S_IFREG else { return try fill(place, O_TRUNC, bytes, path) }
  let draft = "\(place).\(getpid()).tmp"
  do throws(FileError) {
    try fill(draft, O_CREAT | O_TRUNC | O_NOFOLLOW, bytes, path)
    if exists { chmod(draft, status.st_mode & 0o7777) }
    guard rename(draft, place) == 0 else { throw FileError(path: path, code: errno) }
  } catch {
    unlink(draft)
    throw error
  }
}

/// Adds to the end of a file, which is made when there is none.
func appendToFile(_ text: String, to path: String) throws(FileError) {
  try fill(path, O_CREAT | O_APPEND, Array(text.utf8), path)
}

/// - Parameter path: what errors call it.
private func fill(_ file: String, _ flags: Int32, _ bytes: [UInt8], _ path: String) throws(FileError) {
  let descriptor = open(file, O_WRONLY | O_CLOEXEC | flags, 0o666)
  guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
  var failure = bytes.withUnsafeBytes { writeAll($0, to: descriptor) }
  // Some file systems report a full disk only at this point.
  if close(descriptor) != 0, failure == nil { failure = errno }
  if let failure { throw FileError(path: path, code: failure) }
}

/// Writes all of a text.
///
/// - Returns: the number of the error, as `errno` has it; nil when there was none.
package func writeAll(_ text: String, to descriptor: Int32) -> Int32? {
  var text = text
  return text.withUTF8 { writeAll(UnsafeRawBufferPointer($0), to: descriptor) }
}

private func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32? {
  var rest = bytes
  while !rest.isEmpty {
    let count = write(descriptor, rest.baseAddress, rest.count)
    if count < 0, errno == EINTR || errno == EAGAIN { continue }
    guard count > 0 else { return count < 0 ? errno : EIO }
    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
  }
  return nil
}

/// The names of what is in a folder, in no order. What is no UTF-8 in them is replaced.
package func entries(ofFolder path: String) throws(FileError) -> [String] {
  guard let folder = opendir(path) else { throw FileError(path: path, code: errno) }
  defer { closedir(folder) }
  var names: [String] = []
  while let entry = readdir(folder) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
      pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names
}

/// The path without symbolic links; nil when there is no such file.
private func canonical(_ path: String) -> String? {
  guard let resolved = realpath(path, nil) else { return nil }
  defer { free(resolved) }
  return String(cString: resolved)
}
