/// How messages find a process that has moved. A mechanism knows only what this kernel did itself or was told in packets.
///
/// One file each; what the notes call the three kinds of message is decided here: kind 1 by `whileMoving`, kinds 2 and 3
/// by `elsewhere`, and where a sender's kernel begins by `firstHop`.
protocol Forwarding {
  /// Where the kernel of a sender sends what is for `process`, which is not here.
  static func firstHop(to process: ProcessID, _ locations: Locations) -> FirstHop

  /// What the source does with something for a process that stands still, to be moved (kind 1).
  static func whileMoving(_ process: ProcessID, _ locations: Locations) -> Misdirection

  /// What a kernel does with something for a process that is not here.
  ///
  /// - Parameter since: the process is to be looked for where it came by the migration of this epoch, or a later one.
  static func elsewhere(_ process: ProcessID, since: UInt32, _ locations: Locations) -> Misdirection
}

/// Where a sender's kernel begins.
enum FirstHop: Equatable {
  case node(NodeID)
  /// The way of something that has come here for it.
  case asIfFromElsewhere
  /// It must be found first.
  case search
  /// Nothing tells.
  case nowhere

  /// The node to which it leads, seen from `here`; nil when that is not known yet.
  func node(from here: NodeID) -> NodeID? {
    switch self {
    case .node(let node): node
    case .asIfFromElsewhere: here
    case .search, .nowhere: nil
    }
  }
}

/// What becomes of something that does not meet its process.
enum Misdirection: Equatable {
  /// It goes on, to where the process came by the migration of this epoch, as far as is known here.
  case forward(to: NodeID, epoch: UInt32)
  /// It waits at the source for the end of the migration.
  case queue
  /// It waits at the origin until a move by this epoch or a later one has been reported.
  case hold(since: UInt32)
  /// Back to the origin, which knows more or will.
  case handBack(to: NodeID)
  case sendBack(Undeliverable)
  case drop
}

/// The mechanisms there are: one for each process, for life; its identifier names it.
public enum ForwardingMechanism: UInt8, CaseIterable, Sendable {
  case linkTraversal, resendReturned, resendDropped, originSite, linkUpdate

  /// As it is typed.
  public var name: String {
    switch self {
    case .linkTraversal: "link-traversal"
    case .resendReturned: "resend-returned"
    case .resendDropped: "resend-dropped"
    case .originSite: "origin"
    case .linkUpdate: "link-update"
    }
  }

  var rules: any Forwarding.Type {
    switch self {
    case .linkTraversal: LinkTraversal.self
    case .resendReturned: ResendReturned.self
    case .resendDropped: ResendDropped.self
    case .originSite: AskOriginSite.self
    case .linkUpdate: LinkUpdate.self
    }
  }

  /// A source leaves a link behind, for good or for a while.
  public var keepsLinks: Bool { self == .linkTraversal || self == .linkUpdate }

  /// A sender's kernel that hears that the process is not where it was looks for it by a broadcast.
  var searches: Bool {
    switch self {
    case .resendReturned, .resendDropped, .linkUpdate: true
    case .linkTraversal, .originSite: false
    }
  }
}

/// What the mechanisms do when a process moves, has moved, and ends.
extension NodeKernel {
  /// Where this kernel would look for a process, if it knows: not where the process is.
  public func knownLocation(of process: ProcessID) -> Location? {
    if processes.slot(of: process) != nil {
      return Location(address: here(process), learnedAt: processes[process]?.createdAt ?? 0)
    }
    return process.forwarding == .originSite ? locations.moves[process] : locations.newest(process)
  }

  /// At the source: what the process takes along of what this kernel knows.
  func takeLinks(_ process: inout Process) {
    if process.id.forwarding == .linkTraversal { process.trail.append(id) }
    process.correspondentAddresses = process.correspondents.compactMap { correspondent in
      let isHere = processes.slot(of: correspondent) != nil
      let address = isHere ? here(correspondent) : locations.newest(correspondent)?.address
      return address.map { Correspondent(process: correspondent, address: $0) }
    }
  }

