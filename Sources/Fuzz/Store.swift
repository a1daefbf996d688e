import Glibc

/// The folder in which a fuzzing run keeps its inputs.
struct Store: ~Copyable {
  private let folder: String
  private let kind: Subject.Kind
  private let currentPath: String
  private let current: Int32

  /// What the system said.
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
    currentPath = "\(folder)/current-\(kind.rawValue)-\(seed)"
    current = open(currentPath, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard current >= 0 else { throw Failure(path: currentPath) }
  }

  deinit { close(current) }

  /// The inputs that earlier runs kept, in the order of their names.
  func load() -> [[UInt8]] { Self.readAll(folder) }

  /// Before an input is tried: it is written down, and after a minute it ends the program.
  func begin(_ input: [UInt8]) {
    pwrite(current, input, input.count, 0)
    ftruncate(current, input.count)
    alarm(60)
  }

  /// After the last input.
  func end() {
    alarm(0)
    unlink(currentPath)
  }

  func keep(_ input: [UInt8]) { write(input, to: "\(folder)/\(name(input))") }

  /// - Returns: where it was written.
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
