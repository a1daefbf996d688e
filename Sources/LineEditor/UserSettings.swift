import CLibedit
import Glibc

/// The user's own settings for libedit, in `$EDITRC` or `~/.editrc`.
///
/// libedit's own reader of this file crashes on a quote that is not closed. This one leaves such lines out.
enum UserSettings {
  /// The most bytes that are read from the file.
  private static let maxBytes = 65_536

  /// Executes the lines of the file, if there is one.
  static func apply(to editor: OpaquePointer) {
    guard let path else { return }
    for line in readFile(path).split(separator: UInt8(ascii: "\n")) {
      let text = line.prefix { $0 != 0 }
      guard let command = String(validating: text, as: UTF8.self), !command.hasPrefix("#") else { continue }
      let tokenizer = tok_init(nil)
      defer { tok_end(tokenizer) }
      var count: Int32 = 0
      var words: UnsafeMutablePointer<UnsafePointer<CChar>?>?
      // `ed-command` crashes on such quotes too.
      guard !command.contains("ed-command"), tok_str(tokenizer, command, &count, &words) == 0, count > 0 else {
        continue
      }
      el_parse(editor, count, words)
    }
  }

  private static var path: String? {
    if let path = getenv("EDITRC") { return String(cString: path) }
    return getenv("HOME").map { String(cString: $0) + "/.editrc" }
  }

  private static func readFile(_ path: String) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: maxBytes)
    let count = read(descriptor, &bytes, bytes.count)
    return Array(bytes.prefix(max(0, count)))
  }
}
