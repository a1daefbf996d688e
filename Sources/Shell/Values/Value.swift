import CommandLanguage
import MigrationKernel

/// What an expression gives, a variable holds, or a field of the world has.
public enum Value: Sendable, Equatable {
  /// There is nothing: no migration yet, no such moment yet. It equals only itself.
  case none
  case boolean(Bool)
  case integer(Int64)
  case decimal(Double)
  /// Nanoseconds, bytes, or bits a second: the dimension says whether this is a time, a size or a rate.
  case quantity(Int64, Dimension)
  /// A part of a whole: 20% is 0.2.
  case share(Double)
  case text(String)
  /// One of the words that a field can have: `running`, `completed`, `total-freezing`.
  case word(String)
  case node(NodeID)
  case process(ProcessID)
  case list([Value])
  /// One of many that the world keeps: a migration or a message.
  case record(Record)

  /// Something that the world keeps a record of, by its number.
  public enum Record: Sendable, Equatable {
    case migration(Int)
    case message(Int)

    /// As people read it.
    var text: String {
      switch self {
      case .migration(let number): "migration \(number)"
      case .message(let number): "message \(number)"
      }
    }

    /// From 1.
    var number: Int {
      switch self {
      case .migration(let number), .message(let number): number
      }
    }
  }

  /// The value of a literal.
  public init(_ literal: Literal) {
    switch literal {
    case .integer(let number): self = .integer(number)
    case .decimal(let number): self = .decimal(number)
    case .quantity(let amount, let dimension): self = .quantity(amount, dimension)
    case .share(let share): self = .share(share)
    case .boolean(let truth): self = .boolean(truth)
    case .none: self = .none
    }
  }

  /// A duration or an instant, in nanoseconds, cut to the longest that a value can hold.
  public static func time(_ nanoseconds: Nanoseconds) -> Value { .quantity(Int64(clamping: nanoseconds), .time) }

  /// A size in bytes, cut to the largest that a value can hold.
  public static func size(_ bytes: some BinaryInteger) -> Value { .quantity(Int64(clamping: bytes), .size) }

  /// A rate in bits a second, cut to the highest that a value can hold.
  public static func rate(_ bitsPerSecond: UInt64) -> Value { .quantity(Int64(clamping: bitsPerSecond), .rate) }

  /// A list of texts.
  public static func texts(_ texts: some Sequence<String>) -> Value { .list(texts.map { .text($0) }) }

  /// The value of something, or `none` when there is no such thing.
  static func optional<Thing>(_ thing: Thing?, _ value: (Thing) -> Value) -> Value { thing.map(value) ?? .none }

  /// A count, cut to the highest that an integer can hold.
  public static func count(_ number: some BinaryInteger) -> Value { .integer(Int64(clamping: number)) }

  /// What the value measures; nil when it is not a number.
  public var dimension: Dimension? {
    switch self {
    case .integer: .count
    case .decimal: .number
    case .quantity(_, let dimension): dimension
    case .share: .share
    case .none, .boolean, .text, .word, .node, .process, .list, .record: nil
    }
  }

  /// What kind of value it is, with its article, as in "`now` is a time".
  public var kind: String {
    switch self {
    case .none: "none"
    case .boolean: "a truth value"
    case .integer, .decimal: "a bare number"
    case .quantity(_, let dimension): dimension.description
    case .share: "a share"
    case .text: "a text"
    case .word: "a word"
    case .node: "a node"
    case .process: "a process"
    case .list: "a list"
    case .record(.migration): "a migration"
    case .record(.message): "a message"
    }
  }
}
