import Chronicle
import MigrationKernel
import Simulator

/// Short names for inputs.
extension World {
  @discardableResult
  public mutating func addNode(named name: String, _ settings: NodeSettings) -> NodeID {
    guard case .node(let node) = apply(.addNode(name: name, settings)) else { preconditionFailure("no node joined") }
    return node
  }
  public mutating func removeNode(_ node: NodeID) { apply(.removeNode(node)) }
  public mutating func fail(_ node: NodeID) { apply(.failNode(node)) }
  public mutating func recover(_ node: NodeID) { apply(.recoverNode(node)) }
  public mutating func setSpeed(_ node: NodeID, _ speed: UInt64) { apply(.setSpeed(node, speed)) }
  public mutating func setMemory(_ node: NodeID, _ memory: UInt64) { apply(.setMemory(node, memory)) }
  public mutating func setNetwork(_ line: Line) { apply(.setNetwork(line)) }
  public mutating func setLine(_ a: NodeID, _ b: NodeID, _ line: Line) { apply(.setLine(a, b, line)) }
  public mutating func failLine(_ a: NodeID, _ b: NodeID) { apply(.cutLine(a, b)) }
  public mutating func mendLine(_ a: NodeID, _ b: NodeID) { apply(.healLine(a, b)) }
  public mutating func mendLines() { apply(.healAllLines) }
  @discardableResult
  public mutating func breakConnection(_ a: NodeID, _ b: NodeID) -> Bool { apply(.dropConnection(a, b)) == .done }
  public mutating func spawn(_ request: SpawnRequest, on node: NodeID) -> ProcessID? {
    apply(.spawn(request, on: node)).process
  }
  public mutating func ask(_ node: NodeID, _ request: Request) { apply(.request(request, of: node)) }
  public mutating func ask(about process: ProcessID, _ request: Request, at time: Nanoseconds) {
    apply(.requestLater(request, about: process, at: time))
  }
  public mutating func setHistory(log: Int? = nil, messages: Int? = nil, packets: Int? = nil) {
    apply(.keepHistory(log: log, messages: messages, packets: packets))
  }
  public mutating func setSeed(_ seed: UInt64) -> Bool { apply(.setSeed(seed)) == .done }
  public mutating func fixSeed() { apply(.fixSeed) }
  public mutating func watch(_ message: MessageID) { apply(.watch(message)) }
  public mutating func forgetWritten(_ process: ProcessID) {
    if let node = location(of: process) { ask(node, .forgetWritten(process)) }
  }
  public mutating func throttle(_ process: ProcessID, to throttle: Int) {
    if let node = location(of: process) { ask(node, .throttle(process, throttle)) }
  }
}
