import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// Commands that let jobs come: by chance, or as a file lists them.
extension Commands {
  static let workloads: [Command] = [
    Command(
      "workload add", [Workloads.name],
      flags: [
        Workloads.on, Workloads.rate, Workloads.service, Workloads.mean, Workloads.shape, Workloads.pages,
        Workloads.jobs,
      ],
      summary: "let jobs come by chance, from now on",
      details: """
        A job is a process that executes the program `job`: it computes for its service time, and ends. Jobs are called \
        NAME1, NAME2, … Each is asked for at a node that is drawn from those of --on (all members of the cluster) which are \
        up; one for which there is no room counts as refused. The times between two arrivals are exponential. \
        Service times are `exponential`; `fixed`; `pareto`, where P(longer than t) falls as t to the power of minus X; or \
        `lognormal`, where X is the standard deviation of the logarithm. X is 1.5 or 1 unless said. Up to shape 1 a Pareto \
        distribution has no mean: then its longest times are \(Int(ServiceDistribution.boundRatio)) times its shortest, and \
        the shortest is such that the mean is T. Shape 1 is the 1/t tail that Harchol-Balter and Downey measured (1997).
        Arrivals, service times and nodes are drawn from streams of their own, so policies can be compared over the same \
        jobs. `help fields` has what can be asked of them (`jobs.`), `stats` prints it, `set warm-up` leaves out the first.
        """,
      examples: [
        "workload add w --rate 5 --service exponential --mean 100ms",
        "workload add w --on a,b --rate 2 --service pareto --mean 1s --shape 1 --jobs 1000",
      ], preparation: "node add a b", sequel: "run 5s; stats", data: workloadShape, group: "Jobs", run: addWorkload),
    Command(
      "workload trace", [Workloads.name, Workloads.file],
      flags: [
        Workloads.format, Workloads.on, Workloads.pages, Workloads.speed, Workloads.threads, Workloads.jobs,
      ],
      summary: "let jobs come as a file lists them, from now on",
      details: """
        CSV: the first line names the columns `arrival` and `service`, and if wanted `pages`, `threads` and `node`. Times \
        are seconds, or have a unit (`20ms`), and count from now on. SWF is the Standard Workload Format of the Parallel \
        Workloads Archive: of its 18 fields the submit time and the run time are used, and with --threads the processors. \
        Jobs of which one of the two is not known, or that ran for no time, are left out. A file has at most \
        \(formatSize(UInt64(TraceReader.sizeLimit))), and its jobs must be in order. A script finds it beside itself.
        """,
      examples: ["workload trace t jobs.csv --pages 16", "workload trace t log.swf --speed 100 --jobs 5000 --on a,b"],
      preparation: "node add a b", data: workloadShape, group: "Jobs", run: traceWorkload),
    Command(
      "workload stop", [Workloads.running], summary: "no more jobs of a workload come; those that are there go on",
      examples: ["workload stop w"],
      preparation: "node add a b; workload add w --rate 5 --service exponential --mean 100ms; run 5s",
      data: .object([
        .init("workload", .text, "its name"), .init("inSystem", .count, "jobs of it that are there still"),
      ]), group: "Jobs", run: stopWorkload),
    Command(
      "workload list", summary: "all workloads, and how many of their jobs have come",
      examples: ["workload list"],
      preparation: "node add a b; workload add w --rate 5 --service exponential --mean 100ms; run 5s",
      data: .rows([
        .init("name", .text, "its name"),
        .init("nodes", .list(.node), "where its jobs are asked for; empty for all nodes"),
        .init("asked", .count, "jobs asked for"), .init("inSystem", .count, "jobs that are there"),
        .init("startedAt", .time, "when it began"),
        .init("stoppedAt", .optional(.time), "when its last job came; null when more come"),
        .init("jobs", .text, "what jobs, in words"),
      ]), group: "Jobs", effect: .nothing,
      run: listWorkloads),
  ]

  private static let workloadShape = DataShape.object([
    .init("workload", .text, "its name"),
    .init("nodes", .list(.node), "where its jobs are asked for; empty for all nodes"),
    .init("jobs", .optional(.count), "how many come; null for no end"),
  ])

  // MARK: - Starting

  private static func addWorkload(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let name = try newWorkload(session, call)
    let nodes = try nodesOfWorkload(call)
    guard let rate = try call[Workloads.rate] else {
      throw call.refuse("it is not said how many jobs come", expected: "`--rate X`, in jobs a second")
    }
    guard let family = try call[Workloads.service], let mean = try call[Workloads.mean] else {
      throw call.refuse(
        "it is not said how long jobs take",
        expected: "`--service FAMILY --mean T`, such as `--service exponential --mean 100ms`")
    }
    let shape = try call[Workloads.shape]
    if shape != nil, family == .exponential || family == .fixed {
      throw call.refuse(
        "\(family.rawValue) service times have no shape", at: call.span(of: Workloads.shape),
        remedy: "leave `--shape` out")
    }
    let service = ServiceDistribution(family, mean: mean, shape: shape)
    return try start(name, nodes, .poisson(rate: rate, service: service), "", &session, call)
  }

