/// How much room a line takes on the screen, at least as much as libedit uses for it.
///
/// libedit writes beyond its buffers when a line is taller than the screen that it knows of. So it is told of a screen
/// with `displayRows`, and no line may grow beyond these limits.
struct LineExtent {
  static let maxNewlines = 1_000
  static let maxCells = 32_768
  /// libedit fails on narrower screens; there the text merely wraps at the wrong places.
  static let minColumns = 20

  private(set) var newlines = 0
  private(set) var cells = 0

  init(of scalars: some Sequence<UInt32> = []) {
    for scalar in scalars { add(scalar) }
  }

  init(of text: String) {
    self.init(of: text.unicodeScalars.lazy.map(\.value))
  }

  mutating func add(_ scalar: UInt32) {
    switch scalar {
    case 0x0A: newlines += 1
    case 0x20..<0x7F: cells += 1
    // A tab, or what libedit shows as `\U+xxxxx`, takes eight; others take fewer.
    default: cells += 8
    }
  }

  var isWithinLimits: Bool { newlines <= Self.maxNewlines && cells <= Self.maxCells }

  static func + (one: LineExtent, other: LineExtent) -> LineExtent {
    var sum = one
    sum.newlines += other.newlines
    sum.cells += other.cells
    return sum
  }

  /// The rows that a line may need: one key may double it (yank) before it is found too long, and there is the prompt.
  static func displayRows(columns: Int) -> Int {
    2 * (maxNewlines + maxCells / max(1, columns) + 1) + 100
  }
}
