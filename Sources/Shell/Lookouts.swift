import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// What the user wants to be told while time passes: breakpoints, and expressions that are watched.
struct Lookouts: Sendable {
  /// An expression that is kept, with the variables that there were.
  struct Kept: Sendable, Equatable {
    let expression: Expression
    let text: String
    let source: SourceText
    /// Those that it uses.
    let variables: [String: Value]

    func value(in world: World, _ effort: Effort?) throws(Diagnostic) -> Value {
      try Evaluator(world: world, variables: variables, source: source, effort: effort).evaluate(expression)
    }

    static func == (left: Kept, right: Kept) -> Bool { left.text == right.text && left.variables == right.variables }
  }

  /// Where a command stops that lets time pass.
  enum Breakpoint: Sendable, Equatable {
    case on(LogKind)
    case when(Kept)

    /// As it is typed.
    var text: String {
      switch self {
      case .on(let kind): "on \(kind.rawValue)"
      case .when(let kept): "when \(kept.text)"
      }
    }
  }

  /// An expression, and the value that was shown last; nil when it had none.
  struct Watched: Sendable {
    let kept: Kept
    var value: Value?
  }

  /// By number.
  private(set) var breaks: [Int: Breakpoint] = [:]
  private(set) var watches: [Int: Watched] = [:]

  /// How many there may be of each.
  static let most = 32

  /// In the order of their numbers.
  var orderedBreaks: [(number: Int, breakpoint: Breakpoint)] {
    breaks.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
  /// In the order of their numbers.
  var orderedWatches: [(number: Int, watched: Watched)] {
    watches.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// - Returns: its number, the first that is free.
  mutating func add(_ breakpoint: Breakpoint) -> Int {
    let number = Self.freeNumber(breaks)
    breaks[number] = breakpoint
    return number
  }

  mutating func add(_ watched: Watched) -> Int {
    let number = Self.freeNumber(watches)
    watches[number] = watched
    return number
  }

  mutating func removeBreak(_ number: Int) -> Breakpoint? { breaks.removeValue(forKey: number) }
  mutating func removeWatch(_ number: Int) -> Watched? { watches.removeValue(forKey: number) }

  /// Adds those of others that are not there yet, as many as there may be.
  mutating func add(_ others: Lookouts) {
    for (_, breakpoint) in others.orderedBreaks where breaks.count < Self.most && !breaks.values.contains(breakpoint) {
      _ = add(breakpoint)
    }
    for (_, watched) in others.orderedWatches
    where watches.count < Self.most && !watches.values.contains(where: { $0.kept == watched.kept }) {
      _ = add(watched)
    }
  }

  private static func freeNumber<Thing>(_ things: [Int: Thing]) -> Int {
    var number = 1
    while things[number] != nil { number += 1 }
    return number
  }

  // MARK: - What has changed

  /// A watched expression that has another value than before.
  struct WatchChange {
    let number: Int
    let expression: String
    let old: Value?
    let new: Value?

    func text(in world: World) -> String {
      "watch \(number): \(expression): \(Lookouts.shown(old, world)) → \(Lookouts.shown(new, world))\n"
    }

    func json(in world: World) -> JSON {
      .object([
        ("watch", .integer(Int64(number))), ("expression", .string(expression)),
        ("from", old?.json(in: world) ?? .null), ("to", new?.json(in: world) ?? .null),
      ])
    }
  }

  /// The watched expressions that have another value now.
  mutating func update(in world: World, _ effort: Effort?) -> [WatchChange] {
    var changes: [WatchChange] = []
    for (number, watched) in orderedWatches {
      let value = try? watched.kept.value(in: world, effort)
      guard value != watched.value else { continue }
      changes.append(WatchChange(number: number, expression: watched.kept.text, old: watched.value, new: value))
      watches[number]?.value = value
    }
    return changes
  }

  /// A value in few characters.
  static func shown(_ value: Value?, _ world: World) -> String {
    guard let value else { return "no value" }
    let text = value.text(in: world)
    return text.count <= 60 ? text : "\(text.prefix(59))…"
  }
}

extension Lookouts {
  /// A command that makes breakpoints or watched expressions what they are.
  struct Command: Equatable {
    let text: String
    /// The variables that it needs.
    var variables: [String: Value] = [:]
  }

  /// The commands that lead from other breakpoints and watched expressions to these.
  func commands(from old: Lookouts) -> [Command] {
    Self.commands(
      "break", from: old.breaks, to: breaks, placeholder: "break on node",
      { breakpoint in
        switch breakpoint {
        case .on: Command(text: "break \(breakpoint.text)")
        case .when(let kept): Command(text: "break when --later \(kept.text)", variables: kept.variables)
        }
      })
      + Self.commands(
        "watch", from: old.watches.mapValues(\.kept), to: watches.mapValues(\.kept), placeholder: "watch now",
        { Command(text: "watch --later \($0.text)", variables: $0.variables) })
  }

  private static func commands<Thing: Equatable>(
    _ verb: String, from old: [Int: Thing], to new: [Int: Thing], placeholder: String, _ command: (Thing) -> Command
  ) -> [Command] {
    let gone = old.keys.filter { old[$0] != new[$0] }.sorted()
    var commands = gone.map { Command(text: "\(verb) delete \($0)") }
    guard let last = new.keys.filter({ old[$0] != new[$0] }).max() else { return commands }
    // Each gets the first number that is free.
    var placeholders: [Command] = []
    for number in 1...last where new[number] == nil || old[number] != new[number] {
      if let thing = new[number] {
        commands.append(command(thing))
      } else {
        commands.append(Command(text: placeholder))
        placeholders.append(Command(text: "\(verb) delete \(number)"))
      }
    }
    return commands + placeholders
  }
}
