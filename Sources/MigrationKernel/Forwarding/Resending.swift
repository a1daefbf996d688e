/// Resending: the source forgets a process that has left, and what still comes for it is returned or dropped; the sender's
/// kernel has kept a copy, finds the process by a broadcast, and sends again.
///
/// Nothing is left behind anywhere, and no node but the two has to be up. But the migration is not transparent to those
/// who talk to the migrant: they see the delay, the traffic and, when it is returned, the message that came back.
private enum Resending {
  static func firstHop(to process: ProcessID, _ locations: Locations) -> FirstHop {
    if locations.searches[process] != nil { return .search }
    if let known = locations.cache[process] { return .node(known.node) }
    return process.origin == locations.node ? .search : .node(process.origin)
  }
}

/// The variant that returns: a program that asked for the answer (`send … else`) sees its message come back and must send it again;
/// for one that did not ask its kernel does that.
enum ResendReturned: Forwarding {
  static var name: String { "resend-returned" }
  static var searches: Bool { true }
  static var returnsToProgram: Bool { true }

  static func firstHop(to process: ProcessID, _ locations: Locations) -> FirstHop {
    Resending.firstHop(to: process, locations)
  }

  static func whileMoving(_ process: ProcessID, _ locations: Locations) -> Disposition {
    .sendBack(.notHere(at: locations.node))
  }

  static func elsewhere(_ process: ProcessID, minimumEpoch: UInt32, _ locations: Locations) -> Disposition {
    .sendBack(.notHere(at: locations.node))
  }
}

/// The variant that drops: the sender's kernel sends again when it has heard nothing for a while.
enum ResendDropped: Forwarding {
  static var name: String { "resend-dropped" }
  static var searches: Bool { true }
  static var searchesInSilence: Bool { true }

  static func firstHop(to process: ProcessID, _ locations: Locations) -> FirstHop {
    Resending.firstHop(to: process, locations)
  }

  static func whileMoving(_ process: ProcessID, _ locations: Locations) -> Disposition { .drop }

  static func elsewhere(_ process: ProcessID, minimumEpoch: UInt32, _ locations: Locations) -> Disposition { .drop }
}
