import CommandLanguage
import Foundation
import MigrationKernel
import TestSupport
import Testing

@testable import Shell

/// Checks what `why` and `compare forwarding` say as JSON.
@Suite struct ForwardingCommandTests {
  /// A session whose output is JSON, and what its last command printed.
  private final class Recorder {
    var output = ""
    var session: Session

    init(_ setup: String) {
      var options = Session.Options()
      options.format = .json
      session = Session(options: options) { _ in }
      session.write = { [unowned self] in output += $0 }
      #expect(execute(setup) == .success, "\(output)")
    }

    @discardableResult
    func execute(_ script: String) -> ScriptStatus {
      output = ""
      return session.execute(SourceText(name: "test", text: script))
    }

    /// The data of one command.
    func data<Data: Decodable>(of command: String, as type: Data.Type = Data.self) throws -> Data {
      #expect(execute(command) == .success, "\(output)")
      return try JSONDecoder().decode(Line<Data>.self, from: Foundation.Data(output.utf8)).data
    }
  }

  private struct Line<Data: Decodable>: Decodable {
    let data: Data
  }

  private struct Why: Decodable {
    let process: String
    let node: String
    let forwarding: String
    let dependsOn: [String]
    let failures: [Failure]

    struct Failure: Decodable, Equatable {
      let node: String
      let outcome: String
      var reachedBy: [String] = []
      var cutOffFrom: [String] = []
    }
  }

  private struct Row: Decodable, Equatable {
    let mechanism: String
    let controlPackets: Int
    let first: Delivery
    let later: Delivery
    let leftOn: [String]
    let cutOffBy: [String]

    struct Delivery: Decodable, Equatable {
      let packets: Int
      let hops: Int?
    }
  }

  // MARK: - why

  /// A process that was created on a and has moved to b and c. A correspondent is on d.
  static func moved(_ mechanism: ForwardingMechanism) -> String {
    """
    node add a b c d
    spawn p --on a --program idle --pages 1 --forwarding \(mechanism.name)
    spawn s --on d --program idle --pages 1
    send s p "hello"
    run 10ms
    migrate p b
    migrate p c
    run 10ms
    """
  }

  @Test(arguments: ForwardingMechanism.allCases) func whatEachFailureWouldDo(mechanism: ForwardingMechanism) throws {
    let recorder = Recorder(Self.moved(mechanism))
    let before = recorder.session.state.world.digest
    let why = try recorder.data(of: "why p", as: Why.self)
    #expect(why.process == "p" && why.node == "c" && why.forwarding == mechanism.name)
    // The stranger is on the first node that is up.
    let all = ["s", "a stranger"]
    func reached(_ node: String) -> Why.Failure { Why.Failure(node: node, outcome: "runs", reachedBy: all) }
    let lost = Why.Failure(node: "c", outcome: "lost")
    let alone = Why.Failure(node: "d", outcome: "runs", reachedBy: ["a stranger"])
    switch mechanism {
    case .linkTraversal:
      // Both messages go along the chain: s knows only where p was created, and a stranger on a has p's forwarding
      // address.
      let cut = Why.Failure(node: "b", outcome: "runs", cutOffFrom: all)
      let first = Why.Failure(node: "a", outcome: "runs", reachedBy: ["a stranger"], cutOffFrom: ["s"])
      #expect(why.dependsOn == ["a", "b"] && why.failures == [first, cut, lost, alone])
    case .originSite:
      let cut = Why.Failure(node: "a", outcome: "runs", cutOffFrom: all)
      #expect(why.dependsOn == ["a"] && why.failures == [cut, reached("b"), lost, alone])
    case .resendReturned, .resendDropped, .linkUpdate:
      #expect(why.dependsOn == [] && why.failures == [reached("a"), reached("b"), lost, alone])
    }
    #expect(recorder.session.state.world.digest == before)
  }

  @Test func pagesLeftBehindAreDependedOn() throws {
    let recorder = Recorder(
      """
      node add a b c
      program toucher { repeat { write next 0..49   sleep 100ms } }
      spawn p --on a --pages 50 --program toucher
      run 10ms
      migrate p b --on-reference
      """)
    let why = try recorder.data(of: "why p", as: Why.self)
    #expect(why.dependsOn == ["a"])
    #expect(why.failures.map(\.outcome) == ["lost", "lost", "runs"])
    // When the time to watch is too short, the failure of a node has not done its harm yet.
    let short = try recorder.data(of: "why p --for 50ms", as: Why.self)
    #expect(short.failures.map(\.outcome) == ["runs", "lost", "runs"])
  }

  @Test func oneThatEndsMeanwhile() throws {
    let recorder = Recorder("node add a b\nspawn p --program worker")
    let why = try recorder.data(of: "why p", as: Why.self)
    #expect(why.failures.map(\.outcome) == ["lost", "ended"])
  }

  @Test(arguments: ["why q", "why gone", "why p --for 0s", "why p --for 3", "why", "why a", "why p p"])
  func whyRefuses(_ command: String) {
    let recorder = Recorder("node add a b\nspawn p\nspawn gone\nkill gone\nrun 1ms")
    let before = recorder.session.state.world.digest
    #expect([.refused, .usage].contains(recorder.execute(command)))
    #expect(recorder.session.state.world.digest == before)
  }

