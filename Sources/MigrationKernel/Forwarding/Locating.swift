/// Finding a process by a broadcast: every kernel that hears it and has the process answers, and one that is moving it
/// answers when that is over. The rest is silent, so that a process which is nowhere is known by the silence.
extension NodeKernel {
  /// How often a broadcast is sent before the process is taken to be nowhere.
  private static var broadcastLimit: Int { 3 }

  /// Looks for a process; what is for it waits.
  mutating func search(_ process: ProcessID, _ out: inout EffectBuffer) {
    guard locations.searches[process] == nil else { return }
    if processes.slot(of: process) != nil, !isFrozenForMigration(process) { return transmitWaiting(to: process, &out) }
    locations.cache[process] = nil
    locations.searches[process] = Locations.Search()
    if departures[process] != nil {
      // Where it goes from here is known here first.
      departures[process]?.seekers.append(id)
    } else {
      broadcast(process, &out)
    }
  }

  private mutating func broadcast(_ process: ProcessID, _ out: inout EffectBuffer) {
    out.broadcast(.locate(process))
    out.setTimer(.search(process), at: out.now + settings.detectionTimeout)
  }

  mutating func searchExpired(_ process: ProcessID, _ out: inout EffectBuffer) {
    guard let search = locations.searches[process] else { return }
    guard search.broadcasts >= Self.broadcastLimit else {
      locations.searches[process]?.broadcasts += 1
      return broadcast(process, &out)
    }
    locations.searches[process] = nil
    returnWaiting(to: process, .notFound(at: id), &out)
  }

  /// Somebody looks for a process.
  mutating func searched(_ process: ProcessID, by node: NodeID, _ out: inout EffectBuffer) {
    if isFrozenForMigration(process) {
      departures[process]?.seekers.append(node)
    } else if processes.slot(of: process) != nil {
      answerSearch(process, here(process, now: out.now), from: node, &out)
    }
  }

  mutating func answerSearch(
    _ process: ProcessID, _ location: Location, from node: NodeID, _ out: inout EffectBuffer
  ) {
    if node == id { found(process, location, &out) } else { out.send(.located(process, location), to: node) }
  }

  /// A process has been found: what has waited for it goes there.
  mutating func found(_ process: ProcessID, _ location: Location, _ out: inout EffectBuffer) {
    learn(process, location)
    guard locations.searches.removeValue(forKey: process) != nil else { return }
    transmitWaiting(to: process, &out)
  }
}
