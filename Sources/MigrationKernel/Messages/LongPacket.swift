/// A packet that may be too long to go in one: a message, or a process on its way to its destination. It leaves in parts,
/// between which other packets go, for which threads may wait.
///
/// Only bytes that say nothing go in parts: those of a message's body beyond its text, and of a process's state beyond what
/// the engine knows of it. The rest follows on the same connection, and says how many have gone before. So whoever receives
/// a part need not keep it: either all of them have come before the rest, or the rest does not come either.
struct LongPacket: Sendable {
  /// Bytes of a part on the network.
  static let partSize = 16 << 10

  /// As it was before anything of it went.
  let content: Content
  /// Bytes of it that have not gone in parts, and those among them that say nothing.
  private(set) var size: Int
  private var padding: Int
  /// Bytes of its parts on the network.
  private(set) var partBytes = 0
  private var sentBefore: UInt32 = 0

  enum Content: Sendable {
    /// A message, or what asks after one.
    case routed(RoutedPacket)
    case handover(MigrationAttempt, ProcessImage)

    var packet: Packet {
      switch self {
      case .routed(let routed): .routed(routed)
      case .handover(let attempt, let image): .handover(attempt, image)
      }
    }
  }

  init(_ content: Content) {
    var counter = ByteCounter()
    content.packet.encode(into: &counter)
    self.content = content
    (size, padding) = (WireHeader.size + counter.count, counter.padding)
  }

  /// It is too long to go in one, and not all that is left of it says something.
  var isLong: Bool { size > Self.partSize && padding > 0 }

  /// A process stands still until it is there, or a thread until it hears of the message.
  var isAwaited: Bool { if case .routed(let routed) = content { routed.isAwaited } else { true } }

  /// The next part of it; nil when the rest can go in one.
  mutating func takePart() -> (part: Part, size: Int)? {
    guard isLong, let whole else { return nil }
    let own = Packet.part(Part(whole: whole, bytes: 0)).encodedSize
    let bytes = min(Self.partSize - own, padding)
    size -= bytes
    padding -= bytes
    partBytes += own + bytes
    sentBefore += UInt32(bytes)
    return (Part(whole: whole, bytes: UInt32(bytes)), own + bytes)
  }

  /// What is left of it once its parts have gone.
  var rest: Content {
    switch content {
    case .routed(var routed):
      routed.sentBefore = sentBefore
      return .routed(routed)
    case .handover(let attempt, var image):
      image.sentBefore = sentBefore
      return .handover(attempt, image)
    }
  }

  /// Its bytes on the network, with what its parts have of their own.
  var sizeWithParts: Int {
    guard isLong else { return size }
    var copy = self
    while copy.takePart() != nil {}
    return copy.partBytes + copy.rest.packet.encodedSize
  }

  private var whole: Part.Whole? {
    switch content {
    case .routed(let routed): routed.messageID.map { .message($0) }
    case .handover(let attempt, _): .handover(attempt)
    }
  }

  /// Whether it is a message from and to the same processes as another.
  func isBeside(_ message: MessageID) -> Bool {
    guard case .message(let own) = whole else { return false }
    return own.from == message.from && own.to == message.to
  }
}

/// A part of a packet that is too long to go in one.
public struct Part: Sendable {
  /// What it is a part of.
  public let whole: Whole
  /// How many bytes of that it carries.
  let bytes: UInt32

  /// What goes in parts.
  public enum Whole: Sendable, Hashable {
    /// A message.
    case message(MessageID)
    /// The process that is moved by this migration.
    case handover(MigrationAttempt)

    /// The process that is moved, or whom the message is for.
    var process: ProcessID {
      switch self {
      case .message(let message): message.to
      case .handover(let attempt): attempt.process
      }
    }

    var cause: Cause {
      switch self {
      case .message(let message): message.to.isTerminal ? .systemCall : .message
      case .handover: .processState
      }
    }

    var attempt: MigrationAttempt? { if case .handover(let attempt) = self { attempt } else { nil } }
  }
}
