import CommandLanguage

/// Why a statement stopped before its end.
enum SessionError: Error {
  /// The parser could not read it.
  case syntax(Diagnostic)
  /// The command refused it, and changed nothing.
  case refused(Diagnostic)
  /// An expectation failed; the script goes no further.
  case failed(Diagnostic)
  /// Virtual time, events or commands ran out.
  case limit(Diagnostic)
  /// A fault of the engine.
  case fault(Diagnostic)
  case interrupted(Diagnostic)
  /// A breakpoint stopped it. That is no error: the session goes on as if the command were done.
  case stopped([BreakHit])

  var diagnostic: Diagnostic {
    get {
      switch self {
      case .syntax(let found), .refused(let found), .failed(let found), .limit(let found), .fault(let found),
        .interrupted(let found):
        found
      case .stopped(let hits): hits[0].diagnostic
      }
    }
    set {
      self =
        switch self {
        case .syntax: .syntax(newValue)
        case .refused: .refused(newValue)
        case .failed: .failed(newValue)
        case .limit: .limit(newValue)
        case .fault: .fault(newValue)
        case .interrupted: .interrupted(newValue)
        case .stopped: self
        }
    }
  }

  /// The same error, with a command that led to it.
  func inside(_ call: CommandCall, _ source: SourceText) -> SessionError {
    var error = self
    error.diagnostic.callers.append(Caller(command: source.text(call.span), place: source.place(of: call.span)))
    return error
  }

  var status: ScriptStatus {
    switch self {
    case .syntax: .usage
    case .refused: .refused
    case .failed: .failed
    case .limit: .limit
    case .fault: .fault
    case .interrupted: .interrupted
    case .stopped: .success
    }
  }

  /// Whether the session takes back what the statement did. A refused command changes nothing. What a stopped command,
  /// or one that found something wrong, did until then stays.
  var changesNothing: Bool {
    switch self {
    case .syntax, .refused: true
    case .failed, .limit, .fault, .interrupted, .stopped: false
    }
  }

  /// The first word of its message.
  var kind: String {
    switch self {
    case .syntax, .refused: "error"
    case .failed: "failed"
    case .limit: "limit"
    case .fault: "fault"
    case .interrupted: "interrupted"
    case .stopped: "stopped"
    }
  }
}

extension ScriptFailure {
  init(_ error: SessionError) {
    self.init(status: error.status, kind: error.kind, diagnostic: error.diagnostic)
  }
}
