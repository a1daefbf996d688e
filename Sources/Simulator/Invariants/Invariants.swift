import MigrationKernel

/// The checks that can be made after every event. Each is a file of its own; they read the world and never change it.
public struct Invariants: Sendable {
  /// The first that did not hold.
  public private(set) var violation: Violation?

  private var owner = SingleOwner()
  private var vanishing = NothingVanishes()
  private var delivery = DeliveryOrder()
  private var books = BooksBalance()
  private var links = LinksLeadOn()
  private var families = FamiliesTogether()

  public init() {}

  /// Takes a fact as it is reported.
  mutating func observe(_ fact: Fact, at time: Nanoseconds) {
    vanishing.observe(fact)
    if let found = delivery.observe(fact) { report(found, at: time) }
  }

  /// A kernel is told that a node does not answer.
  mutating func observeSilence(of node: NodeID) { vanishing.observeSilence(of: node) }

  mutating func check(_ world: borrowing World) {
    if let found = owner.check(world) ?? vanishing.check(world) ?? books.check(world) ?? links.check(world)
      ?? families.check(world)
    {
      report(found, at: world.now)
    }
  }

  private mutating func report(_ what: String, at time: Nanoseconds) {
    violation = violation ?? Violation(time: time, what: what)
  }
}

/// Something that must never happen did: a fault of the engine, not of its user.
public struct Violation: Error, Sendable, Equatable {
  public let time: Nanoseconds
  public let what: String
}
