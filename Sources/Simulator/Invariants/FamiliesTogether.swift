import Chronicle
import MigrationKernel
import OrderedCollections

/// All living members of an inseparable family are on one node. A member between two nodes counts as being at its
/// destination. No member of a family that goes together stands still while another may still run.
struct FamiliesTogether: Sendable {
  func check(_ world: borrowing World) -> String? {
    var places: [ProcessID: NodeID] = [:]
    for node in world.runningNodes {
      let processes = world[node].runningKernel.processes
      for slot in processes.occupiedSlots where processes[slot].isInseparable {
        if let found = note(processes[slot], world, &places) { return found }
      }
      // By their places: an iterator would copy each of them.
      let departures = world[node].runningKernel.departures
      if !departures.isEmpty, let found = findWaiting(departures, at: node, world) { return found }
      let arrivals = world[node].runningKernel.arrivals
      for place in arrivals.values.indices where arrivals.values[place].process?.isInseparable == true {
        if let process = arrivals.values[place].process, let found = note(process, world, &places) { return found }
      }
    }
    return nil
  }

  /// Says which process stands still for a move while one that is to go with it does not.
  private func findWaiting(
    _ departures: OrderedDictionary<ProcessID, Departure>, at node: NodeID, _ world: borrowing World
  ) -> String? {
    var (standing, running): ([MigrationAttempt: ProcessID], [MigrationAttempt: ProcessID]) = ([:], [:])
    for place in departures.values.indices {
      guard let family = departures.values[place].family else { continue }
      let process = departures.keys[place]
      if departures.values[place].isFrozen { standing[family] = process }
      switch departures.values[place].stage {
      case .negotiating, .accepted, .reserving, .transferring: running[family] = process
      case .freezing, .sending, .sealing, .handedOver, .installed, .committed: break
      }
      guard let still = standing[family], let other = running[family] else { continue }
      return """
        process \(world.processes[still]?.name ?? "") stands still on node \(world[node].name) to go with \
        \(world.processes[other]?.name ?? ""), which may still run
        """
    }
    return nil
  }

  private func note(_ process: Process, _ world: borrowing World, _ places: inout [ProcessID: NodeID]) -> String? {
    guard let place = world.location(of: process.id) else { return nil }
    guard let other = places.updateValue(place, forKey: process.family), other != place else { return nil }
    return """
      process \(process.name) is on node \(world[place].name), and one that it is inseparable from on node \
      \(world[other].name)
      """
  }
}
