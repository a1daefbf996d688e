import CommandLanguage

/// The runs of an experiment: every combination of the varied values, each with every seed.
///
/// Runs are numbered from 0. The seed changes fastest, then the variation that was named last.
package struct ParameterGrid: Sendable, Equatable {
  /// A name, and the values that it has in turn.
  package struct Variation: Sendable, Equatable {
    package let name: String
    /// Each as it was typed, and what it stands for.
    package let choices: [(text: String, value: Value)]

    package static func == (left: Self, right: Self) -> Bool {
      left.name == right.name && left.choices.map(\.text) == right.choices.map(\.text)
    }
  }

  /// In the order given.
  package let variations: [Variation]
  package let firstSeed: UInt64
  package let seedCount: Int
  package let runCount: Int

  /// The most runs of one experiment.
  package static let mostRuns = 1_000_000

  /// - Parameter variations: each as `NAME=A,B,C`.
  package init(_ variations: [String], firstSeed: UInt64 = 1, seedCount: Int = 1) throws(ExperimentError) {
    self.variations = try variations.map { text throws(ExperimentError) in try Variation(text) }
    self.firstSeed = firstSeed
    self.seedCount = seedCount
    var names: Set<String> = []
    var runs = seedCount
    for variation in self.variations {
      guard names.insert(variation.name).inserted else {
        throw ExperimentError("`\(variation.name)` is varied twice", remedy: "give all of its values in one --vary")
      }
      let (product, overflow) = runs.multipliedReportingOverflow(by: variation.choices.count)
      runs = overflow ? .max : product
    }
    guard runs <= Self.mostRuns else {
      throw ExperimentError("this grid has more than \(Self.mostRuns) runs", remedy: "give fewer values or seeds")
    }
    runCount = runs
  }

  /// How many combinations of values there are.
  package var pointCount: Int { runCount / seedCount }

  package func seed(ofRun run: Int) -> UInt64 { firstSeed + UInt64(run % seedCount) }

  /// The number of a run's combination of values.
  package func point(ofRun run: Int) -> Int { run / seedCount }

  /// The choice for each variation, in order.
  package func choices(atPoint point: Int) -> [(text: String, value: Value)] {
    var rest = point
    return variations.reversed().map { variation in
      defer { rest /= variation.choices.count }
      return variation.choices[rest % variation.choices.count]
    }
    .reversed()
  }

  /// A run in words, such as `rate=0.5 policy=none seed=3`.
  package func text(ofRun run: Int) -> String {
    let values = zip(variations, choices(atPoint: point(ofRun: run))).map { "\($0.name)=\($1.text)" }
    return (values + ["seed=\(seed(ofRun: run))"]).joined(separator: " ")
  }
}

extension ParameterGrid.Variation {
  /// - Parameter text: `NAME=A,B,C`.
  fileprivate init(_ text: String) throws(ExperimentError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else {
      throw ExperimentError("`\(printable(text))` says no values", remedy: "write it as --vary NAME=A,B,C")
    }
    name = parts[0]
    guard CommandTable.isName(name) else {
      throw ExperimentError(
        "`\(printable(name))` cannot be varied: it is not a name of a variable", remedy: "write it as --vary NAME=A,B,C"
      )
    }
    guard !ExperimentRow.fixedColumns.contains(name) else {
      throw ExperimentError(
        "`\(name)` cannot be varied: every row has a column `\(name)` already",
        remedy: name == "seed" ? "--seeds N runs everything with N seeds" : "choose another name")
    }
    var choices: [(text: String, value: Value)] = []
    for part in parts[1].split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
      guard !part.isEmpty, printable(part) == part else {
        throw ExperimentError("a value of `\(name)` is empty, or has a control character", remedy: nil)
      }
      let value = Self.value(of: part)
      guard !choices.contains(where: { Cell($0.value) == Cell(value) }) else {
        throw ExperimentError("`\(name)` has the value `\(part)` twice", remedy: "give each value once")
      }
      choices.append((part, value))
    }
    self.choices = choices
  }

  /// A number, a quantity with its unit, or a truth; every other text stands for itself.
  private static func value(of text: String) -> Value {
    let isNegative = text.hasPrefix("-")
    let digits = isNegative ? String(text.dropFirst()) : text
    var parser = Parser(source: SourceText(name: "--vary", text: digits), table: CommandTable())
    guard let (expression, end) = try? parser.parseLeadingExpression(), end == digits.utf8.count,
      case .literal(let literal, _) = expression
    else { return .text(text) }
    switch (literal, isNegative) {
    case (.none, _), (.boolean, true): return .text(text)
    case (_, false): return Value(literal)
    case (.integer(let number), true): return .integer(-number)
    case (.decimal(let number), true): return .decimal(-number)
    case (.quantity(let amount, let dimension), true): return .quantity(-amount, dimension)
    case (.share(let share), true): return .share(-share)
    }
  }
}

/// Why an experiment cannot be run, or its reports cannot be merged.
package struct ExperimentError: Error, CustomStringConvertible, Equatable {
  package let message: String
  package let suggestion: String?
  /// What can be done about it.
  package let remedy: String?

  package init(_ message: String, suggestion: String? = nil, remedy: String?) {
    self.message = message
    self.suggestion = suggestion
    self.remedy = remedy
  }

  package var description: String {
    ([message] + [suggestion.map { "did you mean `\($0)`?" }, remedy].compactMap { $0 }).joined(separator: "\n  ")
  }
}
