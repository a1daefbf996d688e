import CommandLanguage
import MigrationKernel

/// Turns a program into the instructions that processes execute.
///
/// Throws a diagnostic when the program is larger than `ProgramLimits` allow, or gives a step something with which it
/// cannot work.
public func compile(_ declaration: ProgramDeclaration, source: SourceText) throws(Diagnostic) -> CompiledProgram {
  var compiler = ProgramCompiler(source: source, instructionsElsewhere: 0)
  try compiler.compile(declaration.body)
  return CompiledProgram(
    program: compiler.program(name: declaration.name, source: declaration.sourceText), source: source,
    uses: compiler.unboundUses)
}

/// How large a program may be.
enum ProgramLimits {
  /// Instructions, including those of its forks.
  static let instructions = 100_000
  /// Registers, counters, and forks of one program: each has a 16-bit number.
  static let numbered = Int(UInt16.max)
}

/// Compiles one program. The block of each fork becomes a program of its own.
private struct ProgramCompiler {
  let source: SourceText
  /// The instructions of the programs around this one, and of earlier forks: they count against the same limit.
  var instructionsElsewhere: Int

  private var instructions: ContiguousArray<Instruction> = []
  private var templates: [TextTemplate] = []
  private var registers = Names()
  private var counterCount = 0
  private var children: [StepProgram] = []
  private var locks = Names()
  private var barriers = Names()
  private var files = Names()
  private var uses: [RegisterUse] = []
  /// The names that `receive as` and `fork` set in this program.
  private var bound: Set<String> = []

  init(source: SourceText, instructionsElsewhere: Int) {
    self.source = source
    self.instructionsElsewhere = instructionsElsewhere
  }

  /// Uses of names that the program does not set itself.
  var unboundUses: [RegisterUse] { uses.filter { !bound.contains($0.name) } }

  func program(name: String, source: String) -> StepProgram {
    StepProgram(
      name: name, source: source, instructions: instructions, templates: templates, registers: registers.all,
      counterCount: counterCount, children: children, locks: locks.all, barriers: barriers.all,
      files: files.all)
  }

  /// Names with a number each, in the order in which they came up.
  private struct Names {
    private(set) var all: [String] = []
    private var numbers: [String: UInt16] = [:]

    /// The number of a name; nil when there are too many.
    mutating func number(of name: String) -> UInt16? {
      if let number = numbers[name] { return number }
      guard all.count < ProgramLimits.numbered else { return nil }
      all.append(name)
      let number = UInt16(all.count - 1)
      numbers[name] = number
      return number
    }
  }

  // MARK: - Steps

  mutating func compile(_ steps: [Step]) throws(Diagnostic) {
    for step in steps { try compile(step) }
  }

  private mutating func compile(_ step: Step) throws(Diagnostic) {
    let span = step.span
    switch step.kind {
    case .compute(let time): try emit(try computation(time), at: span)
    case .read(let pages): try emit(.read(try selector(pages, at: span)), at: span)
    case .write(let pages): try emit(.write(try selector(pages, at: span)), at: span)
    case .send(let receiver, let text, let otherwise): try compileSend(receiver, text, otherwise, at: span)
    case .receive(let name, let timeout):
      let register = try binding(name, at: span)
      var limit: InstructionOperand?
      if let timeout { limit = try operand(timeout, .time) }
      try emit(.receive(into: register, timeout: limit), at: span)
    case .reply(let text): try emit(.reply(template: try template(text)), at: span)
    case .print(let text): try emit(.print(template: try template(text)), at: span)
    case .sleep(let time): try emit(.sleep(try operand(time, .time)), at: span)
    case .repeat(let count, let body): try compileRepeat(count, body, at: span)
    case .fork(let name, let body): try compileFork(name, body, at: span)
    case .thread(let body):
      let start = try emit(.thread(after: 0), at: span)
      try compile(body)
      try emit(.exit, at: span)
      instructions[start] = .thread(after: position)
    case .lock(let name, let body):
      let lock = try number(of: name, in: \.locks, "locks", at: span)
      try emit(.lock(lock), at: span)
      try compile(body)
      try emit(.unlock(lock), at: span)
    case .barrier(let name, let count):
      let barrier = try number(of: name, in: \.barriers, "barriers", at: span)
      let threads = try operand(count, .count)
      guard threads != .literal(0) else {
        throw source.diagnostic(at: count.span, "at least one thread comes to a barrier", expected: "a count from 1 on")
      }
      try emit(.barrier(barrier, of: threads), at: span)
    case .join: try emit(.join, at: span)
    case .readFile(let name, let variable):
      try emit(.readFile(try file(name, at: span), into: try binding(variable, at: span)), at: span)
    case .writeFile(let name, let text):
      try emit(.writeFile(try file(name, at: span), template: try template(text)), at: span)
    case .exit: try emit(.exit, at: span)
    }
  }

