import MigrationKernel

/// Writes random programs that end by themselves.
///
/// A family is a tree of processes: a parent calls a child (sends, and waits for the reply) or streams to it (sends,
/// and goes on), and the child's program is made to receive exactly that. So no process can tell the timing of others,
/// unless `seesTime` is true. Then there are time-outs, further messages to anybody, and receives that may get nothing.
struct RandomProgram {
  /// What a parent does with a child, in order.
  enum Interaction {
    case call
    case stream(UInt64)
  }

  var random: Generator
  let pages: UInt64
  let seesTime: Bool
  /// The most rounds of a loop.
  let longestLoop: UInt64
  private var instructions: [Instruction] = []
  private var templates: [TextTemplate] = []
  private var children: [StepProgram] = []
  /// The first is for steps that go through pages.
  private var counters: UInt16 = 1

  /// The names of registers: children to talk to, others to send to, and where messages go.
  static let registers = ["c0", "c1", "p0", "p1", "m", "f", "parent"]
  static let message: UInt16 = 4

  init(random: Generator, pages: UInt64, seesTime: Bool, longestLoop: UInt64) {
    self.random = random
    self.pages = pages
    self.seesTime = seesTime
    self.longestLoop = longestLoop
  }

  /// The program of a process with a number of children, whose parent treats it in a given way.
  static func make(
    _ name: String, random: inout Generator, pages: Int, seesTime: Bool, longestLoop: UInt64, handles: [Interaction],
    children: [[Interaction]]
  ) -> StepProgram {
    var writer = RandomProgram(
      random: random, pages: UInt64(pages), seesTime: seesTime, longestLoop: longestLoop)
    writer.write(handles, children, name)
    random = writer.random
    return writer.program(name)
  }

  private func program(_ name: String) -> StepProgram {
    StepProgram(
      name: name, source: "", instructions: ContiguousArray(instructions), templates: templates,
      registers: Self.registers, counterCount: Int(counters), children: children)
  }

  private mutating func write(_ handles: [Interaction], _ children: [[Interaction]], _ name: String) {
    var queues = children
    let threads = draw(2) == 0
    if threads { thread() }
    for (place, interaction) in handles.enumerated() {
      switch interaction {
      case .call:
        receive()
        local(depth: 0)
        instructions.append(.reply(template: text("r\(place) ")))
      case .stream(let count):
        loop(count) { writer in
          writer.receive()
          writer.local(depth: 1)
        }
      }
      local(depth: 0)
    }
    // It deals with its children after its parent, so that at any time a message can come from only one process.
    while queues.contains(where: { !$0.isEmpty }) {
      local(depth: 0)
      serve(&queues)
    }
    if !threads || seesTime { fork(name) }
    for _ in 0..<3 { local(depth: 0) }
    instructions.append(.print(template: text("end ")))
  }

  /// Treats one child as was agreed.
  private mutating func serve(_ queues: inout [[Interaction]]) {
    guard let child = random.pick(queues.indices.filter { !queues[$0].isEmpty }) else { return }
    switch queues[child].removeFirst() {
    case .call:
      instructions.append(.send(to: .register(UInt16(child)), template: text("call "), otherwise: nil))
      receive()
    case .stream(let count):
      loop(count) { writer in
        writer.instructions.append(.send(to: .register(UInt16(child)), template: writer.text("s "), otherwise: nil))
        writer.local(depth: 1)
      }
    }
  }

  private mutating func receive() {
    instructions.append(.receive(into: Self.message, timeout: seesTime ? .literal(draw(3_000_000_000)) : nil))
    if seesTime { instructions.append(.print(template: text("r "))) }
  }

  // MARK: - Steps that need nobody

  private mutating func local(depth: Int) {
    for _ in 0..<(1 + draw(3)) { step(depth: depth) }
  }

  private mutating func step(depth: Int) {
    let first = draw(pages)
    let last = first + draw(pages - first)
    switch draw(seesTime ? 14 : 10) {
    case 0: instructions.append(.compute(.literal(draw(4_000_000))))
    case 1: instructions.append(.compute(.literal(draw(40_000))))
    case 2: instructions.append(.write(.range(.literal(first), .literal(last))))
    case 3: instructions.append(.write(.random(.literal(first), .literal(last))))
    case 4:
      instructions.append(.write(.next(.literal(first), .literal(last), counter: counters)))
      counters += 1
    case 5: instructions.append(.read(.range(.literal(first), .literal(last))))
    case 6: instructions.append(.sleep(.literal(draw(3_000_000))))
    case 7: instructions.append(.print(template: text("p\(draw(100)) ")))
    case 8: instructions.append(.pause)
    case 10:
      instructions.append(.receive(into: Self.message, timeout: .literal(draw(2_000_000))))
    case 11:
      let place = UInt32(instructions.count)
      instructions.append(.send(to: .register(UInt16(draw(4))), template: text("x "), otherwise: place + 2))
      instructions.append(.jump(place + 3))
      instructions.append(.print(template: text("undelivered ")))
    case 13:
      guard depth == 0 else { return }
      loop(1 + draw(1000)) { $0.instructions.append(.write(.next(.literal(first), .literal(last), counter: 0))) }
    case 12: instructions.append(.send(to: .register(UInt16(draw(4))), template: text("y "), otherwise: nil))
    default:
      guard depth < 2 else { return }
      loop(1 + draw(longestLoop)) { $0.local(depth: depth + 1) }
    }
  }

  /// A coprocess with work of its own.
  private mutating func fork(_ name: String) {
    var child = RandomProgram(
      random: Generator(seed: random.next()), pages: pages, seesTime: seesTime, longestLoop: longestLoop)
    for _ in 0..<6 { child.local(depth: 0) }
    children.append(child.program("\(name)-kid"))
    instructions.append(.fork(program: UInt16(children.count - 1), into: 5))
  }

  /// A second thread. When nobody may tell the time it only writes and computes, since the order of that does not show.
  private mutating func thread() {
    let place = instructions.count
    instructions.append(.pause)
    if seesTime {
      for _ in 0..<2 { local(depth: 0) }
      fork("thread")
      for _ in 0..<2 { local(depth: 0) }
      if draw(4) == 0 { instructions.append(.write(.one(.literal(pages)))) }
    } else {
      loop(1 + draw(2 * longestLoop)) { writer in
        writer.instructions.append(.write(.random(.literal(0), .literal(writer.pages - 1))))
        writer.instructions.append(.compute(.literal(writer.draw(500_000))))
      }
    }
    instructions.append(.exit)
    instructions[place] = .thread(after: UInt32(instructions.count))
  }

  // MARK: - Means

  private mutating func loop(_ count: UInt64, _ body: (inout RandomProgram) -> Void) {
    let start = instructions.count
    let counter = counters
    counters += 1
    instructions.append(.pause)
    body(&self)
    instructions.append(.next(counter: counter, start: UInt32(start)))
    instructions[start] = .loop(times: .literal(count), counter: counter, end: UInt32(instructions.count))
  }

  private mutating func text(_ text: String) -> UInt32 {
    templates.append(TextTemplate([.text(text), .register(Self.message)]))
    return UInt32(templates.count - 1)
  }

  private mutating func draw(_ bound: UInt64) -> UInt64 { bound == 0 ? 0 : random.next(below: bound) }
}

extension Generator {
  /// Any element; nil of none.
  mutating func pick<Element>(_ list: [Element]) -> Element? {
    list.isEmpty ? nil : list[Int(next(below: UInt64(list.count)))]
  }
}
