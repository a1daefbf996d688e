import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// A path as it is written: its first part, and the fields after that.
struct PathReference {
  let first: String
  /// Whether it starts with `$`.
  let isVariable: Bool
  let members: [String]
  let span: SourceSpan

  init(first: String, isVariable: Bool, members: [String], span: SourceSpan) {
    self.first = first
    self.isVariable = isVariable
    self.members = members
    self.span = span
  }

  init(components: [String], span: SourceSpan) {
    self.init(first: components.first ?? "", isVariable: false, members: Array(components.dropFirst()), span: span)
  }

  /// The path behind `step.`; nil for one that does not begin with that.
  var withinStep: PathReference? {
    guard first == "step", !isVariable, let next = members.first else { return nil }
    return PathReference(
      first: next, isVariable: false, members: Array(members.dropFirst()),
      span: SourceSpan(start: span.start + "step.".utf8.count, end: span.end))
  }

  var firstText: String { isVariable ? "$" + first : first }

  /// The text before the member at this place.
  func text(upTo member: Int) -> String { ([firstText] + members.prefix(member)).joined(separator: ".") }

  var firstSpan: SourceSpan { SourceSpan(start: span.start, end: min(span.end, span.start + firstText.utf8.count)) }

  /// There are no blanks in a path, so the lengths of its members say where each stands.
  func span(of member: Int) -> SourceSpan {
    let start = span.start + text(upTo: member).utf8.count + 1
    return SourceSpan(start: start, end: start + members[member].utf8.count)
  }
}

extension Evaluator {
  func path(_ path: PathReference) throws(Diagnostic) -> Value {
    if let stepStart, let inner = path.withinStep {
      if let time = try eventTime(of: inner, since: stepStart) { return time }
      return try growth(of: inner, since: stepStart, path)
    }
    let value = try resolve(path).value
    if let effort { spend(effort, on: value, path) }
    return value
  }

  private func spend(_ effort: Effort, on value: Value, _ path: PathReference) {
    if case .list(let elements) = value { effort.spend(elements.count) }
    // A number that tells of all jobs, all processes or the whole memory.
    if let last = path.members.last, Self.fieldsOfMany.contains(last) { effort.spend(Effort.question * 10) }
  }

  private static let fieldsOfMany: Set<String> = [
    "digest", "utilisation", "meanQueue", "meanResponse", "p50Response", "p95Response", "p99Response", "maxResponse",
    "meanSlowdown", "fairness", "correspondents", "dependsOn", "hops", "kinds", "inbox", "processes",
  ]

  /// How much more a number is than when the step began: the value of `step.message.lost`. What did not exist then was
  /// nothing.
  private func growth(
    of path: PathReference, since start: any Cluster, _ whole: PathReference
  ) throws(Diagnostic) -> Value {
    let present = try resolve(path).value
    let earlier = (try? Evaluator(world: start, variables: variables, source: source).resolve(path).value) ?? .none
    guard present != .none, present.dimension != nil else {
      guard present == .none else {
        throw source.diagnostic(
          at: whole.span, "`step` counts what happened since the step began, and this is \(present.kind)",
          expected: "a number, as in step.message.lost")
      }
      return .none
    }
    guard earlier != .none else { return present }
    do { return try present.subtracting(earlier) } catch {
      throw source.diagnostic(at: whole.span, "`\(source.text(whole.span))` was another kind of value before")
    }
  }

  /// A clause that says why a path is none; nil when it is not none, or when there is nothing more to say.
  func whyNone(_ path: PathReference) -> String? {
    guard let (value, thing, field) = try? resolve(path), value == .none, let thing, let field else { return nil }
    return thing.whyNone(field.name)
  }

  /// The value of a path, and the last thing and field on the way to it.
  private func resolve(_ path: PathReference) throws(Diagnostic) -> (value: Value, thing: Thing?, field: Field?) {
    if path.members.isEmpty { return (try bareValue(path), nil, nil) }
    var thing = try start(of: path)
    var index = 0
    if case .jobs(_, nil) = thing, path.members[0] == "of" {
      thing = try workload(of: path)
      index = 2
    } else if case .events(nil) = thing {
      thing = .events(try eventKind(of: path))
      index = 1
    }
    while true {
      let field = try field(at: index, of: path, in: thing)
      let value = field.read(thing, world)
      index += 1
      guard index < path.members.count else { return (value, thing, field) }
      if field.kind == .migration, case .process(let record) = thing {
        thing = .migration(record.migrations.last.flatMap { world.migrations[$0] }, of: record)
      } else if let next = Thing(value, in: world) {
        thing = next
      } else {
        throw fieldless(value, index, of: path, why: value == .none ? thing.whyNone(field.name) : nil)
      }
    }
  }

  /// What a bare name or variable stands for.
  private func bareValue(_ path: PathReference) throws(Diagnostic) -> Value {
    if path.isVariable { return try variable(path.first, at: path.span) }
    if let value = value(ofName: path.first) { return value }
    if Fields.words.contains(path.first) { return .word(path.first) }
    if let field = Fields.of(.world).first(where: { $0.name == path.first }) { return field.read(.world, world) }
    guard let thing = thing(ofWord: path.first) else { throw unknownName(path) }
    if case .events = thing { _ = try eventKind(of: path) }
    let fields = Fields.of(thing.kind).map(\.name)
    throw source.diagnostic(
      at: path.span, "`\(path.first)` needs a field", expected: fields.map { "`.\($0)`" }.joined(separator: ", "))
  }

