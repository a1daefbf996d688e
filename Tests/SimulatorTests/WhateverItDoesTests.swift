import Chronicle
import TestSupport
import Testing

@testable import MigrationKernel
@testable import Simulator

/// Whatever a process is doing when it is moved, it ends as its twin that never moved. What it waited for reaches it at
/// its destination.
@Suite struct WhateverItDoesTests {
  static let second = MigrationTests.second
  static let end = 60 * second
  static let millisecond = Doing.millisecond

  @Test(arguments: Doing.allCases, TransferMechanism.choices)
  func itsTwinEndsTheSame(_ doing: Doing, _ mechanism: TransferMechanism) throws {
    let (start, process) = try doing.start()
    var (stayed, moved) = (start, start)
    doing.approach(&moved, process)
    moved.migrate(process, to: 1, TransferOptions(mechanism))
    let number = moved.migrations.all.count
    let isFrozen = moved.run(to: Self.end) { $0.migrations[number]?.frozenAt != nil }
    try #require(isFrozen == .satisfied)
    let source = try #require(moved[NodeID(0)].kernel)
    let (copy, departure) = (try #require(source.processes[process]), try #require(source.departures[process]))
    #expect(doing.isSeen(in: copy, departure, try #require(moved.migrations[number])), "\(copy.threads.map(\.state))")

    _ = stayed.run(to: Self.end)
    _ = moved.run(to: Self.end)
    #expect(moved.migrations[number]?.status == .completed)
    #expect(moved.migrations[number]?.mechanism == (doing == .notStarted ? .nonPreemptive : mechanism))
    guard case .ended(.exited, _, on: NodeID(1))? = moved.processes[process]?.fate else {
      Issue.record("it did not end where it was moved: \(String(describing: moved.processes[process]?.fate))")
      return
    }
    #expect(TwinTests.finalStates(moved, cpu: true) == TwinTests.finalStates(stayed, cpu: true))
    Self.expectNothingLeft(moved)
  }

  /// Checks that every process has ended, and that no node has kept anything of it.
  static func expectNothingLeft(_ world: World) {
    #expect(world.processes.all.allSatisfy { if case .ended(.exited, _, _) = $0.fate { true } else { false } })
    for node in world.nodes {
      #expect(node.kernel?.departures.isEmpty == true && node.kernel?.arrivals.isEmpty == true)
      #expect(node.kernel?.keptPages.isEmpty == true && node.kernel?.freeFrames == node.settings.frames)
    }
    #expect(world.messages.returned == 0 && world.invariants?.violation == nil)
  }

  // MARK: - Waiting

  enum Wait: CaseIterable {
    case sleep, timeout

    func program(_ time: Nanoseconds) -> StepProgram {
      let wait: Instruction = self == .sleep ? .sleep(.literal(time)) : .receive(into: 1, timeout: .literal(time))
      return Doing.make([.write(.range(.literal(0), .literal(9))), wait, .print(template: Doing.received)])
    }
  }

  /// A process on the first of two nodes, which begins to wait and is moved soon after.
  static func waiter(
    _ wait: Wait, _ time: Nanoseconds, _ mechanism: TransferMechanism?
  ) throws -> (world: World, process: ProcessID) {
    var world = MigrationTests.cluster(2)
    let process = try world.start("p", wait.program(time), on: 0, pages: 10)
    _ = world.run(to: millisecond)
    if let mechanism { world.migrate(process, to: 1, TransferOptions(mechanism)) }
    return (world, process)
  }

  /// When the first thread of a process has stopped waiting.
  static func endOfWait(_ world: World, _ process: ProcessID) -> Nanoseconds {
    var world = world
    _ = world.run(to: end) { world in
      switch world.process(process)?.threads[0].state {
      case .sleeping?, .receiving?: false
      default: true
      }
    }
    return world.now
  }

  /// A process waits for an instant of the clock, which goes on while the process stands still. The destination works
  /// the instant out with an error of half the time between an offer and its answer. When the instant comes while the
  /// process is on its way, the wait is over as soon as the process may run.
  @Test(arguments: Wait.allCases, TransferMechanism.choices)
  func aWaitEndsAtItsInstant(_ wait: Wait, _ mechanism: TransferMechanism) throws {
    var (trial, _) = try Self.waiter(wait, Self.second, mechanism)
    _ = trial.run(to: Self.end)
    let record = try #require(trial.migrations[1])
    let (frozen, activated) = (try #require(record.frozenAt), try #require(record.activatedAt))
    for time in [activated + 10 * Self.millisecond, (frozen + activated) / 2] {
      let (stayed, process) = try Self.waiter(wait, time, nil)
      let (moved, _) = try Self.waiter(wait, time, mechanism)
      // It has written its pages before it began to wait.
      let instant = Self.endOfWait(stayed, process)
      #expect(instant == time + 10 * StepGuest.stepTime)
      let (ended, right) = (Self.endOfWait(moved, process), max(instant, activated))
      #expect(max(ended, right) - min(ended, right) < 2_000)
      var (left, other) = (stayed, moved)
      _ = left.run(to: Self.end)
      _ = other.run(to: Self.end)
      #expect(TwinTests.finalStates(left, cpu: true) == TwinTests.finalStates(other, cpu: true))
      #expect(other.migrations[1]?.activatedAt == activated)
    }
  }

  /// Called off while it stands still, the process waits on at its source, for the same instant.
  @Test(arguments: Wait.allCases, TransferMechanism.choices)
  func aWaitOutlivesWhatWasCalledOff(_ wait: Wait, _ mechanism: TransferMechanism) throws {
    let time = 40 * Self.millisecond
    let (stayed, process) = try Self.waiter(wait, time, nil)
    var (moved, _) = try Self.waiter(wait, time, mechanism)
    #expect(moved.run(to: Self.end) { $0.migrations[1]?.frozenAt != nil } == .satisfied)
    for isOver in [false, true] {
      var world = moved
      // At the instant at which the wait should be over, the handover must still be under way.
      if isOver { world.setLine(NodeID(0), NodeID(1), MigrationTests.line(bandwidth: 1000, latency: Self.second)) }
      _ = world.run(to: isOver ? 50 * Self.millisecond : world.now)
      let calledOff = world.now
      world.ask(NodeID(0), .cancelMigration(process))
      #expect(world.migrations[1]?.status == .cancelled)
      #expect(Self.endOfWait(world, process) == max(Self.endOfWait(stayed, process), calledOff))
    }
  }

  /// A message that reaches the source while the process stands still goes on after it. When the time-out comes sooner,
  /// the message is too late for this `receive`, and there for the next.
  @Test func aMessageThatWaitedAtTheSourceMayBeTooLate() throws {
    var world = MigrationTests.cluster(2)
    let receive = [Instruction.receive(into: 1, timeout: .literal(20 * Self.millisecond)), .print(template: 0)]
    let process = try world.start("p", Doing.make(receive + receive), on: 0, pages: 300)
    let sender = try world.start("sender", Doing.sender(1, every: 10), on: 0, peer: process)
    _ = world.run(to: Self.millisecond)
    world.migrate(process, to: 1)
    _ = world.run(to: Self.end)
    #expect(try #require(world.migrations[1]?.frozenAt) < 10 * Self.millisecond)
    #expect(try #require(world.migrations[1]?.activatedAt) > 20 * Self.millisecond)
    #expect(world.migrations[1]?.messagesQueued == 1)
    #expect(world.processes[process]?.output.map(\.text) == ["none", "text 1"])
    #expect(world.processes[sender]?.fate != .alive)
    Self.expectNothingLeft(world)
  }

  // MARK: - To the nanosecond

  /// A process on the first of two nodes that writes its pages and computes until 100 ms, and then does `code`.
  static func computer(_ code: [Instruction], children: [StepProgram] = []) throws -> (world: World, process: ProcessID)
  {
    var world = MigrationTests.cluster(2)
    let begin: [Instruction] = [
      .write(.range(.literal(0), .literal(19))), .compute(.literal(100 * millisecond - 20 * StepGuest.stepTime)),
    ]
    let process = try world.start("p", Doing.make(begin + code, children: children), on: 0, pages: 20)
    return (world, process)
  }

  /// The world in which a process has been offered so that it is stopped at an instant.
  static func stopping(
    _ process: ProcessID, in world: World, at instant: Nanoseconds, _ mechanism: TransferMechanism
  ) throws -> World {
    var trial = world
    _ = trial.run(to: 10 * millisecond)
    trial.migrate(process, to: 1, TransferOptions(mechanism))
    #expect(trial.run(to: end) { $0.migrations[1]?.freezingAt != nil } == .satisfied)
    let lead = try #require(trial.migrations[1]?.freezingAt) - 10 * millisecond
    var world = world
    _ = world.run(to: instant - lead)
    world.migrate(process, to: 1, TransferOptions(mechanism))
    return world
  }

  /// It is stopped at the instant of its fork, a nanosecond before, and a nanosecond after. The coprocess begins once,
  /// on the node where the process is then.
  @Test(arguments: TransferMechanism.choices, [-1, 0, 1])
  func forkingJustThen(_ mechanism: TransferMechanism, _ offset: Int) throws {
    let child = Doing.make([
      .write(.range(.literal(0), .literal(4))), .compute(.literal(Self.millisecond)), .print(template: 1),
    ])
    let rest: [Instruction] = [
      .fork(program: 0, into: 1), .compute(.literal(Self.millisecond)), .write(.one(.literal(3))), .print(template: 0),
    ]
    let (start, process) = try Self.computer(rest, children: [child])
    var stayed = start
    _ = stayed.run(to: Self.end)
    let instant = try #require(stayed.processes.all.last?.createdAt)
    #expect(instant == 100 * Self.millisecond)
    let stop = instant.advanced(by: offset)
    var moved = try Self.stopping(process, in: start, at: stop, mechanism)
    _ = moved.run(to: Self.end)
    #expect(moved.migrations[1]?.freezingAt == stop && moved.migrations[1]?.status == .completed)
    #expect(moved.processes.all.count == 2)
    #expect(moved.processes.all.last?.id.origin == NodeID(offset > 0 ? 0 : 1))
    #expect(TwinTests.finalStates(moved, cpu: true) == TwinTests.finalStates(stayed, cpu: true))
    Self.expectNothingLeft(moved)
  }

  /// It is to be stopped at the instant of its end, a nanosecond before, and a nanosecond after.
  @Test(arguments: TransferMechanism.choices, [-1, 0, 1])
  func endingJustThen(_ mechanism: TransferMechanism, _ offset: Int) throws {
    let (start, process) = try Self.computer([.print(template: 1)])
    var stayed = start
    _ = stayed.run(to: Self.end)
    guard case .ended(.exited, let instant, _)? = stayed.processes[process]?.fate else {
      Issue.record("it does not end")
      return
    }
    let stop = instant.advanced(by: offset)
    var moved = try Self.stopping(process, in: start, at: stop, mechanism)
    _ = moved.run(to: Self.end)
    let record = try #require(moved.migrations[1])
    if offset > 0 {
      #expect(record.status == .aborted && record.reason == .aborted(.processEnded) && record.endedAt == instant)
    } else {
      #expect(record.status == .completed && record.freezingAt == stop)
    }
    #expect(TwinTests.finalStates(moved, cpu: true) == TwinTests.finalStates(stayed, cpu: true))
    Self.expectNothingLeft(moved)
  }

  /// A migration that is asked for in the instant of the process's end begins and is aborted in that instant.
  /// Afterwards there is nothing to move.
  @Test(arguments: TransferMechanism.choices)
  func offeredAsItEnds(_ mechanism: TransferMechanism) throws {
    var (world, process) = try Self.computer([])
    world.ask(
      about: process, .migrate(process, to: NodeID(1), TransferOptions(mechanism)), at: 100 * Self.millisecond)
    _ = world.run(to: 100 * Self.millisecond)
    let record = try #require(world.migrations[1])
    #expect(record.offeredAt == world.now && record.endedAt == world.now && record.reason == .aborted(.processEnded))
    world.ask(NodeID(0), .migrate(process, to: NodeID(1), TransferOptions(mechanism)))
    guard case .fact(.refused(process, why: let why))? = world.log.entries.last?.event else {
      Issue.record("it was not refused")
      return
    }
    #expect(why.hasPrefix("it is not here"))
    _ = world.run(to: Self.end)
    #expect(world.migrations.all.count == 1)
    Self.expectNothingLeft(world)
  }
}
