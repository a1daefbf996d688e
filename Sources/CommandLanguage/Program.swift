/// `program NAME { … }`.
public struct ProgramDeclaration: Sendable, Equatable {
  /// What it is called.
  public var name: String
  /// Where that stands.
  public var nameSpan: SourceSpan
  /// Its steps, in order.
  public var body: [Step]
  /// From `program` to the closing brace.
  public var span: SourceSpan
  /// The notation as typed, from `program` to the closing brace.
  public var sourceText: String

  public init(name: String, nameSpan: SourceSpan, body: [Step], span: SourceSpan, sourceText: String) {
    self.name = name
    self.nameSpan = nameSpan
    self.body = body
    self.span = span
    self.sourceText = sourceText
  }
}

/// One step of a program.
public struct Step: Sendable, Equatable {
  /// What a step does.
  public indirect enum Kind: Sendable, Equatable {
    /// For a time on a core of speed 1.
    case compute(Operand)
    case read(PageSelector)
    case write(PageSelector)
    /// To a name or variable; `otherwise` are the steps of `else`.
    case send(to: Operand, text: Template, otherwise: [Step]?)
    /// Waits for a message, stores it in the variable `as`, and gives up after the time `timeout`.
    case receive(as: String?, timeout: Operand?)
    case reply(Template)
    case print(Template)
    case sleep(Operand)
    /// For ever, without a count.
    case `repeat`(count: Operand?, [Step])
    case fork(String, [Step])
    case thread([Step])
    /// Its steps run while no other thread of the process is in a block of that lock.
    case lock(String, [Step])
    /// Waits until so many threads of the process have come.
    case barrier(String, Operand)
    /// Waits for the threads that this one has started.
    case join
    /// A file of the origin, into the variable `as`.
    case readFile(String, as: String?)
    case writeFile(String, Template)
    case exit
  }

  /// What it does.
  public var kind: Kind
  /// All of the step.
  public var span: SourceSpan

  public init(kind: Kind, span: SourceSpan) {
    self.kind = kind
    self.span = span
  }

  /// The words that start a step, in the order in which help shows them.
  public enum Word: String, CaseIterable, Sendable {
    case compute, read, write, send, receive, reply, print, sleep, `repeat`, fork, thread, lock, barrier, join
    case readFile = "read-file"
    case writeFile = "write-file"
    case exit

    /// What help says: how people write the step, and what it does. Nil when the row of the step before says it.
    public var help: (usage: String, summary: String)? {
      switch self {
      case .compute: ("compute T", "use a core")
      case .read:
        ("read PAGES, write PAGES", "3, 0..15, random 0..63, next 0..63; write adds one to the page's first word")
      case .write: nil
      case .send: ("send TO \"text\" [else { }]", "the steps of else run when it cannot be delivered")
      case .receive: ("receive [as NAME] [timeout T]", "wait for a message; its text becomes $NAME")
      case .reply: ("reply \"text\"", "to the sender of the last message received")
      case .print: ("print \"text\"", "to the terminal of the origin node")
      case .sleep: ("sleep T", "wait")
      case .repeat: ("repeat [N] { }", "N times, or for ever")
      case .fork: ("fork NAME { }", "a coprocess; $NAME is its name here, $parent is ours there")
      case .thread: ("thread { }", "another thread of this process")
      case .lock: ("lock NAME { }", "one thread at a time; the others wait, and go in the order in which they came")
      case .barrier: ("barrier NAME N", "wait until N threads of this process have come")
      case .join: ("join", "wait until all threads that this one started have ended")
      case .readFile:
        ("read-file NAME [as NAME]", "a file of the origin; its text becomes $NAME, none when there is no such file")
      case .writeFile: ("write-file NAME \"text\"", "write a file of the origin")
      case .exit: ("exit", "end this thread")
      }
    }
  }
}

extension Step.Kind {
  /// What a step is made of, whatever it does.
  public struct Parts: Sendable {
    /// The word that starts it.
    public let word: Step.Word
    /// What it works with, in the order typed.
    public let operands: [Operand]
    /// The pages that it touches.
    public let pages: PageSelector?
    /// What it sends or prints.
    public let text: Template?
    /// The steps in its braces; nil without braces.
    public let steps: [Step]?

    init(
      _ word: Step.Word, _ operands: [Operand] = [], pages: PageSelector? = nil, text: Template? = nil,
      steps: [Step]? = nil
    ) {
      self.word = word
      self.operands = operands
      self.pages = pages
      self.text = text
      self.steps = steps
    }
  }

  /// What it is made of.
  public var parts: Parts {
    switch self {
    case .compute(let time): Parts(.compute, [time])
    case .read(let pages): Parts(.read, pages: pages)
    case .write(let pages): Parts(.write, pages: pages)
    case .send(let receiver, let text, let otherwise): Parts(.send, [receiver], text: text, steps: otherwise)
    case .receive(_, let timeout): Parts(.receive, timeout.map { [$0] } ?? [])
    case .reply(let text): Parts(.reply, text: text)
    case .print(let text): Parts(.print, text: text)
    case .sleep(let time): Parts(.sleep, [time])
    case .repeat(let count, let body): Parts(.repeat, count.map { [$0] } ?? [], steps: body)
    case .fork(_, let body): Parts(.fork, steps: body)
    case .thread(let body): Parts(.thread, steps: body)
    case .lock(_, let body): Parts(.lock, steps: body)
    case .barrier(_, let count): Parts(.barrier, [count])
    case .join: Parts(.join)
    case .readFile: Parts(.readFile)
    case .writeFile(_, let text): Parts(.writeFile, text: text)
    case .exit: Parts(.exit)
    }
  }
}

/// What a step works with. A variable gets its value when the step is executed.
public enum Operand: Sendable, Equatable {
  case literal(Literal, SourceSpan)
  /// `$x`.
  case variable(String, SourceSpan)
  /// A bare name.
  case name(String, SourceSpan)

  /// Where it stands.
  public var span: SourceSpan {
    switch self {
    case .literal(_, let span), .variable(_, let span), .name(_, let span): span
    }
  }
}

/// The pages that a step touches. Literal ends are in order and not negative.
public enum PageSelector: Sendable, Equatable {
  case page(Operand)
  /// Every page from the first to the last, both included.
  case range(first: Operand, last: Operand)
  /// A page of the range, drawn anew each time.
  case random(first: Operand, last: Operand)
  /// The page of the range after that of the last time.
  case next(first: Operand, last: Operand)
}
