import CommandLanguage

/// A script that is run over a grid: what it measures, and what a run gives.
package struct ExperimentScript {
  package let source: SourceText
  package let grid: ParameterGrid
  /// The variables that the script sets with `let`, also in blocks, in the order in which it sets them first; without
  /// the varied ones. Commands of the user's own do not count, nor do files that the script sources.
  package let measured: [String]
  /// A number of all that decides the runs: the texts of the script and of the files that it sources, the grid, how
  /// scripts go on after errors, and the version of migsh.
  package let fingerprint: String
  private let keepsGoing: Bool

  /// Reads everything, and finds what is wrong before anything runs.
  ///
  /// - Parameters:
  ///   - source: the script.
  ///   - keepsGoing: whether runs go on after an error.
  /// - Throws: a `Diagnostic` about the script, or an `ExperimentError` about the grid.
  package init(_ source: SourceText, grid: ParameterGrid, keepsGoing: Bool = false) throws {
    self.source = source
    self.grid = grid
    self.keepsGoing = keepsGoing
    let table = Session { _ in }.table
    var parser = Parser(source: source, table: table)
    let statements = try parser.parseScript()
    var outline = Outline(grid: grid, source: source)
    try outline.add(statements)
    measured = outline.measured
    let files = SourcedFiles(of: statements, in: source, table: table)
    try Self.check(grid, areUsedIn: source.usedVariables() + files.usedVariables, unless: files.areUnknown)
    var digest = Fingerprint()
    digest.add("experiment \(ExperimentHeader.version), migsh \(migshVersion), \(keepsGoing)")
    for variation in grid.variations {
      digest.add(variation.name)
      digest.add("\(variation.choices.count)")
      for choice in variation.choices { digest.add(choice.text) }
    }
    digest.add("\(grid.firstSeed) \(grid.seedCount)")
    digest.add(source.text)
    for file in files.files + files.traces {
      digest.add(file.name)
      digest.add(file.text)
    }
    fingerprint = digest.text
  }

  /// The titles of all columns.
  package var columns: [String] { grid.variations.map(\.name) + ExperimentRow.fixedColumns + measured }

  private static func check(
    _ grid: ParameterGrid, areUsedIn used: [String], unless isUnknown: Bool
  ) throws(ExperimentError) {
    guard !isUnknown else { return }
    for variation in grid.variations where !used.contains(variation.name) {
      throw ExperimentError(
        "the script never uses `$\(variation.name)`, so that it would make no difference",
        suggestion: closest(to: variation.name, among: used).map { "--vary \($0)=…" },
        remedy: used.isEmpty ? "it uses no variables" : "it uses \(used.map { "$\($0)" }.joined(separator: ", "))")
    }
  }

  /// Runs the script in a session of its own.
  ///
  /// - Returns: nil when it was interrupted.
  package func run(_ run: Int, isInterrupted: @escaping () -> Bool = { false }) -> ExperimentRow? {
    var options = Session.Options()
    options.keepsGoing = keepsGoing
    var session = Session(seed: grid.seed(ofRun: run), options: options) { _ in }
    session.isInterrupted = isInterrupted
    let choices = grid.choices(atPoint: grid.point(ofRun: run))
    session.give(zip(grid.variations, choices).map { ($0.name, $1.value) })
    let status = session.execute(source)
    guard status != .interrupted else { return nil }
    return ExperimentRow(
      run: run, status: status, failed: session.failedExpectationCount, now: session.state.world.now,
      cells: measured.map { Cell(session.state.variables[$0]) },
      message: session.failure.map { $0.diagnostic.rendered(kind: $0.kind) } ?? "")
  }
}

/// What the statements of a script set, in the order in which they do so first.
private struct Outline {
  let grid: ParameterGrid
  let source: SourceText
  private(set) var measured: [String] = []

  init(grid: ParameterGrid, source: SourceText) {
    self.grid = grid
    self.source = source
  }

