/// Ask origin site: the node on which a process was created knows where it is; messages always go there first, and it sends
/// them on. The process's kernel reports each move to it.
///
/// A source hands what still comes for the process back to the origin, which keeps it until a newer place is reported.
/// When the origin is down nobody can reach the process, though it runs. As soon as the origin answers again, the process's
/// kernel reports anew, however long that took: an origin that has fallen does not know any more where it is.
///
///     fault                  | moved (a report)                          | message handed back, and held
///     -----------------------+-------------------------------------------+--------------------------------------------
///     origin crashes         | nobody can reach the process, until the   | what was held falls with it: the senders
///                            | origin answers again and is told          | hear nothing, send again, and are told in
///                            |                                           | the end
///     source crashes         | the destination reports by itself         | held until a newer move is reported, or for
///                            |                                           | 64 detection timeouts; then `notFound`
///     connection breaks      | sent again when the origin answers again  | to the origin: lost, and sent again by its
///                            |                                           | sender; those held wait no longer for the
///                            |                                           | source
///     cut heals in time      | it waits, and what is held with it        | it waits
///     late or repeated       | one by an older epoch than the known is   | known by its number, and the sender is told
///                            | not believed; none after word of the end  | that it waits
enum AskOriginSite: Forwarding {
  static var name: String { "origin" }
  static var asksOrigin: Bool { true }

  static func firstHop(to process: ProcessID, _ locations: Locations) -> FirstHop {
    process.origin == locations.node ? .asIfFromElsewhere : .node(process.origin)
  }

  static func whileMoving(_ process: ProcessID, _ locations: Locations) -> Disposition {
    process.origin == locations.node ? .queue : .handBack(to: process.origin)
  }

  static func elsewhere(_ process: ProcessID, minimumEpoch: UInt32, _ locations: Locations) -> Disposition {
    guard process.origin == locations.node else { return .handBack(to: process.origin) }
    guard let known = locations.moves[process] else { return .sendBack(.notFound(at: locations.node)) }
    return known.epoch >= minimumEpoch
      ? .forward(to: known.node, epoch: known.epoch) : .hold(minimumEpoch: minimumEpoch)
  }

  static func knownLocation(of process: ProcessID, _ locations: Locations) -> Location? { locations.moves[process] }

  static func wordsForAddresses(on nodes: [String]) -> String {
    "its address at its origin \(nodes.joined(separator: ", "))"
  }

  static func processLeft(
    _ departure: Departure, _ address: Address, _ kernel: inout NodeKernel, _ out: inout EffectBuffer
  ) {
    settle(departure, address, &kernel, &out)
  }

  static func processStays(_ departure: Departure, _ kernel: inout NodeKernel, _ out: inout EffectBuffer) {
    settle(departure, Address(node: kernel.id, epoch: departure.attempt.epoch), &kernel, &out)
  }

  /// At the source: what has been handed back to the origin waits there to hear how the migration ended.
  private static func settle(
    _ departure: Departure, _ address: Address, _ kernel: inout NodeKernel, _ out: inout EffectBuffer
  ) {
    let process = departure.attempt.process
    if process.origin == kernel.id {
      kernel.moveReported(process, address, &out)
    } else if departure.waiting.hasHandedBack {
      kernel.reportMove(process, address, &out)
    }
  }

  static func processArrived(
    _ process: ProcessID, from source: NodeID, _ kernel: inout NodeKernel, _ out: inout EffectBuffer
  ) {
    let address = kernel.addressHere(of: process)
    if process.origin == kernel.id {
      kernel.moveReported(process, address, &out)
    } else if process.origin != source {
      kernel.reportMove(process, address, &out)
    }
  }

  static func processEnded(_ process: ProcessID, _ kernel: inout NodeKernel, _ out: inout EffectBuffer) {
    if process.origin == kernel.id {
      kernel.forgetProcess(process, &out)
    } else {
      kernel.releaseAddress(of: process, to: process.origin, &out)
    }
  }
}

extension NodeKernel {
  /// At the kernel that has the process, or had it: tells the origin where it is.
  func reportMove(_ process: ProcessID, _ address: Address, _ out: inout EffectBuffer) {
    out.send(.moved(process, address), to: process.origin)
  }

  /// At the origin: a move has been reported, and what waited for it goes on.
  mutating func moveReported(_ process: ProcessID, _ address: Address, _ out: inout EffectBuffer) {
    // A report may be overtaken by what came after it: another move, the process itself, or word of its end.
    if address.epoch >= max(locations.moves[process]?.epoch ?? 0, activatedEpochs[process] ?? 0) {
      locations.moves[process] = address.node == id ? nil : Location(address: address, learnedAt: out.now)
    }
    guard let held = locations.held[process], address.epoch >= held.minimumEpoch else { return }
    locations.held[process] = nil
    for routed in held.waiting { route(routed, &out) }
  }

  /// At the origin: something waits for the report of a move.
  mutating func holdForReport(_ routed: RoutedPacket, minimumEpoch: UInt32, _ out: inout EffectBuffer) {
    let process = routed.to
    if case .inquiry(let message, _) = routed.body, locations.held[process]?.waiting.messages.contains(message) != true
    {
      return answerSubject(of: routed, &out) { .missing($0) }
    }
    var held = locations.held.removeValue(forKey: process) ?? Locations.Held(minimumEpoch: minimumEpoch)
    defer { locations.held[process] = held }
    let isFirst = held.waiting.isEmpty
    guard held.waiting.append(routed) else {
      // If the node that moves the process has fallen, the sender is to give up in the end.
      if held.movingFrom != nil { answerSubject(of: routed, &out) { .waiting($0) } }
      return
    }
    if isFirst {
      held.expiresAt = out.now + holdTime
      out.setTimer(.held(process), at: held.expiresAt)
    }
    held.minimumEpoch = max(held.minimumEpoch, minimumEpoch)
    if routed.isMoving, let node = locations.moves[process]?.node { held.movingFrom = node }
    if let message = routed.messageID { out.report(.message(message, .held)) }
  }

  /// As long as a sender's kernel goes on asking after a message.
  private var holdTime: Nanoseconds { settings.detectionTimeout << 6 }

  /// What was held has waited for long: tells the senders, unless the move is known to go on.
  mutating func holdExpired(_ process: ProcessID, _ out: inout EffectBuffer) {
    // A timer may be of something held before, which has gone on.
    guard let held = locations.held[process], out.now >= held.expiresAt else { return }
    guard held.movingFrom == nil else {
      let time = out.now + holdTime
      locations.held[process]?.expiresAt = time
      return out.setTimer(.held(process), at: time)
    }
    locations.held[process] = nil
    for routed in held.waiting { sendBack(routed, .notFound(at: id), &out) }
  }

  /// The connection to `peer` broke: messages may wait here for processes that it was moving.
  mutating func connectionBrokeWithOrigin(_ peer: NodeID) {
    for process in locations.held.keys where locations.held[process]?.movingFrom == peer {
      locations.held[process]?.movingFrom = nil
    }
  }

  /// `peer` answers again after the connection broke. It may be the origin of processes here, and not know any more where
  /// they are.
  func reportMoves(to peer: NodeID, _ out: inout EffectBuffer) {
    for slot in processes.occupiedSlots {
      let process = processes[slot].id
      guard process.forwarding.asksOrigin, process.origin == peer else { continue }
      reportMove(process, addressHere(of: process), &out)
    }
  }
}
