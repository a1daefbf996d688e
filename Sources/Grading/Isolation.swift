import CIsolation

/// What holds in a process that grades a submission, beside the limits that the engine counts.
public struct Isolation: Sendable, Equatable {
  let bits: Int32

  /// What is in force, as sentences for a report.
  public var sentences: [String] {
    let all = [
      (ISOLATION_LIMITS, "memory and time of computing are limited, and nothing can be written to files (rlimits)"),
      (ISOLATION_SECCOMP, "system calls that open, connect or execute anything are refused (seccomp)"),
      (ISOLATION_LANDLOCK, "no file and no port is within reach (Landlock)"),
      (ISOLATION_NAMESPACES, "the network has no devices (namespaces)"),
    ]
    return all.filter { bits & Int32($0.0) != 0 }.map(\.1)
  }

  /// Whether a submission is held in by the limits and by the filter of system calls, which any Linux of today offers.
  public var isComplete: Bool {
    let least = Int32(ISOLATION_LIMITS | ISOLATION_SECCOMP)
    return bits & least == least
  }

  func and(_ other: Isolation) -> Isolation { Isolation(bits: bits | other.bits) }

  /// Takes the network away from this process and those that it will fork, where the system allows that.
  static func enterNamespaces() -> Isolation { Isolation(bits: isolate_namespaces()) }
}
