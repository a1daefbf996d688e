import Chronicle
import Simulator

/// A column of a table, a member of the objects in data that its rows are, or both.
struct Column<Row>: Sendable {
  /// A title that ends in `>` sets the column to the right; nil when people are not shown it.
  let title: String?
  /// What data calls it; nil when it is for people only.
  let name: String?
  let datum: @Sendable (Row) -> Report.Datum
  /// What people are shown, where that is not the value.
  let shown: (@Sendable (Row) -> String)?

  /// The member of the object in data that a row is; nil when data does not have it.
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

/// The rows of a table, with what people are shown of each and what data says of it.
public struct Listing: Sendable {
  private let titles: [String]
  private let cells: [[(value: Report.Datum, shown: String?)]]
  private let objects: [Report.Datum]

  var isEmpty: Bool { objects.isEmpty }

  /// - Parameters:
  ///   - rows: of what there is a row each.
  ///   - columns: in the order in which people are shown them.
  ///   - data: in the order in which data names them, where that is another one.
  init<Row>(_ rows: some Sequence<Row>, _ columns: [Column<Row>], data: [Column<Row>]? = nil) {
    let shown = columns.filter { $0.title != nil }
    let members = (data ?? columns).filter { $0.name != nil }
    titles = shown.compactMap(\.title)
    cells = rows.map { row in shown.map { ($0.datum(row), $0.shown?(row)) } }
    objects = rows.map { row in
      .object(members.compactMap { $0.item(row) })
    }
  }

  /// Rows that stand in data as something else than objects.
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

  /// The same without anything for people.
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

  /// The rows as a member of an object in data.
  var datum: Report.Datum { .list(objects) }
}
