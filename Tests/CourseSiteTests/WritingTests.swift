import CommandLanguage
import Course
import Foundation
import Shell
import TestSupport
import Testing

@testable import CourseSite

/// What goes wrong, and what is said then.
@Suite struct WritingTests {
  private let output = TemporaryDirectory()
  private let page = SitePage(path: "lessons/x.html", text: PageFrame(title: "x").page("<h1>x</h1>\n"))

  private func message(_ pages: [SitePage], _ folder: String) -> String? {
    do throws(SiteError) {
      try CourseSite.write(pages, to: folder)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func pagesOfOursAreReplaced() throws {
    let folder = output.path + "/site"
    #expect(message([page], folder) == nil)
    let other = SitePage(path: page.path, text: page.text.replacing("<h1>x", with: "<h1>y"))
    #expect(message([other], folder) == nil)
    #expect(String(decoding: contents(of: folder + "/lessons/x.html"), as: UTF8.self) == other.text)
    #expect(message([SitePage(path: "x.md", text: LessonMarkdown.mark + "\n")], folder) == nil)
    #expect(message([SitePage(path: "x.md", text: LessonMarkdown.mark + "\n\n")], folder) == nil)
  }

  /// Nothing is replaced that somebody else has made, and then nothing else is written.
  @Test func filesOfOthersStay() throws {
    output.write(Array("mine".utf8), to: "index.html")
    let pages = [SitePage(path: "slides.html", text: page.text), SitePage(path: "index.html", text: page.text)]
    let text = try #require(message(pages, output.path))
    #expect(text.contains("/index.html` is there already, and migsh has not made it\n  name another folder"))
    #expect(contents(of: output.path + "/index.html") == Array("mine".utf8))
    #expect(!FileManager.default.fileExists(atPath: output.path + "/slides.html"))
  }

  @Test func whatIsInTheWayIsNamed() throws {
    output.write([], to: "file")
    let file = try #require(message([page], output.path + "/file"))
    #expect(file.contains("/file` is a file, and pages need a folder\n  name another"))
    let deep = try #require(message([page], output.path + "/none/deep"))
    #expect(deep.contains("cannot be made: no such file or directory\n  name one in a folder that exists"))
    let system = try #require(message([page], "/proc/migsh-site"))
    #expect(system.contains("`/proc/migsh-site` cannot be made: "))
    output.write([], to: "lessons")
    let lessons = try #require(message([page], output.path))
    #expect(lessons.contains("/lessons` is a file"))
    mkdir(output.path + "/slides.html", 0o700)
    let folder = try #require(message([SitePage(path: "slides.html", text: page.text)], output.path))
    #expect(folder.contains("/slides.html` is a folder, and a page should go there"))
  }

  // MARK: - Courses that cannot be shown

  @Test func aLessonThatFailsIsNamed() throws {
    let text = """
      @lesson one "One"
      @setup
      node add a b
      spawn p1 --on a
      @step s
      @check at p1.node == b "p1 should be on b"
      @solution
      run 10ms
      """
    let failed = #expect(throws: PlayedLesson.Failure.self) { try lesson(text).recorded() }
    #expect(failed?.status == .failed)
    #expect(failed?.description.contains("the solution does not pass `at`: p1 should be on b") == true)
    #expect(failed?.description.contains("`migsh test` says more") == true)
    let refused = #expect(throws: PlayedLesson.Failure.self) {
      try lesson(text.replacing("run 10ms", with: "migrate p1 a")).recorded()
    }
    #expect(refused?.status == .refused && refused?.description.contains("lesson:8:") == true)
    let setup = #expect(throws: PlayedLesson.Failure.self) {
      try lesson(text.replacing("node add a b", with: "node add a b\nfail a a")).recorded()
    }
    #expect(setup?.status != .success)
    let file = #expect(throws: PlayedLesson.Failure.self) {
      try lesson(text.replacing("run 10ms", with: "timeline --to x.txt")).recorded()
    }
    #expect(file?.description.contains("no file may be written here") == true)
    let interrupted = #expect(throws: PlayedLesson.Failure.self) {
      try lesson(text).recorded(isInterrupted: { true })
    }
    #expect(interrupted?.status == .interrupted)
  }

  @Test func aFolderWithoutACourseIsNamed() throws {
    let error = #expect(throws: SiteError.self) { try CourseSource(folder: output.path) }
    #expect(error?.description.contains("cannot be read: no such file or directory\n  `--lessons FOLDER`") == true)
  }

  private func handout(_ text: String) throws -> Handout {
    let book = try HandoutBook(parsing: SourceText(name: "handouts.yaml", text: text))
    return try #require(book.handouts.first)
  }

  @Test(arguments: [
    ("title: Total freezing", "titel: x", "has a part `titel`, which there is not; did you mean `title`?"),
    ("    price: It sent $(p1.migration.pagesSent) pages.\n", "", "has no `price`"),
    ("title: Total freezing", "title: [x]", "has no text for `title`"),
    ("  freezing:", "  ../x:", "needs a name of the letters a to z and `-`"),
    ("handouts:", "pages:", "it has no `handouts`, each with its name"),
  ])
  func mistakesInHandoutsAreNamed(_ part: String, _ other: String, _ mistake: String) throws {
    let text = SmallCourse.handouts.replacing(part, with: other)
    #expect(text != SmallCourse.handouts)
    let error = #expect(throws: CourseOutline.Mistake.self) { try handout(text) }
    #expect(error?.description.contains(mistake) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: [
    ("migrate p1 b", "migrate p1 c", "handouts.yaml, freezing, script:3:12: error: "),
    ("picture: timeline", "picture: ps", "this draws no picture\n  ps\n  ^~\n  expected `timeline`"),
    ("$(p1.migration.pagesSent)", "$(p2.pages)", "handouts.yaml, freezing, price:1:"),
  ])
  func handoutsThatFailAreNamed(_ part: String, _ other: String, _ mistake: String) throws {
    let played = try handout(SmallCourse.handouts.replacing(part, with: other))
    let error = #expect(throws: PlayedLesson.Failure.self) { try played.played() }
    #expect(error?.description.contains(mistake) == true, "\(error?.description ?? "")")
  }

  @Test func aHandoutNamesALessonOfTheCourse() throws {
    let course = try SmallCourse()
    let text = SmallCourse.handouts.replacing("lesson: pretransfer", with: "lesson: pretransfers")
    course.directory.write(Array(text.utf8), to: "handouts.yaml")
    let error = #expect(throws: SiteError.self) { try CourseSource(folder: course.folder) }
    #expect(error?.description.contains("names the lesson `pretransfers`, which there is not; did you mean") == true)
  }

  @Test func aHandoutHasItsNumbers() throws {
    let played = try handout(SmallCourse.handouts).played()
    #expect(played.parts.map(\.heading) == Handout.partNames.map(\.heading))
    #expect(played.parts[1].text == ["**time = pages ÷ rate**", "", "Measured: 35.86 ms.", ""])
    #expect(played.parts[2].text == ["It sent 100 pages."])
    #expect(played.picture.title.hasPrefix("timeline from 0 ns"))
  }

  @Test func aCourseWithoutHandoutsSaysSo() throws {
    let course = try SmallCourse()
    unlink(course.folder + "/handouts.yaml")
    let played = try course.play()
    let error = #expect(throws: SiteError.self) { try CourseSite.pages(of: played, as: .handouts) }
    #expect(error?.description.contains("handouts.yaml") == true)
    #expect(try CourseSite.pages(of: played, as: .html).map(\.path).contains("handouts/index.html") == false)
  }
}
