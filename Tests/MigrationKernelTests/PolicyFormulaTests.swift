import Testing

@testable import MigrationKernel

/// Formulas have the values that an evaluation by other means gives them.
@Suite struct PolicyFormulaTests {
  private typealias Pair = (formula: PolicyFormula, value: (ProcessCandidate, NodeCandidate) -> Double?)

  /// A random formula, and a closure that reckons the same; nil where a part of it is no number.
  private func draw(_ random: inout Generator, depth: Int) -> Pair {
    if depth == 0 || random.next(below: 5) == 0 { return leaf(&random) }
    let left = draw(&random, depth: depth - 1)
    switch random.next(below: 8) {
    case 0: return (.negative(left.formula), { left.value($0, $1).map { -$0 } })
    case 1: return (.not(left.formula), { left.value($0, $1).map { $0 == 0 ? 1 : 0 } })
    default: break
    }
    let right = draw(&random, depth: depth - 1)
    typealias Operator = (PolicyFormula.Operation, (Double, Double) -> Double)
    let operators: [Operator] = [
      (.plus, { $0 + $1 }), (.minus, { $0 - $1 }), (.times, { $0 * $1 }), (.over, { $0 / $1 }),
      (.equal, { $0 == $1 ? 1 : 0 }), (.different, { $0 == $1 ? 0 : 1 }), (.less, { $0 < $1 ? 1 : 0 }),
      (.atMost, { $0 < $1 || $0 == $1 ? 1 : 0 }), (.greater, { $1 < $0 ? 1 : 0 }),
      (.atLeast, { $1 < $0 || $0 == $1 ? 1 : 0 }), (.and, { $0 == 0 || $1 == 0 ? 0 : 1 }),
      (.or, { $0 == 0 && $1 == 0 ? 0 : 1 }), (.minimum, { $1 < $0 ? $1 : $0 }), (.maximum, { $1 < $0 ? $0 : $1 }),
    ]
    let (operation, reckon) = operators[Int(random.next(below: UInt64(operators.count)))]
    return (
      .binary(operation, left.formula, right.formula),
      { process, node in
        guard let first = left.value(process, node), let second = right.value(process, node) else { return nil }
        let value = reckon(first, second)
        return value.isNaN ? nil : value
      }
    )
  }

  private func leaf(_ random: inout Generator) -> Pair {
    let leaves: [Pair] = [
      (.process(.age), { process, _ in Double(process.age) }),
      (.process(.cpu), { process, _ in Double(process.cpuTime) }),
      (.process(.residence), { process, _ in Double(process.residence) }),
      (.process(.pages), { process, _ in Double(process.pages) }),
      (.process(.resident), { process, _ in Double(process.residentPages) }),
      (.process(.dirty), { process, _ in Double(process.dirtyPages) }),
      (.process(.threads), { process, _ in Double(process.runnable) }),
      (.process(.migrations), { process, _ in Double(process.migrations) }),
      (.process(.cost), { process, _ in Double(process.cost) }),
      (.process(.remoteMessages), { process, _ in Double(process.remoteMessages) }),
      // With the process.
      (
        .node(.load),
        { _, node in Double((node.report?.runnable ?? 0) + node.arriving + 1) / Double(node.report?.cores ?? 1) }
      ),
      (.node(.runnable), { _, node in Double((node.report?.runnable ?? 0) + node.arriving) }),
      (.node(.cores), { _, node in Double(node.report?.cores ?? 0) }),
      (.node(.speed), { _, node in Double(node.report?.speed ?? 0) / 1000 }),
      (.node(.freeMemory), { _, node in Double(node.report?.freeMemory ?? 0) }),
      (.node(.processes), { _, node in Double(node.report?.processes ?? 0) }),
      (.node(.staleness), { _, node in Double(node.age) }), (.node(.messages), { _, node in Double(node.messages) }),
      (.pageSize, { _, _ in 4096 }),
    ]
    if random.next(below: 3) == 0 {
      let number = Double(random.next(below: 7)) - 3
      return (.number(number), { _, _ in number })
    }
    return leaves[Int(random.next(below: UInt64(leaves.count)))]
  }

