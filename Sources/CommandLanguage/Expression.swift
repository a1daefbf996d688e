/// An expression. Every case ends with the span it covers.
public indirect enum Expression: Sendable, Equatable {
  case literal(Literal, SourceSpan)
  case string(Template)
  /// `$x`.
  case variable(String, SourceSpan)
  /// `$x.migration.freezeTime`: a path that starts at the thing that the variable names.
  case variablePath(String, [String], SourceSpan)
  /// `p1.migration.freezeTime`, `now`, or a bare `p1`.
  case path([String], SourceSpan)
  case unary(UnaryOperator, Expression, SourceSpan)
  case binary(BinaryOperator, Expression, Expression, SourceSpan)
  /// One of `Expression.functions` with at least one argument.
  case call(String, [Expression], SourceSpan)
  /// `[a, b]`.
  case list([Expression], SourceSpan)
  /// `[$m.from for m in cluster.messages where $m.hops > 2]`: a list made from another.
  case each(Selection, SourceSpan)

  /// How a list is made from another.
  public struct Selection: Sendable, Equatable {
    /// What becomes of an element.
    public let element: Expression
    /// The variable that holds each element in turn, without `$`.
    public let name: String
    /// Where the name stands.
    public let nameSpan: SourceSpan
    /// The other list.
    public let list: Expression
    /// Which elements are taken; nil for all.
    public let condition: Expression?

    /// - Parameters:
    ///   - element: what becomes of an element.
    ///   - name: the variable that holds each element in turn, without `$`.
    ///   - nameSpan: where the name stands.
    ///   - list: the other list.
    ///   - condition: which elements are taken; nil for all.
    public init(
      element: Expression, name: String, nameSpan: SourceSpan, list: Expression, condition: Expression?
    ) {
      self.element = element
      self.name = name
      self.nameSpan = nameSpan
      self.list = list
      self.condition = condition
    }
  }

  /// The functions that an expression may call.
  public static let functions = ["about", "abs", "count", "max", "min", "sum"]

  /// All of it.
  public var span: SourceSpan {
    switch self {
    case .string(let template): template.span
    case .literal(_, let span), .variable(_, let span), .variablePath(_, _, let span), .path(_, let span),
      .unary(_, _, let span), .binary(_, _, _, let span), .call(_, _, let span), .list(_, let span), .each(_, let span):
      span
    }
  }
}

/// What may stand before an operand, as it is typed.
public enum UnaryOperator: String, Sendable, Hashable {
  case not
  case minus = "-"
}

/// What may stand between two operands, as it is typed.
public enum BinaryOperator: String, Sendable, Hashable, CaseIterable {
  case or, and
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case `in`
  case plus = "+"
  case minus = "-"
  case times = "*"
  case divided = "/"
  case remainder = "%"

  /// How tightly it binds. `not` binds more tightly than `and`, and less tightly than comparisons.
  var precedence: Int {
    switch self {
    case .or: 1
    case .and: 2
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .in: Self.comparisonPrecedence
    case .plus, .minus: 5
    case .times, .divided, .remainder: 6
    }
  }

  static let notPrecedence = 3
  static let comparisonPrecedence = 4
}

/// A text with places to fill in. A text in `'…'` has none, so it is one literal.
public struct Template: Sendable, Equatable {
  /// A part of a text.
  public enum Segment: Sendable, Equatable {
    case literal(String)
    /// `$name`.
    case variable(String, SourceSpan)
    /// `$(expression)`.
    case expression(Expression)
  }

  /// The segments in order. No two literals are neighbours, and an empty text has no segment.
  public var segments: [Segment]
  /// The text with its quotes.
  public var span: SourceSpan

  public init(segments: [Segment], span: SourceSpan) {
    self.segments = segments
    self.span = span
  }

  /// The text, when it has no places to fill in.
  public var constantText: String? {
    switch segments.count {
    case 0: return ""
    case 1:
      guard case .literal(let text) = segments.first else { return nil }
      return text
    default: return nil
    }
  }
}
