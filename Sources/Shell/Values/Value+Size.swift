/// How large a value is. It is limited, since a few steps can make lists of lists of texts as large as one likes.
struct ValueSize {
  /// The number of values: itself, its elements, and theirs.
  var elements = 0
  /// The bytes of all its texts.
  var bytes = 0
  /// How deep lists are nested.
  var depth = 0

  /// The largest that one list may be.
  static let list = ValueSize(elements: 100_000, bytes: 16 << 20, depth: 100)
  /// The largest that all variables together may be.
  static let variables = ValueSize(elements: 2_000_000, bytes: 64 << 20, depth: list.depth)

  /// Says what is larger than allowed, as in "has more than 3 elements"; nil when nothing is.
  func excess(over most: ValueSize) -> String? {
    if depth > most.depth { return "has lists in lists more than \(most.depth) deep" }
    // A list is not its own element.
    if elements - 1 > most.elements { return "has more than \(most.elements) elements" }
    if bytes > most.bytes { return "has more than \(formatSize(UInt64(most.bytes))) of text" }
    return nil
  }

  /// Adds the size of a value. Stops counting once no value may be so large: since values share their parts, to count
  /// all could take for ever.
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
