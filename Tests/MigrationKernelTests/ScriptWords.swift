@testable import MigrationKernel

/// The words of a command: some in their order, some as `name=value`, some as flags.
struct ScriptWords {
  private var words: [String]

  init(_ command: String) { words = command.split(separator: " ").map(String.init) }

  var isAtEnd: Bool { words.isEmpty }

  mutating func next(_ what: String) throws -> String {
    guard !words.isEmpty else { throw ScriptError("\(what) is missing") }
    return words.removeFirst()
  }

  /// Takes the value of `name=value`, wherever that stands.
  mutating func value(_ name: String) throws -> String? {
    guard let place = words.firstIndex(where: { $0.hasPrefix(name + "=") }) else { return nil }
    return String(words.remove(at: place).dropFirst(name.count + 1))
  }

  mutating func number(_ name: String) throws -> Int? {
    guard let text = try value(name) else { return nil }
    guard let number = Int(text) else { throw ScriptError("`\(text)` is not a number") }
    return number
  }

  mutating func flag(_ name: String) -> Bool {
    guard let place = words.firstIndex(of: name) else { return false }
    words.remove(at: place)
    return true
  }

  mutating func node(_ names: ScriptNames) throws -> NodeID { try names.node(next("a node")) }

  mutating func process(_ names: ScriptNames) throws -> ProcessID { try names.process(next("a process")) }

  /// A time such as `5ms`.
  mutating func time(_ what: String) throws -> Nanoseconds {
    let text = try next(what)
    let units: [(String, Nanoseconds)] = [("ns", 1), ("us", 1000), ("ms", 1_000_000), ("s", 1_000_000_000)]
    for (unit, factor) in units where text.hasSuffix(unit) {
      if let number = UInt64(text.dropLast(unit.count)) { return number * factor }
    }
    throw ScriptError("`\(text)` is not a time")
  }

  func end() throws {
    if let word = words.first { throw ScriptError("`\(word)` is too much") }
  }
}

/// What processes in scripts run.
enum ScriptPrograms {
  static func named(_ name: String) -> StepProgram? {
    switch name {
    case "waiter": waiter
    case "writer": writer
    case "reader": reader
    case "printer": printer
    default: nil
    }
  }

  /// Writes pages 0 to 2 in turn for ever, one each millisecond.
  private static let writer = program(
    [
      .loop(times: nil, counter: 0, end: 4), .write(.next(.literal(0), .literal(2), counter: 1)),
      .compute(.literal(1_000_000)), .next(counter: 0, start: 0),
    ], counters: 2)

  /// Writes pages 0 to 3, then reads them all whenever it receives a message.
  private static let reader = program(
    [
      .write(.range(.literal(0), .literal(3))), .loop(times: nil, counter: 0, end: 5),
      .receive(into: nil, timeout: nil), .read(.range(.literal(0), .literal(3))), .next(counter: 0, start: 1),
    ], counters: 1)

  /// Prints a word whenever it receives a message.
  private static let printer = program(
    [
      .loop(times: nil, counter: 0, end: 4), .receive(into: nil, timeout: nil), .print(template: 0),
      .next(counter: 0, start: 0),
    ], templates: [TextTemplate([.text("hello")])], counters: 1)
}
