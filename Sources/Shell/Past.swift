extension Session {
  /// Whether `step back` has led into the midst of a command: `undo` then takes back its beginning, and `redo` does all of it.
  package var isAmidCommand: Bool { past.done.last?.part == .beginning }
}

/// The states to which `undo`, `redo`, `restore` and `step back` can go.
struct Past {
  /// A statement, and a state on the other side of it.
  struct Step {
    let state: SessionState
    let text: String
    /// The variable that the statement sets, when it is `let`.
    let variable: String?
    /// How much of the statement lies between the two states.
    var part = Part.whole
    /// Whether the statement went to another world or began a new one, so that the world after it does not follow from
    /// the one before.
    var isLeap = false
    /// Copies of the world between the two states, oldest first.
    var copies: [WorldCopy] = []

    /// The statement in back quotes, shortened to one line, and how much of it is meant.
    var shown: String {
      let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      let quoted = line.count <= 60 ? "`\(line)`" : "`\(line.prefix(59))…`"
      return switch part {
      case .whole: quoted
      case .beginning: "the beginning of \(quoted)"
      case .rest: "the rest of \(quoted)"
      }
    }
  }

  /// How much of a statement.
  enum Part { case whole, beginning, rest }

  /// The statements that can be taken back, with the states before them, the latest last.
  var done: [Step] = []
  /// Those that can be done again, with the states after them, the next last.
  var undone: [Step] = []
  /// In the order in which they were made.
  var checkpoints: [(name: String, state: SessionState)] = []
  /// Where the statement under way began, or the last state to which it went.
  private(set) var start: SessionState?
  /// Whether what was before that is no past of it.
  private(set) var isWalled = false
  /// Copies of the world since then, oldest first.
  var copies: [WorldCopy] = []
  /// Who kept copies in the run before of the statement under way: many short runs count together.
  var keeper: CopyKeeper?
  /// How often a command went to another state.
  private var leapCount = 0
  private var leapsBefore = 0
  /// Whether the statement under way has gone to another state.
  var hasLeapt: Bool { leapCount != leapsBefore }

  /// Begins a statement.
  mutating func begin(at state: SessionState) {
    start = state
    isWalled = false
    leapsBefore = leapCount
    copies = []
    keeper = nil
  }

  /// Ends the statement, so that it can be taken back.
  mutating func end(text: String, from before: SessionState, variable: String?, keeping most: Int) {
    done.append(
      Step(state: before, text: text, variable: variable, isLeap: hasLeapt, copies: copies))
    copies = []
    undone.removeAll()
    if done.count > most { done.removeFirst(done.count - most) }
  }

  /// Notes that a command has gone to another state.
  ///
  /// - Parameter isWall: whether the world before that state is not to be come to by going back from it.
  mutating func leap(to state: SessionState, isWall: Bool) {
    start = state
    isWalled = isWall
    leapCount += 1
    copies = []
  }

  /// Moves the last statement of one list to the other.
  ///
  /// - Parameter present: the state on this side of it.
  /// - Returns: the statement, with the state on its other side; nil when there is none.
  mutating func cross(
    from origin: WritableKeyPath<Past, [Step]>, to destination: WritableKeyPath<Past, [Step]>, present: SessionState
  ) -> Step? {
    guard let step = self[keyPath: origin].popLast() else { return nil }
    // `step back` had undone the second part of a statement; now the two are one again.
    let other: Part? = step.part == .beginning ? .rest : step.part == .rest ? .beginning : nil
    if let other, let last = self[keyPath: destination].last, last.part == other, last.text == step.text {
      let state = last.state
      let copies = step.part == .rest ? step.copies : last.copies
      let index = self[keyPath: destination].count - 1
      self[keyPath: destination][index] = Step(
        state: state, text: step.text, variable: step.variable, isLeap: step.isLeap, copies: copies)
    } else {
      self[keyPath: destination].append(
        Step(
          state: present, text: step.text, variable: step.variable, part: step.part, isLeap: step.isLeap,
          copies: step.copies))
    }
    return step
  }
}
