import Chronicle
import CommandLanguage
import Glibc
import MigrationKernel

/// `memory P --live`: the map of a process's pages, drawn again and again while time passes.
extension Commands {
  /// How long each picture stands, in microseconds of the machine's clock.
  private static let pictureMicroseconds: UInt32 = 40_000
  private static let usualDuration: Nanoseconds = 1_000_000_000
  private static let usualPace: Nanoseconds = 5_000_000
  private static let usualRows = 24
  /// What stands above and below the cells, at most, and the row of the prompt.
  private static let rowsAroundCells = 10

  /// Lets time pass until the end that the command names or until Ctrl-C, whichever is first.
  static func watchMemory(
    _ session: inout Session, _ call: Invocation, of process: Parameter<ProcessDirectory.Record>,
    _ times: (duration: Flag<Nanoseconds>, pace: Flag<Nanoseconds>)
  ) throws(SessionError) -> Report {
    let record = try call[process]
    let screen = session.options.screen
    guard session.options.isInteractive, session.options.format == .text, screen.columns != nil, !screen.tellsPictures
    else {
      throw call.refuse(
        screen.tellsPictures
          ? "`--live` draws, and with `set plain on` nothing is drawn" : "`--live` draws at a terminal only",
        at: call.call.span,
        remedy: "`run 5ms`, then `memory \(record.name)`; or `memory \(record.name) --at TIME`")
    }
    let start = session.state.world.now
    let pace = try call[times.pace] ?? usualPace
    let end = start.addingReportingOverflow(try call[times.duration] ?? usualDuration).partialValue
    // What `save` writes must run without a terminal.
    session.jumpCount += 1
    var drawnRows = 0
    while true {
      draw(record, over: &drawnRows, session)
      let now = session.state.world.now
      guard now < end, session.state.world.processes[record.id]?.fate == .alive, !session.isInterrupted() else { break }
      usleep(pictureMicroseconds)
      do throws(SessionError) {
        try session.run(call, for: min(pace, end - now), at: call.call.span)
      } catch {
        // Ctrl-C has come while time passed: the world is as it was at that instant.
        if case .interrupted = error { break }
        if case .stopped = error { addRun(since: start, to: &session) }
        throw error
      }
    }
    if session.isInterrupted() { draw(record, over: &drawnRows, session) }
    addRun(since: start, to: &session)
    return moment("it is \(formatTime(session.state.world.now))", session.state.world)
  }

  private static func addRun(since start: Nanoseconds, to session: inout Session) {
    let now = session.state.world.now
    if now > start { session.state.script.add("run \(now - start)ns") }
  }

  /// Draws the map in place of the one before.
  ///
  /// - Parameter drawnRows: how many rows that one has.
  private static func draw(_ record: ProcessDirectory.Record, over drawnRows: inout Int, _ session: borrowing Session) {
    let world = session.state.world
    let screen = session.options.screen
    var lines = ["\(formatInstant(world.now))\(place(of: record.id, in: world))"]
    if let now = world.processes[record.id], let view = world.view(of: now) {
      let map = MemoryMap(now, view, in: world, isInterrupted: { false })
      var renderer = CharacterRenderer(screen: screen)
      renderer.mostRowsOfCells = max(2, min(renderer.mostRowsOfCells, (screen.rows ?? usualRows) - rowsAroundCells))
      let text = map.headline.wrapped(at: screen.pictureWidth) + "\n" + renderer.text(map.picture)
      lines += text.split(separator: "\n").map(String.init)
    }
    // What has scrolled away cannot be drawn over.
    let most = max(1, (screen.rows ?? usualRows) - 2)
    if lines.count > most { lines = lines.prefix(most - 1) + [screen.showsUnicode ? "…" : "..."] }
    let back = drawnRows > 0 ? "\u{1B}[\(drawnRows)A" : ""
    // Rows that the picture before had and this one has not are cleared.
    session.write(back + lines.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J")
    drawnRows = lines.count
  }

  private static func place(of process: ProcessID, in world: any Cluster) -> String {
    guard let record = world.processes[process] else { return "" }
    switch record.fate {
    case .ended: return ", \(record.name) has ended"
    case .lost: return ", \(record.name) is lost"
    case .alive:
      let state = world.state(of: record).rawValue
      let node = record.location.map { " on \(world[$0].name)" } ?? ""
      return ", \(record.name)\(node), \(state)"
    }
  }
}
