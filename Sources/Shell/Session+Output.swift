import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// How a session says what commands did: on the screen, through a pager or another program, into files; as text or as data.
extension Session {
  /// Says what a command has to say, where its output goes.
  ///
  /// - Parameter file: nil when no file was named.
  mutating func say(
    _ report: Report, of call: CommandCall, in source: SourceText, to file: String?
  ) throws(SessionError) {
    let watched = changedWatches()
    if let file {
      try write(report, of: call, to: file, in: source)
      show(watched)
    } else if let command = call.pipe, let pipe {
      pipe(report.text(in: state.world, on: options.screen.asFile, isInterrupted: isInterrupted), command)
      show(watched)
    } else if let showPart {
      for part in report.parts(in: state.world, on: options.screen, isInterrupted: isInterrupted) { showPart(part) }
      show(watched)
    } else if options.format == .text {
      let text = report.text(in: state.world, on: options.screen, isInterrupted: isInterrupted)
      effort?.spend(text.utf8.count)
      if !mayChangeState(call), isLongerThanScreen(text), let showInPages {
        showInPages(text)
      } else {
        writeInParts(text)
        show(watched)
      }
    } else {
      emit(report, of: subject(call, in: source), watched: watched)
    }
  }

  /// Tells people which watched expressions have another value now.
  func show(_ watched: [Lookouts.WatchChange]) {
    for change in watched where options.format != .json { write(options.screen.told(change.text(in: state.world))) }
  }

  /// Writes the message of an error.
  func writeError(_ error: SessionError, command: Statement?, in source: SourceText) {
    switch options.format {
    case .text, .csv:
      write(
        options.screen.tellsPictures
          ? options.screen.told(error.diagnostic.told(kind: error.kind) + "\n")
          : error.diagnostic.rendered(kind: error.kind, columns: options.columns) + "\n")
    case .json:
      let place = error.diagnostic.place
      let subject = Record.Subject(
        name: command?.commandName, text: command.map { source.text($0.span) } ?? "",
        place: "\(place.file):\(place.line)")
      emit(Report([]), of: subject, error: error)
    }
  }

  /// Shows what processes have printed.
  ///
  /// - Parameter past: how many entries the log had before.
  func showOutput(since past: Int) {
    let world = state.world
    for entry in world.log.entries.suffix(max(0, world.log.total - past)) {
      guard case .fact(.output(let process, let text)) = entry.event else { continue }
      write("\(formatTime(entry.time))  \(world.name(of: process)): \(text)\n")
    }
  }

  func subject(_ call: CommandCall, in source: SourceText) -> Record.Subject {
    Record.Subject(
      name: call.spec.isUserDefined ? nil : call.spec.name, text: source.text(call.span),
      place: place(call.span, in: source))
  }

  func subject(_ statement: Statement, in source: SourceText) -> Record.Subject {
    Record.Subject(
      name: statement.commandName, text: source.text(statement.span), place: place(statement.span, in: source))
  }

  func emit(
    _ report: Report, of subject: Record.Subject, error: SessionError? = nil, isGood: Bool = true,
    watched: [Lookouts.WatchChange] = []
  ) {
    switch options.format {
    case .text:
      let text = report.text(in: state.world, on: options.screen, isInterrupted: isInterrupted)
      effort?.spend(text.utf8.count)
      writeInParts(text)
      show(watched)
    case .json:
      let text = json(report, of: subject, error: error, isGood: isGood, watched: watched)
      effort?.spend(text.utf8.count)
      write(text)
    case .csv:
      let text = csv(report)
      effort?.spend(text.utf8.count)
      writeInParts(text)
      show(watched)
    }
  }

  /// Whether a text goes through a pager. Of a pager somebody who hears the screen read hears only that it waits.
  private func isLongerThanScreen(_ text: String) -> Bool {
    guard options.usesPager, !options.screen.tellsPictures, let rows = options.screen.rows else { return false }
    return text.count(where: { $0 == "\n" }) >= rows
  }

