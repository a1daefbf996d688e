import Chronicle
import MigrationKernel
import TestSupport
import Testing

@testable import Simulator

/// Programs in compiled form, for tests that need no notation.
enum Programs {
  static func make(
    _ name: String, _ instructions: [Instruction], templates: [TextTemplate] = [], registers: [String] = [],
    counters: Int = 0, children: [StepProgram] = []
  ) -> StepProgram {
    StepProgram(
      name: name, source: "", instructions: ContiguousArray(instructions), templates: templates, registers: registers,
      counterCount: counters, children: children)
  }

  /// Computes for `$service`, and ends.
  static let job = make("job", [.compute(.register(0))], registers: ["service"])

  /// Receives and answers for ever.
  static let echo = make(
    "echo",
    [
      .loop(times: nil, counter: 0, end: 4), .receive(into: 0, timeout: nil), .reply(template: 0),
      .next(counter: 0, start: 0),
    ],
    templates: [TextTemplate([.text("got "), .register(0)])], registers: ["m"], counters: 1)

  /// Sends `count` messages to `$peer` and waits for each answer, prints the last, and ends.
  static func pinger(_ count: UInt64) -> StepProgram {
    make(
      "pinger",
      [
        .loop(times: .literal(count), counter: 0, end: 4), .send(to: .register(0), template: 0, otherwise: nil),
        .receive(into: 1, timeout: nil), .next(counter: 0, start: 0), .print(template: 1),
      ],
      templates: [TextTemplate([.text("hello")]), TextTemplate([.register(1)])], registers: ["peer", "m"], counters: 1)
  }

  /// Writes the pages of its range in turn and at random, computing in between, `rounds` times.
  static func writer(_ rounds: UInt64, last: UInt64, every pause: Nanoseconds = 37_000) -> StepProgram {
    make(
      "writer",
      [
        .loop(times: .literal(rounds), counter: 0, end: 5), .write(.next(.literal(0), .literal(last), counter: 1)),
        .write(.random(.literal(0), .literal(last))), .compute(.literal(pause)), .next(counter: 0, start: 0),
      ], counters: 2)
  }
}

extension Programs {
  /// Writes a page every `period`, for ever: the pages below `count` in turn, or one of them at random.
  static func regularWriter(period: Nanoseconds, pages count: Int, atRandom: Bool = false) -> StepProgram {
    let last = InstructionOperand.literal(UInt64(count - 1))
    return make(
      "writer",
      [
        .loop(times: nil, counter: 0, end: 4),
        .write(atRandom ? .random(.literal(0), last) : .next(.literal(0), last, counter: 1)),
        .compute(.literal(period - StepGuest.stepTime)), .next(counter: 0, start: 0),
      ], counters: 2)
  }

  /// Receives, writes ten pages and computes, and answers, for ever.
  static let busyEcho = make(
    "busy echo",
    [
      .loop(times: nil, counter: 0, end: 6), .receive(into: 0, timeout: nil),
      .write(.range(.literal(0), .literal(9))), .compute(.literal(200_000)), .reply(template: 0),
      .next(counter: 0, start: 0),
    ],
    templates: [TextTemplate([.text("got "), .register(0)])], registers: ["m"], counters: 1)

  /// Sends `count` messages to `$peer`, waits a second for each answer and goes on without it, and ends.
  static func patientPinger(_ count: UInt64) -> StepProgram {
    make(
      "pinger",
      [
        .loop(times: .literal(count), counter: 0, end: 5), .send(to: .register(0), template: 0, otherwise: 2),
        .receive(into: 1, timeout: .literal(1_000_000_000)), .compute(.literal(300_000)), .next(counter: 0, start: 0),
      ],
      templates: [TextTemplate([.text("hello")])], registers: ["peer", "m"], counters: 1)
  }
}

extension World {
  /// Spawns a process that there is room for; `$peer` is a process that it knows.
  mutating func start(
    _ name: String, _ program: StepProgram, on node: UInt32, pages: Int = 1, peer: ProcessID? = nil, held: Bool = false,
    forwarding: ForwardingMechanism = .linkTraversal
  ) throws -> ProcessID {
    let environment = peer.map { ["peer": RegisterValue.process($0, name: "peer")] } ?? [:]
    var request = SpawnRequest(
      name: name, program: program, pages: pages, environment: environment, seed: 1, held: held)
    request.forwarding = forwarding
    let spawned = spawn(request, on: NodeID(node))
    return try #require(spawned)
  }

  mutating func migrate(
    _ process: ProcessID, to node: UInt32, _ options: TransferOptions = TransferOptions(.totalFreezing)
  ) {
    guard let location = location(of: process) else { return }
    ask(location, .migrate(process, to: NodeID(node), options))
  }
}
