import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// One thing that `set` shows and changes.
struct Setting: Sendable {
  let name: String
  let summary: String
  /// What its values can be, in words; empty when they are numbers or quantities.
  var words: [String] = []
  /// To what a new value applies, as the end of a sentence.
  var scope = ""
  let show: @Sendable (borrowing Session) -> String
  let change: @Sendable (inout Session, Argument, Invocation) throws(SessionError) -> Void

  static let all: [Setting] = [
    Setting(
      name: "page", summary: "bytes in a page",
      show: { formatSize(UInt64($0.state.world.nodeDefaults.pageSize)) },
      change: { (session, argument, call) throws(SessionError) in
        let size = try call.size(argument, in: 8...(1 << 20), "the size of a page")
        guard session.state.world.nodes.isEmpty else {
          throw call.refuse(
            "the page size cannot change once there are nodes", at: argument.span,
            remedy: "set it first, or start again with `reset`")
        }
        changeDefaults(&session) { $0.pageSize = Int(size) }
      }),
    Setting(
      name: "cores", summary: "of nodes added from now on", show: { "\($0.state.world.nodeDefaults.cores)" },
      change: { (session, argument, call) throws(SessionError) in
        let value = try Reader.cores.read(argument, call)
        changeDefaults(&session) { $0.cores = value }
      }),
    Setting(
      name: "speed", summary: "of the cores of nodes added from now on",
      show: { Commands.speedText($0.state.world.nodeDefaults.speed) },
      change: { (session, argument, call) throws(SessionError) in
        let value = try Reader.speed.read(argument, call)
        changeDefaults(&session) { $0.speed = value }
      }),
    Setting(
      name: "memory", summary: "of nodes added from now on", show: { formatSize($0.state.world.nodeDefaults.memory) },
      change: { (session, argument, call) throws(SessionError) in
        let value = try Reader.memory.read(argument, call)
        changeDefaults(&session) { $0.memory = value }
      }),
    Setting(
      name: "quantum", summary: "how long a thread keeps a core while others wait, on nodes added from now on",
      show: { formatTime($0.state.world.nodeDefaults.quantum) },
      change: { (session, argument, call) throws(SessionError) in
        let value = try call.time(argument, in: 1000...3_600_000_000_000, "a quantum")
        changeDefaults(&session) { $0.quantum = value }
      }),
    Setting(
      name: "detection-timeout", summary: "until the connection to a silent peer breaks, on nodes added from now on",
      show: { formatTime($0.state.world.nodeDefaults.detectionTimeout) },
      change: { (session, argument, call) throws(SessionError) in
        let value = try call.time(
          argument, in: 1_000_000...3_600_000_000_000, "a detection timeout")
        changeDefaults(&session) { $0.detectionTimeout = value }
      }),
    Setting(
      name: "load-interval",
      summary: "after how long nodes tell each other their load, again and again: a time, or off",
      words: ["off"],
      show: { session in
        let interval = session.state.world.nodeDefaults.loadInterval
        return interval == 0 ? "off" : formatTime(interval)
      },
      change: { (session, argument, call) throws(SessionError) in
        let interval =
          try call.word(argument) == "off"
          ? 0 : try call.time(argument, in: 1_000_000...3_600_000_000_000, "an interval")
        session.state.world.apply(.setLoadInterval(interval))
      }),
    Setting(
      ofCosts: \.page, named: "cost-page", "for each page that a migration sends or receives"),
    Setting(
      ofCosts: \.fault, named: "cost-fault", "for each remote fault that is served"),
    Setting(
      ofCosts: \.packet, named: "cost-packet", "for each packet of a migration that is sent or received"),
    Setting(
      ofCosts: \.dirty, named: "cost-dirty", "for each page looked at to see whether it was written"),
    Setting(
      ofCosts: \.contextSwitch, named: "cost-switch", "for each thread that gets a core which another had"),
    Setting(
      name: "warm-up", summary: "what is told of jobs leaves out those that came before this time; 0 s for none",
      show: { formatTime($0.state.world.jobs.warmUp) },
      change: { (session, argument, call) throws(SessionError) in
        session.state.world.apply(.setWarmUp(try call.time(argument, in: 0...Int64.max, "the end of the warm-up")))
      }),
    Setting(
      name: "profile", summary: "lines, cores and costs of an age: \(Profile.names.joined(separator: ", "))",
      words: Profile.names,
      show: { session in Profile.inForce(session)?.name ?? "none" },
      change: { (session, argument, call) throws(SessionError) in
        let name = try call.word(argument)
        if name == "none" { return Profile.end(&session) }
        guard let profile = Profile.all.first(where: { $0.name == name }) else {
          throw call.refuse(
            "there is no profile `\(name)`", at: argument.span, expected: Profile.names.joined(separator: " or "),
            suggestion: closest(to: name, among: Profile.names))
        }
        profile.set(&session)
      }),
    Setting(
      ofNetwork: "latency", summary: "of the network, one way", show: { formatTime($0.latency) },
      change: { (line, argument, call) throws(SessionError) in line.latency = try Reader.latency.read(argument, call) }),
    Setting(
      ofNetwork: "bandwidth", summary: "of the network", show: { formatRate($0.bandwidth) },
      change: { (line, argument, call) throws(SessionError) in
        line.bandwidth = try Reader.bandwidth.read(argument, call)
      }
    ),
    Setting(
      ofNetwork: "loss", summary: "of segments on the network", show: { formatShare($0.loss) },
      change: { (line, argument, call) throws(SessionError) in line.loss = try Reader.loss.read(argument, call) }),
    Setting(
      ofNetwork: "jitter", summary: "of the network", show: { formatTime($0.jitter) },
      change: { (line, argument, call) throws(SessionError) in line.jitter = try Reader.jitter.read(argument, call) }),
    Setting(
      name: "retransmission-timeout", summary: "how long at least a lost segment waits after which no others come",
      show: { formatTime($0.state.world.retransmissionTimeout) },
      change: { (session, argument, call) throws(SessionError) in
        let value = try call.time(argument, in: 1_000_000...3_600_000_000_000, "a retransmission time-out")
        session.state.world.apply(.setRetransmissionTimeout(value))
      }),
    Setting(
      name: "forwarding", summary: "how messages find processes spawned from now on once they have moved",
      words: ForwardingMechanism.allCases.map(\.name), scope: spawnedFromNowOn,
      show: { $0.state.forwarding.name },
      change: { (session, argument, call) throws(SessionError) in
        session.state.forwarding = try Reader.forwarding.read(argument, call)
      }),
    Setting(
      name: "communication",
      summary: "how processes spawned from now on talk: direct, or home for by way of their origins",
      words: Communication.allCases.map(\.name), scope: spawnedFromNowOn,
      show: { $0.state.communication.name },
      change: { (session, argument, call) throws(SessionError) in
        let name = try call.word(argument)
        guard let communication = Communication.allCases.first(where: { $0.name == name }) else {
          throw call.refuse("`\(name)` is not a way to communicate", at: argument.span, expected: "direct or home")
        }
        session.state.communication = communication
      }),
    Setting(
      name: "backing", summary: "the node that `--flush` writes to: a node, or auto for the first that is neither end",
      words: ["auto"],
      show: { session in session.state.backing.map { session.state.world.name(of: $0) } ?? "auto" },
      change: { (session, argument, call) throws(SessionError) in
        session.state.backing = try call.word(argument) == "auto" ? nil : try call.upNode(argument)
      }),
    Setting(
      name: "seed", summary: "of everything random", show: { "\($0.state.world.seed)" },
      change: { (session, argument, call) throws(SessionError) in
        let seed = try call.integer(argument, in: 0...Int64.max, "a seed")
        guard !session.keepsSeed else {
          // The saved script shall have the given seed, and not this statement.
          session.jumpCount += 1
          return
        }
        guard session.state.world.apply(.setSeed(UInt64(seed))) == .done else {
          throw call.refuse(
            "the seed cannot change once the world has drawn from it", at: argument.span,
            remedy: "set it before the first process is created, or give `--seed` at the start")
        }
      }),
    Setting(
      name: "format", summary: "of what commands print: text, json for one object a command, or csv for their data",
      words: Session.Format.allCases.map(\.rawValue),
      show: { $0.options.format.rawValue },
      change: { (session, argument, call) throws(SessionError) in
        let name = try call.word(argument)
        guard let format = Session.Format(rawValue: name) else {
          throw call.refuse("`\(name)` is not a format", at: argument.span, expected: "text, json or csv")
        }
        session.options.format = format
      }),
    Setting(
      ofSwitch: \.screen.tellsPictures, named: "plain",
      "whether pictures are told in sentences, for screen readers (`help plain`): on or off"),
    Setting(
      name: "width", summary: "how many columns pictures take: a number, or auto for the terminal's", words: ["auto"],
      show: { session in session.options.screen.chosenWidth.map(String.init) ?? "auto" },
      change: { (session, argument, call) throws(SessionError) in
        let range = Int64(Screen.narrowestPicture)...Int64(Screen.widestPicture)
        session.options.screen.chosenWidth =
          try call.word(argument) == "auto" ? nil : Int(try call.integer(argument, in: range, "a number of columns"))
      }),
    Setting(
      name: "ascii", summary: "whether pictures are drawn in ASCII alone: on or off", words: ["on", "off"],
      show: { $0.options.screen.showsUnicode ? "off" : "on" },
      change: { (session, argument, call) throws(SessionError) in
        session.options.screen.showsUnicode = try !call.isOn(argument)
      }),
    Setting(
      ofSwitch: \.showsOutput, named: "show-output",
      "whether what processes print is shown as it reaches their terminals",
      otherwise: "output is shown or not"),
    Setting(
      ofSwitch: \.usesPager, named: "pager",
      "whether what is longer than the terminal is shown a page at a time, by $PAGER or less; not when plain is on",
      otherwise: "a pager is used or not"),
    Setting(
      name: "log-size", summary: "entries that the log keeps", show: { "\($0.state.world.log.capacity)" },
      change: { (session, argument, call) throws(SessionError) in
        let size = try call.integer(argument, in: 0...100_000_000, "a number of entries")
        session.state.world.apply(.keepHistory(log: Int(size), messages: nil, packets: nil))
      }),
    Setting(
      name: "message-history", summary: "messages that can be looked up",
      show: { "\($0.state.world.messages.capacity)" },
      change: { (session, argument, call) throws(SessionError) in
        let size = try call.integer(argument, in: 0...100_000_000, "a number of messages")
        session.state.world.apply(.keepHistory(log: nil, messages: Int(size), packets: nil))
      }),
    Setting(
      name: "packet-history", summary: "packets that `messages` can draw",
      show: { "\($0.state.world.packets.capacity)" },
      change: { (session, argument, call) throws(SessionError) in
        let size = try call.integer(argument, in: 0...100_000_000, "a number of packets")
        session.state.world.apply(.keepHistory(log: nil, messages: nil, packets: Int(size)))
      }),
    Setting(
      name: "undo-depth", summary: "commands that can be undone", show: { "\($0.options.undoDepth)" },
      change: { (session, argument, call) throws(SessionError) in
        session.options.undoDepth = Int(try call.integer(argument, in: 0...10_000, "a number of commands"))
      }),
  ]
}

