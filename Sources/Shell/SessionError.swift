import CommandLanguage

/// Why a statement did not come to its end.
enum SessionError: Error {
  /// It could not be understood.
  case syntax(Diagnostic)
  /// It was refused, and has changed nothing.
  case refused(Diagnostic)
  /// An expectation failed; the script goes no further.
  case failed(Diagnostic)
  /// Virtual time, events or commands ran out.
  case limit(Diagnostic)
  /// A fault of the engine.
  case fault(Diagnostic)
  case interrupted(Diagnostic)

  var diagnostic: Diagnostic {
    switch self {
    case .syntax(let found), .refused(let found), .failed(let found), .limit(let found), .fault(let found),
      .interrupted(let found):
      found
    }
  }

  var status: ScriptStatus {
    switch self {
    case .syntax: .usage
    case .refused: .refused
    case .failed: .failed
    case .limit: .limit
    case .fault: .fault
    case .interrupted: .interrupted
    }
  }

  /// A command that fails changes nothing; one that was stopped, or found something wrong, leaves things as they are.
  var changesNothing: Bool {
    switch self {
    case .syntax, .refused: true
    case .failed, .limit, .fault, .interrupted: false
    }
  }

  /// What the line that tells of it begins with.
  var kind: String {
    switch self {
    case .syntax, .refused: "error"
    case .failed: "failed"
    case .limit: "limit"
    case .fault: "fault"
    case .interrupted: "interrupted"
    }
  }
}

extension ScriptFailure {
  init(_ error: SessionError) {
    self.init(status: error.status, kind: error.kind, diagnostic: error.diagnostic)
  }
}
