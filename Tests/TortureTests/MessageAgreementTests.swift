import Chronicle
import CommandLanguage
import Foundation
import MigrationKernel
import Shell
import Simulator
import Testing

@testable import Torture

/// Whoever tells what became of a message tells the same: `message list`, `message show`, the log, and the counters of all
/// messages and of each process.
@Suite struct MessageAgreementTests {
  @Test func allTellTheSame() throws {
    var complete = 0
    for seed in 1...40 as ClosedRange<UInt64> { complete += try Self.compare(seed) }
    #expect(complete > 60)
  }

  /// - Returns: how often every message was still kept.
  private static func compare(_ seed: UInt64) throws -> Int {
    let script = TortureScript(seed: seed).lines
    var complete = 0
    // In the midst of everything, while faults last, and at the end.
    for length in [script.count / 2, script.count * 3 / 4, script.count] {
      var shown = ""
      var options = Session.Options()
      options.format = .json
      var session = Session(seed: seed, options: options) { shown += $0 }
      for line in script.prefix(length) { _ = session.execute(SourceText(name: "random", text: line)) }
      shown = ""
      _ = session.execute(SourceText(name: "list", text: "message list --last 1000000"))
      let world = session.state.world
      guard world.messages.accepted == world.messages.all.count, world.log.total == world.log.entries.count else {
        continue
      }
      try compare(list: objects(shown), world, "seed \(seed), after \(length) lines")
      complete += 1
    }
    return complete
  }

  private static func objects(_ text: String) throws -> [[String: Any]] {
    let line = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    return line?["data"] as? [[String: Any]] ?? []
  }

  private static func compare(list: [[String: Any]], _ world: World, _ when: String) throws {
    let messages = world.messages
    #expect(list.count == messages.all.count)
    let (fates, received) = toldByLog(world)
    var counts: [String: UInt64] = [:]
    var delivered: [ProcessID: Int] = [:]
    for (shown, record) in zip(list, messages.all) {
      let status = try #require(shown["status"] as? String)
      counts[status, default: 0] += 1
      if status == "delivered" { delivered[record.id.to, default: 0] += 1 }
      #expect(
        status == record.status.rawValue && status == fates[record.id]?.rawValue, "\(when): message \(record.number)")
      #expect(told(by: record.steps.map(\.fact)) == record.status, "\(when): the steps of message \(record.number)")
      #expect((record.deliveredAt != nil) == (status == "delivered"))
      #expect(messages[record.id]?.number == record.number)
    }
    #expect(
      [messages.delivered, messages.returned, messages.lost, UInt64(messages.waiting)]
        == ["delivered", "returned", "lost", "waiting"].map { counts[$0] ?? 0 })
    #expect(messages.received == received)
    for process in world.processes.all where process.fate == .alive {
      // What is on its way from one kernel to another cannot be looked at.
      guard let view = world.view(of: process.id) else { continue }
      #expect(
        Int(view.receivedCount) + view.inbox.count == delivered[process.id] ?? 0, "\(when): process \(process.name)")
    }
  }

  /// What the log tells of each message, and how many were received.
  private static func toldByLog(_ world: World) -> (status: [MessageID: MessageRecord.Status], received: UInt64) {
    var facts: [MessageID: [MessageFact]] = [:]
    for entry in world.log.entries {
      if case .fact(.message(let message, let fact)) = entry.event { facts[message, default: []].append(fact) }
    }
    let received = facts.values.joined().count { if case .received = $0 { true } else { false } }
    return (facts.mapValues(told), UInt64(received))
  }

  private static func told(by facts: [MessageFact]) -> MessageRecord.Status {
    var status = MessageRecord.Status.waiting
    for fact in facts {
      switch fact {
      case .delivered: status = .delivered
      case .returned: if status == .waiting { status = .returned }
      case .lost: if status == .waiting { status = .lost }
      case .accepted, .sent, .queued, .forwarded, .handedBack, .held, .bounced, .dropped, .cameBack, .received, .resent:
        break
      }
    }
    return status
  }
}
