import CommandLanguage
import Foundation
import Shell
import Simulator

/// Scripts, and what is typed at the prompt.
extension Subject {
  /// Of one input: enough for what a mutation may do, and over in a moment.
  static var limits: Session.Limits {
    var limits = Session.Limits()
    limits.commands = 200
    limits.nodes = 50
    limits.processes = 60
    limits.pages = 3000
    limits.events = 2_000
    limits.patience = 2_000_000_000
    return limits
  }

  static let outputBytes = 1 << 20
  static let wallTime = Duration.seconds(2)

  func feedCommands(_ input: [UInt8]) -> Outcome {
    var outcome = Outcome()
    let source: SourceText
    do { source = try SourceText(name: "fuzz", bytes: input) } catch {
      outcome.features.insert(Feature.hash(message: error.message))
      return outcome
    }
    // How an input is tried follows from it alone.
    let manner = Feature.hash(input)
    guard manner >> 40 & 1 == 0 else {
      check(source, &outcome)
      return outcome
    }
    let first = play(source, manner, &outcome)
    if outcome.finding == nil, manner >> 8 & 7 == 0, !first.isCut {
      var other = Outcome()
      let second = play(source, manner, &other)
      if !second.isCut, second.text != first.text || second.digest != first.digest {
        outcome.finding = "the same input did not give the same output"
      }
    }
    return outcome
  }

  /// What `check`, the prompt and Tab do with a text, without executing it.
  private func check(_ source: SourceText, _ outcome: inout Outcome) {
    let session = Session { _ in }
    do throws(Diagnostic) {
      let statements = try session.parse(source)
      outcome.features.insert(UInt64(200 + min(20, statements.count)))
    } catch {
      outcome.features.insert(Feature.hash(message: error.message))
      outcome.finding = Self.flaw(in: error.rendered(), isJSON: false)
    }
    _ = Parser.isIncomplete(source.text)
    for line in source.text.split(separator: "\n").prefix(20) {
      _ = session.complete(String(line), at: line.utf8.count / 2)
      _ = session.complete(String(line), at: line.utf8.count)
    }
  }

  private struct Played {
    var text = ""
    var digest: UInt64 = 0
    /// It was stopped by the clock of the machine, and may be stopped elsewhere next time.
    var isCut = false
  }

  private func play(_ source: SourceText, _ manner: UInt64, _ outcome: inout Outcome) -> Played {
    var played = Played()
    var options = Session.Options()
    options.files = .none
    options.limits = Self.limits
    options.keepsGoing = manner >> 12 & 3 > 0
    options.isInteractive = manner >> 14 & 1 == 0
    options.echoes = manner >> 15 & 7 == 0
    if manner >> 18 & 3 == 0 { options.format = .json }
    options.undoDepth = 20
    var session = Session(seed: manner & 3, options: options) { played.text += $0 }
    let deadline = ContinuousClock.now + Self.wallTime
    session.isInterrupted = {
      if played.text.utf8.count > Self.outputBytes { return true }
      guard ContinuousClock.now > deadline else { return false }
      played.isCut = true
      return true
    }
    if manner >> 20 & 7 == 0 { session.checkInvariants() }
    let pieces = manner >> 23 & 3 == 0 ? [source] : Self.pieces(of: source)
    for piece in pieces {
      let status = session.execute(piece)
      note(status, session.failure, &outcome)
      if manner >> 25 & 7 == 0, status == .success, !isThereAndBack(&session) {
        outcome.finding = "to undo and redo `\(piece.text)` changes something"
      }
      if status == .limit || status == .interrupted || session.hasQuit { break }
    }
    note(session, &outcome)
    played.digest = session.state.world.digest
    // The format is one of the settings.
    let isJSON = options.format == .json && !source.text.contains("format")
    if !played.isCut { outcome.finding = outcome.finding ?? Self.flaw(in: played.text, isJSON: isJSON) }
    return played
  }

  /// Whether undoing and doing again what was done last, where that is possible, leaves everything as it was.
  private func isThereAndBack(_ session: inout Session) -> Bool {
    let before = session.state.world
    guard session.execute(SourceText(name: "undo", text: "undo")) == .success else { return true }
    let status = session.execute(SourceText(name: "redo", text: "redo"))
    // There may have been no command left.
    guard status == .success else { return status == .limit || status == .interrupted }
    let after = session.state.world
    return after.now == before.now && after.log.total == before.log.total && after.eventCount == before.eventCount
      && after.nodes.count == before.nodes.count && after.digest == before.digest
  }

  /// As they would be typed: line by line, but for lines that are incomplete.
  private static func pieces(of source: SourceText) -> [SourceText] {
    var pieces: [SourceText] = []
    var text = ""
    for line in source.text.split(separator: "\n") {
      text += text.isEmpty ? String(line) : "\n" + line
      if text.utf8.count < 4_096, Parser.isIncomplete(text) { continue }
      pieces.append(SourceText(name: "fuzz", text: text))
      text = ""
    }
    if !text.isEmpty { pieces.append(SourceText(name: "fuzz", text: text)) }
    return pieces
  }

  // MARK: - What was reached

  /// Takes down how a script ended.
  func note(_ status: ScriptStatus, _ failure: ScriptFailure?, _ outcome: inout Outcome) {
    outcome.features.insert(UInt64(status.rawValue))
    guard let failure else { return }
    outcome.features.insert(Feature.hash(message: failure.kind + failure.diagnostic.message))
    if failure.status == .fault { outcome.finding = failure.diagnostic.rendered(kind: failure.kind) }
  }

  /// Takes down what has happened in a world.
  func note(_ session: borrowing Session, _ outcome: inout Outcome) {
    let world = session.state.world
    for (number, kind) in EventKind.allCases.enumerated() {
      let count = world.log.count(of: kind)
      if count > 0 { outcome.features.insert(UInt64(1000 + number * 64 + count.bitWidth - count.leadingZeroBitCount)) }
    }
    for record in world.migrations.all.suffix(20) {
      outcome.features.insert(Feature.hash(message: "\(record.status) \(record.mechanism)"))
    }
  }

  /// What is wrong with what was printed: a sign that a terminal obeys, or a line that is no JSON.
  static func flaw(in text: String, isJSON: Bool) -> String? {
    var previous: UInt8 = 0
    for byte in text.utf8 {
      let isControl =
        byte < 0x20
        ? byte != UInt8(ascii: "\n") && byte != UInt8(ascii: "\t")
        : byte == 0x7F || previous == 0xC2 && (0x80...0x9F).contains(byte)
      if isControl { return "the output holds the control character \(byte)" }
      previous = byte
    }
    guard isJSON else { return nil }
    for line in text.split(separator: "\n") {
      let value = try? JSONSerialization.jsonObject(with: Data(line.utf8))
      guard value is [String: Any] else { return "this is no JSON: \(line.prefix(200))" }
    }
    return nil
  }
}
