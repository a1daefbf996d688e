import CommandLanguage

/// Why an operation has no result.
enum ArithmeticProblem: Error {
  /// The two kinds of value do not go together.
  case mismatch
  case overflow
  /// A text would be longer than texts may be.
  case tooLong
  case divisionByZero
}

/// Operations on two values. They keep track of dimensions: a size divided by a time is a rate, a size divided by a
/// rate is a time.
extension Value {
  func adding(_ other: Value) throws(ArithmeticProblem) -> Value {
    switch (self, other) {
    case (.integer(let left), .integer(let right)):
      return .integer(try checked(left.addingReportingOverflow(right)))
    case (.quantity(let left, let dimension), .quantity(let right, let same)) where dimension == same:
      return .quantity(try checked(left.addingReportingOverflow(right)), dimension)
    case (.share(let left), .share(let right)): return .share(try finite(left + right))
    case (.text(let left), .text(let right)):
      guard left.utf8.count + right.utf8.count <= Evaluator.longestText else { throw .tooLong }
      return .text(left + right)
    default:
      guard let left = number, let right = other.number else { throw .mismatch }
      return .decimal(try finite(left + right))
    }
  }

  func subtracting(_ other: Value) throws(ArithmeticProblem) -> Value {
    switch (self, other) {
    case (.integer(let left), .integer(let right)):
      return .integer(try checked(left.subtractingReportingOverflow(right)))
    case (.quantity(let left, let dimension), .quantity(let right, let same)) where dimension == same:
      return .quantity(try checked(left.subtractingReportingOverflow(right)), dimension)
    case (.share(let left), .share(let right)): return .share(try finite(left - right))
    default:
      guard let left = number, let right = other.number else { throw .mismatch }
      return .decimal(try finite(left - right))
    }
  }

  func multiplied(by other: Value) throws(ArithmeticProblem) -> Value {
    switch (self, other) {
    case (.integer(let left), .integer(let right)):
      return .integer(try checked(left.multipliedReportingOverflow(by: right)))
    case (.quantity(let amount, let dimension), .integer(let factor)),
      (.integer(let factor), .quantity(let amount, let dimension)):
      return .quantity(try checked(amount.multipliedReportingOverflow(by: factor)), dimension)
    case (.quantity(let rate, .rate), .quantity(let time, .time)),
      (.quantity(let time, .time), .quantity(let rate, .rate)):
      return .quantity(try rounded(Int128(rate) * Int128(time), over: 8 * nanosecondsPerSecond), .size)
    case (.quantity(let amount, let dimension), _):
      guard let factor = other.factor else { throw .mismatch }
      return .quantity(try rounded(Double(amount) * factor), dimension)
    case (_, .quantity(let amount, let dimension)):
      guard let factor else { throw .mismatch }
      return .quantity(try rounded(Double(amount) * factor), dimension)
    case (.share(let left), .share(let right)): return .share(try finite(left * right))
    default:
      guard let left = factor, let right = other.factor else { throw .mismatch }
      return .decimal(try finite(left * right))
    }
  }

  func divided(by other: Value) throws(ArithmeticProblem) -> Value {
    switch (self, other) {
    case (.integer(let left), .integer(let right)): return try Self.exactQuotient(left, right)
    case (.quantity(let left, let dimension), .quantity(let right, let same)) where dimension == same:
      return try Self.exactQuotient(left, right)
    case (.quantity(let size, .size), .quantity(let time, .time)):
      return .quantity(try rounded(Int128(size) * 8 * nanosecondsPerSecond, over: Int128(time)), .rate)
    case (.quantity(let size, .size), .quantity(let rate, .rate)):
      return .quantity(try rounded(Int128(size) * 8 * nanosecondsPerSecond, over: Int128(rate)), .time)
    case (.quantity(let amount, let dimension), .integer(let divisor)):
      return .quantity(try rounded(Int128(amount), over: Int128(divisor)), dimension)
    case (.quantity(let amount, let dimension), _):
      guard let divisor = other.factor else { throw .mismatch }
      return .quantity(try rounded(try quotient(Double(amount), divisor)), dimension)
    case (.share(let left), .integer), (.share(let left), .decimal):
      guard let right = other.number else { throw .mismatch }
      return .share(try quotient(left, right))
    default:
      guard let left = factor, let right = other.factor else { throw .mismatch }
      return .decimal(try quotient(left, right))
    }
  }

  func remainder(dividingBy other: Value) throws(ArithmeticProblem) -> Value {
    switch (self, other) {
    case (.integer(let left), .integer(let right)): return .integer(try Self.exactRemainder(left, right))
    case (.quantity(let left, let dimension), .quantity(let right, let same)) where dimension == same:
      return .quantity(try Self.exactRemainder(left, right), dimension)
    default:
      guard let left = number, let right = other.number else { throw .mismatch }
      guard right != 0 else { throw .divisionByZero }
      return .decimal(try finite(left.truncatingRemainder(dividingBy: right)))
    }
  }

