import MigrationKernel

/// What is drawn, in terms of what it shows and not of where it is drawn: one renderer makes characters of it, another one
/// SVG. The same can be read as sentences.
public struct Picture: Sendable {
  /// What it shows, as a line above it.
  var title: String
  /// What can be seen in it.
  var sentences: [String]
  /// What is drawn.
  let content: Content
  /// What marks in texts mean. Sentences do without marks.
  var marks: [String] = []
  /// What the reader has to know besides, such as what is not kept any more.
  var remarks: [String] = []
  /// Whether the title stands above the characters, too. Otherwise a line of the report says the same.
  var showsTitle = true

  /// Whether the title is told, too, where the picture is told and not drawn: unless a line of the report says the same.
  var tellsTitle = false

  /// The forms of pictures.
  enum Content: Sendable {
    case chart(Chart)
    case cells(CellMap)
    case nodes(NodeMap)
    case sequence(SequenceDiagram)
  }

  /// What marks stand for that are in the picture, in the order of the legend.
  var legend: [Ink] {
    let used: Set<Ink> =
      switch content {
      case .chart(let chart):
        Set(chart.rows.flatMap { row in row.spans.map(\.ink) + row.points.map(\.ink) }).subtracting([.amount])
      case .cells: [.empty, .touched, .dirty, .remote]
      case .nodes, .sequence: []
      }
    return Ink.allCases.filter(used.contains)
  }
}

/// Rows of marks along an axis: of time, or of numbers.
struct Chart: Sendable {
  let axis: Axis
  let rows: [Row]
  /// What the highest bar stands for where rows show amounts; 0 where none does.
  var most: UInt64 = 0

  struct Axis: Sendable {
    let start: UInt64
    let end: UInt64
    let unit: Unit

    enum Unit: Sendable {
      case time
      /// Things of this name, in the plural.
      case things(String)
    }

    /// How long it is, at least one.
    var length: UInt64 { max(1, end - min(start, end)) }

    /// Where something stands on it, in parts of `width`.
    func place(_ value: UInt64, in width: UInt64) -> UInt64 {
      (min(max(value, start), end) - start).scaled(by: width, over: length)
    }
  }

  struct Row: Sendable {
    var label: String
    var spans: [Span] = []
    var names: [Name] = []
    var points: [Point] = []
    /// What stands to the right of the row.
    var note = ""
  }

  /// From one place to another.
  struct Span: Sendable, Equatable {
    var start: UInt64
    var end: UInt64
    var ink: Ink
    /// For `.amount`: how much.
    var amount: UInt64 = 0
  }

  /// A name that stands where something begins.
  struct Name: Sendable, Equatable {
    let start: UInt64
    let end: UInt64
    let text: String
  }

  struct Point: Sendable, Equatable {
    let place: UInt64
    let ink: Ink
  }
}

/// Many equal things in a row, such as pages, each in one of several states.
struct CellMap: Sendable {
  let count: Int
  /// What one of them is called.
  let thing: String
  /// Each run goes from the end of the one before up to `end`.
  let runs: [Run]

  struct Run: Sendable, Equatable {
    let end: Int
    let ink: Ink
  }

  /// How many cells there are when each stands for so many things.
  func cellCount(each: Int) -> Int { (count + each - 1) / each }

  /// What each cell shows that stands for so many things: of what is among them, that which comes last in `Ink`.
  func cells(each: Int) -> [Ink] {
    var cells = [Ink](repeating: .empty, count: cellCount(each: each))
    var start = 0
    for run in runs where run.end > start {
      for cell in start / each...(run.end - 1) / each where run.ink.rawValue > cells[cell].rawValue {
        cells[cell] = run.ink
      }
      start = run.end
    }
    return cells
  }

  /// How many things a cell has to stand for so that there are no more cells than that: a power of two.
  func each(most: Int) -> Int {
    var each = 1
    while cellCount(each: each) > max(1, most) { each *= 2 }
    return each
  }
}

/// Nodes, and the lines between them.
struct NodeMap: Sendable {
  let nodes: [Box]
  /// Where not all lines are drawn, only those that have something special.
  let lines: [Connection]
  /// Nodes between which there are lines that are whole, directly or by way of others; more than one when the cluster has
  /// come apart.
  let islands: [[Int]]

  struct Box: Sendable {
    let name: String
    let isDown: Bool
    /// Runnable threads for each core.
    let load: String
    let memory: String
    /// The part of its memory in use, in thousandths.
    let memoryInUse: UInt64
    let processes: [String]
  }

  struct Connection: Sendable {
    let a: Int
    let b: Int
    let isCut: Bool
    /// What the line is like, when it is not like all others.
    let quality: String?
  }
}

/// Nodes side by side, with time going down: packets between them, and what happened at them.
struct SequenceDiagram: Sendable {
  let lanes: [String]
  let rows: [Row]

  struct Row: Sendable {
    let time: Nanoseconds
    let mark: Mark
    let text: String
  }

  enum Mark: Sendable {
    /// - Parameter arrival: nil when it is lost.
    case arrow(from: Int, to: Int, arrival: Nanoseconds?)
    case point(lane: Int)
  }
}
