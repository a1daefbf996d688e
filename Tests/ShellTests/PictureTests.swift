import CommandLanguage
import Foundation
import FoundationXML
import Testing

@testable import Shell

/// Pictures as SVG: well-formed, readable by machines and people, and the same every time.
@Suite struct PictureTests {
  static let scene = """
    node add a b a-node-with-a-long-name
    spawn p1 --on a --pages 200 --program hot
    spawn p2 --on a --hold --pages 5
    spawn a-process-with-a-very-long-name --on b --pages 40 --program scan
    run 20ms
    migrate p1 b --pretransfer
    send p1 p2 "<&> \\"quoted\\" # ; text"
    start p2
    run 30ms
    migrate a-process-with-a-very-long-name a-node-with-a-long-name --on-reference
    freeze p2
    run 30ms
    link fail a a-node-with-a-long-name
    fail a-node-with-a-long-name
    run 40ms
    recover a-node-with-a-long-name
    resume p2
    link set a b --latency 3ms
    run 40ms
    kill p2
    run 10ms
    """

  static func session(_ script: String = scene) -> Session {
    var session = Session { _ in }
    let status = session.execute(SourceText(name: "scene", text: script))
    #expect(status == .success)
    return session
  }

  /// Every picture of a session.
  static func pictures(_ session: Session) throws -> [(name: String, picture: Picture)] {
    let world = session.state.world
    var found: [(name: String, picture: Picture)] = [
      ("timeline", Timeline(Array(world.processes.all), from: 0, to: .max, in: world).picture),
      ("map", ClusterMap(world).picture), ("load", LoadHistory(over: .max, in: world).picture),
    ]
    for record in world.migrations.all { found.append(("rounds", RoundsChart(record, in: world).picture)) }
    for record in world.processes.all {
      guard let view = world.view(of: record) else { continue }
      found.append(("memory", MemoryMap(record, view, in: world) { false }.picture))
    }
    return found
  }

  static func documents(_ script: String = scene) throws -> [String] {
    let session = session(script)
    var documents = try pictures(session).map { SVGRenderer().document($0.picture, name: $0.name) }
    documents.append(try ExportTests.file("messages", ".svg", in: session))
    return documents
  }

