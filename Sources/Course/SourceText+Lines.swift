import CommandLanguage

extension SourceText {
  /// The lines, without white space at their beginnings and ends.
  var lineSpans: [SourceSpan] {
    var spans: [SourceSpan] = []
    var start = 0
    for end in utf8.indices where utf8[end] == UInt8(ascii: "\n") {
      spans.append(trimmed(start, end))
      start = end + 1
    }
    if start < utf8.count { spans.append(trimmed(start, utf8.count)) }
    return spans
  }

  private func trimmed(_ start: Int, _ end: Int) -> SourceSpan {
    var (start, end) = (start, end)
    while end > start, utf8[end - 1] <= UInt8(ascii: " ") { end -= 1 }
    while start < end, utf8[start] <= UInt8(ascii: " ") { start += 1 }
    return SourceSpan(start: start, end: end)
  }

  /// Some lines as a source of their own, in which they keep their numbers and columns.
  func slice(_ lines: ArraySlice<SourceSpan>, firstLine: Int) -> SourceText {
    guard let first = lines.first, let last = lines.last else {
      return SourceText(name: name, text: "", firstLine: firstLine, folder: folder)
    }
    var start = first.start
    while start > 0, utf8[start - 1] != UInt8(ascii: "\n") { start -= 1 }
    return SourceText(
      name: name, text: text(SourceSpan(start: start, end: last.end)), firstLine: firstLine, folder: folder)
  }

  /// The first byte of a line; nil when the line is empty.
  func firstByte(of line: SourceSpan) -> UInt8? { line.start < line.end ? utf8[line.start] : nil }
}
