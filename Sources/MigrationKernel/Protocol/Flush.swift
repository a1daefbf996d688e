/// One migration at its backing node, from the request for room until the process runs at its destination or the attempt
/// is off. What is written is among the kept pages from the start.
///
///     open -> sealed -> (settled: it is no flush any more)
///                |
///             in doubt: the source cannot be reached; whether the process went on, its destination knows
public struct Flush: Sendable {
  /// Which attempt it is.
  public let attempt: MigrationAttempt
  let source: NodeID
  let destination: NodeID
  /// The kept pages that it writes to, by the migration that left them: an earlier one if this node had pages of the process.
  let target: MigrationAttempt
  let pushes: Bool
  let bandwidth: UInt64?
  let marksZeros: Bool
  let recovers: Bool
  private(set) var lastHeard: Nanoseconds
  private var state: State

  private enum State: Equatable {
    /// Pages are coming; so many frames are kept for those that may yet come.
    case open(reserved: Int)
    /// All pages have come.
    case sealed
    case inDoubt
  }

  init(
    _ attempt: MigrationAttempt, _ request: FlushRequest, from source: NodeID, to target: MigrationAttempt,
    reserved: Int, now: Nanoseconds
  ) {
    self.attempt = attempt
    self.source = source
    self.target = target
    destination = request.destination
    pushes = request.pushes
    bandwidth = request.bandwidth
    marksZeros = request.marksZeros
    recovers = request.recovers
    lastHeard = now
    state = .open(reserved: reserved)
  }

  /// Frames for pages that may yet come.
  public var reserved: Int {
    if case .open(let reserved) = state { reserved } else { 0 }
  }

  var isSealed: Bool { state == .sealed || state == .inDoubt }
  var isInDoubt: Bool { state == .inDoubt }

  /// Any stage: the source was heard of.
  mutating func heard(at now: Nanoseconds) { lastHeard = now }

  /// Open: a page takes one of the frames. False when more come than were asked for, and in any other stage.
  mutating func takeFrame() -> Bool {
    guard case .open(let reserved) = state, reserved > 0 else { return false }
    state = .open(reserved: reserved - 1)
    return true
  }

  /// All pages have come.
  ///
  /// - Returns: frames that are not needed: none when it was sealed already.
  mutating func seal(at now: Nanoseconds) -> Int {
    lastHeard = now
    guard case .open(let reserved) = state else { return 0 }
    state = .sealed
    return reserved
  }

  /// The source cannot be reached.
  ///
  /// - Returns: false when nothing could have come of it: not all pages are here.
  mutating func sourceLost() -> Bool {
    guard isSealed else { return false }
    state = .inDoubt
    return true
  }
}
