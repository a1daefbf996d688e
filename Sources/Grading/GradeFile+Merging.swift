import Course
import Shell

/// The results of a whole class, from the files of its shards.
public struct MergedGrades {
  /// What the files belong to.
  public let header: GradeFileHeader
  private let files: [GradeFile]
  private var owners: [String: Int] = [:]

  /// Joins the files, in any order.
  ///
  /// - Throws: a `ClassFileMistake` when they do not belong together, when something is there twice, or when something is
  ///   missing: each is named.
  public init(_ files: [GradeFile]) throws(ClassFileMistake) {
    guard let first = files.first else { throw ClassFileMistake("there is nothing to merge") }
    for file in files.dropFirst() where !file.header.belongs(with: first.header) {
      throw ClassFileMistake(
        "\(file.path) belongs to another grading than \(first.path): the exercise, the class or migsh has changed")
    }
    for file in files.dropFirst() where file.header.numbers != first.header.numbers {
      throw ClassFileMistake(
        "\(file.path) was graded with \(file.header.numbers), and \(first.path) with \(first.header.numbers): so students "
          + "have other numbers than they were given; grade again what has the wrong ones")
    }
    for file in files where file.header.shard.count != first.header.shard.count {
      throw ClassFileMistake("\(file.path) is of another division into shards than \(first.path)")
    }
    self.files = files
    for (index, file) in files.enumerated() {
      if let name = file.doubles.first { throw ClassFileMistake("\(file.path) has \(name) twice") }
      for name in file.header.names {
        if let other = owners.updateValue(index, forKey: name) {
          throw ClassFileMistake("\(name) is both in \(files[other].path) and in \(file.path)")
        }
      }
    }
    let absent = Self.absentShards(files, of: first.header.shard.count)
    guard absent.isEmpty else {
      throw ClassFileMistake(
        "\(absent.count == 1 ? "a shard is" : "shards are") missing: \(Self.list(absent.map { "\($0)/\(first.header.shard.count)" }))"
      )
    }
    let missing = files.flatMap(\.missing)
    guard missing.isEmpty else {
      throw ClassFileMistake(
        "\(counted(missing.count, "submission")) not graded yet: \(Self.list(missing)); `--resume` goes on")
    }
    let names = owners.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    guard names.count == first.header.classCount, GradeFileHeader.digest(of: names) == first.header.classDigest else {
      throw ClassFileMistake("the shards have other submissions than the class")
    }
    header = GradeFileHeader(merging: first.header, names: names)
  }

  private static func absentShards(_ files: [GradeFile], of count: Int) -> [Int] {
    let there = Set(files.map(\.header.shard.number))
    return (1...count).filter { !there.contains($0) }
  }

  private static func list(_ names: [String]) -> String {
    let most = 10
    let shown = names.prefix(most).joined(separator: ", ")
    return names.count > most ? "\(shown) and \(names.count - most) more" : shown
  }

  /// Hands out all reports, in the order of the submissions' names.
  public func forEachReport(_ body: (GradeReport) throws -> Void) throws {
    for name in header.names {
      guard let owner = owners[name], let report = try files[owner].report(on: name) else { continue }
      try body(report)
    }
  }
}
