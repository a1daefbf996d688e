import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// Going to another state.
extension Session {
  /// Takes the last statement back. The variables stay as they are, but for the one that the statement set with `let`.
  ///
  /// - Returns: the statement; nil when there is none to take back.
  mutating func undoStatement() -> Past.Step? { cross(from: \.done, to: \.undone) }

  /// Does the statement again that was taken back last.
  ///
  /// - Returns: the statement; nil when there is none.
  mutating func redoStatement() -> Past.Step? { cross(from: \.undone, to: \.done) }

  /// Goes to the other side of the last statement of one list, which is then the last of the other.
  private mutating func cross(
    from origin: WritableKeyPath<Past, [Past.Step]>, to destination: WritableKeyPath<Past, [Past.Step]>
  ) -> Past.Step? {
    guard let step = past.cross(from: origin, to: destination, present: state) else { return nil }
    var next = step.state
    next.variables = state.variables
    next.lookouts = state.lookouts
    if let name = step.variable { next.variables[name] = step.state.variables[name] }
    next.script.addDefinitions(from: step.state, to: next)
    leap(to: next)
    return step
  }

  /// Makes the world what it was at a checkpoint. Variables, programs and commands stay as they are.
  mutating func restore(_ kept: SessionState, named name: String) {
    var next = kept
    next.variables = state.variables
    next.programs = state.programs
    next.definitions = state.definitions
    next.lookouts = state.lookouts
    next.script.add("checkpoint \(name)")
    next.script.addDefinitions(from: kept, to: next)
    leap(to: next, isWall: true)
  }

  /// Begins a new world.
  mutating func reset(to world: World) {
    var next = state
    next.world = world
    leap(to: next, isWall: true)
  }

  /// Puts another state, which did not follow from this one, in its place.
  mutating func move(to next: SessionState) { leap(to: next, isWall: true) }

  private mutating func leap(to next: SessionState, isWall: Bool = false) {
    state = next
    past.leap(to: next, isWall: isWall)
    refreshTable()
  }

  // MARK: - Back by facts

  /// What `step back` did.
  struct WayBack {
    /// The statements that are undone now, as a whole or from some moment on, the latest first.
    var undone: [Past.Step] = []
    /// Whether it went back within the statement that is under way.
    var isWithinStatement = false
  }

  /// Goes back to the moment right after an entry of the log, or to where everything began that can be undone.
  mutating func goBack(toEntry wanted: Int, _ call: Invocation) throws(SessionError) -> WayBack {
    try requireWorkLeft(call)
    var number = wanted
    while true {
      guard let place = place(ofEntry: number) else {
        throw beyondReach(call)
      }
      let stretch = Stretch(session: self, place)
      guard number > stretch.start.world.log.total else { return arrive(atStartOf: place) }
      switch stretch.world(rightAfter: number, &self) {
      case .interrupted: throw interruption(at: call.call.span, in: call.source)
      case .together(let before): number = before
      case .arrived(let world, let copies): return arrive(at: world, within: place, copies)
      }
    }
  }

  /// The place of the statement that brought an entry of the log: that of a step in `past.done`, or the number of these for
  /// what is under way. Nil when that cannot be undone.
  private func place(ofEntry number: Int) -> Int? {
    var place = past.done.count
    while true {
      let start = start(of: place)
      if start.world.log.total < number { return place }
      guard place > 0, !isWall(at: place) else { return start.world.log.total == number ? place : nil }
      place -= 1
    }
  }

  /// Whether what is before the start of a statement is not its past.
  private func isWall(at place: Int) -> Bool {
    place == past.done.count && past.isWalled || past.done[place - 1].isLeap
  }

  private func start(of place: Int) -> SessionState {
    place < past.done.count ? past.done[place].state : past.start ?? state
  }

  private func end(of place: Int) -> SessionState { place < past.done.count ? start(of: place + 1) : state }

  // MARK: - Looking back

  /// Shows the world as it was at some instants of its past. Nothing is changed: what happened since a state that is kept is
  /// done again on a copy.
  ///
  /// - Parameters:
  ///   - instants: from the earliest to the latest, none after the present.
  ///   - show: what is done with the world at each.
  mutating func lookBack(
    at instants: [Nanoseconds], _ call: Invocation, show: (Nanoseconds, borrowing World) -> Void
  ) throws(SessionError) {
    guard let first = instants.first else { return }
    try requireWorkLeft(call)
    var world = latestWorld(before: first)
    let before = Work(of: world)
    let isComplete = world.repeatRun(
      of: state.world.journal, showingAt: instants, isInterrupted: whileRunning, show: show)
    work.add(world, since: before)
    guard isComplete else { throw interruption(at: call.call.span, in: call.source) }
  }

  /// The latest world that is kept, not after an instant, from which the present one follows; an empty one when none is kept.
  private func latestWorld(before instant: Nanoseconds) -> World {
    var place = past.done.count
    while true {
      let start = start(of: place).world
      if start.now <= instant {
        let copies = place < past.done.count ? past.done[place].copies : past.copies
        return copies.last { $0.exactFrom <= instant }?.world ?? start
      }
      guard place > 0, !isWall(at: place) else { return World(seed: state.world.journal.seed) }
      place -= 1
    }
  }