  /// The register of a variable that the step sets.
  private mutating func binding(_ name: String?, at span: SourceSpan) throws(Diagnostic) -> UInt16? {
    guard let name else { return nil }
    bound.insert(name)
    return try register(name, at: span)
  }

  private mutating func file(_ name: String, at span: SourceSpan) throws(Diagnostic) -> UInt16 {
    try number(of: name, in: \.files, "files", at: span)
  }

  /// To compute for no time is a step without effect. It takes as long as any step.
  private mutating func computation(_ time: Operand) throws(Diagnostic) -> Instruction {
    let operand = try operand(time, .time, computes: true)
    return operand == .literal(0) ? .pause : .compute(operand)
  }

  private mutating func compileSend(
    _ receiver: Operand, _ text: Template, _ otherwise: [Step]?, at span: SourceSpan
  ) throws(Diagnostic) {
    let receiver = try operand(receiver, .process)
    let text = try template(text)
    guard let otherwise else {
      try emit(.send(to: receiver, template: text, otherwise: nil), at: span)
      return
    }
    try emit(.send(to: receiver, template: text, otherwise: position + 2), at: span)
    let jump = try emit(.jump(0), at: span)
    try compile(otherwise)
    instructions[jump] = .jump(position)
  }

  private mutating func compileRepeat(
    _ count: Operand?, _ body: [Step], at span: SourceSpan
  ) throws(Diagnostic) {
    var times: InstructionOperand?
    if let count { times = try operand(count, .count) }
    // Only a loop that ends needs a counter.
    let counter = times == nil ? 0 : try newCounter(at: span)
    let start = try emit(.loop(times: times, counter: counter, end: 0), at: span)
    if body.isEmpty { try emit(.pause, at: span) }
    try compile(body)
    try emit(.next(counter: counter, start: UInt32(start)), at: span)
    instructions[start] = .loop(times: times, counter: counter, end: position)
  }

  /// A fork copies registers to the coprocess by name, so this program needs every register that the block needs.
  private mutating func compileFork(_ name: String, _ body: [Step], at span: SourceSpan) throws(Diagnostic) {
    guard children.count < ProgramLimits.numbered else { throw tooLarge("forks", ProgramLimits.numbered, at: span) }
    bound.insert(name)
    let register = try register(name, at: span)
    try emit(.fork(program: UInt16(children.count), into: register), at: span)
    var child = ProgramCompiler(
      source: source, instructionsElsewhere: instructionsElsewhere + instructions.count)
    try child.compile(body)
    // The child's count of instructions elsewhere holds this program's own, which must not count twice.
    instructionsElsewhere = child.instructionsElsewhere + child.instructions.count - instructions.count
    children.append(child.program(name: name, source: source.text(span)))
    for use in child.unboundUses where !PredefinedVariable.isSetByFork(use.name) {
      _ = try self.register(use.name, at: use.span)
      uses.append(use)
    }
  }

  // MARK: - Operands

