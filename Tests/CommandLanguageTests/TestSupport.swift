@testable import CommandLanguage

/// A table that has every kind of parameter and every shape of words in it.
let sampleTable = CommandTable([
  CommandSpec(
    words: ["node", "add"], parameters: [ParameterSpec(name: "NAME", kind: .newName, arity: .many)],
    flags: [
      FlagSpec(name: "cores", value: .count, summary: "cores"),
      FlagSpec(name: "speed", value: .number, summary: "speed"),
      FlagSpec(name: "memory", value: .size, summary: "memory"),
    ], summary: "adds nodes"),
  CommandSpec(
    words: ["fail"], parameters: [ParameterSpec(name: "NODE", kind: .node, arity: .many)], summary: "fails nodes"),
  CommandSpec(words: ["reset"], summary: "starts anew"),
  CommandSpec(words: ["node", "list"], summary: "lists nodes"),
  CommandSpec(
    words: ["node", "show"], parameters: [ParameterSpec(name: "NAME", kind: .node)], summary: "shows a node"),
  CommandSpec(
    words: ["network", "set"],
    flags: [
      FlagSpec(name: "latency", value: .time, summary: ""), FlagSpec(name: "bandwidth", value: .rate, summary: ""),
      FlagSpec(name: "loss", value: .share, summary: ""),
    ], summary: "sets the defaults"),
  CommandSpec(
    words: ["partition"], parameters: [ParameterSpec(name: "A,B", kind: .nodeGroup, arity: .many)],
    summary: "parts the network"),
  CommandSpec(words: ["program", "list"], summary: "lists programs"),
  CommandSpec(
    words: ["program", "show"], parameters: [ParameterSpec(name: "NAME", kind: .program)], summary: "shows one"),
  CommandSpec(
    words: ["spawn"], parameters: [ParameterSpec(name: "NAME", kind: .newName)],
    flags: [
      FlagSpec(name: "on", value: .node, summary: ""), FlagSpec(name: "pages", value: .count, summary: ""),
      FlagSpec(name: "program", value: .program, summary: ""),
      FlagSpec(name: "parent", value: .process, summary: ""),
      FlagSpec(name: "set", value: .assignment, summary: "", repeatable: true),
      FlagSpec(name: "hold", summary: ""),
    ], summary: "makes a process"),
  CommandSpec(
    words: ["poke"],
    parameters: [
      ParameterSpec(name: "P", kind: .process), ParameterSpec(name: "PAGE", kind: .page),
      ParameterSpec(name: "text", kind: .message),
    ], summary: "writes a page"),
  CommandSpec(
    words: ["touch"],
    parameters: [ParameterSpec(name: "P", kind: .process), ParameterSpec(name: "PAGES", kind: .pages)],
    summary: "touches pages"),
  CommandSpec(
    words: ["migrate"],
    parameters: [
      ParameterSpec(name: "P", kind: .process), ParameterSpec(name: "NODE", kind: .node, arity: .optional),
    ],
    flags: [
      FlagSpec(name: "pretransfer", summary: ""), FlagSpec(name: "prefetch", value: .count, summary: ""),
      FlagSpec(name: "flush", summary: ""), FlagSpec(name: "downtime", value: .time, summary: ""),
    ], summary: "moves a process", exclusiveFlags: [["pretransfer", "flush"]]),
  CommandSpec(
    words: ["migrate", "cancel"], parameters: [ParameterSpec(name: "P", kind: .process)], summary: "cancels"),
  CommandSpec(
    words: ["checkpoint"], parameters: [ParameterSpec(name: "NAME", kind: .newName)], summary: "keeps the world"),
  CommandSpec(words: ["checkpoint", "list"], summary: "lists checkpoints"),
  CommandSpec(
    words: ["run"], parameters: [ParameterSpec(name: "DURATION", kind: .time, arity: .optional)], summary: "runs"),
  CommandSpec(
    words: ["run", "until"], parameters: [ParameterSpec(name: "EXPRESSION", kind: .expression)], summary: "runs"),
  CommandSpec(
    words: ["set"],
    parameters: [
      ParameterSpec(name: "NAME", kind: .thing, arity: .optional),
      ParameterSpec(name: "VALUE", kind: .text, arity: .optional),
    ], summary: "sets"),
  CommandSpec(words: ["set", "seed"], parameters: [ParameterSpec(name: "N", kind: .count)], summary: "sets the seed"),
  CommandSpec(
    words: ["balance"], parameters: [ParameterSpec(name: "WHEN", kind: .word(["now", "on", "off"]))],
    flags: [FlagSpec(name: "every", value: .time, summary: "")], summary: "balances"),
  CommandSpec(words: ["say"], parameters: [ParameterSpec(name: "text", kind: .message)], summary: "says"),
  CommandSpec(
    words: ["print"], parameters: [ParameterSpec(name: "EXPRESSION", kind: .expression)], summary: "prints"),
  CommandSpec(words: ["source"], parameters: [ParameterSpec(name: "FILE", kind: .path)], summary: "runs a file"),
  CommandSpec(
    words: ["help"], parameters: [ParameterSpec(name: "TOPIC", kind: .topic, arity: .any)], summary: "helps"),
  CommandSpec(
    words: ["timed"],
    parameters: [
      ParameterSpec(name: "LABEL", kind: .thing, arity: .optional), ParameterSpec(name: "BLOCK", kind: .block),
    ], summary: "times a block"),
  CommandSpec(words: ["unset"], parameters: [ParameterSpec(name: "NAME", kind: .variableName)], summary: "forgets"),
])

