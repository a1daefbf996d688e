extension ChunkedArray {
  /// The first of its own invariants that does not hold, in words: it counts its elements right, and every chunk but the
  /// last is full.
  @inlinable
  public func brokenInvariant() -> String? {
    var held = 0
    for number in chunks.indices {
      let size = chunks[number].count
      held += size
      let isRight = number == chunks.count - 1 ? 1...Self.chunkSize ~= size : size == Self.chunkSize
      if !isRight { return "has \(size) elements in chunk \(number) of \(chunks.count)" }
    }
    return held == count ? nil : "counts \(count) elements and holds \(held)"
  }
}