  /// A report as a line of JSON.
  func json(
    _ report: Report, of subject: Record.Subject, error: SessionError? = nil, isGood: Bool = true,
    watched: [Lookouts.WatchChange] = []
  ) -> String {
    var fields: [(String, JSON)] = [
      ("v", .integer(Int64(Record.version))), ("place", .string(subject.place)),
      ("name", subject.name.map { .string($0) } ?? .null), ("command", .string(subject.text)),
      ("ok", .boolean(error == nil && isGood)),
      ("now", .integer(Int64(clamping: state.world.now))),
      ("data", report.data(in: state.world, isInterrupted: isInterrupted)), ("error", error.map(errorData) ?? .null),
    ]
    if !watched.isEmpty { fields.append(("watched", .array(watched.map { $0.json(in: state.world) }))) }
    return JSON.object(fields).encoded + "\n"
  }

  /// The data of a report as comma-separated values; of what says nothing to people, nothing.
  func csv(_ report: Report) -> String {
    report.saysSomething ? report.data(in: state.world, isInterrupted: isInterrupted).commaSeparated : ""
  }

  // MARK: - Output into files

  /// The path of the file into which a command's output goes; nil when it goes where all output goes.
  func outputFile(of call: CommandCall, in source: SourceText) throws(SessionError) -> String? {
    guard let argument = call.outputFile else { return nil }
    guard options.files == .all else {
      throw .refused(source.diagnostic(at: argument.span, "no file may be written here"))
    }
    let path = try Invocation(call: call, source: source, session: self).word(argument)
    guard !path.isEmpty else { throw .refused(source.diagnostic(at: argument.span, "this names no file")) }
    return source.path(ofFile: path)
  }

  /// Writes to a file what a command has to say, as it would have been shown where no screen sets a width.
  func write(
    _ report: Report, of call: CommandCall, to file: String, in source: SourceText
  ) throws(SessionError) {
    let subject = subject(call, in: source)
    let text =
      switch options.format {
      case .text: report.text(in: state.world, on: options.screen.asFile, isInterrupted: isInterrupted)
      case .json: json(report, of: subject)
      case .csv: csv(report)
      }
    do {
      try call.appends ? appendToFile(text, to: file) : writeFile(text, to: file)
    } catch {
      throw .refused(source.diagnostic(at: call.span, "`\(file)` cannot be written: \(error)"))
    }
    switch options.format {
    case .json: emit(Report([.facts([.init("file", .text(file))])]), of: subject)
    // A script may write to a file again and again.
    case .text where options.isInteractive: writeInParts("\(call.appends ? "added to" : "wrote") \(file)\n")
    case .text, .csv: break
    }
  }

  /// Writes a text; a long one in parts, until Ctrl-C.
  func writeInParts(_ text: String) {
    let most = 1 << 16
    guard text.utf8.count > most else {
      if !text.isEmpty { write(text) }
      return
    }
    var rest = text[...]
    while !rest.isEmpty, !isInterrupted() {
      let end = rest.utf8.index(rest.startIndex, offsetBy: most, limitedBy: rest.endIndex) ?? rest.endIndex
      let line = rest[end...].firstIndex(of: "\n").map { rest.index(after: $0) } ?? rest.endIndex
      write(String(rest[..<line]))
      rest = rest[line...]
    }
  }

  func errorData(_ error: SessionError) -> JSON {
    let found = error.diagnostic
    return .object([
      ("kind", .string(error.kind)), ("status", .integer(Int64(error.status.rawValue))),
      ("line", .integer(Int64(found.place.line))), ("column", .integer(Int64(found.place.column))),
      ("message", .string(found.message)), ("expected", found.expected.map { .string($0) } ?? .null),
      ("suggestion", found.suggestion.map { .string($0) } ?? .null),
      ("remedy", found.remedy.map { .string($0) } ?? .null), ("takenBack", .boolean(found.isTakenBack)),
      (
        "callers",
        .array(
          found.callers.map {
            .object([("place", .string("\($0.place)")), ("command", .string($0.command))])
          })
      ),
    ])
  }
}

extension Statement {
  /// The name of its command, or of the statement, as help lists it; nil for a command of the user's own, and for what has
  /// not been parsed yet.
  var commandName: String? {
    switch kind {
    case .command(let call): call.spec.isUserDefined ? nil : call.spec.name
    case .let: "let"
    case .if: "if"
    case .forEach: "for"
    case .repeat: "repeat"
    case .while: "while"
    case .define: "define"
    case .expect: "expect"
    case .expectError: "expect error"
    case .program: "program"
    case .deferred: nil
    }
  }
}
