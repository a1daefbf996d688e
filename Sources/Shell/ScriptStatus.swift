/// How a run of the program ends, as its exit status says.
public enum ScriptStatus: Int32, Sendable {
  case success = 0
  /// An expectation or a check failed.
  case failed = 1
  /// Usage, or text that could not be understood.
  case usage = 2
  /// A command was refused while running.
  case refused = 3
  /// A fault of ours, such as an invariant that does not hold.
  case fault = 4
  /// A limit was reached.
  case limit = 124
  case interrupted = 130
}
