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

  /// For people in one form, and as data in another; without a title for data only.
  init(
    data name: String, title: String?, _ datum: @escaping @Sendable (Row) -> Report.Datum,
    shown: @escaping @Sendable (Row) -> String
  ) {
    self.title = title
    self.name = name
    self.shown = shown
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

/// The rows of a table, for people and as data. Only the one that is asked for is made.
public struct Listing: Sendable {
  private let titles: [String]
  private let count: Int
  /// What people are shown of a row.
  private let cells: @Sendable (Int) -> [(value: Report.Datum, shown: String?)]
  /// The rows in data, one after the other.
  private let objects: @Sendable () -> AnySequence<Report.Datum>

  var isEmpty: Bool { count == 0 }
  /// Whether people are shown it, be it only its titles.
  var isForPeople: Bool { !titles.isEmpty }

  /// Rows after which a table asks whether it is still wanted.
  private static let pollDistance = 64

  /// - Parameters:
  ///   - rows: the things that have a row each.
  ///   - columns: in the order in which people see them.
  ///   - data: the columns in the order of data; nil when that is the same.
  init<Row: Sendable>(
    _ rows: some Sequence<Row>, _ columns: [Column<Row>], data: (@Sendable () -> [Column<Row>])? = nil
  ) {
    self.init(Array(rows), columns.filter { $0.title != nil }) { rows in
      let members = (data?() ?? columns).filter { $0.name != nil }
      return AnySequence(
        rows.lazy.map { row in Report.Datum.object(members.compactMap { $0.item(row) }) })
    }
  }

  /// Rows that are something else than objects in data.
  init<Row: Sendable>(
    _ rows: some Sequence<Row>, _ columns: [Column<Row>], element: @escaping @Sendable (Row) -> Report.Datum
  ) {
    self.init(Array(rows), columns) { AnySequence($0.lazy.map(element)) }
  }

  private init<Row: Sendable>(
    _ rows: [Row], _ shown: [Column<Row>], objects: @escaping @Sendable ([Row]) -> AnySequence<Report.Datum>
  ) {
    titles = shown.compactMap(\.title)
    count = rows.count
    cells = { index in shown.map { ($0.datum(rows[index]), $0.shown?(rows[index])) } }
    self.objects = { objects(rows) }
  }

  private init(dataOf listing: Listing) {
    titles = []
    count = listing.count
    cells = { _ in [] }
    objects = listing.objects
  }

  /// The same rows for data only.
  var dataOnly: Listing { Listing(dataOf: self) }

  /// - Parameters:
  ///   - columns: how wide the screen is; nil when there is none.
  ///   - isInterrupted: asked now and then; once it is true, what is missing is left out.
  func text(in world: any Cluster, columns: Int? = nil, isInterrupted: () -> Bool = { false }) -> String {
    guard isForPeople else { return "" }
    var table = Table(titles: titles)
    for row in 0..<count {
      if row % Self.pollDistance == Self.pollDistance - 1, isInterrupted() { break }
      table.add(cells: texts(ofRow: row, in: world))
    }
    return table.text(columns: columns)
  }

  private func texts(ofRow row: Int, in world: any Cluster) -> [String] {
    cells(row).map { cell in
      if let shown = cell.shown { return shown }
      guard case .value(let value) = cell.value, value != .none else { return "" }
      return value.text(in: world)
    }
  }

  /// The titles, without what says how they are aligned, and which are aligned to the right; and the texts of every row.
  func grid(in world: any Cluster) -> (titles: [(text: String, isRight: Bool)], rows: [[String]]) {
    (
      titles.map { $0.hasSuffix(">") ? (String($0.dropLast()), true) : ($0, false) },
      titles.isEmpty ? [] : (0..<count).map { texts(ofRow: $0, in: world) }
    )
  }

  /// - Parameter isInterrupted: asked now and then; once it is true, what is missing is left out.
  func data(in world: any Cluster, isInterrupted: () -> Bool = { false }) -> [JSON] {
    var data: [JSON] = []
    for object in objects() {
      if data.count % Self.pollDistance == Self.pollDistance - 1, isInterrupted() { break }
      data.append(object.json(in: world))
    }
    return data
  }

  /// The rows as the value of a member in data.
  var datum: Report.Datum { .list(Array(objects())) }
}
