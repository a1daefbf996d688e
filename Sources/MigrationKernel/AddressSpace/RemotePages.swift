/// Pages of a process that are still on a node that it left, as the kernel that has the process knows them.
public struct PageHolder: Sendable {
  /// The node that has them.
  public let node: NodeID
  /// The migration that left them there.
  public internal(set) var attempt: MigrationAttempt
  /// Those that the process still needs from there.
  public internal(set) var pages: PageSet
  /// Pages that came from there while the process has been here: the holder still has them as they came. Known only
  /// here, and worth nothing once the process moves on in any other way than by a flush to that node.
  var copies = PageSet()
  /// It keeps what it has when the last page has been fetched: the process was flushed to it.
  var isBacking = false
  /// How many pages the next request asks for, if it goes on where the last ended.
  var window = 1
  /// The page after those asked for last.
  var expected = -1
}

/// What a node keeps of a process that is elsewhere: a source pages that stayed there when the process was handed over, a
/// backing node pages that were written to it; as they were when the process was frozen.
///
/// They are kept until the process has them all, has ended, or cannot be reached any more: a page that was lost on its
/// way can be asked for again.
public struct Residue: Sendable {
  /// The migration that left them here.
  public internal(set) var attempt: MigrationAttempt
  var space: AddressSpace
  /// Those that are kept.
  public internal(set) var pages: PageSet
  /// Where the process was last known to be.
  public internal(set) var client: NodeID
  /// The epoch of the migration by which it came there.
  var clientEpoch: UInt32
  /// The epoch of a migration of which another kernel than its destination has told.
  var hearsayEpoch: UInt32 = 0
  /// Pages pushed in the background, in ascending order, and not yet sent.
  var unsent: PageStream?
  /// How pages are pushed.
  var pushes: PacedSender
  var marksZeros: Bool
}
