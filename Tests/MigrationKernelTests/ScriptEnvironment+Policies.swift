@testable import MigrationKernel

/// What scripts say about policies.
extension ScriptEnvironment {
  /// Changes a part of the policies, and tells all nodes that are up.
  mutating func setPolicy(_ words: inout ScriptWords) throws {
    switch try words.next("a part") {
    case "placement": policies.placement = try nodeRule(&words)
    case "destination": policies.destination = try nodeRule(&words)
    case "selection":
      let name = try words.next("a policy")
      guard let policy = SelectionPolicy.all.first(where: { $0.name == name }) else {
        throw ScriptError("no policy `\(name)` selects a process")
      }
      policies.selection = policy
    case "initiation": policies.initiation = try initiation(&words)
    case "transfer":
      let text = try words.next("a mechanism")
      guard let mechanism = TransferMechanism(rawValue: text) else { throw ScriptError("no mechanism `\(text)`") }
      policies.transfer = TransferOptions(mechanism)
      if let backing = try words.value("backing") { policies.transfer.backing = try names.node(backing) }
    case "balancing": policies.isBalancing = try words.next("on or off") == "on"
    case let part: throw ScriptError("policies have no part `\(part)`")
    }
    for place in nodes.indices { handle(.request(.setPolicies(policies)), at: NodeID(UInt32(place))) }
  }

  private func nodeRule(_ words: inout ScriptWords) throws -> NodeRule {
    let name = try words.next("a policy")
    guard let policy = NodePolicy.all.first(where: { $0.name == name }) else {
      throw ScriptError("no policy `\(name)` chooses a node")
    }
    var rule = NodeRule(policy)
    if let threshold = try words.number("threshold") { rule.threshold = Double(threshold) }
    if let probes = try words.number("probes") { rule.probes = probes }
    rule.inflates = words.flag("inflate")
    return rule
  }

  private func initiation(_ words: inout ScriptWords) throws -> Policies.Initiation {
    var initiation = Policies.Initiation()
    let name = try words.next("a policy")
    guard let policy = InitiationPolicy.allCases.first(where: { $0.name == name }) else {
      throw ScriptError("no policy `\(name)` says who begins")
    }
    initiation.policy = policy
    if let threshold = try words.number("threshold") { initiation.threshold = Double(threshold) }
    if let probes = try words.number("probes") { initiation.probes = probes }
    if let residence = try words.number("residence-ms") { initiation.residence = Nanoseconds(residence) * 1_000_000 }
    initiation.weighsCost = words.flag("cost-benefit")
    return initiation
  }

  /// The operator leaves it to the policies where a process moves to, and perhaps which.
  mutating func choose(_ words: inout ScriptWords) throws {
    if let source = try words.value("from") {
      return handle(.request(.moveByPolicy(nil, policies.transfer)), at: try names.node(source))
    }
    let process = try words.process(names)
    handle(.request(.moveByPolicy(process, policies.transfer)), at: try home(of: process))
  }
}
