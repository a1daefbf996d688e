import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// A condition for which `run until` waits, taken apart by when its parts can change.
///
/// Between two events only time goes on: `now`, ages and core times grow, each by at most one nanosecond in a nanosecond
/// and core. So a comparison of sums of these with values can be left alone until an instant that follows from how far
/// its sides are apart. What else it asks can change only with an event, or with a step of a program.
struct Watch {
  private indirect enum Part {
    case not(Part)
    case and(Part, Part)
    case or(Part, Part)
    /// A comparison of times, by its place in `comparisons`.
    case times(Int)
    case other(Expression)
  }

  /// What a comparison of times compares.
  private struct Comparison {
    let whole: Expression
    let left: Expression
    let right: Expression
    /// How much the difference of its sides changes at most in a nanosecond, and with each core.
    let growth: Growth
    var holds = false
  }

  private let condition: Expression
  private let variables: [String: Value]
  private let source: SourceText
  private let effort: Effort?
  private var part = Part.other(.literal(.none, SourceSpan(start: 0, end: 0)))
  private var comparisons: [Comparison] = []
  private var changes = Changes.never
  /// Why the condition has no value; found while time passed.
  private var problem: Diagnostic?
  private var logTotal = -1
  /// The processes whose dirty pages it counts; nil when it does not name them.
  private var writers: [ProcessID]? = []

  /// Whether it asks for nothing but times.
  var asksOnlyForTimes: Bool { changes == .never }
  /// Whether a packet may change what it asks for, though nothing else comes of it.
  var countsPackets: Bool { changes >= .withPackets }
  /// What else than an event can change what it asks for.
  var steps: Steps {
    switch changes {
    case .never, .withFacts, .withEvents, .withPackets: .none
    case .withWrites: writers.map { .writes(of: $0) } ?? .all
    case .withSteps: .all
    }
  }

  /// After which steps of programs the condition is asked.
  enum Steps {
    case none
    /// Those that make a page dirty of one of these processes.
    case writes(of: [ProcessID])
    case all

    /// Those of both.
    func joined(with other: Steps) -> Steps {
      switch (self, other) {
      case (.all, _), (_, .all): .all
      case (.writes(let some), .writes(let others)): .writes(of: some + others)
      case (.writes, .none): self
      case (.none, .writes), (.none, .none): other
      }
    }
  }

  init(_ condition: Expression, variables: [String: Value], in source: SourceText, effort: Effort?) {
    self.condition = condition
    self.variables = variables
    self.source = source
    self.effort = effort
    part = take(condition)
  }

  private func evaluator(_ world: World) -> Evaluator {
    effort?.spend(Effort.question)
    return Evaluator(world: world, variables: variables, source: source, effort: effort)
  }

  // MARK: - While time passes

  /// Whether the condition holds now. Time must not have run ahead.
  mutating func holds(in world: World, _ call: Invocation) throws(SessionError) -> Bool {
    if let problem { throw .refused(problem) }
    let evaluator = evaluator(world)
    logTotal = world.log.total
    writers = condition.writers(in: world, variables)
    do throws(Diagnostic) {
      if try evaluator.condition(condition) { return true }
      for index in comparisons.indices {
        comparisons[index].holds = try evaluator.condition(comparisons[index].whole)
      }
      return false
    } catch {
      throw .refused(error)
    }
  }

  /// The same for a condition without which one can do: false where it has no value.
  mutating func holdsIfKnown(in world: World) -> Bool {
    let evaluator = evaluator(world)
    logTotal = world.log.total
    writers = condition.writers(in: world, variables)
    problem = nil
    for index in comparisons.indices {
      comparisons[index].holds = (try? evaluator.condition(comparisons[index].whole)) ?? false
    }
    return (try? evaluator.condition(condition)) ?? false
  }

