import MigrationKernel
import Testing

@testable import Chronicle
@testable import Simulator

/// The simulator's containers keep their own invariants under random operations.
@Suite struct OwnInvariantTests {
  /// Events leave in the order of time and of scheduling, whatever is removed in between.
  @Test(arguments: 0..<20) func eventQueues(seed: UInt64) {
    var generator = Generator(seed: seed)
    var queue = EventQueue()
    var model: [(time: Nanoseconds, number: UInt32)] = []
    var now: Nanoseconds = 0
    for number in 0..<500 as Range<UInt32> {
      switch generator.next(below: 20) {
      case 0..<11:
        let time = now + generator.next(below: 10)
        queue.schedule(.timer(Self.timer(number), node: NodeID(0), incarnation: 1), at: time)
        model.insert((time, number), at: model.firstIndex { $0.time > time } ?? model.count)
      case 11..<19:
        let event = queue.pop()
        #expect(event.flatMap(Self.number) == model.first?.number)
        if !model.isEmpty { now = model.removeFirst().time }
      default:
        let gone = queue.remove { Self.number(of: $0).map { $0 % 3 == 0 } ?? false }
        #expect(gone.compactMap(Self.number) == model.map(\.number).filter { $0 % 3 == 0 })
        model.removeAll { $0.number % 3 == 0 }
      }
      #expect(queue.brokenInvariant(at: now) == nil)
      #expect(queue.count == model.count && queue.nextTime == model.first?.time)
    }
  }

  private static func number(of event: ScheduledEvent) -> UInt32? {
    if case .timer(.search(let process), _, _) = event { process.serial } else { nil }
  }

  private static func timer(_ number: UInt32) -> MigrationKernel.Timer {
    .search(ProcessID(origin: NodeID(0), incarnation: 1, serial: number))
  }

  @Test func anEventThatIsLateIsFound() {
    var queue = EventQueue()
    queue.schedule(.timer(Self.timer(0), node: NodeID(0), incarnation: 1), at: 5)
    #expect(queue.brokenInvariant(at: 5) == nil)
    #expect(queue.brokenInvariant(at: 6) == "has an event that was due at 5")
  }

  @Test(arguments: 0..<20) func networks(seed: UInt64) {
    var generator = Generator(seed: seed)
    var network = Network()
    let process = ProcessID(origin: NodeID(0), incarnation: 1, serial: 1)
    for number in 0..<4 as Range<UInt32> { network.addMember(NodeID(number), interface: nil) }
    let draw = { (generator: inout Generator) in NodeID(UInt32(generator.next(below: 4))) }
    for now in 0..<500 as Range<UInt64> {
      let (from, to) = (draw(&generator), draw(&generator))
      let channel = network.channel(from: from, to: to)
      switch generator.next(below: 10) {
      case 0..<4:
        _ = network.transmit(
          .locate(process), size: 20, on: channel, isUrgent: generator.next(below: 2) == 0, now: now, longestTimeout: 1)
      case 4:
        let begins = now - min(now, generator.next(below: 2000))
        _ = network.receive(
          size: 20, on: channel, isUrgent: generator.next(below: 2) == 0, begins: begins, now: now)
      case 5:
        var line = Line()
        line.latency = 1 + generator.next(below: 2_000_000)
        if from == to { network.setDefaults(line) } else { network.setLink(from, to, line) }
      case 6: network.breakChannel(channel)
      case 7: network.reopenChannel(channel)
      case 8: network.resetChannels(from: from, now: now)
      default:
        guard !network.channels[channel].isBroken else { continue }
        let packet = Network.Stalled(packet: .locate(process), size: 20, notify: nil, wasSent: true, treatment: .none)
        network.stall([packet], on: channel, now: now)
        network.takeAgain(from, [(20, now + 5)])
        network.setGivesUp(channel, at: now + 1000)
      }
      #expect(network.brokenInvariant() == nil)
    }
  }

  @Test func logsAndTraces() {
    var log = Log()
    log.capacity = 300
    for time in 0..<2000 as Range<UInt64> {
      log.append(.cluster(.nodeFailed), node: NodeID(0), time: time)
      #expect(log.brokenInvariant() == nil)
    }
    #expect(log.entries.count <= 300)
  }

  /// A message may come to its end when its record is long forgotten, and then to another: the sums hold all the same.
  @Test(arguments: 0..<10) func messagesThatAreForgotten(seed: UInt64) {
    var generator = Generator(seed: seed)
    var messages = MessageLedger()
    messages.capacity = 300
    var (open, missing): ([MessageID], [MessageID]) = ([], [])
    func end(of ids: inout [MessageID], as fact: MessageFact) -> MessageID? {
      guard !ids.isEmpty else { return nil }
      let id = ids.remove(at: Int(generator.next(below: UInt64(ids.count))))
      messages.recordStep(fact, of: id, from: NodeID(0), at: 0)
      return id
    }
    let process = ProcessID(origin: NodeID(0), incarnation: 1, serial: 1)
    for sequence in 0..<4000 as Range<UInt32> {
      let id = MessageID(from: process, to: process, sequence: sequence)
      messages.recordStep(.accepted(text: "", size: 0), of: id, from: NodeID(0), at: 0)
      open.append(id)
      switch generator.next(below: 5) {
      case 0: break
      case 1: if let id = end(of: &open, as: .returned(.notFound(at: NodeID(0)))) { missing.append(id) }
      case 2: if let id = end(of: &open, as: .lost) { missing.append(id) }
      case 3: _ = end(of: &missing, as: .delivered(hops: 1))
      default: _ = end(of: &open, as: .delivered(hops: 1))
      }
      #expect(messages.brokenInvariant() == nil)
    }
  }

  @Test(arguments: 0..<10) func directories(seed: UInt64) {
    var generator = Generator(seed: seed)
    var chronicle = Chronicle()
    for serial in 1...200 as ClosedRange<UInt32> {
      let id = ProcessID(origin: NodeID(0), incarnation: 1, serial: serial)
      var request = SpawnRequest(
        name: ["p", "q", "p-2"][Int(generator.next(below: 3))], program: Programs.echo, pages: 1)
      chronicle.settleNames(in: &request)
      _ = chronicle.recordFact(.created(id, name: request.name, parent: nil), from: NodeID(0), at: 0)
      #expect(chronicle.processes.brokenInvariant() == nil)
    }
    #expect(Set(chronicle.processes.all.map(\.name)).count == 200)
  }
}
