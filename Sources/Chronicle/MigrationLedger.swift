import MigrationKernel

/// One migration as its report tells it, put together from the facts of both ends.
public struct MigrationRecord: Sendable {
  /// How far a migration is, or how it ended.
  public enum Status: String, Sendable {
    case none, negotiating, transferring, freezing, handover, completed, refused, aborted, cancelled, lost
  }

  /// From 1, in the order of the offers.
  public let number: Int
  /// Which attempt it is.
  public let attempt: MigrationAttempt
  /// How the address space moves.
  public let mechanism: TransferMechanism
  /// From where.
  public let source: NodeID
  /// To where.
  public let destination: NodeID
  /// Flushing: the node to which dirty pages are written.
  public let backing: NodeID?
  /// Pages of the address space.
  public let pageCount: Int
  /// The decision: when the offer was made.
  public let offeredAt: Nanoseconds
  /// How far it is.
  public internal(set) var status: Status = .negotiating
  /// Why it did not complete.
  public internal(set) var reason: Reason?
  /// When the source heard that the destination has room.
  public internal(set) var acceptedAt: Nanoseconds?
  /// When its threads were told to stop, and when the last had.
  public internal(set) var freezingAt: Nanoseconds?
  /// When the last thread stood still.
  public internal(set) var frozenAt: Nanoseconds?
  /// When it could run at the destination.
  public internal(set) var activatedAt: Nanoseconds?
  /// It has come to its destination and waits there for its first core.
  public internal(set) var awaitsCore = false
  /// How long it waited for a core there; nil when it has not had one yet, and for one that ended before it had.
  public internal(set) var coreWaitTime: Nanoseconds?
  /// Of the time that it stood still: until its last page had left.
  public internal(set) var pagesTime: Nanoseconds?
  /// From then on, until its state had left.
  public internal(set) var stateTime: Nanoseconds?
  /// When it ended, for the source: completed or not.
  public internal(set) var endedAt: Nanoseconds?
  /// Pages handed to the network by its source, each as often as it was.
  public internal(set) var pagesSent = 0
  /// Of these, pages that this migration had sent before: with flushing also those fetched that it had written to its backing
  /// node.
  public internal(set) var redundantPages = 0
  /// Of these, pages that went as marks of zeros.
  public internal(set) var zeroPages = 0
  /// Of these, pages that went as differences from what had been sent before, and the bytes that it saved.
  public internal(set) var deltaPages = 0
  /// Bytes that those differences are shorter than their pages.
  public internal(set) var savedBytes = 0
  /// Of these, pages sent while the process stood still.
  public internal(set) var pagesSentFrozen = 0
  /// Pages that stayed behind when the process had gone, at the source or at a backing node, and when the last had been
  /// fetched or was needed no more.
  public internal(set) var pagesLeft = 0
  /// When the last of these had come or was needed no more.
  public internal(set) var releasedAt: Nanoseconds?
  /// Touches of pages that were not there, and how long threads stood still for them, all together.
  public internal(set) var remoteFaults = 0
  /// How long threads stood still for such pages, all together.
  public internal(set) var stallTime: Nanoseconds = 0
  /// The rounds of a pre-transfer, without the last, in which the process stood still.
  public internal(set) var rounds: [TransferRound] = []
  /// By how many hundredths of its speed the process is slowed down at the source now, or was until it left.
  public internal(set) var throttle = 0
  /// Bytes of the packets that carried pages, and of the one with the process state.
  public internal(set) var pageBytes = 0
  /// Bytes of the packet with the process state.
  public internal(set) var stateBytes = 0
  /// The source has fallen: nobody will say that it owes nothing more.
  fileprivate var isOrphaned = false
  /// The destination has fallen since the offer, and with it all that had come there.
  fileprivate var hasLostDestination = false
  /// After the commit: one of its ends still has the process, or knows of it.
  var hasSurvivor: Bool { !isOrphaned || !hasLostDestination }
  /// The other ends of its links that were told the new address, under link update.
  public internal(set) var linksUpdated = 0
  /// What became of messages that did not meet the process, from the offer until it moved again.
  public internal(set) var misrouted = MisroutedCounts()
  /// System calls that the process made at its origin after this migration and before the next.
  public internal(set) var systemCalls = ProcessDirectory.SystemCalls()
  /// Messages that waited at the source and went on after the handover.
  public internal(set) var messagesQueued = 0

