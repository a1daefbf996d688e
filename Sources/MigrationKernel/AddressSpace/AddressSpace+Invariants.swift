extension AddressSpace {
  /// The first of its own invariants that does not hold, in words: every page that there is has one place, and one that is
  /// on another node is not kept here too, nor has it been written here.
  func brokenInvariant() -> String? {
    let chunkSize = 1 << Self.chunkBits
    if chunks.count != (pageCount + chunkSize - 1) / chunkSize {
      return "has \(chunks.count) chunks for \(pageCount) pages"
    }
    for number in chunks.indices where !chunks[number].isEmpty {
      let size = min(chunkSize, pageCount - number * chunkSize)
      if chunks[number].count != size { return "has \(chunks[number].count) pages in chunk \(number), not \(size)" }
    }
    for (name, pages) in [("dirty", dirty), ("taken", takenDirty), ("remote", remote)] {
      if let what = pages.brokenInvariant(of: pageCount) { return "has a set of \(name) pages that \(what)" }
    }
    if let what = seen.brokenInvariant(of: pageCount) { return what }
    if remote.isEmpty { return remoteDigest == 0 ? nil : "has no remote pages, and they add to its digest" }
    for page in remote {
      if dirty.contains(page) || takenDirty.contains(page) { return "has written page \(page), which is remote" }
      if !self[page].isZero { return "keeps contents of page \(page), which is remote" }
    }
    return nil
  }
}
