/// What a value takes up: lists of lists of texts grow without bound in a few steps.
struct ValueSize {
  /// Values in it, with itself and those of the lists in it.
  var elements = 0
  /// Bytes of its texts.
  var bytes = 0
  /// How deep lists stand in lists.
  var depth = 0

  /// The most that one list may take up.
  static let list = ValueSize(elements: 100_000, bytes: 16 << 20, depth: 100)
  /// The most that all variables may take up together.
  static let variables = ValueSize(elements: 2_000_000, bytes: 64 << 20, depth: list.depth)

  /// What exceeds a size, as in "has more than 3 elements"; nil when nothing does.
  func excess(over most: ValueSize) -> String? {
    if depth > most.depth { return "has lists in lists more than \(most.depth) deep" }
    // A list is not its own element.
    if elements - 1 > most.elements { return "has more than \(most.elements) elements" }
    if bytes > most.bytes { return "has more than \(formatSize(UInt64(most.bytes))) of text" }
    return nil
  }

  /// Takes in a value; no further than beyond what any value may be, since one part may stand in many places.
  mutating func add(_ value: Value, depth: Int = 0) {
    elements += 1
    self.depth = max(self.depth, depth)
    switch value {
    case .text(let text), .word(let text): bytes += text.utf8.count
    case .list(let values):
      for element in values where elements <= Self.variables.elements && bytes <= Self.variables.bytes {
        add(element, depth: depth + 1)
      }
    default: break
    }
  }
}

extension Value {
  var size: ValueSize {
    var size = ValueSize()
    size.add(self)
    return size
  }
}
