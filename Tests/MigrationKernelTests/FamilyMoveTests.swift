import Testing

@testable import MigrationKernel

/// Coprocesses that are moved together: every verb in every stage.
@Suite struct FamilyMoveTests {
  static let members = (1...3 as ClosedRange<UInt32>).map { ProcessID(origin: NodeID(0), incarnation: 1, serial: $0) }

  static func move(installing: Bool) -> FamilyMove {
    var move = FamilyMove(members)
    if installing { for member in members { _ = move.accepted(member) } }
    return move
  }

  @Test func allBeginWhenTheLastIsAccepted() {
    let (a, b, c) = (Self.members[0], Self.members[1], Self.members[2])
    var move = Self.move(installing: false)
    let steps = [a, a, c, b].map { move.accepted($0) }
    #expect(steps == [[], [], [], [b, a, c]], "one that is accepted twice is accepted once")
    let again = move.accepted(b)
    #expect(again == [])
  }

  @Test func allAreCommittedWhenTheLastIsInstalled() {
    let (a, b, c) = (Self.members[0], Self.members[1], Self.members[2])
    var early = Self.move(installing: false)
    let none = Self.members.map { early.installed($0) }
    #expect(none == [[], [], []])
    var move = Self.move(installing: true)
    let steps = [c, c, b, a].map { move.installed($0) }
    #expect(steps == [[], [], [], [a, b, c]])
  }

  @Test(arguments: [false, true]) func nobodyWaitsForOneThatIsNoMore(installing: Bool) {
    let (a, b, c) = (Self.members[0], Self.members[1], Self.members[2])
    func step(_ move: inout FamilyMove, _ member: ProcessID) -> [ProcessID] {
      installing ? move.installed(member) : move.accepted(member)
    }
    var last = Self.move(installing: installing)
    _ = step(&last, a)
    _ = step(&last, c)
    let next = last.ended(b)
    #expect(next == (installing ? .commit([a, c]) : .begin([a, c])) && last.members == [a, c])
    var other = Self.move(installing: installing)
    _ = step(&other, a)
    let wait = other.ended(a)
    #expect(wait == .wait && other.members == [b, c])
    let rest = [b, c].map { step(&other, $0) }
    #expect(rest == [[], [c, b]])
  }

  @Test func aMoveOfWhichAllHaveEndedHasNobodyLeft() {
    var move = Self.move(installing: false)
    let steps = Self.members.map { move.ended($0) }
    #expect(steps == [.wait, .wait, .begin([])] && move.members.isEmpty)
  }
}
