import Glibc

/// The folder in which a user's shells keep what they share.
public enum StateFolder {
  /// The path of a file there: below `$XDG_STATE_HOME/migsh`, by default below `~/.local/state/migsh`.
  ///
  /// - Returns: nil when neither variable names a folder.
  public static func path(of name: String) -> String? {
    func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    return path(of: name, stateHome: variable("XDG_STATE_HOME"), home: variable("HOME"))
  }

  static func path(of name: String, stateHome: String?, home: String?) -> String? {
    // The XDG specification says to ignore a relative path in these variables.
    if let stateHome, stateHome.hasPrefix("/") { return "\(stateHome)/migsh/\(name)" }
    if let home, home.hasPrefix("/") { return "\(home)/.local/state/migsh/\(name)" }
    return nil
  }
}
