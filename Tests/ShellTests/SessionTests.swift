import CommandLanguage
import Testing

@testable import Shell

@Suite struct SessionTests {
  /// What a session says to a script, and how it ends.
  static func run(_ script: String) -> (output: String, status: ScriptStatus) {
    var output = ""
    var session = Session { output += $0 }
    let status = session.execute(SourceText(name: "test", text: script))
    return (output, status)
  }

  @Test func migratesAProcess() {
    let (output, status) = Self.run("node add a b\nspawn p1\nrun 10ms\nmigrate p1 b\nexpect p1.node == b")
    #expect(status == .success, "\(output)")
  }
}
