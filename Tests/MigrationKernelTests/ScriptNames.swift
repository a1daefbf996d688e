@testable import MigrationKernel

/// How scripts print packets, facts and kernels. Only this file knows the insides of a kernel.
struct ScriptNames {
  /// By number.
  var nodes: [String] = []
  var processes: [(name: String, id: ProcessID)] = []

  func node(_ name: String) throws -> NodeID {
    guard let number = nodes.firstIndex(of: name) else { throw ScriptError("there is no node `\(name)`") }
    return NodeID(UInt32(number))
  }

  func process(_ name: String) throws -> ProcessID {
    guard let process = processes.last(where: { $0.name == name }) else { throw ScriptError("there is no `\(name)`") }
    return process.id
  }

  func of(_ node: NodeID) -> String { nodes.indices.contains(Int(node.number)) ? nodes[Int(node.number)] : "?" }

  func of(_ process: ProcessID) -> String {
    if process.isTerminal { return "terminal of \(of(process.origin))" }
    return processes.last { $0.id == process }?.name ?? "?"
  }

  /// The process and the number of the attempt: `p#2`.
  func of(_ attempt: MigrationAttempt) -> String { "\(of(attempt.process))#\(attempt.epoch)" }

  /// Sender, receiver and number: `p.q.0`.
  func of(_ message: MessageID) -> String { "\(of(message.from)).\(of(message.to)).\(message.sequence)" }

  /// The node, and the number of the migration by which the process came there: `b#1`.
  func of(_ address: Address) -> String { "\(of(address.node))#\(address.epoch)" }

  func of(_ why: Undeliverable) -> String {
    switch why {
    case .notFound(let node): "not found at \(of(node))"
    case .unreachable(let node): "\(of(node)) cannot be reached"
    case .notHere(let node): "not at \(of(node))"
    case .rebooted(let node, let incarnation): "\(of(node)) is up for the \(incarnation). time"
    }
  }

  /// Pages in ascending order: `0-3,7`, or `none`.
  func of(_ pages: some Sequence<Int>) -> String {
    var stretches: [ClosedRange<Int>] = []
    for page in pages {
      if let last = stretches.last, last.upperBound + 1 == page {
        stretches[stretches.count - 1] = last.lowerBound...page
      } else {
        stretches.append(page...page)
      }
    }
    let texts = stretches.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
    return texts.isEmpty ? "none" : texts.joined(separator: ",")
  }

  private func of(_ batch: PageBatch) -> String {
    of(batch.pages.map { Int($0.index) }) + (batch.deltaCount > 0 ? ", \(batch.deltaCount) as differences" : "")
  }

  // MARK: - Packets

  func of(_ packet: Packet) -> String {
    switch packet {
    case .offer(let attempt, let offer): "offer \(of(attempt)) by \(offer.mechanism.rawValue), \(offer.pages) pages"
    case .refuse(let attempt, let refusal): "refuse \(of(attempt)) \(refusal)"
    case .reserve(let attempt, let request):
      "reserve \(of(attempt)) for \(of(request.destination))"
        + (request.base.map { ", has pages by #\($0)" } ?? "")
    case .pages(let attempt, let batch), .pageSupply(let attempt, let batch):
      "\(word(packet)) \(of(attempt)): \(of(batch))"
    case .handover(let attempt, let image): "handover \(of(attempt)), \(of(image.holders))"
    case .pageRequest(let attempt, let pages): "pageRequest \(of(attempt)): \(of(pages.map(Int.init)))"
    case .withdrawn(let attempt, let node): "withdrawn \(of(attempt)) because of \(of(node))"
    case .client(let attempt, let epoch, let pages, let afterBreak):
      "client \(of(attempt)), here by #\(epoch), needs \(of(pages))" + (afterBreak ? ", after a break" : "")
    case .release(let attempt, let epoch), .stillNeeded(let attempt, let epoch):
      "\(word(packet)) \(of(attempt)), there by #\(epoch)"
    case .movedOn(let attempt, let node, let epoch): "movedOn \(of(attempt)) to \(of(node))#\(epoch)"
    case .locate(let process), .moving(let process), .forget(let process): "\(word(packet)) \(of(process))"
    case .located(let process, let address), .moved(let process, let address):
      "\(word(packet)) \(of(process)) at \(of(address))"
    case .linkUpdated(let attempt, let node, let correspondent, let isMoving):
      "linkUpdated \(of(attempt)) at \(of(node)) by \(of(correspondent))" + (isMoving ? ", which is moving" : "")
    case .load(let report): "load: \(report.runnable) runnable"
    case .probe(let probe):
      "probe \(probe.number)\(probe.asksForWork ? " for work" : ""): \(probe.report.runnable) runnable"
    case .probeAnswer(let answer):
      "probeAnswer \(answer.number)\(answer.gives ? ", gives" : ""): \(answer.report.runnable) runnable"
    case .fileCall(let call):
      "fileCall \(of(call.id.process)) thread \(call.id.thread).\(call.id.number): \(call.name)"
        + (call.text.map { " = \($0)" } ?? "")
    case .fileAnswer(let answer):
      "fileAnswer \(of(answer.id.process)) thread \(answer.id.thread).\(answer.id.number): \(answer.text ?? "-")"
    case .part(let part): "part of \(word(part.whole)), \(part.bytes) bytes"
    case .routed(let routed): of(routed) + routed.riders.map { " + " + of($0.routed) }.joined()
    case .accept(let attempt), .reserved(let attempt), .pagesEnd(let attempt), .pagesKept(let attempt),
      .installed(let attempt), .commit(let attempt), .activated(let attempt), .abort(let attempt),
      .query(let attempt), .unknown(let attempt):
      "\(word(packet)) \(of(attempt))"
    }
  }

