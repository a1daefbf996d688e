import CommandLanguage
import Course
import LineEditor
import Shell

/// Executes commands from files, from an argument or from standard input.
struct Batch {
  private let options: BatchSettings

  init(_ options: BatchSettings) { self.options = options }

  func makeSession(write: @escaping (String) -> Void = Terminal.write) -> Session {
    var sessionOptions = Session.Options()
    sessionOptions.format = options.format
    sessionOptions.echoes = options.echo
    sessionOptions.keepsGoing = options.keepGoing
    sessionOptions.screen = Terminal.screen(tellsPictures: options.plain)
    // Only a prompt is asked again how wide the terminal is: what a script prints does not depend on that.
    sessionOptions.columns = nil
    var session = Session(seed: options.seed, options: sessionOptions, write: write)
    session.add(Lesson.helpTopics)
    Interrupt.install()
    session.isInterrupted = { Interrupt.isRequested }
    if Terminal.takesLinesBack { session.tellProgress(Terminal.show) }
    if options.checkInvariants { session.checkInvariants() }
    return session
  }

  func execute(text: String, name: String) -> ScriptStatus {
    execute(bytes: Array(text.utf8), name: name)
  }

  /// Enters a lesson or an exercise, at a terminal or with commands from standard input.
  func teach(_ request: TutorLink.Request) -> ScriptStatus {
    Terminal.isInput ? Prompt(options).run(first: request) : executeStandardInput(first: request)
  }

  /// - Parameter first: what is asked of the tutor before anything is typed; nil for commands alone.
  func executeStandardInput(first: TutorLink.Request? = nil) -> ScriptStatus {
    let bytes = Terminal.readAll()
    guard first != nil || Conversation.asksForTutor(bytes) else { return execute(bytes: bytes, name: "-") }
    do throws(Diagnostic) {
      return Conversation(options).run(try SourceText(name: "-", bytes: bytes), first: first)
    } catch {
      Terminal.writeError(error.rendered() + "\n")
      return .usage
    }
  }

  /// Executes commands from standard input at a moment of a submission.
  func executeStandardInput(at moment: GradingMoment) -> ScriptStatus {
    var session = makeSession()
    session.goOn(from: moment)
    do throws(Diagnostic) {
      return session.execute(try SourceText(name: "-", bytes: Terminal.readAll()))
    } catch {
      Terminal.writeError(error.rendered() + "\n")
      return .usage
    }
  }

  private func execute(bytes: [UInt8], name: String) -> ScriptStatus {
    do {
      return try execute(try SourceText(name: name, bytes: bytes))
    } catch {
      Terminal.writeError(error.rendered() + "\n")
      return .usage
    }
  }

  /// Executes scripts and lessons, each in a world of its own.
  ///
  /// - Returns: the first status other than success, if there is one.
  func execute(files: [String]) -> ScriptStatus {
    var status = ScriptStatus.success
    for file in files {
      let one = execute(file: file)
      if status == .success { status = one }
      if one == .interrupted || one != .success && !options.keepGoing { break }
    }
    return status
  }

  private func execute(file: String) -> ScriptStatus {
    do {
      return try execute(try readSource(file))
    } catch let error as Diagnostic {
      Terminal.writeError(error.rendered() + "\n")
    } catch {
      Terminal.writeError("migsh: \(file): \(error)\n")
    }
    return .usage
  }

  private func execute(_ source: SourceText) throws(Diagnostic) -> ScriptStatus {
    guard Lesson.isLesson(source) else { return twice { session in session.execute(source) } }
    let table = Session { _ in }.table
    let written = try Lesson(parsing: source, table: table)
    let (lesson, notice) = written.inLanguage(options.language, path: source.name, table: table)
    if let notice { Terminal.writeError("migsh: \(notice)\n") }
    return twice { session in lesson.play(in: &session) }
  }

  /// Executes something once. With `--check-invariants` does so a second time, without output, and checks that the same
  /// events happen.
  private func twice(_ execute: (inout Session) -> ScriptStatus) -> ScriptStatus {
    var session = makeSession()
    let status = execute(&session)
    guard options.checkInvariants, status != .fault, status != .interrupted else { return status }
    var second = makeSession { _ in }
    _ = execute(&second)
    guard second.state.world.digest == session.state.world.digest else {
      Terminal.writeError("migsh: fault: the same script and seed did not give the same events\n")
      return .fault
    }
    return status
  }
}

extension Session {
  /// Goes on where a submission stood, with the options and the output of this session, and without the limits of grading.
  mutating func goOn(from moment: GradingMoment) {
    let (options, write, isInterrupted) = (options, write, isInterrupted)
    self = moment.session
    (self.options, self.write, self.isInterrupted) = (options, write, isInterrupted)
  }
}
