extension SeenContents {
  /// The first of its own invariants that does not hold, in words: its sets are whole, any sample finds one, and its entries
  /// are of pages that there are.
  func brokenInvariant(of pageCount: Int) -> String? {
    let count = entries.count
    if count & (count - 1) != 0 || count % Self.setSize != 0 { return "has \(count) entries for contents" }
    let page = entries.lazy.map(\.page).first { $0 != .max && $0 >= pageCount }
    return page.map { "knows contents of page \($0) of \(pageCount)" }
  }
}
