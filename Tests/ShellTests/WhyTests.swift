import CommandLanguage
import Testing

@testable import Shell

/// What `why` says of a failure is what the failure would do.
@Suite struct WhyTests {
  /// What `why` prints once a script has been executed.
  private static func answer(_ command: String, after script: String) -> String {
    var output = ""
    var session = Session { output += $0 }
    #expect(session.execute(SourceText(name: "setup", text: script)) == .success, "\(output)")
    output = ""
    #expect(session.execute(SourceText(name: "why", text: command)) == .success)
    return output
  }

  @Test func aStrangerIsOnANodeThatKnowsNothing() {
    let script = """
      node add a b c d
      spawn p1 --on a --program idle
      spawn friend --on c --program idle
      migrate p1 b
      send friend p1 "hello"
      run 100ms
      """
    let answer = Self.answer("why p1", after: script)
    // The stranger is on c, the first node that is neither down nor the process's own. The reply has told c's kernel
    // where the process is.
    #expect(answer.contains("if a failed  it would go on, but could not be reached by a stranger\n"), "\(answer)")
    #expect(answer.contains("if c failed  it would go on, and be reached\n"), "\(answer)")
  }

  @Test func trafficDoesNotHideWhatWasReached() {
    let script = """
      set message-history 0
      node add a b c
      spawn p1 --on a --program echo
      program asker { repeat { send p1 "?"  receive  compute 10ms } }
      spawn busy --on a --program asker
      run 10ms
      """
    let answer = Self.answer("why p1", after: script)
    #expect(answer.contains("if b failed  it would go on, and be reached\n"), "\(answer)")
  }
}