  /// Whether, after an event, the condition may hold no more when it did, or hold when it did not, with comparisons of times
  /// as they were when `holdsIfKnown` was asked. Where it has no value, it does not hold.
  mutating func differs(from held: Bool, in world: borrowing World) -> Bool {
    guard mayHaveChanged(in: world) else { return false }
    let evaluator = evaluator(copy world)
    guard ((try? truth(of: part, evaluator)) ?? false) == held else { return true }
    logTotal = world.log.total
    return false
  }

  private func mayHaveChanged(in world: borrowing World) -> Bool {
    changes != .withFacts || world.log.total != logTotal
  }

  /// Whether the condition may hold after an event, with comparisons of times as they were when `holds` was asked.
  mutating func mayHold(in world: borrowing World) -> Bool {
    guard mayHaveChanged(in: world) else { return false }
    let evaluator = evaluator(copy world)
    do throws(Diagnostic) {
      // The stretch in which it is found may be done again, and then it has to be asked again.
      if try truth(of: part, evaluator) { return true }
    } catch {
      problem = error
      return true
    }
    logTotal = world.log.total
    return false
  }

  private func truth(of part: Part, _ evaluator: Evaluator) throws(Diagnostic) -> Bool {
    switch part {
    case .not(let part): return try !truth(of: part, evaluator)
    case .and(let left, let right):
      return try truth(of: left, evaluator) ? try truth(of: right, evaluator) : false
    case .or(let left, let right):
      return try truth(of: left, evaluator) ? true : try truth(of: right, evaluator)
    case .times(let index): return comparisons[index].holds
    case .other(let expression): return try evaluator.condition(expression)
    }
  }

  /// An instant before which no comparison of times changes; nil when none ever does as things stand.
  func nextInstant(
    in world: World, before limit: Nanoseconds, _ call: Invocation
  ) throws(SessionError) -> Nanoseconds? {
    guard !comparisons.isEmpty else { return nil }
    do throws(Diagnostic) { return try instant(in: world, before: limit) } catch { throw .refused(error) }
  }

  private func instant(in world: World, before limit: Nanoseconds) throws(Diagnostic) -> Nanoseconds? {
    // Up to the next event each difference grows steadily.
    let end = max(world.now, min(world.nextEventTime ?? limit, limit))
    let before = try orders(in: world)
    guard try orders(in: world.later(at: end)) == before else {
      var (low, high) = (world.now, end)
      while high - low > 1 {
        let middle = low + (high - low) / 2
        if try orders(in: world.later(at: middle)) == before { low = middle } else { high = middle }
      }
      return high
    }
    guard world.nextEventTime != nil else { return nil }
    return try distance(in: world.later(at: end)).map {
      max(world.now + 1, end.addingReportingOverflow($0).partialValue)
    }
  }

  /// The same; nil too where a comparison has no value.
  func nextInstantIfKnown(in world: World, before limit: Nanoseconds) -> Nanoseconds? {
    comparisons.isEmpty ? nil : try? instant(in: world, before: limit)
  }

  /// Whether a comparison of times comes out differently up to `limit`, though nothing happens.
  func changesByItself(in world: World, before limit: Nanoseconds) throws(SessionError) -> Bool {
    do throws(Diagnostic) { return try orders(in: world) != orders(in: world.later(at: limit)) } catch {
      throw .refused(error)
    }
  }

  /// Of each comparison, which side is the larger one.
  private func orders(in world: World) throws(Diagnostic) -> [Int] {
    try differences(in: world).map { $0 < 0 ? -1 : $0 > 0 ? 1 : 0 }
  }

  private func differences(in world: World) throws(Diagnostic) -> [Double] {
    let evaluator = evaluator(world)
    var differences: [Double] = []
    for comparison in comparisons {
      let (left, right) = (try evaluator.evaluate(comparison.left), try evaluator.evaluate(comparison.right))
      // What cannot be compared is a mistake, which has been reported already.
      guard case .quantity(let left, _) = left, case .quantity(let right, _) = right else {
        differences.append(.infinity)
        continue
      }
      let (difference, overflow) = left.subtractingReportingOverflow(right)
      differences.append(overflow ? .infinity : Double(difference))
    }
    return differences
  }

