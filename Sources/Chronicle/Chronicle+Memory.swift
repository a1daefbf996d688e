extension Chronicle {
  /// About how many bytes it holds that an earlier copy does not share.
  public func ownBytes(beside other: Chronicle) -> Int {
    log.ring.ownBytes(beside: other.log.ring) + processes.records.ownBytes(beside: other.processes.records)
      + migrations.records.ownBytes(beside: other.migrations.records)
      + messages.records.ownBytes(beside: other.messages.records)
      + packets.ring.ownBytes(beside: other.packets.ring) + jobs.jobs.ownBytes(beside: other.jobs.jobs)
  }
}
