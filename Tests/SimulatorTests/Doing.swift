import Chronicle
import TestSupport
import Testing

@testable import MigrationKernel
@testable import Simulator

/// Something that a process may be doing when it is stopped for a move.
enum Doing: String, CaseIterable, Sendable {
  case computing
  case middleOfAStep
  /// Waiting for a page that an earlier migration left behind.
  case stalled
  case receiving
  /// Waiting with a time-out, before which the message comes.
  case receivingInTime
  /// Waiting with a time-out, before which nothing comes.
  case timingOut
  case sleeping
  /// Waiting for the terminal of its origin, from which an earlier migration has moved it.
  case printing
  /// Waiting to learn whether its message was delivered.
  case sending
  /// Each thread is doing something else.
  case threads
  case notStarted
  /// Not started, with memory that the operator wrote.
  case notStartedWithMemory
  /// Stopped by the operator.
  case held

  static let pages = 40
  static let millisecond: Nanoseconds = 1_000_000
  private static let all = PageOperand.range(.literal(0), .literal(UInt64(pages - 1)))
  private static let some = PageOperand.range(.literal(0), .literal(9))

  /// A cluster of three nodes. The process has just been created, and nothing has moved. The last node is far from the
  /// first.
  func start() throws -> (world: World, process: ProcessID) {
    var world = MigrationTests.cluster(0)
    var settings = NodeSettings()
    settings.cores = 8
    if self == .middleOfAStep { settings.speed = 1 }
    for number in 0..<3 { world.addNode(named: "n\(number)", settings) }
    world.setLine(NodeID(0), NodeID(2), MigrationTests.line(bandwidth: 100_000_000, latency: 50 * Self.millisecond))
    let peer: ProcessID? =
      switch self {
      case .sending: try world.start("printer", Self.printer(10), on: 2)
      case .threads: try world.start("printer", Self.printer(30), on: 2)
      default: nil
      }
    let isHeld = self == .notStarted || self == .notStartedWithMemory
    let process = try world.start("p", program, on: origin, pages: Self.pages, peer: peer, held: isHeld)
    switch self {
    case .receiving, .receivingInTime:
      _ = try world.start("sender", Self.sender(5, every: 100), on: 2, peer: process)
    case .timingOut: _ = try world.start("sender", Self.sender(1, every: 600), on: 2, peer: process)
    case .threads: _ = try world.start("sender", Self.sender(1, every: 1500), on: 2, peer: process)
    case .notStarted, .notStartedWithMemory:
      if self == .notStartedWithMemory { world.ask(NodeID(0), .poke(process, page: 3, bytes: [7, 8, 9])) }
      world.ask(about: process, .start(process), at: 2000 * Self.millisecond)
    case .held:
      world.ask(about: process, .freeze(process), at: 20 * Self.millisecond)
      world.ask(about: process, .resume(process), at: 2000 * Self.millisecond)
    default: break
    }
    return (world, process)
  }

  /// Brings the process to the first node, and lets time pass until it is to be moved on.
  func approach(_ world: inout World, _ process: ProcessID) {
    if origin == 2 { world.migrate(process, to: 0, TransferOptions(self == .printing ? .totalFreezing : .onReference)) }
    let time: UInt64 =
      switch self {
      case .stalled, .printing, .threads: 350
      case .receiving, .receivingInTime, .timingOut: 200
      case .sending: 140
      default: 30
      }
    _ = world.run(to: time * Self.millisecond)
  }

  /// True when a process that has just been frozen is doing this.
  func isSeen(in process: Process, _ departure: Departure, _ record: MigrationRecord) -> Bool {
    let states = process.threads.map(\.state)
    switch self {
    case .computing: return states == [.ready] && process.threads[0].guest.isInterruptible
    case .middleOfAStep: return record.safePointTime.map { (1..<100_000).contains($0) } ?? false
    case .notStarted, .notStartedWithMemory: return departure.phaseBefore == .new
    case .held: return departure.phaseBefore == .held
    case .threads:
      return states.count == 6 && states[0] == .ready
        && [Doing.sleeping, .receiving, .sending, .printing, .stalled].allSatisfy { $0.isSeen(in: states) }
    default: return isSeen(in: states)
    }
  }

  private func isSeen(in states: [Thread.State]) -> Bool {
    states.contains { state in
      switch (self, state) {
      case (.stalled, .faulting), (.receiving, .receiving(nil)), (.receivingInTime, .receiving(_?)),
        (.timingOut, .receiving(_?)), (.sleeping, .sleeping):
        true
      case (.printing, .sending(let message)): message.to.isTerminal
      case (.sending, .sending(let message)): !message.to.isTerminal
      default: false
      }
    }
  }