  var negated: Value {
    get throws(ArithmeticProblem) {
      switch self {
      case .integer(let number): return .integer(try checked(Int64(0).subtractingReportingOverflow(number)))
      case .quantity(let amount, let dimension):
        return .quantity(try checked(Int64(0).subtractingReportingOverflow(amount)), dimension)
      case .decimal(let number): return .decimal(-number)
      case .share(let share): return .share(-share)
      default: throw .mismatch
      }
    }
  }

  var magnitude: Value {
    get throws(ArithmeticProblem) {
      switch self {
      case .integer(let number) where number < 0: return try negated
      case .quantity(let amount, _) where amount < 0: return try negated
      case .decimal(let number): return .decimal(abs(number))
      case .share(let share): return .share(abs(share))
      case .integer, .quantity: return self
      default: throw .mismatch
      }
    }
  }

  // MARK: - Comparing

  enum Order { case less, equal, greater }

  /// The order of two values. Numbers and shares can be compared with each other, quantities with those of the same
  /// dimension.
  func order(to other: Value) throws(ArithmeticProblem) -> Order {
    switch (self, other) {
    case (.integer(let left), .integer(let right)): return Self.order(left, right)
    case (.quantity(let left, let dimension), .quantity(let right, let same)) where dimension == same:
      return Self.order(left, right)
    default:
      guard let left = factor, let right = other.factor else { throw .mismatch }
      return Self.order(left, right)
    }
  }

  /// Whether two values are equal. None equals only itself. Kinds that can never be equal are a mismatch.
  func equals(_ other: Value) throws(ArithmeticProblem) -> Bool {
    switch (self, other) {
    case (.none, .none): return true
    case (.none, _), (_, .none): return false
    case (.boolean(let left), .boolean(let right)): return left == right
    case (.text(let left), .text(let right)), (.word(let left), .word(let right)), (.text(let left), .word(let right)),
      (.word(let left), .text(let right)):
      return left == right
    case (.node(let left), .node(let right)): return left == right
    case (.process(let left), .process(let right)): return left == right
    case (.record(let left), .record(let right)): return left == right
    case (.list(let left), .list(let right)):
      guard left.count == right.count else { return false }
      for (one, another) in zip(left, right) where try !one.equals(another) { return false }
      return true
    default: return try order(to: other) == .equal
    }
  }

  private static func order<Number: Comparable>(_ left: Number, _ right: Number) -> Order {
    left < right ? .less : left == right ? .equal : .greater
  }

  // MARK: - Numbers

  /// The value of a bare number.
  private var number: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .decimal(let number): number
    default: nil
    }
  }

  /// The value of a bare number or of a share.
  private var factor: Double? {
    if case .share(let share) = self { share } else { number }
  }

  /// The quotient: an integer when there is no remainder.
  private static func exactQuotient(_ left: Int64, _ right: Int64) throws(ArithmeticProblem) -> Value {
    guard right != 0 else { throw .divisionByZero }
    let (whole, overflow) = left.dividedReportingOverflow(by: right)
    guard !overflow else { throw .overflow }
    return whole * right == left ? .integer(whole) : .decimal(Double(left) / Double(right))
  }

  private static func exactRemainder(_ left: Int64, _ right: Int64) throws(ArithmeticProblem) -> Int64 {
    guard right != 0 else { throw .divisionByZero }
    // Only the least integer divided by -1 overflows, and its remainder is 0.
    return left.remainderReportingOverflow(dividingBy: right).partialValue
  }
}

private let nanosecondsPerSecond: Int128 = 1_000_000_000

private func checked(_ result: (partialValue: Int64, overflow: Bool)) throws(ArithmeticProblem) -> Int64 {
  guard !result.overflow else { throw .overflow }
  return result.partialValue
}

private func finite(_ number: Double) throws(ArithmeticProblem) -> Double {
  guard number.isFinite else { throw .overflow }
  return number
}

private func quotient(_ left: Double, _ right: Double) throws(ArithmeticProblem) -> Double {
  guard right != 0 else { throw .divisionByZero }
  return try finite(left / right)
}

/// The nearest whole number; halves are rounded away from zero.
private func rounded(_ number: Double) throws(ArithmeticProblem) -> Int64 {
  guard let whole = Int64(exactly: number.rounded()) else { throw .overflow }
  return whole
}

/// The whole number nearest to the quotient; halves are rounded away from zero.
///
/// The dividend has a magnitude of at most 2^126, so that its double fits.
private func rounded(_ dividend: Int128, over divisor: Int128) throws(ArithmeticProblem) -> Int64 {
  guard divisor != 0 else { throw .divisionByZero }
  let doubled = dividend.magnitude * 2 + divisor.magnitude
  let magnitude = Int128(doubled / (divisor.magnitude * 2))
  guard let whole = Int64(exactly: dividend.signum() * divisor.signum() * magnitude) else { throw .overflow }
  return whole
}
