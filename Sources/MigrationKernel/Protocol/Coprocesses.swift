/// Moving coprocesses together: those of one family on one node go to the same destination, all of them or none.
///
/// Each is a migration of its own. None begins to send before the destination has room for all, and none is committed
/// before all are installed; so none can be left alone at either end, whatever fails in between. How far they are together
/// a `FamilyMove` says.
extension NodeKernel {
  mutating func migrate(
    _ process: ProcessID, to destination: NodeID, _ options: TransferOptions, _ out: inout EffectBuffer
  ) {
    let family = processes[process]?.family
    let others = processes.filter { $0.family == family && $0.id != process }
    if processes[process]?.isInseparable == true, arrivals.values.contains(where: { $0.process?.family == family }) {
      // They are let go all at once, and still get here one after another.
      return out.report(.refused(process, why: "its family has not all arrived"))
    }
    if options.withCoprocesses {
      let together = [process] + others.map(\.id)
      guard together.allSatisfy({ departures[$0] == nil }) else {
        return out.report(.refused(process, why: "a coprocess is being migrated already"))
      }
      let attempt = MigrationAttempt(process: process, epoch: (processes[process]?.epoch ?? 0) + 1)
      let family = together.count > 1 ? attempt : nil
      for member in together { startDeparture(member, to: destination, options, family: family, &out) }
      if let family, departures[process] != nil { familyMoves[family] = FamilyMove(together) }
    } else if processes[process]?.isInseparable == true, !others.isEmpty {
      out.report(.refused(process, why: "its family is inseparable"))
    } else {
      startDeparture(process, to: destination, options, &out)
    }
  }

  /// The destination has room for `process`: it begins to send, and those that go with it, once there is room for all.
  mutating func memberAccepted(_ process: ProcessID, _ out: inout EffectBuffer) {
    guard let family = departures[process]?.family else { return beginTransfer(of: [process], &out) }
    beginTransfer(of: familyMoves[family]?.accepted(process) ?? [], &out)
  }

  private mutating func beginTransfer(of members: [ProcessID], _ out: inout EffectBuffer) {
    for member in members {
      guard departures[member]?.beginTransfer() == true, let attempt = departures[member]?.attempt else { continue }
      pumpPages(attempt, batchLeft: false, &out)
    }
  }

  /// The destination has `process`: it is committed, and those that go with it, once the destination has all.
  mutating func memberInstalled(_ process: ProcessID, _ out: inout EffectBuffer) {
    guard let family = departures[process]?.family else { return commit([process], &out) }
    let ready = familyMoves[family]?.installed(process) ?? []
    if !ready.isEmpty { familyMoves[family] = nil }
    commit(ready, &out)
  }

  private mutating func commit(_ members: [ProcessID], _ out: inout EffectBuffer) {
    for member in members {
      if let attempt = departures[member]?.attempt { commit(attempt, &out) }
    }
  }

  /// One of them stays, so all stay.
  mutating func abandonFamily(of departure: Departure, _ why: AbortReason, _ out: inout EffectBuffer) {
    guard let family = departure.family, let move = familyMoves.removeValue(forKey: family) else { return }
    for member in move.members {
      if let other = departures[member] { abortDeparture(other.attempt, why, &out) }
    }
  }

  /// An inseparable family grows while it is being moved: the new member is not prepared for, so all stay.
  mutating func keepTogether(_ process: ProcessID, _ out: inout EffectBuffer) {
    guard processes[process]?.isInseparable == true, let departure = departures[process] else { return }
    abortDeparture(departure.attempt, .coprocessStays, &out)
  }

  /// One of them is no more: the others need not wait for it.
  mutating func memberEnded(_ departure: Departure, _ out: inout EffectBuffer) {
    guard let family = departure.family else { return }
    let next = familyMoves[family]?.ended(departure.attempt.process)
    if familyMoves[family]?.members.isEmpty == true { familyMoves[family] = nil }
    switch next {
    case .wait, nil: break
    case .begin(let ready): beginTransfer(of: ready, &out)
    case .commit(let ready):
      familyMoves[family] = nil
      commit(ready, &out)
    }
  }
}
