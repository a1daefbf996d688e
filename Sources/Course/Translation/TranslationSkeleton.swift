import CommandLanguage
import Shell

extension Lesson {
  /// A file for a translator: every key with the original above it as a comment, and room for the translation.
  ///
  /// - Parameter old: a translation that is begun. Its texts are kept, and so are their digests: what has changed since
  ///   stays marked. What stands under a key that the lesson does not have comes last.
  public func translationSkeleton(into language: LessonLanguage, keeping old: LessonTranslation? = nil) -> String {
    var text = """
      # \(title): the texts of the lesson `\(name)`.
      # Write each translation under its `text: |`, indented by four, on as many lines as you like.
      # What stands in `$( )` and behind `$` is filled in: keep it as it is, wherever your sentence needs it.
      # `of` tells whether the original has changed since. `migsh test` says what is missing, stale or unknown.
      language: \(language.code)

      """
    let texts = texts
    for item in texts {
      let kept = old?.entries.first { $0.key == item.key && !$0.text.isEmpty }
      text +=
        "\n"
        + item.original.split(separator: "\n", omittingEmptySubsequences: false).map { line in
          line.isEmpty ? "#\n" : "# \(line)\n"
        }
        .joined()
      text += Self.entry(item.key, of: kept.map(\.digest) ?? item.digest, kept?.text ?? "")
    }
    for entry in old?.entries ?? [] where !entry.text.isEmpty && !texts.contains(where: { $0.key == entry.key }) {
      text += "\n# The lesson has no such text any more.\n" + Self.entry(entry.key, of: entry.digest, entry.text)
    }
    return text
  }

  private static func entry(_ key: String, of digest: String?, _ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    // A first line that is indented would be taken for the indentation of all.
    let indent = text.first == " " ? "2" : ""
    return "\(key):\n" + (digest.map { "  of: \"\($0)\"\n" } ?? "") + "  text: |\(indent)\n"
      + (text.isEmpty ? "" : lines.map { $0.isEmpty ? "\n" : "    \($0)\n" }.joined())
  }
}
