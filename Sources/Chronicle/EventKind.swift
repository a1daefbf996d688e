/// The kinds of event that are counted for good, under the names by which a lesson forbids them.
public enum EventKind: String, Sendable, CaseIterable {
  case nodeAdded = "node-added"
  case nodeFailed = "node-failed"
  case nodeRecovered = "node-recovered"
  case nodeRemoved = "node-removed"
  case nodeChanged = "node-changed"
  case connectionBroken = "connection-broken"
  case lineFailed = "link-failed"
  case lineHealed = "link-healed"
  case lineChanged = "link-changed"
  case driverReplaced = "driver-replaced"
  case packetUnreadable = "packet-unreadable"
  case processCreated = "process-created"
  case processStarted = "process-started"
  case processEnded = "process-ended"
  case processKilled = "process-killed"
  case processDied = "process-died"
  case processLost = "process-lost"
  case processFrozen = "process-frozen"
  case processResumed = "process-resumed"
  case processDeadlocked = "process-deadlocked"
  case processSelected = "process-selected"
  case destinationSelected = "destination-selected"
  case migrationOffered = "migration-offered"
  case migrationCompleted = "migration-completed"
  case migrationRefused = "migration-refused"
  case migrationAborted = "migration-aborted"
  case messageQueued = "message-queued"
  case messageForwarded = "message-forwarded"
  case messageResent = "message-resent"
  case messageCameBack = "message-came-back"
  case messageReturned = "message-returned"
  case messageLost = "message-lost"

  /// What it is, as a clause.
  public var summary: String {
    switch self {
    case .nodeAdded: "a node joined the cluster"
    case .nodeFailed: "a node failed"
    case .nodeRecovered: "a failed node came back"
    case .nodeRemoved: "a node left the cluster"
    case .nodeChanged: "a node was made different"
    case .connectionBroken: "a node was told that a connection broke"
    case .lineFailed: "the line between two nodes failed"
    case .lineHealed: "a line that had failed was healed"
    case .lineChanged: "a line, or all lines, were made different"
    case .driverReplaced: "a node got a new driver"
    case .packetUnreadable: "a node could not read a packet that came to it"
    case .processCreated: "a process was created"
    case .processStarted: "a process was started"
    case .processEnded: "a process came to its end"
    case .processKilled: "a process was killed"
    case .processDied: "a process died of a fault of its program"
    case .processLost: "a process was lost with a node"
    case .processFrozen: "a process was frozen by the operator"
    case .processResumed: "a process was resumed by the operator"
    case .processDeadlocked: "threads of a process began to wait for each other for ever"
    case .processSelected: "a policy chose a process to move"
    case .destinationSelected: "a policy chose where a process goes, or that it stays"
    case .migrationOffered: "a migration began"
    case .migrationCompleted: "a migration was completed"
    case .migrationRefused: "a migration was refused by its destination"
    case .migrationAborted: "a migration was aborted"
    case .messageQueued: "a message waited for a process that was moving"
    case .messageForwarded: "a message followed a forwarding address to a process that had moved"
    case .messageResent: "a message was sent again"
    case .messageCameBack: "a message came back to the kernel of its sender, which sends it again"
    case .messageReturned: "a message was returned: its sender was told that it may not have been delivered"
    case .messageLost: "a message was lost with its sender"
    }
  }
}

extension Log.Event {
  /// What it is counted as; nil for what is not.
  public var eventKind: EventKind? {
    switch self {
    case .cluster(.nodeAdded): .nodeAdded
    case .cluster(.nodeFailed): .nodeFailed
    case .cluster(.nodeRecovered): .nodeRecovered
    case .cluster(.nodeRemoved): .nodeRemoved
    case .cluster(.nodeChanged): .nodeChanged
    case .cluster(.connectionBroken): .connectionBroken
    case .cluster(.lineFailed): .lineFailed
    case .cluster(.lineHealed): .lineHealed
    case .cluster(.lineChanged), .cluster(.networkChanged): .lineChanged
    case .cluster(.driverReplaced): .driverReplaced
    case .cluster(.packetUnreadable): .packetUnreadable
    case .fact(.created): .processCreated
    case .fact(.started): .processStarted
    case .fact(.ended(_, _, .exited)): .processEnded
    case .fact(.ended(_, _, .killed)): .processKilled
    case .fact(.ended(_, _, .fault)): .processDied
    case .fact(.lost): .processLost
    case .fact(.frozen): .processFrozen
    case .fact(.resumed): .processResumed
    case .fact(.deadlocked): .processDeadlocked
    case .fact(.processChosen): .processSelected
    case .fact(.nodeChosen): .destinationSelected
    case .fact(.migration(_, .offered)): .migrationOffered
    case .fact(.migration(_, .completed)): .migrationCompleted
    case .fact(.migration(_, .refused)): .migrationRefused
    case .fact(.migration(_, .aborted)): .migrationAborted
    case .fact(.message(_, .queued)): .messageQueued
    case .fact(.message(_, .forwarded)): .messageForwarded
    case .fact(.message(_, .resent)): .messageResent
    case .fact(.message(_, .cameBack)): .messageCameBack
    case .fact(.message(_, .returned)): .messageReturned
    case .fact(.message(_, .lost)): .messageLost
    case .fact: nil
    }
  }
}
