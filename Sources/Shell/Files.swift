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

  /// Whether the file is there already, and should not be.
  package var saysItExists: Bool { code == EEXIST }

  public var description: String { String(cString: strerror(code)).lowercased() }
}

/// Reads a script.
///
/// - Parameters:
///   - path: where it is.
///   - name: what diagnostics call it; by default its path.
/// - Throws: a `Diagnostic` when it is no text, a `FileError` when it cannot be read.
public func readSource(_ path: String, name: String? = nil) throws -> SourceText {
  try SourceText(name: name ?? path, bytes: try readFile(path), folder: folder(of: path))
}

/// The folder in which a file is, with a slash at its end; empty for the working directory.
func folder(of path: String) -> String { path.lastIndex(of: "/").map { String(path[...$0]) } ?? "" }

extension Session.FileAccess {
  /// The bytes of a file that commands may read, and its path; nil when they may not. When they may read below one folder
  /// only, neither `..` nor a symbolic link leads out of it, and what was typed names files in it.
  ///
  /// - Parameters:
  ///   - source: what names the file. A path in a file is relative to the folder of that.
  ///   - limit: the size soon after which reading stops.
  func read(
    _ path: String, from source: SourceText, limit: Int = SourceText.sizeLimit
  ) throws(FileError) -> (path: String, bytes: [UInt8])? {
    let file: String
    switch self {
    case .all: file = source.path(ofFile: path)
    case .none: return nil
    case .readBelow(let folder):
      let isTyped = source.folder == nil && !path.hasPrefix("/")
      guard let base = canonical(folder),
        let found = canonical(isTyped ? "\(folder)/\(path)" : source.path(ofFile: path)),
        found.hasPrefix(base + "/")
      else { return nil }
      file = found
    case .given(let files):
      guard let name = plainPath(source.path(ofFile: path)), let bytes = files[name] else { return nil }
      return (name, bytes)
    }
    return (file, try readFile(file, limit: limit))
  }
}

/// A path without `.` and `..`; nil when it leads out of the folder to which it is relative.
private func plainPath(_ path: String) -> String? {
  guard !path.hasPrefix("/") else { return nil }
  var parts: [Substring] = []
  for part in path.split(separator: "/") where part != "." {
    guard part == ".." else {
      parts.append(part)
      continue
    }
    guard parts.popLast() != nil else { return nil }
  }
  return parts.joined(separator: "/")
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
  return try readAll(from: descriptor, of: path, limit: limit)
}

/// The bytes that a descriptor still gives, up to soon after a size.
///
/// - Parameter path: what errors call its file.
package func readAll(from descriptor: Int32, of path: String, limit: Int) throws(FileError) -> [UInt8] {
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

/// Whether there is a folder at a path, or a link to one.
package func isFolder(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Whether there is a plain file at a path, which writing would replace. What is written to a device or a pipe replaces
/// nothing.
package func isPlainFile(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
}

/// Writes a file whole or not at all: writes a draft beside it, then puts that in its place. Follows a symbolic link,
/// which stays. Writes straight to what is no plain file, such as a device or a pipe.
public func writeFile(_ text: String, to path: String) throws(FileError) {
  let draft = try DraftFile(of: path)
  try draft.write(text)
  try draft.putInPlace()
}

/// Writes a file that is no text, in the same way.
public func writeFile(_ bytes: [UInt8], to path: String) throws(FileError) {
  let draft = try DraftFile(of: path)
  try draft.write(bytes)
  try draft.putInPlace()
}

/// Writes a file that must not be there yet, nor a link in its place.
///
/// - Parameter isExecutable: whether it is a program.
package func writeNewFile(_ text: String, to path: String, isExecutable: Bool = false) throws(FileError) {
  let file = try OpenFile(path, O_CREAT | O_EXCL | O_NOFOLLOW, mode: isExecutable ? 0o777 : 0o666, shown: path)
  try file.write(text)
  try file.end()
}

/// Adds to the end of a file, which is made when there is none.
func appendToFile(_ text: String, to path: String) throws(FileError) {
  let file = try OpenFile(path, O_CREAT | O_APPEND, shown: path)
  try file.write(text)
  try file.end()
}

/// A file that is written in parts, and is whole or not there at all: until it is put in its place, that holds what it held.
package final class DraftFile {
  private let file: OpenFile
  private let path: String
  /// The draft and the place where it goes; nil when there is no draft, since the place is no plain file.
  private var move: (draft: String, place: String)?

  /// Begins it.
  package init(of path: String) throws(FileError) {
    self.path = path
    let place = canonical(path) ?? path
    var status = stat()
    let exists = stat(place, &status) == 0
    guard !exists || status.st_mode & S_IFMT == S_IFREG else {
      file = try OpenFile(place, O_TRUNC, shown: path)
      return
    }
    let draft = "\(place).\(getpid()).tmp"
    file = try OpenFile(draft, O_CREAT | O_TRUNC | O_NOFOLLOW, shown: path)
    if exists { chmod(draft, status.st_mode & 0o7777) }
    move = (draft, place)
  }

  /// What was not put in its place is thrown away.
  deinit { if let move { unlink(move.draft) } }

  /// Adds to it.
  package func write(_ text: String) throws(FileError) { try file.write(text) }

  func write(_ bytes: [UInt8]) throws(FileError) { try file.write(bytes) }

  /// Puts it in its place.
  package func putInPlace() throws(FileError) {
    try file.end()
    guard let (draft, place) = move else { return }
    guard rename(draft, place) == 0 else { throw FileError(path: path, code: errno) }
    move = nil
  }
}

/// A file that is open for writing.
private final class OpenFile {
  private var descriptor: Int32
  private let shown: String

  /// - Parameter shown: what errors call it.
  init(_ path: String, _ flags: Int32, mode: mode_t = 0o666, shown: String) throws(FileError) {
    self.shown = shown
    descriptor = open(path, O_WRONLY | O_CLOEXEC | flags, mode)
    guard descriptor >= 0 else { throw FileError(path: shown, code: errno) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  func write(_ text: String) throws(FileError) {
    if let failure = writeAll(text, to: descriptor) { throw FileError(path: shown, code: failure) }
  }

  func write(_ bytes: [UInt8]) throws(FileError) {
    if let failure = writeAll(bytes, to: descriptor) { throw FileError(path: shown, code: failure) }
  }

  /// Some file systems report a full disk only at this point.
  func end() throws(FileError) {
    let result = close(descriptor)
    descriptor = -1
    if result != 0 { throw FileError(path: shown, code: errno) }
  }
}

/// Writes all of a text.
///
/// - Returns: the number of the error, as `errno` has it; nil when there was none.
package func writeAll(_ text: String, to descriptor: Int32) -> Int32? {
  var text = text
  return text.withUTF8 { writeAll(UnsafeRawBufferPointer($0), to: descriptor) }
}

/// The same for bytes.
package func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
  bytes.withUnsafeBytes { writeAll($0, to: descriptor) }
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
