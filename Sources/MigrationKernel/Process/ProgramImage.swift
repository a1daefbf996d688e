/// What a process executes: a case for each kind of guest, with the program that guests of that kind execute.
public enum ProgramImage: Sendable {
  /// A step program, for a `StepGuest`.
  case steps(StepProgram)

  /// The program's name.
  public var name: String {
    switch self {
    case .steps(let program): program.name
    }
  }
}
