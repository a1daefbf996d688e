import CommandLanguage
import Shell

/// Expressions, in a world in which much has happened.
extension Subject {
  /// A scene with a value of every kind, in which every field has a value.
  static func prepareScene() throws -> Session {
    let script = """
      network set --latency 2ms --bandwidth 50Mbps
      node add a b c d
      spawn p --on a --pages 64 --program hot
      spawn q --on b --program echo
      spawn r --on a --program pinger --set peer=q
      spawn w --on c --program zipf
      spawn done --on c --program worker
      spawn gone --on d --parent p
      spawn n --on a --hold
      spawn m --on b --program idle --forwarding origin
      run 300ms
      migrate p b --pretransfer
      migrate q c
      migrate n b
      migrate m a --on-reference
      migrate w a --hybrid
      send m q "text" --size 2KiB
      send r m "text"
      run 2s
      fail d
      migrate p c --async
      kill r
      let x = 3
      let t = 12ms
      let s = "text é"
      let l = [1, 2ms, "three", true, none]
      let f = 0.25
      """
    var options = Session.Options()
    options.files = .none
    options.keepsGoing = false
    options.limits = limits
    options.limits.events = .max
    var session = Session(options: options) { _ in }
    guard session.execute(SourceText(name: "scene", text: script)) == .success else {
      throw session.failure ?? BadScene()
    }
    return session
  }

  /// The scene could not be prepared.
  struct BadScene: Error {}

  /// Every field of the things in a scene, as Tab lists them.
  static func everyField(in scene: borrowing Session) -> [UInt8] {
    let things = ["p", "q", "n", "p.migration", "n.migration", "m.migration", "a", "d", "message", "jobs", "cluster"]
    let lines = things.flatMap { thing in
      let line = "print \(thing)."
      return scene.complete(line, at: line.utf8.count).candidates.map(\.text)
    }
    return Array(lines.joined(separator: "\n").utf8)
  }

  func feedValues(_ input: [UInt8]) -> Outcome {
    var outcome = Outcome()
    guard let source = text(input, &outcome) else { return outcome }
    let isJSON = Feature.hash(input) & 3 == 0
    var printed = ""
    var session = scene
    session.write = { printed += $0 }
    if isJSON { session.options.format = .json }
    for bytes in input.split(separator: UInt8(ascii: "\n")).prefix(12) {
      let line = String(decoding: bytes, as: UTF8.self)
      let before = printed.utf8.count
      let status = session.execute(Self.command(line))
      note(status, session.failure, &outcome)
      guard status == .success, !isJSON else { continue }
      if let statements = try? session.parse(Self.command(line)) {
        var shape = Shape()
        shape.add(statements)
        outcome.features += shape.features
      }
      let value = String(printed.utf8.dropFirst(before)) ?? ""
      if let finding = flaw(inValueOf: line, value, &session) { outcome.finding = finding }
    }
    outcome.finding = outcome.finding ?? Self.flaw(in: printed, isJSON: isJSON && !source.text.contains("format"))
    return outcome
  }

  /// An expression in parentheses has the same value, unless it is as deep as one can be.
  private func flaw(inValueOf line: String, _ value: String, _ session: inout Session) -> String? {
    guard !Self.isStatement(line), !line.contains(where: { "#;\\\r".contains($0) }) else { return nil }
    var inParentheses = ""
    let write = session.write
    session.write = { inParentheses += $0 }
    defer { session.write = write }
    _ = session.execute(SourceText(name: "fuzz", text: "print (\(line))"))
    return inParentheses == value || inParentheses.contains("nests deeper than")
      ? nil : "(\(line)) is \(inParentheses) and without parentheses \(value)"
  }

  private static func command(_ line: String) -> SourceText {
    SourceText(name: "fuzz", text: isStatement(line) ? line : "print \(line)")
  }

  private static func isStatement(_ line: String) -> Bool {
    ["let ", "expect ", "say "].contains { line.hasPrefix($0) }
  }
}
