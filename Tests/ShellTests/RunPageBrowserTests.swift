import CommandLanguage
import Foundation
import TestSupport
import Testing

@testable import Shell

/// The page about a run in a browser.
@Suite(.whenThorough, .enabled(if: Browser.isInstalled, "only with Chromium"), .serialized)
struct RunPageBrowserTests {
  private static let scene = """
    node add a b c
    program talk { print "</script><script>document.title = 1</script><!-- \u{2028} & \\"" repeat { write 0..7 compute 2ms } }
    spawn p1 --on a --pages 200 --program hot
    spawn q --on b --program echo
    spawn r --on c --program pinger --set peer=q --count 2
    spawn s --on a --pages 100 --program scan
    spawn t --on c --program talk
    run 20ms
    migrate p1 b --pretransfer
    run 30ms
    partition a,b c
    run 400ms
    heal
    migrate s c --on-reference
    run 100ms
    fail b
    run 200ms
    recover b
    run 100ms
    """

  /// Opens the page about the scene.
  private static func page<Result>(
    _ browser: Browser, width: Int = 1280, isDark: Bool = false, runsScripts: Bool = true, isStill: Bool = false,
    _ body: (BrowserPage, Session) throws -> Result
  ) throws -> Result {
    let session = PictureTests.session(scene)
    let path = FileManager.default.temporaryDirectory.appending(path: "migsh-\(UUID().uuidString).html").path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    try ExportTests.file("report", ".html", in: session).write(toFile: path, atomically: true, encoding: .utf8)
    let page = try BrowserPage(
      browser, file: path, width: width, isDark: isDark, runsScripts: runsScripts, isStill: isStill)
    let result = try body(page, session)
    #expect(page.complaints.isEmpty, "\(page.complaints)")
    #expect(page.requests == ["file://\(path)"])
    return result
  }

  /// What the page shows of one instant.
  private struct Moment: Equatable {
    let line: Double
    let map: String
    let memory: String
    let event: String

    init(_ page: BrowserPage) throws {
      line = try page.number("Number(document.querySelector('svg[data-plot] .here').getAttribute('x1'))")
      map = try page.text(
        "document.getElementById('islands').textContent + document.getElementById('cuts').textContent")
      memory = try page.text(
        "document.getElementById('pages-text').textContent + document.getElementById('pages').innerHTML")
      event = try page.text("(document.querySelector('#events [aria-current]') || {}).textContent || ''")
    }
  }

  @Test func keysMoveEverythingTogether() throws {
    let browser = try Browser()
    try Self.page(browser) { page, session in
      try page.value("document.getElementById('slider').focus()")
      #expect(try page.text("getComputedStyle(document.activeElement).outlineStyle") == "solid")
      let end = try Moment(page)
      #expect(end.map.contains("c 4 processes") && end.memory.contains("p1 is lost."))
      try page.press("Home", code: 36)
      let start = try Moment(page)
      #expect(start.line < end.line && start.event != end.event)
      #expect(start.memory.contains("p1 on a: ") || start.memory.contains("p1 on a, active: "))
      // Once for each thousandth of the run.
      for _ in 0..<60 { try page.press("ArrowRight", code: 39) }
      let moving = try Moment(page)
      #expect(moving.line > start.line && moving.map.contains("p1: active moving"))
      #expect(moving.memory.contains("16 not empty") && moving.memory.contains("<path"))
      #expect(try page.text("document.getElementById('slider').getAttribute('aria-valuetext')").hasSuffix("ms"))
      for _ in 0..<240 { try page.press("ArrowRight", code: 39) }
      let parted = try Moment(page)
      #expect(parted.map.contains("part 1 of 2") && parted.map.contains("Between two parts every line is cut."))
      #expect(parted.memory.contains("p1 on b"))
      for _ in 0..<240 { try page.press("ArrowLeft", code: 37) }
      #expect(try Moment(page) == moving)
      try page.press("End", code: 35)
      #expect(try Moment(page) == end)
      let title = try page.text("document.title")
      #expect(title == "A run of migsh up to \(formatTime(session.state.world.now))")
    }
  }

