import Chronicle
import MigrationKernel

/// Pages and bytes in a migration's report equal what the network carried for it, page by page. A page that was left behind
/// is not sent to the same node again before that says anew which it needs.
struct BooksBalance: Sendable {
  /// What was seen of one migration, from its offer on.
  fileprivate struct Account {
    /// Pages that went, and how often one went that had gone before.
    var seen: Set<Int> = []
    var again = 0
    /// Pages on their way to a node that has not said since which it needs.
    var supplied: [NodeID: Set<Int>] = [:]
  }

  private var accounts: [MigrationAttempt: Account] = [:]
  /// All migrations before this one have ended, and their books balanced.
  private var settled = 0

  /// A node has failed, or a connection broke: what was on its way may be lost.
  mutating func observeFault() {
    for attempt in accounts.keys { accounts[attempt]?.supplied = [:] }
  }

  /// Notes a packet that a kernel sends, and says what is wrong with it.
  mutating func observeSending(_ packet: borrowing Packet, from node: NodeID, to other: NodeID) -> String? {
    guard let attempt = packet.attempt else { return nil }
    switch packet {
    case .offer: accounts[attempt] = Account()
    case .client: accounts[attempt]?.supplied[node] = nil
    case .pages: accounts[attempt]?.note(packet.pages)
    case .pageSupply:
      accounts[attempt]?.note(packet.pages)
      for page in packet.pages
      where accounts[attempt]?.supplied[other, default: []].insert(page).inserted == false {
        return "page \(page) is sent again though it is on its way, or has come"
      }
    case .accept, .refuse, .reserve, .reserved, .pagesEnd, .pagesKept, .handover, .installed, .commit, .activated,
      .abort, .query, .unknown, .pageRequest, .withdrawn, .release, .stillNeeded, .movedOn, .locate, .located, .moving,
      .moved, .forget, .linkUpdated, .routed, .part, .fileCall, .fileAnswer, .load, .probe,
      .probeAnswer:
      break
    }
    return nil
  }

  mutating func check(_ world: borrowing World) -> String? {
    var number = settled + 1
    while let record = world.migrations[number] {
      let traffic = world.network.traffic(of: record.attempt)
      guard UInt64(record.pagesSent) == traffic.pages, UInt64(record.pageBytes) == traffic.pageBytes,
        UInt64(record.stateBytes) == traffic.stateBytes
      else {
        return """
          migration \(record.number) reports \(record.pagesSent) pages in \(record.pageBytes) bytes and \
          \(record.stateBytes) bytes of state; the network carried \(traffic.pages) pages in \(traffic.pageBytes) \
          bytes and \(traffic.stateBytes) bytes of state
          """
      }
      if let account = accounts[record.attempt], record.redundantPages != account.again {
        return """
          migration \(record.number) reports that \(record.redundantPages) pages were sent again, and \
          \(account.again) were
          """
      }
      if number == settled + 1, record.endedAt != nil { settled += 1 }
      number += 1
    }
    return nil
  }
}

extension BooksBalance.Account {
  fileprivate mutating func note(_ pages: [Int]) {
    for page in pages where !seen.insert(page).inserted { again += 1 }
  }
}
