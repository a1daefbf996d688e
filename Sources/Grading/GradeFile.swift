import Course
import Glibc
import Shell

/// What a file of results says of itself in its first line.
public struct GradeFileHeader: Sendable, Equatable {
  /// How the schema of the first line is called. Each further line is a report (`GradeReport.schemaName`).
  public static let schemaName = "migsh/grades/v1"

  /// The version that graded.
  public let engine: String
  /// The exercise's name.
  public let exercise: String
  /// SHA-256 of the exercise's text, in hexadecimal digits.
  public let digest: String
  /// SHA-256 of the names of all submissions of the class.
  public let classDigest: String
  /// How many submissions the class has.
  public let classCount: Int
  /// Which part of the class it has.
  public let shard: Shard
  /// The submissions that belong in it, in their order.
  public let names: [String]
  /// Where the students' numbers come from, in words: the fingerprint of the course's secret, or a seed for all.
  public let numbers: String

  /// - Parameters:
  ///   - exercise: what is graded.
  ///   - items: the whole class.
  ///   - shard: the part of it that is graded.
  ///   - courseSecret: tells the course's secret from others; nil when there is none.
  ///   - seed: the one seed of all; nil when each student has one.
  public init(
    _ exercise: Lesson, _ items: [SubmissionItem], shard: Shard = .whole, courseSecret: String? = nil,
    seed: UInt64? = nil
  ) {
    engine = migshVersion
    self.exercise = exercise.name
    digest = Digest.hexadecimal(of: exercise.source.utf8)
    classDigest = Self.digest(of: items.map(\.name))
    classCount = items.count
    self.shard = shard
    names = items.map(\.name).filter { shard.contains($0) }
    numbers = seed.map { "the seed \($0)" } ?? courseSecret.map { "the course's secret \($0)" } ?? "no secret"
  }

  static func digest(of names: [String]) -> String {
    Digest.hexadecimal(of: Array(names.joined(separator: "\0").utf8))
  }

  /// Its line.
  var json: JSON {
    .object([
      ("schema", .string(Self.schemaName)), ("engine", .string(engine)), ("exercise", .string(exercise)),
      ("digest", .string(digest)), ("class", .string(classDigest)), ("count", .integer(Int64(classCount))),
      ("shard", .string(shard.description)), ("names", .array(names.map { .string($0) })),
      ("numbers", .string(numbers)),
    ])
  }

  /// - Returns: nil when it is none.
  init?(json: JSON) {
    func text(_ key: String) -> String? { json[key]?.text }
    guard text("schema") == Self.schemaName, let engine = text("engine"), let exercise = text("exercise"),
      let digest = text("digest"), let classDigest = text("class"), case .integer(let count)? = json["count"],
      let shard = text("shard").flatMap({ Shard($0) }), case .array(let names)? = json["names"],
      let numbers = text("numbers")
    else { return nil }
    self.engine = engine
    self.exercise = exercise
    self.digest = digest
    self.classDigest = classDigest
    classCount = Int(count)
    self.shard = shard
    self.names = names.compactMap(\.text)
    self.numbers = numbers
  }

  init(merging header: GradeFileHeader, names: [String]) {
    engine = header.engine
    exercise = header.exercise
    digest = header.digest
    classDigest = header.classDigest
    classCount = header.classCount
    shard = .whole
    self.names = names
    numbers = header.numbers
  }

  /// Whether results of both can stand in one report, when their numbers come from the same secret.
  public func belongs(with other: GradeFileHeader) -> Bool {
    engine == other.engine && exercise == other.exercise && digest == other.digest && classDigest == other.classDigest
      && classCount == other.classCount
  }
}

/// A file of results: a line that says what it is, and a line for each submission as soon as it is graded.
///
/// A line that is not whole, since the process was killed while it wrote it, counts for nothing. A file keeps no more of
/// its reports in memory than where they are.
public final class GradeFile {
  /// Where a report is.
  private struct Place {
    let start: Int
    let length: Int
  }

  /// Where it is.
  public let path: String
  /// Its first line.
  public let header: GradeFileHeader
  private let descriptor: Int32
  private var places: [String: Place] = [:]
  /// Names that are there more than once.
  private(set) var doubles: [String] = []
  private var end = 0

  /// Begins an empty file in place of what is there.
  public init(creating path: String, _ header: GradeFileHeader) throws(FileError) {
    descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
    self.path = path
    self.header = header
    try append(header.json)
  }

  /// Opens what is there, up to the last whole line.
  public init(reading path: String, toGoOn: Bool = false) throws {
    descriptor = open(path, (toGoOn ? O_RDWR : O_RDONLY) | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
    self.path = path
    var lines = LineScanner(descriptor)
    guard let first = try lines.next(path), let json = try? JSON(parsing: first.bytes),
      let header = GradeFileHeader(json: json)
    else {
      close(descriptor)
      throw ClassFileMistake("\(path) is no file of results")
    }
    self.header = header
    end = lines.position
    while let line = try lines.next(path) {
      guard let json = try? JSON(parsing: line.bytes), let name = json["file"]?.text else {
        throw ClassFileMistake("\(path) has a line, at byte \(line.start), that is no report")
      }
      if places.updateValue(Place(start: line.start, length: line.bytes.count), forKey: name) != nil {
        doubles.append(name)
      }
      end = lines.position
    }
    if toGoOn, ftruncate(descriptor, off_t(end)) != 0 { throw FileError(path: path, code: errno) }
  }

  deinit { close(descriptor) }

  /// The submissions that belong in it and are not there yet.
  public var missing: [String] { header.names.filter { places[$0] == nil } }

  /// Whether it has a report on a submission.
  func has(_ name: String) -> Bool { places[name] != nil }

  /// Adds a report.
  public func append(_ report: GradeReport) throws(FileError) {
    let start = end
    try append(report.json)
    places[report.file] = Place(start: start, length: end - start - 1)
  }

  private func append(_ json: JSON) throws(FileError) {
    let line = json.encoded + "\n"
    guard lseek(descriptor, off_t(end), SEEK_SET) >= 0 else { throw FileError(path: path, code: errno) }
    if let code = writeAll(line, to: descriptor) { throw FileError(path: path, code: code) }
    end += line.utf8.count
  }

  /// The report on a submission; nil when there is none.
  public func report(on name: String) throws -> GradeReport? {
    guard let place = places[name] else { return nil }
    guard let bytes = readAll(from: descriptor, start: place.start, length: place.length) else {
      throw FileError(path: path, code: errno)
    }
    return try GradeReport(json: try JSON(parsing: bytes))
  }
}

/// Reads the whole lines of a file, one after the other.
private struct LineScanner {
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var isAtEnd = false
  /// Where the next line begins.
  private(set) var position = 0
  private var scanned = 0

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  mutating func next(_ path: String) throws(FileError) -> (start: Int, bytes: [UInt8])? {
    while true {
      if let newline = buffer[scanned...].firstIndex(of: UInt8(ascii: "\n")) {
        let line = Array(buffer[..<newline])
        buffer.removeFirst(newline + 1)
        scanned = 0
        defer { position += newline + 1 }
        return (position, line)
      }
      scanned = buffer.count
      guard !isAtEnd else { return nil }
      var part = [UInt8](repeating: 0, count: 1 << 16)
      let count = read(descriptor, &part, part.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileError(path: path, code: errno) }
      if count == 0 { isAtEnd = true }
      buffer += part[..<count]
    }
  }
}
