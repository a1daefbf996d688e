import MigrationKernel

/// The checks that can be made after every event. Each is a file of its own; they read the world and never change it.
public struct Invariants: Sendable {
  /// The first that did not hold.
  public private(set) var violation: Violation?

  private let owner = SingleOwner()
  private var vanishing = NothingVanishes()
  private var lostPages = LostPages()
  private var delivery = DeliveryOrder()
  private var books = BooksBalance()
  private let frames = FramesBalance()
  private let addresses = AddressesLeadOn()
  private let families = FamiliesTogether()
  private let travel = PacketsTravel()
  private let own = OwnInvariants()

  public init() {}

  /// Takes a fact as the kernel of `node` reports it.
  mutating func observe(_ fact: Fact, from node: NodeID, at time: Nanoseconds) {
    vanishing.observe(fact, from: node)
    lostPages.observe(fact, from: node)
    if let found = delivery.observe(fact) { report(.deliveryOrder, found, at: time) }
  }

  /// A kernel is told that a node does not answer.
  mutating func observeSilence(of node: NodeID, at time: Nanoseconds) { vanishing.observeSilence(of: node, at: time) }

  /// A node has fallen.
  mutating func observeFall(of node: NodeID) { lostPages.observeFall(of: node) }

  /// A kernel sends a packet.
  mutating func observeSending(_ packet: borrowing Packet, from node: NodeID, at time: Nanoseconds) {
    if let found = lostPages.observeSending(packet, from: node) { report(.lostPages, found, at: time) }
  }

  /// A packet comes to a kernel.
  mutating func observe(_ packet: borrowing Packet) { lostPages.observe(packet) }

  /// The packet that arrives when one has travelled as bytes.
  mutating func decodeAgain(
    _ packet: Packet, size: Int, _ incarnation: UInt32, at time: Nanoseconds
  ) -> Packet {
    let (arrived, found) = travel.decodeAgain(packet, size: size, incarnation)
    if let found { report(.packetsTravel, found, at: time) }
    return arrived
  }

  mutating func check(_ world: borrowing World) {
    if let found = owner.check(world) { report(.singleOwner, found, at: world.now) }
    if let found = vanishing.check(world) { report(.nothingVanishes, found, at: world.now) }
    if let found = lostPages.check(world) { report(.lostPages, found, at: world.now) }
    if let found = books.check(world) { report(.booksBalance, found, at: world.now) }
    if let found = frames.check(world) { report(.framesBalance, found, at: world.now) }
    if let found = addresses.check(world) { report(.addressesLeadOn, found, at: world.now) }
    if let found = families.check(world) { report(.familiesTogether, found, at: world.now) }
    if let found = own.check(world) { report(.ownInvariants, found, at: world.now) }
  }

  private mutating func report(_ checker: Violation.Checker, _ what: String, at time: Nanoseconds) {
    violation = violation ?? Violation(checker: checker, time: time, what: what)
  }
}

/// Something that must never happen did: a fault of the engine, not of its user.
public struct Violation: Error, Sendable, Equatable {
  /// What found it, by the name of its file.
  public enum Checker: String, Sendable, CaseIterable {
    case singleOwner, nothingVanishes, lostPages, deliveryOrder, booksBalance, framesBalance, addressesLeadOn
    case familiesTogether, packetsTravel, ownInvariants
  }

  /// Who found it.
  public let checker: Checker
  /// After the event of which instant.
  public let time: Nanoseconds
  /// What is wrong, in words.
  public let what: String
}
