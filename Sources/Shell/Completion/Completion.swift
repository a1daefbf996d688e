import CommandLanguage

/// What Tab offers at a place in a line.
public struct Completion: Sendable, Equatable {
  /// One text that could stand there.
  public struct Candidate: Sendable, Equatable {
    /// What is typed.
    public let text: String
    /// What it is or does, in one line; empty when there is nothing to say.
    public let summary: String
  }

  /// The candidates replace what was typed from this UTF-8 offset on.
  public let start: Int
  /// In the order in which they are listed, without repetitions. Each begins with what was typed.
  public let candidates: [Candidate]
}

extension Session {
  /// How many candidates have summaries. No screen shows more.
  private static let mostSummaries = 200

  /// Completes the text of `line` before `cursor` (a UTF-8 offset) to what fits there: commands, flags, names, values.
  public func complete(_ line: String, at cursor: Int) -> Completion {
    let typed = String(decoding: Array(line.utf8).prefix(max(0, cursor)), as: UTF8.self)
    let place = CompletionPlace(typed)
    guard let (start, offers) = offers(at: place, in: typed) else { return Completion(start: cursor, candidates: []) }
    let current = typed.utf8.dropFirst(start)
    var fitting = offers.filter { $0.text.utf8.starts(with: current) }
    if fitting.contains(where: { !$0.summary.isOrdered }) { fitting.sort { $0.text < $1.text } }
    // A set would take longer than all the rest when there are thousands of processes.
    var last: String?
    fitting.removeAll { offer in
      defer { last = offer.text }
      return offer.text == last
    }
    return Completion(
      start: start,
      candidates: fitting.enumerated().map { index, offer in
        Completion.Candidate(
          text: offer.text, summary: index < Self.mostSummaries ? summary(of: offer) : "")
      })
  }

  private func offers(at place: CompletionPlace, in typed: String) -> (start: Int, [Offer])? {
    switch place.kind {
    case .nothing: return nil
    case .word(let statements, let start):
      // The words of file names follow other rules than the rest.
      let (before, fileStart) = CompletionPlace.beforeRawWord(typed)
      if before.innermost.place == .commands, let wanted = wanted(in: before.innermost.tokens, upTo: fileStart),
        wanted.kind == .path
      {
        let current = String(decoding: typed.utf8.dropFirst(fileStart), as: UTF8.self)
        let files = files(current, quote: "")
        guard wanted.spec.words.first == "lesson", !current.contains("/") else {
          return (fileStart, (wanted.spec.words == ["exercise", "start"] ? lessons : []) + files)
        }
        let words = wanted.spec.words == ["lesson"] ? commandWords(after: ["lesson"]) : []
        return (fileStart, words + lessons)
      }
      return (start, offers(in: statements, String(decoding: typed.utf8.dropFirst(start), as: UTF8.self), start))
    case .variable(let start): return (start, variables(with: "$") + [Offer("$(", "an expression")])
    case .text(let statements, let start, let quote):
      guard wanted(in: statements.innermost.tokens, upTo: start - 1)?.kind == .path else { return nil }
      return (start, files(String(decoding: typed.utf8.dropFirst(start), as: UTF8.self), quote: quote))
    }
  }

  private func offers(in statements: LooseStatements, _ current: String, _ start: Int) -> [Offer] {
    let level = statements.innermost
    if current.hasPrefix("$") {
      return variables(with: "$") + [Offer("$(", "an expression")] + paths(current)
    }
    switch level.place {
    case .expression: return expression(after: level.tokens, current)
    case .steps: return steps(after: level.tokens, isAtStart: statements.isAtStart, current)
    case .commands: return commands(after: level.tokens, current, start)
    }
  }

  // MARK: - Commands

  private func commands(after tokens: [LooseToken], _ current: String, _ start: Int) -> [Offer] {
    if tokens.last?.text == "}" { return [Offer("else", "commands for when the condition does not hold")] }
    if tokens.last?.text == "else" { return [Offer("if", "another condition")] }
    let words = tokens.prefix { $0.kind == .word }.map(\.text)
    let opening = words.count == tokens.count ? commandWords(after: words) : []
    guard let wanted = wanted(in: tokens, upTo: start) else { return opening }
    if current.hasPrefix("-"), wanted.kind != .expression || !wanted.hasBegun { return wanted.flags }
    if wanted.spec.words == ["help"] {
      let topics = Commands.topics.map { Offer($0.name, "a topic") }
      let rest = Array(words.dropFirst())
      return commandWords(after: rest) + (rest.isEmpty ? topics : [])
    }
    let offers = opening + values(for: wanted, current)
    // Where nothing else can be offered, what is left are flags.
    return offers.isEmpty && current.isEmpty ? wanted.flags : offers
  }

  /// The words that may come next in the name of a command, after those typed.
  private func commandWords(after before: [String]) -> [Offer] {
    var offers: [Offer] = []
    for spec in table.all
    where spec.words.count > before.count && spec.words.starts(with: before) && !isForLessonsAlone(spec) {
      let word = spec.words[before.count]
      if spec.words.count == before.count + 1 {
        offers.removeAll { $0.text == word }
        offers.append(Offer(word, spec.summary))
      } else if !offers.contains(where: { $0.text == word }) {
        let verbs = table.all.filter { $0.words.starts(with: before + [word]) && $0.words.count > before.count + 1 }
        offers.append(Offer(word, verbs.map { $0.words[before.count + 1] }.joined(separator: ", ")))
      }
    }
    return offers
  }

  /// Whether a command has no use now: the words of the tutor have none outside a lesson.
  private func isForLessonsAlone(_ spec: CommandSpec) -> Bool {
    spec.group == Commands.learning && !["lesson", "exercise"].contains(spec.words.first)
      && (tutorLink?.steps ?? []).isEmpty
  }

  private func steps(after tokens: [LooseToken], isAtStart: Bool, _ current: String) -> [Offer] {
    let words = Step.Word.allCases.map { Offer($0.rawValue, $0.help?.summary ?? "") }
    guard !isAtStart, let first = tokens.first, let last = tokens.last else { return words }
    if last.text == "}" { return words + [Offer("else", "steps for when it cannot be delivered")] }
    switch Step.Word(rawValue: first.text) {
    case .read, .write:
      guard last == first else { return words }
      return [
        Offer("random", "a page drawn at random: random 0..63"), Offer("next", "one page after another: next 0..63"),
      ]
    case .receive:
      let options = [Offer("as", "the name for its text"), Offer("timeout", "how long to wait at most")]
      return last.text == "as" || last.text == "timeout"
        ? []
        : options.filter { offer in
          !tokens.contains { $0.text == offer.text }
        } + words
    case .readFile: return tokens.count == 2 ? [Offer("as", "the name for its text")] : words
    case .send where last == first: return names(for: .process, current)
    case .compute, .sleep, .fork, .lock, .barrier, .reply, .print, .writeFile: return last == first ? [] : words
    default: return words
    }
  }
}

/// Something that may be offered.
struct Offer {
  /// Where its summary comes from, which is made only for those that are shown.
  enum Summary {
    case text(String)
    case process, node
    case message(Int)
    case migration(Int)

    /// Whether the offers are in an order of their own.
    var isOrdered: Bool {
      switch self {
      case .message, .migration: true
      case .text, .process, .node: false
      }
    }
  }

  let text: String
  let summary: Summary

  init(_ text: String, _ summary: String = "") { (self.text, self.summary) = (text, .text(summary)) }

  init(_ text: String, as summary: Summary) { (self.text, self.summary) = (text, summary) }
}
