import Chronicle
import MigrationKernel

/// What several commands tell of, as data.
extension SharedShape {
  static let node = SharedShape(
    "Node", "a node",
    .object([
      .init("name", .node, "its name"), .init("up", .boolean, "whether it is up"),
      .init("boots", .count, "how often it has started"), .init("cores", .count, "its cores"),
      .init("speed", .number, "how fast its cores are: 1 is the usual speed"),
      .init("memory", .size, "its memory"),
      .init("interface", .rate, "what its interface carries at most, each way"),
      .init("freeMemory", .optional(.size), "memory that is free; null while it is down"),
      .init("processes", .optional(.count), "how many processes it has; null while it is down"),
      .init("forwards", .optional(.count), "forwarding addresses that it keeps; null while it is down"),
      .init("newDrivers", .count, "how many new drivers it has been given"),
    ]))

  static let process = SharedShape(
    "Process", "a process",
    .object([
      .init("name", .process, "its name"),
      .init("id", .text, "its identifier: origin, incarnation of the origin after the first, serial number"),
      .init("node", .optional(.node), "where it is; null between two nodes, and once it has ended or was lost"),
      .init("origin", .node, "where it was created"), .init("state", .word(Fields.states), "its state"),
      .init("pages", .optional(.count), "pages of its address space; null when nobody can tell"),
      .init("cpu", .optional(.time), "core time that it has had; null when nobody can tell"),
      .init("forwarding", .word(ForwardingMechanism.allCases.map(\.name)), "how messages find it once it has moved"),
      .init("coprocesses", .list(.process), "the others of its family that live"),
      .init("correspondents", .rows(correspondent), "processes that it talks to"),
      .init("systemCalls", .count, "remote system calls that it made at its origin from elsewhere"),
      .init("systemCallBytes", .size, "what these carried"), .init("systemCallTime", .time, "how long these took"),
      .init("migrations", .list(.count), "the numbers of its migrations"),
      .init("fate", .text, "what has become of it, in words"),
      .init("threads", .rows(thread), "its threads, only in `process show`", isAlwaysThere: false),
    ]))

  private static let correspondent: [DataShape.Member] = [
    .init("process", .process, "the other process"),
    .init("node", .optional(.node), "where its kernel believes that to be; null when it goes by way of the origin"),
    .init("since", .optional(.time), "when its kernel learned that; null with the node"),
  ]

  private static let thread: [DataShape.Member] = [
    .init(
      "state",
      .word([
        "ready", "running", "receiving", "sending", "sleeping", "faulting", "locking", "at-barrier", "joining",
        "calling",
        "ended",
      ]), "its state"),
    .init("core", .optional(.count), "the core on which it runs, from 1; null when it does not run"),
    .init("cpu", .time, "core time that it has had"),
    .init("startedBy", .optional(.count), "the thread that started it, from 1; null for the first ones"),
    .init("waitsAt", .optional(.text), "the lock or barrier at which it waits; null when it waits at none"),
    .init("waitsFor", .optional(.count), "the thread for which it waits, from 1; null when it waits for none"),
  ]

  static let line: [DataShape.Member] = [
    .init("latency", .time, "from one end to the other"), .init("bandwidth", .rate, "what it carries each way"),
    .init("loss", .share, "segments that are lost"), .init("jitter", .time, "up to how much longer a packet may take"),
  ]

  static let fact = SharedShape(
    "Fact", "an entry of the log",
    .object([
      .init("number", .count, "its number, from 1"), .init("time", .time, "when it happened"),
      .init("node", .optional(.node), "where it happened; null when at no one node"),
      .init("kind", .word(LogKind.allCases.map(\.rawValue)), "its kind"),
      .init("what", .text, "what happened, in words"),
    ]))

  static let changes = SharedShape(
    "Changes", "what is different from before, at most a hundred things",
    .rows([
      .init("what", .text, "what has changed"),
      .init("from", .optional(.text), "how it was; null when it was not there"),
      .init("to", .optional(.text), "how it is; null when it is not there"),
    ]))

  static let message = SharedShape(
    "Message", "a message between two processes",
    .object([
      .init("message", .count, "its number, from 1"), .init("from", .text, "the process that sent it"),
      .init("to", .text, "the process that it is for"),
      .init("sequence", .count, "which it is of those from one to the other"), .init("text", .text, "what it says"),
      .init("size", .size, "its body"),
      .init("status", .word(MessageRecord.Status.allCases.map(\.rawValue)), "what has become of it"),
      .init("acceptedAt", .time, "when the kernel of its sender took it"),
      .init("deliveredAt", .optional(.time), "when it was delivered; null when it was not"),
      .init("hops", .count, "steps from one kernel to another"),
      .init(
        "steps",
        .rows([
          .init("time", .time, "when"), .init("node", .node, "where"),
          .init("bytes", .optional(.size), "what the network carried; null when nothing was sent"),
          .init("kind", .optional(.count), "1, 2 or 3, where it missed a process that moves; null otherwise"),
          .init("what", .text, "what happened, in words"),
        ]), "its way"),
    ]))

  static let packet = SharedShape(
    "Packet", "a packet, or parts of one thing that went one after another",
    .object([
      .init("sentAt", .time, "when the network got it"), .init("leftAt", .time, "when the last bit had left"),
      .init("arrivesAt", .optional(.time), "when it arrives; null when it is lost"),
      .init("from", .node, "the node that sent it"), .init("to", .node, "the node that it is for"),
      .init("packet", .text, "what it is"), .init("cause", .word(causes), "what its bytes are charged to"),
      .init("packets", .count, "how many parts it stands for"), .init("bytes", .size, "what the network carried"),
      .init("acknowledgements", .count, "acknowledgements that ride on it"),
      .init("process", .optional(.process), "the process that it is about or for; null when there is none"),
      .init("message", .optional(.count), "the number of the message that it carries; null when it carries none"),
    ]))

  static let causes = Cause.allCases.map { "\($0)" }

  static let carried: [DataShape.Member] = [
    .init("packets", .count, "packets"), .init("bytes", .size, "all of their bytes"),
  ]

  /// What a breakpoint says when it has stopped a command.
  static let stopped = SharedShape(
    "Stopped", "what is said in place of all else when a breakpoint has stopped the command",
    .object([
      .init("now", .time, "virtual time"),
      .init(
        "stopped",
        .rows([
          .init("breakpoint", .count, "its number"),
          .init(
            "on", .word(LogKind.allCases.map(\.rawValue)), "the kind of fact that it waits for", isAlwaysThere: false),
          .init("fact", .shared(fact), "the fact that it stopped at", isAlwaysThere: false),
          .init("when", .text, "the condition that it waits for", isAlwaysThere: false),
        ]), "the breakpoints that stopped it"),
      .init("changes", .shared(changes), "what the command has changed until then"),
      .init("underWay", .list(.text), "migrations and messages that are not over, in words"),
    ]))
}
