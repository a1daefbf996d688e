import MigrationKernel

/// Makes new inputs from old ones: changes bytes, words and lines, and makes up whole commands from the command table.
struct Mutator {
  /// No input may be longer than this.
  static let mostBytes = 16_384
  /// Where any lines of an input are an input, it is rarely longer than this.
  private static let usualBytes = 768
  private static let usualLinesBehindTrunk = 3

  let vocabulary: Vocabulary
  let kind: Subject.Kind

  /// A new input, made from one of the corpus.
  func variation(of corpus: [[UInt8]], with generator: inout Generator) -> [UInt8] {
    guard !corpus.isEmpty else { return variation(of: [], other: [], with: &generator) }
    let base = base(of: corpus, &generator)
    return variation(of: base, other: generator.pick(corpus), with: &generator)
  }

  /// An input of the corpus, divided between two lines. The first part begins with a comment, which decides how all
  /// inputs with this beginning are tried.
  ///
  /// - Precondition: the corpus is not empty.
  func division(of corpus: [[UInt8]], with generator: inout Generator) -> (trunk: [UInt8], rest: [UInt8]) {
    precondition(!corpus.isEmpty, "there is no input to divide")
    var lines = base(of: corpus, &generator).split(separator: newline, omittingEmptySubsequences: false)
    if lines.first?.first == UInt8(ascii: "#") { lines.removeFirst() }
    let most = generator.below(lines.count + 1)
    let count = max(most, generator.below(lines.count + 1))
    let manner = Array("# \(generator.next(below: 1 << 32))\n".utf8)
    let trunk = manner + lines[..<count].flatMap { $0 + [newline] }
    let rest = lines[count...].prefix(Self.usualLinesBehindTrunk)
    return (Array(trunk.prefix(Self.mostBytes / 2)), Array(rest.joined(separator: [newline])))
  }

  /// Prefers a short input: it takes less time, and a change matters more.
  private func base(of corpus: [[UInt8]], _ generator: inout Generator) -> [UInt8] {
    let (one, two) = (generator.pick(corpus), generator.pick(corpus))
    let base = one.count < two.count ? one : two
    guard kind.takesAnyLines, base.count > Self.usualBytes, generator.below(32) > 0 else { return base }
    let start = generator.below(base.count - Self.usualBytes)
    let piece = base[start...].drop { $0 != newline }.dropFirst()
    return Array(piece.prefix(Self.usualBytes))
  }

  /// - Parameter other: an input from which pieces may be taken.
  func variation(of base: [UInt8], other: [UInt8], with generator: inout Generator) -> [UInt8] {
    var input = base
    for _ in 0...generator.below(6) {
      guard kind != .packets else {
        changeField(of: &input, other, &generator)
        continue
      }
      switch generator.below(10) {
      case 0: changeByte(of: &input, &generator)
      case 1, 2, 3, 4: changeWord(of: &input, &generator)
      case 5, 6: changeLine(of: &input, other, &generator)
      default: insertCommand(into: &input, &generator)
      }
    }
    if input.count > Self.mostBytes { input.removeLast(input.count - Self.mostBytes) }
    return input
  }

  // MARK: - Bytes

  private static let signs = Array("(){}[]\"'$#;\\-.,=%<>!0aé|@\n\t\r\u{1B}`".utf8)

  private func changeByte(of input: inout [UInt8], _ generator: inout Generator) {
    let place = generator.below(input.count + 1)
    switch generator.below(5) {
    case 0 where place < input.count: input[place] ^= 1 << UInt8(generator.below(8))
    case 1 where place < input.count: input.remove(at: place)
    case 2 where generator.below(4) == 0: input.removeLast(input.count - place)
    case 3 where generator.below(4) == 0: input.insert(contentsOf: Array("\r\n".utf8), at: place)
    default: input.insert(generator.pick(Self.signs), at: place)
    }
  }