  mutating func add(_ statements: [Statement]) throws(Diagnostic) {
    for statement in statements {
      switch statement.kind {
      case .let(let name, let expression): try add(name, expression, statement)
      case .if(let branches, let otherwise):
        for branch in branches { try add(branch.block.statements) }
        try add(otherwise?.statements ?? [])
      case .forEach(let name, _, let block):
        guard !grid.variations.contains(where: { $0.name == name }) else {
          throw source.diagnostic(
            at: statement.span, "the experiment varies `$\(name)`, so no loop can set it",
            remedy: "use another name in the loop")
        }
        try add(block.statements)
      case .repeat(_, let block), .while(_, let block), .expectError(_, let block): try add(block.statements)
      case .command, .define, .expect, .program, .deferred: break
      }
    }
  }

  private mutating func add(_ name: String, _ expression: Expression, _ statement: Statement) throws(Diagnostic) {
    if let variation = grid.variations.first(where: { $0.name == name }) {
      return try check(variation, against: expression)
    }
    guard !ExperimentRow.fixedColumns.contains(name) else {
      throw source.diagnostic(
        at: statement.span, "every row of an experiment has a column `\(name)` already",
        remedy: "give the variable another name")
    }
    if !measured.contains(name) { measured.append(name) }
  }

  /// A value that measures something else than the script's own value was meant otherwise.
  private func check(
    _ variation: ParameterGrid.Variation, against expression: Expression
  ) throws(Diagnostic) {
    guard case .literal(let literal, let span) = expression, let own = literal.dimension else { return }
    for choice in variation.choices where choice.value.dimension.map({ !isAlike($0, own) }) ?? true {
      throw source.diagnostic(
        at: span, "the experiment gives `\(choice.text)` for `$\(variation.name)`, and here it is \(own.description)",
        remedy: "give values with a unit as the script does")
    }
  }

  private func isAlike(_ left: Dimension, _ right: Dimension) -> Bool {
    left == right || [left, right].allSatisfy { $0 == .count || $0 == .number }
  }
}

/// The files that a script executes with `source`, and those that they execute, as far as their names stand in it.
private struct SourcedFiles {
  private(set) var files: [SourceText] = []
  /// The traces of workloads, whose contents count as well.
  private(set) var traces: [SourceText] = []
  /// Whether some file's name shows only when the script runs, or a file cannot be parsed by itself.
  private(set) var areUnknown = false

  var usedVariables: [String] { files.flatMap { $0.usedVariables() } }

  init(of statements: [Statement], in source: SourceText, table: CommandTable) {
    add(statements, in: source, table)
  }

  private mutating func add(_ statements: [Statement], in source: SourceText, _ table: CommandTable) {
    for statement in statements {
      switch statement.kind {
      case .command(let call) where call.spec.name == "source":
        guard let file = read(call.arguments.first?.first, in: source) else { continue }
        files.append(file)
        var parser = Parser(source: file, table: table)
        guard let statements = try? parser.parseScript() else {
          areUnknown = true
          continue
        }
        add(statements, in: file, table)
      case .command(let call) where call.spec.name == "workload trace":
        if let file = read(call.arguments.dropFirst().first?.first, in: source) { traces.append(file) }
      case .if(let branches, let otherwise):
        for branch in branches { add(branch.block.statements, in: source, table) }
        add(otherwise?.statements ?? [], in: source, table)
      case .forEach(_, _, let block), .repeat(_, let block), .while(_, let block), .expectError(_, let block),
        .define(_, _, let block):
        add(block.statements, in: source, table)
      case .command, .let, .expect, .program, .deferred: break
      }
    }
  }

  /// The file that an argument names; nil when that shows only later, or when it was read before or cannot be read: then it is
  /// refused when its turn comes.
  private mutating func read(_ argument: Argument?, in source: SourceText) -> SourceText? {
    let path: String? =
      switch argument {
      case .name(let name, _): name
      case .string(let template): template.constantText
      default: nil
      }
    guard let path else {
      areUnknown = true
      return nil
    }
    let place = source.path(ofFile: path)
    return (files + traces).contains { $0.name == place } ? nil : try? readSource(place)
  }
}

/// Fowler, Noll and Vo's hash of texts, of 64 bits: it tells whether something has changed.
private struct Fingerprint {
  private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

  /// Adds a text, with its end.
  mutating func add(_ text: String) {
    for byte in text.utf8 { add(byte) }
    // No text has this byte.
    add(0xFF)
  }

  private mutating func add(_ byte: UInt8) {
    hash ^= UInt64(byte)
    hash &*= 0x100_0000_01B3
  }

  var text: String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
