import Course

/// One of several parts into which the submissions of a class are divided.
public struct Shard: Sendable, Equatable {
  /// Which one, from 1 on.
  public let number: Int
  /// Of how many.
  public let count: Int

  /// - Parameter text: such as `2/8`.
  /// - Returns: nil when it is no shard.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1], count >= 1, number >= 1, number <= count,
      count <= 1_000_000
    else { return nil }
    (self.number, self.count) = (number, count)
  }

  /// Whether a submission of this name belongs to it. One more student moves nobody else.
  func contains(_ name: String) -> Bool {
    let digest = Digest.sha256(of: Array(name.utf8)).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return digest % UInt64(count) == UInt64(number - 1)
  }
}
