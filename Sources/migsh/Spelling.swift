import Glibc
import Shell

/// Looks the words of lessons and handouts up in the dictionary of Debian's hunspell, and in a list of the course's own.
final class Spelling {
  /// A word that is in no dictionary.
  struct Mistake {
    let line: Int
    let word: String
    let suggestion: String?
  }

  private let process: ChildProcess
  private let output: Int32
  private var unread: [UInt8] = []

  /// Words of the course's own, in small letters.
  private let own: Set<String>

  /// - Parameter words: a file with words of the course's own, one a line; there need be none.
  /// - Returns: nil when hunspell, or its dictionary of British English, is not installed.
  init?(words: String) {
    let options = ["-a", "-i", "utf-8", "-d", "en_GB"]
    guard
      let process = try? ChildProcess(options, of: "hunspell", input: .pipe, output: .pipe, error: .none),
      let output = process.output
    else { return nil }
    (self.process, self.output) = (process, output)
    let list = (try? readSource(words))?.text ?? ""
    own = Set(list.split(whereSeparator: \.isWhitespace).map { $0.lowercased() })
    // It says who it is when it has a dictionary.
    guard nextLine()?.hasPrefix("@") == true else { return nil }
  }

  deinit {
    process.closeInput()
    process.wait()
  }

  /// Looks up the words of prose, each line with its place, and tells of those that are in no dictionary.
  ///
  /// - Returns: whether there are none.
  func isGood(_ prose: [(place: String, text: String)]) -> Bool {
    let mistakes = mistakes(in: prose.enumerated().map { ($0.offset, $0.element.text) })
    for mistake in mistakes {
      let guess = mistake.suggestion.map { "; did you mean `\($0)`?" } ?? ""
      Terminal.write("\(prose[mistake.line].place): `\(mistake.word)` is in no dictionary\(guess)\n")
    }
    return mistakes.isEmpty
  }

  /// The words in prose that are in no dictionary.
  func mistakes(in prose: [(line: Int, text: String)]) -> [Mistake] {
    // What begins with `^` is never taken for an order.
    process.write(prose.map { "^\($0.text)\n" }.joined())
    var mistakes: [Mistake] = []
    for (line, _) in prose {
      while let answer = nextLine(), !answer.isEmpty {
        if let mistake = Self.mistake(answer, line), !own.contains(mistake.word.lowercased()) {
          mistakes.append(mistake)
        }
      }
    }
    return mistakes
  }

  /// What an answer says: `& word count offset: guess, guess`, or `# word offset` when it has no guess.
  private static func mistake(_ answer: String, _ line: Int) -> Mistake? {
    let words = answer.split(separator: " ", maxSplits: 2)
    guard words.count > 1, words[0] == "&" || words[0] == "#" else { return nil }
    // What has a digit is a name.
    guard !words[1].contains(where: \.isNumber) else { return nil }
    let guesses = answer.split(separator: ": ", maxSplits: 1).dropFirst().first?.split(separator: ", ")
    return Mistake(line: line, word: String(words[1]), suggestion: guesses?.first.map(String.init))
  }

  private func nextLine() -> String? {
    while true {
      if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        defer { unread.removeFirst(end + 1) }
        return String(decoding: unread[..<end], as: UTF8.self)
      }
      var buffer = [UInt8](repeating: 0, count: 65_536)
      let count = read(output, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return nil }
      unread += buffer[..<count]
    }
  }
}
