import CommandLanguage
import Course
import ScriptCheck
import Shell

/// A text that a client has opened.
struct Document {
  let uri: String
  /// The text as the client has it.
  private(set) var content: [UInt8]
  var version: Int?
  /// What is made of the text.
  private(set) var view: DocumentView

  init(uri: String, text: String, version: Int?) {
    self.uri = uri
    self.version = version
    content = Array(text.utf8)
    view = DocumentView(uri: uri, content)
  }

  /// Changes the text as `textDocument/didChange` says.
  ///
  /// - Returns: false when a change cannot be understood; those before it stay.
  mutating func apply(_ changes: [JSON]) -> Bool {
    defer { view = DocumentView(uri: uri, content) }
    for change in changes {
      guard let text = change["text"]?.text else { return false }
      guard let range = change["range"] else {
        content = Array(text.utf8)
        continue
      }
      guard let start = TextPosition(range["start"]), let end = TextPosition(range["end"]) else { return false }
      let lines = TextLines(content)
      let (first, last) = (lines.offset(of: start), lines.offset(of: end))
      content.replaceSubrange(min(first, last)..<max(first, last), with: text.utf8)
    }
    return true
  }
}

/// A text as the language sees it.
struct DocumentView {
  /// Nil when the text cannot be a script at all; then `findings` says why.
  let source: SourceText?
  let lines: TextLines
  let isLesson: Bool
  /// Why the text cannot be a script.
  let mistake: Diagnostic?

  init(uri: String, _ content: [UInt8]) {
    let path = FileURI.path(of: uri)
    let folder = path.flatMap { path in path.lastIndex(of: "/").map { String(path[...$0]) } }
    do throws(Diagnostic) {
      let source = try SourceText(name: path ?? uri, bytes: content, folder: folder)
      self.source = source
      lines = TextLines(source.utf8)
      isLesson = Lesson.isLesson(source)
      mistake = nil
    } catch {
      source = nil
      lines = TextLines(content)
      isLesson = false
      mistake = error
    }
  }

  /// What kind of line a lesson has.
  enum LineKind: Equatable {
    case commands, prose, directive
  }

  func kind(ofLine line: Int) -> LineKind {
    guard isLesson else { return .commands }
    let content = lines.bytes[lines.range(ofLine: line)].drop { $0 == 0x20 || $0 == 0x09 }
    switch content.first {
    case UInt8(ascii: "@"): return .directive
    case UInt8(ascii: "|"): return .prose
    default: return .commands
    }
  }

  /// The text with blanks in place of all that is no command, so that everything stands where it stood.
  var commands: String {
    guard isLesson else { return lines.text(0..<lines.bytes.count) }
    var bytes = lines.bytes
    for line in 0..<lines.count where kind(ofLine: line) != .commands {
      for offset in lines.range(ofLine: line) { bytes[offset] = UInt8(ascii: " ") }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Addresses of files, as clients write them (RFC 8089).
enum FileURI {
  private static let scheme = "file://"

  /// The path of a file; nil for an address of another kind.
  static func path(of uri: String) -> String? {
    guard uri.hasPrefix(scheme) else { return nil }
    let rest = Array(uri.dropFirst(scheme.count).utf8)
    // A host may stand before the path.
    guard let begin = rest.firstIndex(of: UInt8(ascii: "/")) else { return nil }
    var bytes: [UInt8] = []
    var offset = begin
    while offset < rest.count {
      if rest[offset] == UInt8(ascii: "%"), offset + 2 < rest.count,
        let byte = UInt8(String(decoding: rest[offset + 1...offset + 2], as: UTF8.self), radix: 16)
      {
        bytes.append(byte)
        offset += 3
      } else {
        bytes.append(rest[offset])
        offset += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func uri(of path: String) -> String {
    scheme
      + path.utf8.map { byte in
        let isPlain = byte < 0x80 && (Character(Unicode.Scalar(byte)).isLetter || (0x30...0x39).contains(byte))
        if isPlain || "/-._~".utf8.contains(byte) { return String(Unicode.Scalar(byte)) }
        let digits = String(byte, radix: 16, uppercase: true)
        return "%" + (digits.count < 2 ? "0" : "") + digits
      }.joined()
  }
}
