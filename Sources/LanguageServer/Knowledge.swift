import CommandLanguage
import Shell

/// What the shell itself would say about a text: its help, and what Tab offers there.
struct Knowledge {
  /// The most names of one kind that a text may declare and have offered.
  private static let mostNames = 1000

  private var session: Session
  /// A machine that the text does not declare, and without which there could be no process.
  private let extraNode: String?

  /// - Parameter folder: where files are offered; nil for nowhere.
  init(_ declarations: Declarations, folder: String? = nil) {
    var options = Session.Options()
    options.keepsGoing = true
    options.files = folder.map { .readBelow($0) } ?? .none
    session = Session(options: options) { _ in }
    let hasNodes = declarations.all.contains { $0.kind == .node }
    extraNode = hasNodes ? nil : "node"
    _ = session.execute(SourceText(name: "", text: Self.script(of: declarations, extraNode)))
  }

  /// Commands after which a session knows the names that a text declares. Nothing of the text itself is executed.
  private static func script(of declarations: Declarations, _ extraNode: String?) -> String {
    var lines: [String] = []
    func names(_ isWanted: (Declaration.Kind) -> Bool) -> [Declaration] {
      Array(declarations.all.filter { isWanted($0.kind) }.prefix(mostNames))
    }
    for node in extraNode.map({ [$0] }) ?? names({ $0 == .node }).map(\.name) { lines.append("node add \(node)") }
    for process in names({ $0 == .process }) { lines.append("spawn \(process.name) --hold --pages 1") }
    for variable in names({ $0.isVariable }) { lines.append("let \(variable.name) = none") }
    for command in names({ $0 == .command }) {
      lines.append("define \(command.name) \(command.parameters.joined(separator: " ")) { }")
    }
    for program in names({ $0 == .program }) { lines.append("program \(program.name) { exit }") }
    return lines.joined(separator: "\n")
  }

  /// What Tab offers at the end of a text, and from which UTF-8 offset on that replaces the text.
  func complete(_ text: String) -> (start: Int, candidates: [Completion.Candidate]) {
    let completion = session.complete(text, at: text.utf8.count)
    return (completion.start, completion.candidates.filter { $0.text != extraNode })
  }

  /// What the shell says of something that could be typed; nil when it would not offer that.
  func summary(of candidate: String, after before: String) -> String? {
    complete(before + candidate).candidates.first { $0.text == candidate }?.summary
  }

  /// A page of help; nil when there is none.
  static func help(_ topic: String) -> String? {
    var page = ""
    var session = Session { page += $0 }
    return session.execute(SourceText(name: "", text: "help \(topic)")) == .success ? page : nil
  }

  /// The commands of the shell, and those that the text defines.
  var table: CommandTable { session.table }
}
