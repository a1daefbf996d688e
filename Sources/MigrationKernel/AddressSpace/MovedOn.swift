/// Where a process went from here that had pages on other nodes.
///
/// It tells those nodes itself where it is. Should that news be lost, and then the process with the node it is on, they
/// would keep its pages for ever. So when the kernel that it left loses touch with where it went, it tells them; and when
/// they lose touch with a node, they ask where they think the process to be:
///
///     kernel that holds pages         kernel with the process, as it was last told
///     stillNeeded                 ->
///                                 <-  client: it is here; movedOn: it went on to another, which is asked next;
///                                     or release: it is no more
///
/// If a node that is asked has fallen, the connection to it breaks, and the pages are dropped.
struct MovedOn: Sendable {
  let destination: NodeID
  let epoch: UInt32
  let holders: [PageHolder]
}

extension NodeKernel {
  // MARK: - The kernel that holds pages

  /// It may be `peer` to which a process went whose pages are here.
  func askAfterClients(losing peer: NodeID, _ out: inout EffectBuffer) {
    for residue in residues.values where residue.client != peer { askAfterClient(of: residue, &out) }
  }

  func askAfterClient(of residue: Residue, _ out: inout EffectBuffer) {
    guard !isUnderway(residue), residue.client != id else { return }
    out.send(.stillNeeded(residue.attempt, epoch: residue.clientEpoch), to: residue.client)
  }

  mutating func clientMovedOn(
    _ attempt: MigrationAttempt, to node: NodeID, epoch: UInt32, _ out: inout EffectBuffer
  ) {
    guard let residue = residues[attempt], !isWritten(residue), node != id,
      epoch > max(residue.clientEpoch, residue.hearsayEpoch)
    else { return }
    residues[attempt]?.client = node
    residues[attempt]?.hearsayEpoch = epoch
    out.send(.stillNeeded(attempt, epoch: epoch), to: node)
  }

  // MARK: - The kernel that it left

  mutating func rememberMove(of departure: Departure) {
    guard let holders = departure.left?.holders, !holders.isEmpty else { return }
    movedOn[departure.attempt.process] = MovedOn(
      destination: departure.destination, epoch: departure.attempt.epoch, holders: holders)
  }

  func tellHolders(losing peer: NodeID, _ out: inout EffectBuffer) {
    for process in movedOn.values where process.destination == peer {
      for holder in process.holders {
        out.send(.movedOn(holder.attempt, to: peer, epoch: process.epoch), to: holder.node)
      }
    }
  }

  /// A node asks that holds pages.
  func answerHolder(_ attempt: MigrationAttempt, epoch: UInt32, at node: NodeID, _ out: inout EffectBuffer) {
    if let slot = processes.slot(of: attempt.process),
      let holder = processes[slot].holders.first(where: { $0.attempt == attempt })
    {
      // It may be about to leave, by a migration that has a number already.
      let epoch = activatedEpochs[attempt.process] ?? 0
      out.send(.client(attempt, epoch: epoch, pages: holder.pages), to: node)
    } else if let next = movedOn[attempt.process] {
      out.send(.movedOn(attempt, to: next.destination, epoch: next.epoch), to: node)
    } else if departures[attempt.process] == nil, arrivals[attempt.process] == nil {
      out.send(.release(attempt, epoch: epoch), to: node)
    }
  }
}
