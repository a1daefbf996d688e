/// A program made of steps, compiled from the notation of the command language to a flat list of instructions.
///
/// It never changes after it was made, so all processes that run it share one.
public final class StepProgram: Sendable {
  /// As it was declared.
  public let name: String
  /// The notation as it was typed, for `program show`; empty in a program that came from another node.
  public let source: String
  /// The steps, where a thread begins with the first.
  public let instructions: ContiguousArray<Instruction>
  /// The texts that its steps send and print.
  public let templates: [TextTemplate]
  /// The names of the registers; each thread has a value for every one.
  public let registers: [String]
  /// How many counters a thread needs, for loops and for `next` pages.
  public let counterCount: Int
  /// The programs of `fork` steps.
  public let children: [StepProgram]
  /// The names of its locks, which all threads of one process share.
  public let locks: [String]
  /// The names of its barriers, which they share too.
  public let barriers: [String]
  /// The names of the files that it uses.
  public let files: [String]
  /// True when a step of its own prints.
  public var prints: Bool { instructions.contains { if case .print = $0 { true } else { false } } }

  /// - Precondition: numbers in instructions and templates that name a register, a counter, a template, a child, a lock, a
  ///   barrier, a file or a place name one that there is.
  public convenience init(
    name: String, source: String, instructions: ContiguousArray<Instruction>, templates: [TextTemplate] = [],
    registers: [String] = [], counterCount: Int = 0, children: [StepProgram] = [], locks: [String] = [],
    barriers: [String] = [], files: [String] = []
  ) {
    self.init(
      unchecked: name, source: source, instructions: instructions, templates: templates, registers: registers,
      counterCount: counterCount, children: children, locks: locks, barriers: barriers, files: files)
    precondition(namesOnlyWhatItHas, "program \(name) names something that it does not have")
  }

  /// A program that nobody has asked yet whether it names only what it has, or that follows from one that does.
  init(
    unchecked name: String, source: String, instructions: ContiguousArray<Instruction>, templates: [TextTemplate],
    registers: [String], counterCount: Int, children: [StepProgram], locks: [String], barriers: [String],
    files: [String]
  ) {
    self.name = name
    self.source = source
    self.instructions = instructions
    self.templates = templates
    self.registers = registers
    self.counterCount = counterCount
    self.children = children
    self.locks = locks
    self.barriers = barriers
    self.files = files
  }

  /// The same with other names for what it forks; this very program when none changes. See `ProgramImage.renamingForks`.
  func renamingForks(_ rename: (String) -> String) -> StepProgram { renamed(name, forks: rename) }

  private func renamed(_ name: String, forks rename: (String) -> String) -> StepProgram {
    var names: [String: String] = [:]
    let renamed = children.map { child in
      let name = names[child.name] ?? rename(child.name)
      names[child.name] = name
      return child.renamed(name, forks: rename)
    }
    guard name != self.name || !renamed.elementsEqual(children, by: ===) else { return self }
    return StepProgram(
      unchecked: name, source: source, instructions: instructions, templates: templates, registers: registers,
      counterCount: counterCount, children: renamed, locks: locks, barriers: barriers, files: files)
  }
}

/// One step. Jump targets are places in `StepProgram.instructions`; the end of the list ends the thread.
public enum Instruction: Sendable {
  /// Takes core time.
  case compute(InstructionOperand)
  /// Reads pages.
  case read(PageOperand)
  /// Adds one to the word at the start of pages.
  case write(PageOperand)
  /// Sends a message. With a place to go on at should it prove undeliverable, the thread waits until it knows.
  case send(to: InstructionOperand, template: UInt32, otherwise: UInt32?)
  /// Waits for a message, at most for `timeout`; its text goes to the register.
  case receive(into: UInt16?, timeout: InstructionOperand?)
  /// Sends a message to the process from which the last one came.
  case reply(template: UInt32)
  /// Writes a line to the terminal of the process's origin.
  case print(template: UInt32)
  /// Waits for so long, without using a core.
  case sleep(InstructionOperand)
  /// Starts a loop; goes to `end` once the body has run `times` times (for ever without).
  case loop(times: InstructionOperand?, counter: UInt16, end: UInt32)
  /// Closes the loop that starts at `start`.
  case next(counter: UInt16, start: UInt32)
  /// Goes on elsewhere in the program; this takes no time.
  case jump(UInt32)
  /// Creates a coprocess that runs `children[program]`; its name goes to the register.
  case fork(program: UInt16, into: UInt16)
  /// Starts a thread at the next instruction; the thread that executes this goes on at `after`.
  case thread(after: UInt32)
  /// Takes a lock, or waits for it.
  case lock(UInt16)
  /// Gives it up; this takes no time.
  case unlock(UInt16)
  /// Waits at a barrier until so many threads have come.
  case barrier(UInt16, of: InstructionOperand)
  /// Waits until all threads that this one has started have ended.
  case join
  /// Reads a file of the process's origin into the register; nothing when there is none.
  case readFile(UInt16, into: UInt16?)
  /// Writes a file there.
  case writeFile(UInt16, template: UInt32)
  /// An empty step: it takes time and does nothing.
  case pause
  /// Ends the thread.
  case exit
}

/// A number or a process that an instruction needs.
public enum InstructionOperand: Sendable, Equatable {
  /// Written in the program.
  case literal(UInt64)
  /// What the register holds when the instruction runs.
  case register(UInt16)
}

/// The pages that a `read` or `write` instruction touches.
public enum PageOperand: Sendable {
  /// One page.
  case one(InstructionOperand)
  /// Every page from the first to the last, one step each.
  case range(InstructionOperand, InstructionOperand)
  /// One page in the range, drawn at random.
  case random(InstructionOperand, InstructionOperand)
  /// One page in the range, the next at each execution, from the first again after the last.
  case next(InstructionOperand, InstructionOperand, counter: UInt16)
}

/// A text with registers in it.
public struct TextTemplate: Sendable {
  /// A piece of the text.
  public enum Segment: Sendable {
    /// Written in the program.
    case text(String)
    /// What the register holds when the text is needed.
    case register(UInt16)
  }
  /// The pieces, in their order.
  public let segments: [Segment]

  /// A text of these pieces.
  public init(_ segments: [Segment]) { self.segments = segments }
}

/// A value with a name that a program is given when it begins; in a step program, what a register holds.
public enum RegisterValue: Sendable, Equatable {
  /// Nothing: its name was not given a value, or a `receive` timed out.
  case none
  /// A count, a page, or a time in nanoseconds.
  case number(UInt64)
  /// A text, such as that of a message.
  case text(String)
  /// A process, and the name that it goes by in texts.
  case process(ProcessID, name: String)
}
