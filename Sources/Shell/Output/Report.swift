import Chronicle
import Simulator

/// What a command has to say, in blocks. One renderer turns them into lines for people, another one into data.
public struct Report: Sendable {
  /// A part of a report.
  public enum Block: Sendable {
    /// A sentence, or lines of prose, for people only.
    case sentence(String)
    /// The same in light Markdown: what is emphasised is shown as such where the screen can.
    case prose(String)
    /// Names with their values.
    case facts([Item])
    /// Rows in columns, each of them an object of data.
    case table(Listing)
    /// A picture, for people only.
    case drawing(Picture)
    /// Reports of their own, one below the other.
    case reports([Report])
  }

  /// In the order in which people are shown them.
  public var blocks: [Block]

  public init(_ blocks: [Block]) { self.blocks = blocks }

  /// A sentence, and the same as data.
  public init(_ sentence: String, _ items: Item...) { self.init(sentence, items) }

  /// A sentence, and the same as data.
  public init(_ sentence: String, _ items: [Item]) { blocks = [.sentence(sentence), .facts(items)] }

  /// Prose in light Markdown, and the same as data.
  public init(prose: String, _ items: [Item]) { blocks = [.prose(prose), .facts(items)] }

  /// A text for people, and rows as data only.
  init(_ listing: Listing, _ text: String) { blocks = [.sentence(text), .table(listing.dataOnly)] }

  /// Rows, or a sentence when there are none.
  init(_ listing: Listing, whenEmpty sentence: String) {
    blocks = listing.isEmpty ? [.sentence(sentence), .table(listing.dataOnly)] : [.table(listing)]
  }
}

extension Report {
  /// A name and a value: a row for people, a member of an object in data, or both.
  public struct Item: Sendable {
    /// The beginning of its row; nil when it is for data only.
    let label: String?
    /// Its name in data; nil when it is for people only.
    let name: String?
    let datum: Datum
    /// What people are shown; nil when that is the value.
    let shown: String?

    /// A member of an object in data, and with a label a row for people.
    public init(_ name: String, _ value: Value, label: String? = nil, shown: String? = nil) {
      self.init(name, .value(value), label: label, shown: shown)
    }

    /// A member of an object in data, and with a label a row for people.
    public init(_ name: String, _ datum: Datum, label: String? = nil, shown: String? = nil) {
      self.label = label
      self.name = name
      self.datum = datum
      self.shown = shown
    }

    /// A row that only people are shown.
    init(label: String, _ shown: String) {
      self.label = label
      name = nil
      datum = .value(.none)
      self.shown = shown
    }

    func text(in world: any Cluster) -> String {
      if let shown { return shown }
      guard case .value(let value) = datum else { return "" }
      return value.text(in: world)
    }
  }

  /// Something as data.
  public indirect enum Datum: Sendable {
    case value(Value)
    case object([Item])
    case list([Datum])
    /// JSON that was made elsewhere.
    case json(JSON)

    func json(in world: any Cluster) -> JSON {
      switch self {
      case .value(let value): value.json(in: world)
      case .object(let items): items.json(in: world)
      case .json(let data): data
      case .list(let elements): .array(elements.map { $0.json(in: world) })
      }
    }
  }
}

extension [Report.Item] {
  fileprivate func json(in world: any Cluster) -> JSON {
    .object(compactMap { item in item.name.map { ($0, item.datum.json(in: world)) } })
  }
}

// MARK: - Rendering

extension Report {
  /// The report for people; empty when it has nothing to say to them.
  ///
  /// - Parameters:
  ///   - screen: where it is shown.
  ///   - isInterrupted: asked now and then; once it is true, what is missing is left out.
  public func text(
    in world: any Cluster, on screen: Screen = Screen(), isInterrupted: () -> Bool = { false }
  ) -> String {
    blocks.enumerated().map { number, block in
      // Who is told of a picture need not read twice what stands above it.
      if screen.tellsPictures, case .sentence = block, number + 1 < blocks.count, case .drawing = blocks[number + 1] {
        return ""
      }
      return Self.text(block, world, screen, isInterrupted)
    }
    .joined()
  }

  /// Whether people are told anything.
  var saysSomething: Bool {
    blocks.contains { block in
      switch block {
      case .sentence(let text), .prose(let text): !text.isEmpty
      case .facts(let items): items.contains { $0.label != nil }
      case .drawing: true
      case .table(let listing): listing.isForPeople
      case .reports(let reports): reports.contains(where: \.saysSomething)
      }
    }
  }

  private static func text(
    _ block: Block, _ world: any Cluster, _ screen: Screen, _ isInterrupted: () -> Bool
  ) -> String {
    switch block {
    // Lines are broken first: what is styled is longer than it looks.
    case .prose(let text): Emphasis.shown(screen.told(Self.ended(text)), on: screen)
    case .sentence(let text): screen.told(Self.ended(text))
    case .facts(let items):
      screen.told(
        sheet(items.compactMap { item in item.label.map { ($0, item.text(in: world)) } }, columns: screen.columns))
    case .drawing(let picture): CharacterRenderer(screen: screen).text(picture)
    case .table(let listing): listing.text(in: world, on: screen, isInterrupted: isInterrupted)
    case .reports(let reports):
      reports.map { $0.text(in: world, on: screen, isInterrupted: isInterrupted) }.joined()
    }
  }

  private static func ended(_ text: String) -> String { text.isEmpty || text.hasSuffix("\n") ? text : text + "\n" }

  /// The report as data: an object of its facts, or, when it has none, a list of the rows of its table.
  ///
  /// - Parameter isInterrupted: asked now and then; once it is true, what is missing is left out.
  public func data(in world: any Cluster, isInterrupted: () -> Bool = { false }) -> JSON {
    var items: [Item] = []
    var list: [JSON]?
    for block in blocks {
      switch block {
      case .sentence, .prose, .drawing: break
      case .facts(let facts): items += facts
      case .table(let listing): list = list ?? listing.data(in: world, isInterrupted: isInterrupted)
      case .reports(let reports): list = reports.map { $0.data(in: world) }
      }
    }
    guard items.isEmpty else { return items.json(in: world) }
    return list.map { .array($0) } ?? .null
  }
}
