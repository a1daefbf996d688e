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

  /// True when it has a step that uses a file; those that it forks are other processes.
  public var usesFiles: Bool {
    switch self {
    case .steps(let program): !program.files.isEmpty
    }
  }

  /// True when it has a step that prints; those that it forks are other processes.
  public var prints: Bool {
    switch self {
    case .steps(let program): program.prints
    }
  }

  /// The names of its locks.
  public var locks: [String] {
    switch self {
    case .steps(let program): program.locks
    }
  }
  /// The names of its barriers.
  public var barriers: [String] {
    switch self {
    case .steps(let program): program.barriers
    }
  }

  /// The same program with other names for what it forks. The names of programs that are forked are the stems of their
  /// processes' names.
  ///
  /// - Parameter rename: gives the new name for each that stands in the program. It is asked once for all forks of one
  ///   name that stand side by side.
  public func renamingForks(_ rename: (String) -> String) -> ProgramImage {
    switch self {
    case .steps(let program): .steps(program.renamingForks(rename))
    }
  }
}