  private static func traceWorkload(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let name = try newWorkload(session, call)
    let nodes = try nodesOfWorkload(call)
    let path = try call[Workloads.file]
    let place = call.span(of: Workloads.file)
    let format = try format(of: path, call)
    let found: [UInt8]?
    do throws(FileError) {
      found = try session.options.files.read(path, from: call.source, limit: TraceReader.sizeLimit)?.bytes
    } catch {
      throw call.refuse("`\(path)` cannot be read: \(error)", at: place)
    }
    guard let bytes = found else { throw call.refuse("this file may not be read here", at: place) }
    guard bytes.count <= TraceReader.sizeLimit else {
      throw call.refuse(
        "`\(path)` has more than \(formatSize(UInt64(TraceReader.sizeLimit)))", at: place,
        remedy: "cut it into parts, or leave out the end")
    }
    let world = session.state.world
    let most = call.limits.processes
    let wanted = try call[Workloads.jobs]
    var reader = TraceReader(
      limit: min(most, wanted ?? .max), takesFirst: wanted != nil, takesThreads: call.has(Workloads.threads),
      speed: try call[Workloads.speed] ?? 1, nodeNames: world.members.map { world[$0].name }
    ) { world.node(named: $0) }
    let trace: JobTrace
    do throws(TraceReader.Problem) { trace = try reader.read(bytes, as: format) } catch {
      throw call.refuse(
        "\(path):\(error.line):\(error.column): \(error.message)", at: place, remedy: error.remedy)
    }
    let left = reader.leftOut
    let note = left > 0 ? "; \(counted(left, "job")) without a submit or run time left out" : ""
    return try start(name, nodes, .trace(trace), note, &session, call)
  }

  private static func format(of path: String, _ call: Invocation) throws(SessionError) -> TraceReader.Format {
    if let name = try call[Workloads.format], let format = TraceReader.Format(rawValue: name) { return format }
    for format in TraceReader.Format.allCases where path.hasSuffix("." + format.rawValue) { return format }
    throw call.refuse(
      "the name of this file does not say how it is written", at: call.span(of: Workloads.file),
      remedy: "say `--format swf` or `--format csv`")
  }

  private static func newWorkload(_ session: borrowing Session, _ call: Invocation) throws(SessionError) -> String {
    let name = try call[Workloads.name]
    guard session.state.world.jobs.number(ofWorkload: name) == nil else {
      throw call.refuse(
        "there is a workload `\(name)` already", at: call.span(of: Workloads.name), remedy: "choose another name")
    }
    return name
  }

  private static func nodesOfWorkload(_ call: Invocation) throws(SessionError) -> [NodeID] {
    guard let argument = try call[Workloads.on] else { return [] }
    let members = if case .group(let members, _) = argument { members } else { [argument] }
    var nodes: [NodeID] = []
    var known: Set<NodeID> = []
    for member in members {
      let node = try call.node(member)
      guard known.insert(node).inserted else {
        throw call.refuse("`\(call.evaluator.world[node].name)` is named twice", at: member.span)
      }
      nodes.append(node)
    }
    return nodes
  }

  private static func start(
    _ name: String, _ nodes: [NodeID], _ jobs: Workload.Jobs, _ note: String, _ session: inout Session,
    _ call: Invocation
  ) throws(SessionError) -> Report {
    let world = session.state.world
    guard !world.members.isEmpty else {
      throw call.refuse("there is no node for its jobs", remedy: "add one with `node add a`")
    }
    guard let program = session.state.programs["job"] else { throw call.refuse("there is no program `job`") }
    var template = SpawnRequest(name: name, program: program.program, pages: try call[Workloads.pages] ?? 64)
    template.forwarding = session.state.communication == .home ? .originSite : session.state.forwarding
    template.communication = session.state.communication
    let workload = Workload(
      name: name, nodes: nodes, jobs: jobs, limit: try call[Workloads.jobs], template: template)
    session.state.world.apply(.startWorkload(workload))
    let places = nodes.isEmpty ? "all nodes" : nodes.map { world[$0].name }.joined(separator: ", ")
    return Report(
      "workload \(name) on \(places): \(text(workload))\(note)", .init("workload", .text(name)),
      .init("nodes", .list(nodes.map { .node($0) })), .init("jobs", .optional(workload.total) { .count($0) }))
  }

  // MARK: - Stopping and showing

