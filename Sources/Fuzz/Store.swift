import Glibc

/// The folder in which a fuzzing run keeps its inputs.
struct Store: ~Copyable {
  private let folder: String
  private let kind: Subject.Kind
  private let currentPath: String
  /// A file in memory that survives a crash. It has the length of the present input, as eight bytes with the lowest
  /// first, and then the input.
  private let current: UnsafeMutableRawPointer

  private static let lengthBytes = 8
  private static let currentBytes = lengthBytes + Mutator.mostBytes

  /// The system's error.
  struct Failure: Error, CustomStringConvertible {
    let path: String
    let code = errno
    var description: String { "\(path): \(String(cString: strerror(code)))" }
  }

  init(folder: String, kind: Subject.Kind, seed: UInt64) throws(Failure) {
    mkdir(folder, 0o755)
    mkdir("\(folder)/\(kind.rawValue)", 0o755)
    self.folder = "\(folder)/\(kind.rawValue)"
    self.kind = kind
    currentPath = "\(folder)/\(Self.currentPrefix)\(kind.rawValue)-\(seed)"
    let file = open(currentPath, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw Failure(path: currentPath) }
    defer { close(file) }
    guard ftruncate(file, Self.currentBytes) == 0,
      let mapped = mmap(nil, Self.currentBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), mapped != MAP_FAILED
    else { throw Failure(path: currentPath) }
    current = mapped
  }

  deinit { munmap(current, Self.currentBytes) }

  /// The inputs that earlier runs kept, in the order of their names.
  func load() -> [[UInt8]] { Self.readAll(folder) }

  /// Call this before an input is tried. It writes the input down, and ends the program when the input takes more than
  /// a minute.
  func begin(_ input: [UInt8]) {
    let count = min(input.count, Mutator.mostBytes)
    current.storeBytes(of: UInt64(count).littleEndian, as: UInt64.self)
    memcpy(current + Self.lengthBytes, input, count)
    Self.limitTime(to: 60)
  }

  /// Call this after the last input.
  func end() {
    Self.limitTime(to: 0)
    unlink(currentPath)
  }

  /// From now on counts processor time, since the machine may serve others, and a process may be stopped.
  private static func limitTime(to seconds: Int) {
    var limit = itimerval(it_interval: timeval(), it_value: timeval(tv_sec: seconds, tv_usec: 0))
    setitimer(__itimer_which_t(ITIMER_PROF.rawValue), &limit, nil)
  }

  func keep(_ input: [UInt8]) { write(input, to: "\(folder)/\(name(input))") }

  /// - Returns: the path of the file.
  func keepFinding(_ input: [UInt8]) -> String {
    let path = "\(folder)/../\(kind.rawValue)-finding-\(name(input))"
    write(input, to: path)
    return path
  }

  private func name(_ input: [UInt8]) -> String { String(Feature.hash(input), radix: 16) }

  private func write(_ input: [UInt8], to path: String) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { return }
    _ = Glibc.write(file, input, input.count)
    close(file)
  }

  /// Every file of a folder, in the order of their names; nothing when there is no such folder.
  static func readAll(_ folder: String, where isWanted: (String) -> Bool = { _ in true }) -> [[UInt8]] {
    names(in: folder).filter { !$0.hasPrefix(".") && isWanted($0) }.compactMap { try? read("\(folder)/\($0)") }
  }

  static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      names.append(
        withUnsafePointer(to: &entry.pointee.d_name) { field in
          field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        })
    }
    return names.sorted()
  }

  /// An input from a file. The file may be the one that survives a crash.
  static func readInput(_ path: String) throws(Failure) -> [UInt8] {
    let bytes = try read(path)
    guard path.split(separator: "/").last?.hasPrefix(currentPrefix) ?? false else { return bytes }
    let count = bytes.prefix(lengthBytes).reversed().reduce(0) { ($0 << 8 | UInt64($1)) }
    return Array(bytes.dropFirst(lengthBytes).prefix(Int(clamping: count)))
  }

  static let currentPrefix = "current-"

  static func read(_ path: String) throws(Failure) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw Failure(path: path) }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(file, &buffer, buffer.count)
      guard count >= 0 else { throw Failure(path: path) }
      guard count > 0 else { return bytes }
      bytes += buffer[..<count]
    }
  }
}
