import CommandLanguage
import Glibc
import Shell

/// Keeps a learner's progress in a file that several shells share.
///
/// A write is whole or not at all, and adds to what is there: two shells keep each other's steps. When the file cannot be
/// used, progress is kept as long as the shell runs, and `takeWarning` says so once.
public struct ProgressKeeper {
  private let path: String?
  private(set) var book = ProgressBook()
  /// What the file does not have yet.
  private var changes = ProgressBook()
  private var warning: String?
  private var hasWarned = false

  /// - Parameter path: of the file; nil when there is no place for one.
  public init(path: String?) {
    self.path = path
    if path == nil { warn("neither XDG_STATE_HOME nor HOME names a folder") }
    refresh()
  }

  mutating func note(_ outcome: ProgressBook.Outcome, of step: String, in lesson: String) {
    changes.note(outcome, of: step, in: lesson)
    save()
  }

  mutating func notePlace(_ step: String, in lesson: String) {
    changes.notePlace(step, in: lesson)
    save()
  }

  /// - Parameter earned: hundredths of points.
  mutating func noteEarned(_ earned: Int, by step: String, in lesson: String) {
    guard earned > book.earnings[lesson]?[step] ?? 0 else { return }
    changes.noteEarned(earned, by: step, in: lesson)
    save()
  }

  // MARK: - Drafts

  /// What was typed in an exercise and kept in a file of its own beside the progress; nil when nothing was.
  ///
  /// - Parameter name: that of the file.
  func draft(_ name: String) -> SourceText? { draftPath(name).flatMap { try? readSource($0) } }

  /// Keeps what was typed in an exercise. Of two shells that are in the same exercise, the one counts that writes last.
  mutating func keepDraft(_ text: String, _ name: String) {
    guard let path = draftPath(name) else { return }
    makeFolders(above: path)
    do throws(FileError) { try writeFile(text, to: path) } catch { warn("\(path): \(error)") }
  }

  private func draftPath(_ name: String) -> String? {
    path.map {
      $0.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        + "/exercises/\(name)"
    }
  }

  /// What is wrong with the file, for people; it is said once.
  public mutating func takeWarning() -> String? {
    defer { warning = nil }
    return warning
  }

  /// Reads what other shells have written.
  mutating func refresh() {
    var book = read() ?? self.book
    book.merge(changes)
    self.book = book
  }

  private func read() -> ProgressBook? {
    guard let path, let bytes = try? readFile(path) else { return nil }
    return ProgressBook(String(decoding: bytes, as: UTF8.self))
  }

  private mutating func save() {
    book.merge(changes)
    guard let path else { return }
    makeFolders(above: path)
    // While another shell writes, this one waits. A lock ends with its shell, however that ends.
    let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    defer { if lock >= 0 { close(lock) } }
    if lock >= 0 { while flock(lock, LOCK_EX) != 0, errno == EINTR {} }
    var merged = read() ?? ProgressBook()
    merged.merge(changes)
    do throws(FileError) {
      try writeFile(merged.text, to: path)
      changes = ProgressBook()
      book = merged
    } catch {
      warn("\(path): \(error)")
    }
  }

  private mutating func warn(_ reason: String) {
    guard !hasWarned else { return }
    hasWarned = true
    warning = "progress cannot be kept (\(reason)); it is remembered until this shell ends, and the lesson goes on"
  }

  private func makeFolders(above path: String) {
    let parts = path.split(separator: "/").dropLast()
    var folder = ""
    for part in parts {
      folder += "/" + part
      mkdir(folder, 0o700)
    }
  }
}
