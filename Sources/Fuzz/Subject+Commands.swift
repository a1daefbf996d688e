import Chronicle
import CommandLanguage
import Foundation
import Shell
import Simulator

/// Scripts, and what is typed at the prompt.
extension Subject {
  /// A session after the first lines of a script, from which any number of endings can be tried.
  struct Start {
    let text: [UInt8]
    fileprivate let session: Session
    fileprivate let printed: String
  }

  /// How a script is tried. This follows from the script alone: from its first line when that is a comment, so that all
  /// scripts with the same first lines are tried alike, and otherwise from the whole script.
  private struct Manner {
    private let bits: UInt64

    init(of input: [UInt8]) {
      let hasComment = input.first == UInt8(ascii: "#")
      bits = hasComment ? Feature.hash(input.prefix { $0 != UInt8(ascii: "\n") }) : Feature.hash(input)
    }

    private func chance(_ place: UInt64, of one: UInt64) -> Bool { bits >> place & (one - 1) == 0 }

    var seed: UInt64 { bits & 3 }
    /// Whether it is executed as a file. Otherwise it is executed line by line, as if typed.
    var isWhole: Bool { chance(4, of: 8) }
    /// Whether every command that works is undone and done again.
    var undoes: Bool { chance(8, of: 8) }
    var checksInvariants: Bool { chance(12, of: 8) }
    /// Whether more may happen.
    var isWide: Bool { chance(16, of: 32) }

    var options: Session.Options {
      var options = Session.Options()
      options.files = .none
      options.limits = isWide ? Subject.wideLimits : Subject.limits
      options.keepsGoing = !chance(24, of: 4)
      options.isInteractive = chance(28, of: 2)
      options.echoes = chance(32, of: 8)
      if chance(36, of: 4) { options.format = .json }
      options.undoDepth = 20
      return options
    }
  }

  /// The limits of most inputs: enough for what a mutation may do, and over in a moment. The events are those of one
  /// command.
  static var limits: Session.Limits {
    var limits = Session.Limits()
    limits.commands = 200
    limits.nodes = 40
    limits.processes = 40
    limits.pages = 3000
    limits.events = 500
    limits.patience = 1_000_000_000
    limits.time = 3_600_000_000_000
    return limits
  }

  /// The limits of a few inputs.
  static var wideLimits: Session.Limits {
    var limits = limits
    limits.events = 20_000
    limits.patience = 60_000_000_000
    limits.time = Session.Limits().time
    return limits
  }

  static let outputBytes = 1 << 20
  static let wallTime = Duration.seconds(2)
  /// A script stops when it has used as many events as this number of commands may.
  private static let mostCommands: UInt64 = 20

  func feedCommands(_ input: [UInt8], from start: Start?) -> Outcome {
    var outcome = Outcome()
    guard let source = text(input, &outcome) else { return outcome }
    let manner = Manner(of: input)
    let first = play(input, source, manner, from: manner.isWhole ? nil : start, &outcome)
    if outcome.finding == nil, !first.isCut, Feature.hash(input) & 63 == 0 {
      // From its beginning, where the first was a copy of a session.
      var other = Outcome()
      let second = play(input, source, manner, from: nil, &other)
      if !second.isCut, second.text != first.text || second.digest != first.digest {
        outcome.finding = "the same input did not give the same output"
      }
    }
    return outcome
  }

  private struct Played {
    var text = ""
    var digest: UInt64 = 0
    /// The machine's clock stopped it, so it may stop elsewhere next time.
    var isCut = false
  }

  private func play(
    _ input: [UInt8], _ source: SourceText, _ manner: Manner, from start: Start?, _ outcome: inout Outcome
  ) -> Played {
    var played = Played(text: start?.printed ?? "")
    let printedBefore = played.text.utf8.count
    let options = manner.options
    var session = start?.session ?? Session(seed: manner.seed, options: options) { _ in }
    if start == nil, manner.checksInvariants { session.checkInvariants() }
    session.write = { played.text += $0 }
    let deadline = ContinuousClock.now + Self.wallTime
    session.isInterrupted = {
      if played.text.utf8.count > Self.outputBytes { return true }
      guard ContinuousClock.now > deadline else { return false }
      played.isCut = true
      return true
    }
    let mostEvents = options.limits.events * Self.mostCommands
    var isOver = false
    let pieces = manner.isWhole ? [source] : pieces(of: input.dropFirst(start?.text.count ?? 0))
    for piece in pieces {
      session.options.limits.events = session.usage.events + options.limits.events
      let status = session.execute(piece)
      note(status, session.failure, &outcome)
      if manner.undoes, status == .success, !isThereAndBack(&session) {
        outcome.finding = "to undo and redo `\(piece.text)` changes something"
      }
      isOver =
        status == .limit || status == .interrupted || session.hasQuit
        || session.state.world.eventCount > mostEvents
      if isOver { break }
    }
    note(session, &outcome)
    played.digest = session.state.world.digest
    // The format is one of the settings.
    let isJSON = options.format == .json && !source.text.contains("format")
    if !played.isCut {
      let printed = played.text.utf8.dropFirst(printedBefore)
      outcome.finding = outcome.finding ?? Self.flaw(in: Array(printed), isJSON: isJSON)
    }
    let isWithinStatement = pieces.last.map { Parser.isIncomplete($0.text) } ?? false
    if !isOver, !manner.isWhole, !isWithinStatement, input.last == newline {
      outcome.end = Start(text: input, session: session, printed: played.text)
    }
    return played
  }