  private func of(_ routed: RoutedPacket) -> String {
    switch routed.body {
    case .message(let message): "message \(of(message.id))"
    case .acknowledgement(let from, let expected, let address):
      "acknowledgement \(of(routed.to)).\(of(from)) below \(expected), at \(of(address))"
    case .inquiry(let message, let node): "inquiry \(of(message)) by \(of(node))"
    case .waiting(let message): "waiting \(of(message))"
    case .missing(let message): "missing \(of(message))"
    case .undeliverable(let message, let why): "undeliverable \(of(message)): \(of(why))"
    case .newAddress(let attempt, let address, _): "newAddress \(of(attempt)) at \(of(address)) to \(of(routed.to))"
    }
  }

  private func of(_ holders: [RemoteHolding]) -> String {
    let texts = holders.map { "\(of($0.pages)) at \(of($0.node)) by #\($0.attempt.epoch)" }
    return texts.isEmpty ? "all pages with it" : "pages left: " + texts.joined(separator: "; ")
  }

  // MARK: - Facts

  func of(_ fact: Fact) -> String {
    switch fact {
    case .ended(let process, _, let reason): "ended \(of(process)), \(reason)"
    case .lost(let process, let node): "lost \(of(process)) because of \(of(node))"
    case .printed(let process, let text): "printed by \(of(process)): \(text)"
    case .outputLost(let process, let lines, let left, _): "output of \(of(process)) lost: \(lines), left \(left)"
    case .output(let process, let text): "output of \(of(process)): \(text)"
    case .migration(let attempt, let step): "\(of(step)) \(of(attempt))"
    case .message(let message, let step): "\(of(step)) \(of(message))"
    case .systemCall(let process, _, _): "systemCall of \(of(process))"
    case .refused(let process, let why): "refused \(of(process)): \(why)"
    case .processChosen(let process, let choice): "selected \(of(process)) by \(choice.policy) among \(choice.count)"
    case .nodeChosen(let process, let choice):
      "\(choice.purpose) of \(of(process)) by \(choice.policy): \(choice.node.map(of) ?? choice.why.map { "\($0)" } ?? "stays")"
    case .deadlocked(let process, let waits): "deadlocked \(of(process)): threads \(waits.map(\.thread))"
    case .created(let process, _, _), .started(let process), .frozen(let process), .resumed(let process):
      "\(word(fact)) \(of(process))"
    }
  }

  /// Without sizes and times, which do not matter for the protocol.
  private func of(_ step: MigrationFact) -> String {
    switch step {
    case .refused(let refusal): "refused \(refusal)"
    case .aborted(let why): "aborted (\(of(why)))"
    case .roundEnded(let round): "roundEnded (\(round.pages) sent, \(round.dirtied) written, \(round.outcome))"
    case .remoteFault(let page): "remoteFault on \(page),"
    case .completed(let count): count == 0 ? "completed" : "completed (\(count) queued)"
    case .updatingLinks(let count), .linksUnanswered(let count): "\(word(step as Any)) (\(count))"
    case .activated(let awaitsCore): awaitsCore ? "activated (waits for a core)" : "activated"
    case .installed: "installed"
    case .throttled(let throttle): "throttled (\(throttle))"
    case .offered, .accepted, .reserved, .freezing, .frozen, .sentPages, .flushed, .sentState, .handedOver,
      .faultServed, .fetched,
      .released, .committed, .linksUpdated, .coreAwaited, .discarded, .lost:
      word(step as Any)
    }
  }