  /// Changes a byte or a number anywhere in a packet, or puts in a piece of another packet.
  private func changeField(of input: inout [UInt8], _ other: [UInt8], _ generator: inout Generator) {
    let place = generator.below(input.count + 1)
    let end = min(input.count, place + 1 + generator.below(8))
    switch generator.below(6) {
    case 0 where place < input.count: input[place] ^= 1 << UInt8(generator.below(8))
    case 1 where place < input.count: input[place] = generator.pick([0, 1, 2, 0x7F, 0x80, 0xFF])
    case 2: input.replaceSubrange(place..<end, with: repeatElement(generator.pick([0, 0xFF]), count: end - place))
    case 3: input.removeSubrange(place..<end)
    case 4: input.insert(UInt8(generator.below(256)), at: place)
    default:
      let first = generator.below(other.count + 1)
      let stretch = other[first..<min(other.count, first + 1 + generator.below(32))]
      input.replaceSubrange(place..<min(input.count, place + stretch.count), with: stretch)
    }
  }

  // MARK: - Words

  private func changeWord(of input: inout [UInt8], _ generator: inout Generator) {
    let words = words(of: input)
    guard !words.isEmpty else {
      input += Array(generator.pick(vocabulary.words).utf8)
      return
    }
    let range = generator.pick(words)
    let other = generator.pick(words)
    let word = Array(input[range])
    switch generator.below(8) {
    case 0: input.removeSubrange(range)
    case 1: input.insert(contentsOf: [space] + word, at: range.upperBound)
    case 2: input.replaceSubrange(range, with: input[other])
    case 3 where word.first.map(isDigit) ?? false:
      input.replaceSubrange(range, with: generator.pick(vocabulary.quantities).utf8)
    case 4 where generator.below(16) == 0:
      let times = 1 << generator.below(13)
      input.insert(contentsOf: (0..<times).flatMap { _ in word + [space] }, at: range.lowerBound)
    case 5: input.insert(contentsOf: Array(generator.pick(vocabulary.words).utf8) + [space], at: range.lowerBound)
    default: input.replaceSubrange(range, with: generator.pick(vocabulary.words).utf8)
    }
  }

  /// Cuts a text into words, and into single signs between them.
  private func words(of input: [UInt8]) -> [Range<Int>] {
    var words: [Range<Int>] = []
    var start = 0
    while start < input.count {
      var end = start + 1
      if isWordByte(input[start]) {
        while end < input.count, isWordByte(input[end]) { end += 1 }
      }
      if input[start] != space, input[start] != newline { words.append(start..<end) }
      start = end
    }
    return words
  }

  // MARK: - Lines

  private func changeLine(of input: inout [UInt8], _ other: [UInt8], _ generator: inout Generator) {
    var lines = input.split(separator: newline, omittingEmptySubsequences: false).map(Array.init)
    let place = generator.below(lines.count)
    switch generator.below(5) {
    case 0: lines.remove(at: place)
    case 1: lines.insert(lines[place], at: generator.below(lines.count))
    case 2: lines.swapAt(place, generator.below(lines.count))
    default:
      let others = other.split(separator: newline).map(Array.init)
      guard !others.isEmpty else { return }
      let start = generator.below(others.count)
      lines.insert(contentsOf: others[start..<min(others.count, start + 1 + generator.below(4))], at: place)
    }
    input = Array(lines.joined(separator: [newline]))
  }

  private func insertCommand(into input: inout [UInt8], _ generator: inout Generator) {
    var lines = input.split(separator: newline, omittingEmptySubsequences: false).map(Array.init)
    // Prefers a late place: the lines before it have made a world in which the command can do something.
    let place = max(generator.below(lines.count + 1), generator.below(lines.count + 1))
    lines.insert(Array(vocabulary.line(&generator, for: kind).utf8), at: place)
    input = Array(lines.joined(separator: [newline]))
  }
}

private let space = UInt8(ascii: " ")
private let newline = UInt8(ascii: "\n")

private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

private func isWordByte(_ byte: UInt8) -> Bool {
  isDigit(byte) || byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
    || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains(byte) || byte >= 0x80
}

extension Generator {
  /// A number below `bound`; 0 when there is none.
  mutating func below(_ bound: Int) -> Int { bound > 0 ? Int(next(below: UInt64(bound))) : 0 }

  /// - Precondition: the array is not empty.
  mutating func pick<Element>(_ array: [Element]) -> Element {
    precondition(!array.isEmpty, "there is nothing to pick from")
    return array[below(array.count)]
  }
}