  @Test func buttonsGoFromEventToEvent() throws {
    let browser = try Browser()
    try Self.page(browser) { page, session in
      try page.value("document.getElementById('slider').focus()")
      try page.press("Home", code: 36)
      for _ in 0..<3 { try page.value("document.getElementById('next').click()") }
      let times = session.state.world.log.entries.map(\.time)
      let third = Array(Set(times)).sorted()[3]
      #expect(try page.text("document.getElementById('clock').textContent") == formatTime(third))
      try page.value("document.getElementById('back').click()")
      #expect(
        try page.text("document.getElementById('clock').textContent") == formatTime(Array(Set(times)).sorted()[2]))
      // Whoever chooses another process sees its pages.
      let before = try Moment(page)
      try page.value(
        """
        (function () { var list = document.getElementById('process');
        list.selectedIndex = Array.prototype.findIndex.call(list.options, function (one) { return one.text === 's'; });
        list.dispatchEvent(new Event('change')); })()
        """)
      let after = try Moment(page)
      #expect(after.memory.contains("s on a") && before.memory != after.memory)
    }
  }

  @Test(arguments: [false, true]) func playsUntilItIsStopped(isStill: Bool) throws {
    let browser = try Browser()
    try Self.page(browser, isStill: isStill) { page, _ in
      let script = """
        new Promise(function (done) {
          var slider = document.getElementById('slider'), play = document.getElementById('play'), seen = [];
          slider.value = 100; slider.dispatchEvent(new Event('input'));
          play.click(); var text = play.textContent;
          var timer = setInterval(function () { seen.push(slider.value); }, 20);
          setTimeout(function () { clearInterval(timer); play.click(); done([text, play.textContent, new Set(seen).size]); }, 1500);
        })
        """
      let answer = try #require(try page.value(script) as? [Any])
      #expect(answer.prefix(2).map { "\($0)" } == ["Pause", "Play"])
      let steps = (answer[2] as? NSNumber)?.intValue ?? 0
      // Without motion it goes in steps of a second.
      #expect(isStill ? (1...3).contains(steps) : steps > 10, "\(steps)")
    }
  }

  @Test(arguments: [360, 1280]) func nothingIsWiderThanTheWindow(_ width: Int) throws {
    let browser = try Browser()
    try Self.page(browser, width: width) { page, _ in
      #expect(try page.number("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0)
      try page.value("document.getElementById('slider').focus()")
      try page.press("Home", code: 36)
      #expect(try page.number("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0)
    }
  }

  @Test func withoutScriptsPicturesAndTablesAreThere() throws {
    let browser = try Browser()
    try Self.page(browser, runsScripts: false) { page, _ in
      let pictures = try page.number("document.querySelectorAll('svg').length")
      #expect(pictures >= 6)
      #expect(try page.number("document.querySelectorAll('table').length") >= 6)
      #expect(try page.text("getComputedStyle(document.getElementById('controls')).display") == "none")
      #expect(try page.text("document.getElementById('no-script').textContent").contains("With JavaScript"))
    }
  }

  private static let axe = ".build/axe/axe_playwright_python/axe.min.js"

  /// axe-core finds nothing that keeps people out.
  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: axe), "only with axe-core: Scripts/setup all"),
    arguments: [false, true], [360, 1280])
  func isAccessible(isDark: Bool, width: Int) throws {
    let browser = try Browser()
    try Self.page(browser, width: width, isDark: isDark) { page, _ in
      try page.value(try String(contentsOfFile: Self.axe, encoding: .utf8))
      for place in [0, 60, 300, 1000] {
        try page.value(
          """
          (function () { var slider = document.getElementById('slider');
          slider.value = \(place); slider.dispatchEvent(new Event('input')); })()
          """)
        let found = try page.text(
          """
          axe.run().then(function (result) { return JSON.stringify(result.violations.map(function (one) {
          return [one.id, one.nodes.slice(0, 3).map(function (node) { return node.html.slice(0, 200); })]; })); })
          """)
        #expect(found == "[]", "at \(place)")
      }
    }
  }
}