  /// At the source: the process runs at `destination`. What had waited for it goes there.
  mutating func departed(_ departure: Departure, _ out: inout EffectBuffer) {
    let process = departure.attempt.process
    let address = Address(node: departure.destination, epoch: departure.attempt.epoch)
    locations.cache[process] = nil
    switch process.forwarding {
    case .linkTraversal, .linkUpdate: locations.links[process] = Location(address: address, learnedAt: out.now)
    case .originSite where process.origin == id:
      moveReported(process, address, &out)
    case .originSite:
      if departure.waiting.hasHandedBack { report(process, address, &out) }
    case .resendReturned, .resendDropped: break
    }
    for seeker in departure.seekers { answerSearch(process, address, from: seeker, &out) }
    for routed in departure.waiting.queue { route(routed, &out) }
    // Last, since without other ends to tell the link goes at once.
    if process.forwarding == .linkUpdate { updateLinks(departure, address, &out) }
  }

  /// At the source: the attempt is off, and the process goes on here.
  mutating func stayed(_ departure: Departure, _ out: inout EffectBuffer) {
    let process = departure.attempt.process
    if process.forwarding == .originSite {
      let address = Address(node: id, epoch: departure.attempt.epoch)
      if process.origin == id {
        moveReported(process, address, &out)
      } else if departure.waiting.hasHandedBack {
        report(process, address, &out)
      }
    }
    for seeker in departure.seekers { answerSearch(process, here(process), from: seeker, &out) }
  }

  /// At the destination: the process in `slot` runs here now, and can receive.
  mutating func arrived(_ slot: Int, from source: NodeID, _ out: inout EffectBuffer) {
    let process = processes[slot].id
    if locations.searches.removeValue(forKey: process) != nil { transmitWaiting(to: process, &out) }
    processes[slot].trail.removeAll { $0 == id }
    for correspondent in processes[slot].correspondentAddresses {
      learn(correspondent.process, correspondent.address, now: out.now)
    }
    processes[slot].correspondentAddresses = []
    processes[slot].reports = 0
    guard process.forwarding == .originSite else { return }
    let address = here(process)
    if process.origin == id {
      moveReported(process, address, &out)
    } else if process.origin != source {
      report(process, address, &out)
    }
  }

  /// The process is no more: who keeps something to find it by may forget it.
  mutating func forgotten(_ process: ProcessID, trail: [NodeID], _ out: inout EffectBuffer) {
    for node in trail { out.send(.forget(process), to: node) }
    if locations.searches.removeValue(forKey: process) != nil { returnWaiting(to: process, .notFound(at: id), &out) }
    guard process.forwarding == .originSite else { return }
    if process.origin == id { forget(process, &out) } else { out.send(.forget(process), to: process.origin) }
  }

  /// Told that a process is no more.
  mutating func forget(_ process: ProcessID, _ out: inout EffectBuffer) {
    locations.links[process] = nil
    locations.cache[process] = nil
    // No report that is still on its way is to be believed.
    if locations.moves.removeValue(forKey: process) != nil { activatedEpochs[process] = .max }
    for routed in locations.held.removeValue(forKey: process)?.waiting ?? [] {
      sendBack(routed, .notFound(at: id), &out)
    }
  }

  /// Where a process is that is on this node.
  func here(_ process: ProcessID) -> Address { Address(node: id, epoch: activatedEpochs[process] ?? 0) }

  /// A packet told where a process is. Who always asks the origin remembers nothing.
  mutating func learn(_ process: ProcessID, _ address: Address, now: Nanoseconds) {
    guard process.forwarding != .originSite, address.node != id, processes.slot(of: process) == nil else { return }
    locations.learn(process, Location(address: address, learnedAt: now))
  }
}
