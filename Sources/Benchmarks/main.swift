import MigrationKernel
import Simulator

/// Programs in compiled form.
func program(_ instructions: [Instruction]) -> Program {
  Program(
    name: "benchmark", source: "", instructions: ContiguousArray(instructions),
    templates: [TextTemplate([.text("hello")])], registers: ["peer", "m"], counterCount: 2)
}

let echo = program([
  .loop(times: nil, counter: 0, end: 4), .receive(into: 1, timeout: nil), .reply(template: 0),
  .next(counter: 0, start: 0),
])
let pinger = program([
  .loop(times: nil, counter: 0, end: 4), .send(to: .register(0), template: 0, otherwise: nil),
  .receive(into: 1, timeout: nil), .next(counter: 0, start: 0),
])

func pingPong() {
  var world = World()
  let a = world.addNode(named: "a", NodeSettings())
  let b = world.addNode(named: "b", NodeSettings())
  var fast = Network.Link()
  fast.latency = 10_000
  world.setNetwork(fast)
  guard let first = world.spawn(SpawnRequest(name: "echo", program: echo, pages: 1, seed: 1), on: a),
    world.spawn(
      SpawnRequest(
        name: "pinger", program: pinger, pages: 1, environment: ["peer": .process(first, name: "echo")], seed: 2), on: b
    )
      != nil
  else { return }
  let clock = ContinuousClock()
  let elapsed = clock.measure { _ = world.run(to: 20_000_000_000) }
  let seconds = Double(elapsed.components.attoseconds) / 1e18 + Double(elapsed.components.seconds)
  print(
    "ping-pong: \(world.eventCount) events, \(world.messages.delivered) messages in \(seconds) s: \(Double(world.eventCount) / seconds) events/s"
  )
}
pingPong()
