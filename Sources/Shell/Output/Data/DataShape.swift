/// What a command's output is as data. It is declared beside the command; the schema of JSON output is made from it, and
/// tests hold everything that is printed to that schema.
public indirect enum DataShape: Sendable {
  /// Null: there is nothing to say.
  case nothing
  case boolean
  /// A whole number, 0 or more.
  case count
  case number
  /// A part of a whole: 0.2 is 20%.
  case share
  /// A time or an instant in whole nanoseconds.
  case time
  /// A size in bytes.
  case size
  /// A rate in bits a second.
  case rate
  case text
  /// This number.
  case constant(Int)
  /// One of these words.
  case word([String])
  /// The name of a node.
  case node
  /// The name of a process.
  case process
  /// Whatever an expression can give.
  case anything
  /// The JSON of a schema.
  case schema
  case optional(DataShape)
  case list(DataShape)
  case object([Member])
  /// An object of values of one shape, under names that were chosen elsewhere.
  case named(DataShape, count: ClosedRange<Int>)
  /// Something that several commands tell of.
  case shared(SharedShape)
  case either([DataShape])
  /// What a breakpoint says instead, when it has stopped the command.
  case unlessStopped(DataShape)

  /// A member of an object.
  public struct Member: Sendable {
    let name: String
    let shape: DataShape
    /// A clause that says what it is. The unit is added to it.
    let summary: String
    /// Whether every such object has it.
    let isAlwaysThere: Bool

    /// - Parameters:
    ///   - name: its name in data.
    ///   - shape: what its value is.
    ///   - summary: a clause that says what it is, without its unit.
    ///   - isAlwaysThere: whether every such object has it.
    public init(_ name: String, _ shape: DataShape, _ summary: String, isAlwaysThere: Bool = true) {
      self.name = name
      self.shape = shape
      self.summary = summary
      self.isAlwaysThere = isAlwaysThere
    }
  }

  /// A list of objects.
  static func rows(_ members: [Member]) -> DataShape { .list(.object(members)) }

  /// An object with one member.
  static func only(_ name: String, _ shape: DataShape, _ summary: String) -> DataShape {
    .object([Member(name, shape, summary)])
  }
}

/// A shape with a name of its own in the schema.
public struct SharedShape: Sendable {
  let name: String
  let summary: String
  let shape: DataShape

  /// - Parameters:
  ///   - name: its name in the schema, which begins with a capital letter, as no command does.
  ///   - summary: a clause that says what it is.
  ///   - shape: what it is.
  public init(_ name: String, _ summary: String, _ shape: DataShape) {
    self.name = name
    self.summary = summary
    self.shape = shape
  }
}
