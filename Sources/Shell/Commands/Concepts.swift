/// A word of the field that the shell explains: `help epoch`.
struct Concept: Sendable {
  /// As it is asked for, in small letters.
  let name: String
  /// A few sentences.
  let text: String
  /// The heading in the lecture notes under which it is treated; nil when the notes leave it out.
  let notes: String?
  /// The commands with which it is tried out.
  let commands: [String]

  init(_ name: String, in notes: String? = nil, try commands: String..., text: String) {
    self.name = name
    self.text = text
    self.notes = notes
    self.commands = commands
  }

  /// The page of help.
  ///
  /// - Parameter columns: how wide the screen is; nil when there is none.
  func page(columns: Int? = nil) -> String {
    var page = text.wrapped(at: min(columns ?? 80, 80)) + "\n"
    if !commands.isEmpty { page += "Try it:  \(commands.map { "`help \($0)`" }.joined(separator: ", "))\n" }
    return page + "Notes:   \(notes.map { "lecture notes, \($0)" } ?? "the lecture notes leave it out")\n"
  }

  /// In the order in which a learner meets them.
  static let all: [Concept] = [
    Concept(
      "virtual time", try: "run", "step", "now",
      text: """
        Everything happens at an instant of virtual time, which has nothing to do with the time on your watch. It stands \
        still between commands. The same commands with the same seed give the same instants, on every machine.
        """),
    Concept(
      "process allocation", in: "Introduction to process management", try: "policy placement", "spawn",
      text: """
        Which node a new process begins on. A placement policy decides it from what its node knows of the others, or you say \
        it with `spawn P --on NODE`.
        """),
    Concept(
      "non-preemptive", in: "Process migration", try: "spawn", "migrate",
      text: """
        A process moves before it has begun to execute. There is little to carry: no pages have been written, no thread has a \
        state. `spawn P --hold` creates such a process.
        """),
    Concept(
      "preemptive", in: "Process migration", try: "migrate",
      text: """
        A process moves in the course of its execution, so its state and its address space must come along. That costs more \
        than to move it before it begins.
        """),
    Concept(
      "safe point", in: "Flow of execution of migration of process", try: "freeze", "migrate",
      text: """
        The end of the step that a thread is in. A thread can be frozen only there, where its state can be written down. A \
        process is frozen when all of its threads are at their safe points.
        """),
    Concept(
      "freeze time", in: "Total Freezing", try: "migrate", "migration show",
      text: """
        From when no thread of the process executes any more on the source to when the first executes on the destination. \
        Its parts: the way to the safe points, pages, process state, trips of packets, and the wait for a core.
        """),
    Concept(
      "total freezing", in: "Total Freezing", try: "migrate", "compare transfer",
      text: """
        The process stops, all of its pages and its state go over, and it goes on. Simple, and nothing is sent twice. But the \
        process stands still for as long as its pages take.
        """),
    Concept(
      "pretransfer", in: "Pre-Transferring", try: "migrate", "compare transfer",
      text: """
        The pages go over while the process still executes. What it writes meanwhile goes again in the next round. Only the \
        last rest is sent while the process is frozen. The freeze is short, but some pages are sent more than once.
        """),
    Concept(
      "on-reference", in: "Transfer on Reference", try: "migrate", "compare transfer",
      text: """
        Only the state goes over. The pages stay on the source, and each is fetched when the process first touches it. The \
        freeze is as short as can be. But the process waits at each first touch, and it is lost when the source fails.
        """),
    Concept(
      "round", in: "Pre-Transferring", try: "migrate", "migration show",
      text: """
        One pass of a pre-transfer over the pages that it still has to send. A round takes the set of dirty pages and clears \
        it. What is written while the round lasts is left to the next.
        """),
    Concept(
      "dirty page", in: "Pre-Transferring", try: "memory", "migrate",
      text: "A page that has been written since the start of the last round that included it. It must be sent again."),
    Concept(
      "remote fault", in: "Transfer on Reference", try: "migrate", "memory",
      text: """
        A thread touches a page that is still on another node. The thread stands still until the page has come; others go on.
        """),
    Concept(
      "residual dependency", in: "Transfer on Reference", try: "why",
      text: """
        A node, other than its own, that a process needs to go on or to be reached: for pages, for a forwarding address, for \
        its terminal. When that node fails, the process suffers. `why P` lists them.
        """),
    Concept(
      "epoch", try: "message list", "migration show",
      text: """
        The number of an attempt to move a process. It grows with every offer and is never used again. So a kernel knows a \
        packet of an old attempt, however late it comes, and drops it.
        """),
    Concept(
      "handover", in: "Flow of execution of migration of process", try: "messages", "log",
      text: """
        The packets by which a process changes its owner: offer, accept, handover, installed, commit, activated. Up to the \
        commit the source can still call it off; after it only the destination may execute the process.
        """),
    Concept(
      "in doubt", try: "fail", "link fail", "ps",
      text: """
        A process has been committed to another node, and the two nodes cannot reach each other. Nobody may execute it until \
        they can: the other side may have done so already.
        """),
    Concept(
      "kinds", in: "Messages Forwarding Mechanism", try: "message list", "message show",
      text: """
        Three kinds of messages miss a process that moves. Kind 1 arrives on the source after the process has stopped there \
        and before it runs on the destination. Kind 2 arrives on the source after the process runs on the destination. Kind 3 \
        is sent after that, by a node that may not know yet where the process is.
        """),
    Concept(
      "resending", in: "Resending Messages", try: "set", "compare forwarding",
      text: """
        The source sends a message back to its sender's kernel, or drops it, and the sender's kernel finds the process and \
        sends it again. So the sender has to know that processes move.
        """),
    Concept(
      "origin", in: "Ask Origin Site", try: "set", "compare forwarding",
      text: """
        The node on which a process was created. With the mechanism `origin` it always knows where the process is, and every \
        message goes there first. When the origin fails, the process cannot be reached.
        """),
    Concept(
      "link", in: "Link Traversal", try: "node show", "set", "compare forwarding",
      text: """
        In the notes a link is a forwarding address: a process identifier and the last known location, left behind on a \
        source. Messages follow such links from node to node, and one failed node breaks the chain. The commands `link …` are \
        about something else: the line that connects two nodes.
        """),
    Concept(
      "link update", in: "Link Update", try: "set", "compare forwarding",
      text: """
        When a process moves, its kernel tells the kernels of all its correspondents the new location, and they acknowledge \
        it. What is sent afterwards goes straight to the process.
        """),
    Concept(
      "hop", in: "Link Traversal", try: "message show",
      text: "One step of a message from one kernel to another."),
    Concept(
      "coprocesses", in: "Desirable features of a good process migration", try: "program", "migrate",
      text: """
        The processes of one job, which talk to each other. They may move together with `--with-coprocesses`, or talk from \
        different nodes, directly or by way of their home node.
        """),
    Concept(
      "policy", in: "Flow of execution of migration of process", try: "policy list", "balance on", "compare policy",
      text: """
        Who moves, where to, and when. A policy decides it, and a mechanism carries it out. A policy sees only what its own \
        node has been told of the others, which may be old.
        """),
    Concept(
      "load", try: "set",
      text: """
        The number of threads that run or could run, divided by the number of cores. Nodes learn of each other's load from \
        packets, which cost time and bytes. So what a node believes is always a little old.
        """),
  ]
}
