import Chronicle
import CommandLanguage
import MigrationKernel
import Simulator

/// Which arguments may stand in a place, and how to read one.
struct Reader<Result>: Sendable {
  let kind: ParameterKind
  let read: @Sendable (Argument, Invocation) throws(SessionError) -> Result
}

// MARK: - Flags

/// A flag that a command takes: declared once, listed in the command, and looked up by the declaration itself.
protocol FlagDeclaration: Sendable {
  /// What the parser and help know of it.
  var spec: FlagSpec { get }
}

/// A flag without a value.
struct Switch: FlagDeclaration {
  let spec: FlagSpec

  init(_ name: String, _ summary: String) { spec = FlagSpec(name: name, summary: summary) }
}

/// A flag with a value.
struct Flag<Result>: FlagDeclaration {
  let spec: FlagSpec
  let reader: Reader<Result>

  /// - Parameter valueName: what usage calls the value; by default the usual name of its kind.
  init(
    _ name: String, _ reader: Reader<Result>, valueName: String? = nil, _ summary: String, repeatable: Bool = false
  ) {
    spec = FlagSpec(
      name: name, value: reader.kind, valueName: valueName, summary: summary, repeatable: repeatable)
    self.reader = reader
  }
}

// MARK: - Parameters

/// A positional parameter of a command: declared once, listed in the command, and looked up by the declaration itself.
protocol ParameterDeclaration: Sendable {
  /// What the parser and help know of it.
  var spec: ParameterSpec { get }
}

/// A parameter that takes one argument.
struct Parameter<Result>: ParameterDeclaration {
  let spec: ParameterSpec
  let reader: Reader<Result>

  init(_ name: String, _ reader: Reader<Result>) {
    spec = ParameterSpec(name: name, kind: reader.kind)
    self.reader = reader
  }
}

/// A parameter that takes no argument, or one.
struct OptionalParameter<Result>: ParameterDeclaration {
  let spec: ParameterSpec
  let reader: Reader<Result>

  init(_ name: String, _ reader: Reader<Result>) {
    spec = ParameterSpec(name: name, kind: reader.kind, arity: .optional)
    self.reader = reader
  }
}

/// A parameter that takes several arguments.
struct RepeatedParameter<Result>: ParameterDeclaration {
  let spec: ParameterSpec
  let reader: Reader<Result>

  /// - Parameter mayBeAbsent: whether the command works without any argument for it.
  init(_ name: String, _ reader: Reader<Result>, mayBeAbsent: Bool = false) {
    spec = ParameterSpec(name: name, kind: reader.kind, arity: mayBeAbsent ? .any : .many)
    self.reader = reader
  }
}

// MARK: - Looking them up

/// An argument that was given for a flag or a parameter.
struct Given<Result> {
  let argument: Argument
  fileprivate let reader: Reader<Result>
  fileprivate let call: Invocation

  var span: SourceSpan { argument.span }

  /// What the argument stands for.
  var value: Result {
    get throws(SessionError) { try reader.read(argument, call) }
  }
}

extension Invocation {
  /// Whether a flag was given.
  func has(_ flag: some FlagDeclaration) -> Bool { !uses(of: flag).isEmpty }

  /// Where a flag stands, with its value; nil without the flag.
  func span(of flag: some FlagDeclaration) -> SourceSpan? { uses(of: flag).first?.span }

  /// Where the first argument for a parameter stands; nil when there is none.
  func span(of parameter: some ParameterDeclaration) -> SourceSpan? { arguments(for: parameter).first?.span }

  /// The value of a flag; nil without the flag.
  subscript<Result>(_ flag: Flag<Result>) -> Result? {
    get throws(SessionError) { try given(flag).first?.value }
  }

  /// Every use of a flag, in the order typed.
  func given<Result>(_ flag: Flag<Result>) -> [Given<Result>] {
    uses(of: flag).compactMap(\.value).map { Given(argument: $0, reader: flag.reader, call: self) }
  }

  /// What the argument for a parameter stands for.
  subscript<Result>(_ parameter: Parameter<Result>) -> Result {
    get throws(SessionError) {
      guard let argument = arguments(for: parameter).first else {
        throw refuse("\(parameter.spec.name) is missing", expected: CommandTable().usage(call.spec))
      }
      return try parameter.reader.read(argument, self)
    }
  }

  /// What the argument for a parameter stands for; nil when there is none.
  subscript<Result>(_ parameter: OptionalParameter<Result>) -> Result? {
    get throws(SessionError) {
      guard let argument = arguments(for: parameter).first else { return nil }
      return try parameter.reader.read(argument, self)
    }
  }

