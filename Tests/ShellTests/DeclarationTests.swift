import CommandLanguage
import Testing

@testable import Shell

/// Commands declare the flags that they read, and each number of a migration is declared once.
struct DeclarationTests {
  @Test func flagsThatExcludeEachOtherAreFlagsOfTheirCommand() {
    for spec in Commands.all.map(\.spec) {
      let names = spec.flags.map(\.name)
      #expect(Set(names).count == names.count, "\(spec.name) has a flag twice")
      for group in spec.exclusiveFlags {
        #expect(group.allSatisfy(names.contains), "\(spec.name): \(group)")
      }
    }
  }

  #if DEBUG
    @Test func aCommandCannotLookUpWhatItDoesNotTake() async {
      await #expect(processExitsWith: .failure) {
        let stray = Switch("stray", "a flag that no command lists")
        let command = Command("odd", summary: "looks for it", examples: [], data: .nothing, group: "Test") {
          (_, call) throws(SessionError) in
          Report("found it", Report.Item("found", .boolean(call.has(stray))))
        }
        var session = Session { _ in }
        session.add([command])
        _ = session.execute(SourceText(name: "test", text: "odd"))
      }
    }
  #endif

  /// No list has a number twice. Every field and every row is in data too, except the row that is only a sentence.
  @Test func everyNumberOfAMigrationIsInData() {
    let members = MigrationNumber.members.map(\.name)
    let fields = MigrationNumber.fields.map(\.name)
    let rows = MigrationNumber.rows.map(\.name)
    for names in [members, fields, rows] { #expect(Set(names).count == names.count) }
    #expect(Set(fields).isSubset(of: members))
    #expect(Set(rows).subtracting(members) == ["leftBehind"])
    #expect(MigrationNumber.fields.allSatisfy { !$0.summary.isEmpty })
    #expect(MigrationNumber.rows.allSatisfy { !$0.label.isEmpty })
  }
}
