import Chronicle
import CommandLanguage
import Glibc
import MigrationKernel
import Simulator

/// The values that an argument can have.
extension Session {
  func values(for wanted: WantedArgument, _ current: String) -> [Offer] {
    guard let kind = wanted.kind else { return [] }
    if wanted.flag?.name == "message" || wanted.flag == nil && wanted.spec.name == "message show" { return messages }
    if wanted.flag == nil, wanted.spec.name == "migration show" { return migrations }
    if wanted.flag?.name == "step", wanted.spec.group == Commands.learning {
      return tutorLink?.steps.map { Offer($0, "a step") } ?? []
    }
    if kind == .settingValue { return settingValues(after: wanted) }
    if kind == .expression { return expression(after: wanted.expression, current) }
    if wanted.flag == nil, wanted.spec.words == ["for"], kind == .text { return loopValues(current) }
    if kind == .thing || kind == .text, wanted.spec.words.first == "policy" { return policies(for: wanted) }
    return names(for: kind, current)
  }

  /// The policies, or sets of policies, that may stand in a place.
  private func policies(for wanted: WantedArgument) -> [Offer] {
    let own = state.ownPolicies.keys.map { Offer($0, "a policy of your own") }
    switch wanted.flag?.name ?? wanted.spec.words.last {
    case "placement", "destination": return NodePolicy.all.map { Offer($0.name, $0.summary) } + own
    case "selection": return SelectionPolicy.all.map { Offer($0.name, $0.summary) } + own
    case "initiation": return InitiationPolicy.allCases.map { Offer($0.name, $0.summary) }
    case "show": return own + names(for: .names, "")
    case "use": return [Offer("none", "no policy: processes stay where they begin")] + policySets
    default: return []
    }
  }

  var lessons: [Offer] { tutorLink?.lessons.map { Offer($0.name, $0.title) } ?? [] }

  private var policySets: [Offer] { state.policySets.keys.map { Offer($0, "a set of policies") } }

  func names(for kind: ParameterKind, _ current: String) -> [Offer] {
    switch kind {
    case .node, .nodeGroup: return nodes
    case .names:
      return [Offer("none", "no policy: processes stay where they begin")]
        + policySets
        + NodePolicy.all.map { Offer($0.name, $0.summary) }
    case .process: return liveProcesses(current)
    case .program: return state.programs.all.map { Offer($0.name, $0.summary) }
    case .checkpoint: return past.checkpoints.map { Offer($0.name, "at \(formatTime($0.state.world.now))") }
    case .thing: return Setting.all.map { Offer($0.name, $0.summary) }
    case .variableName: return variables(with: "")
    case .word(let words): return words.map { Offer($0, Self.wordSummaries[$0] ?? "") }
    case .text: return current.contains(".") ? paths(current) : nodes + liveProcesses(current)
    case .newName, .settingValue, .message, .time, .size, .rate, .share, .count, .number, .expression, .page, .pages,
      .path, .topic, .assignment, .block:
      return []
    }
  }

  var nodes: [Offer] { state.world.members.map { Offer(state.world[$0].name, as: .node) } }

  /// The processes whose names begin with what was typed.
  func liveProcesses(_ current: String) -> [Offer] {
    state.world.processes.all.compactMap { record in
      record.fate == .alive && record.name.utf8.starts(with: current.utf8) ? Offer(record.name, as: .process) : nil
    }
  }

  func variables(with sign: String) -> [Offer] {
    state.variables.map { Offer(sign + $0.key, shortened($0.value.text(in: state.world))) }
  }

  /// The messages that are kept, the latest first.
  private var messages: [Offer] {
    state.world.messages.all.reversed().map { Offer("\($0.number)", as: .message($0.number)) }
  }

  /// All migrations, the latest first.
  private var migrations: [Offer] {
    state.world.migrations.all.reversed().map { Offer("\($0.number)", as: .migration($0.number)) }
  }

  private func settingValues(after wanted: WantedArgument) -> [Offer] {
    guard let setting = Setting.all.first(where: { $0.name == wanted.previous }) else { return [] }
    let words = setting.words.map { Offer($0, Self.wordSummaries[$0] ?? "") }
    return setting.name == "backing" ? words + nodes : words
  }

