/// Moving coprocesses together: those of one family on one node go to the same destination, all of them or none.
///
/// Each is a migration of its own. None begins to send before the destination has room for all, and none is committed
/// before all are installed; so none can be left alone at either end, whatever fails in between.
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
      for member in together {
        startDeparture(member, to: destination, options, with: together.filter { $0 != member }, &out)
      }
    } else if processes[process]?.isInseparable == true, !others.isEmpty {
      out.report(.refused(process, why: "its family is inseparable"))
    } else {
      startDeparture(process, to: destination, options, &out)
    }
  }

  /// The process and those that go with it, as far as they are still being migrated.
  private func company(_ process: ProcessID) -> [ProcessID] {
    ([process] + (departures[process]?.companions ?? [])).filter { departures[$0] != nil }
  }

  mutating func companionsAccepted(_ process: ProcessID, _ out: inout EffectBuffer) {
    let all = company(process)
    guard all.allSatisfy({ departures[$0]?.stage != .negotiating }) else { return }
    for member in all {
      guard departures[member]?.beginTransfer() == true, let attempt = departures[member]?.attempt else { continue }
      pumpPages(attempt, batchLeft: false, &out)
    }
  }

  mutating func companionsInstalled(_ process: ProcessID, _ out: inout EffectBuffer) {
    let all = company(process)
    guard all.allSatisfy({ departures[$0]?.isInstalled == true }) else { return }
    for member in all where departures[member]?.stage == .installed {
      if let attempt = departures[member]?.attempt { commit(attempt, &out) }
    }
  }

  /// One of them stays, so all stay.
  mutating func abandonCompanions(of departure: Departure, _ why: AbortReason, _ out: inout EffectBuffer) {
    for companion in departure.companions {
      guard let other = departures[companion], other.stage != .committed else { continue }
      abortDeparture(other.attempt, why, &out)
    }
  }

  /// An inseparable family grows while it is being moved: the new member is not prepared for, so all stay.
  mutating func keepTogether(_ process: ProcessID, _ out: inout EffectBuffer) {
    guard processes[process]?.isInseparable == true, let departure = departures[process] else { return }
    abortDeparture(departure.attempt, .coprocessStays, &out)
  }

  /// One of them is no more: the others need not wait for it.
  mutating func companionLeft(_ departure: Departure, _ out: inout EffectBuffer) {
    guard let companion = departure.companions.first(where: { departures[$0] != nil }) else { return }
    companionsAccepted(companion, &out)
    companionsInstalled(companion, &out)
  }
}
