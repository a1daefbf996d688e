import CommandLanguage

/// What a column of an experiment says of one run.
package enum Cell: Sendable, Equatable {
  /// The variable was not set, or holds something that is neither a number nor a text.
  case empty
  case truth(Bool)
  /// A whole number: for quantities, of nanoseconds, bytes, or bits a second.
  case whole(Int64, Dimension)
  case decimal(Double, Dimension)
  case text(String)

  package init(_ value: Value?) {
    self =
      switch value {
      case .boolean(let truth): .truth(truth)
      case .integer(let number): .whole(number, .count)
      case .quantity(let amount, let dimension): .whole(amount, dimension)
      case .decimal(let number): .decimal(number, .number)
      case .share(let share): .decimal(share, .share)
      case .text(let text), .word(let text): .text(text)
      case nil, .some(.none), .node, .process, .list, .record: .empty
      }
  }

  /// The number and what it measures; nil when it is none.
  package var number: (value: Double, dimension: Dimension)? {
    switch self {
    case .whole(let number, let dimension): (Double(number), dimension)
    case .decimal(let number, let dimension): (number, dimension)
    case .empty, .truth, .text: nil
    }
  }

  /// As a field of a CSV file.
  package var csv: String {
    switch self {
    case .empty: ""
    case .truth(let truth): "\(truth)"
    case .whole(let number, _): "\(number)"
    case .decimal(let number, _): "\(number)"
    case .text(let text): CSV.field(text)
    }
  }
}

/// What one run of an experiment gave.
package struct ExperimentRow: Sendable, Equatable {
  /// The number of the run in the grid.
  package let run: Int
  /// How it ended. Nil for a number that no run ends with.
  package let status: ScriptStatus
  /// How many expectations failed; nil when the run crashed.
  package let failed: Int?
  /// Virtual time at the end, in nanoseconds; nil when the run crashed.
  package let now: UInt64?
  /// One for each measured column.
  package let cells: [Cell]
  /// The first error in it, for people; empty when there was none.
  package let message: String

  package init(run: Int, status: ScriptStatus, failed: Int?, now: UInt64?, cells: [Cell], message: String) {
    self.run = run
    self.status = status
    self.failed = failed
    self.now = now
    self.cells = cells
    self.message = message
  }

  /// The row of a run that ended the process in which it ran.
  package static func crashed(run: Int, columnCount: Int) -> ExperimentRow {
    ExperimentRow(
      run: run, status: .fault, failed: nil, now: nil, cells: Array(repeating: .empty, count: columnCount),
      message: "migsh crashed")
  }

  /// The columns of every experiment that stand between the varied names and what the script measures.
  package static let fixedColumns = ["seed", "status", "failed", "now"]
}

// MARK: - As one line

/// A worker reports a row as one line, and the file of an experiment that is under way keeps it as that: fields between
/// tabs, each cell with a letter for its kind.
extension ExperimentRow {
  package var line: String {
    let numbers = ["\(run)", "\(status.rawValue)", failed.map(String.init) ?? "", now.map { String($0) } ?? ""]
    return (numbers + cells.map(\.coded) + [message]).map(Self.escaped).joined(separator: "\t")
  }

  /// The row that a line stands for; nil when it is not one with so many measured columns.
  package init?(line: some StringProtocol, columnCount: Int) {
    let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map { Self.unescaped($0) }
    guard fields.count == columnCount + 5, let run = Int(fields[0]), run >= 0, let code = Int32(fields[1]),
      let status = ScriptStatus(rawValue: code), fields[2].isEmpty || Int(fields[2]) != nil,
      fields[3].isEmpty || UInt64(fields[3]) != nil
    else { return nil }
    let cells = fields[4..<(4 + columnCount)].compactMap(Cell.init(coded:))
    guard cells.count == columnCount else { return nil }
    self.init(
      run: run, status: status, failed: Int(fields[2]), now: UInt64(fields[3]), cells: cells,
      message: fields[fields.count - 1])
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\t": result += "\\t"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func unescaped(_ text: some StringProtocol) -> String {
    var result = ""
    var isEscaped = false
    for scalar in text.unicodeScalars {
      switch (isEscaped, scalar) {
      case (false, "\\"):
        isEscaped = true
        continue
      case (true, "t"): result += "\t"
      case (true, "n"): result += "\n"
      case (true, "r"): result += "\r"
      default: result.unicodeScalars.append(scalar)
      }
      isEscaped = false
    }
    return result
  }
}

extension Cell {
  private static let letters: [(letter: Character, dimension: Dimension)] = [
    ("c", .count), ("n", .number), ("t", .time), ("s", .size), ("r", .rate), ("p", .share),
  ]

  fileprivate var coded: String {
    switch self {
    case .empty: "-"
    case .truth(let truth): "b\(truth)"
    case .text(let text): "x\(text)"
    case .whole(let number, let dimension): "w\(Self.letter(dimension))\(number)"
    case .decimal(let number, let dimension): "d\(Self.letter(dimension))\(number)"
    }
  }

  private static func letter(_ dimension: Dimension) -> String {
    letters.first { $0.dimension == dimension }.map { String($0.letter) } ?? ""
  }

  fileprivate init?(coded text: String) {
    let rest = text.dropFirst()
    let dimension = Self.letters.first { $0.letter == rest.first }?.dimension
    switch (text.first, dimension) {
    case ("-", _) where rest.isEmpty: self = .empty
    case ("b", _):
      guard let truth = Bool(String(rest)) else { return nil }
      self = .truth(truth)
    case ("x", _): self = .text(String(rest))
    case ("w", let dimension?):
      guard let number = Int64(rest.dropFirst()) else { return nil }
      self = .whole(number, dimension)
    case ("d", let dimension?):
      guard let number = Double(rest.dropFirst()) else { return nil }
      self = .decimal(number, dimension)
    default: return nil
    }
  }
}
