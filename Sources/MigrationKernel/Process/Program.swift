/// What a process executes: steps compiled from the notation of the command language to a flat list of instructions.
///
/// A program never changes after it was made, so all processes that run it share one.
public final class Program: Sendable {
  public let name: String
  /// The notation as it was typed, for `program show`.
  public let source: String
  public let instructions: ContiguousArray<Instruction>
  public let templates: [TextTemplate]
  /// The names of the registers; each thread has a value for every one.
  public let registers: [String]
  /// How many counters a thread needs, for loops and for `next` pages.
  public let counterCount: Int
  /// The programs of `fork` steps.
  public let children: [Program]

  public init(
    name: String, source: String, instructions: ContiguousArray<Instruction>, templates: [TextTemplate] = [],
    registers: [String] = [], counterCount: Int = 0, children: [Program] = []
  ) {
    self.name = name
    self.source = source
    self.instructions = instructions
    self.templates = templates
    self.registers = registers
    self.counterCount = counterCount
    self.children = children
  }
}

/// One step. Jump targets are places in `Program.instructions`; the end of the list ends the thread.
public enum Instruction: Sendable {
  /// Takes core time.
  case compute(Operand)
  case read(PageSelector)
  case write(PageSelector)
  /// Sends a message. With a place to go on at should it prove undeliverable, the thread waits until it knows.
  case send(to: Operand, template: UInt32, otherwise: UInt32?)
  /// Waits for a message, at most for `timeout`; its text goes to the register.
  case receive(into: UInt16?, timeout: Operand?)
  case reply(template: UInt32)
  case print(template: UInt32)
  case sleep(Operand)
  /// Starts a loop; goes to `end` once the body has run `times` times (for ever without).
  case loop(times: Operand?, counter: UInt16, end: UInt32)
  /// Closes the loop that starts at `start`.
  case next(counter: UInt16, start: UInt32)
  case jump(UInt32)
  /// Creates a coprocess that runs `children[program]`; its name goes to the register.
  case fork(program: UInt16, into: UInt16)
  /// Starts a thread at the next instruction; the one that did goes on at `after`.
  case thread(after: UInt32)
  /// An empty step: it takes time and does nothing.
  case pause
  case exit
}

/// A number or a name that a step needs: written in the program, or in a register when the step runs.
public enum Operand: Sendable, Equatable {
  case literal(UInt64)
  case register(UInt16)
}

/// The pages that a `read` or `write` step touches.
public enum PageSelector: Sendable {
  case one(Operand)
  /// Every page from the first to the last, one step each.
  case range(Operand, Operand)
  /// One page in the range, drawn at random.
  case random(Operand, Operand)
  /// One page in the range, the next at each execution, from the first again after the last.
  case next(Operand, Operand, counter: UInt16)
}

/// A text with registers in it.
public struct TextTemplate: Sendable {
  public enum Segment: Sendable {
    case text(String)
    case register(UInt16)
  }
  public let segments: [Segment]

  public init(_ segments: [Segment]) { self.segments = segments }
}

/// What a register holds.
public enum RegisterValue: Sendable, Equatable {
  case none
  /// A count, a page, or a time in nanoseconds.
  case number(UInt64)
  case text(String)
  /// A process, and the name that it goes by in texts.
  case process(ProcessID, name: String)
}
