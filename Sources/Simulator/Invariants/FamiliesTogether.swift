import Chronicle
import MigrationKernel

/// All living members of an inseparable family are on one node. A member between two nodes counts as being at its
/// destination.
struct FamiliesTogether: Sendable {
  func check(_ world: borrowing World) -> String? {
    var places: [ProcessID: NodeID] = [:]
    for node in world.runningNodes {
      let processes = world[node].runningKernel.processes
      for slot in processes.occupiedSlots where processes[slot].isInseparable {
        if let found = note(processes[slot], world, &places) { return found }
      }
      for arrival in world[node].runningKernel.arrivals.values {
        guard let process = arrival.process, process.isInseparable else { continue }
        if let found = note(process, world, &places) { return found }
      }
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
