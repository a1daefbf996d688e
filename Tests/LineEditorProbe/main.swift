// A program for the tests: reads lines with fixed completions, and says what came of each.
//   line-editor-probe [HISTORY-FILE]
//   line-editor-probe --fill HISTORY-FILE MAX-BYTES    appends to a history on a disk that is full after MAX-BYTES
//   line-editor-probe --append HISTORY-FILE            appends to a history until it is killed

import Glibc
import LineEditor

func say(_ text: String) {
  print(text)
  fflush(nil)
}

func fill(_ path: String, maxBytes: UInt) {
  // A write beyond the limit then fails as on a full disk.
  signal(SIGXFSZ, SIG_IGN)
  var limit = rlimit(rlim_cur: maxBytes, rlim_max: maxBytes)
  setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
  var history = HistoryFile(path: path)
  for number in 1...100 { history.append("entry number \(number)") }
  say("entries: \(history.entries.count)")
  say("warning: \(history.takeWarning() ?? "none")")
  say("second warning: \(history.takeWarning() ?? "none")")
}

func append(_ path: String) {
  var history = HistoryFile(path: path)
  for number in 1... {
    history.append("entry number \(number)")
    if number % 500 == 0 { say("\(number) entries") }
  }
}

/// The first word is a command, and known when it is `spawn`. Digits, flags, quotes and brackets are as in the language.
func styles(of line: String) -> [StyledSpan] {
  var spans: [StyledSpan] = []
  var offset = 0
  for word in line.split(separator: " ", omittingEmptySubsequences: false) {
    let range = offset..<offset + word.utf8.count
    offset = range.upperBound + 1
    if range.lowerBound == 0 { spans.append(StyledSpan(range, word == "spawn" ? .command : .unknownCommand)) }
    if word.hasPrefix("--") { spans.append(StyledSpan(range, .flag)) }
    if word.allSatisfy(\.isNumber) { spans.append(StyledSpan(range, .number)) }
    if word.hasPrefix("\"") { spans.append(StyledSpan(range, .text)) }
    for (place, character) in zip(range.lowerBound..., word.utf8) where "(){}[]".utf8.contains(character) {
      spans.append(StyledSpan(place..<place + 1, .bracket))
    }
  }
  return spans
}

func edit(_ history: HistoryFile?) throws {
  let editor = try LineEditor(programName: "line-editor-probe", history: history)
  if let warning = editor.takeHistoryWarning() { say("warning: \(warning)") }
  let words = ["spawn", "speed", "start", "größe", "größer", "--nodes=", "p1."]
  let summaries = ["größe": "how large", "größer": "larger than something else"]
  editor.completions = { line, cursor in
    let before = String(decoding: Array(line.utf8.prefix(cursor)), as: UTF8.self)
    let word = before.split(separator: " ", omittingEmptySubsequences: false).last.map(String.init) ?? ""
    return Completions(
      replaceFrom: cursor - word.utf8.count,
      candidates: words.filter { $0.hasPrefix(word) }.map { Completions.Candidate($0, summary: summaries[$0] ?? "") })
  }
  editor.highlight = styles
  var block = ""
  var depth = 0
  while true {
    switch editor.readLine(prompt: "probe> ", after: block, indentedBy: depth) {
    case .line(let line):
      depth = max(0, depth + line.count { $0 == "{" } - line.count { $0 == "}" })
      block += line
      if depth == 0 {
        editor.remember(block)
        block = ""
      } else {
        block += "\n"
      }
      say("[line \(line.debugDescription)]")
    case .interrupted:
      (block, depth) = ("", 0)
      say("[interrupted]")
    case .endOfInput:
      say("[end]")
      return
    }
  }
}

let arguments = Array(CommandLine.arguments.dropFirst())
if arguments.count == 3, arguments[0] == "--fill", let maxBytes = UInt(arguments[2]) {
  fill(arguments[1], maxBytes: maxBytes)
} else if arguments.count == 2, arguments[0] == "--append" {
  append(arguments[1])
} else {
  do {
    try edit(arguments.first.map(HistoryFile.init(path:)))
  } catch {
    say("[error \(error)]")
    exit(1)
  }
}
