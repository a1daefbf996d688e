import CommandLanguage

extension CommandTable {
  /// The page of help on a command: usage, what it does, its flags, an example with what that prints, others, what else to
  /// read.
  ///
  /// - Parameter columns: how wide the screen is; nil when there is none.
  public func helpPage(of spec: CommandSpec, columns: Int? = nil) -> String {
    helpPage(of: spec, columns: columns, example: Example(spec).execute(on: Screen(columns: columns)).text)
  }

  /// - Parameter example: the part that has the examples.
  func helpPage(of spec: CommandSpec, columns: Int?, example: String) -> String {
    let width = min(columns ?? Self.widestProse, Self.widestProse)
    var text = columns.map { usage(spec).brokenBetweenParts(at: $0) } ?? usage(spec)
    text += "\n" + spec.summary.wrapped(at: width) + "\n"
    if !spec.details.isEmpty { text += spec.details.wrapped(at: width) + "\n" }
    text += sheet(spec.flags.map { ("  \($0.notation)", $0.summary) }, columns: columns)
    text += example
    let concepts = Concept.all.filter { $0.commands.contains(spec.name) && $0.name != spec.name }
    if !concepts.isEmpty {
      text += ("See also: " + concepts.map { "help \($0.name)" }.joined(separator: ", ")).wrapped(at: width) + "\n"
    }
    var notes: [String] = []
    for case let place? in concepts.map(\.notes) where !notes.contains(place) { notes.append(place) }
    if !notes.isEmpty { text += ("In the lecture notes: " + notes.joined(separator: "; ")).wrapped(at: width) + "\n" }
    if spec.needsWorldCopy {
      text += "It needs a copy of the world, which a live cluster cannot give.".wrapped(at: width) + "\n"
    }
    return text
  }

  private static let widestProse = 100
}

/// The examples of a command. The first is executed in a world of its own whenever its page is asked for, so what the page
/// shows is what the command prints.
struct Example {
  private let spec: CommandSpec

  /// How many lines of its output a page has.
  private static let mostLines = 12

  init(_ spec: CommandSpec) { self.spec = spec }

  /// Whether it reads or writes a file. Help does neither, so it only shows such an example.
  var usesFiles: Bool { spec.parameters.contains { $0.kind == .path } }

  /// What help executes, in lines, as it would be typed.
  var script: [(text: String, isShown: Bool)] {
    let parts = [(spec.preparation, false), (spec.examples.first ?? "", true), (spec.sequel, true)]
    return parts.flatMap { text, isShown in
      text.split(separator: "\n").map { (String($0), isShown) }
    }
  }

  /// Executes the first example, unless that uses files.
  ///
  /// - Parameters:
  ///   - screen: where the page is shown.
  ///   - spent: what the session has done that asks.
  ///   - limits: that session's.
  ///   - isInterrupted: whether the user has typed Ctrl-C; asked now and then.
  /// - Returns: the part of a page that has the examples, empty when there are none; and what was done for it.
  func execute(
    on screen: Screen, spent: Work = Work(), limits: Session.Limits = Session.Limits(),
    isInterrupted: @escaping () -> Bool = { false }
  ) -> (text: String, work: Work) {
    guard !spec.examples.isEmpty else { return ("", Work()) }
    var text = "For example:\n"
    var output = ""
    var session = Session { output += $0 }
    session.isInterrupted = isInterrupted
    session.options.files = .none
    session.options.screen.columns = screen.columns.map { max(1, $0 - 2) }
    session.options.screen.tellsPictures = screen.tellsPictures
    session.options.limits.patience = Self.patience
    session.options.limits.events = limits.events - min(limits.events, spent.events)
    session.options.limits.steps = limits.steps - min(limits.steps, spent.steps)
    // Nobody hears what is asked of this tutor.
    session.tutorLink = TutorLink()
    session.addTutorCommands()
    for line in script {
      text += "  > \(line.text)\n"
      guard !usesFiles else { continue }
      output = ""
      _ = session.execute(SourceText(name: "example", text: line.text))
      if line.isShown, !output.isEmpty { text += Self.indented(output) }
    }
    let others = spec.examples.dropFirst()
    if !others.isEmpty { text += "Or:\n" + others.map { "  > \($0)\n" }.joined() }
    return (text, session.work)
  }

  /// An example that waits for ever must not make help wait.
  private static let patience: UInt64 = 60_000_000_000

  private static func indented(_ output: String) -> String {
    let lines = output.split(separator: "\n", omittingEmptySubsequences: false).dropLast(output.hasSuffix("\n") ? 1 : 0)
    // One line that says that one is left out would be no shorter.
    let shown = lines.count > mostLines ? lines.prefix(mostLines - 1) : lines
    let more = lines.count - shown.count
    return shown.map { "\($0.isEmpty ? "" : "  ")\($0)\n" }.joined()
      + (more > 0 ? "  … and \(counted(more, "more line"))\n" : "")
  }
}

extension String {
  /// A usage, broken between its parts: what stands in brackets stays together.
  fileprivate func brokenBetweenParts(at width: Int) -> String {
    var lines = [""]
    var depth = 0
    var part = ""
    func add(_ part: String) {
      let last = lines[lines.count - 1]
      if last.isEmpty {
        lines[lines.count - 1] = part
      } else if last.count + 1 + part.count <= width {
        lines[lines.count - 1] += " " + part
      } else {
        lines.append("    " + part)
      }
    }
    for character in self {
      if character == "[" { depth += 1 }
      if character == "]" { depth -= 1 }
      // A group of flags may be longer than a line.
      if character == " ", depth == 0 || part.hasSuffix("|") {
        add(part)
        part = ""
      } else {
        part.append(character)
      }
    }
    add(part)
    return lines.joined(separator: "\n")
  }
}
