import Chronicle
import MigrationKernel
import Simulator

/// The pages of a process, as `memory` shows them.
struct MemoryMap {
  private let record: ProcessDirectory.Record
  private let process: ProcessView
  private let world: any Cluster
  private let map: CellMap

  /// Pages between two looks at whether the user wants to go on.
  private static let pollDistance = 1 << 20

  /// - Parameter isInterrupted: asked now and then; once it is true, the rest is left out.
  init(
    _ record: ProcessDirectory.Record, _ process: ProcessView, in world: any Cluster, isInterrupted: () -> Bool
  ) {
    self.record = record
    self.process = process
    self.world = world
    var runs: [CellMap.Run] = []
    for page in 0..<process.pageCount {
      if page % Self.pollDistance == Self.pollDistance - 1, isInterrupted() { break }
      let ink: Ink =
        switch process.state(ofPage: page) {
        case .remote: .remote
        case .dirty: .dirty
        case .empty: .empty
        case .touched: .touched
        }
      if runs.last?.ink == ink { runs.removeLast() }
      runs.append(.init(end: page + 1, ink: ink))
    }
    map = CellMap(count: process.pageCount, thing: "page", runs: runs)
  }

  /// What it holds, in one line.
  var headline: String {
    let remote = process.remoteCount
    let holders = process.holdings.map { "\($0.pageCount) on \(world.name(of: $0.node))" }.joined(separator: ", ")
    return "\(record.name): \(counted(process.pageCount, "page")) of \(formatSize(UInt64(process.pageSize))), "
      + "\(process.touchedCount) not empty, \(process.dirtyCount) written here"
      + (remote > 0 ? ", \(remote) elsewhere\(holders.isEmpty ? "" : " (\(holders))")" : "")
  }

  var picture: Picture { picture("memory of \(headline)", told: headline) }

  /// The picture under a headline that says more.
  func picture(_ headline: String) -> Picture { picture(headline, told: headline) }

  private func picture(_ title: String, told: String) -> Picture {
    Picture(title: title, sentences: [told + "."] + runSentences, content: .cells(map), showsTitle: false)
  }

  /// How its pages stand, in at most so many cells.
  func cells(most: Int) -> (each: Int, inks: [Ink]) {
    let each = map.each(most: most)
    return (each, map.cells(each: each))
  }

  private static let mostTold = 40

  private var runSentences: [String] {
    var start = 0
    var sentences = map.runs.prefix(Self.mostTold).map { run -> String in
      defer { start = run.end }
      let meaning = run.ink.look.meaning
      return run.end - start == 1
        ? "Page \(start) is \(meaning)." : "Pages \(start) to \(run.end - 1) are \(meaning)."
    }
    if map.runs.count > Self.mostTold {
      sentences.append("\(map.runs.count - Self.mostTold) more runs of pages follow.")
    }
    return sentences
  }

  static let shape = DataShape.object([
    .init("process", .process, "whose pages they are"), .init("pages", .count, "how many there are"),
    .init("pageSize", .size, "each"), .init("notEmpty", .count, "pages that are not empty"),
    .init("written", .count, "pages written since it came, or since the last round took them"),
    .init("digest", .text, "a digest of all contents, in hexadecimal"), .init("remote", .count, "pages on other nodes"),
    .init(
      "runs",
      .rows([
        .init("first", .count, "the first page"), .init("count", .count, "how many"),
        .init("state", .word(["remote", "written", "not-empty", "empty"]), "how they are"),
      ]), "pages that are alike, one after another"),
  ])

  var items: [Report.Item] {
    var start = 0
    let runs = map.runs.map { run -> Report.Datum in
      defer { start = run.end }
      return .object([
        .init("first", .count(start)), .init("count", .count(run.end - start)),
        .init("state", .word(Self.word(run.ink))),
      ])
    }
    return [
      .init("process", .process(record.id)), .init("pages", .count(process.pageCount)),
      .init("pageSize", .size(process.pageSize)), .init("notEmpty", .count(process.touchedCount)),
      .init("written", .count(process.dirtyCount)), .init("digest", .text(hexadecimal(process.memoryDigest))),
      .init("remote", .count(process.remoteCount)), .init("runs", .list(runs)),
    ]
  }

  private static func word(_ ink: Ink) -> String {
    switch ink {
    case .remote: "remote"
    case .dirty: "written"
    case .touched: "not-empty"
    default: "empty"
    }
  }
}
