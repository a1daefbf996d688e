import Chronicle
import CommandLanguage
import MigrationKernel
import Shell
import Simulator

/// Executes processes that keep to themselves in a world where no process moves and nothing fails.
///
/// When such a process comes to its end it must leave the same memory in every world, whatever moved or failed there.
/// This holds as long as its program neither talks nor reads the time.
enum Undisturbed {
  /// The digests of the memories that they leave.
  ///
  /// - Parameter processes: some of those that the script creates before anything else happens.
  private static func digests(of processes: Set<String>, _ lines: [String], seed: UInt64) -> [ProcessID: UInt64] {
    var session = Session.silent(seed: seed)
    // Who tells others its load does so for ever, and it changes no memory; nor do policies.
    var script = setup(lines).filter { line in
      !["set load-interval", "policy ", "balance "].contains { line.hasPrefix($0) }
    }
    for name in spawned(lines).map(\.name) where !processes.contains(name) { script.append("kill \(name)") }
    script += processes.sorted().map { "start \($0)" } + ["run 1000000s"]
    _ = session.execute(SourceText(name: "undisturbed", text: script.joined(separator: "\n")))
    var digests: [ProcessID: UInt64] = [:]
    for record in session.state.world.processes.all {
      if case .ended(.exited, _, _) = record.fate { digests[record.id] = record.summary?.memoryDigest }
    }
    return digests
  }

  /// Counts the processes that moved and came to their end, and says what is wrong with the memory that one of them
  /// left; nil when nothing is.
  ///
  /// - Parameters:
  ///   - world: the world in which the script was executed.
  ///   - lines: the script: a `TortureScript` or a part of one.
  static func compare(_ world: World, after lines: [String], seed: UInt64) -> (compared: Int, difference: String?) {
    let touched = Set(lines.filter { $0.hasPrefix("poke ") }.compactMap(name))
    let candidates = spawned(lines).filter { $0.line.contains(" --program work") && !touched.contains($0.name) }
    let records = candidates.compactMap { world.processes[name: $0.name] }.filter { record in
      guard case .ended(.exited, _, _) = record.fate else { return false }
      return record.migrations.contains { world.migrations[$0]?.status == .completed }
    }
    guard !records.isEmpty else { return (0, nil) }
    let undisturbed = digests(of: Set(records.map(\.name)), lines, seed: seed)
    for record in records {
      guard let expected = undisturbed[record.id] else {
        return (records.count, "\(record.name) came to its end, and undisturbed it does not")
      }
      if record.summary?.memoryDigest != expected {
        return (records.count, "\(record.name) left another memory than undisturbed")
      }
    }
    return (records.count, nil)
  }

  /// The first lines of a script, which only create nodes, programs and processes.
  private static func setup(_ lines: [String]) -> some Sequence<String> {
    lines.lazy.prefix { line in
      [
        "#", "set ", "network set ", "node add ", "link set ", "program ", "spawn ", "policy ",
        "balance ",
      ].contains { line.hasPrefix($0) }
    }
  }

  private static func spawned(_ lines: [String]) -> [(name: String, line: String)] {
    setup(lines).filter { $0.hasPrefix("spawn ") }.compactMap { line in name(line).map { ($0, line) } }
  }

  /// The name of the thing that the command on a line creates or changes.
  private static func name(_ line: String) -> String? {
    line.split(separator: " ").dropFirst().first.map(String.init)
  }
}
