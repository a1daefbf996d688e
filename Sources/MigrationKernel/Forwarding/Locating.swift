/// Finding a process by a broadcast: every kernel that hears it and has the process answers. One that is moving it says
/// so, and answers when that is over. The rest is silent, so that a process which is nowhere is known by the silence.
///
///     fault                      | locate                                   | located, moving
///     ---------------------------+------------------------------------------+-----------------------------------------
///     node of the process        | three times silence: the senders are     | as if it had been silent
///     crashes                    | told `notFound`                          |
///     node that moves it crashes | its destination answers the next         | who was told that it moves asks there
///                                | broadcast                                | again, is not answered, and broadcasts
///                                |                                          | again
///     third node crashes         | nothing: it would have been silent       | nothing
///     connection breaks          | not heard there: sent again when that    | lost: the same
///                                | node answers, and a detection timeout    |
///                                | later in any case                        |
///     cut heals in time          | it waits; a repeated broadcast is        | it waits
///                                | answered twice                           |
///     late or repeated           | answered again                           | a place that is older than what is known
///                                |                                          | is not learnt; nothing waits any more
extension NodeKernel {
  /// How often a broadcast is sent before the process is taken to be nowhere.
  private static var broadcastLimit: Int { 3 }

  /// Looks for a process. What is for it waits until it has been found.
  mutating func searchFor(_ process: ProcessID, _ out: inout EffectBuffer) {
    guard locations.searches[process] == nil else { return }
    if processes.slot(of: process) != nil, !isFrozenForMigration(process) { return transmitWaiting(to: process, &out) }
    locations.cache[process] = nil
    locations.searches[process] = Locations.Search()
    if departures[process] != nil {
      // Where it goes from here is known here first.
      departures[process]?.awaits(id)
    } else {
      broadcast(process, &out)
    }
  }

  private mutating func broadcast(_ process: ProcessID, _ out: inout EffectBuffer) {
    for member in members where member != id { out.send(.locate(process), to: member) }
    awaitAnswer(process, &out)
  }

  /// Waits a detection timeout, or as long as the answers of the farthest node have been seen to take.
  private mutating func awaitAnswer(_ process: ProcessID, _ out: inout EffectBuffer) {
    let time = out.now + max(settings.detectionTimeout, slowestAnswer)
    locations.searches[process]?.expiresAt = time
    out.setTimer(.search(process), at: time)
  }

  /// `peer` answers again after the connection broke: it has not heard of searches that go on.
  func searchAgain(at peer: NodeID, _ out: inout EffectBuffer) {
    for process in locations.searches.keys.sorted() where departures[process] == nil {
      out.send(.locate(process), to: peer)
    }
  }

  mutating func searchExpired(_ process: ProcessID, _ out: inout EffectBuffer) {
    // A timer may be of an earlier search.
    guard let search = locations.searches[process], out.now >= search.expiresAt else { return }
    if let node = search.movingFrom {
      // As long as the node that was moving it answers, no other need be asked.
      locations.searches[process]?.movingFrom = nil
      out.send(.locate(process), to: node)
      return awaitAnswer(process, &out)
    }
    guard search.broadcasts >= Self.broadcastLimit else {
      locations.searches[process]?.broadcasts += 1
      return broadcast(process, &out)
    }
    locations.searches[process] = nil
    returnWaiting(to: process, .notFound(at: id), &out)
  }

  /// `node` looks for a process: answers if this kernel has it, or is moving it.
  mutating func answerLocate(_ process: ProcessID, by node: NodeID, _ out: inout EffectBuffer) {
    if isFrozenForMigration(process) {
      departures[process]?.awaits(node)
      out.send(.moving(process), to: node)
    } else if processes.slot(of: process) != nil {
      answerSearch(process, addressHere(of: process), from: node, &out)
    }
  }

  mutating func answerSearch(
    _ process: ProcessID, _ address: Address, from node: NodeID, _ out: inout EffectBuffer
  ) {
    if node == id { processFound(process, address, &out) } else { out.send(.located(process, address), to: node) }
  }

  /// `node` is moving a process that is looked for, and will tell where it is.
  mutating func processIsMoving(_ process: ProcessID, from node: NodeID) {
    locations.searches[process]?.movingFrom = node
    locations.searches[process]?.broadcasts = 1
  }

  /// A process has been found: sends what has waited for it.
  mutating func processFound(_ process: ProcessID, _ address: Address, _ out: inout EffectBuffer) {
    learnAddress(process, address, now: out.now)
    guard locations.searches.removeValue(forKey: process) != nil else { return }
    transmitWaiting(to: process, &out)
  }
}
