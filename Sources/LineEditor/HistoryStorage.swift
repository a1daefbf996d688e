import Glibc

/// The file of a history: lines of bytes. Every shell locks the file before it appends lines or cuts them off.
struct HistoryStorage {
  let path: String

  /// How many bytes are read at most, from the end of the file.
  static let maxReadBytes = 4 << 20

  /// The lines of the file, oldest first, without their newlines.
  func load() throws(HistoryStorageError) -> [ArraySlice<UInt8>] {
    let file = try LockedFile.open(path)
    return try file.lastLines()
  }

  /// Appends one line. After an error the file is as it was.
  func append(line: String) throws(HistoryStorageError) {
    let file = try LockedFile.open(path)
    try file.append(Array(line.utf8) + [newline])
  }

  /// Replaces the file by its last `count` lines, whole or not at all. Returns how many lines it has now.
  func trim(toLines count: Int) throws(HistoryStorageError) -> Int {
    let file = try LockedFile.open(path)
    let kept = try file.lastLines().suffix(count)
    try file.replace(with: Array(kept.map { $0 + [newline] }.joined()))
    return kept.count
  }
}

/// Why the history file cannot be used.
struct HistoryStorageError: Error, CustomStringConvertible {
  let path: String
  let reason: String

  var description: String { "the history file \(path) cannot be used: \(reason)" }

  init(_ path: String, reason: String) {
    self.path = path
    self.reason = reason
  }

  /// The reason is that of the system call which just failed.
  init(path: String) {
    self.init(path, reason: String(cString: strerror(errno)))
  }
}

private let newline = UInt8(ascii: "\n")

/// An open history file, locked against other shells until the value goes away.
private struct LockedFile: ~Copyable {
  private let path: String
  private let descriptor: Int32

  /// Opens and locks the file. Creates it and its directories when they are missing.
  static func open(_ path: String) throws(HistoryStorageError) -> LockedFile {
    let hindrance = makeDirectories(above: path)
    while true {
      // Without O_NONBLOCK the shell could wait for ever for a pipe in the file's place.
      let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o600)
      guard descriptor >= 0 else {
        // Why the folder could not be created says more than that the file is missing.
        if errno == ENOENT, let hindrance { errno = hindrance }
        throw HistoryStorageError(path: path)
      }
      let file = LockedFile(path: path, descriptor: descriptor)
      try file.prepare()
      try file.lock()
      // Another shell may have put a new file in this place while we waited for the lock.
      if file.isInPlace { return file }
    }
  }

  private init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// The lines in the last `HistoryStorage.maxReadBytes` bytes.
  func lastLines() throws(HistoryStorageError) -> [ArraySlice<UInt8>] {
    let size = try size()
    let start = max(0, size - HistoryStorage.maxReadBytes)
    let bytes = try read(from: start, count: size - start)
    let lines = bytes.split(separator: newline)
    // When reading began inside the file, the first line is probably only the end of one.
    return start > 0 ? Array(lines.dropFirst()) : lines
  }

  func append(_ line: [UInt8]) throws(HistoryStorageError) {
    let size = try size()
    let last = try read(from: max(0, size - 1), count: 1)
    let isLastLineWhole = last.isEmpty || last == [newline]
    do throws(HistoryStorageError) {
      try write(isLastLineWhole ? line : [newline] + line, to: descriptor, at: size)
    } catch {
      ftruncate(descriptor, size)
      throw error
    }
  }

  /// Puts a new file with these bytes in this one's place. After an error the old file is still there.
  func replace(with bytes: [UInt8]) throws(HistoryStorageError) {
    let newPath = path + ".new"
    let newDescriptor = Glibc.open(newPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard newDescriptor >= 0 else { throw HistoryStorageError(path: newPath) }
    defer { close(newDescriptor) }
    do throws(HistoryStorageError) {
      try write(bytes, to: newDescriptor, at: 0)
      guard fsync(newDescriptor) == 0, rename(newPath, path) == 0 else { throw HistoryStorageError(path: path) }
    } catch {
      unlink(newPath)
      throw error
    }
  }

  /// Refuses what is not a plain file, and keeps others from reading it.
  private func prepare() throws(HistoryStorageError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw HistoryStorageError(path: path) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw HistoryStorageError(path, reason: "it is not a plain file") }
    guard status.st_mode & 0o777 == 0o600 || fchmod(descriptor, 0o600) == 0 else {
      throw HistoryStorageError(path: path)
    }
  }

  /// Waits for the lock, but no longer than a second: another shell may have been stopped while it held the lock.
  private func lock() throws(HistoryStorageError) {
    for _ in 0..<100 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
      guard errno == EWOULDBLOCK || errno == EINTR else { throw HistoryStorageError(path: path) }
      usleep(10_000)
    }
    throw HistoryStorageError(path, reason: "another program holds its lock")
  }

  private var isInPlace: Bool {
    var own = stat()
    var current = stat()
    return fstat(descriptor, &own) == 0 && stat(path, &current) == 0
      && own.st_dev == current.st_dev && own.st_ino == current.st_ino
  }

  private func size() throws(HistoryStorageError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw HistoryStorageError(path: path) }
    return status.st_size
  }

  /// Reads `count` bytes, or fewer when the file ends sooner.
  private func read(from start: Int, count: Int) throws(HistoryStorageError) -> [UInt8] {
    var failure: HistoryStorageError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let result = pread(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled, start + filled)
        if result < 0 && errno == EINTR { continue }
        if result < 0 { failure = HistoryStorageError(path: path) }
        if result <= 0 { return }
        filled += result
      }
    }
    if let failure { throw failure }
    return bytes
  }

  private func write(_ bytes: [UInt8], to target: Int32, at start: Int) throws(HistoryStorageError) {
    var written = 0
    while written < bytes.count {
      let result = bytes.withUnsafeBytes { buffer in
        pwrite(target, buffer.baseAddress.map { $0 + written }, buffer.count - written, start + written)
      }
      if result < 0 && errno == EINTR { continue }
      guard result > 0 else { throw HistoryStorageError(path: path) }
      written += result
    }
  }
}

/// Creates the missing directories above `path`. Only their owner may use them.
///
/// - Returns: the code of the first error, which matters only if the file then cannot be opened.
private func makeDirectories(above path: String) -> Int32? {
  let parts = path.split(separator: "/", omittingEmptySubsequences: true).dropLast()
  var directory = path.hasPrefix("/") ? "" : "."
  var hindrance: Int32?
  for part in parts where hindrance == nil {
    directory += "/" + part
    guard mkdir(directory, 0o700) != 0, errno != EEXIST else { continue }
    let code = errno
    // Some file systems give another error for a directory that exists.
    if access(directory, F_OK) != 0 { hindrance = code }
  }
  return hindrance
}
