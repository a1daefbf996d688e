import DequeModule

/// What a kernel has told another of late that it need not keep any more: pages of a process, or what it finds it by.
///
/// Nobody acknowledges that, and nobody else would ever tell. So what was lost when the connection broke is sent again as soon
/// as the other kernel answers again.
struct Releases: Sendable {
  fileprivate struct Sent: Sendable {
    let packet: Packet
    /// When it was sent; nil when it was lost, as far as is known here.
    var time: Nanoseconds?
  }

  fileprivate var sent: Deque<Sent> = []
}

extension NodeKernel {
  /// The holder of pages is told that they are not needed any more.
  mutating func releaseHolder(_ holder: RemoteHolding, epoch: UInt32, _ out: inout EffectBuffer) {
    release(.release(holder.attempt, epoch: epoch), to: holder.node, &out)
  }

  /// A kernel that has something to find a process by is told that the process is no more.
  mutating func releaseAddress(of process: ProcessID, to node: NodeID, _ out: inout EffectBuffer) {
    release(.forget(process), to: node, &out)
  }

  private mutating func release(_ packet: Packet, to node: NodeID, _ out: inout EffectBuffer) {
    forgetReleases(to: node, now: out.now)
    releases[node, default: Releases()].sent.append(Releases.Sent(packet: packet, time: out.now))
    out.send(packet, to: node)
  }

  /// What has been on its way for long enough has arrived, or the connection would have broken. On a line that is slow or
  /// loses much that is long.
  private mutating func forgetReleases(to peer: NodeID, now: Nanoseconds) {
    let long = max(64 * settings.detectionTimeout, 8 * (roundTrips[peer]?.timeout ?? 0))
    let recently = now - min(now, long)
    while let first = releases[peer]?.sent.first?.time, first < recently { releases[peer]?.sent.removeFirst() }
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
      out.send(release.packet, to: peer)
    }
  }
}