  @Test func areWellFormedAndSelfContained() throws {
    let documents = try Self.documents()
    #expect(documents.count >= 7)
    for document in documents {
      let reader = XMLOutline(document)
      #expect(reader.error == nil, "\(reader.error ?? "")\n\(document)")
      let root = try #require(reader.elements.first)
      #expect(root.name == "svg" && root.attributes["role"] == "img")
      // The title is its name; the sentences describe it, and can be passed over.
      let labels = [
        try #require(root.attributes["aria-labelledby"]), try #require(root.attributes["aria-describedby"]),
      ]
      #expect(reader.elements.dropFirst().prefix(2).map(\.name) == ["title", "desc"])
      #expect(reader.elements.dropFirst().prefix(2).map { $0.attributes["id"] } == labels)
      #expect(reader.elements.dropFirst().prefix(2).allSatisfy { !$0.text.isEmpty })
      // Nothing is executed and nothing comes from elsewhere.
      #expect(!reader.elements.contains { ["script", "image", "use", "a", "foreignObject"].contains($0.name) })
      #expect(document.ranges(of: "http").count == 1)
      #expect(document.contains("prefers-color-scheme:dark"))
      let identifiers = reader.elements.compactMap { $0.attributes["id"] }
      #expect(Set(identifiers).count == identifiers.count)
      for match in document.matches(of: /url\(#([^)]*)\)/) { #expect(identifiers.contains(String(match.1))) }
    }
  }

  /// Every mark has a colour on a light and on a dark ground.
  @Test func everyClassIsDefined() throws {
    for document in try Self.documents() {
      let reader = XMLOutline(document)
      let style = try #require(reader.elements.first { $0.name == "style" }).text
      let used = Set(reader.elements.compactMap { $0.attributes["class"] }).subtracting(["over"])
      for name in used {
        let rules = style.matches(of: /\.([a-zA-Z-]+)[,{]/).count { $0.1 == name }
        #expect(rules >= 2, "\(name) has \(rules) rules")
      }
    }
  }

  /// No text stands on another one or beyond the edge, with as much room for each character as most fonts need.
  @Test func textsDoNotOverlap() throws {
    for document in try Self.documents() {
      let reader = XMLOutline(document)
      let width = Int(reader.elements.first?.attributes["width"] ?? "") ?? 0
      let height = Int(reader.elements.first?.attributes["height"] ?? "") ?? 0
      let boxes = reader.elements.filter { $0.name == "text" }.map(TextBox.init)
      #expect(boxes.count > 2)
      for (place, box) in boxes.enumerated() {
        #expect(box.left >= 0 && box.right <= width && box.bottom <= height, "\(box) leaves \(width) by \(height)")
        for other in boxes[(place + 1)...] { #expect(!box.touches(other), "\(box) and \(other)") }
      }
    }
  }

  @Test func theSameRunGivesTheSameBytes() throws {
    #expect(try Self.documents() == Self.documents())
  }

  /// What a screen reader is told names every process and every node that was down.
  @Test func descriptionsSayWhatIsDrawn() throws {
    let pictures = try Self.pictures(Self.session())
    let timeline = try #require(pictures.first { $0.name == "timeline" }).picture.sentences
    for part in [
      "Node a-node-with-a-long-name was down from", "Process p1: active on a from 0 ns, active while it is being moved",
      "frozen from", "on b from", "Process p2: not started on a from 0 ns", "stopped by the operator", "ended at",
      "waited for pages from elsewhere", "lost at",
    ] {
      #expect(timeline.contains { $0.contains(part) }, "nothing says `\(part)`")
    }
    #expect(pictures.allSatisfy { !$0.picture.sentences.isEmpty })
  }

  /// No line is wider than the screen, whatever is drawn; colours change nothing but colours.
  @Test(arguments: [40, 60, 80, 200]) func fitsTheScreen(_ width: Int) throws {
    for (name, picture) in try Self.pictures(Self.session()) {
      for isUnicode in [true, false] {
        var screen = Screen(columns: width)
        screen.showsUnicode = isUnicode
        let text = CharacterRenderer(screen: screen).text(picture)
        let longest = text.split(separator: "\n").map(\.count).max() ?? 0
        // Two long names of nodes, and what their line is like, stand in a line of the map whatever its width.
        if name != "map" || width >= 80 { #expect(longest <= width, "\(name) at \(width):\n\(text)") }
        let isASCII = text.utf8.allSatisfy { $0 < 128 }
        #expect(isASCII || isUnicode, "\(name):\n\(text)")
        screen.showsColors = true
        let colored = CharacterRenderer(screen: screen).text(picture)
        #expect(colored.replacing(/\u{1B}\[[0-9]+m/, with: "") == text)
        if name == "timeline" { #expect(colored != text) }
        screen.tellsPictures = true
        #expect(!CharacterRenderer(screen: screen).text(picture).contains("\u{1B}"))
      }
    }
  }

  /// Every page stands in the map, at every size of a cell.
  @Test func cellsShowWhatComesLast() {
    let map = CellMap(
      count: 10, thing: "page",
      runs: [
        .init(end: 3, ink: .empty), .init(end: 4, ink: .dirty), .init(end: 9, ink: .touched),
        .init(end: 10, ink: .remote),
      ])
    #expect(
      map.cells(each: 1) == [.empty, .empty, .empty, .dirty, .touched, .touched, .touched, .touched, .touched, .remote])
    #expect(map.cells(each: 2) == [.empty, .dirty, .touched, .touched, .remote])
    #expect(map.cells(each: 4) == [.dirty, .touched, .remote])
    #expect(map.each(most: 10) == 1 && map.each(most: 9) == 2 && map.each(most: 3) == 4 && map.each(most: 1) == 16)
  }

  /// What the log does not go back to is not drawn, and the picture says so. What still lasts is known all the same.
  @Test func whatTheLogHasForgottenIsNotDrawn() throws {
    let session = Self.session(
      """
      node add a b
      spawn p --on a
      spawn q --on a --program echo
      freeze p
      fail b
      run 10ms
      set log-size 10
      for i in 1..2000 { send q q "x" }
      run 100ms
      """)
    let world = session.state.world
    let timeline = Timeline(Array(world.processes.all), from: 0, to: .max, in: world)
    #expect(timeline.history.knownSince > 0 && timeline.start == timeline.history.knownSince)
    #expect(timeline.picture.remarks.contains { $0.contains("does not go further back") })
    guard case .chart(let chart) = timeline.picture.content else { throw Missing() }
    #expect(chart.axis.start == timeline.start)
    #expect(chart.rows.map(\.label) == ["node b", "p", "q"])
    #expect(chart.rows.map { $0.spans.map(\.ink) } == [[.down], [.stopped], [.active]])
    #expect(chart.rows.allSatisfy { $0.spans.first?.start ?? 0 >= timeline.start || $0.label == "node b" })
  }

  private struct Missing: Error {}

  /// However many marks there are, no more are drawn than there are pixels, and nothing notable is left out.
  @Test func manyMarksBecomeFew() {
    let spans = (0..<20_000 as Range<UInt64>).map {
      Chart.Span(start: $0, end: $0 + 1, ink: $0 % 2 == 0 ? .active : .stalled)
    }
    var row = Chart.Row(label: "p", spans: spans)
    row.spans[10_001].ink = .frozen
    let chart = Chart(axis: .init(start: 0, end: 20_000, unit: .time), rows: [row])
    let coarse = chart.coarse(row, in: 500)
    #expect(coarse.spans.count == 3 && coarse.spans.map(\.ink) == [.stalled, .frozen, .stalled])
    #expect(coarse.spans.first?.start == 0 && coarse.spans.last?.end == 20_000)
    #expect(zip(coarse.spans, coarse.spans.dropFirst()).allSatisfy { $0.end == $1.start })
    let picture = Picture(title: "many", sentences: [], content: .chart(chart))
    #expect(SVGRenderer().document(picture, name: "many").utf8.count < 10_000)
  }

  @Test func ticksAreRound() {
    func ticks(_ start: UInt64, _ end: UInt64, _ most: Int) -> [UInt64] {
      Chart.Axis(start: start, end: end, unit: .time).ticks(atMost: most)
    }
    #expect(ticks(0, 100, 5) == [0, 20, 40, 60, 80, 100])
    #expect(ticks(95, 295, 4) == [100, 150, 200, 250])
    #expect(ticks(7, 7, 4) == [7])
    #expect(ticks(0, .max, 4).count >= 2)
  }
}

/// Where a text stands, by the room that is left for it.
private struct TextBox: CustomStringConvertible {
  let text: String
  let left: Int
  let right: Int
  let bottom: Int

  init(_ element: XMLOutline.Element) {
    text = element.text
    // Letters of usual fonts take 7 pixels on average, those of titles 9.
    let width = text.count * (element.attributes["class"] == "title" ? 9 : 7)
    let x = Int(element.attributes["x"] ?? "") ?? 0
    switch element.attributes["text-anchor"] {
    case "middle": left = x - width / 2
    case "end": left = x - width
    default: left = x
    }
    right = left + width
    bottom = Int(element.attributes["y"] ?? "") ?? 0
  }

  func touches(_ other: TextBox) -> Bool {
    abs(bottom - other.bottom) < 12 && left < other.right && other.left < right
  }

  var description: String { "`\(text)` at \(left)–\(right), \(bottom)" }
}

/// The elements of a document in XML.
final class XMLOutline: NSObject, XMLParserDelegate {
  struct Element {
    let name: String
    let attributes: [String: String]
    var text = ""
  }

  private(set) var elements: [Element] = []
  private(set) var error: String?
  private var open: [Int] = []

  init(_ document: String) {
    super.init()
    let parser = XMLParser(data: Data(document.utf8))
    parser.delegate = self
    if !parser.parse() { error = error ?? "\(String(describing: parser.parserError)) in line \(parser.lineNumber)" }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    open.append(elements.count)
    elements.append(Element(name: name, attributes: attributes))
  }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    open.removeLast()
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) {
    if let place = open.last { elements[place].text += text }
  }
}