  /// How long it takes at least until the sides of a comparison meet or part, whatever happens.
  private func distance(in world: World) throws(Diagnostic) -> Nanoseconds? {
    let cores = world.members.reduce(1) { max($0, world[$1].settings.cores) }
    var shortest: Nanoseconds?
    for (comparison, difference) in zip(comparisons, try differences(in: world)) {
      let growth = comparison.growth.most(cores: cores)
      guard growth > 0, difference.isFinite else { continue }
      // Less than a nanosecond is lost to rounding.
      let time = max(0, (abs(difference) - 1) / growth).rounded(.down)
      shortest = min(shortest ?? .max, time < 9e18 ? Nanoseconds(time) : .max / 2)
    }
    return shortest
  }

  // MARK: - Taking the condition apart

  private mutating func take(_ expression: Expression) -> Part {
    switch expression {
    case .unary(.not, let operand, _): return .not(take(operand))
    case .binary(.and, let left, let right, _):
      let first = take(left)
      return .and(first, take(right))
    case .binary(.or, let left, let right, _):
      let first = take(left)
      return .or(first, take(right))
    case .binary(let sign, let left, let right, _) where sign.isComparison:
      if let growth = growth(of: left).flatMap({ first in growth(of: right).map { first.adding($0) } }), !growth.isNone
      {
        comparisons.append(Comparison(whole: expression, left: left, right: right, growth: growth))
        return .times(comparisons.count - 1)
      }
    default: break
    }
    changes = max(changes, Changes(of: expression))
    return .other(expression)
  }

  /// How fast an expression can grow that adds and subtracts times, or multiplies them by numbers; nil for others.
  private func growth(of expression: Expression) -> Growth? {
    switch expression {
    case .literal, .variable: return Growth()
    case .path(let names, _) where names == ["now"]: return Growth(time: 1)
    case .path(let names, _) where names.count == 2, .variablePath(_, let names, _) where names.count == 1:
      return names.last == "cpu" ? Growth(cores: 1) : names.last == "age" ? Growth(time: 1) : nil
    case .unary(.minus, let operand, _): return growth(of: operand)
    case .binary(.plus, let left, let right, _), .binary(.minus, let left, let right, _):
      guard let first = growth(of: left), let second = growth(of: right) else { return nil }
      return first.adding(second)
    case .binary(.times, let left, let right, _):
      if let factor = number(right), let growth = growth(of: left) { return growth.scaled(by: factor) }
      guard let factor = number(left), let growth = growth(of: right) else { return nil }
      return growth.scaled(by: factor)
    case .binary(.divided, let left, let right, _):
      guard let divisor = number(right), divisor != 0, let growth = growth(of: left) else { return nil }
      return growth.scaled(by: 1 / divisor)
    case .string, .path, .variablePath, .unary, .binary, .call, .list, .each: return nil
    }
  }

  /// The magnitude of a number without a unit, or of a share; nil for all else.
  private func number(_ expression: Expression) -> Double? {
    let value: Value? =
      switch expression {
      case .literal(let literal, _): Value(literal)
      case .variable(let name, _): variables[name]
      default: nil
      }
    switch value {
    case .integer(let number): return Double(number.magnitude)
    case .decimal(let number), .share(let number): return abs(number)
    default: return nil
    }
  }
}

/// How much something grows at most in a nanosecond.
private struct Growth {
  /// In any case.
  var time = 0.0
  /// For each core of the node that has the most.
  var cores = 0.0

  var isNone: Bool { time == 0 && cores == 0 }

  func adding(_ other: Growth) -> Growth { Growth(time: time + other.time, cores: cores + other.cores) }
  func scaled(by factor: Double) -> Growth { Growth(time: time * factor, cores: cores * factor) }
  func most(cores count: Int) -> Double { time + cores * Double(count) }
}