  /// The error when there are not so many entries of the log to go back.
  private func beyondReach(_ call: Invocation) -> SessionError {
    var place = past.done.count
    while place > 0, !isWall(at: place) { place -= 1 }
    let most = state.world.log.total - start(of: place).world.log.total
    let leap = place > 0 ? past.done[place - 1].shown : nil
    let remedy = leap.map { "before that is another world; `undo` takes \($0) back" }
    guard most > 0 else {
      return call.refuse(
        leap == nil ? "there is nothing to go back to" : "nothing has happened since \(leap ?? "")", remedy: remedy)
    }
    return call.refuse(
      "only \(counted(most, "fact")) can be undone", expected: "at most \(most)",
      remedy: remedy ?? (options.undoDepth > 0 ? "`set undo-depth` says how many commands can be undone" : nil))
  }

  /// A part of the past in which no statement begins.
  private struct Stretch {
    let start: SessionState
    let end: SessionState
    let copies: [WorldCopy]

    init(session: borrowing Session, _ place: Int) {
      start = session.start(of: place)
      end = session.end(of: place)
      copies = place < session.past.done.count ? session.past.done[place].copies : session.past.copies
    }

    enum Outcome {
      /// With copies that were made on the way.
      case arrived(World, [WorldCopy])
      case together(before: Int)
      case interrupted
    }

    /// The world right after an entry of the log that came in this stretch.
    func world(rightAfter number: Int, _ session: inout Session) -> Outcome {
      var world = copy(before: number)?.world ?? start.world
      let before = Work(of: world)
      // How many copies there are depends on the machine. Where events are counted, the count must not.
      let keeper =
        session.options.isInteractive
        ? CopyKeeper(distance: session.copyDistance, from: world.now, to: end.world.now) : nil
      session.meter?.beginStretch(of: world, to: end.world.log.time(ofEntry: number))
      let result = world.repeatRun(
        of: end.world.journal, toEntry: number, waypoints: keeper?.waypoints, isInterrupted: session.whileRunning)
      session.meter?.endStretch(of: world)
      session.work.add(world, since: before)
      switch result {
      case .interrupted: return .interrupted
      case .together(let before): return .together(before: before)
      case .arrived: return .arrived(world, keeper?.copies ?? [])
      }
    }

    /// The latest copy from which the run can be done again up to an entry.
    private func copy(before number: Int) -> WorldCopy? {
      let earlier = copies.prefix { $0.world.log.total < number }
      guard let last = earlier.last else { return nil }
      let time = end.world.log.time(ofEntry: number) ?? last.world.now
      return earlier.last { $0.exactFrom <= time }
    }
  }

  private mutating func arrive(atStartOf place: Int) -> WayBack {
    // Commands that were given at that very moment stay, but for those that changed the world.
    let world = start(of: place).world
    var place = place
    while place < past.done.count, !past.done[place].isLeap, end(of: place).world.isSameMoment(as: world) { place += 1 }
    return WayBack(undone: (place..<past.done.count).compactMap { _ in undoStatement() })
  }

  private mutating func arrive(at world: World, within place: Int, _ newCopies: [WorldCopy]) -> WayBack {
    let total = world.log.total
    if place < past.done.count, end(of: place).world.isSameMoment(as: world) { return arrive(atStartOf: place + 1) }
    guard place < past.done.count else {
      var next = state
      next.script.add("step back \(state.world.log.total - total)")
      next.world = world
      past.copies = (past.copies + newCopies).inOrder(below: total)
      state = next
      return WayBack(isWithinStatement: true)
    }
    var way = WayBack(undone: (place + 1..<past.done.count).compactMap { _ in undoStatement() })
    let step = past.done.removeLast()
    let all = (step.copies + newCopies).inOrder(below: .max)
    if past.undone.last?.part != .rest || step.part != .beginning {
      past.undone.append(
        Past.Step(state: state, text: step.text, variable: step.variable, part: .rest, copies: all))
    }
    past.done.append(
      Past.Step(
        state: step.state, text: step.text, variable: step.variable, part: .beginning,
        copies: all.filter { $0.world.log.total < total }))
    way.undone += past.undone.last.map { [$0] } ?? []
    var next = state
    next.script.add("step back \(state.world.log.total - total)")
    next.world = world
    leap(to: next)
    return way
  }
}

extension Log {
  /// When an entry came; nil when it is not kept any more.
  fileprivate func time(ofEntry number: Int) -> Nanoseconds? {
    guard let first = entries.first, number >= first.number, number - first.number < entries.count else { return nil }
    return entries[entries.index(entries.startIndex, offsetBy: number - first.number)].time
  }
}

extension World {
  /// Whether nothing has happened between two moments of one world.
  fileprivate func isSameMoment(as other: World) -> Bool {
    now == other.now && eventCount == other.eventCount && log.total == other.log.total
      && journal.entries.count == other.journal.entries.count
  }
}