private let spawnedFromNowOn = " for processes spawned from now on; all others keep what they have"

extension Invocation {
  /// Whether something is switched on.
  ///
  /// - Parameter refusal: what is said of another word; by default that it is neither.
  fileprivate func isOn(_ argument: Argument, otherwise refusal: String? = nil) throws(SessionError) -> Bool {
    let word = try word(argument)
    guard word == "on" || word == "off" else {
      throw refuse(refusal ?? "`\(word)` is neither on nor off", at: argument.span, expected: "on or off")
    }
    return word == "on"
  }
}

extension Setting {
  /// Something about the session that is on or off.
  private init(
    ofSwitch path: WritableKeyPath<Session.Options, Bool> & Sendable, named name: String, _ summary: String,
    otherwise refusal: String? = nil
  ) {
    self.init(
      name: name, summary: summary, words: ["on", "off"], show: { $0.options[keyPath: path] ? "on" : "off" },
      change: { (session, argument, call) throws(SessionError) in
        session.options[keyPath: path] = try call.isOn(argument, otherwise: refusal)
      })
  }

  /// What the kernel's own work takes of a core of speed 1, on nodes added from now on.
  private init(
    ofCosts path: WritableKeyPath<KernelCosts, Nanoseconds> & Sendable, named name: String, _ what: String
  ) {
    self.init(
      name: name, summary: "core time \(what), on nodes added from now on",
      show: { formatTime($0.state.world.nodeDefaults.costs[keyPath: path]) },
      change: { (session, argument, call) throws(SessionError) in
        let time = try call.time(argument, in: 0...1_000_000_000, "a cost")
        changeDefaults(&session) { $0.costs[keyPath: path] = time }
      })
  }

