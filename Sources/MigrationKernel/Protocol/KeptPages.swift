/// Pages that stay behind: fetched when they are touched, pushed in the background, given up when one end is lost.
///
///     kernel with the process             kernel that holds pages
///     request(pages)                  ->
///                                     <-  supply(pages), or withdrawn: it has none (it fell meanwhile)
///     client(pages)                   ->  (after another migration: the process is here now, and still needs these)
///     release                         ->  all have come, or the process is no more
///
/// The process may have moved on without its holder having heard of that. When the kernel that the process left loses
/// touch with where it went, it tells the holders; and a holder that loses touch with any node asks where it thinks the
/// process to be:
///
///     kernel that is asked, or was left   kernel that holds pages
///                                     <-  stillNeeded
///     client                          ->  (the process is here)
///     movedOn(to)                     ->  (it went on to another kernel, which is asked next)
///     release                         ->  (it is no more)
///
/// What the holder has of one migration goes through these stages:
///
///     leaving --(the process runs at the destination)--> kept --(released)--> gone
///                                                        |  ^
///                                     (a flush begins)   v  |  (it is settled or off)
///     (a flush makes them) --------------------------> written
///
///     kept --(the node of the process cannot be reached)--> given up --(released, or the process comes here)--> gone
///
/// What a fault at each arrow does:
///
///     at           | node of the process    | holder crashes        | connection breaks,     | late or repeated packet
///                  | crashes                |                       | both live              |
///     -------------+------------------------+-----------------------+------------------------+------------------------
///     request,     | the process is lost    | the process dies: it  | as when the other had  | a page that has come is
///     supply       | with it; the holder is | is told, or hears     | crashed, at both ends  | not taken again; what
///                  | told, and drops the    | `withdrawn` from the  |                        | is asked for once more
///                  | pages                  | next incarnation      |                        | is sent once more
///     withdrawn    | as above               | as above              | it dies of the break   | ignored by one that has
///                  |                        |                       |                        | all it needs, and while
///                  |                        |                       |                        | it stands still
///     client       | as above; a holder     | as above              | lost; the holder asks  | ignored unless its
///                  | that has not heard of  |                       | after the process      | epoch is newer than
///                  | that node yet asks     |                       | where it thinks that   | what is known
///                  | where it thought the   |                       | to be                  |
///                  | process                |                       |                        |
///     release      | nothing more is        | nothing is left to    | told again when the    | ignored if the process
///                  | needed, and the holder | release               | holder answers again;  | has come somewhere else
///                  | finds out as above     |                       | and the holder asks    | since, by a newer epoch
///     stillNeeded, | the connection to it   | nobody needs the      | as when the node that  | answered again; news of
///     movedOn      | breaks: the holder     | answer                | is asked had crashed   | an older epoch than is
///                  | gives the pages up     |                       |                        | known is ignored
///
/// When the migration said `--recover`, a connection that breaks changes nothing: the process waits, the holder keeps the pages,
/// and each tells the other anew what it needs to know, over and over, until it is heard. The process is lost when its holder
/// says `withdrawn`, which only one that has rebooted does; and the pages go when the node of the process says `release`.
///
/// The crash of a node that has neither the process nor pages of it changes nothing, unless it is one by which a holder
/// has to be led to the process: then the holder hears of the break, and drops the pages. A partition that heals before a
/// detection timeout is over makes a stall longer; one that heals later is a connection that breaks.
///
/// A holder to which the process was flushed keeps what it has also when the last page has come, and the kernel with the
/// process remembers of which pages that is the present contents: a later flush need not send them.
///
/// A thread that touches a remote page stands still until it has come; other threads go on. When the connection to a
/// holder breaks the process dies, and a holder whose client cannot be reached drops what it held: each side gives up
/// by itself what the other can no longer use. Who asks for pages given up is told which node fell. What each side does
/// is in `NodeKernel+PageHolder.swift` and `NodeKernel+PageClient.swift`.
///
/// What a node keeps of a process that is elsewhere: a source pages that stayed there when the process was handed over, a
/// backing node pages that were written to it; as they were when the process was frozen. Each page is kept until the
/// process has them all, has ended, or cannot be reached any more. One that has been sent is on its way, and not sent again,
/// however often it is asked for, until the kernel with the process says anew which it needs: then a copy was not taken.
public struct KeptPages: Sendable {
  /// The migration that left them here, or was the last to write to them.
  public private(set) var attempt: MigrationAttempt
  private(set) var space: AddressSpace
  /// Those that are kept.
  public private(set) var pages: PageSet
  /// How far they are.
  private(set) var stage: Stage
  private var whereabouts: Whereabouts
  /// The pages go without being asked for; nil when each is asked for.
  private var pushing: Pushing?
  private var marksZeros: Bool
  /// They are kept also while the node with the process is out of reach.
  private(set) var recovers: Bool
  /// Pages that the migration of this name has sent, from its source or from here, and those that a flush is writing.
  private var (sent, written) = (PageSet(), PageSet())
  /// Pages that were sent since the kernel with the process last said which it needs, and that kernel; and those of them that
  /// were asked for once more.
  private var (underway, askedAgain) = (PageSet(), PageSet())
  /// The connection to the node with the process broke, which has not said yet what it needs since.
  private(set) var hasLostReceiver = false
  private var receiver: NodeID?