  private func of(_ why: AbortReason) -> String {
    switch why {
    case .connectionBroken(let node): "connection to \(of(node)) broke"
    case .processEnded, .cancelled, .forked: "\(why)"
    case .refused(let refusal): "refused \(refusal)"
    case .coprocessStays(let process, let why): "\(of(process)) stays: \(of(why))"
    }
  }

  private func of(_ step: MessageFact) -> String {
    switch step {
    case .sent(let node), .forwarded(let node, _, _), .handedBack(let node, _, _), .resent(let node):
      "\(word(step as Any)) to \(of(node))"
    case .cameBack(let node): "cameBack from \(of(node))"
    case .returned(let why): "returned (\(of(why)))"
    case .accepted, .queued, .held, .bounced, .dropped, .delivered, .received, .lost: word(step as Any)
    }
  }

  // MARK: - Kernels

  /// What a kernel has, one line for each kind of thing that it has.
  func state(of kernel: NodeKernel) -> [String] {
    var lines = ["\(of(kernel.id)): \(kernel.framesInUse) frames in use"]
    for process in kernel.processes {
      var line = "  \(of(process.id)) is \(process.state.rawValue)"
      if process.receivedCount > 0 { line += ", received \(process.receivedCount)" }
      if !process.inbox.isEmpty { line += ", \(process.inbox.count) in its inbox" }
      if !process.space.remote.isEmpty { line += ", remote pages \(of(process.space.remote))" }
      lines.append(line)
      lines += process.holders.map { "    pages \(of($0.pages)) at \(of($0.node)), by #\($0.attempt.epoch)" }
      lines += outbox(process.outbox)
    }
    for departure in kernel.departures.values {
      var line = "  departure \(of(departure.attempt)) to \(of(departure.destination)): \(departure.stage)"
      if !departure.waiting.queue.isEmpty { line += ", \(departure.waiting.queue.count) wait" }
      lines.append(line)
    }
    for arrival in kernel.arrivals.values {
      let stage = arrival.isInDoubt ? "in doubt" : arrival.process == nil ? "awaited" : "installed"
      lines.append("  arrival \(of(arrival.attempt)) from \(of(arrival.source)): \(stage)")
    }
    for flush in kernel.flushes.values {
      let stage = flush.isInDoubt ? "in doubt" : flush.isSealed ? "sealed" : "open, \(flush.reserved) frames reserved"
      lines.append("  flush \(of(flush.attempt)): \(stage)")
    }
    for kept in kernel.keptPages.values {
      lines.append("  keeps pages \(of(kept.pages)) of \(of(kept.attempt)) for \(of(kept.client))")
    }
    for (process, outbox) in kernel.outboxes {
      lines.append("  outbox of \(of(process)), which has ended")
      lines += self.outbox(outbox)
    }
    lines += locations("forwarding address", kernel.locations.forwardingAddresses)
    lines += locations("cache", kernel.locations.cache)
    lines += locations("move reported", kernel.locations.moves)
    for process in kernel.locations.held.keys.sorted() {
      lines.append("  holds \(kernel.locations.held[process]?.waiting.count ?? 0) for \(of(process))")
    }
    for process in kernel.locations.searches.keys.sorted() { lines.append("  searches for \(of(process))") }
    return lines
  }

  private func outbox(_ outbox: Outbox) -> [String] {
    outbox.streams.filter { !$0.value.unacknowledged.isEmpty }.map { receiver, stream in
      let numbers = stream.unacknowledged.map { Int($0.id.sequence) }
      return "    unacknowledged to \(of(receiver)): \(of(numbers))"
    }
  }

  private func locations(_ what: String, _ locations: [ProcessID: Location]) -> [String] {
    locations.sorted { $0.key < $1.key }.map { "  \(what) of \(of($0.key)): \(of($0.value.address))" }
  }
}
