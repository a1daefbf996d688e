import CommandLanguage
import MigrationKernel
import TestSupport
import Testing

@testable import Shell

/// `migrate` refuses some moves before time passes.
@Suite struct MigrationCommandTests {
  /// A process cannot be migrated a second time between the decision and its arrival. Afterwards it can, even when some
  /// of its pages are still at its source.
  @Test(arguments: TransferMechanism.choices)
  func aProcessIsMovedOnceAtATime(_ mechanism: TransferMechanism) throws {
    var output = ""
    var session = Session { output += $0 }
    session.checkInvariants()
    let begin = """
      node add a b c
      spawn p --program hot
      run 20ms
      migrate p b --\(mechanism.rawValue) --async
      """
    #expect(session.execute(SourceText(name: "test", text: begin)) == .success)
    var statuses: Set<String> = []
    while let record = session.state.world.migrations[1], record.activatedAt == nil {
      statuses.insert(record.status.rawValue)
      for node in ["a", "b", "c"] {
        output = ""
        #expect(session.execute(SourceText(name: "test", text: "migrate p \(node)")) == .refused)
        #expect(output.contains("process `p` is being migrated") && output.contains("let time pass with `run` first"))
      }
      #expect(session.execute(SourceText(name: "test", text: "step")) == .success)
    }
    #expect(statuses.isSuperset(of: ["negotiating", "handover"]), "\(statuses)")
    #expect(session.state.world.migrations.all.count == 1)
    #expect(session.execute(SourceText(name: "test", text: "migrate p c; expect p.node == c")) == .success)
    #expect(session.state.world.invariants?.violation == nil)
  }
}