  enum Stage: Equatable {
    /// The source has committed, and has not heard yet that the process runs: what becomes of them is settled with that.
    case leaving
    /// A flush writes to them: what becomes of them is settled with that.
    case written
    /// The process may ask for them, wherever it is.
    case kept
  }

  /// Where the process is, as far as this node has heard.
  private enum Whereabouts {
    /// That node said so, or the migration that left the pages went there: by the migration of this epoch.
    case told(NodeID, epoch: UInt32)
    /// Another kernel said so, of a later migration. The node itself was last heard of by an earlier one.
    case reported(NodeID, epoch: UInt32, told: UInt32)
  }

  private struct Pushing {
    /// In ascending order.
    var unsent: PageStream
    var sender: PacedSender
  }

  /// Leaving: what `departure` leaves on its source.
  init(_ pages: PageSet, of space: AddressSpace, leftBy departure: Departure) {
    attempt = departure.attempt
    self.space = space
    self.pages = pages
    sent = departure.sentPages
    stage = .leaving
    whereabouts = .told(departure.destination, epoch: departure.attempt.epoch)
    let options = departure.options
    pushing =
      options.pushes
      ? Pushing(unsent: PageStream(pages), sender: PacedSender(bandwidth: options.bandwidth)) : nil
    marksZeros = options.marksZeros
    recovers = options.recovers
  }

  /// Written: nothing yet, by a flush to a node that had no pages of the process.
  init(writtenBy attempt: MigrationAttempt, _ request: FlushRequest, from source: NodeID) {
    self.attempt = attempt
    space = AddressSpace(pageCount: Int(request.pages), pageSize: Int(request.pageSize))
    pages = PageSet()
    stage = .written
    whereabouts = .told(source, epoch: 0)
    marksZeros = request.marksZeros
    recovers = request.recovers
  }

  // MARK: - What it is

  /// Where the process is thought to be.
  public var client: NodeID {
    switch whereabouts {
    case .told(let node, _), .reported(let node, _, _): node
    }
  }

  /// The epoch of the last migration of which the node said itself that the process had come there by it.
  var clientEpoch: UInt32 {
    switch whereabouts {
    case .told(_, let epoch), .reported(_, _, let epoch): epoch
    }
  }

  /// Whether a request from that node can be one of the process: a kernel says that the process is there before it asks.
  func mayAsk(_ node: NodeID) -> Bool {
    switch whereabouts {
    case .told(let client, _): client == node
    case .reported: true
    }
  }

  /// Whether a kernel that says that the process needs nothing more knows better than this one: the process has not gone on
  /// from there, as far as is known here.
  func isReleased(by epoch: UInt32) -> Bool { epoch >= clientEpoch }

  // MARK: - From stage to stage

  /// Leaving: the process runs at the destination. No change in any other stage.
  mutating func processHasLeft() {
    if stage == .leaving { stage = .kept }
  }

  /// Any stage: a flush writes to them from now on.
  mutating func beginWriting() { stage = .written }

  /// Written: a page has come, and shares its bytes with no other yet if it is new. It needs a frame, which `takeFrame` gives
  /// or refuses, unless it replaces another.
  ///
  /// - Returns: false when there is no frame for it, and in any other stage.
  @discardableResult
  mutating func store(_ page: Page, at index: Int, isNew: Bool, takeFrame: () -> Bool) -> Bool {
    guard stage == .written, pages.contains(index) || takeFrame() else { return false }
    pages.insert(index, of: space.pageCount)
    written.insert(index, of: space.pageCount)
    space.store(page, at: index, isNew: isNew)
    return true
  }

  /// Written: the flush is off, and what was here before stays. No change in any other stage.
  mutating func writingIsOff() {
    guard stage == .written else { return }
    stage = .kept
    written = PageSet()
  }

  /// Written: the process runs at its destination, and what it needs from here goes by the name of `flush` from now on.
  ///
  /// - Returns: false in any other stage.
  mutating func settle(_ flush: Flush) -> Bool {
    guard stage == .written else { return false }
    stage = .kept
    attempt = flush.attempt
    (sent, written, underway, askedAgain) = (written, PageSet(), PageSet(), PageSet())
    marksZeros = flush.marksZeros
    recovers = flush.recovers
    pushing =
      flush.pushes ? Pushing(unsent: PageStream(pages), sender: PacedSender(bandwidth: flush.bandwidth)) : nil
    return true
  }