  /// Whether undoing and doing again what was done last, where that is possible, leaves everything as it was.
  private func isThereAndBack(_ session: inout Session) -> Bool {
    guard !session.isAmidCommand else { return true }
    let before = session.state.world
    guard session.execute(SourceText(name: "undo", text: "undo")) == .success else { return true }
    let status = session.execute(SourceText(name: "redo", text: "redo"))
    // There may be no command left to undo.
    guard status == .success else { return status == .limit || status == .interrupted }
    let after = session.state.world
    return after.now == before.now && after.log.total == before.log.total && after.eventCount == before.eventCount
      && after.nodes.count == before.nodes.count && after.digest == before.digest
  }

  /// The input as a person would type it: line by line, but an incomplete line together with those that complete it.
  private func pieces(of input: ArraySlice<UInt8>) -> [SourceText] {
    var pieces: [SourceText] = []
    var text = ""
    for line in input.split(separator: newline) {
      text += text.isEmpty ? "" : "\n"
      text += String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
      if text.utf8.count < 4_096, Parser.isIncomplete(text) { continue }
      pieces.append(SourceText(name: "fuzz", text: text))
      text = ""
    }
    if !text.isEmpty { pieces.append(SourceText(name: "fuzz", text: text)) }
    return pieces
  }

  // MARK: - What was reached

  /// Notes how a script ended.
  func note(_ status: ScriptStatus, _ failure: ScriptFailure?, _ outcome: inout Outcome) {
    outcome.reach(UInt64(status.rawValue))
    guard let failure else { return }
    // The author of an expectation wrote the words that say why it failed.
    let message = failure.status == .failed ? "" : failure.diagnostic.message
    outcome.reach(Feature.hash(message: failure.kind + message))
    if failure.status == .fault { outcome.finding = failure.diagnostic.rendered(kind: failure.kind) }
  }

  /// Notes what has happened in a world.
  func note(_ session: borrowing Session, _ outcome: inout Outcome) {
    let world = session.state.world
    for (number, kind) in EventKind.allCases.enumerated() {
      let count = world.log.count(of: kind)
      if count > 0 { outcome.reach(UInt64(1000 + number * 64 + count.bitWidth - count.leadingZeroBitCount)) }
    }
    for record in world.migrations.all.suffix(20) {
      outcome.reach(Feature.hash(message: "\(record.status) \(record.mechanism)"))
    }
  }

  /// What is wrong with what was printed: a sign that a terminal obeys, or a line that is no JSON.
  static func flaw(in text: String, isJSON: Bool) -> String? { flaw(in: Array(text.utf8), isJSON: isJSON) }

  static func flaw(in text: [UInt8], isJSON: Bool) -> String? {
    if let byte = firstControl(in: text) { return "the output holds the control character \(byte)" }
    guard isJSON else { return nil }
    for line in text.split(separator: newline) {
      let value = try? JSONSerialization.jsonObject(with: Data(line))
      guard value is [String: Any] else {
        return "this is no JSON: \(String(decoding: line.prefix(200), as: UTF8.self))"
      }
    }
    return nil
  }

  private static func firstControl(in text: [UInt8]) -> UInt8? {
    var previous: UInt8 = 0
    for byte in text {
      let isControl =
        byte < 0x20
        ? byte != UInt8(ascii: "\n") && byte != UInt8(ascii: "\t")
        : byte == 0x7F || previous == 0xC2 && (0x80...0x9F).contains(byte)
      if isControl { return byte }
      previous = byte
    }
    return nil
  }
}

private let newline = UInt8(ascii: "\n")
