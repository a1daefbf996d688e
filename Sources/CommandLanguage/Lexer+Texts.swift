extension Lexer {
  /// The parts of the quoted text that begins at an offset, and where it ends.
  func scanString(from offset: Int) throws(Diagnostic) -> (parts: [StringPart], end: Int) {
    let isLiteral = byte(offset) == UInt8(ascii: "'")
    let quote = isLiteral ? UInt8(ascii: "'") : UInt8(ascii: "\"")
    var builder = StringPartBuilder()
    var position = offset + 1
    while let byte = byte(position) {
      if byte == quote { return (builder.finish(), position + 1) }
      if let code = Ascii.controlCode(byte, following: self.byte(position + 1)) {
        throw complaint(
          at: SourceSpan(start: position, end: position + 1), "the control character \(code) cannot stand in a text")
      }
      switch byte {
      case UInt8(ascii: "\\") where !isLiteral:
        let (character, length) = try escape(at: position)
        builder.append(contentsOf: character)
        position += length
      case UInt8(ascii: "$") where !isLiteral && self.byte(position + 1) == UInt8(ascii: "("):
        let close = try endOfSubstitution(from: position)
        builder.append(.substitution(SourceSpan(start: position + 2, end: close)))
        position = close + 1
      case UInt8(ascii: "$") where !isLiteral && self.byte(position + 1).map(Ascii.isLetter) == true:
        let nameEnd = endOfName(from: position + 1)
        let span = SourceSpan(start: position, end: nameEnd)
        builder.append(.variable(text(position + 1, nameEnd), span))
        position = nameEnd
      default:
        builder.append(byte)
        position += 1
      }
    }
    throw complaint(
      at: SourceSpan(start: offset, end: offset + 1), "the text that begins here never ends",
      expected: "a closing \(isLiteral ? "'" : "\"")")
  }

  /// The parts of the rest of the stretch, read as a text without quotes.
  func scanUnquotedText() throws(Diagnostic) -> [StringPart] {
    var builder = StringPartBuilder()
    var offset = position
    while let byte = byte(offset) {
      let following = self.byte(offset + 1)
      if byte == UInt8(ascii: "\\"), following == UInt8(ascii: "$") {
        builder.append(UInt8(ascii: "$"))
        offset += 2
      } else if byte == UInt8(ascii: "$"), following == UInt8(ascii: "(") {
        let close = try endOfSubstitution(from: offset)
        builder.append(.substitution(SourceSpan(start: offset + 2, end: close)))
        offset = close + 1
      } else if byte == UInt8(ascii: "$"), following.map(Ascii.isLetter) == true {
        let nameEnd = endOfName(from: offset + 1)
        builder.append(.variable(text(offset + 1, nameEnd), SourceSpan(start: offset, end: nameEnd)))
        offset = nameEnd
      } else {
        builder.append(byte)
        offset += 1
      }
    }
    return builder.finish()
  }

  private func escape(at offset: Int) throws(Diagnostic) -> (text: [UInt8], length: Int) {
    switch byte(offset + 1) {
    case UInt8(ascii: "n"): return ([Ascii.newline], 2)
    case UInt8(ascii: "t"): return ([Ascii.tab], 2)
    case let byte? where byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "$"):
      return ([byte], 2)
    case Ascii.newline: return ([], 2)
    default:
      throw complaint(
        at: SourceSpan(start: offset, end: min(endOfCharacter(from: offset + 1), end)),
        "`\\` has no meaning before this character", expected: "\\n, \\t, \\\", \\\\ or \\$",
        remedy: "in '…' every character stands for itself")
    }
  }

  /// The offset of the `)` that closes the `$(` at an offset inside a text.
  private func endOfSubstitution(from offset: Int) throws(Diagnostic) -> Int {
    var nesting = Nesting()
    var position = offset
    while let byte = byte(position) {
      position += nesting.step(byte, following: self.byte(position + 1))
      if nesting.isClosed { return position - 1 }
      guard nesting.depth <= Self.deepestNesting else {
        throw complaint(
          at: SourceSpan(start: position - 1, end: position), "this nests deeper than \(Self.deepestNesting) levels")
      }
    }
    throw complaint(
      at: SourceSpan(start: offset, end: offset + 2), "this `$(` is never closed", expected: "a closing )")
  }
}

/// Collects the parts of a text, and joins literals that are neighbours.
private struct StringPartBuilder {
  private var parts: [StringPart] = []
  private var pending: [UInt8] = []

  mutating func append(_ byte: UInt8) { pending.append(byte) }
  mutating func append(contentsOf bytes: [UInt8]) { pending.append(contentsOf: bytes) }

  mutating func append(_ part: StringPart) {
    flush()
    parts.append(part)
  }

  mutating func finish() -> [StringPart] {
    flush()
    return parts
  }

  private mutating func flush() {
    guard !pending.isEmpty else { return }
    parts.append(.literal(String(decoding: pending, as: UTF8.self)))
    pending = []
  }
}
