/// What a kernel has told a holder of pages of late that it need not hold any more.
///
/// Nobody acknowledges that, and nobody else would ever tell the holder. So when the connection breaks over which it was
/// sent it is sent again, less and less often while the peer does not answer.
struct Releases: Sendable {
  struct Sent: Sendable {
    let attempt: MigrationAttempt
    /// That of the process when it needed nothing more.
    let epoch: UInt32
    /// When it was sent, or will be sent again.
    var time: Nanoseconds
  }

  /// How often it is tried in vain.
  static let limit = 10

  var sent: [Sent] = []
  var tries = 0
}

extension NodeKernel {
  /// The holder of pages is told that they are not needed any more.
  mutating func releaseHolder(_ holder: RemoteHolding, epoch: UInt32, _ out: inout EffectBuffer) {
    forgetReleases(to: holder.node, now: out.now)
    releases[holder.node, default: Releases()].sent.append(
      Releases.Sent(attempt: holder.attempt, epoch: epoch, time: out.now))
    releases[holder.node]?.tries = 0
    out.send(.release(holder.attempt, epoch: epoch), to: holder.node)
  }

  /// What has been on its way for long enough has arrived, or the connection would have broken.
  private mutating func forgetReleases(to peer: NodeID, now: Nanoseconds) {
    let recently = now - min(now, 8 * settings.detectionTimeout)
    releases[peer]?.sent.removeAll { $0.time < recently }
  }

  mutating func connectionBrokeWithReleases(_ peer: NodeID, _ out: inout EffectBuffer) {
    forgetReleases(to: peer, now: out.now)
    guard let again = releases[peer], !again.sent.isEmpty, again.tries < Releases.limit else {
      releases[peer] = nil
      return
    }
    // Already about to be sent again.
    if again.sent.allSatisfy({ $0.time > out.now }) { return }
    let next = out.now + settings.detectionTimeout << UInt64(again.tries)
    releases[peer]?.tries += 1
    for place in again.sent.indices { releases[peer]?.sent[place].time = next }
    out.setTimer(.release(peer), at: next)
  }

  mutating func releaseAgain(_ peer: NodeID, _ out: inout EffectBuffer) {
    for release in releases[peer]?.sent ?? [] where release.time <= out.now {
      out.send(.release(release.attempt, epoch: release.epoch), to: peer)
    }
  }
}
