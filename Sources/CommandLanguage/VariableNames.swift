extension SourceText {
  /// The variables that the text uses as `$name`, in quoted texts too, in the order in which they come first. It need
  /// not be well formed.
  public func usedVariables() -> [String] {
    var names: [String] = []
    collectVariables(in: SourceSpan(start: 0, end: utf8.count), &names)
    var known: Set<String> = []
    return names.filter { known.insert($0).inserted }
  }

  private func collectVariables(in span: SourceSpan, _ names: inout [String]) {
    var lexer = Lexer(source: self, range: span)
    while true {
      let start = lexer.nextStart
      guard let token = try? lexer.next() else {
        // File names and topics follow other rules than tokens: goes on behind the word.
        let rest = utf8[start..<span.end].dropFirst().drop { !Ascii.isBlank($0) && $0 != Ascii.newline }
        lexer = Lexer(source: self, range: SourceSpan(start: rest.startIndex, end: span.end))
        continue
      }
      switch token.kind {
      case .variable(let name): names.append(name)
      case .string(let parts):
        for part in parts {
          switch part {
          case .literal: break
          case .variable(let name, _): names.append(name)
          case .substitution(let inner): collectVariables(in: inner, &names)
          }
        }
      case .end: return
      case .name, .number, .substitution, .flag, .symbol, .separator: break
      }
    }
  }
}
