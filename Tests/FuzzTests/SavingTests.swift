import CommandLanguage
import Foundation
import MigrationKernel
import Simulator
import Testing

@testable import Shell
@testable import migsh_fuzz

/// Whatever is done in a session, what `save` writes leads to the same state.
@Suite struct SavingTests {
  private static let vocabulary = Vocabulary()

  /// What is typed at once. `#` stands for any command.
  private static let entries = [
    "#", "#", "#", "undo", "undo 2", "redo", "checkpoint c", "restore c", "let x = 3", "let x = $x + 1", "run 5ms",
    "migrate p b", "migrate p a --async", "spawn q --on b --program echo", "send p q \"x\"", "#; run 2ms; #",
    "for x in 1 2 { run 3ms; # }", "repeat 2 { #; run 1ms; # }", "if true { #; fail zz }",
    "if p.node == a { # } else { # }",
    "define f n { #; run 1ms; # }", "f 3", "repeat 2 { f $x }", "expect 1 == 2",
    "for x in 1 2 { run 1ms; #; expect $x == 1 }",
    "expect error { # }", "source two.migsh", "repeat 2 { source two.migsh; # }", "repeat 2 { run 1ms; undo; # }",
    "for x in 1 2 { checkpoint d; run 4ms; #; restore d }", "define g { source two.migsh; restore c }", "g",
    "reset; node add a b; spawn p", "set quantum 5ms", "set forwarding origin", "run until now >= 50ms",
    "run until p.cpu >= 3ms", "step", "wait q", "program p1 { repeat 3 { write 0..3 compute 1ms } }",
    "spawn r --program p1",
    "fail b", "recover b", "quit", "step back", "step back 7", "repeat 2 { #; run 1ms; step back 2 }", "redo 2",
    "step 3; step back 2", "break on migration", "break when p.node == $(b)", "break when now >= 20ms",
    "break when p.received > $x", "break delete 1", "watch p.cpu",
  ]

  @Test(arguments: 0..<40) func whatIsSavedLeadsToTheSameState(_ seed: UInt64) throws {
    let folder = NSTemporaryDirectory() + "migsh-saving-\(getpid())-\(seed)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try "let x = 4\nrun 1ms\nspawn r\nif true { run 1ms }\n".write(
      toFile: folder + "/two.migsh", atomically: true, encoding: .utf8)
    var generator = Generator(seed: seed)
    var options = Session.Options()
    options.files = .readBelow(folder)
    options.isInteractive = seed % 2 == 0
    options.limits = Subject.limits
    options.limits.events = .max
    options.limits.commands = 100_000
    var session = Session(seed: seed, options: options) { _ in }
    session.keepDigest()
    var polls = 0
    var typed = ["node add a b", "spawn p"]
    for _ in 0..<30 {
      let entry = generator.pick(Self.entries).split(separator: "#", omittingEmptySubsequences: false).map(String.init)
      typed.append(entry.dropFirst().reduce(entry[0]) { $0 + Self.vocabulary.command(&generator) + $1 })
    }
    for entry in typed {
      // Now and then Ctrl-C.
      let limit = generator.below(10) == 0 ? generator.below(40) : Int.max
      polls = 0
      session.isInterrupted = {
        polls += 1
        return polls > limit
      }
      _ = session.execute(SourceText(name: "typed", text: entry))
      session.hasQuit = false
    }
    var other = Session(options: options) { _ in }
    var output = ""
    other.write = { output += $0 }
    other.options.isInteractive = false
    other.keepDigest()
    let saved = session.savedLines.joined(separator: "\n")
    let status = other.execute(SourceText(name: "saved", text: saved))
    let story = "\(typed.joined(separator: "\n"))\n--\n\(saved)\n--\n\(output.suffix(600))"
    #expect(status == .success, "\(story)")
    #expect(other.state.world.digest == session.state.world.digest, "\(story)")
    #expect(other.state.world.now == session.state.world.now, "\(story)")
  }
}