  private var origin: UInt32 {
    switch self {
    case .stalled, .printing, .threads: 2
    default: 0
    }
  }

  // MARK: - Programs

  /// The program of the process. When it must be moved first, it computes until then.
  private var program: StepProgram {
    var code: [Instruction] = self == .middleOfAStep ? [] : [.write(Self.all)]
    let wait = Instruction.compute(.literal(150 * Self.millisecond))
    switch self {
    case .computing: code += [.compute(.literal(400 * Self.millisecond)), .write(Self.some)]
    case .middleOfAStep: code += [.loop(times: .literal(50), counter: 0, end: 3), .write(Self.all), Self.next(0)]
    case .stalled: code += [wait] + Self.walk(from: 2)
    case .receiving: for _ in 0..<5 { code += Self.receive(timeout: nil) }
    case .receivingInTime: for _ in 0..<5 { code += Self.receive(timeout: .literal(500 * Self.millisecond)) }
    case .timingOut: code += Self.receive(timeout: .literal(400 * Self.millisecond)) + Self.receive(timeout: nil)
    case .sleeping: code += [.sleep(.literal(400 * Self.millisecond)), .write(Self.some)]
    case .printing: code += [wait] + Self.numbers(10).map { .print(template: $0) }
    case .sending: code += Self.numbers(10).map { .send(to: .register(0), template: $0, otherwise: 12) }
    case .threads: return Self.threadedProgram
    case .notStarted, .notStartedWithMemory: code.append(.compute(.literal(10 * Self.millisecond)))
    case .held:
      code += [.loop(times: .literal(100), counter: 0, end: 5), .write(Self.some)]
      code += [.compute(.literal(Self.millisecond)), Self.next(1)]
    }
    return Self.make(code + [.print(template: Self.received), .exit])
  }

  private static var threadedProgram: StepProgram {
    let wait = Instruction.compute(.literal(150 * millisecond))
    let sends = numbers(30).map { Instruction.send(to: .register(0), template: $0, otherwise: 0) }
    let bodies: [[Instruction]] = [
      [.sleep(.literal(2000 * millisecond)), .write(some)],
      receive(timeout: nil),
      [wait] + sends,
      [wait] + numbers(30).map { .print(template: $0) },
    ]
    var code: [Instruction] = [.write(all)]
    for body in bodies {
      code.append(.thread(after: UInt32(code.count + body.count + 2)))
      code += body + [.exit]
    }
    let walk = [wait] + walk(from: UInt32(code.count + 2))
    code.append(.thread(after: UInt32(code.count + walk.count + 2)))
    code += walk + [.exit, .compute(.literal(2000 * millisecond)), .write(some)]
    return make(code)
  }

  /// Writes to its pages in turn, with hardly anything in between. `place` is the place of its first instruction.
  private static func walk(from place: UInt32) -> [Instruction] {
    [
      .loop(times: .literal(100), counter: 0, end: place + 4),
      .write(.next(.literal(0), .literal(UInt64(pages - 1)), counter: 1)), .compute(.literal(10_000)),
      .next(counter: 0, start: place),
    ]
  }

  private static func next(_ start: UInt32) -> Instruction { .next(counter: 0, start: start) }

  private static func receive(timeout: InstructionOperand?) -> [Instruction] {
    [.receive(into: 1, timeout: timeout), .write(some), .compute(.literal(millisecond)), .print(template: received)]
  }

  /// Sends to `$peer` so many messages, one every so many milliseconds.
  static func sender(_ count: Int, every pause: UInt64) -> StepProgram {
    make(
      numbers(count).flatMap { text -> [Instruction] in
        [.sleep(.literal(pause * millisecond)), .send(to: .register(0), template: text, otherwise: nil)]
      })
  }

  /// Receives so many messages, and prints each.
  private static func printer(_ count: Int) -> StepProgram {
    make((0..<count).flatMap { _ -> [Instruction] in [.receive(into: 1, timeout: nil), .print(template: received)] })
  }

  /// The text of the message last received.
  static let received: UInt32 = 0
  /// Texts that differ.
  private static func numbers(_ count: Int) -> [UInt32] { (1...UInt32(count)).map { $0 } }

  static func make(_ code: [Instruction], children: [StepProgram] = []) -> StepProgram {
    Programs.make(
      "p", code, templates: [TextTemplate([.register(1)])] + (1...30).map { TextTemplate([.text("text \($0)")]) },
      registers: ["peer", "m"], counters: 2, children: children)
  }
}
