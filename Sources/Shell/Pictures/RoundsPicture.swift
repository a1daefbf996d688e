import Chronicle
import MigrationKernel
import Simulator

/// The rounds of a migration, as `rounds` shows them: what each sent, and what was written meanwhile.
struct RoundsChart {
  private let record: MigrationRecord
  private let world: any Cluster

  init(_ record: MigrationRecord, in world: any Cluster) {
    self.record = record
    self.world = world
  }

  private var headline: String {
    "migration \(record.number) of \(world.name(of: record.attempt.process)) from \(world[record.source].name) to "
      + "\(world[record.destination].name), \(record.mechanism.rawValue), \(record.status.rawValue): "
      + "\(counted(record.rounds.count, "round")), \(counted(record.pagesSent, "page")) sent"
  }

  var picture: Picture {
    let most = (record.rounds.flatMap { [$0.pages, $0.dirtied] } + [record.pagesSentFrozen, 1]).max() ?? 1
    return Picture(
      title: headline, sentences: sentences,
      content: .chart(
        Chart(axis: .init(start: 0, end: UInt64(most), unit: .things("pages")), rows: rows)),
      remarks: record.rounds.isEmpty ? ["it has had no rounds: only --pretransfer, --flush and --hybrid have them"] : []
    )
  }

  private var rows: [Chart.Row] {
    var rows: [Chart.Row] = []
    for (number, round) in record.rounds.enumerated() {
      let throttle = round.throttle > 0 ? ", slowed by \(round.throttle)%" : ""
      rows.append(
        .init(
          label: "round \(number + 1)", spans: [.init(start: 0, end: UInt64(round.pages), ink: .sent)],
          note: "\(round.pages) in \(formatTime(round.duration))\(throttle)"))
      rows.append(
        .init(
          label: "", spans: [.init(start: 0, end: UInt64(round.dirtied), ink: .rewritten)],
          note: "\(round.dirtied) written"))
    }
    if record.frozenAt != nil {
      rows.append(
        .init(
          label: "frozen", spans: [.init(start: 0, end: UInt64(record.pagesSentFrozen), ink: .sentFrozen)],
          note: "\(record.pagesSentFrozen)\(frozenEnd)"))
    }
    return rows
  }

  /// How long it stood still for that, or what came of it.
  private var frozenEnd: String {
    if let time = record.freezeTime { return " in \(formatTime(time))" }
    return record.endedAt == nil ? " so far" : ", then \(record.status.rawValue)"
  }

  private var sentences: [String] {
    var sentences: [String] = []
    for (number, round) in record.rounds.enumerated() {
      sentences.append(
        "Round \(number + 1) sent \(counted(round.pages, "page")) in \(formatTime(round.duration)), and "
          + "\(round.dirtied) \(round.dirtied == 1 ? "was" : "were") written meanwhile; \(round.outcome.text).")
    }
    if record.frozenAt != nil {
      let time =
        record.freezeTime.map { "for \(formatTime($0))" }
        ?? (record.endedAt == nil ? "and has not gone on yet" : "until it was \(record.status.rawValue)")
      sentences.append(
        "Then it stood still \(time), in which \(counted(record.pagesSentFrozen, "page")) "
          + "\(record.pagesSentFrozen == 1 ? "was" : "were") sent.")
    }
    return sentences
  }

  static let shape = DataShape.object([
    .init("migration", .count, "its number, from 1"), .init("process", .process, "who moved"),
    .init("source", .node, "from where"), .init("destination", .node, "to where"),
    .init("mechanism", .word(Fields.mechanisms), "how"),
    .init("status", .word(Fields.statuses + ["lost"]), "how far it is, or how it ended"),
    .init(
      "rounds",
      .rows([
        .init("startedAt", .time, "when it began"), .init("duration", .time, "how long it took"),
        .init("pages", .count, "pages that it sent"), .init("bytes", .size, "what these took on the line"),
        .init("written", .count, "pages written meanwhile"),
        .init("throttle", .share, "by what part of its speed the process was slowed down"),
      ]), "its rounds"),
    .init("pagesSentFrozen", .count, "pages that went while the process stood still"),
    .init("freezeTime", .optional(.time), "freeze time; null when not known"),
  ])

  var items: [Report.Item] {
    [
      .init("migration", .count(record.number)), .init("process", .process(record.attempt.process)),
      .init("source", .node(record.source)), .init("destination", .node(record.destination)),
      .init("mechanism", .word(record.mechanism.rawValue)), .init("status", .word(record.status.rawValue)),
      .init(
        "rounds",
        .list(
          record.rounds.map { round in
            .object([
              .init("startedAt", .time(round.startedAt)), .init("duration", .time(round.duration)),
              .init("pages", .count(round.pages)), .init("bytes", .size(round.bytes)),
              .init("written", .count(round.dirtied)), .init("throttle", .share(Double(round.throttle) / 100)),
            ])
          })),
      .init("pagesSentFrozen", .count(record.pagesSentFrozen)),
      .init("freezeTime", .optional(record.freezeTime) { .time($0) }),
    ]
  }
}
