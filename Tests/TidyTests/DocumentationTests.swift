import Foundation
import Testing

/// Articles quote the comment at the head of a file, where the table of faults is. This test keeps the quotation equal
/// to the comment.
@Suite struct DocumentationTests {
  private static let begin = "<!-- quoted from "
  private static let end = "<!-- end of the quotation -->"
  static let articles = Repository.files(under: ["Sources"]) { $0.hasSuffix(".md") }

  @Test(arguments: articles) func whatIsQuotedIsWhatIsSaid(article: String) throws {
    let text = Repository.text(of: article)
    var lines: [String] = []
    var isQuoted = false
    for line in text.components(separatedBy: "\n") {
      if line == Self.end { isQuoted = false }
      if !isQuoted { lines.append(line) }
      guard line.hasPrefix(Self.begin) else { continue }
      isQuoted = true
      let path = String(line.dropFirst(Self.begin.count).prefix { $0 != " " })
      let quotation = headComment(of: path)
      #expect(
        !quotation.isEmpty,
        "\(article) quotes \(path), at the head of which nothing is said: name the file that says it now")
      lines += quotation
    }
    #expect(!isQuoted, "a quotation in \(article) does not end")
    let expected = lines.joined(separator: "\n")
    if ProcessInfo.processInfo.environment["MIGSH_REWRITE"] == "1" {
      try expected.write(to: Repository.root.appending(path: article), atomically: true, encoding: .utf8)
    }
    #expect(
      text == expected, "\(article) does not say what the file says that it quotes; MIGSH_REWRITE=1 writes it anew")
  }

  @Test func everyMechanismHasAPage() {
    let mechanisms = Repository.sources.filter { file in
      file.path.contains(/^Sources\/MigrationKernel\/(?:Transfer|Forwarding)\//)
        && file.code.contains { $0.contains(/^(?:struct|enum) \w+: (?:Transfer|Forwarding) \{/) }
    }
    #expect(mechanisms.count >= 10)
    let articles = Self.articles.map(Repository.text).joined()
    for file in mechanisms {
      #expect(articles.contains(Self.begin + file.path + " "), "no article quotes \(file.path)")
    }
  }

  @Test func everyPolicyIsOnAPage() {
    let policies = Repository.sources.filter { file in
      file.path.hasPrefix("Sources/MigrationKernel/Policy/")
        && file.code.contains {
          $0.contains(/^(?:struct|enum|extension) \w+: (?:NodeChooser|ProcessChooser|Initiator) \{/)
        }
    }
    #expect(policies.count >= 18)
    let articles = Self.articles.map(Repository.text).joined()
    for file in policies { #expect(articles.contains(Self.begin + file.path + " "), "no article quotes \(file.path)") }
  }

  /// The first documentation comment of a file, without its slashes.
  private func headComment(of path: String) -> [String] {
    Repository.text(of: path).components(separatedBy: "\n").drop { !$0.hasPrefix("///") }.prefix { $0.hasPrefix("///") }
      .map { String($0.dropFirst($0.hasPrefix("/// ") ? 4 : 3)) }
  }
}
