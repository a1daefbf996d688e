import CommandLanguage
import TestSupport
import Testing

@testable import Shell

@Suite struct CompletionTests {
  private func recorder() -> Recorder {
    let recorder = Recorder()
    recorder.execute("node add a b\nspawn p\nspawn q\nlet home = 3\nlet list = [a, b]\nlet n = a\ncheckpoint here")
    return recorder
  }

  private func texts(_ line: String) -> [String] {
    recorder().session.complete(line, at: line.utf8.count).candidates.map(\.text)
  }

  private func summary(_ text: String, after line: String) -> String? {
    recorder().session.complete(line, at: line.utf8.count).candidates.first { $0.text == text }?.summary
  }

  @Test(arguments: [
    ("mig", ["migrate", "migration"]), ("migration ", ["list", "show"]), ("node add x; fa", ["fail"]),
    ("migrate ", ["cancel", "p", "q"]), ("migrate p ", ["a", "b"]), ("migrate p b --as", ["--async"]),
    ("spawn z --program e", ["echo"]), ("spawn z --on ", ["a", "b"]), ("spawn z --on=", ["a", "b"]),
    ("print p.mig", ["p.migration", "p.migrations"]), ("print p.migration.fr", ["p.migration.freezeTime"]),
    ("print a.fr", ["a.freeMemory"]), ("print p.node.freeM", ["p.node.freeMemory"]),
    ("print $n.freeM", ["$n.freeMemory"]),
    ("set forwarding or", ["origin"]), ("set communication ", ["direct", "home"]), ("set format j", ["json"]),
    ("for x in clus", ["cluster.nodes", "cluster.processes"]), ("for x ", ["in"]), ("let home ", ["="]),
    ("for x in a $l", ["$list"]), ("help fie", ["fields"]), ("help node ", ["add", "list", "remove", "set", "show"]),
    ("restore ", ["here"]), ("nothing-like-that ", []), ("# mig", []), ("say \"mig", []), ("say \"a\"", []),
    ("partition a", ["a"]), ("partition a,", ["a", "b"]), ("if p.node == a { migra", ["migrate", "migration"]),
    ("if true { now } e", ["else"]), ("if true { now } else ", ["if"]), ("say \"a;b\"; fai", ["fail"]),
  ]) func tabOffers(_ line: String, _ candidates: [String]) {
    #expect(texts(line) == candidates)
  }

  @Test(arguments: [
    ("print ho", []), ("print $h", ["$home"]), ("say \"$ho", ["$home"]), ("say '$ho", []),
    ("say \"$", ["$(", "$home", "$list", "$n"]),
    ("say \"$(no", ["none", "not", "now"]), ("say \"$(p.mig", ["p.migration", "p.migrations"]),
    ("run $(no", ["none", "not", "now"]),
    ("print 1 + cou", ["count("]), ("print count(cluster.nod", ["cluster.nodes"]), ("print p.node=", []),
    ("print p.node ==", ["a", "b", "none"]), ("print p.node == ", ["a", "b", "none"]),
    ("print p.state == ru", ["running"]),
    ("print p.migration.status != comp", ["completed"]), ("if p.node == a a", ["and"]),
    ("expect not n", ["none", "not", "now"]),
    ("print p.age an", ["and"]), ("print (p.age) o", ["or"]), ("print [a, b", ["b"]),
    ("run until p.mig", ["p.migration", "p.migrations"]),
  ]) func tabCompletesExpressions(_ line: String, _ candidates: [String]) {
    #expect(texts(line) == candidates)
  }

  @Test(arguments: [
    ("program x { com", ["compute"]), ("program x {\n  repeat {\n    wri", ["write", "write-file"]),
    ("program x { write ", ["next", "random"]), ("program x { send ", ["p", "q"]), ("program li", ["list"]),
    ("program x { receive a", ["as"]), ("program x { write 0; se", ["send"]),
  ]) func tabCompletesSteps(_ line: String, _ candidates: [String]) {
    #expect(texts(line) == candidates)
  }

