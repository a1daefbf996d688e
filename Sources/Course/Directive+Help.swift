import Shell

extension Directive {
  /// What each word of it means, as the help on it says; nil when its summary says all.
  private var words: [(word: String, meaning: String)]? {
    switch self {
    case .check:
      [
        ("EXPRESSION", "what must hold when the step is done; fields are as in `print` and `expect`"),
        ("\"message\"", "what a student is told when it fails"),
        ("hidden", "students see whether it passed, and nothing else of it"),
        ("seeds N", "it must also pass with N other seeds, which means with other numbers"),
        ("essential", "when it does not pass, the step earns nothing"),
        ("weight N", "it counts like N checks; otherwise it counts like one"),
        ("guard", "it holds when nothing is done: so it earns nothing, and when it fails it takes away what it weighs"),
      ]
    case .forbid:
      [("kept", "what is undone later does not count")]
        + ForbiddenKind.all.map { ($0.name, $0.summary) }
    case .accept: BatteryAttempt.allCases.map { ($0.rawValue, $0.summary) }
    case .details:
      [
        ("full", "a student sees the message of a check that failed, what it expected, and what it found"),
        ("actual-only", "the message and what it found"), ("none", "only that it failed"),
      ]
    case .param:
      [
        ("LOW..HIGH", "the number is one of these, and commands have it as `$NAME`; a lesson takes the middle"),
        ("secret", "set-ups and checks know it, a student's commands do not, and no report shows it to students"),
      ]
    case .ask:
      [
        ("within SHARE", "how far a number may be off, such as `within 10%`"),
        ("choice", "one of the answers that follow"),
      ]
    case .step: [("points N", "what it is worth; a lesson with such steps is an exercise, and can be graded")]
    case .released:
      [
        ("to \"STUDENT\"", "whose numbers it has"), ("seed N", "from what they were drawn, which is no secret"),
      ]
    case .unseen:
      [
        ("COUNT", "how many checks the step has that are not in what is released"),
        ("weight N", "what they weigh together"),
      ]
    case .wrong:
      [
        ("fails CHECK", "the check must fail"), ("fails KIND", "the forbidden event must be found"),
        ("refused", "a command must be refused"),
      ]
    case .fixed:
      [("network", "lines cannot be changed"), ("nodes", "machines cannot be changed, added or taken away")]
    case .lesson, .goal, .continues, .allow, .withhold, .setup, .answer, .reply, .teaches, .covers, .hint, .solution,
      .explain:
      nil
    }
  }

  /// What else there is to know of it, in a paragraph; nil when that is nothing.
  private var remark: String? {
    switch self {
    case .check:
      "A step earns its points × weight of the checks that passed ÷ weight of all its checks but guards. It earns nothing when no "
        + "check passes that did not hold already when the step began."
    case .accept:
      "`migsh test` tries a battery of cheap ways round every step with points; `--tries` shows them. None may earn all "
        + "points, unless the step accepts it by its name, with a reason."
    case .forbid: "When it happens, the step earns nothing. These can be forbidden:"
    case .details: "Of a hidden check a student sees the verdict alone, whatever this says."
    case .lesson, .goal, .param, .continues, .fixed, .allow, .withhold, .setup, .ask, .answer, .reply, .step, .teaches,
      .covers, .hint, .solution, .wrong, .explain, .released, .unseen:
      nil
    }
  }

  /// The help on it.
  func help(columns: Int?) -> String {
    let width = min(columns ?? 80, 100)
    var text = (usage + "\n" + summary).wrapped(at: width) + "\n"
    if let remark { text += "\n" + remark.wrapped(at: width) + "\n" }
    if let words { text += "\n" + sheet(words.map { ("  " + $0.word, $0.meaning) }, columns: width) }
    return text
  }

  /// Words that people look for, and the directive whose help has them.
  static let wordsOfHelp: [(word: String, directive: Directive)] = [
    ("essential", .check), ("guard", .check), ("hidden", .check), ("battery", .accept),
  ]
}
