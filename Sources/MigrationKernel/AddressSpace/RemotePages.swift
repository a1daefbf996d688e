/// Pages of a process that are still on a node that it left, as the kernel that has the process knows them.
public struct PageHolder: Sendable {
  public let node: NodeID
  /// The migration that left them there.
  public let attempt: MigrationAttempt
  public internal(set) var pages: PageSet
  /// How many pages the next request asks for, if it goes on where the last ended.
  var window = 1
  /// The page after those asked for last.
  var expected = -1
}

/// What a source keeps of a process that left it before all its pages had: the pages as they were when it was frozen.
///
/// They are kept until the process has them all, has ended, or cannot be reached any more: a page that was lost on its
/// way can be asked for again.
public struct Residue: Sendable {
  public let attempt: MigrationAttempt
  let space: AddressSpace
  public let pages: PageSet
  /// Where the process was last known to be.
  public internal(set) var client: NodeID
  /// Pages pushed in the background, in ascending order, and not yet sent.
  var unsent: PageStream?
  /// Batches pushed that have not left yet.
  var outstanding = 0
  /// Bits a second that pushed pages may take of the link; before `mayGoOnAt` no more go.
  let bandwidth: UInt64?
  var mayGoOnAt: Nanoseconds = 0
  let marksZeros: Bool
}
