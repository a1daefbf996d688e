import Foundation
import TestSupport
import Testing

@testable import Course
@testable import GradeReports

/// The pages for students and teachers in a browser.
@Suite(.whenThorough, .enabled(if: Browser.isInstalled, "only with Chromium"), .serialized) struct PageBrowserTests {
  private static let axe = FormatTests.folder.appending(path: "../../.build/axe/axe_playwright_python/axe.min.js")
    .standardizedFileURL.path()

  /// A picture as the program draws them, with something in it that would run in a page.
  private static let picture = """
    <svg xmlns="http://www.w3.org/2000/svg" width="90" height="60" viewBox="0 0 90 60"><title id="t">Map of a &amp; b</title>
    <desc id="d">p1 is on a.</desc><script>document.title = 1</script><rect width="40" height="40" onload="document.title = 2"/>
    </svg>
    """

  private static var pages: [(name: String, text: String)] {
    get throws {
      let exercise = try grade("@step out\nmigrate p1 c\nx\n")
      var student = exercise.asShownToStudent
      student.picture = picture
      var writer = ReportWriter(.summaryHTML, FormatTests.options)
      for report in try ClassSummaryTests.classroom { _ = try writer.text(adding: report) }
      let hostile = try GradeReport.hostile(
        "</main><script>document.title = 3</script><img src=x onerror=alert(1)>\u{1B}")
      return [
        ("student", StudentPage.text(of: student)), ("hostile", StudentPage.text(of: hostile)),
        ("fault", StudentPage.text(of: try .hostile("why", status: .crashed))), ("class", writer.end()),
      ]
    }
  }

  private static func open(
    _ text: String, width: Int = 1280, isDark: Bool = false, _ body: (BrowserPage) throws -> Void
  ) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "migsh-\(UUID().uuidString).html").path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    let page = try BrowserPage(try Browser(), file: path, width: width, isDark: isDark)
    try body(page)
    #expect(page.complaints.isEmpty, "\(page.complaints)")
    #expect(page.requests.allSatisfy { $0 == "file://\(path)" || $0.hasPrefix("data:image/svg+xml;base64,") })
  }

  @Test func nothingInAPageRuns() throws {
    for (name, text) in try Self.pages {
      try Self.open(text, width: 360) { page in
        let title = try page.text("document.title")
        #expect(title == (name == "class" || name == "student" ? "A journey & back" : title), "\(name)")
        #expect(!["1", "2", "3"].contains(title), "\(name)")
        #expect(try page.number("document.scripts.length") == 0)
        let wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        #expect(try page.number(wider) == 0, "\(name)")
      }
    }
  }

  @Test func thePictureIsShownAndTold() throws {
    let student = try #require(try Self.pages.first { $0.name == "student" })
    try Self.open(student.text) { (page) throws in
      #expect(try page.number("document.images[0].naturalWidth") == 90)
      #expect(try page.text("document.images[0].alt") == "Map of a & b")
      #expect(try page.text("document.querySelector('details pre').textContent") == "p1 is on a.")
    }
  }

  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: axe), "only with axe-core: Scripts/setup all"),
    arguments: [false, true], [360, 1280])
  func pagesAreAccessible(isDark: Bool, width: Int) throws {
    for (name, text) in try Self.pages {
      try Self.open(text, width: width, isDark: isDark) { page in
        try page.value(try String(contentsOfFile: Self.axe, encoding: .utf8))
        let found = try page.text(
          """
          axe.run().then(function (result) { return JSON.stringify(result.violations.map(function (one) {
          return [one.id, one.nodes.slice(0, 3).map(function (node) { return node.html.slice(0, 200); })]; })); })
          """)
        #expect(found == "[]", "\(name)")
      }
    }
  }
}
