import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// A shell on a simulated cluster: executes the statements of a person or a script, and reports what they did.
///
/// The prompt, scripts, lessons and graders all use it. A command that fails changes nothing. Between commands time
/// stands still.
public struct Session {
  /// How output looks: lines for people, one JSON object for each command, or its data as comma-separated values.
  public enum Format: String, Sendable, CaseIterable {
    case text, json, csv
  }

  /// What a session allows, and how its output looks.
  public struct Options {
    /// How output looks.
    public var format: Format = .text
    /// Whether a person types at a terminal, who may abbreviate flags.
    public var isInteractive = false
    /// Whether every statement is shown before it is executed.
    public var echoes = false
    /// Whether a script goes on after an error.
    public var keepsGoing = false
    /// What files `source` may read and `save` may write.
    public var files: FileAccess = .all
    /// How much it may use.
    public var limits = Limits()
    /// Commands that are refused here, by their words, each with the reason.
    public var withheld: [String: String] = [:]
    /// Where output goes, and what can be shown there.
    public var screen = Screen()
    /// Whether what processes print is shown, with the command during which it reached their terminals.
    public var showsOutput = false
    /// Whether what is longer than the terminal goes through a pager.
    public var usesPager = true
    /// How many commands can be undone.
    public var undoDepth = 100

    public init() {}

    /// How wide the terminal is; nil when output goes elsewhere.
    public var columns: Int? {
      get { screen.columns }
      set { screen.columns = newValue }
    }
  }

  /// The files that commands may read and write.
  public enum FileAccess: Sendable, Equatable {
    case all
    case none
    /// Reading only, and only below this folder.
    case readBelow(String)
    /// Reading only, and only these: their bytes by their paths in a folder that need not exist.
    case given([String: [UInt8]])
  }

  /// How much a script may use. The defaults keep any script from running for ever.
  public struct Limits: Sendable {
    /// Statements of every kind; a round of an empty loop counts as one.
    public var commands = 10_000_000
    /// Nodes at a time.
    public var nodes = 100_000
    /// Processes, ended ones included.
    public var processes = 1_000_000
    /// Pages of one process.
    public var pages = 1 << 28
    /// Virtual time that `run` without an end, `run until`, `wait` and `migrate` let pass.
    public var patience: Nanoseconds = 3_600_000_000_000
    /// Events from the start of the session, including those of experiments on copies of the world.
    public var events = UInt64.max
    /// Steps of programs, counted in the same way.
    public var steps = UInt64.max
    /// Bytes of texts that programs make and commands send, counted in the same way.
    public var memory = UInt64.max
    /// What commands and expressions do beside that: parts of expressions, elements of lists, bytes of output.
    public var effort = UInt64.max
    /// Checkpoints at a time.
    public var checkpoints = 10_000
    /// Virtual time from the start of the world. Nobody may use more than half of what the clock can count.
    public var time: Nanoseconds = .max / 2

    public init() {}
  }

  /// What is allowed; may be changed between statements.
  public var options: Options
  /// Writes output, some lines at a time.
  public var write: (String) -> Void
  /// Is given what is shown in place of `write`, statements and pictures apart; what is left for `write` are errors, and what
  /// processes print. Nil where everything is written.
  public var showPart: ((ShownPart) -> Void)?
  /// Whether the user has typed Ctrl-C; asked now and then.
  public var isInterrupted: () -> Bool = { false }
  /// Tells how far what takes long has come; nil where nobody waits for it.
  var meter: ProgressMeter?
  /// Hands output to a command of the system's shell, and waits for its end; nil where `|` is not allowed.
  public var pipe: ((_ output: String, _ command: String) -> Void)?
  /// Shows what is longer than the screen a page at a time; nil where there is no screen.
  public var showInPages: ((_ output: String) -> Void)?
  /// What the world and copies of it have done since the session began, in what was undone too.
  var work = Work()
  /// What it has computed beside that; nil when there is no limit.
  var effort: Effort?

