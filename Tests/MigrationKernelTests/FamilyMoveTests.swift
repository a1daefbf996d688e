import Testing

@testable import MigrationKernel

/// Coprocesses that are moved together: every verb in every stage.
@Suite struct FamilyMoveTests {
  static let members = (1...3 as ClosedRange<UInt32>).map { ProcessID(origin: NodeID(0), incarnation: 1, serial: $0) }

  enum Stage: CaseIterable { case negotiating, transferring, moving }

  static func move(at stage: Stage) -> FamilyMove {
    var move = FamilyMove(members)
    if stage != .negotiating { for member in members { _ = move.accepted(member) } }
    if stage == .moving { for member in members { _ = move.mayFreeze(member) } }
    return move
  }

  @Test func allBeginWhenTheLastIsAccepted() {
    let (a, b, c) = (Self.members[0], Self.members[1], Self.members[2])
    var move = Self.move(at: .negotiating)
    let steps = [a, a, c, b].map { move.accepted($0) }
    #expect(steps == [[], [], [], [b, a, c]], "one that is accepted twice is accepted once")
    let again = move.accepted(b)
    #expect(again == [])
  }

  @Test func allAreFrozenWhenTheLastMayBe() {
    let (a, b, c) = (Self.members[0], Self.members[1], Self.members[2])
    for stage in [Stage.negotiating, .moving] {
      var other = Self.move(at: stage)
      let none = Self.members.map { other.mayFreeze($0) }
      #expect(none == [[], [], []])
    }
    var move = Self.move(at: .transferring)
    let steps = [b, b, a, c].map { move.mayFreeze($0) }
    #expect(steps == [[], [], [], [b, a, c]])
  }

  @Test func allAreCommittedWhenTheLastIsInstalled() {
    let (a, b, c) = (Self.members[0], Self.members[1], Self.members[2])
    for stage in [Stage.negotiating, .transferring] {
      var early = Self.move(at: stage)
      let none = Self.members.map { early.installed($0) }
      #expect(none == [[], [], []])
    }
    var move = Self.move(at: .moving)
    let steps = [c, c, b, a].map { move.installed($0) }
    #expect(steps == [[], [], [], [a, b, c]])
  }

  @Test(arguments: Stage.allCases) func nobodyWaitsForOneThatIsNoMore(stage: Stage) {
    let (a, b, c) = (Self.members[0], Self.members[1], Self.members[2])
    func step(_ move: inout FamilyMove, _ member: ProcessID) -> [ProcessID] {
      switch stage {
      case .negotiating: move.accepted(member)
      case .transferring: move.mayFreeze(member)
      case .moving: move.installed(member)
      }
    }
    var last = Self.move(at: stage)
    _ = step(&last, a)
    _ = step(&last, c)
    let next = last.ended(b)
    let expected: FamilyMove.Next =
      switch stage {
      case .negotiating: .begin([a, c])
      case .transferring: .freeze([a, c])
      case .moving: .commit([a, c])
      }
    #expect(next == expected && last.members == [a, c])
    var other = Self.move(at: stage)
    _ = step(&other, a)
    let wait = other.ended(a)
    #expect(wait == .wait && other.members == [b, c])
    let rest = [b, c].map { step(&other, $0) }
    #expect(rest == [[], stage == .transferring ? [b, c] : [c, b]])
  }

  @Test func aMoveOfWhichAllHaveEndedHasNobodyLeft() {
    var move = Self.move(at: .negotiating)
    let steps = Self.members.map { move.ended($0) }
    #expect(steps == [.wait, .wait, .begin([])] && move.members.isEmpty)
  }
}
