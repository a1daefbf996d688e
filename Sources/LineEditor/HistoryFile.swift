import Glibc

/// The history of typed commands, in memory and in a file that several shells share.
///
/// When something goes wrong with the file, the history in memory still works. `takeWarning()` says once what is lost.
public struct HistoryFile {
  /// How many entries a shell loads when it starts.
  public static let maxLoadedEntries = 10_000
  /// How many lines the file may have before it is cut back to `maxLoadedEntries`.
  public static let maxFileLines = 20_000
  /// The most bytes that an entry may have in the file.
  public static let maxEntryBytes = 65_536

  /// The entries, oldest first: those loaded, and those appended by this value. An entry may have several lines.
  public private(set) var entries: [String] = []

  /// The file; `nil` when there is none, or when it has failed.
  private var storage: HistoryStorage?
  private var fileLineCount = 0
  private var warning: String?

  /// An empty history without a file.
  public init() {}

  /// Loads the history from the file at `path`. Creates the file and its directories when they are missing.
  public init(path: String) {
    let storage = HistoryStorage(path: path)
    self.storage = storage
    do throws(HistoryStorageError) {
      let lines = try storage.load()
      fileLineCount = lines.count
      entries = lines.suffix(Self.maxLoadedEntries).compactMap(HistoryEntry.init(fileLine:)).map(\.text)
      try trimIfGrown(storage)
    } catch {
      giveUpFile(because: error.description)
    }
  }

  /// The history at its standard place, `$XDG_STATE_HOME/migsh/history`, by default below `~/.local/state`.
  public static func standard() -> HistoryFile {
    if let path = StateFolder.path(of: "history") { return HistoryFile(path: path) }
    var history = HistoryFile()
    history.giveUpFile(because: "neither XDG_STATE_HOME nor HOME names a directory for the history file")
    return history
  }

  /// Adds an entry in memory and in the file.
  ///
  /// Leaves an entry out when it is blank, begins with a space, repeats the one before it, or has control characters
  /// other than newline and tab. Returns whether the entry was added.
  @discardableResult
  public mutating func append(_ text: String) -> Bool {
    guard let entry = HistoryEntry(text), text != entries.last else { return false }
    entries.append(text)
    let line = entry.fileLine
    guard let storage, line.utf8.count <= Self.maxEntryBytes else { return true }
    do throws(HistoryStorageError) {
      try storage.append(line: line)
      fileLineCount += 1
      try trimIfGrown(storage)
    } catch {
      giveUpFile(because: error.description)
    }
    return true
  }

  /// The latest entry that begins with a text, goes on after it, and passes.
  func latestEntry(after text: String, where passes: (String) -> Bool) -> String? {
    let count = text.utf8.count
    return entries.last { $0.utf8.count > count && $0.utf8.starts(with: text.utf8) && passes($0) }
  }

  /// A warning for people that the file cannot be used, and why. It is given once; `nil` while all is well.
  public mutating func takeWarning() -> String? {
    defer { warning = nil }
    return warning
  }

  private mutating func trimIfGrown(_ storage: HistoryStorage) throws(HistoryStorageError) {
    if fileLineCount > Self.maxFileLines {
      fileLineCount = try storage.trim(toLines: Self.maxLoadedEntries)
    }
  }

  private mutating func giveUpFile(because reason: String) {
    storage = nil
    warning = "\(reason); what is typed is remembered only until this shell ends"
  }
}

/// An entry that is worth keeping, and its form in the file: one line, with `\` and newline escaped.
struct HistoryEntry {
  let text: String

  /// `nil` for an entry that is not kept.
  init?(_ text: String) {
    func isAllowed(_ scalar: Unicode.Scalar) -> Bool { !scalar.isControl || scalar == "\n" || scalar == "\t" }
    // Most entries are plain ASCII, which is told faster byte by byte.
    guard !text.utf8.starts(with: " ".utf8), !text.allSatisfy(\.isWhitespace),
      text.utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) || text.unicodeScalars.allSatisfy(isAllowed)
    else { return nil }
    self.text = text
  }

  /// `nil` for a line that no history wrote: broken UTF-8, control characters, blank.
  init?(fileLine: some Collection<UInt8>) {
    guard let line = String(validating: fileLine, as: UTF8.self) else { return nil }
    guard fileLine.contains(UInt8(ascii: "\\")) else {
      self.init(line)
      return
    }
    var text = String.UnicodeScalarView()
    var isEscaped = false
    for scalar in line.unicodeScalars {
      if isEscaped {
        text.append(scalar == "n" ? "\n" : scalar)
        isEscaped = false
      } else if scalar == "\\" {
        isEscaped = true
      } else {
        text.append(scalar)
      }
    }
    self.init(String(text))
  }

  var fileLine: String {
    var line = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": line += "\\\\"
      case "\n": line += "\\n"
      default: line.unicodeScalars.append(scalar)
      }
    }
    return line
  }
}