func parse(_ text: String, abbreviated: Bool = false) throws(Diagnostic) -> [Statement] {
  var parser = Parser(
    source: SourceText(name: "test.migsh", text: text), table: sampleTable,
    options: Parser.Options(allowAbbreviatedFlags: abbreviated))
  return try parser.parseScript()
}

/// The only statement of a text, as a command.
func command(_ text: String, abbreviated: Bool = false) throws -> CommandCall? {
  let statements = try parse(text, abbreviated: abbreviated)
  guard statements.count == 1, case .command(let call) = statements[0].kind else { return nil }
  return call
}

/// The diagnostic of a text that must not parse; nil when it parses.
func mistake(_ text: String, abbreviated: Bool = false) -> Diagnostic? {
  do {
    _ = try parse(text, abbreviated: abbreviated)
    return nil
  } catch {
    return error
  }
}

/// The part of a one-line text that the caret is under.
func underlined(_ text: String, abbreviated: Bool = false) -> String? {
  guard let mistake = mistake(text, abbreviated: abbreviated) else { return nil }
  let text = mistake.sourceLine.dropFirst(mistake.caretStart - 1).prefix(mistake.caretWidth)
  return text == " " ? "" : String(text)
}

/// An expression with all its parentheses, so that a test can see how it was understood.
func notation(_ expression: Expression) -> String {
  switch expression {
  case .literal(let literal, _): notation(literal)
  case .string(let template): notation(template)
  case .variable(let name, _): "$" + name
  case .variablePath(let name, let members, _): "$" + ([name] + members).joined(separator: ".")
  case .path(let components, _): components.joined(separator: ".")
  case .unary(let sign, let operand, _): "(\(sign.rawValue) \(notation(operand)))"
  case .binary(let sign, let left, let right, _): "(\(notation(left)) \(sign.rawValue) \(notation(right)))"
  case .call(let name, let arguments, _): name + "(" + arguments.map(notation).joined(separator: ", ") + ")"
  case .each(let selection, _):
    "[\(notation(selection.element)) for \(selection.name) in \(notation(selection.list))"
      + (selection.condition.map { " where " + notation($0) } ?? "") + "]"
  case .list(let elements, _): "[" + elements.map(notation).joined(separator: ", ") + "]"
  }
}

func notation(_ literal: Literal) -> String {
  switch literal {
  case .integer(let value): "\(value)"
  case .decimal(let value): "\(value)"
  case .quantity(let value, let dimension): "\(value):\(dimension)"
  case .share(let value): "\(value):share"
  case .boolean(let value): "\(value)"
  case .none: "none"
  }
}

func notation(_ template: Template) -> String {
  let segments = template.segments.map { segment in
    switch segment {
    case .literal(let text): text
    case .variable(let name, _): "<$\(name)>"
    case .expression(let expression): "<\(notation(expression))>"
    }
  }
  return "\"" + segments.joined() + "\""
}

func notation(_ argument: Argument) -> String {
  switch argument {
  case .name(let name, _): name
  case .string(let template): notation(template)
  case .literal(let literal, _): notation(literal)
  case .variable(let name, _): "$" + name
  case .expression(let expression, _): "$(\(notation(expression)))"
  case .pages(let first, let last, _): notation(first) + (last.map { "..\(notation($0))" } ?? "..")
  case .assignment(let key, let value, _): "\(key)=\(notation(value))"
  case .group(let members, _): members.map(notation).joined(separator: ",")
  case .block(let block): "{\(block.statements.count)}"
  }
}

/// The expression of `print TEXT`, in full parentheses.
func understood(_ text: String) throws -> String? {
  guard let call = try command("print " + text), case .expression(let expression, _)? = call.arguments.first?.first
  else { return nil }
  return notation(expression)
}
