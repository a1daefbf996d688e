import Course
import Glibc
import GradeReports
import Grading
import Shell

/// Takes reports as they come, and writes them where they are wanted.
///
/// What goes to a file is also kept in a file of results beside it, a line a submission, until all are there: with that an
/// interrupted grading can go on. The report itself is written anew now and then, and is whole whenever somebody looks.
struct GradeResults {
  /// Whether grading failed for somebody, through no fault of theirs.
  private(set) var hasFault = false
  /// Whether somebody has not passed.
  private(set) var hasFailure = false

  private let options: ReportOptions
  private let format: ReportFormat
  private let output: String?
  private let isShard: Bool
  private let resumes: Bool
  private var writer: ReportWriter
  private var file: GradeFile?
  private let header: GradeFileHeader
  /// When the report is written next.
  private var next = ContinuousClock.now + .seconds(1)

  /// - Parameters:
  ///   - isOfClass: whether there may be several submissions.
  ///   - count: how many there are.
  init(_ command: GradeCommand, _ header: GradeFileHeader, isOfClass: Bool, count: Int) throws {
    var options = ReportOptions()
    options.audience = command.audience
    options.isOfClass = isOfClass
    if command.output == nil {
      let screen = Terminal.screen(tellsPictures: false)
      (options.columns, options.isColored) = (screen.columns, screen.showsColors)
    }
    options.environment = currentEnvironment()
    options.time = currentTime()
    self.options = options
    self.header = header
    format = command.format
    output = command.output
    isShard = command.shard != nil
    resumes = command.resume
    writer = ReportWriter(format, options)
    try checkPlace(count: count)
  }

  /// Sees to it before anybody is graded that there is a place for what will be written.
  private func checkPlace(count: Int) throws {
    guard !isShard else { return }
    guard format.isOfOneSubmission else {
      guard let output, isFolder(output) || output.hasSuffix("/") else { return }
      throw ClassFileMistake("\(output) is a folder, and the format \(format.rawValue) is one file: name a file")
    }
    guard count > 1 || output?.hasSuffix("/") == true else { return }
    guard let output else {
      throw ClassFileMistake(
        "the format \(format.rawValue) has room for one submission, and there are \(count): `--output FOLDER` writes a file for each"
      )
    }
    if mkdir(output, 0o777) != 0, !isFolder(output) { throw FileError(path: output, code: errno) }
  }

  /// Where results are until the report is complete.
  private func pathOfResults(beside output: String) -> String {
    guard !isShard else { return output }
    return isFolder(output) ? (output.hasSuffix("/") ? output : output + "/") + "results.part" : output + ".part"
  }

  /// Opens the files, and takes over what was graded before.
  ///
  /// - Returns: the submissions that are still to be graded.
  mutating func takeOver(_ items: [SubmissionItem], _ grader: ClassGrader) throws -> [SubmissionItem] {
    guard let output else { return items }
    let path = pathOfResults(beside: output)
    guard resumes, access(path, F_OK) == 0 else {
      file = try GradeFile(creating: path, header)
      return items
    }
    let former = try GradeFile(reading: path)
    guard former.header.belongs(with: header) else {
      throw ClassFileMistake(
        "\(path) belongs to another grading: the exercise, the class or migsh has changed; without --resume all are graded"
      )
    }
    guard former.header.numbers == header.numbers else {
      throw ClassFileMistake(
        "\(path) was graded with \(former.header.numbers), and now there is \(header.numbers); without --resume all are graded"
      )
    }
    let draft = path + ".new"
    let file = try GradeFile(creating: draft, header)
    var rest: [SubmissionItem] = []
    for item in items {
      guard let report = try former.report(on: item.name), grader.isUpToDate(report, item) else {
        rest.append(item)
        continue
      }
      note(report)
      try file.append(report)
    }
    guard rename(draft, path) == 0 else { throw FileError(path: path, code: errno) }
    self.file = file
    Terminal.writeError("migsh: \(counted(items.count - rest.count, "submission")) graded before\n")
    return rest
  }

  /// Takes a report.
  mutating func add(_ report: GradeReport) throws {
    note(report)
    guard let file, let output else { return Terminal.write(try writer.text(adding: report)) }
    try file.append(report)
    guard !isShard, !isFolder(output), .now >= next else { return }
    let begun = ContinuousClock.now
    try writeReport(of: file, to: output)
    next = .now + max(.seconds(1), (ContinuousClock.now - begun) * 20)
  }

  private mutating func note(_ report: GradeReport) {
    hasFault = hasFault || report.fault != nil
    hasFailure = hasFailure || !report.isPassed
  }

  /// Writes what is still to be written.
  ///
  /// - Parameter isWhole: whether all submissions are graded. If not, the results stay, to go on with.
  func finish(isWhole: Bool) throws {
    guard let file, let output else { return Terminal.write(writer.end()) }
    guard !isShard else { return }
    if isFolder(output) { try writePages(of: file, in: output) } else { try writeReport(of: file, to: output) }
    if isWhole { unlink(pathOfResults(beside: output)) }
  }

  private func writeReport(of file: GradeFile, to path: String) throws {
    let draft = try DraftFile(of: path)
    var writer = ReportWriter(format, options)
    for name in header.names {
      if let report = try file.report(on: name) { try draft.write(try writer.text(adding: report)) }
    }
    try draft.write(writer.end())
    try draft.putInPlace()
  }

  /// Writes a file for each student.
  private func writePages(of file: GradeFile, in folder: String) throws {
    for name in header.names {
      guard let report = try file.report(on: name) else { continue }
      var writer = ReportWriter(format, options)
      let text = try writer.text(adding: report) + writer.end()
      try writeFile(text, to: "\(folder)/\(fileName(of: report.student))\(format.fileEnding)")
    }
  }

  private func fileName(of student: String) -> String {
    let name = String(student.map { $0 == "/" || $0 == "\0" || $0.isNewline ? "_" : $0 })
    return name.hasPrefix(".") || name.isEmpty ? "_" + name : name
  }
}

/// The environment variables of this process.
private func currentEnvironment() -> [String: String] {
  var variables: [String: String] = [:]
  var place = environ
  while let entry = place.pointee {
    let parts = String(cString: entry).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
    place += 1
  }
  return variables
}

/// The time of day in UTC, as ISO 8601 writes it.
private func currentTime() -> String {
  var now = time(nil)
  var parts = tm()
  gmtime_r(&now, &parts)
  var buffer = [CChar](repeating: 0, count: 32)
  let length = strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
  return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
