import ArgumentParser
import Shell

/// A kind of report whose parts `migsh merge` joins. Every report says in its first line of which kind it is.
private enum ReportKind: String, CaseIterable {
  /// Shards of `migsh experiment`.
  case experiment

  /// - Throws: an `ExperimentError` when the report does not say of which kind it is, or is of one that is not known.
  init(of text: String, called name: String) throws(ExperimentError) {
    let words = text.prefix { $0 != "\n" }.split { $0 == " " || $0 == ";" }
    let known =
      "what can be merged: shards of \(Self.allCases.map { "`migsh \($0.rawValue)`" }.joined(separator: ", "))"
    guard words.count >= 3, words[0] == "#", words[1] == "migsh" else {
      throw ExperimentError("\(name) does not say in its first line which kind of report it is", remedy: known)
    }
    guard let kind = ReportKind(rawValue: String(words[2])) else {
      throw ExperimentError("\(name) is of a kind that cannot be merged: \(words[2])", remedy: known)
    }
    self = kind
  }

  func merge(_ files: [(name: String, text: String)]) throws(ExperimentError) -> String {
    switch self {
    case .experiment: try ExperimentReport.merge(files)
    }
  }
}

/// `migsh merge`.
struct MergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge", abstract: "Join the reports of shards.",
    discussion: """
      All must be of one experiment, each shard once: then the result has the same bytes as the report of a run without \
      shards.
      Exit status: 0 all well; 2 usage, or files that do not belong together; 4 the result could not be written.
      """)

  @Option(
    help: ArgumentHelp("Write the result to a file, and not to standard output.", valueName: "file"),
    completion: .file())
  var output: String?

  @ArgumentParser.Argument(help: "Files that `migsh experiment --shard` wrote.", completion: .file())
  var reports: [String]

  func run() throws {
    let text: String
    do { text = try merged() } catch let error as ExperimentError {
      Terminal.writeError("migsh: \(error)\n")
      throw ExitCode(ScriptStatus.usage.rawValue)
    }
    guard let output else { return Terminal.write(text) }
    do { try writeFile(text, to: output) } catch {
      Terminal.writeError("migsh: \(error.path): \(error)\n")
      throw ExitCode(ScriptStatus.fault.rawValue)
    }
  }

  private func merged() throws -> String {
    let files = try reports.map { name in
      // What comes through a pipe is read, too.
      guard !isFolder(name), let bytes = try? readFile(name, limit: .max) else {
        throw ExperimentError("\(name) cannot be read", remedy: nil)
      }
      return (name: name, text: String(decoding: bytes, as: UTF8.self))
    }
    let kinds = try files.map { try ReportKind(of: $0.text, called: $0.name) }
    guard let kind = kinds.first else { throw ExperimentError("there is nothing to merge", remedy: nil) }
    if let other = kinds.firstIndex(where: { $0 != kind }) {
      throw ExperimentError("\(files[other].name) is of another kind than \(files[0].name)", remedy: nil)
    }
    return try kind.merge(files)
  }
}
