/// What a kernel has told a holder of pages of late that it need not hold any more.
///
/// Nobody acknowledges that, and nobody else would ever tell the holder. So what was lost when the connection broke is sent
/// again as soon as the holder answers again.
struct Releases: Sendable {
  struct Sent: Sendable {
    let attempt: MigrationAttempt
    /// That of the process when it needed nothing more.
    let epoch: UInt32
    /// When it was sent; nil when it was lost, as far as is known here.
    var time: Nanoseconds?
  }

  var sent: [Sent] = []
}

extension NodeKernel {
  /// The holder of pages is told that they are not needed any more.
  mutating func releaseHolder(_ holder: RemoteHolding, epoch: UInt32, _ out: inout EffectBuffer) {
    forgetReleases(to: holder.node, now: out.now)
    releases[holder.node, default: Releases()].sent.append(
      Releases.Sent(attempt: holder.attempt, epoch: epoch, time: out.now))
    out.send(.release(holder.attempt, epoch: epoch), to: holder.node)
  }

  /// What has been on its way for long enough has arrived, or the connection would have broken.
  private mutating func forgetReleases(to peer: NodeID, now: Nanoseconds) {
    let recently = now - min(now, 8 * settings.detectionTimeout)
    releases[peer]?.sent.removeAll { $0.time.map { $0 < recently } ?? false }
    if releases[peer]?.sent.isEmpty == true { releases[peer] = nil }
  }

  mutating func connectionBrokeWithReleases(_ peer: NodeID, now: Nanoseconds) {
    forgetReleases(to: peer, now: now)
    for place in releases[peer]?.sent.indices ?? 0..<0 { releases[peer]?.sent[place].time = nil }
  }

  /// The peer answers again.
  mutating func releaseAgain(_ peer: NodeID, _ out: inout EffectBuffer) {
    for place in releases[peer]?.sent.indices ?? 0..<0 {
      guard let release = releases[peer]?.sent[place], release.time == nil else { continue }
      releases[peer]?.sent[place].time = out.now
      out.send(.release(release.attempt, epoch: release.epoch), to: peer)
    }
  }
}