  @Test func flagsAreOfferedOnce() {
    let all = texts("migrate p b --")
    #expect(all.contains("--flush") && all.contains("--async") && all.contains("--push"))
    // One use has one mechanism.
    let others = texts("migrate p b --flush --")
    #expect(!others.contains("--flush") && !others.contains("--pretransfer") && others.contains("--async"))
    // Where only flags may come, they are offered without a dash.
    #expect(texts("migrate p b ").contains("--flush"))
    #expect(texts("spawn z --set x=1 --se") == ["--set"])
  }

  @Test(arguments: [
    ("mig", "migrate", "move a process to another node"), ("no", "node", "add, set, list, show, remove"),
    ("migrate p b --as", "--async", "do not wait: time stands still until the next command that lets it pass"),
    ("migrate ", "p", "process, running on a"), ("migrate p ", "b", "node, up"),
    ("spawn z --program ", "hot", "dirties pages 0-15 again and again"), ("restore ", "here", "at 0 ns"),
    ("print p.", "p.pages", "the size of its address space in pages"), ("print $h", "$home", "3"),
    ("set ", "page", "bytes in a page"), ("program x { ", "sleep", "wait"), ("print p.age ", "and", "both hold"),
  ]) func candidatesHaveSummaries(_ line: String, _ text: String, _ wanted: String) {
    #expect(summary(text, after: line) == wanted)
  }

  @Test func policiesHaveSummaries() throws {
    #expect(try #require(summary("random", after: "policy placement ")).isEmpty == false)
  }

  @Test func messagesAndMigrationsAreOfferedByNumber() {
    let recorder = recorder()
    recorder.execute("send p q \"hello\"; send q p \"there\"; run 100ms; migrate p b; migrate p a")
    func offers(_ line: String) -> [String] {
      recorder.session.complete(line, at: line.utf8.count).candidates.map { "\($0.text): \($0.summary)" }
    }
    #expect(offers("message show ") == ["2: q to p, delivered: there", "1: p to q, delivered: hello"])
    #expect(offers("migration show ") == ["2: p from b to a, completed", "1: p from a to b, completed"])
    #expect(offers("messages --message 1") == ["1: p to q, delivered: hello"])
  }

  @Test func filesAreOffered() throws {
    let directory = TemporaryDirectory()
    for name in ["one.migsh", "two words.migsh", ".hidden", "other.csv"] { directory.write([10, 10], to: name) }
    func offers(_ line: String, _ files: Session.FileAccess = .all) -> [String] {
      let recorder = recorder()
      recorder.session.options.files = files
      let line = line.replacing("DIR", with: directory.path)
      return recorder.session.complete(line, at: line.utf8.count).candidates.map {
        $0.text.replacing(directory.path, with: "DIR") + ": " + $0.summary
      }
    }
    #expect(offers("source DIR/o") == ["DIR/one.migsh: 2 B", "DIR/other.csv: 2 B"])
    #expect(offers("source \"DIR/t") == ["DIR/two words.migsh\": 2 B"])
    #expect(offers("source 'DIR/t") == ["DIR/two words.migsh': 2 B"])
    #expect(offers("source DIR/t") == [])
    #expect(offers("source DIR/.h") == ["DIR/.hidden: 2 B"])
    #expect(offers("save DIR/one.m") == ["DIR/one.migsh: 2 B"])
    #expect(offers("workload trace w DIR/ot") == ["DIR/other.csv: 2 B"])
    #expect(offers("source DIR/o", .none) == [])
    #expect(offers("source o", .readBelow(directory.path)) == ["one.migsh: 2 B", "other.csv: 2 B"])
    #expect(offers("source ../", .readBelow(directory.path)) == [])
    #expect(offers("source DIR/o", .readBelow("/nonexistent")) == [])
  }

  @Test func everyCandidateBeginsWithWhatWasTyped() {
    let session = recorder().session
    for line in [
      "migrate p b --pre", "print p.migration.fr", "say \"$(now) $ho", "set forwarding o", "if a.up { x } e",
    ] {
      for cursor in 0...line.utf8.count {
        let found = session.complete(line, at: cursor)
        let typed = line.utf8.prefix(cursor).dropFirst(found.start)
        #expect((0...cursor).contains(found.start))
        #expect(found.candidates.allSatisfy { $0.text.utf8.starts(with: typed) })
        #expect(Set(found.candidates.map(\.text)).count == found.candidates.count)
      }
    }
  }
}