  /// How often each thing became of messages that did not meet their process.
  public struct MisroutedCounts: Sendable, Equatable {
    /// Sent on to where the process is.
    public private(set) var forwarded = 0
    /// Sent back to their senders.
    public private(set) var returned = 0
    /// Dropped, for the sender to send again.
    public private(set) var dropped = 0
    /// Sent again by their senders.
    public private(set) var resent = 0

    mutating func add(_ fact: MessageFact) {
      switch fact {
      case .forwarded, .handedBack: forwarded += 1
      case .bounced: returned += 1
      case .dropped: dropped += 1
      case .resent: resent += 1
      case .accepted, .sent, .queued, .held, .cameBack, .delivered, .received, .returned, .lost: break
      }
    }
  }

  /// Why a migration did not complete.
  public enum Reason: Sendable, Equatable {
    case refused(MigrationRefusal)
    case aborted(AbortReason)
    /// A node failed that had the process: the source before the commit, or the destination after it.
    case nodeFailed(NodeID)
  }

  /// From the order to stop until the last thread stood still.
  public var safePointTime: Nanoseconds? { span(freezingAt, frozenAt) }
  /// When it executed at the destination, or could have but for something else than a core.
  public var executedAt: Nanoseconds? {
    guard let activatedAt, let coreWaitTime else { return nil }
    return activatedAt + coreWaitTime
  }
  /// From its last instruction at the source to its first at the destination; if it waits there for anything but a core,
  /// until it could have run. None for a process that had not executed any.
  public var freezeTime: Nanoseconds? { mechanism == .nonPreemptive ? nil : span(frozenAt, executedAt) }
  /// What is left of the freeze time besides its pages, its state and its wait for a core: trips between the nodes, and
  /// answers that the source waited for.
  public var tripsTime: Nanoseconds? {
    guard let freezeTime, let pagesTime, let stateTime, let coreWaitTime else { return nil }
    return freezeTime - min(freezeTime, pagesTime + stateTime + coreWaitTime)
  }
  /// From the decision until the process executed at the destination and no page of it was left behind: from then on
  /// nothing is owed to it. That the source hears of it later is its own affair.
  public var totalTime: Nanoseconds? {
    guard let executedAt else { return nil }
    guard pagesLeft > 0 else { return span(offeredAt, executedAt) }
    return span(offeredAt, releasedAt.map { max($0, executedAt) })
  }
  /// True when nothing more is to be waited for: the process has executed at its destination, or waits there for anything
  /// but a core, or the attempt has failed.
  public var isSettled: Bool { activatedAt == nil ? endedAt != nil : !awaitsCore }

  /// How long the process stood still for an attempt that came to nothing, and after which it goes on at the source.
  public var timeStoodStill: Nanoseconds? {
    status == .aborted || status == .cancelled ? span(frozenAt, endedAt) : nil
  }

  private func span(_ start: Nanoseconds?, _ end: Nanoseconds?) -> Nanoseconds? {
    guard let start, let end, end >= start else { return nil }
    return end - start
  }
}

/// All migrations, from facts.
public struct MigrationLedger: Sendable {
  @usableFromInline private(set) var records = ChunkedArray<MigrationRecord>()
  /// Those not yet ended, and a few that were: a fact names its attempt.
  private(set) var index: [MigrationAttempt: Int] = [:]

  /// What policies chose.
  private var choices = PolicyChoices()

  init() {}

  /// All there were, in the order of the offers.
  @inlinable public var all: some RandomAccessCollection<MigrationRecord> { records }

  /// The migration with that number, from 1.
  @inlinable public subscript(number: Int) -> MigrationRecord? {
    number >= 1 && number <= records.count ? records[number - 1] : nil
  }

  /// Records a step that the kernel of `node` reported.
  ///
  /// - Returns: the number of a migration that has just begun.
  mutating func recordStep(
    _ fact: MigrationFact, of attempt: MigrationAttempt, from node: NodeID, at time: Nanoseconds
  ) -> Int? {
    if case .offered(let destination, let mechanism, let backing, let pages) = fact {
      index[attempt] = records.count
      records.append(
        MigrationRecord(
          number: records.count + 1, attempt: attempt, mechanism: mechanism, source: node, destination: destination,
          backing: backing, pageCount: pages, offeredAt: time))
      choices.offered(attempt.process, number: records.count)
      return records.count
    }
    guard let place = index[attempt] else { return nil }
    records[place].recordStep(fact, at: time)
    return nil
  }

  // MARK: - What policies chose

  /// What policies chose before a migration; nil for one that the operator had done from here to there.
  public func choice(beforeMigration number: Int) -> PolicyChoice? { choices[migration: number] }

