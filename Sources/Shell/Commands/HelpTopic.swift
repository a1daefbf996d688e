/// A page of help that a module above the shell adds.
public struct HelpTopic: Sendable {
  /// What is asked for: `help NAME`. Where a command has that name, the page comes behind that of the command.
  public let name: String
  /// Whether `help all` names it.
  let isListed: Bool
  /// The page, for a screen of that width; nil where there is none.
  let text: @Sendable (_ columns: Int?) -> String

  /// - Parameters:
  ///   - name: what is asked for.
  ///   - isListed: whether `help all` names it.
  ///   - text: the page, for a screen of that width.
  public init(name: String, isListed: Bool = true, text: @escaping @Sendable (_ columns: Int?) -> String) {
    (self.name, self.isListed, self.text) = (name, isListed, text)
  }
}

extension Session {
  /// Adds pages to those that `help` shows.
  public mutating func add(_ topics: [HelpTopic]) { helpTopics += topics }
}
