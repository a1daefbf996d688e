import MigrationKernel
import Testing

@testable import Torture

/// Faults at every packet of every mechanism.
@Suite struct FaultSweepTests {
  @Test(arguments: SweepScene.all)
  func whateverBefallsAPacketAllEndsWell(_ scene: SweepScene) {
    let sweep = FaultSweep(scene)
    #expect(sweep.refusals == 0 && sweep.packetCount > 15)
    let isExpected = sweep.outcomes.allSatisfy { $0 == .completed || $0 == .cancelled || scene.refuses }
    #expect(!sweep.outcomes.isEmpty && isExpected)
    #expect(sweep.outcomes.contains(.refused) == scene.refuses)
    // The whole sweep (`Scripts/test --all`) leaves out none.
    let packets = Array(stride(from: 0, to: sweep.packetCount, by: max(1, sweep.packetCount / 6)))
    var losses = 0
    for number in packets {
      for fault in SweepFault.essential {
        let point = sweep.run(fault, at: number)
        if point.isLost { losses += 1 }
        #expect(point.failure == nil, "\(fault) at packet \(number):\n\(point.lines.joined(separator: "\n"))")
      }
    }
    // The faults are real: a crash of the node with the process kills it, and most other faults do not.
    #expect(losses > packets.count / 2 && losses < packets.count * SweepFault.essential.count * 2 / 3)
  }

  @Test(arguments: SweepScene.all)
  func twoFaultsAreNoWorse(_ scene: SweepScene) {
    let sweep = FaultSweep(scene)
    var random = Generator(seed: 1)
    // `Scripts/test --all` draws a thousand.
    for _ in 0..<8 {
      let point = sweep.runPair(&random)
      #expect(point.failure == nil, "\(point.lines.joined(separator: "\n"))")
    }
  }
}

extension SweepScene: CustomTestStringConvertible {
  public var testDescription: String { name }
}