  /// The world, and what is defined over it.
  public internal(set) var state: SessionState
  /// The commands that the session knows: parser, help and completion read them here.
  public private(set) var table: CommandTable
  /// The table without commands of the user's own.
  private var givenTable: CommandTable
  /// Whether `quit` was executed.
  public internal(set) var hasQuit = false
  /// The text of each statement that worked, which `history` shows.
  var transcript: [String] = []
  /// The lines that do again all that was done since the past was sealed, what was undone too, and `undo` itself; nil where
  /// nobody keeps them.
  public var typedLines: [String]?

  private var handlers: [String: Command]
  var past = Past()
  /// How long the world runs from one copy that is kept for `step back` to the next, by the machine's clock.
  var copyDistance = Duration.milliseconds(5)
  /// How often a command went to another state or executed a file. The script of the state holds what the parts of such
  /// a statement did, and not its text.
  var jumpCount = 0
  var commandCount = 0
  /// How many commands of the statement under way have changed something, which an error takes back.
  private var changeCount = 0
  /// The first failure in the script executed last.
  public private(set) var failure: ScriptFailure?
  /// How many statements were refused since the session began.
  public private(set) var refusalCount = 0
  /// How many statements stopped at an expectation that failed, since the session began.
  public private(set) var failedExpectationCount = 0
  /// How often events of each kind have happened since the session began, in what was undone too.
  public private(set) var history: [EventKind: Int] = [:]
  /// The world when the step of a lesson began, from which `step.message.lost` and its like count; nil outside lessons.
  public var stepStart: World?
  /// Pages of help that modules above have added.
  var helpTopics: [HelpTopic] = []
  /// What the tutor of this session is told; nil where there is none.
  public var tutorLink: TutorLink?
  /// The variables that keep the value given from outside, and the seed: see `give`.
  var givenNames: Set<String> = []
  var keepsSeed = false
  /// How many blocks, sourced files and commands of the user's own are under way, one inside the other.
  var depth = 0
  /// What is under way, the innermost last.
  var frames: [Frame] = []

  /// - Parameters:
  ///   - seed: of the world.
  ///   - options: what is allowed, and how output looks.
  ///   - write: where output goes.
  public init(seed: UInt64 = 1, options: Options = Options(), write: @escaping (String) -> Void) {
    self.options = options
    self.write = write
    state = SessionState(seed: seed)
    if options.limits.effort < .max { effort = Effort(most: options.limits.effort) }
    givenTable = Commands.table
    table = givenTable
    handlers = Commands.byName
  }

  /// Adds commands to those that the session knows.
  public mutating func add(_ commands: [Command]) {
    for command in commands {
      givenTable.add(command.spec)
      handlers[command.spec.name] = command
    }
    refreshTable()
  }

  /// Brings the table up to date: it knows the user's own commands that are defined now, and no others.
  mutating func refreshTable() {
    table = givenTable
    for (name, definition) in state.definitions {
      table.add(CommandSpec.userDefined(name: name, parameters: definition.parameters))
    }
  }

  mutating func knowDefinition(_ name: String, _ parameters: [String]) {
    table.add(CommandSpec.userDefined(name: name, parameters: parameters))
  }

  /// From now on checks the invariants after every event, and keeps a digest of all events.
  ///
  /// - Parameter effort: how many nodes and processes may be looked at; after that nothing is checked any more.
  public mutating func checkInvariants(effort: UInt64 = .max) {
    state.world.invariants = Invariants(effort: effort)
    keepDigest()
  }

  /// From now on keeps a digest of all events.
  public mutating func keepDigest() { state.world.keepsDigest = true }

