/// Virtual or real time, and durations, in whole nanoseconds.
public typealias Nanoseconds = UInt64

extension UInt64 {
  /// This many times `factor`, divided by `divisor` and cut: for rates, which do not fit in between. What is beyond half
  /// of the range is cut to that, so that sums of a few such numbers fit.
  ///
  /// - Precondition: `divisor` is not 0.
  public func scaled(by factor: UInt64, over divisor: UInt64) -> UInt64 {
    precondition(divisor > 0, "nothing can be divided by 0")
    let product = multipliedFullWidth(by: factor)
    guard product.high < divisor else { return .max / 2 }
    return Swift.min(.max / 2, divisor.dividingFullWidth(product).quotient)
  }
}

/// A node's number: dense, given out by the driver in the order in which nodes join.
public struct NodeID: Hashable, Comparable, Sendable {
  /// From 0, in the order in which nodes join.
  public let number: UInt32

  /// The node with that number.
  public init(_ number: UInt32) { self.number = number }

  public func hash(into hasher: inout Hasher) { hasher.combine(number) }
  /// Hashes in one step, as processes do.
  public func _rawHashValue(seed: Int) -> Int { mixedHash(UInt64(number), seed) }

  public static func < (left: NodeID, right: NodeID) -> Bool { left.number < right.number }
}

/// The name of a process for ever: where it was created, in which incarnation of that node, and a serial number there.
///
/// It never says where the process is, and is never issued twice. It also says for life how messages find the process, so
/// that every kernel that meets it knows what to do with them; two identifiers never differ in that alone. Serial 0 is no
/// process: it stands for the terminal of the node itself, to which `print` steps write (see `NodeKernel+Output.swift`).
public struct ProcessID: Hashable, Comparable, Sendable {
  /// The node on which it was created.
  public let origin: NodeID
  /// How often the origin had booted, from 1.
  public let incarnation: UInt32
  /// From 1 in each incarnation; 0 for the terminal.
  public let serial: UInt32
  /// How messages find it.
  public let forwarding: ForwardingMechanism

  /// Kernels issue identifiers, and decode them. Nobody outside this package makes one up.
  package init(
    origin: NodeID, incarnation: UInt32, serial: UInt32, forwarding: ForwardingMechanism = .linkTraversal
  ) {
    self.origin = origin
    self.incarnation = incarnation
    self.serial = serial
    self.forwarding = forwarding
  }

  public static func == (left: ProcessID, right: ProcessID) -> Bool {
    left.origin == right.origin && left.incarnation == right.incarnation && left.serial == right.serial
  }

  /// The terminal of `node` in one incarnation of it.
  public static func terminal(of node: NodeID, incarnation: UInt32) -> ProcessID {
    ProcessID(origin: node, incarnation: incarnation, serial: 0)
  }

  /// Whether it stands for the terminal of its origin.
  public var isTerminal: Bool { serial == 0 }

  public func hash(into hasher: inout Hasher) { hasher.combine(word) }
  /// For the tables of the standard library: its own way, safe against chosen keys, takes many times as long, and several
  /// are looked up for every message.
  public func _rawHashValue(seed: Int) -> Int { mixedHash(word, seed) }

  /// All of it but for how messages find it, folded into one word: hashing one is several times faster than hashing three.
  fileprivate var word: UInt64 {
    (UInt64(origin.number) << 32 | UInt64(serial)) ^ UInt64(incarnation) &* 0x9E37_79B9_7F4A_7C15
  }

  public static func < (left: ProcessID, right: ProcessID) -> Bool {
    (left.origin.number, left.incarnation, left.serial) < (right.origin.number, right.incarnation, right.serial)
  }
}

/// One attempt to migrate one process. The epoch grows with every offer and is never used again, so a late packet of an
/// old attempt is recognised and dropped.
public struct MigrationAttempt: Hashable, Sendable {
  /// The process that moves.
  public let process: ProcessID
  /// Which of its attempts, from 1.
  public let epoch: UInt32

  public init(process: ProcessID, epoch: UInt32) {
    self.process = process
    self.epoch = epoch
  }
}

/// One message between two processes: sender, receiver, and its place in their stream, from 0.
public struct MessageID: Hashable, Sendable {
  /// Who sends it.
  public let from: ProcessID
  /// For whom it is.
  public let to: ProcessID
  /// Its place in the stream of the two, from 0.
  public let sequence: UInt32

  public func hash(into hasher: inout Hasher) { hasher.combine(word) }
  /// See `ProcessID`.
  public func _rawHashValue(seed: Int) -> Int { mixedHash(word, seed) }

  private var word: UInt64 { mixed(from.word) ^ to.word &+ UInt64(sequence) &* 0xD6E8_FEB8_6659_FD93 }

  public init(from: ProcessID, to: ProcessID, sequence: UInt32) {
    self.from = from
    self.to = to
    self.sequence = sequence
  }
}

/// A hash value of a word, for `_rawHashValue`.
package func mixedHash(_ word: UInt64, _ seed: Int) -> Int {
  Int(truncatingIfNeeded: mixed(word ^ UInt64(bitPattern: Int64(seed))))
}
