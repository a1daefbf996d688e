import Chronicle
import MigrationKernel

/// Little's law, which holds in every run and not only on average: the integral over time of the number of jobs in the system
/// is the sum of the times that jobs have been in it, cut at the present. (Little: "A proof for the queuing formula L = λW",
/// Operations Research 9, 1961.)
///
/// And a job is in the system exactly as long as its process is alive.
///
/// The ledger counts the one as jobs come and go. The other is added up here from the list of jobs. To do so takes time for
/// every job that ever was, so with many of them it is not done at every change; a fault that there is once is there for ever.
struct LittlesLaw: Sendable {
  /// How often the number of jobs has changed when this is checked next.
  private var nextCheck = 1

  mutating func check(_ world: borrowing World) -> String? {
    let changes = world.chronicle.jobs.changes
    guard changes >= nextCheck else { return nil }
    nextCheck = changes + 1 + world.chronicle.jobs.count / 64
    return Self.check(world)
  }

  /// The same, whenever it was checked last.
  static func check(_ world: borrowing World) -> String? {
    let integral = world.chronicle.jobs.integral(at: world.now)
    let sum = world.chronicle.jobs.sumOfTimes(at: world.now)
    guard integral == sum else {
      return """
        Little's law: the number of jobs in the system, integrated over time, is \(integral) ns, and the times of all jobs in \
        it are \(sum) ns
        """
    }
    let present = world.chronicle.jobs.present
    guard present.count == world.chronicle.jobs.inSystem else {
      return "\(world.chronicle.jobs.inSystem) jobs are in the system, and \(present.count) are known"
    }
    let gone = present.filter { world.chronicle.processes[$0]?.fate != .alive }.min()
    return gone.map {
      "job \(world.chronicle.processes[$0]?.name ?? "?") is in the system, and its process is not alive"
    }
  }
}
