import ArgumentParser
import Glibc
import LanguageServer
import Shell

/// `migsh lsp`.
struct LanguageServerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lsp", abstract: "A language server for editors, on standard input and output.",
    discussion: """
      It speaks the Language Server Protocol: findings as of `migsh check`, completion, help for what is pointed at, where \
      names are declared, and an outline. An editor starts it; it ends when that says so.
      """)

  // Some editors add it to every server's command.
  @Flag(help: .hidden)
  var stdio = false

  func run() throws {
    // An editor that has gone away needs no answer, and ends nobody by a signal.
    signal(SIGPIPE, SIG_IGN)
    var server = Server()
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while server.exitStatus == nil {
      let count = read(STDIN_FILENO, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw ExitCode(ScriptStatus.failed.rawValue) }
      guard send(server.receive(buffer[..<count])) else {
        throw ExitCode(ScriptStatus.failed.rawValue)
      }
    }
    throw ExitCode((server.exitStatus ?? .failed).rawValue)
  }

  /// - Returns: false when nobody reads any more.
  private func send(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = write(STDOUT_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0, errno == EINTR || errno == EAGAIN { continue }
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
      }
      return true
    }
  }
}