  // MARK: - compare forwarding

  /// The cost of some moves and of one message. There is a node for each move, and the sender is on the last.
  private static func expected(_ mechanism: ForwardingMechanism, moves: Int, down: Int = 0) -> Row {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"]
    let chain = Array(names[..<moves])
    // A message and its acknowledgement.
    let direct = Row.Delivery(packets: 2, hops: 1)
    func row(_ control: Int, _ first: Row.Delivery, _ later: Row.Delivery, _ left: [String]) -> Row {
      Row(
        mechanism: mechanism.name, controlPackets: control, first: first, later: later, leftOn: left, cutOffBy: left)
    }
    // A broadcast goes to every node but the searcher's, and one answers.
    let search = moves + 1 + down + 1
    switch mechanism {
    case .linkTraversal: return row(5 * moves, .init(packets: moves + 2, hops: moves + 1), direct, chain)
    case .resendReturned: return row(5 * moves, .init(packets: 4 + search, hops: 1), direct, [])
    case .resendDropped: return row(5 * moves, .init(packets: 3 + search, hops: 1), direct, [])
    case .originSite:
      return row(6 * moves - 1, .init(packets: 3, hops: 2), .init(packets: 3, hops: 2), ["a"])
    // The correspondents have heard of each move before it was over.
    case .linkUpdate: return row(7 * moves, direct, direct, [])
    }
  }

  @Test(arguments: 1...6) func theTableIsWhatCanBeWorkedOut(moves: Int) throws {
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"][..<(moves + 2)]
    let recorder = Recorder("node add \(names.joined(separator: " "))\nspawn other --on b\nrun 5ms")
    let before = recorder.session.state.world.digest
    let rows = try recorder.data(of: "compare forwarding", as: [Row].self)
    #expect(rows == ForwardingMechanism.allCases.map { Self.expected($0, moves: moves) })
    #expect(recorder.session.state.world.digest == before)
    let way = (names.suffix(1) + names.dropLast()).joined(separator: " ")
    let again = try recorder.data(of: "compare forwarding \(way)", as: [Row].self)
    #expect(again == rows)
  }

  private struct Kinds: Decodable {
    let kind1: Row.Delivery?
    let kind2: Row.Delivery?
  }

  /// Messages of kinds 1 and 2, from a sender that knows where the process was.
  @Test func messagesMeetTheLastMove() throws {
    let recorder = Recorder("node add a b c d")
    let rows = try recorder.data(of: "compare forwarding", as: [Kinds].self)
    // A message, sent on, and its acknowledgement.
    let forwarded = Row.Delivery(packets: 3, hops: 2)
    // It comes back; three kernels are asked and one answers; then again. The source of a move that goes on says that, too.
    let returned = [Row.Delivery(packets: 9, hops: 1), Row.Delivery(packets: 8, hops: 1)]
    let dropped = Row.Delivery(packets: 7, hops: 1)
    // To the origin, to the source and back to the origin. While the move goes on the source reports its end there.
    let handedBack = [Row.Delivery(packets: 6, hops: 4), Row.Delivery(packets: 5, hops: 4)]
    #expect(rows.map(\.kind1) == [forwarded, returned[0], dropped, handedBack[0], forwarded])
    // Who has sent a message to one that stands still under link update is told the address before it runs elsewhere.
    #expect(rows.map(\.kind2) == [forwarded, returned[1], dropped, handedBack[1], nil])
  }

  /// But a kernel that looks for a process cannot know that these nodes are down.
  @Test func nodesThatAreDownTakeNoPart() throws {
    let recorder = Recorder("node add a b x c d\nfail x")
    let rows = try recorder.data(of: "compare forwarding", as: [Row].self)
    #expect(rows == ForwardingMechanism.allCases.map { Self.expected($0, moves: 2, down: 1) })
  }

  @Test func whatIsNotDeliveredInTimeHasNoHops() throws {
    let recorder = Recorder("node add a b c\nnetwork set --latency 100ms")
    let rows = try recorder.data(of: "compare forwarding c a b --for 900ms", as: [Row].self)
    let hops = [2, 1, nil, 2, 1] as [Int?]
    #expect(rows.map(\.first.hops) == hops)
    #expect(rows[2].cutOffBy == ["a"], "nobody is found in so short a time")
  }

  @Test(arguments: [
    "compare forwarding a", "compare forwarding a b", "compare forwarding a b b", "compare forwarding a b c c",
    "compare forwarding a b x", "compare forwarding z a b", "compare forwarding a b p", "compare forwarding --for 0s",
  ]) func compareRefuses(_ command: String) {
    let recorder = Recorder("node add a b c x\nspawn p\nfail x\nrun 1ms")
    let before = recorder.session.state.world.digest
    #expect([.refused, .usage].contains(recorder.execute(command)), "\(recorder.output)")
    #expect(recorder.session.state.world.digest == before)
  }

  @Test(arguments: ["why p", "compare forwarding"]) func bothStopOnInterrupt(_ command: String) {
    let recorder = Recorder("node add a b c\nspawn p --program hot")
    recorder.session.isInterrupted = { true }
    #expect(recorder.execute(command) == .interrupted)
    recorder.session.isInterrupted = { false }
    #expect(recorder.execute("expect now == 0ms") == .success)
  }
}
