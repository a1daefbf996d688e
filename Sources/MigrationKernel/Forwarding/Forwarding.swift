/// How messages find a process that has moved. A mechanism knows only what this kernel did itself or was told in packets.
///
/// One file each, with all that a mechanism does: what becomes of something that is for a process, and what is done when a
/// process leaves, stays, arrives and ends. What the notes call the three kinds of message is decided here: kind 1 by
/// `whileMoving`, kinds 2 and 3 by `elsewhere`, and where a sender's kernel begins by `firstHop`.
protocol Forwarding {
  /// As it is typed.
  static var name: String { get }

  // MARK: - What becomes of something for a process

  /// Where the kernel of a sender sends what is for `process`, which is not here.
  static func firstHop(to process: ProcessID, _ locations: Locations) -> FirstHop

  /// What the source does with something for a process that stands still, to be moved (kind 1).
  static func whileMoving(_ process: ProcessID, _ locations: Locations) -> Disposition

  /// What a kernel does with something for a process that is not here.
  ///
  /// - Parameter minimumEpoch: only a place counts to which the process came by the migration of this epoch or a later one.
  static func elsewhere(_ process: ProcessID, minimumEpoch: UInt32, _ locations: Locations) -> Disposition

  // MARK: - What it relies on

  /// A source leaves a forwarding address behind, for good or for a while.
  static var leavesAddresses: Bool { get }
  /// Messages go to the origin of the process first, and it always knows where to send them: nobody else remembers that.
  static var asksOrigin: Bool { get }
  /// A sender's kernel that hears that the process is not where it was looks for it by a broadcast.
  static var searches: Bool { get }
  /// Nobody says that a message was dropped: a sender's kernel that hears nothing looks for the process.
  static var searchesInSilence: Bool { get }
  /// A program that waits to hear of its message is told when it came back, and sends it again itself.
  static var returnsToProgram: Bool { get }

  /// Correspondents are told where a process goes before it runs there: what they send waits at its destination.
  static var announcesAddress: Bool { get }

  /// Where this kernel would look for a process that is not here, if it knows.
  static func knownLocation(of process: ProcessID, _ locations: Locations) -> Location?

  /// What a process has left on these nodes, to be found by.
  static func wordsForAddresses(on nodes: [String]) -> String

  // MARK: - Around a migration

  /// At the source: the process stands still, and its last pages are about to go. It talks to `correspondents`.
  static func processStopped(
    _ departure: Departure, _ correspondents: [ProcessID], _ kernel: inout NodeKernel, _ out: inout EffectBuffer)

  /// At the source: the process is being handed over, as it will be at its destination.
  static func processLeaves(_ process: inout Process, _ node: NodeID)

  /// At the source: the process runs at its destination, at `address`. What waited for it has not gone there yet.
  static func processLeft(
    _ departure: Departure, _ address: Address, _ kernel: inout NodeKernel, _ out: inout EffectBuffer)

  /// At the source, after that: what waited for it has gone on.
  static func queueWentOn(
    _ departure: Departure, _ address: Address, _ kernel: inout NodeKernel, _ out: inout EffectBuffer)

  /// At the source: the attempt is off, and the process goes on there.
  static func processStays(_ departure: Departure, _ kernel: inout NodeKernel, _ out: inout EffectBuffer)

  /// At the destination: the process runs there now, and can receive.
  static func processArrived(
    _ process: ProcessID, from source: NodeID, _ kernel: inout NodeKernel, _ out: inout EffectBuffer)

  /// At the last kernel that had the process, or was moving it: it is no more.
  static func processEnded(_ process: ProcessID, _ kernel: inout NodeKernel, _ out: inout EffectBuffer)
}

/// What a mechanism does not say, it does not do.
extension Forwarding {
  static var leavesAddresses: Bool { false }
  static var asksOrigin: Bool { false }
  static var searches: Bool { false }
  static var searchesInSilence: Bool { false }
  static var returnsToProgram: Bool { false }
  static var announcesAddress: Bool { false }

  static func knownLocation(of process: ProcessID, _ locations: Locations) -> Location? { locations.newest(process) }

  static func wordsForAddresses(on nodes: [String]) -> String {
    "\(nodes.count == 1 ? "a forwarding address" : "forwarding addresses") on \(nodes.joined(separator: ", "))"
  }

  static func processStopped(
    _ departure: Departure, _ correspondents: [ProcessID], _ kernel: inout NodeKernel, _ out: inout EffectBuffer
  ) {}

  static func processLeaves(_ process: inout Process, _ node: NodeID) {}

  static func processLeft(
    _ departure: Departure, _ address: Address, _ kernel: inout NodeKernel, _ out: inout EffectBuffer
  ) {}

  static func queueWentOn(
    _ departure: Departure, _ address: Address, _ kernel: inout NodeKernel, _ out: inout EffectBuffer
  ) {}

  static func processStays(_ departure: Departure, _ kernel: inout NodeKernel, _ out: inout EffectBuffer) {}

  static func processArrived(
    _ process: ProcessID, from source: NodeID, _ kernel: inout NodeKernel, _ out: inout EffectBuffer
  ) {}

  static func processEnded(_ process: ProcessID, _ kernel: inout NodeKernel, _ out: inout EffectBuffer) {}
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

  init(_ node: NodeID, from here: NodeID) { self = node == here ? .asIfFromElsewhere : .node(node) }

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
enum Disposition: Equatable {
  /// It goes on, to where the process came by the migration of this epoch, as far as is known here.
  case forward(to: NodeID, epoch: UInt32)
  /// It waits at the source for the end of the migration.
  case queue
  /// It waits at the origin until a move by this epoch or a later one has been reported.
  case hold(minimumEpoch: UInt32)
  /// Back to the origin, which knows more or will.
  case handBack(to: NodeID)
  case sendBack(Undeliverable)
  case drop
}

/// The mechanisms there are: one for each process, for life; its identifier names it. The list is in the order of their
/// numbers in packets.
public enum ForwardingMechanism: UInt8, CaseIterable, Sendable {
  case linkTraversal, resendReturned, resendDropped, originSite, linkUpdate

