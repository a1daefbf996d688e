extension FamilyMove {
  /// The first of its own invariants that does not hold, in words: it waits for members of its own, each once.
  func brokenInvariant() -> String? {
    if Set(members).count != members.count { return "has a member twice" }
    guard Set(awaited).count == awaited.count, Set(awaited).isSubset(of: members) else {
      return "waits for others than its members"
    }
    return !isMoving && awaited.isEmpty && !members.isEmpty ? "waits for nobody and does not go on" : nil
  }
}