  /// What `for` may go through.
  private func loopValues(_ current: String) -> [Offer] {
    let lists = state.variables.filter { if case .list = $0.value { true } else { false } }
    return lists.map { Offer("$" + $0.key, shortened($0.value.text(in: state.world))) } + nodes + liveProcesses(current)
      + [Offer("cluster.nodes", "all nodes"), Offer("cluster.processes", "all processes"), Offer("{", "")]
  }

  /// What words mean that stand for themselves.
  private static let wordSummaries: [String: String] = {
    var summaries: [String: String] = [:]
    for policy in NodePolicy.all { summaries[policy.name] = policy.summary }
    for policy in SelectionPolicy.all { summaries[policy.name] = policy.summary }
    for policy in InitiationPolicy.allCases { summaries[policy.name] = policy.summary }
    for mechanism in TransferMechanism.allCases { summaries[mechanism.rawValue] = mechanism.summary }
    return summaries
  }()

  // MARK: - Summaries

  func summary(of offer: Offer) -> String {
    let world = state.world
    switch offer.summary {
    case .text(let text): return text
    case .node:
      guard let id = world.node(named: offer.text) else { return "" }
      return "node, " + (world[id].isUp ? "up" : "down")
    case .process:
      guard let record = world.processes[name: offer.text] else { return "" }
      let place = world.location(of: record.id).map { " on \(world[$0].name)" } ?? ""
      return "process, \(world.state(of: record).rawValue)\(place)"
    case .message(let number):
      guard let message = world.messages[number] else { return "" }
      let ends = [message.id.from, message.id.to].map { world.processes[$0]?.name ?? "" }
      return "\(ends[0]) to \(ends[1]), \(message.status.rawValue): \(shortened(message.text))"
    case .migration(let number):
      guard let migration = world.migrations[number] else { return "" }
      let name = world.processes[migration.attempt.process]?.name ?? ""
      return
        "\(name) from \(world[migration.source].name) to \(world[migration.destination].name), \(migration.status.rawValue)"
    }
  }

  private func shortened(_ text: String) -> String {
    let line = text.prefix { !$0.isNewline }
    return line.count > 40 || line.count < text.count ? line.prefix(40) + "…" : text
  }
}

// MARK: - Files

extension Session {
  /// The files that a path may go on to. In quotes, the quote at the end comes with the name.
  func files(_ typed: String, quote: String) -> [Offer] {
    let folder = typed.lastIndex(of: "/").map { String(typed[...$0]) } ?? ""
    let place: String
    switch options.files {
    case .all: place = folder.isEmpty ? "." : folder
    case .readBelow(let root): place = folder.contains("..") || folder.hasPrefix("/") ? "" : root + "/" + folder
    case .none, .given: return []
    }
    guard !place.isEmpty, let names = try? entries(ofFolder: place) else { return [] }
    let start = typed.dropFirst(folder.count)
    var offers: [Offer] = []
    for name in names where offers.count < Self.mostFiles {
      // A name that is no UTF-8 cannot be typed.
      guard name.hasPrefix(start), name.hasPrefix(".") == start.hasPrefix("."), !name.contains("\u{FFFD}"),
        Self.canStand(name, in: quote)
      else { continue }
      var status = stat()
      guard stat(place + "/" + name, &status) == 0 else { continue }
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      offers.append(
        isFolder
          ? Offer(folder + name + "/", "folder")
          : Offer(folder + name + quote, formatSize(UInt64(max(0, status.st_size)))))
    }
    return offers
  }

  /// How many files of one folder are offered at most.
  private static let mostFiles = 10_000

  /// Whether a name can be typed without quotes, or in quotes of one kind without anything before its characters.
  private static func canStand(_ name: String, in quote: String) -> Bool {
    let special =
      switch quote {
      case "\"": "\"\\$"
      case "'": "'"
      default: " \t;#\"'(){}$\\"
      }
    return name.unicodeScalars.allSatisfy {
      $0.value >= 0x20 && $0.value != 0x7F && !special.unicodeScalars.contains($0)
    }
  }
}
