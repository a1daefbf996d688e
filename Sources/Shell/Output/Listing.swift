import Chronicle
import Simulator

/// A column of a table, a member of the objects in data that its rows are, or both.
struct Column<Row>: Sendable {
  /// A title that ends in `>` aligns the column to the right. Nil when the column is for data only.
  let title: String?
  /// Its name in data; nil when it is for people only.
  let name: String?
  let datum: @Sendable (Row) -> Report.Datum
  /// What people are shown; nil when that is the value.
  let shown: (@Sendable (Row) -> String)?

  /// The column's member of a row in data; nil when the column is for people only.
  func item(_ row: Row) -> Report.Item? { name.map { Report.Item($0, datum(row)) } }

  init(
    _ title: String? = nil, _ name: String? = nil, _ value: @escaping @Sendable (Row) -> Value,
    shown: (@Sendable (Row) -> String)? = nil
  ) {
    self.title = title
    self.name = name
    self.shown = shown
    datum = { .value(value($0)) }
  }

  /// For data only.
  init(data name: String, _ datum: @escaping @Sendable (Row) -> Report.Datum) {
    title = nil
    self.name = name
    shown = nil
    self.datum = datum
  }

  /// For people only.
  init(shown title: String, _ shown: @escaping @Sendable (Row) -> String) {
    self.title = title
    name = nil
    self.shown = shown
    datum = { _ in .value(.none) }
  }
}

/// The rows of a table, for people and as data.
public struct Listing: Sendable {
  private let titles: [String]
  private let cells: [[(value: Report.Datum, shown: String?)]]
  private let objects: [Report.Datum]

  var isEmpty: Bool { objects.isEmpty }

  /// - Parameters:
  ///   - rows: the things that have a row each.
  ///   - columns: in the order in which people see them.
  ///   - data: the columns in the order of data; nil when that is the same.
  init<Row>(_ rows: some Sequence<Row>, _ columns: [Column<Row>], data: [Column<Row>]? = nil) {
    let shown = columns.filter { $0.title != nil }
    let members = (data ?? columns).filter { $0.name != nil }
    titles = shown.compactMap(\.title)
    cells = rows.map { row in shown.map { ($0.datum(row), $0.shown?(row)) } }
    objects = rows.map { row in
      .object(members.compactMap { $0.item(row) })
    }
  }

  /// Rows that are something else than objects in data.
  init<Row>(_ rows: some Sequence<Row>, _ columns: [Column<Row>], element: (Row) -> Report.Datum) {
    titles = columns.compactMap(\.title)
    cells = rows.map { row in columns.map { ($0.datum(row), $0.shown?(row)) } }
    objects = rows.map(element)
  }

  private init(objects: [Report.Datum]) {
    titles = []
    cells = []
    self.objects = objects
  }

  /// The same rows for data only.
  var dataOnly: Listing { Listing(objects: objects) }

  func text(in world: any Cluster) -> String {
    guard !titles.isEmpty else { return "" }
    var table = Table(titles: titles)
    for row in cells {
      table.add(
        cells: row.map { cell in
          if let shown = cell.shown { return shown }
          guard case .value(let value) = cell.value, value != .none else { return "" }
          return value.text(in: world)
        })
    }
    return table.text
  }

  func data(in world: any Cluster) -> [JSON] { objects.map { $0.json(in: world) } }

  /// The rows as the value of a member in data.
  var datum: Report.Datum { .list(objects) }
}
