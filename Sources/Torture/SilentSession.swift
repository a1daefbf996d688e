import Shell

extension Session {
  /// One in which a script goes on whatever is refused, and which nobody listens to.
  static func silent(seed: UInt64 = 1) -> Session {
    var options = Options()
    options.keepsGoing = true
    options.undoDepth = 0
    return Session(seed: seed, options: options) { _ in }
  }
}
