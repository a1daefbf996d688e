import MigrationKernel

/// The checks that can be made after every event. Each has a file of its own. They read the world and never change it.
public struct Invariants: Sendable {
  /// The first violation.
  public private(set) var violation: Violation?

  private let owner = SingleOwner()
  private var vanishing = NothingVanishes()
  private var lostPages = LostPages()
  private var delivery = DeliveryOrder()
  private var output = OutputArrives()
  private var twice = NothingTwice()
  private var books = BooksBalance()
  private let frames = FramesBalance()
  private let addresses = AddressesLeadOn()
  private let families = FamiliesTogether()
  private var commits = CommitsWait()
  private var travel = PacketsTravel()
  private var little = LittlesLaw()
  private let own = OwnInvariants()

  /// How many nodes and processes it may still look at.
  private var effort: UInt64

  /// - Parameter effort: how many nodes and processes it may look at; after that it checks nothing any more.
  public init(effort: UInt64 = .max) { self.effort = effort }

  /// Whether it has looked at as much as it may.
  var isWorn: Bool { effort == 0 && violation == nil }

  /// Notes a fact that the kernel of `node` reports.
  mutating func observe(_ fact: Fact, from node: NodeID, at time: Nanoseconds) {
    vanishing.observe(fact, from: node)
    lostPages.observe(fact, from: node)
    commits.observe(fact)
    if let found = delivery.observe(fact) { report(.deliveryOrder, found, at: time) }
    if let found = output.observe(fact, at: time) { report(.outputArrives, found, at: time) }
    if let found = twice.observe(fact) { report(.nothingTwice, found, at: time) }
  }

  /// Notes that a kernel is told that a node does not answer.
  mutating func observeSilence(of node: NodeID, at time: Nanoseconds) {
    vanishing.observeSilence(of: node, at: time)
    commits.observeSilence(of: node)
    books.observeFault()
    twice.observeFault()
  }

  /// Notes that a packet arrives a second time.
  mutating func observeRepetition() {
    books.observeFault()
    twice.observeFault()
  }

  /// Notes that a driver does something wrong with a packet.
  mutating func observeMistake(with packet: borrowing Packet) {
    books.observeFault()
    twice.observeFault()
    travel.observeMistake(with: packet)
  }

  /// Notes that a node has failed.
  mutating func observeFall(of node: NodeID) {
    lostPages.observeFall(of: node)
    commits.observeSilence(of: node)
    books.observeFault()
    twice.observeFault()
  }

  /// Checks a packet that a kernel sends.
  mutating func observeSending(_ packet: borrowing Packet, from node: NodeID, to other: NodeID, at time: Nanoseconds) {
    if let found = books.observeSending(packet, from: node, to: other) { report(.booksBalance, found, at: time) }
    if let found = lostPages.observeSending(packet, from: node) { report(.lostPages, found, at: time) }
    commits.observeSending(packet, from: node, to: other, at: time)
  }

  /// Notes a packet that comes to a kernel.
  mutating func observe(_ packet: borrowing Packet) { lostPages.observe(packet) }

  /// Encodes and decodes a packet, as on its way between two machines, and checks the result.
  mutating func decodeAgain(
    _ packet: Packet, size: Int, _ route: ScheduledEvent.Route, at time: Nanoseconds
  ) -> Packet {
    let (arrived, found) = travel.decodeAgain(packet, size: size, route)
    if let found { report(.packetsTravel, found, at: time) }
    return arrived
  }

  /// When a process printed the oldest line that is not on its terminal; nil when none is missing.
  func oldestMissingLine(of process: ProcessID) -> Nanoseconds? { output.oldestMissing(of: process) }

  mutating func check(_ world: borrowing World) {
    if effort < .max { effort -= min(effort, UInt64(world.processes.all.count + world.nodes.count) + 4) }
    if let found = owner.check(world) { report(.singleOwner, found, at: world.now) }
    if let found = vanishing.check(world) { report(.nothingVanishes, found, at: world.now) }
    if let found = lostPages.check(world) { report(.lostPages, found, at: world.now) }
    if let found = books.check(world) { report(.booksBalance, found, at: world.now) }
    if let found = frames.check(world) { report(.framesBalance, found, at: world.now) }
    if let found = addresses.check(world) { report(.addressesLeadOn, found, at: world.now) }
    if let found = families.check(world) { report(.familiesTogether, found, at: world.now) }
    if let found = commits.check(world) { report(.commitsWait, found, at: world.now) }
    if let found = little.check(world) { report(.littlesLaw, found, at: world.now) }
    if let found = own.check(world) { report(.ownInvariants, found, at: world.now) }
  }

  private mutating func report(_ checker: Violation.Checker, _ what: String, at time: Nanoseconds) {
    violation = violation ?? Violation(checker: checker, time: time, what: what)
  }
}

/// Something happened that never may: the engine has a fault, and its user has not.
public struct Violation: Error, Sendable, Equatable {
  /// A checker, by the name of its file.
  public enum Checker: String, Sendable, CaseIterable {
    case singleOwner, nothingVanishes, lostPages, deliveryOrder, booksBalance, framesBalance, addressesLeadOn
    case familiesTogether, commitsWait, packetsTravel, ownInvariants, outputArrives, reachability, nothingTwice
    case littlesLaw
  }

  /// The checker that found it.
  public let checker: Checker
  /// The instant of the event after which it was found.
  public let time: Nanoseconds
  /// What is wrong, in words.
  public let what: String
}
