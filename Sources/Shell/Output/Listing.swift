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
  /// For people, in place of a text: how a number changed; nil in rows that have none.
  var trend: (@Sendable (Row) -> Trend?)?
  /// Whether it only draws what other columns say: who hears the screen read is spared it.
  private(set) var isDrawn = false
  /// On a screen that is too narrow, columns with the highest rank are left out first; those of rank 0 never are.
  private(set) var rank = 0

  /// The same column, left out on a screen that is too narrow.
  func leftOut(atRank rank: Int) -> Column {
    var column = self
    column.rank = rank
    return column
  }

  /// The same column, for a drawing of what another column says.
  var asDrawing: Column {
    var column = self
    column.isDrawn = true
    return column
  }

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

  /// How a number changed over time: drawn in a row of bars for people, and as a list of numbers in data.
  init(trend title: String, _ name: String, _ trend: @escaping @Sendable (Row) -> Trend?) {
    self.title = title
    self.name = name
    shown = nil
    datum = { row in trend(row).map { .list($0.values.map { .value(.count(Int(clamping: $0))) }) } ?? .value(.none) }
    self.trend = trend
    rank = .max
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
  private let cells: @Sendable (Int) -> [Cell]
  /// The rank of each column, whether it has trends, and whether it only draws what others say.
  private let ranks: [(rank: Int, isTrend: Bool, isDrawn: Bool)]
  /// The rows in data, one after the other.
  private let objects: @Sendable () -> AnySequence<Report.Datum>

  /// What stands in a column of a row.
  enum Cell: Sendable {
    case text(String)
    case value(Report.Datum)
    case trend(Trend?)

    init<Row>(_ row: Row, _ column: Column<Row>) {
      if let trend = column.trend {
        self = .trend(trend(row))
      } else if let shown = column.shown {
        self = .text(shown(row))
      } else {
        self = .value(column.datum(row))
      }
    }
  }

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
    cells = { index in shown.map { Cell(rows[index], $0) } }
    ranks = shown.map { ($0.rank, $0.trend != nil, $0.isDrawn) }
    self.objects = { objects(rows) }
  }

  private init(dataOf listing: Listing) {
    titles = []
    count = listing.count
    cells = { _ in [] }
    ranks = []
    objects = listing.objects
  }

  /// The same rows for data only.
  var dataOnly: Listing { Listing(dataOf: self) }

  /// - Parameters:
  ///   - screen: where it is shown.
  ///   - isInterrupted: asked now and then; once it is true, what is missing is left out.
  func text(in world: any Cluster, on screen: Screen = Screen(), isInterrupted: () -> Bool = { false }) -> String {
    guard isForPeople else { return "" }
    var table = Table(titles: titles)
    for row in 0..<count {
      if row % Self.pollDistance == Self.pollDistance - 1, isInterrupted() { break }
      table.add(cells: cells(row).map { Self.text($0, in: world, on: screen) })
    }
    // What is heard has no width, and a cell that is empty is not heard at all.
    guard !screen.tellsPictures else {
      for column in ranks.indices.reversed() where ranks[column].isDrawn { table.removeColumn(column) }
      return screen.told(table.told(columns: screen.columns))
    }
    let left = leaveOut(columnsOf: &table, on: screen)
    let names = left.isEmpty ? "" : "(no room for \(left.joined(separator: ", ")))\n"
    return table.text(columns: screen.columns) + names
  }

  /// Leaves out columns until the table fits the screen.
  ///
  /// - Returns: the titles of those that say what nothing else on the screen says.
  private func leaveOut(columnsOf table: inout Table, on screen: Screen) -> [String] {
    var present = Array(ranks.indices)
    var left: [String] = []
    let order = present.filter { ranks[$0].rank > 0 }.sorted { (ranks[$0].rank, $0) > (ranks[$1].rank, $1) }
    for column in order {
      guard !table.fits(screen.columns, lastRoom: Table.leastRoom),
        let place = present.firstIndex(of: column)
      else { break }
      table.removeColumn(place)
      present.remove(at: place)
      if !ranks[column].isTrend { left.append(titles[column].filter { $0 != ">" }) }
    }
    return left
  }

  private static func text(_ cell: Cell, in world: any Cluster, on screen: Screen) -> String {
    switch cell {
    case .text(let text): return text
    case .trend(let trend): return trend?.text(on: screen) ?? ""
    case .value(let datum):
      guard case .value(let value) = datum, value != .none else { return "" }
      return value.text(in: world)
    }
  }

  /// The titles, without what says how they are aligned, and which are aligned to the right; and the texts of every row, with
  /// the words for those that are drawn.
  func grid(
    in world: any Cluster
  ) -> (titles: [(text: String, isRight: Bool)], rows: [[(text: String, words: String?)]]) {
    (
      titles.map { $0.hasSuffix(">") ? (String($0.dropLast()), true) : ($0, false) },
      titles.isEmpty
        ? []
        : (0..<count).map { row in
          cells(row).map { cell in
            var words: String?
            if case .trend(let trend?) = cell { words = trend.words }
            return (Self.text(cell, in: world, on: Screen()), words)
          }
        }
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
