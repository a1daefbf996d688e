import ArgumentParser
import Course
import GradeReports
import Grading
import Shell

/// A kind of file whose parts `migsh merge` joins. Every file says its kind in its first line.
private enum ShardKind: Equatable {
  /// Shards of `migsh experiment`.
  case experiment
  /// Shards of `migsh grade`.
  case grade

  /// - Throws: an `ExperimentError` when the file does not say its kind, or says one that is not known.
  init(ofFile name: String) throws(ExperimentError) {
    // What comes through a pipe is read, too; but results of grading are looked up in their file.
    guard !isFolder(name), let bytes = try? readFile(name, limit: 64) else {
      throw ExperimentError("\(name) cannot be read", remedy: nil)
    }
    let start = String(decoding: bytes.prefix(64), as: UTF8.self)
    if start.hasPrefix("{\"schema\":\"\(GradeFileHeader.schemaName)\"") {
      self = .grade
      return
    }
    let words = start.prefix { $0 != "\n" }.split { $0 == " " || $0 == ";" }
    let known = "what can be merged: shards of `migsh experiment` and `migsh grade`"
    guard words.count >= 3, words[0] == "#", words[1] == "migsh" else {
      throw ExperimentError("\(name) does not say in its first line which kind of report it is", remedy: known)
    }
    guard words[2] == "experiment" else {
      throw ExperimentError("\(name) is of a kind that cannot be merged: \(words[2])", remedy: known)
    }
    self = .experiment
  }
}

/// `migsh merge`.
struct MergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge", abstract: "Join the files of shards.",
    discussion: """
      All must be of one experiment, or of one class and exercise, graded with the same secret of the course, each shard once: then the result has the same bytes as \
      the report of a run without shards.
      Exit status: 0 all well; 2 usage, or files that do not belong together; 4 the result could not be written.
      """)

  @Option(
    help: ArgumentHelp("Write the result to a file, and not to standard output.", valueName: "file"),
    completion: .file())
  var output: String?

  @Option(help: "Of the report on a class, as for `migsh grade`.")
  var format: ReportFormat = .json

  @Option(name: .customLong("for"), help: "For whom the report on a class is.")
  var audience: GradeReport.Audience?

  @ArgumentParser.Argument(
    help: "Files that `migsh experiment --shard` or `migsh grade --shard` wrote.", completion: .file())
  var reports: [String]

  func run() throws {
    do {
      let kinds = try reports.map { name in try ShardKind(ofFile: name) }
      guard let kind = kinds.first else { throw ExperimentError("there is nothing to merge", remedy: nil) }
      if let other = kinds.firstIndex(where: { $0 != kind }) {
        throw ExperimentError("\(reports[other]) is of another kind than \(reports[0])", remedy: nil)
      }
      switch kind {
      case .experiment: try mergeExperiment()
      case .grade: try mergeGrades()
      }
    } catch let error as FileError {
      Terminal.writeError("migsh: \(error.path): \(error)\n")
      throw ExitCode(ScriptStatus.fault.rawValue)
    } catch let error where error is ExperimentError || error is ClassFileMistake || error is ReportError {
      Terminal.writeError("migsh: \(error)\n")
      throw ExitCode(ScriptStatus.usage.rawValue)
    }
  }

  private func mergeExperiment() throws {
    let files = try reports.map { name in
      guard let bytes = try? readFile(name, limit: .max) else {
        throw ExperimentError("\(name) cannot be read", remedy: nil)
      }
      return (name: name, text: String(decoding: bytes, as: UTF8.self))
    }
    let text = try ExperimentReport.merge(files)
    guard let output else { return Terminal.write(text) }
    try writeFile(text, to: output)
  }

  private func mergeGrades() throws {
    let merged = try MergedGrades(try reports.map { try GradeFile(reading: $0) })
    let draft = try output.map { try DraftFile(of: $0) }
    func write(_ text: String) throws {
      if let draft { try draft.write(text) } else { Terminal.write(text) }
    }
    var options = ReportOptions()
    options.audience = audience
    options.isOfClass = true
    var writer = ReportWriter(format, options)
    try merged.forEachReport { try write(try writer.text(adding: $0)) }
    try write(writer.end())
    try draft?.putInPlace()
  }
}