/// With what the value of an expression can change.
private enum Changes: Int, Comparable {
  case never
  /// With an entry of the log.
  case withFacts
  case withEvents
  /// With an event, be it only that a packet is sent.
  case withPackets
  /// With a step that makes a page dirty.
  case withWrites
  /// With a step that a process does by itself, or as time goes on.
  case withSteps

  static func < (left: Changes, right: Changes) -> Bool { left.rawValue < right.rawValue }

  init(of expression: Expression) {
    switch expression {
    case .literal, .variable: self = .never
    case .string(let template):
      self = template.segments.reduce(.never) { most, segment in
        if case .expression(let inner) = segment { max(most, Changes(of: inner)) } else { most }
      }
    case .path(let names, _): self = names == ["now"] ? .withSteps : Changes(ofFields: names.dropFirst())
    case .variablePath(_, let fields, _): self = Changes(ofFields: fields[...])
    case .unary(_, let operand, _): self = Changes(of: operand)
    case .binary(_, let left, let right, _): self = max(Changes(of: left), Changes(of: right))
    case .each(let selection, _):
      // What is in the list may grow with any event.
      self = ([selection.element, selection.list] + [selection.condition].compactMap(\.self)).reduce(.withEvents) {
        max($0, Changes(of: $1))
      }
    case .call(_, let parts, _), .list(let parts, _): self = parts.reduce(.never) { max($0, Changes(of: $1)) }
    }
  }

  /// A name without fields, such as that of a node, stands for the same all the time; it may begin or cease to exist, and
  /// the log tells that.
  private init(ofFields fields: ArraySlice<String>) {
    self = fields.reduce(.withFacts) { most, field in
      if Self.fieldsOfSteps.contains(field) { return .withSteps }
      if field == "dirty" { return max(most, .withWrites) }
      if field == "packets" { return max(most, .withPackets) }
      return max(most, Self.fieldsOfFacts.contains(field) ? .withFacts : .withEvents)
    }
  }

  private static let fieldsOfSteps: Set<String> = ["cpu", "age", "digest", "utilisation", "meanQueue"]
  /// Everything else is asked for after every event.
  private static let fieldsOfFacts: Set<String> = [
    "node", "origin", "output", "received", "forwarding", "kinds", "hops", "delay", "migrations", "migration", "status",
    "reason", "mechanism", "freezeTime", "totalTime", "up", "sent", "delivered", "lost", "returned", "resent",
    "forwarded", "dropped", "nodes", "processes", "completed", "inSystem", "meanResponse", "p50Response", "p95Response",
    "p99Response", "maxResponse", "meanSlowdown", "fairness", "killed", "of",
  ]
}

extension Expression {
  /// The processes whose dirty pages it counts; nil when it asks for them in another way than by `p.dirty`.
  fileprivate func writers(in world: World, _ variables: [String: Value]) -> [ProcessID]? {
    let parts: [Expression]
    switch self {
    case .path(let names, _) where names.contains("dirty"):
      return names.count == 2 ? world.processes[name: names[0]].map { [$0.id] } : nil
    case .variablePath(let name, let fields, _) where fields.contains("dirty"):
      if fields.count == 1, case .process(let process) = variables[name] { return [process] }
      return nil
    case .literal, .variable, .path, .variablePath: return []
    case .string: return nil
    case .each(let selection, _):
      parts = [selection.element, selection.list] + [selection.condition].compactMap(\.self)
    case .unary(_, let operand, _): parts = [operand]
    case .binary(_, let left, let right, _): parts = [left, right]
    case .call(_, let arguments, _), .list(let arguments, _): parts = arguments
    }
    return parts.reduce([]) { all, part in
      guard let all, let more = part.writers(in: world, variables) else { return nil }
      return all + more
    }
  }
}

extension BinaryOperator {
  fileprivate var isComparison: Bool {
    switch self {
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: true
    case .or, .and, .in, .plus, .minus, .times, .divided, .remainder: false
    }
  }
}