  /// What the lines between nodes are like in one respect, unless `link set` says otherwise.
  private init(
    ofNetwork name: String, summary: String, show: @escaping @Sendable (Line) -> String,
    change: @escaping @Sendable (inout Line, Argument, Invocation) throws(SessionError) -> Void
  ) {
    self.init(
      name: name, summary: summary, show: { show($0.state.world.lineDefaults) },
      change: { (session, argument, call) throws(SessionError) in
        var line = session.state.world.lineDefaults
        try change(&line, argument, call)
        session.state.world.apply(.setNetwork(line))
      })
  }
}

extension Commands {
  static let settings: [Command] = [
    Command(
      "set", [settingName, settingValue], summary: "show the settings, or change one",
      details: (["`set profile NAME` sets lines, cores and costs together:"] + Profile.all.map(\.text))
        .joined(separator: "\n"),
      examples: ["set quantum 5ms", "set seed 7", "set"],
      data: .object(Setting.all.map { .init($0.name, .text, $0.summary, isAlwaysThere: false) }), group: "Shell",
      effect: .setting(settingValue.spec), run: set)
  ]

  private static let settingName = OptionalParameter("NAME", .word(.thing))
  private static let settingValue = OptionalParameter("VALUE", .argument(.settingValue))

  private static func set(_ session: inout Session, _ call: Invocation) throws(SessionError) -> Report {
    guard let name = try call[settingName] else {
      let values = Setting.all.map { (setting: $0, shown: $0.show(session)) }
      let columns: [Column<(setting: Setting, shown: String)>] = [
        Column(shown: "SETTING") { $0.setting.name }, Column(shown: "VALUE") { $0.shown },
        Column(shown: "WHAT IT IS") { $0.setting.summary },
      ]
      return Report([
        .table(Listing(values, columns)), .facts(values.map { .init($0.setting.name, .text($0.shown)) }),
      ])
    }
    guard let setting = Setting.all.first(where: { $0.name == name }) else {
      throw call.refuse(
        "there is no setting `\(name)`", at: call.span(of: settingName),
        suggestion: closest(to: name, among: Setting.all.map(\.name)))
    }
    let value = try call[settingValue]
    if value != nil, let reason = session.options.withheld["set \(name)"] {
      throw call.refuse("`set \(name)` cannot be used here", at: call.span(of: settingName), remedy: reason)
    }
    if let value { try setting.change(&session, value, call) }
    let shown = setting.show(session)
    let scope = value == nil ? "" : setting.scope
    return Report("\(name) is \(shown)\(scope)", .init(name, .text(shown)))
  }
}

/// Changes the settings of nodes that are added from now on.
func changeDefaults(_ session: inout Session, _ change: (inout NodeSettings) -> Void) {
  var settings = session.state.world.nodeDefaults
  change(&settings)
  session.state.world.apply(.setNodeDefaults(settings))
}
