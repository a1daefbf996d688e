extension Departure {
  /// The first of its own invariants that does not hold, in words: what each stage has goes with the mechanism, and with
  /// the stages before.
  func brokenInvariant() -> String? {
    switch state {
    case .changing: return "was left while it changes"
    case .negotiating: break
    case .accepted(let sending), .transferring(let sending), .freezing(let sending, _):
      if let what = fault(of: sending) { return what }
    case .reserving(let sending):
      if thirdNode == nil { return "asks for room at no node" }
      if let what = fault(of: sending) { return what }
    case .sending(let sending, let frozen):
      if let what = fault(of: sending) ?? fault(of: frozen) { return what }
    case .sealing(let sending, let frozen):
      if thirdNode == nil { return "waits for a node that it does not write to" }
      if let what = fault(of: sending) ?? fault(of: frozen) { return what }
    case .handedOver(let left, let frozen), .installed(let left, let frozen):
      if let what = fault(of: left) ?? fault(of: frozen) { return what }
    case .committed(let left, let waiting):
      if let what = fault(of: left) ?? fault(of: waiting) { return what }
    }
    if phaseBefore == .migrating { return "would have the process go on as one that is being moved" }
    if Set(seekers).count != seekers.count { return "would answer a node twice" }
    return nil
  }

  private func fault(of sending: Sending) -> String? {
    0...PacedSender.window ~= sending.pages.outstanding
      ? nil : "has handed \(sending.pages.outstanding) batches to the network"
  }

  private func fault(of frozen: Frozen) -> String? {
    if !frozen.backed.isEmpty, mechanism != .flushing { return "has pages at a backing node by \(mechanism.rawValue)" }
    return fault(of: frozen.waiting)
  }

  private func fault(of left: Left) -> String? {
    left.pages.isEmpty || mechanism.isOnDemand ? nil : "has left pages behind by \(mechanism.rawValue)"
  }

  private func fault(of waiting: Waiting) -> String? {
    let messages = waiting.queue.compactMap(\.messageID)
    guard messages.count == waiting.queue.messages.count, waiting.queue.messages.isSuperset(of: messages) else {
      return "has \(messages.count) messages that wait, and knows of \(waiting.queue.messages.count)"
    }
    return nil
  }
}