  private static func stopWorkload(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let name = try call[Workloads.running]
    let place = call.span(of: Workloads.running)
    let records = session.state.world.jobs.workloads
    guard let number = session.state.world.jobs.number(ofWorkload: name) else {
      let names = records.map(\.workload.name)
      throw call.refuse(
        "there is no workload `\(name)`", at: place,
        expected: names.isEmpty ? nil : "one of \(names.joined(separator: ", "))",
        suggestion: closest(to: name, among: names), remedy: names.isEmpty ? "`workload add` starts one" : nil)
    }
    if let time = records[number].stoppedAt {
      throw call.refuse("no jobs of `\(name)` have come since \(formatTime(time))", at: place)
    }
    session.state.world.apply(.stopWorkload(name))
    let left = records[number].inSystem
    return Report(
      "no more jobs of \(name) come; \(left == 0 ? "none" : "\(left)") \(left > 1 ? "are" : "is") there still",
      .init("workload", .text(name)), .init("inSystem", .count(left)))
  }

  private static func listWorkloads(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    let columns: [Column<JobLedger.WorkloadRecord>] = [
      Column("WORKLOAD", "name") { .text($0.workload.name) },
      Column(
        "NODES", "nodes", { .list($0.workload.nodes.map { .node($0) }) },
        shown: { $0.workload.nodes.isEmpty ? "all" : "\($0.workload.nodes.count)" }),
      Column("ASKED>", "asked") { .count($0.asked) }, Column("PRESENT>", "inSystem") { .count($0.inSystem) },
      Column("STARTED>", "startedAt") { .time($0.startedAt) },
      Column("OVER>", "stoppedAt") { .optional($0.stoppedAt, Value.time) },
      Column("JOBS", "jobs") { .text(text($0.workload)) },
    ]
    return Report(
      Listing(session.state.world.jobs.workloads, columns), whenEmpty: "no workloads; `workload add` starts one")
  }

  private static func text(_ workload: Workload) -> String {
    switch workload.jobs {
    case .trace(let trace): "\(counted(min(trace.jobs.count, workload.limit ?? .max), "job")) of a trace"
    case .poisson(let rate, let service):
      "\(formatNumber(rate)) \(rate == 1 ? "job" : "jobs") a second, \(text(service))\(workload.limit.map { ", \(counted($0, "job"))" } ?? "")"
    }
  }

  private static func text(_ service: ServiceDistribution) -> String {
    let shape =
      service.family == .pareto || service.family == .lognormal ? ", shape \(formatNumber(service.shape))" : ""
    let bound = service.isBounded ? ", bounded" : ""
    return "\(service.family.rawValue) service of \(formatTime(service.mean))\(shape)\(bound)"
  }
}

private enum Workloads {
  static let name = Parameter("NAME", .newName)
  static let running = Parameter("NAME", .word(.newName))
  static let file = Parameter("FILE", .word(.path))
  static let on = Flag("on", .argument(.nodeGroup), valueName: "NODE,...", "nodes where jobs are asked for (all)")
  static let rate = Flag(
    "rate", .decimal(in: Workload.lowestRate...Workload.highestRate, "a number of jobs a second"), "jobs a second")
  static let service = Flag("service", .serviceFamily, "how service times are distributed")
  static let mean = Flag(
    "mean", .time(in: 1...1_000_000_000_000_000, "a mean service time"),
    "core time that a job needs on average, on a core of speed 1")
  static let shape = Flag(
    "shape", .decimal(in: 0.05...20, "a shape"), "of pareto the exponent of the tail, of lognormal sigma (1.5; 1)")
  static let pages = Flag(
    "pages", .count("a number of pages") { 1...$0.pages }, "pages of the address space of a job (64)")
  static let jobs = Flag(
    "jobs", .count("a number of jobs") { 1...$0.processes }, "how many come at most, the first (no end)")
  static let format = Flag(
    "format", .word(.word(TraceReader.Format.allCases.map(\.rawValue))), "how the file is written (as its name ends)")
  static let speed = Flag(
    "speed", .decimal(in: 1e-6...1e9, "a speed"), "all times of the trace are divided by this (1)")
  static let threads = Switch("threads", "of SWF: a job has a thread for each processor that it had, at most 1000")
}

extension Reader where Result == Double {
  /// A number, whole or not.
  ///
  /// - Parameters:
  ///   - what: what the message says that the argument is not.
  ///   - example: a number that would do.
  static func decimal(in range: ClosedRange<Double>, _ what: String, example: String? = nil) -> Reader {
    Reader(kind: .number) { (argument, call) throws(SessionError) in
      let number = try call.number(argument)
      guard let number, range.contains(number) else {
        throw call.refuse(
          "this is not \(what)", at: argument.span,
          expected: "a number from \(formatNumber(range.lowerBound)) to \(formatNumber(range.upperBound))"
            + (example.map { ", such as \($0)" } ?? ""))
      }
      return number
    }
  }
}

extension Reader where Result == ServiceDistribution.Family {
  static var serviceFamily: Reader {
    let names = ServiceDistribution.Family.allCases.map(\.rawValue)
    return Reader(kind: .word(names)) { (argument, call) throws(SessionError) in
      let name = try call.word(argument)
      guard let family = ServiceDistribution.Family(rawValue: name) else {
        throw call.refuse(
          "`\(name)` is not a distribution", at: argument.span, expected: names.joined(separator: ", "),
          suggestion: closest(to: name, among: names))
      }
      return family
    }
  }
}
