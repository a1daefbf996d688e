import CommandLanguage

/// The form of a text, without its names and numbers. Two texts of the same shape take roughly the same way through the
/// parser.
struct Shape {
  private(set) var features: [UInt64] = []

  mutating func add(_ statements: [Statement], depth: UInt64 = 0) {
    for statement in statements.prefix(30) { add(statement, depth: depth) }
  }

  private mutating func add(_ statement: Statement, depth: UInt64) {
    switch statement.kind {
    case .command(let call): add(call, depth: depth)
    case .let(_, let expression): add(1, Self.code(expression))
    case .if(let branches, let otherwise):
      add(2, UInt64(min(3, branches.count)) * 8 + depth, otherwise == nil ? 0 : 1)
      for branch in branches.prefix(3) {
        add(3, Self.code(branch.condition))
        add(branch.block.statements, depth: depth + 1)
      }
    case .forEach(_, let values, let block):
      for value in values.prefix(3) { add(4, depth, Self.code(value)) }
      add(block.statements, depth: depth + 1)
    case .repeat(let count, let block):
      add(5, depth, Self.code(count))
      add(block.statements, depth: depth + 1)
    case .while(let condition, let block):
      add(11, depth, Self.code(condition))
      add(block.statements, depth: depth + 1)
    case .define(_, let parameters, let block):
      add(6, depth, UInt64(min(3, parameters.count)))
      add(block.statements, depth: depth + 1)
    case .expect(let condition, let why): add(7, Self.code(condition), why == nil ? 0 : 1)
    case .expectError(let part, let block):
      add(8, depth, part == nil ? 0 : 1)
      add(block.statements, depth: depth + 1)
    case .program(let declaration): add(declaration.body, depth: 0)
    case .deferred: add(9, depth)
    }
  }

  private mutating func add(_ call: CommandCall, depth: UInt64) {
    let name = Feature.hash(call.spec.name.utf8)
    for flag in call.flags {
      add(name, Feature.hash(flag.flag.name.utf8), flag.value.map(Self.code) ?? 0)
    }
    for (number, arguments) in call.arguments.enumerated() {
      add(name, UInt64(number), UInt64(min(3, arguments.count)))
      for argument in arguments.prefix(3) {
        add(name, UInt64(number), Self.code(argument))
        if case .expression(let expression, _) = argument { add(10, Self.code(expression)) }
        if case .block(let block) = argument { add(block.statements, depth: depth + 1) }
      }
    }
  }

  private mutating func add(_ steps: [Step], depth: UInt64) {
    for step in steps.prefix(20) {
      let parts = step.kind.parts
      let word = Feature.hash(parts.word.rawValue.utf8)
      add(word, depth, parts.pages.map(Self.code) ?? 0, parts.text.map(Self.code) ?? 0)
      for operand in parts.operands { add(word, Self.code(operand)) }
      if let steps = parts.steps { add(steps, depth: depth + 1) }
    }
  }

  private mutating func add(_ codes: UInt64...) { features.append(Self.mixed(codes)) }

  // MARK: - Parts

  /// The operator or function of an expression, and what kinds of part it has.
  static func code(_ expression: Expression) -> UInt64 {
    switch expression {
    case .literal(let literal, _): mixed([1, code(literal)])
    case .string(let template): mixed([2, code(template)])
    case .variablePath(_, let fields, _): mixed([4, UInt64(min(3, fields.count))])
    case .path(let parts, _): mixed([5, UInt64(min(3, parts.count))])
    case .unary(let sign, let value, _): mixed([6, Feature.hash(sign.rawValue.utf8), kind(value)])
    case .binary(let sign, let left, let right, _):
      mixed([7, Feature.hash(sign.rawValue.utf8), kind(left), kind(right)])
    case .call(let name, let values, _):
      mixed([8, Feature.hash(name.utf8), UInt64(min(3, values.count)), values.first.map(kind) ?? 0])
    case .list(let values, _): mixed([9, UInt64(min(3, values.count)), values.first.map(kind) ?? 0])
    case .each(let selection, _):
      mixed([10, kind(selection.element), kind(selection.list), selection.condition.map(kind) ?? 0])
    case .variable: kind(expression)
    }
  }

  private static func kind(_ expression: Expression) -> UInt64 {
    switch expression {
    case .literal: 1
    case .string: 2
    case .variable: 3
    case .variablePath: 4
    case .path: 5
    case .unary: 6
    case .binary: 7
    case .call: 8
    case .list: 9
    case .each: 10
    }
  }

  private static func code(_ argument: Argument) -> UInt64 {
    switch argument {
    case .name: 40
    case .string(let template): mixed([41, code(template)])
    case .literal(let literal, _): mixed([42, code(literal)])
    case .variable: 43
    case .expression(let expression, _): 80 + kind(expression)
    case .pages(let first, let last, _): mixed([45, code(first), last.map(code) ?? 0])
    case .assignment(_, let value, _): mixed([46, code(value)])
    case .group(let parts, _): 50 + UInt64(min(3, parts.count))
    case .block(let block): 60 + UInt64(min(3, block.statements.count))
    }
  }

  private static func code(_ operand: Operand) -> UInt64 {
    switch operand {
    case .literal(let literal, _): code(literal)
    case .variable: 43
    case .name: 40
    }
  }

  private static func code(_ pages: PageSelector) -> UInt64 {
    switch pages {
    case .page(let page): mixed([1, code(page)])
    case .range(let first, let last): mixed([2, code(first), code(last)])
    case .random(let first, let last): mixed([3, code(first), code(last)])
    case .next(let first, let last): mixed([4, code(first), code(last)])
    }
  }

  private static func code(_ literal: Literal) -> UInt64 {
    switch literal {
    case .integer(let number): 10 + UInt64(number.magnitude.bitWidth - number.magnitude.leadingZeroBitCount) / 16
    case .decimal: 20
    case .quantity(_, let dimension): Feature.hash(dimension.description.utf8)
    case .share: 21
    case .boolean: 22
    case .none: 23
    }
  }

  private static func code(_ template: Template) -> UInt64 { UInt64(min(4, template.segments.count)) }

  private static func mixed(_ codes: [UInt64]) -> UInt64 {
    codes.reduce(0x9E37_79B9_7F4A_7C15) { hash, code in
      let mixed = (hash ^ code) &* 0xFF51_AFD7_ED55_8CCD
      return mixed ^ mixed >> 29
    }
  }
}
