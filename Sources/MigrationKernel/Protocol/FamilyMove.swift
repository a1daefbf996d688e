/// Coprocesses that are moved together, at their source, from the decision until all are committed or one stays.
///
///     negotiating --(the last is accepted)--> transferring --(the last may be frozen)--> moving
///     moving --(the last is installed)--> (committed: it is no move any more)
///
/// Each of them is a migration of its own, a `Departure`, which says how far it is itself; this says when those that are
/// ready may go on.
struct FamilyMove: Sendable {
  /// Those that go together, in the order in which they were asked for, but for those that are no more.
  private(set) var members: [ProcessID]
  private var state: State

  private enum State: Equatable {
    /// The destination may not have room for these.
    case negotiating(awaited: [ProcessID])
    /// It has room for all, and the mechanisms of these have more to send before they are frozen. The others are `ready`, the
    /// one first that has been so for longest.
    case transferring(awaited: [ProcessID], ready: [ProcessID])
    /// All stand still, and it has yet to install these.
    case moving(awaited: [ProcessID])
  }

  /// Those that the others wait for.
  var awaited: [ProcessID] {
    switch state {
    case .negotiating(let awaited), .transferring(let awaited, _), .moving(let awaited): awaited
    }
  }

  /// All stand still, or are about to.
  var isMoving: Bool { if case .moving = state { true } else { false } }

  /// Negotiating, with room for none.
  init(_ members: [ProcessID]) {
    self.members = members
    state = .negotiating(awaited: members)
  }

  /// Negotiating: the destination has room for a member.
  ///
  /// - Returns: those that may begin: all of them after the last, that one first; none before it, and in any other stage.
  mutating func accepted(_ member: ProcessID) -> [ProcessID] {
    guard case .negotiating(var awaited) = state else { return [] }
    awaited.removeAll { $0 == member }
    state = awaited.isEmpty ? .transferring(awaited: members, ready: []) : .negotiating(awaited: awaited)
    return awaited.isEmpty ? all(first: member) : []
  }

  /// Transferring: the mechanism of a member would have it frozen now.
  ///
  /// - Returns: whom to freeze: all of them after the last, that one last; none before it, and in any other stage.
  mutating func mayFreeze(_ member: ProcessID) -> [ProcessID] {
    guard case .transferring(var awaited, var ready) = state, awaited.contains(member) else { return [] }
    awaited.removeAll { $0 == member }
    ready.append(member)
    state = awaited.isEmpty ? .moving(awaited: members) : .transferring(awaited: awaited, ready: ready)
    return awaited.isEmpty ? ready : []
  }

  /// Moving: the destination has a member.
  ///
  /// - Returns: those that may be committed: all of them after the last, that one first; none before it, and in any other
  ///   stage.
  mutating func installed(_ member: ProcessID) -> [ProcessID] {
    guard case .moving(var awaited) = state else { return [] }
    awaited.removeAll { $0 == member }
    state = .moving(awaited: awaited)
    return awaited.isEmpty ? all(first: member) : []
  }

  enum Next: Equatable {
    /// It waits for others as before.
    case wait
    case begin([ProcessID])
    case freeze([ProcessID])
    case commit([ProcessID])
  }

  /// Any stage: a member is no more, and the others need not wait for it.
  mutating func ended(_ member: ProcessID) -> Next {
    members.removeAll { $0 == member }
    switch state {
    case .negotiating(var awaited):
      awaited.removeAll { $0 == member }
      state = awaited.isEmpty ? .transferring(awaited: members, ready: []) : .negotiating(awaited: awaited)
      return awaited.isEmpty ? .begin(members) : .wait
    case .transferring(var awaited, var ready):
      awaited.removeAll { $0 == member }
      ready.removeAll { $0 == member }
      state = awaited.isEmpty ? .moving(awaited: members) : .transferring(awaited: awaited, ready: ready)
      return awaited.isEmpty ? .freeze(ready) : .wait
    case .moving(var awaited):
      awaited.removeAll { $0 == member }
      state = .moving(awaited: awaited)
      return awaited.isEmpty ? .commit(members) : .wait
    }
  }

  private func all(first: ProcessID) -> [ProcessID] { [first] + members.filter { $0 != first } }
}
