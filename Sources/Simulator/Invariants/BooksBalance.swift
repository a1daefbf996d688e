import Chronicle
import MigrationKernel

/// Pages and bytes in a migration's report equal what the network carried for it.
struct BooksBalance: Sendable {
  /// All migrations before this one have ended, and their books balanced.
  private var settled = 0

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
      if number == settled + 1, record.endedAt != nil { settled += 1 }
      number += 1
    }
    return nil
  }
}