  /// The first thing of a path with fields.
  private func start(of path: PathReference) throws(Diagnostic) -> Thing {
    if path.isVariable {
      let value = try variable(path.first, at: path.firstSpan)
      if let thing = Thing(value, in: world) { return thing }
      // `for p in p1 p2` puts names into `$p`, as texts.
      if case .text(let name) = value, let named = self.value(ofName: name), let thing = Thing(named, in: world) {
        return thing
      }
      throw fieldless(value, 0, of: path, why: nil)
    }
    if let value = value(ofName: path.first), let thing = Thing(value, in: world) { return thing }
    if let thing = thing(ofWord: path.first) { return thing }
    if Fields.words.contains(path.first) { throw fieldless(.word(path.first), 0, of: path, why: nil) }
    if let field = Fields.of(.world).first(where: { $0.name == path.first }) {
      throw fieldless(field.read(.world, world), 0, of: path, why: nil)
    }
    throw unknownName(path)
  }

  /// The node or process of that name.
  private func value(ofName name: String) -> Value? {
    if let node = world.node(named: name) { return .node(node) }
    return world.processes[name: name].map { .process($0.id) }
  }

  /// The jobs of one workload: `jobs.of.NAME`, which a field follows.
  private func workload(of path: PathReference) throws(Diagnostic) -> Thing {
    let names = world.chronicle.jobs.workloads.map(\.workload.name)
    guard path.members.count > 1 else {
      throw source.diagnostic(
        at: path.span, "`jobs.of` needs the name of a workload and a field", expected: "jobs.of.NAME.completed")
    }
    let name = path.members[1]
    guard let jobs = world.chronicle.jobs.of(name) else {
      throw source.diagnostic(
        at: path.span(of: 1), "there is no workload `\(name)`",
        expected: names.isEmpty ? nil : "one of \(names.joined(separator: ", "))",
        suggestion: closest(to: name, among: names), remedy: names.isEmpty ? "`workload add` starts one" : nil)
    }
    guard path.members.count > 2 else {
      throw source.diagnostic(
        at: path.span, "`jobs.of.\(name)` needs a field",
        expected: Fields.of(.jobs).map { "`.\($0.name)`" }.joined(separator: ", "))
    }
    return .jobs(jobs, of: name)
  }

  /// The kind of event of `event.KIND`, which a field follows.
  private func eventKind(of path: PathReference) throws(Diagnostic) -> EventKind {
    let names = EventKind.allCases.map(\.rawValue)
    guard let name = path.members.first, let kind = EventKind(rawValue: name) else {
      throw source.diagnostic(
        at: path.members.isEmpty ? path.span : path.span(of: 0),
        path.members.first.map { "there is no kind of event `\($0)`" } ?? "`event` needs a kind of event and a field",
        expected: "event.KIND.count; kinds: \(names.joined(separator: ", "))",
        suggestion: path.members.first.flatMap { closest(to: $0, among: names) })
    }
    guard path.members.count > 1 else {
      throw source.diagnostic(
        at: path.span, "`event.\(name)` needs a field",
        expected: Fields.of(.events).map { "`.\($0.name)`" }.joined(separator: ", "))
    }
    return kind
  }

  /// When the first or last event of a kind happened in the step: the value of `step.event.node-failed.first`. Nil for other
  /// paths.
  private func eventTime(of path: PathReference, since start: any Cluster) throws(Diagnostic) -> Value? {
    guard path.first == "event", !path.isVariable, path.members.count == 2,
      path.members[1] == "first" || path.members[1] == "last"
    else { return nil }
    let kind = try eventKind(of: path)
    guard world.log.count(of: kind) > start.log.count(of: kind) else { return Value.none }
    if path.members[1] == "last" { return .optional(world.log.lastTime(of: kind), Value.time) }
    let entry = world.log.entries.first { $0.number > start.log.total && $0.event.eventKind == kind }
    return .optional(entry?.time, Value.time)
  }

  private func thing(ofWord word: String) -> Thing? {
    switch word {
    case "event": .events(nil)
    case "jobs": .jobs(world.chronicle.jobs.all, of: nil)
    case "message": .message
    case "cluster": .cluster
    default: nil
    }
  }

  private func field(at index: Int, of path: PathReference, in thing: Thing) throws(Diagnostic) -> Field {
    let name = path.members[index]
    let fields = Fields.of(thing.kind)
    if let field = fields.first(where: { $0.name == name }) { return field }
    let names = fields.map(\.name)
    throw source.diagnostic(
      at: path.span(of: index), "`\(path.text(upTo: index))` has no field `\(name)`",
      expected: names.joined(separator: ", "), suggestion: closest(to: name, among: names))
  }

  /// The diagnostic when a path asks for a field of a value without fields.
  private func fieldless(_ value: Value, _ index: Int, of path: PathReference, why: String?) -> Diagnostic {
    let statement = "`\(path.text(upTo: index))` is \(value.kind)"
    return source.diagnostic(
      at: path.span(of: index), why.map { "\(statement): \($0)" } ?? "\(statement) and has no fields",
      remedy: "nodes and processes have fields; `help fields` lists them")
  }

  private func unknownName(_ path: PathReference) -> Diagnostic {
    let name = path.first
    let things =
      world.members.map { world[$0].name } + world.processes.all.map(\.name) + [
        "cluster", "event", "jobs", "message", "now",
      ]
    let suggestion =
      variables[name] == nil ? closest(to: name, among: things + Fields.words) : "$" + name
    return source.diagnostic(
      at: path.firstSpan, "nothing here is called `\(name)`",
      expected:
        "the name of a node or process, `now`, `cluster`, `event`, `jobs`, `message`, or a word such as `running`",
      suggestion: suggestion, remedy: suggestion == nil ? "a text stands in quotes: \"\(name)\"" : nil)
  }
}