  @Test func formulasHaveTheValuesThatTheyMean() {
    var random = Generator(seed: 11)
    var numbers = 0
    for round in 0..<5000 {
      let pair = draw(&random, depth: 5)
      let process = PolicyTests.process(
        2, age: random.next(below: 9), cpu: random.next(below: 9), pages: Int(random.next(below: 9)),
        cost: random.next(below: 9), messages: random.next(below: 4))
      let report = PolicyTests.report(
        Int(random.next(below: 4)), cores: 1 + Int(random.next(below: 4)), speed: 500 * (1 + random.next(below: 4)),
        free: random.next(below: 1 << 20))
      let node = PolicyTests.node(
        1, report, arriving: Int(random.next(below: 3)), messages: random.next(below: 3), age: random.next(below: 9))
      let subject = PolicySubject(process: process, node: node, load: node.load(with: 1), pageSize: 4096)
      let (found, expected) = (pair.formula.value(of: subject), pair.value(process, node))
      guard let expected else { continue }
      numbers += 1
      #expect(found == expected, "round \(round): \(pair.formula)")
    }
    #expect(numbers > 3000)
  }

  private func own(_ destination: PolicyFormula?, where condition: PolicyFormula? = nil, select: PolicyFormula? = nil)
    -> OwnPolicy
  {
    OwnPolicy(name: "mine", text: "", selection: select, destination: destination, condition: condition)
  }

  @Test func onePolicyOfOnesOwnTakesTheHighestValue() {
    let (busy, idle) = (PolicyTests.node(1, PolicyTests.report(3)), PolicyTests.node(2, PolicyTests.report(0)))
    let unknown = PolicyTests.node(3, nil)
    func taken(_ policy: OwnPolicy, _ others: [NodeCandidate], purpose: NodeChoice.Purpose = .migration) -> [Int] {
      PolicyTests.next(.own(policy), PolicyTests.view(purpose, here: PolicyTests.report(2), others: others))
    }
    let load = PolicyFormula.node(.load)
    #expect(taken(own(load), [busy, idle, unknown]) == [1])
    #expect(taken(own(.negative(load)), [busy, idle, unknown]) == [2])
    // Whoever has told nothing is not chosen; nor who does not satisfy the condition; nor what has no value.
    #expect(taken(own(.negative(load)), [unknown]) == [-1])
    #expect(taken(own(.negative(load), where: .binary(.greater, .node(.runnable), .number(1))), [busy, idle]) == [1])
    #expect(taken(own(.binary(.over, .number(0), .node(.runnable))), [idle]) == [-1])
    // It never chooses.
    #expect(taken(own(load, where: .binary(.less, load, .number(0))), [busy, idle]) == [-1])
    // Who balances load does not make it worse, whatever the formula.
    #expect(taken(own(load), [busy], purpose: .balancing) == [-1])
    #expect(taken(own(load), [idle], purpose: .balancing) == [2])
    // It selects no process, or chooses no node.
    #expect(taken(own(nil, select: .process(.age)), [idle]) == [-1])
    #expect(own(load).value(of: PolicyTests.process(1), now: 0) == nil)
  }

  @Test func aConditionOnNodesIsAskedOnceThereIsOne() {
    let process = PolicyTests.process(1, age: 5, pages: 9)
    let small = PolicyFormula.binary(.less, .process(.pages), .number(5))
    let room = PolicyFormula.binary(.atLeast, .node(.freeMemory), .process(.pages))
    #expect(own(nil, where: small, select: .process(.age)).value(of: process, now: 0) == nil)
    #expect(own(nil, where: room, select: .process(.age)).value(of: process, now: 0) == 5)
    #expect(room.mentionsNode && room.mentionsProcess && !small.mentionsNode)
  }
}
