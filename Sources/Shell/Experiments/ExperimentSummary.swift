import CommandLanguage

/// Means and confidence intervals over the seeds, for each combination of varied values.
package struct ExperimentSummary {
  private let script: ExperimentScript
  private let rows: [ExperimentRow]

  /// - Parameter rows: all of them, in the order of the grid.
  package init(_ script: ExperimentScript, rows: [ExperimentRow]) {
    self.script = script
    self.rows = rows
  }

  /// A table with a line for each combination of values, and a column for each variable that holds numbers. A number in
  /// parentheses says how many of the runs gave one, when not all did.
  package var text: String {
    let measured = script.measured.indices.compactMap { index in
      dimension(ofColumn: index).map { (index: index, dimension: $0) }
    }
    let hasFailures = rows.contains { $0.status != .success }
    var titles = script.grid.variations.map { $0.name.uppercased() } + ["RUNS>"]
    if hasFailures { titles.append("FAILED>") }
    titles += measured.map { "\(script.measured[$0.index])>" }
    var table = Table(titles: titles)
    var start = 0
    for point in 0..<script.grid.pointCount {
      let end = rows[start...].firstIndex { script.grid.point(ofRun: $0.run) != point } ?? rows.count
      let group = rows[start..<end]
      start = end
      var cells = script.grid.choices(atPoint: point).map(\.text) + ["\(group.count)"]
      if hasFailures { cells.append("\(group.count { $0.status != .success })") }
      cells += measured.map { column in
        let numbers = group.compactMap { $0.cells[column.index].number?.value }
        return Estimate(numbers).map { text($0, column.dimension, of: group.count) } ?? "-"
      }
      table.add(cells: cells)
    }
    return table.text + (measured.isEmpty ? "" : "mean ± half of the 95 % confidence interval\n")
  }

  /// What a column's numbers measure; nil when there are none, or something else too.
  private func dimension(ofColumn index: Int) -> Dimension? {
    var found: Dimension?
    for row in rows where row.cells[index] != .empty {
      guard let dimension = row.cells[index].number?.dimension else { return nil }
      found = found == nil || found == dimension ? dimension : .number
    }
    return found
  }

  private func text(_ estimate: Estimate, _ dimension: Dimension, of runs: Int) -> String {
    let text = estimate.text(dimension)
    return estimate.count == runs ? text : "\(text) (\(estimate.count))"
  }
}
