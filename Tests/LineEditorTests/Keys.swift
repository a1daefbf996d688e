import TestSupport

let up = "\u{1B}[A"
let down = "\u{1B}[B"
let right = "\u{1B}[C"
let left = "\u{1B}[D"
let home = "\u{1B}[H"
let end = "\u{1B}[F"
let escape = "\u{1B}"
let controlC = "\u{3}"
let controlD = "\u{4}"
let controlE = "\u{5}"
let controlF = "\u{6}"
let controlR = "\u{12}"
let controlZ = "\u{1A}"

func pasted(_ text: String) -> String { "\u{1B}[200~\(text)\u{1B}[201~" }

/// The helper program on a terminal of its own.
func probe(
  history: String? = nil, terminalType: String = "xterm", editrc: String? = nil, noColor: Bool = false,
  variables: [String] = [], rows: UInt16 = 24, columns: UInt16 = 80
) throws -> TerminalSession {
  try TerminalSession(
    builtProgram("line-editor-probe"), history.map { [$0] } ?? [], terminalType: terminalType, editrc: editrc,
    noColor: noColor, variables: variables, rows: rows, columns: columns)
}

/// A history with these entries, in a folder that is removed with the value.
struct PreparedHistory {
  private let directory = TemporaryDirectory()
  var path: String { directory.path + "/history" }

  init(_ entries: [String]) {
    let lines = entries.map { $0.replacing("\n", with: "\\n") + "\n" }
    directory.write(Array(lines.joined().utf8), to: "history")
  }
}
