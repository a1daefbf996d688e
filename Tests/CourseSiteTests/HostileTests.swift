import CommandLanguage
import Course
import Foundation
import Shell
import Testing

@testable import CourseSite

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Whatever a lesson holds, on its page it is text.
@Suite struct HostileTests {
  private static let attack = #"</pre></style></title><script>alert(1)</script><img src=x onerror="alert(2)"/>'&amp;"#

  private static func text(isExercise: Bool) -> String {
    """
    @lesson hostile "\(attack.replacing("\"", with: "\\\""))"
    @goal "You can \(attack.replacing("\"", with: "\\\""))." minutes 5
    | \(attack) `\(attack)` **\(attack)**
    |     \(attack)
    @setup
    node add a b
    spawn p1 --on a
    say '\(attack.replacing("'", with: ""))'
    @ask q choice "\(attack.replacing("\"", with: "\\\""))" "\(attack.replacing("\"", with: "\\\""))" "other"
    @answer "other"
    @if $q != "other" | \(attack)
    @step s \(isExercise ? "points 2" : "")
    | - \(attack)
    @check c p1.node == b "\(attack.replacing("\"", with: "\\\""))"
    @forbid node-failed
    @hint \(attack)
    @hint more
    @solution
    say '```<script>\(attack.replacing("'", with: ""))'
    migrate p1 b
    timeline
    @explain \(attack)
    """
  }

  /// The elements of a page, and the attributes of all.
  private final class Reader: NSObject, XMLParserDelegate {
    var names: Set<String> = []
    var attributes: Set<String> = []
    var texts = ""
    private(set) var isWhole = false

    init(_ page: String) {
      super.init()
      let parser = XMLParser(data: Data(page.replacing("<!DOCTYPE html>\n", with: "").utf8))
      parser.delegate = self
      isWhole = parser.parse()
    }

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      names.insert(name)
      self.attributes.formUnion(attributes.keys)
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) { texts += text }
  }

  @Test(arguments: [false, true]) func pagesHoldNoScript(isExercise: Bool) throws {
    let played = try lesson(Self.text(isExercise: isExercise)).recorded()
    let place = LessonPage.CoursePlace(
      course: Self.attack, previous: ("one", Self.attack), next: ("two", Self.attack), titles: [:])
    for page in [LessonPage(lesson: played, place: place).text, LessonPage(lesson: played, place: nil).text] {
      let reader = Reader(page)
      #expect(reader.isWhole)
      #expect(reader.names.isDisjoint(with: ["script", "img"]))
      #expect(!reader.attributes.contains { $0.hasPrefix("on") || $0 == "src" })
      #expect(reader.texts.contains(Self.attack))
      #expect(page.contains("default-src 'none'") && !page.contains("script-src"))
    }
  }

  @Test func theIndexOfTheSearchEndsNoScript() throws {
    let played = try lesson(Self.text(isExercise: false)).recorded()
    let course = PlayedCourse(
      title: Self.attack, lessons: [played], statements: [], handouts: [], underLessons: [], titles: [:])
    let page = IndexPage(course: course).text
    let reader = Reader(page)
    #expect(reader.isWhole && !reader.names.contains("img"))
    #expect(page.matches(of: /<script/).count == 2 && page.matches(of: /<\/script/).count == 2)
    let data = try #require(page.firstMatch(of: /id="data">([^<]*)</)?.1)
    let entries = try JSONSerialization.jsonObject(with: Data(data.utf8)) as? [[String: String]]
    #expect(entries?.map(\.["title"]) == [Self.attack])
  }

  /// Outside fences and code there is no tag but those that fold something away.
  @Test(arguments: [false, true]) func markdownHoldsNoMarkup(isExercise: Bool) throws {
    let played = try lesson(Self.text(isExercise: isExercise)).recorded()
    var fence: Substring?
    var lines: [Substring] = []
    for line in LessonMarkdown(lesson: played).text.split(separator: "\n") {
      let start = line.prefix { $0 == "`" }
      if let open = fence {
        if line == open { fence = nil }
      } else if start.count >= 3 {
        fence = start
      } else {
        lines.append(line)
      }
    }
    #expect(fence == nil)
    for line in lines.dropFirst() {
      let plain = String(line).replacing(/`[^`]*`/, with: "").replacing(/<\/?(details|summary)>/, with: "")
      #expect(!plain.contains("<"), "\(line)")
    }
  }
}
