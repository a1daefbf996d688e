import MigrationKernel

/// Migrations, and the policies that choose them, as data.
extension SharedShape {
  static let migration = SharedShape(
    "Migration", "a migration",
    .object(
      MigrationNumber.members.map(\.member) + [
        .init("choice", .shared(choice), "what policies chose; only where they did", isAlwaysThere: false)
      ]))

  static let round: [DataShape.Member] = [
    .init("pages", .count, "pages that it sent"), .init("bytes", .size, "what these took on the line"),
    .init("dirtied", .count, "pages written meanwhile"),
    .init("throttle", .count, "by how many hundredths of its speed the process was slowed down"),
    .init("writeRate", .count, "pages written in a second"), .init("duration", .time, "how long it took"),
    .init("rate", .rate, "how fast its bytes left"),
    .init("expectedFreezeTime", .time, "the freeze time, had the process been stopped after it"),
    .init(
      "outcome",
      .word(["goesOn", "clean", "slowsDown", "noReduction", "boundReached", "downtimeMet", "familyReady"]),
      "what followed from it"),
  ]

  static let choice = SharedShape(
    "Choice", "what policies chose",
    .object([
      .init(
        "process",
        .optional(
          .object([
            .init("policy", .text, "the policy that selected"), .init("count", .count, "how many there were"),
            .init("candidates", .rows(processCandidate), "the best of them, the chosen first"),
          ])), "which process moves; null when it was named"),
      .init(
        "node",
        .optional(
          .object([
            .init("policy", .text, "the policy that chose"),
            .init("chosen", .optional(.node), "the node; null when none was chosen"),
            .init(
              "why", .optional(.word(["noCandidate", "nobodyTold", "costsMore"])),
              "why none was chosen; null when one was, or when the policy has none"),
            .init("probes", .count, "nodes that were asked"),
            .init("candidates", .rows(nodeCandidate), "those known, the best first"),
          ])), "where it moves to; null when no node was looked for"),
    ]))

  private static let processCandidate: [DataShape.Member] = [
    .init("process", .process, "its name"), .init("age", .time, "since it was created"),
    .init("cpu", .time, "core time that it has had"), .init("residence", .time, "since it came to the node"),
    .init("pages", .count, "its pages there"), .init("cost", .time, "what its move would take"),
    .init("remoteMessages", .count, "messages between it and other nodes"),
    .init("value", .optional(.number), "what the policy makes of that; null when it cannot be chosen"),
  ]

  private static let nodeCandidate: [DataShape.Member] = [
    .init("node", .node, "its name"),
    .init("runnable", .optional(.count), "runnable threads; null when it has told nothing"),
    .init("arriving", .count, "processes on their way there"),
    .init("cores", .optional(.count), "its cores; null when it has told nothing"),
    .init("load", .optional(.number), "runnable threads for each core; null when it has told nothing"),
    .init("freeMemory", .optional(.size), "its free memory; null when it has told nothing"),
    .init("messages", .count, "messages between it and the process"),
    .init("age", .optional(.time), "how old that is; null for the node itself"),
    .init("value", .optional(.number), "what the policy makes of that; null when it cannot be chosen"),
  ]

  static let policies = SharedShape(
    "Policies", "which policies are followed",
    .object([
      .init("placement", .object(nodeRule), "which node a new process begins on"),
      .init("selection", .text, "the policy that says which process moves"),
      .init("destination", .object(nodeRule), "which node a process moves to"),
      .init(
        "initiation",
        .object([
          .init("policy", .word(InitiationPolicy.allCases.map(\.name)), "who begins"),
          .init("threshold", .number, "the load above which a node has too much"),
          .init("probes", .count, "nodes that are asked at most"), .init("every", .time, "how often a node looks"),
          .init("residence", .time, "how long a process stays before it may move again"),
          .init("costBenefit", .boolean, "whether a process moves only when it gains more than that costs"),
        ]), "who begins to balance, and when"),
      .init("balancing", .boolean, "whether nodes balance their load by themselves"),
    ]))

  private static let nodeRule: [DataShape.Member] = [
    .init("policy", .text, "its name"), .init("threshold", .number, "the load that is low enough"),
    .init("probes", .count, "nodes that are asked at most"),
    .init("inflates", .boolean, "whether processes on their way count"),
  ]

  /// A mean over seeds.
  static func estimate(_ shape: DataShape) -> DataShape {
    .optional(
      .object([
        .init("mean", shape, "the mean over seeds"),
        .init("margin", .optional(shape), "half of its 95 % confidence interval; null with one seed"),
      ]))
  }
}

extension MigrationNumber {
  /// It as a member in data.
  fileprivate var member: DataShape.Member { .init(name, shape ?? kind.shape, summary) }
}

extension JobNumber {
  /// It as a member in data. How well jobs fared nobody knows before one has completed.
  fileprivate func member(isOptional: Bool) -> DataShape.Member {
    .init(name, isOptional ? .optional(kind.shape) : kind.shape, summary)
  }

  /// All of them as data.
  static let shape = SharedShape(
    "Jobs", "how jobs fared",
    .object(fates.map { $0.member(isOptional: false) } + times.map { $0.member(isOptional: true) }))
}

extension Field.Kind {
  /// Its values as data.
  var shape: DataShape {
    switch self {
    case .boolean: .boolean
    case .count, .migration: .count
    case .counts: .list(.count)
    case .number: .number
    case .time: .time
    case .size: .size
    case .share: .share
    case .text, .word: .text
    case .texts: .list(.text)
    case .node: .node
    case .nodes: .list(.node)
    case .process: .process
    case .processes: .list(.process)
    case .migrations, .messages: .list(.count)
    }
  }
}
