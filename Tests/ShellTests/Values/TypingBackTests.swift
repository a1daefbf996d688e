import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator
import Testing

@testable import Shell

/// What is shown can be typed.
@Suite struct TypingBackTests {
  private func value(_ text: String) throws -> Value {
    var session = Session { _ in }
    let status = session.execute(SourceText(name: "typed", text: "node add a; spawn p; let x = \(text)"))
    #expect(status == .success, "\(text)")
    return try #require(session.state.variables["x"], "\(text)")
  }

  private func amounts(_ seed: UInt64) -> [UInt64] {
    var generator = Generator(seed: seed)
    return (0..<200).map { _ in generator.next() >> (generator.next(below: 62) + 1) } + [0, 1, 999, 1000, 1023, 1024]
  }

  /// A quantity reads as what it was, or shows the same again.
  @Test func quantities() throws {
    let world = World()
    for (dimension, format) in [
      (Dimension.time, { formatTime($0) }), (.size, { formatSize($0) }), (.rate, { formatRate($0) }),
    ] as [(Dimension, (UInt64) -> String)] {
      for amount in amounts(3) {
        let shown = try value(format(amount))
        #expect(shown.text(in: world) == format(amount))
        #expect(try value(format(amount).replacing(" ", with: "")) == shown)
        let exact = Value.quantity(Int64(amount), dimension)
        #expect(try value(#require(exact.expression(in: world))) == exact)
      }
    }
  }

  @Test func everythingElse() throws {
    var session = Session { _ in }
    _ = session.execute(SourceText(name: "scene", text: "node add a; spawn p"))
    let world = session.state.world
    let node = try #require(world.node(named: "a"))
    let process = try #require(world.processes[name: "p"]?.id)
    let values: [Value] = [
      .none, .boolean(true), .integer(.min), .integer(-3), .integer(.max), .decimal(0.1), .decimal(-1e-9),
      .decimal(1.5e22), .decimal(1), .share(0.2), .share(1.0 / 3), .share(0), .text("a \"b\" \\ $x $(now)\n\tc"),
      .text(""), .word("running"), .node(node), .process(process), .quantity(-5_000_001, .time),
      .list([.integer(1), .list([.text("x, y"), .none]), .share(0.07)]),
    ]
    for value in values {
      let text = try #require(value.expression(in: world))
      #expect(try self.value(text) == value, "\(text)")
    }
    #expect(Value.node(NodeID(7)).expression(in: world) == nil)
  }

  /// What `set` shows of a setting can be given to it.
  @Test func settings() {
    var session = Session { _ in }
    for setting in Setting.all {
      let shown = setting.show(session)
      let status = session.execute(SourceText(name: "set", text: "set \(setting.name) \(shown)"))
      #expect(status == .success, "set \(setting.name) \(shown)")
      #expect(setting.show(session) == shown)
    }
  }

  @Test func programs() {
    var session = Session { _ in }
    let names = session.state.programs.names
    for name in names {
      let source = session.state.programs[name]?.program.source ?? ""
      let text = source.replacing("program \(name)", with: "program my-\(name)", maxReplacements: 1)
      #expect(session.execute(SourceText(name: "program", text: text)) == .success, "\(text)")
    }
  }

  /// Values that differ are shown with as many digits as that takes.
  @Test(arguments: [
    ("3ms <= 2ms", []), ("$x <= 24.03ms", ["$x is 24.031 ms"]),
    ("$x == $y", ["$x is 24.031 ms", "$y is 24.032 ms"]),
    ("$x > 1s", ["$x is 24.03 ms"]), ("$n == 100000", ["$n is 100001"]), ("$s < 33.33%", ["$s is 33.333%"]),
  ]) func failedComparisons(_ condition: String, _ findings: [String]) throws {
    var session = Session { _ in }
    let script = "let x = 24031200ns; let y = 24031500ns; let n = 100000.5; let s = 33.333%"
    #expect(session.execute(SourceText(name: "set", text: script)) == .success)
    var output = ""
    session.write = { output += $0 }
    #expect(session.execute(SourceText(name: "expect", text: "expect \(condition)")) == .failed)
    let found = output.split(separator: "\n").last.map(String.init) ?? ""
    #expect(found.hasSuffix(findings.isEmpty ? condition : "found: \(findings.joined(separator: ", "))"), "\(output)")
  }
}
