/// Moving coprocesses together: those of one family on one node go to the same destination, all of them or none.
///
/// Each is a migration of its own. None begins to send before the destination has room for all, none is frozen before all
/// may be, and none is committed before all are installed; so none stands still while another is not ready for that, and
/// none can be left alone at either end, whatever fails in between. How far they are together a `FamilyMove` says.
///
///     what happens to a member before the commit      | what becomes of the others
///     ------------------------------------------------+-------------------------------------------------------------
///     it may be frozen, by its mechanism              | it runs on and sends what it writes; all are frozen when the
///                                                     | last may be, at the same instant
///     it ends, is killed, or dies as a node fell that | they need not wait for it any more, and go on with the move
///     held pages of it                                |
///     it forks                                        | all stay: the new process is not prepared for
///     it is refused, its migration is called off, or  | all stay, each for the reason that this one stays
///     the connection breaks                           |
///     the operator stops it, or it waits for a page   | nothing: it moves as it is
extension NodeKernel {
  mutating func migrate(
    _ process: ProcessID, to destination: NodeID, _ options: TransferOptions, _ out: inout EffectBuffer
  ) {
    let family = processes[process]?.family
    // One that is being placed begins elsewhere anyway.
    let others = processes.filter {
      $0.family == family && $0.id != process && nodeSearches[$0.id]?.purpose != .placement
    }
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

  /// The mechanism would have `process` frozen now: it is, and those that go with it at the same instant, once all may be.
  /// Until then it runs on.
  mutating func memberMayFreeze(_ process: ProcessID, _ out: inout EffectBuffer) {
    guard let family = departures[process]?.family else { return freeze([process], &out) }
    guard departures[process]?.awaitFamily() == true else { return }
    freeze(familyMoves[family]?.mayFreeze(process) ?? [], &out)
  }

  private mutating func freeze(_ members: [ProcessID], _ out: inout EffectBuffer) {
    // Nobody executes any more before anybody sends what is left.
    var stopping: [Int] = []
    for member in members {
      guard let slot = processes.slot(of: member), let attempt = departures[member]?.attempt,
        departures[member]?.freeze(processes[slot].phase) == true
      else { continue }
      processes[slot].phase = .migrating
      out.report(.migration(attempt, .freezing))
      stopping.append(slot)
    }
    for slot in stopping { stopThreads(of: slot, &out) }
    for slot in stopping { threadStopped(slot, &out) }
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
    let why = AbortReason.coprocessStays(departure.attempt.process, because: why)
    guard let family = departure.family, let move = familyMoves.removeValue(forKey: family) else { return }
    for member in move.members {
      if let other = departures[member] { abortDeparture(other.attempt, why, &out) }
    }
  }

  /// A family that goes together grows while it is being moved: the new member is not prepared for, so all stay.
  mutating func keepTogether(_ process: ProcessID, _ out: inout EffectBuffer) {
    guard let departure = departures[process],
      departure.options.withCoprocesses || processes[process]?.isInseparable == true
    else { return }
    abortDeparture(departure.attempt, .forked, &out)
  }

  /// One of them is no more: the others need not wait for it.
  mutating func memberEnded(_ departure: Departure, _ out: inout EffectBuffer) {
    guard let family = departure.family else { return }
    let next = familyMoves[family]?.ended(departure.attempt.process)
    if familyMoves[family]?.members.isEmpty == true { familyMoves[family] = nil }
    switch next {
    case .wait, nil: break
    case .begin(let ready): beginTransfer(of: ready, &out)
    case .freeze(let ready): freeze(ready, &out)
    case .commit(let ready):
      familyMoves[family] = nil
      commit(ready, &out)
    }
  }
}