  private mutating func operand(
    _ operand: Operand, _ kind: ParameterKind, computes: Bool = false
  ) throws(Diagnostic) -> InstructionOperand {
    switch operand {
    case .literal(.integer(let number), let span), .literal(.quantity(let number, _), let span):
      guard let number = UInt64(exactly: number) else {
        throw source.diagnostic(at: span, "a step cannot work with less than nothing", expected: kind.description)
      }
      return .literal(number)
    case .literal(_, let span):
      throw source.diagnostic(at: span, "a step counts in whole numbers", expected: kind.description)
    case .variable(let name, let span):
      return .register(try use(name, kind, isBare: false, computes: computes, at: span))
    case .name(let name, let span): return .register(try use(name, kind, isBare: true, at: span))
    }
  }

  private mutating func selector(
    _ pages: PageSelector, at span: SourceSpan
  ) throws(Diagnostic) -> PageOperand {
    switch pages {
    case .page(let page): return .one(try operand(page, .page))
    case .range(let first, let last): return .range(try operand(first, .page), try operand(last, .page))
    case .random(let first, let last): return .random(try operand(first, .page), try operand(last, .page))
    case .next(let first, let last):
      return .next(try operand(first, .page), try operand(last, .page), counter: try newCounter(at: span))
    }
  }

  private mutating func template(_ template: Template) throws(Diagnostic) -> UInt32 {
    var segments: [TextTemplate.Segment] = []
    for segment in template.segments {
      switch segment {
      case .literal(let text): segments.append(.text(text))
      case .variable(let name, let span):
        segments.append(.register(try use(name, .text, isBare: false, at: span)))
      case .expression(let expression):
        throw source.diagnostic(at: expression.span, "in a program only $name", expected: "$name")
      }
    }
    templates.append(TextTemplate(segments))
    // Every template belongs to an instruction, and there cannot be so many instructions that the number overflows.
    return UInt32(clamping: templates.count - 1)
  }

  private mutating func use(
    _ name: String, _ kind: ParameterKind, isBare: Bool, computes: Bool = false, at span: SourceSpan
  ) throws(Diagnostic) -> UInt16 {
    uses.append(RegisterUse(name: name, span: span, kind: kind, isBare: isBare, computes: computes))
    return try register(name, at: span)
  }

  private mutating func register(_ name: String, at span: SourceSpan) throws(Diagnostic) -> UInt16 {
    try number(of: name, in: \.registers, "names", at: span)
  }

  /// The number of a name among its kind; `what` they are.
  private mutating func number(
    of name: String, in names: WritableKeyPath<Self, Names>, _ what: String, at span: SourceSpan
  ) throws(Diagnostic) -> UInt16 {
    guard let number = self[keyPath: names].number(of: name) else {
      throw tooLarge(what, ProgramLimits.numbered, at: span)
    }
    return number
  }

  private mutating func newCounter(at span: SourceSpan) throws(Diagnostic) -> UInt16 {
    guard counterCount < ProgramLimits.numbered else {
      throw tooLarge("counted loops and `next` steps", ProgramLimits.numbered, at: span)
    }
    counterCount += 1
    return UInt16(counterCount - 1)
  }

  // MARK: - Instructions

  /// Where the next instruction will stand.
  private var position: UInt32 { UInt32(clamping: instructions.count) }

  /// - Returns: where it stands.
  @discardableResult
  private mutating func emit(_ instruction: Instruction, at span: SourceSpan) throws(Diagnostic) -> Int {
    guard instructions.count + instructionsElsewhere < ProgramLimits.instructions else {
      throw tooLarge("instructions", ProgramLimits.instructions, at: span)
    }
    instructions.append(instruction)
    return instructions.count - 1
  }

  private func tooLarge(_ what: String, _ limit: Int, at span: SourceSpan) -> Diagnostic {
    source.diagnostic(
      at: span, "a program holds at most \(limit) \(what)", remedy: "use `repeat`, or split it into several programs")
  }
}