  /// What policies chose for a process that has not been offered since; nil when they chose nothing.
  public func choice(for process: ProcessID) -> PolicyChoice? { choices[process] }

  mutating func chose(_ process: ProcessID, _ choice: ProcessChoice) { choices.chose(process, choice) }

  mutating func chose(_ process: ProcessID, to choice: NodeChoice) { choices.chose(process, to: choice) }

  /// A kernel has refused something. If that was the move for which the policies have just chosen, nothing comes of the choice.
  mutating func refused(_ process: ProcessID) { choices.refused(process) }

  mutating func forgetChoice(of process: ProcessID) { choices.forget(process) }

  mutating func add(_ fact: MessageFact, to number: Int) {
    guard number >= 1, number <= records.count else { return }
    records[number - 1].misrouted.add(fact)
  }

  mutating func addSystemCall(of number: Int, delay: Nanoseconds, bytes: Int) {
    guard number >= 1, number <= records.count else { return }
    records[number - 1].systemCalls.add(delay: delay, bytes: bytes)
  }

  /// `node` has fallen: migrations that it was the source of are over, unless they had been committed and the process
  /// may yet run at the destination.
  mutating func nodeFailed(_ node: NodeID, time: Nanoseconds) {
    for place in records.indices where records[place].endedAt == nil {
      if records[place].destination == node { records[place].hasLostDestination = true }
      guard records[place].source == node else { continue }
      records[place].isOrphaned = true
      switch records[place].status {
      case .negotiating, .transferring, .freezing: records[place].end(.lost, .nodeFailed(node), at: time)
      case .completed: records[place].endedAt = time
      default: break
      }
    }
  }

  /// The process of a migration is no more: it does not wait for a core.
  mutating func processGone(_ number: Int) { records[number - 1].awaitsCore = false }

  /// The process was lost, and its migration with it when it had not run at the destination yet.
  mutating func lost(_ process: ProcessID, _ why: MigrationRecord.Reason, time: Nanoseconds) {
    for place in records.indices.reversed() where records[place].attempt.process == process {
      if records[place].endedAt == nil, records[place].activatedAt == nil {
        records[place].end(.lost, why, at: time)
      }
      return
    }
  }
}

extension MigrationRecord {
  fileprivate mutating func end(_ status: Status, _ reason: Reason?, at time: Nanoseconds) {
    self.status = status
    self.reason = reason
    endedAt = time
  }

  fileprivate mutating func recordStep(_ fact: MigrationFact, at time: Nanoseconds) {
    switch fact {
    case .offered: break
    case .accepted:
      acceptedAt = time
      status = .transferring
    case .refused(let refusal): end(.refused, .refused(refusal), at: time)
    case .freezing:
      freezingAt = time
      status = .freezing
    case .frozen: frozenAt = time
    case .sentPages(let pages, let zeros, let deltas, let saved, let again, let bytes):
      pagesSent += pages
      redundantPages += again
      zeroPages += zeros
      deltaPages += deltas
      savedBytes += saved
      if frozenAt != nil, activatedAt == nil { pagesSentFrozen += pages }
      pageBytes += bytes
    case .sentState(let bytes):
      stateBytes += bytes
      status = .handover
    case .handedOver(let bytes, let pages):
      stateBytes = bytes
      pagesLeft = pages
      status = .handover
    case .reserved, .flushed, .committed, .linksUpdated, .linksUnanswered, .discarded: break
    case .installed(let pages, let state): (pagesTime, stateTime) = (pages, state)
    case .updatingLinks(let count): linksUpdated += count
    case .activated(let awaitsCore):
      activatedAt = time
      self.awaitsCore = awaitsCore
      coreWaitTime = awaitsCore ? nil : 0
      status = .completed
      if isOrphaned { endedAt = time }
    case .coreAwaited(let wait):
      coreWaitTime = wait
      awaitsCore = false
    case .completed(let queued):
      messagesQueued = queued
      endedAt = time
    case .roundEnded(let round): rounds.append(round)
    case .throttled(let throttle): self.throttle = throttle
    case .remoteFault: remoteFaults += 1
    case .faultServed(let stall): stallTime += stall
    case .fetched, .released: releasedAt = releasedAt ?? time
    case .aborted(.cancelled): end(.cancelled, nil, at: time)
    case .aborted(let why): end(.aborted, .aborted(why), at: time)
    case .lost:
      // The source was never told that the process had run at the destination, or it never had.
      if activatedAt != nil {
        endedAt = time
      } else if endedAt == nil {
        end(.lost, .aborted(.connectionBroken(destination)), at: time)
      }
    }
  }
}
