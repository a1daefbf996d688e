import CommandLanguage
import MigrationKernel
import Shell

/// A script whose parts are replaced, to make another one from it.
struct ScriptEdits {
  private let script: Lesson.Script
  private var edits: [(span: SourceSpan, text: String)] = []

  init(_ script: Lesson.Script) { self.script = script }

  var isEmpty: Bool { edits.isEmpty }

  mutating func replace(_ span: SourceSpan, with text: String) { edits.append((span, text)) }

  /// The script with all replacements.
  var text: String {
    let bytes = script.source.utf8
    var result: [UInt8] = []
    var position = 0
    for (span, text) in edits.sorted(by: { $0.span.start < $1.span.start }) where span.start >= position {
      result += bytes[position..<span.start]
      result += Array(text.utf8)
      position = span.end
    }
    return String(decoding: result + bytes[position...], as: UTF8.self)
  }
}

extension Lesson.Script {
  private static let transferFlags = TransferMechanism.allCases.map(\.rawValue).filter { $0 != "non-preemptive" }

  /// The script with another transfer mechanism in place of each that is named, with and without the options that go with
  /// it.
  var otherTransfers: [String] {
    var texts: [String] = []
    for mechanism in Self.transferFlags {
      for keepsOptions in [true, false] {
        var edits = ScriptEdits(self)
        var isOther = false
        for call in calls where call.spec.name == "migrate" {
          let named = call.flags.filter { Self.transferFlags.contains($0.flag.name) }
          guard let use = named.first else { continue }
          isOther = isOther || use.flag.name != mechanism
          edits.replace(use.span, with: "--\(mechanism)")
          let general = ["async", "with-coprocesses"]
          for other in call.flags
          where !keepsOptions && !Self.transferFlags.contains(other.flag.name) && !general.contains(other.flag.name) {
            edits.replace(other.span, with: "")
          }
        }
        if isOther, !texts.contains(edits.text) { texts.append(edits.text) }
      }
    }
    return texts
  }

  /// The script with another forwarding mechanism in place of each that is named.
  var otherForwardings: [String] {
    var texts: [String] = []
    for mechanism in ForwardingMechanism.allCases.map(\.name) {
      var edits = ScriptEdits(self)
      for call in calls {
        for use in call.flags where use.flag.name == "forwarding" {
          edits.replace(use.span, with: "--forwarding \(mechanism)")
        }
        if isForwardingSetting(call) { edits.replace(call.span, with: "set forwarding \(mechanism)") }
      }
      if !edits.isEmpty, edits.text != source.text { texts.append(edits.text) }
    }
    return texts
  }

  private func isForwardingSetting(_ call: CommandCall) -> Bool {
    call.spec.name == "set" && source.text(call.span).split(separator: " ").dropFirst().first == "forwarding"
  }

  /// The script without any option of a migration, and without its own changes of lines and machines.
  var withoutIdea: String {
    let fixable = FixedParts.Part.allCases.flatMap(\.commands)
    var edits = ScriptEdits(self)
    for call in calls {
      if call.spec.name == "migrate" {
        for use in call.flags { edits.replace(use.span, with: "") }
      } else if fixable.contains(call.spec.name), call.spec.name != "node add" {
        edits.replace(call.span, with: "now")
      }
    }
    return edits.text
  }

  /// The script with sender and receiver of every message exchanged; nil when it sends none.
  var otherDirection: String? {
    var edits = ScriptEdits(self)
    for call in calls where call.spec.name == "send" && call.arguments.count >= 2 {
      guard let from = call.arguments[0].first, let to = call.arguments[1].first else { continue }
      edits.replace(from.span, with: source.text(to.span))
      edits.replace(to.span, with: source.text(from.span))
    }
    return edits.isEmpty ? nil : edits.text
  }

  /// The script with everything that is sent before everything that breaks; nil when it does not do both.
  var sentBefore: String? {
    let breaking: Set = ["fail", "partition", "link fail", "link drop", "kill"]
    func breaks(_ statement: Statement) -> Bool { statement.calls.contains { breaking.contains($0.spec.name) } }
    func sends(_ statement: Statement) -> Bool { statement.calls.contains { $0.spec.name == "send" } }
    guard let first = statements.firstIndex(where: breaks), let last = statements.lastIndex(where: sends), first < last
    else { return nil }
    let broken = statements.filter(breaks)
    let others = statements.filter { !breaks($0) }
    return (others + broken).map { source.text($0.span) }.joined(separator: "\n")
  }

  /// The script in which every process that it moves is ended, and made again under its name where it should go; nil when
  /// it moves none.
  ///
  /// - Parameter flags: those with which a process was made.
  func rebuilt(_ flags: (String) -> String) -> String? {
    var edits = ScriptEdits(self)
    for call in calls where call.spec.name == "migrate" && call.arguments.count >= 2 {
      guard let process = call.arguments[0].first, let node = call.arguments[1].first else { continue }
      let name = source.text(process.span)
      edits.replace(
        call.span, with: "kill \(name)\nspawn \(name) --on \(source.text(node.span)) \(flags(name))\nrun 10ms")
    }
    return edits.isEmpty ? nil : edits.text
  }

  /// The script with two names exchanged; nil when it has none of them.
  func swapped(_ one: String, _ other: String) -> String? {
    var result = ""
    var word = ""
    var isOther = false
    func isWordCharacter(_ character: Character) -> Bool {
      character.isLetter || character.isNumber || "_-$.".contains(character)
    }
    func ended(_ word: String) -> String {
      // The fields of a thing stand behind its name.
      let name = word.prefix { $0 != "." }
      guard name == one || name == other else { return word }
      isOther = true
      return (name == one ? other : one) + word.dropFirst(name.count)
    }
    for character in source.text {
      if isWordCharacter(character) {
        word.append(character)
      } else {
        result += ended(word)
        word = ""
        result.append(character)
      }
    }
    result += ended(word)
    return isOther ? result : nil
  }
}
