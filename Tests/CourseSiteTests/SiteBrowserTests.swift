import Course
import Foundation
import Shell
import TestSupport
import Testing

@testable import CourseSite

/// The pages of the course in a browser.
@Suite(.whenThorough, .enabled(if: Browser.isInstalled, "only with Chromium"), .serialized)
struct SiteBrowserTests {
  /// The pages of the small course, with the handouts of the whole one.
  private static let site = Result { () throws -> [SitePage] in
    let course = try SmallCourse()
    let handouts = try String(contentsOfFile: shippedCourse + "/handouts.yaml", encoding: .utf8)
    let own = handouts.replacing(/lesson: [a-z-]+/, with: "lesson: pretransfer")
    course.directory.write(Array(own.utf8), to: "handouts.yaml")
    return try CourseSite.pages(of: try course.play(), as: .html)
  }

  private static func open<Result>(
    _ path: String, width: Int = 1280, isDark: Bool = false, runsScripts: Bool = true,
    _ body: (BrowserPage) throws -> Result
  ) throws -> Result {
    let browser = try Browser()
    let output = TemporaryDirectory()
    try CourseSite.write(try site.get(), to: output.path)
    let file = output.path + "/" + path
    let page = try BrowserPage(browser, file: file, width: width, isDark: isDark, runsScripts: runsScripts)
    let result = try body(page)
    #expect(page.complaints.isEmpty, "\(page.complaints)")
    #expect(page.requests == ["file://\(file)"])
    return result
  }

  private static let axe = ".build/axe/axe_playwright_python/axe.min.js"
  private static let pages = [
    "index.html", "lessons/pretransfer.html", "lessons/race.html", "handouts/on-reference.html", "slides.html",
  ]

  /// axe-core finds nothing that keeps people out, folded away or not.
  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: axe), "only with axe-core: Scripts/setup all"),
    arguments: pages, [false, true])
  func isAccessible(_ path: String, isDark: Bool) throws {
    try Self.open(path, isDark: isDark) { page in
      try page.value(try String(contentsOfFile: Self.axe, encoding: .utf8))
      for isUnfolded in [false, true] {
        try page.value("document.querySelectorAll('details').forEach(function (one) { one.open = \(isUnfolded); })")
        let found = try page.text(
          """
          axe.run().then(function (result) { return JSON.stringify(result.violations.map(function (one) {
          return [one.id, one.nodes.slice(0, 3).map(function (node) { return node.html.slice(0, 200); })]; })); })
          """)
        #expect(found == "[]")
      }
    }
  }

  @Test(arguments: pages) func nothingIsWiderThanANarrowWindow(_ path: String) throws {
    try Self.open(path, width: 360) { page in
      try page.value("document.querySelectorAll('details').forEach(function (one) { one.open = true; })")
      #expect(try page.number("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0)
    }
  }

  @Test func theSearchFindsSteps() throws {
    try Self.open("index.html") { page in
      func results(_ query: String) throws -> String {
        try page.text(
          """
          (function () { var query = document.getElementById('query'); query.value = '\(query)';
          query.dispatchEvent(new Event('input'));
          return document.getElementById('count').textContent + ' ' + Array.prototype.map.call(
          document.querySelectorAll('#results a'), function (one) { return one.getAttribute('href'); }).join(' '); })()
          """)
      }
      #expect(try page.text("String(document.getElementById('search').hidden)") == "false")
      #expect(
        try results("REDUND page")
          == "2 steps lessons/pretransfer.html#step-price lessons/pretransfer.html#step-size")
      #expect(try results("who moved briefly").contains("lessons/race.html#step-sort"))
      #expect(try results("zzz") == "Nothing has all of these words. ")
      #expect(try results("") == " ")
      // Enter in the field goes nowhere.
      try page.value("document.getElementById('query').focus()")
      try page.press("Enter", code: 13)
      #expect(try page.text("location.pathname").hasSuffix("/index.html"))
    }
  }

  @Test func withoutScriptsAllButTheSearchIsThere() throws {
    try Self.open("index.html", runsScripts: false) { page in
      let display = try page.text("getComputedStyle(document.getElementById('search')).display")
      #expect(display == "none")
      #expect(try page.number("document.querySelectorAll('a[href^=\"lessons/\"]').length") >= 3)
    }
    try Self.open("lessons/pretransfer.html", runsScripts: false) { page in
      let pictures = try page.number("document.querySelectorAll('svg').length")
      #expect(pictures == 3)
      let details = "document.querySelectorAll('details')[1]"
      #expect(try page.text("String(\(details).open)") == "false")
    }
  }

  /// With the keyboard one comes to the text, and opens what is folded away.
  @Test func keysAreEnough() throws {
    try Self.open("lessons/pretransfer.html") { page in
      try page.press("Tab", code: 9)
      #expect(try page.text("document.activeElement.textContent") == "Skip to the text")
      #expect(try page.number("document.activeElement.getBoundingClientRect().left") >= 0)
      try page.value("document.querySelector('summary').focus()")
      #expect(try page.text("getComputedStyle(document.activeElement).outlineStyle") == "solid")
    }
  }

  /// The pages of a document: each has an object of its own.
  private static func printed(_ page: BrowserPage) throws -> Int {
    let answer = try page.ask("Page.printToPDF", ["preferCSSPageSize": true, "printBackground": true])
    let data = try #require(Data(base64Encoded: answer["data"] as? String ?? ""))
    var count = 0
    var rest = data[...]
    while let found = rest.range(of: Data("/Type /Page".utf8)) {
      rest = rest[found.upperBound...]
      if rest.first != UInt8(ascii: "s") { count += 1 }
    }
    return count
  }

  @Test func everyHandoutIsOnePageOfPaper() throws {
    let files = try Self.site.get().map(\.path).filter { $0.hasPrefix("handouts/") && $0 != "handouts/index.html" }
    #expect(files.count >= 11)
    for file in files {
      let count = try Self.open(file) { page in try Self.printed(page) }
      #expect(count == 1, "\(file)")
    }
  }

  @Test func everySlideIsOnePageOfPaper() throws {
    try Self.open("slides.html") { page in
      let slides = try page.number("document.querySelectorAll('.slide').length")
      #expect(slides > 10)
      #expect(try Self.printed(page) == Int(slides))
    }
  }
}
