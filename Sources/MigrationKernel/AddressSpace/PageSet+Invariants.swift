extension PageSet {
  /// The first of its own invariants that does not hold, in words: it counts its pages right, and the address space of
  /// so many pages has them all.
  func brokenInvariant(of pageCount: Int) -> String? {
    let held = words.reduce(0) { $0 + $1.nonzeroBitCount }
    if held != count { return "counts \(count) pages and holds \(held)" }
    if let page = first(from: pageCount) { return "holds page \(page) of \(pageCount)" }
    if words.count > (pageCount + 63) / 64 { return "has room for more than \(pageCount) pages" }
    return nil
  }
}
