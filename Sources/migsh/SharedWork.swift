import Dispatch
import LineEditor
import Synchronization

/// Does something with each of several things, some of them at once. Whoever is free takes the next one; after Ctrl-C nobody
/// does.
///
/// - Parameters:
///   - items: the things, in the order in which they are taken.
///   - jobs: how many are worked on at once, at least 1.
///   - body: is given a thing and its place.
func shareWork<Item: Sendable>(on items: [Item], jobs: Int, _ body: @Sendable (Int, Item) -> Void) {
  let taken = Mutex(0)
  DispatchQueue.concurrentPerform(iterations: min(jobs, max(1, items.count))) { _ in
    while let place = taken.withLock({ taken -> Int? in
      defer { taken += 1 }
      return taken < items.count ? taken : nil
    }), !Interrupt.isRequested {
      body(place, items[place])
    }
  }
}