  /// Gives variables the values with which an experiment runs a script. From now on these and the seed stay as they are,
  /// whatever the script says with `let` and `set seed`: so a script with values of its own runs by itself, too.
  package mutating func give(_ variables: [(name: String, value: Value)]) {
    keepsSeed = true
    for (name, value) in variables {
      givenNames.insert(name)
      state.variables[name] = value
      state.script.add(variable: name, value)
    }
  }

  /// The prompt, which shows virtual time.
  public var prompt: String { "migsh \(formatTime(state.world.now))> " }

  /// The prompt of a further line of a statement, as wide as the prompt above it.
  public static func continuationPrompt(below prompt: String) -> String {
    String(repeating: " ", count: max(0, prompt.count - 3)) + "…> "
  }

  // MARK: - Executing

  /// Executes a whole script, or what was typed at the prompt. Errors are written like other output.
  ///
  /// - Returns: the status of the first failure, or success.
  public mutating func execute(_ source: SourceText) -> ScriptStatus {
    failure = nil
    hasQuit = false
    // At the prompt, a limit ends the entry that reached it, and nothing else.
    if options.isInteractive { commandCount = 0 }
    let statements: [Statement]
    do {
      statements = try parse(source)
    } catch {
      failure = ScriptFailure(.syntax(error))
      writeError(.syntax(error), command: nil, in: source)
      return .usage
    }
    var status = ScriptStatus.success
    for statement in statements {
      guard let error = perform(statement, in: source) else {
        if hasQuit { break }
        continue
      }
      if status == .success {
        status = error.status
        failure = ScriptFailure(error)
      }
      if case .refused = error { refusalCount += 1 }
      if case .failed = error { failedExpectationCount += 1 }
      if case .interrupted = error { return .interrupted }
      if !options.keepsGoing { return status }
    }
    return status
  }

  /// Parses a script with the commands known now.
  public func parse(_ source: SourceText) throws(Diagnostic) -> [Statement] {
    var parser = Parser(source: source, table: table, options: parserOptions)
    return try parser.parseScript()
  }

  var parserOptions: Parser.Options {
    Parser.Options(allowAbbreviatedFlags: options.isInteractive, allowPipes: pipe != nil)
  }

  /// Executes one statement of a script, which one `undo` takes back.
  private mutating func perform(_ statement: Statement, in source: SourceText) -> SessionError? {
    if let showPart {
      showPart(.statement(source.text(statement.span)))
    } else if options.echoes, options.format == .text {
      write(source.text(statement.span).split(separator: "\n").map { "> \($0)\n" }.joined())
    }
    let before = state
    let pastBefore = statement.hasBlock ? past : nil
    let mayChange = mayChangeState(statement)
    changeCount = 0
    past.begin(at: before)
    meter?.beginStatement(
      String(source.text(statement.span).prefix { !$0.isWhitespace }), isHeard: options.screen.tellsPictures)
    defer { meter?.hide() }
    do {
      try execute(statement, in: source)
      let text = source.fullText(of: statement)
      if mayChange { keepForUndo(before, statement, text) }
      transcript.append(text)
      noteTyped(statement, in: source, since: before)
      return nil
    } catch {
      meter?.hide()
      var error = error
      if error.changesNothing {
        takeBack(to: before, pastBefore)
        if changeCount > 0 { error.diagnostic.isTakenBack = true }
      } else if mayChange {
        keepForUndo(before, statement, source.fullText(of: statement))
        noteTyped(statement, in: source, since: before)
      }
      writeError(error, command: statement, in: source)
      return error
    }
  }

  /// Takes back everything since an earlier state.
  mutating func takeBack(to before: SessionState, _ pastBefore: Past?) {
    state = before
    if let pastBefore { past = pastBefore }
    refreshTable()
  }

  /// Keeps the state from before a statement, for `undo`.
  private mutating func keepForUndo(_ before: SessionState, _ statement: Statement, _ text: String) {
    var variable: String?
    if case .let(let name, _) = statement.kind { variable = name }
    // The state shares with the world only what is not written from now on.
    if state.world.stepCount != before.world.stepCount { work.textBytes += state.world.pageBytes }
    past.end(text: text, from: before, variable: variable, keeping: options.undoDepth)
  }