  var rules: any Forwarding.Type {
    switch self {
    case .linkTraversal: LinkTraversal.self
    case .resendReturned: ResendReturned.self
    case .resendDropped: ResendDropped.self
    case .originSite: AskOriginSite.self
    case .linkUpdate: LinkUpdate.self
    }
  }

  /// As it is typed.
  public var name: String { rules.name }

  /// A source leaves a forwarding address behind, for good or for a while.
  public var leavesAddresses: Bool { rules.leavesAddresses }

  /// Messages go to the origin of the process first, which is told where it is.
  public var asksOrigin: Bool { rules.asksOrigin }

  /// The commit of a migration waits until those that the process talks to know where it goes.
  public var announcesAddress: Bool { rules.announcesAddress }

  /// What a process has left on these nodes, to be found by, in a few words.
  public func wordsForAddresses(on nodes: [String]) -> String { rules.wordsForAddresses(on: nodes) }
}

/// What is done whatever the mechanism is, and when it has its turn.
extension NodeKernel {
  /// Where this kernel would look for a process, if it knows: not where the process is.
  public func knownLocation(of process: ProcessID) -> Location? {
    if processes.slot(of: process) != nil {
      return Location(address: addressHere(of: process), learnedAt: processes[process]?.createdAt ?? 0)
    }
    return process.forwarding.rules.knownLocation(of: process, locations)
  }

  /// At the source: what the process takes along of what this kernel knows.
  func packAddresses(into process: inout Process) {
    process.id.forwarding.rules.processLeaves(&process, id)
    process.correspondentAddresses = process.correspondents.compactMap { correspondent in
      let isHere = processes.slot(of: correspondent) != nil
      let address = isHere ? announcedAddress(of: correspondent) : locations.newest(correspondent)?.address
      return address.map { Correspondent(process: correspondent, address: $0) }
    }
  }

  /// At the source: the process runs at its destination. What had waited for it goes there.
  mutating func processLeft(_ departure: Departure, _ out: inout EffectBuffer) {
    let process = departure.attempt.process
    let address = Address(node: departure.destination, epoch: departure.attempt.epoch)
    locations.cache[process] = nil
    process.forwarding.rules.processLeft(departure, address, &self, &out)
    for seeker in departure.seekers { answerSearch(process, address, from: seeker, &out) }
    for routed in departure.waiting.queue { route(routed, &out) }
    process.forwarding.rules.queueWentOn(departure, address, &self, &out)
  }

  /// At the source: the attempt is off, and the process goes on here.
  mutating func processStays(_ departure: Departure, _ out: inout EffectBuffer) {
    let process = departure.attempt.process
    process.forwarding.rules.processStays(departure, &self, &out)
    for seeker in departure.seekers { answerSearch(process, addressHere(of: process), from: seeker, &out) }
  }

  /// At the destination: the process in `slot` runs here now, and can receive.
  mutating func processArrived(_ slot: Int, from source: NodeID, _ out: inout EffectBuffer) {
    let process = processes[slot].id
    if locations.searches.removeValue(forKey: process) != nil { transmitWaiting(to: process, &out) }
    processes[slot].trail.removeAll { $0 == id }
    for correspondent in processes[slot].correspondentAddresses {
      learnAddress(correspondent.process, correspondent.address, now: out.now)
    }
    processes[slot].correspondentAddresses = []
    process.forwarding.rules.processArrived(process, from: source, &self, &out)
  }

  /// The process is no more: tells those who keep something to find it by.
  mutating func processEnded(_ process: ProcessID, trail: [NodeID], _ out: inout EffectBuffer) {
    files.forget(process)
    for node in trail { releaseAddress(of: process, to: node, &out) }
    if locations.searches.removeValue(forKey: process) != nil { returnWaiting(to: process, .notFound(at: id), &out) }
    process.forwarding.rules.processEnded(process, &self, &out)
  }

  /// Told that a process is no more.
  mutating func forgetProcess(_ process: ProcessID, _ out: inout EffectBuffer) {
    // It ran at its destination, which has not been heard to say so.
    if let departure = departures[process], departure.stage == .committed {
      completeDeparture(departure.attempt, &out)
    }
    files.forget(process)
    locations.forwardingAddresses[process] = nil
    locations.cache[process] = nil
    // A report that is still on its way is not believed after this.
    if locations.moves.removeValue(forKey: process) != nil { activatedEpochs[process] = .max }
    for routed in locations.held.removeValue(forKey: process)?.waiting.packets ?? [] {
      sendBack(routed, .notFound(at: id), &out)
    }
  }

  /// Where a process is that is on this node.
  func addressHere(of process: ProcessID) -> Address { Address(node: id, epoch: activatedEpochs[process] ?? 0) }

  /// A packet told where a process is. A kernel that always asks the origin remembers nothing.
  mutating func learnAddress(_ process: ProcessID, _ address: Address, now: Nanoseconds) {
    guard address.node != id else {
      // A process that is on its way here: what is for it need not leave this node.
      if arrivals[process]?.attempt.epoch == address.epoch { arrivals[process]?.isAnnounced = true }
      return
    }
    guard processes.slot(of: process) == nil, !process.forwarding.asksOrigin else { return }
    locations.learn(process, Location(address: address, learnedAt: now))
  }
}
