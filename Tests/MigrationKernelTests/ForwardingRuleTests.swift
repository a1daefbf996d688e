import Testing

@testable import MigrationKernel

/// What each mechanism does for a process that is not here, by what the kernel of node 0 or 5 knows.
@Suite struct ForwardingRuleTests {
  static func process(_ mechanism: ForwardingMechanism, origin: UInt32 = 0) -> ProcessID {
    ProcessID(origin: NodeID(origin), incarnation: 1, serial: 1, forwarding: mechanism)
  }

  static func at(_ node: UInt32, epoch: UInt32) -> Location {
    Location(address: Address(node: NodeID(node), epoch: epoch), learnedAt: 0)
  }

  @Test func aSendersKernelThatKnowsNothingTriesTheOrigin() {
    for mechanism in ForwardingMechanism.allCases {
      let hop = mechanism.rules.firstHop(to: Self.process(mechanism), Locations(node: NodeID(5)))
      #expect(hop == .node(NodeID(0)), "\(mechanism)")
    }
  }

  @Test func theOriginItselfThatKnowsNothing() {
    let expected: [ForwardingMechanism: FirstHop] = [
      .linkTraversal: .nowhere, .resendReturned: .search, .resendDropped: .search, .originSite: .asIfFromElsewhere,
      .linkUpdate: .search,
    ]
    for mechanism in ForwardingMechanism.allCases {
      #expect(
        mechanism.rules.firstHop(to: Self.process(mechanism), Locations(node: NodeID(0))) == expected[mechanism],
        "\(mechanism)")
    }
  }

  @Test func whatHasBeenLearnedIsUsedByAllButAskOrigin() {
    for mechanism in ForwardingMechanism.allCases {
      var locations = Locations(node: NodeID(5))
      locations.learn(Self.process(mechanism), Self.at(3, epoch: 2))
      let hop = mechanism.rules.firstHop(to: Self.process(mechanism), locations)
      #expect(hop == .node(NodeID(mechanism == .originSite ? 0 : 3)), "\(mechanism)")
    }
  }

  @Test func whatComesWhileItIsMoved() {
    let here = Locations(node: NodeID(5))
    let expected: [ForwardingMechanism: Disposition] = [
      .linkTraversal: .queue, .resendReturned: .sendBack(.notHere(at: NodeID(5))), .resendDropped: .drop,
      .originSite: .handBack(to: NodeID(0)), .linkUpdate: .queue,
    ]
    for mechanism in ForwardingMechanism.allCases {
      #expect(mechanism.rules.whileMoving(Self.process(mechanism), here) == expected[mechanism], "\(mechanism)")
    }
    #expect(AskOriginSite.whileMoving(Self.process(.originSite), Locations(node: NodeID(0))) == .queue)
  }

  @Test func whatComesWhenItIsElsewhere() {
    let expected: [ForwardingMechanism: Disposition] = [
      .linkTraversal: .sendBack(.notFound(at: NodeID(5))), .resendReturned: .sendBack(.notHere(at: NodeID(5))),
      .resendDropped: .drop, .originSite: .handBack(to: NodeID(0)), .linkUpdate: .sendBack(.notHere(at: NodeID(5))),
    ]
    for mechanism in ForwardingMechanism.allCases {
      let process = Self.process(mechanism)
      var locations = Locations(node: NodeID(5))
      #expect(mechanism.rules.elsewhere(process, minimumEpoch: 0, locations) == expected[mechanism], "\(mechanism)")
      locations.forwardingAddresses[process] = Self.at(3, epoch: 2)
      let follows = mechanism.rules.elsewhere(process, minimumEpoch: 0, locations) == .forward(to: NodeID(3), epoch: 2)
      #expect(follows == mechanism.leavesAddresses, "\(mechanism)")
    }
  }

  @Test func theOriginSendsOnOrWaitsForTheReport() {
    let process = Self.process(.originSite)
    var origin = Locations(node: NodeID(0))
    #expect(AskOriginSite.elsewhere(process, minimumEpoch: 0, origin) == .sendBack(.notFound(at: NodeID(0))))
    origin.moves[process] = Self.at(3, epoch: 2)
    #expect(AskOriginSite.elsewhere(process, minimumEpoch: 2, origin) == .forward(to: NodeID(3), epoch: 2))
    #expect(AskOriginSite.elsewhere(process, minimumEpoch: 3, origin) == .hold(minimumEpoch: 3))
  }

  @Test func theLaterOfAddressAndReplyTells() {
    let process = Self.process(.linkTraversal)
    var locations = Locations(node: NodeID(0))
    locations.forwardingAddresses[process] = Self.at(1, epoch: 3)
    locations.learn(process, Self.at(2, epoch: 2))
    #expect(locations.newest(process)?.node == NodeID(1))
    locations.learn(process, Self.at(4, epoch: 5))
    locations.learn(process, Self.at(3, epoch: 4))
    #expect(locations.newest(process)?.node == NodeID(4) && locations.forwardingAddresses[process]?.node == NodeID(1))
    locations.lostTouch(with: NodeID(3))
    #expect(locations.newest(process)?.node == NodeID(4))
    locations.lostTouch(with: NodeID(4))
    #expect(locations.newest(process)?.node == NodeID(1))
  }

  @Test func aSearchUnderWayHoldsBackWhatResendingAndLinkUpdateSend() {
    for mechanism in ForwardingMechanism.allCases where mechanism.rules.searches {
      var locations = Locations(node: NodeID(5))
      locations.learn(Self.process(mechanism), Self.at(3, epoch: 2))
      locations.searches[Self.process(mechanism)] = Locations.Search()
      #expect(mechanism.rules.firstHop(to: Self.process(mechanism), locations) == .search)
    }
  }
}