  /// Whether a statement may change what `undo` takes back.
  private func mayChangeState(_ statement: Statement) -> Bool {
    switch statement.kind {
    case .expect, .expectError: return false
    case .command(let call): return mayChangeState(call)
    default: return true
    }
  }

  /// Whether a command may change what `undo` takes back.
  package func mayChangeState(_ call: CommandCall) -> Bool {
    switch handlers[call.spec.name]?.effect {
    case .nothing, .session: false
    case .setting(let value): !call.flags.isEmpty || value.map { !call.arguments(for: $0).isEmpty } ?? false
    case .worldWith(let flag): call.flags.contains { $0.flag.name == flag.name }
    case .world, nil: true
    }
  }

  // MARK: - Commands

  /// Counts a statement, or a round of an empty loop, so that no script goes on for ever.
  mutating func countStatement(at span: SourceSpan, in source: SourceText) throws(SessionError) {
    guard commandCount < options.limits.commands else {
      throw .limit(source.diagnostic(at: span, "more than \(options.limits.commands) commands"))
    }
    commandCount += 1
    effort?.spend(Effort.statement)
    if let effort, effort.isUsedUp { throw .limit(source.diagnostic(at: span, effort.message)) }
  }

  mutating func execute(_ call: CommandCall, in source: SourceText) throws(SessionError) {
    guard !isInterrupted() else { throw interruption(at: call.span, in: source) }
    if let definition = state.definitions[call.spec.name] { return try begin(definition, call, in: source) }
    guard let command = handlers[call.spec.name] else {
      throw .refused(source.diagnostic(at: call.wordsSpan, "`\(call.spec.name)` is not known here"))
    }
    if let reached = reachedLimit { throw .limit(source.diagnostic(at: call.span, reached)) }
    spendEffort(on: command)
    let file = try outputFile(of: call, in: source)
    let start = state.world
    let level = frames.count
    if !command.isSaved { jumpCount += 1 }
    let spent = work
    // What a command goes back or on to has been counted when it happened.
    defer {
      if command.isSaved {
        noteEvents(since: start.log)
        work.addUncounted(from: start, to: state.world, countedSince: spent)
      }
    }
    let report: Report
    meter?.begin(call.spec.name, in: start)
    do throws(SessionError) {
      report = try command.run(&self, Invocation(call: call, source: source, session: self))
    } catch {
      if case .stopped(let hits) = error {
        report = BreakReport(hits, since: start, state.world).report
      } else {
        if !error.changesNothing, command.isSaved { noteStopped(call, in: source, since: start.now) }
        throw error
      }
    }
    meter?.endStretch(of: state.world)
    meter?.hide()
    guard frames.count == level else {
      // It has begun to execute a file.
      frames.insert(.report(report, call, source), at: level)
      return
    }
    if mayChangeState(call) || !command.isSaved { changeCount += 1 }
    if options.showsOutput, options.format == .text, command.isSaved { showOutput(since: start.log.total) }
    try say(report, of: call, in: source, to: file)
    // Of what only shows something, Ctrl-C has cut off the rest.
    if !mayChangeState(call), !command.changesSession, isInterrupted() { throw interruption(at: call.span, in: source) }
  }

  /// Adds what happened since an earlier state of the log to the history.
  private mutating func noteEvents(since earlier: Log) {
    let log = state.world.log
    guard log.total > earlier.total else { return }
    for kind in EventKind.allCases {
      let more = log.count(of: kind) - earlier.count(of: kind)
      if more > 0 { history[kind, default: 0] += more }
    }
  }

  func place(_ span: SourceSpan, in source: SourceText) -> String {
    "\(source.name):\(source.location(span.start).line)"
  }
}
