import Shell

extension Session {
  /// A session that prints nothing, and in which a script goes on after every refusal.
  static func silent(seed: UInt64 = 1) -> Session {
    var options = Options()
    options.keepsGoing = true
    options.undoDepth = 0
    return Session(seed: seed, options: options) { _ in }
  }
}