  /// The arguments for a parameter. Each is read only when its value is asked for.
  subscript<Result>(_ parameter: RepeatedParameter<Result>) -> [Given<Result>] {
    arguments(for: parameter).map { Given(argument: $0, reader: parameter.reader, call: self) }
  }

  private func uses(of flag: some FlagDeclaration) -> [FlagUse] {
    assert(
      call.spec.flags.contains(flag.spec), "`\(call.spec.name)` looks up --\(flag.spec.name), which it does not take")
    return call.uses(of: flag.spec)
  }

  private func arguments(for parameter: some ParameterDeclaration) -> [Argument] {
    assert(
      call.spec.parameters.contains(parameter.spec),
      "`\(call.spec.name)` looks up \(parameter.spec.name), which it does not take")
    return call.arguments(for: parameter.spec)
  }
}

// MARK: - Readers

extension Reader where Result == Argument {
  /// The argument itself, for a command that must know more before it can read it.
  static func argument(_ kind: ParameterKind) -> Reader {
    Reader(kind: kind) { (argument, _) throws(SessionError) in argument }
  }
}

extension Reader where Result == Value {
  /// Whatever the argument stands for.
  static func value(_ kind: ParameterKind) -> Reader {
    Reader(kind: kind) { (argument, call) throws(SessionError) in try call.value(argument) }
  }
}

extension Reader where Result == String {
  /// A bare word, or the text that stands for one. Where only some words may stand, it is one of those.
  static func word(_ kind: ParameterKind) -> Reader {
    guard case .word(let words) = kind else {
      return Reader(kind: kind) { (argument, call) throws(SessionError) in try call.word(argument) }
    }
    return Reader(kind: kind) { (argument, call) throws(SessionError) in try call.word(argument, of: words) }
  }

  /// A name for something that is neither a node nor a process.
  static var newName: Reader {
    Reader(kind: .newName) { (argument, call) throws(SessionError) in try call.newName(argument) }
  }

  /// A name that no node and no process has.
  static var freeName: Reader {
    Reader(kind: .newName) { (argument, call) throws(SessionError) in try call.freeName(argument) }
  }

  static var program: Reader {
    Reader(kind: .program) { (argument, call) throws(SessionError) in try call.program(argument) }
  }

  static var checkpoint: Reader {
    Reader(kind: .checkpoint) { (argument, call) throws(SessionError) in try call.checkpoint(argument) }
  }
}

extension Reader where Result == NodeID {
  static var node: Reader {
    Reader(kind: .node) { (argument, call) throws(SessionError) in try call.node(argument) }
  }

  static var upNode: Reader {
    Reader(kind: .node) { (argument, call) throws(SessionError) in try call.upNode(argument) }
  }
}

extension Reader where Result == ProcessDirectory.Record {
  static var process: Reader {
    Reader(kind: .process) { (argument, call) throws(SessionError) in try call.process(argument) }
  }

  /// A process that has neither ended nor been lost.
  static var liveProcess: Reader {
    Reader(kind: .process) { (argument, call) throws(SessionError) in try call.liveProcess(argument) }
  }
}

extension Reader where Result == Int {
  /// - Parameter what: what the message says that the argument is not, such as "a number of pages".
  static func count(in range: ClosedRange<Int>, _ what: String) -> Reader { count(what) { _ in range } }

  /// A count whose range depends on what the session allows.
  static func count(_ what: String, range: @escaping @Sendable (Session.Limits) -> ClosedRange<Int>) -> Reader {
    Reader(kind: .count) { (argument, call) throws(SessionError) in
      let range = range(call.limits)
      return Int(try call.integer(argument, in: Int64(range.lowerBound)...Int64(range.upperBound), what))
    }
  }
}

extension Reader where Result == UInt64 {
  /// A time in nanoseconds.
  static func time(in range: ClosedRange<Int64>, _ what: String) -> Reader {
    Reader(kind: .time) { (argument, call) throws(SessionError) in try call.time(argument, in: range, what) }
  }

  /// A size in bytes.
  static func size(in range: ClosedRange<Int64>, _ what: String) -> Reader {
    Reader(kind: .size) { (argument, call) throws(SessionError) in try call.size(argument, in: range, what) }
  }

  /// A rate in bits a second.
  static func rate(in range: ClosedRange<Int64>, _ what: String) -> Reader {
    Reader(kind: .rate) { (argument, call) throws(SessionError) in try call.rate(argument, in: range, what) }
  }
}
