import CommandLanguage
import Course
import Foundation
import Shell
import TestSupport
import Testing

@testable import CourseSite

@Suite struct CourseSiteTests {
  private static let small = Result { () throws -> [SitePage] in
    try CourseSite.pages(of: try SmallCourse().play(), as: .html)
  }

  @Test func everyPageIsThereAndWellFormed() throws {
    let output = TemporaryDirectory()
    let pages = try Self.small.get()
    #expect(
      pages.map(\.path) == [
        "index.html", "lessons/pretransfer.html", "lessons/race.html", "handouts/index.html", "handouts/freezing.html",
        "slides.html",
      ])
    try CourseSite.write(pages, to: output.path + "/site")
    #expect(try problems(in: output.path + "/site", lessons: ["pretransfer", "race"]) == "")
  }

  /// The checker of pages finds what is wrong.
  @Test func badPagesAreFound() throws {
    let output = TemporaryDirectory()
    let page = """
      <!DOCTYPE html>
      <html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body><main><h1 id="a">x</h1><h3 id="a">y</h3>
      <a href="none.html">z</a><a href="#b">z</a><a href="https://example.org/">z</a><p onclick="x">z</p></main></body></html>
      """
    output.write(Array(page.utf8), to: "index.html")
    output.write(Array("<!DOCTYPE html>\n<p>".utf8), to: "broken.html")
    let found = try problems(in: output.path, lessons: ["race"])
    for problem in [
      "identifier a is there twice", "after a heading of level 1", "none.html leads nowhere", "#b leads to no place",
      "https://example.org/ leads out", "has onclick", "broken.html: ", "the lesson race has no page",
    ] {
      #expect(found.contains(problem), "\(found)")
    }
  }

  @Test func aSecondExportHasTheSameBytes() throws {
    let course = try SmallCourse()
    for format in CourseSite.Format.allCases {
      let first = try CourseSite.pages(of: try course.play(), as: format)
      #expect(try CourseSite.pages(of: try course.play(), as: format) == first)
    }
    #expect(try CourseSite.pages(of: try course.play(), as: .html) == Self.small.get())
  }

  @Test func aLessonShowsWhatTheEngineSays() throws {
    let page = try Self.small.get().page("lessons/pretransfer.html")
    // What the engine prints in the middle of the range, in a command's output and in prose.
    #expect(page.contains("migration 2: p1 from a to b, pretransfer, completed"))
    #expect(page.contains("<code>p1</code>, with 384 pages. Every 1 ms it writes to one of them"))
    #expect(page.contains("<strong>Pre-transfer</strong>"))
    // The pictures of `rounds`, and the same in words and in characters.
    #expect(page.matches(of: /The same in words/).count == 3)
    #expect(page.contains("<summary>The same in words</summary>\n<ul>\n<li>Round 1"))
    #expect(page.matches(of: #/<svg /#).count == 3)
    #expect(page.matches(of: /The same in characters/).count == 3)
    #expect(page.contains("<pre class=\"command\"><code>rounds</code></pre>\n<figure"))
    // Hints inside each other, answers, replies, checks with their verdicts.
    #expect(page.contains("<summary>Hint 1 of 2</summary>") && page.contains("<summary>Hint 2 of 2</summary>"))
    #expect(page.contains("<summary>Answer</summary>\n<p>shorter</p>\n<p>If you said <em>equally long</em>:</p>"))
    #expect(page.contains("<p>If you said <em>fewer</em> or <em>as many</em>:</p>\n<p>It writes to more pages"))
    #expect(page.contains("<span class=\"passed\">passed</span> <code>at</code>: p1 should be on b"))
    #expect(page.contains("href=\"race.html\" rel=\"next\"") && !page.contains("rel=\"prev\""))
  }

  /// What a student must find out is not on the page of an exercise.
  @Test func anExerciseKeepsItsSolution() throws {
    let course = try SmallCourse()
    let source = try CourseSource(folder: course.folder)
    let exercise = try #require(source.lessons.last).recorded()
    #expect(exercise.isExercise && exercise.steps[0].solution.entries.count == 3)
    let pages = try Self.small.get()
    let html = try pages.page("lessons/race.html")
    let markdown = LessonMarkdown(lesson: exercise).text
    for page in [html, markdown] {
      #expect(page.contains("Move all three to") && page.contains("Hint 2 of 3") && page.contains("700"))
      for secret in [
        "migrate ", "set-up", "Answer", "ash should", "no page of", "corner", "gains nothing", "Its stop of",
      ] {
        #expect(!page.contains(secret), "\(secret)")
      }
    }
    #expect(html.contains("all three should be on b") && html.contains("<li>3 more checks</li>"))
    // Nor does the search know it.
    #expect(!(try pages.page("index.html")).contains("could not be made shorter"))
  }

  @Test func theIndexNamesLessonsExercisesAndStatements() throws {
    let page = try Self.small.get().page("index.html")
    #expect(page.contains("1 lesson, about 16 minutes together, and 1 exercise."))
    #expect(
      page.contains("<a href=\"lessons/pretransfer.html\">Pre-transfer</a> <span class=\"small\">16 minutes</span>"))
    #expect(page.contains("<li>Exercise: <a href=\"lessons/race.html\">"))
    #expect(page.contains("<a href=\"lessons/pretransfer.html#step-move\">pretransfer/move</a>"))
    #expect(page.contains("<li value=\"99\">This is taught nowhere.</li>"))
    #expect(page.contains("<a href=\"handouts/freezing.html\">Total freezing</a>"))
  }

  @Test func markdownHasTheSameContent() throws {
    let pages = try CourseSite.pages(of: try SmallCourse().play(), as: .markdown)
    #expect(pages.map(\.path) == ["README.md", "lessons/pretransfer.md", "lessons/race.md"])
    let page = try pages.page("lessons/pretransfer.md")
    #expect(page.hasPrefix("<!-- made by migsh course export -->\n\n# Pre-transfer\n"))
    #expect(page.contains("> migrate p1 a --pretransfer\n") && page.contains("round 1"))
    #expect(page.contains("<summary>Answer</summary>\n\nshorter\n"))
    #expect(page.contains("- passed: `at`: p1 should be on b"))
    #expect(try pages.page("README.md").contains("1. [Pre-transfer](lessons/pretransfer.md), 16 minutes. You can say"))
  }

  @Test func slidesHaveAPictureATitleAndASentenceEach() throws {
    let page = try Self.small.get().page("slides.html")
    #expect(page.matches(of: /<section class="slide"/).count == 4)
    #expect(page.matches(of: #/<svg /#).count == 4)
    #expect(page.contains("<h2 id=\"slide1\">1. Pre-transfer (rounds): "))
    #expect(page.matches(of: #/<li><a href="#slide[0-9]">/#).count == 4)
    #expect(page.contains("<p>Round 1 "))
    #expect(page.contains("A small course, 4 of 4"))
  }

  /// A page's policy names the script that stands in it.
  @Test func thePolicyAllowsTheSearchAndNothingElse() throws {
    let directory = TemporaryDirectory()
    directory.write(Array(SearchScript.text.utf8), to: "script")
    let text = try run("/usr/bin/sha256sum", [directory.path + "/script"]).output
    let bytes = stride(from: 0, to: 64, by: 2).compactMap { UInt8(text.dropFirst($0).prefix(2), radix: 16) }
    #expect(SearchScript.digest == Data(bytes).base64EncodedString())
    for page in try Self.small.get() {
      #expect(page.text.contains("script-src 'sha256-\(SearchScript.digest)'") == (page.path == "index.html"))
    }
  }

  /// All of the course that comes with migsh.
  @Test(.whenThorough) func theShippedCourseHasAllItsPages() throws {
    let source = try CourseSource(folder: shippedCourse)
    let output = TemporaryDirectory()
    let course = try source.play()
    try CourseSite.write(try CourseSite.pages(of: course, as: .html), to: output.path + "/site")
    #expect(try problems(in: output.path + "/site", lessons: source.lessons.map(\.name)) == "")
    #expect(course.handouts.count >= 11)
    for lesson in course.lessons where !lesson.isExercise { #expect(lesson.goal != nil) }
  }
}
