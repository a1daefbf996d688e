import MigrationKernel

/// What policies chose before a migration: the first two of its three steps.
public struct PolicyChoice: Sendable {
  /// Which process; nil when the operator named it, or it is new.
  public internal(set) var process: ProcessChoice?
  /// Which node.
  public internal(set) var node: NodeChoice?
}

/// What policies chose, by process as long as no offer has followed, then by migration. It is apart from the records of
/// migrations: most have none, and those are copied in chunks.
struct PolicyChoices: Sendable {
  private struct Made: Sendable {
    let migration: Int
    let choice: PolicyChoice
  }

  /// In the order of the migrations.
  private var made = ChunkedArray<Made>()
  private var pending: [ProcessID: PolicyChoice] = [:]
  /// The last that led to no offer.
  private var lastToStay: (process: ProcessID, choice: PolicyChoice)?

  /// What was chosen before a migration.
  subscript(migration number: Int) -> PolicyChoice? {
    var (low, high) = (0, made.count)
    while low < high {
      let middle = (low + high) / 2
      if made[middle].migration < number { low = middle + 1 } else { high = middle }
    }
    return low < made.count && made[low].migration == number ? made[low].choice : nil
  }

  /// What was chosen for a process that has not been offered since.
  subscript(process: ProcessID) -> PolicyChoice? {
    pending[process] ?? (lastToStay?.process == process ? lastToStay?.choice : nil)
  }

  mutating func chose(_ process: ProcessID, _ choice: ProcessChoice) {
    pending[process] = PolicyChoice(process: choice)
  }

  mutating func chose(_ process: ProcessID, to choice: NodeChoice) {
    pending[process, default: PolicyChoice()].node = choice
    if choice.node == nil { stays(process) }
  }

  mutating func offered(_ process: ProcessID, number: Int) {
    guard !pending.isEmpty, let choice = pending.removeValue(forKey: process) else { return }
    made.append(Made(migration: number, choice: choice))
  }

  mutating func refused(_ process: ProcessID) { if pending[process]?.node != nil { stays(process) } }

  mutating func forget(_ process: ProcessID) { if !pending.isEmpty { pending[process] = nil } }

  private mutating func stays(_ process: ProcessID) {
    if let choice = pending.removeValue(forKey: process) { lastToStay = (process, choice) }
  }
}
