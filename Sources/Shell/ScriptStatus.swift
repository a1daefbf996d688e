/// How a run of the program ended: its exit status.
public enum ScriptStatus: Int32, Sendable, CaseIterable {
  case success = 0
  /// An expectation or a check failed.
  case failed = 1
  /// The program was called wrongly, or could not read a script.
  case usage = 2
  /// A command was refused while running.
  case refused = 3
  /// The engine has a fault: for example, an invariant does not hold.
  case fault = 4
  /// A limit was reached.
  case limit = 124
  case interrupted = 130
}