  /// Kept: the node of the process cannot be reached.
  ///
  /// - Returns: what to say to whoever asks for them later; nil in any other stage, in which something else settles it.
  func giveUp() -> GivenUpPages? {
    stage == .kept ? GivenUpPages(client: client, clientEpoch: clientEpoch) : nil
  }

  // MARK: - Where the process is

  /// Any stage: the node where the process is now says so.
  ///
  /// - Returns: false when the process has been heard of from further on already: nodes are not heard in the order in which
  ///   it came to them.
  @discardableResult
  mutating func processCame(to node: NodeID, epoch: UInt32) -> Bool {
    guard epoch > clientEpoch else { return false }
    whereabouts = .told(node, epoch: epoch)
    return true
  }

  /// Any stage: the kernel at `node` has the process and says that it needs these. Of what had been sent before these
  /// were not taken.
  ///
  /// - Returns: what has to be sent at once, since it was asked for while it was thought to be on its way.
  mutating func needs(_ needed: PageSet, at node: NodeID) -> PageBatch {
    (receiver, underway, hasLostReceiver) = (node, PageSet(), false)
    let asked = askedAgain.intersection(needed)
    askedAgain = PageSet()
    pushing?.unsent = PageStream(pages.intersection(needed))
    return supply(asked.map { UInt32($0) }, to: node)
  }

  /// Any stage: the connection to the node with the process broke, which will say what it needs.
  mutating func connectionBroke() { hasLostReceiver = true }

  /// Leaving and kept: another kernel says where the process went.
  ///
  /// - Returns: false when that is nothing new, and while a flush writes to them.
  mutating func processReported(at node: NodeID, epoch: UInt32) -> Bool {
    let known =
      switch whereabouts {
      case .told(_, let told): told
      case .reported(_, let reported, let told): max(reported, told)
      }
    guard stage != .written, epoch > known else { return false }
    whereabouts = .reported(node, epoch: epoch, told: clientEpoch)
    return true
  }

  // MARK: - Pages on their way

  /// Any stage: what is kept of `wanted` and not on its way to `node`. It is not pushed any more.
  mutating func supply(_ wanted: [UInt32], to node: NodeID) -> PageBatch {
    if receiver != node { (receiver, underway, askedAgain) = (node, PageSet(), PageSet()) }
    var batch = PageBatch(pageSize: space.pageSize)
    for page in wanted where pages.contains(Int(page)) {
      guard !underway.contains(Int(page)) else {
        askedAgain.insert(Int(page), of: space.pageCount)
        continue
      }
      batch.append(
        page, PageForm(space[Int(page)], marksZeros: marksZeros, over: nil, pageSize: space.pageSize))
      pushing?.unsent.skip(Int(page))
    }
    return batch
  }

  /// Any stage: a batch is handed to the network.
  ///
  /// - Returns: how many of its pages the migration had sent before.
  mutating func batchSupplied(_ batch: PageBatch, to node: NodeID) -> Int {
    if receiver != node { (receiver, underway, askedAgain) = (node, PageSet(), PageSet()) }
    _ = underway.insert(batch, of: space.pageCount)
    return sent.insert(batch, of: space.pageCount)
  }

  enum Push {
    case send(PageBatch)
    /// Nothing goes before this time.
    case waitUntil(Nanoseconds)
    /// Nothing goes until a batch has left; or nothing is left to push.
    case wait
  }

  /// Any stage: what is pushed next, if there is room for it.
  mutating func nextPush(at now: Nanoseconds) -> Push {
    switch pushing?.sender.readiness(at: now) {
    case .full, nil: return .wait
    case .notBefore(let time): return .waitUntil(time)
    case .ready:
      return pushing?.unsent.next(space, marksZeros: marksZeros).map { .send($0) } ?? .wait
    }
  }

  /// Any stage: what `nextPush` said has been handed to the network.
  mutating func batchPushed(bytes: Int, at now: Nanoseconds, workEnd: Nanoseconds) {
    pushing?.sender.batchSent(bytes: bytes, at: now, workEnd: workEnd)
  }

  /// Any stage: a batch has left.
  mutating func batchLeft(at now: Nanoseconds) { pushing?.sender.batchLeft(at: now) }
}

/// What is left to say of pages that were given up, to a process that asks for them all the same.
struct GivenUpPages: Sendable, Equatable {
  /// The node on which the process was thought to be: since that cannot be reached they were given up.
  let client: NodeID
  /// The epoch of the last migration by which the process had come anywhere, as far as was known.
  let clientEpoch: UInt32

  /// As of `KeptPages`.
  func isReleased(by epoch: UInt32) -> Bool { epoch >= clientEpoch }
}
