import Course
import Glibc
import Shell

/// The files that a course is exported as.
package enum CourseSite {
  /// As what a course is exported.
  package enum Format: String, CaseIterable, Sendable {
    /// Pages with a search, and with handouts and slides where the course has them.
    case html
    /// A file for each lesson.
    case markdown
    /// A page of A4 for each mechanism.
    case handouts
    /// A slide for each picture.
    case slides
  }

  /// The pages, in the order of the course. The same course gives the same bytes.
  package static func pages(of course: PlayedCourse, as format: Format) throws(SiteError) -> [SitePage] {
    switch format {
    case .html:
      let index = IndexPage(
        course: course, handouts: course.handouts.map { ($0.name, $0.title) }, hasSlides: true)
      return [SitePage(path: "index.html", text: index.text)] + lessons(of: course)
        + handouts(of: course, hasLessons: true) + [slides(of: course)]
    case .markdown:
      let titles = course.titles
      return [SitePage(path: "README.md", text: IndexMarkdown(course: course).text)]
        + course.lessons.map {
          SitePage(path: "lessons/\($0.name).md", text: LessonMarkdown(lesson: $0, titles: titles).text)
        }
    case .handouts:
      guard !course.handouts.isEmpty else {
        throw SiteError(
          "migsh: the course has no handouts\n  they stand in handouts.yaml, beside its course.yaml: see the handouts that come with migsh"
        )
      }
      return handouts(of: course, hasLessons: false)
    case .slides: return [slides(of: course)]
    }
  }

  private static func slides(of course: PlayedCourse) -> SitePage {
    SitePage(path: "slides.html", text: SlidesPage(course: course).text)
  }

  private static func lessons(of course: PlayedCourse) -> [SitePage] {
    let titles = course.titles
    func neighbour(_ index: Int) -> (name: String, title: String)? {
      course.lessons.indices.contains(index) ? (course.lessons[index].name, course.lessons[index].title) : nil
    }
    return course.lessons.enumerated().map { index, lesson in
      let place = LessonPage.CoursePlace(
        course: course.title, previous: neighbour(index - 1), next: neighbour(index + 1), titles: titles)
      return SitePage(path: "lessons/\(lesson.name).html", text: LessonPage(lesson: lesson, place: place).text)
    }
  }

  private static func handouts(of course: PlayedCourse, hasLessons: Bool) -> [SitePage] {
    guard !course.handouts.isEmpty else { return [] }
    let titles = course.titles
    let pages = course.handouts.map { handout in
      SitePage(
        path: "handouts/\(handout.name).html",
        text: HandoutPage(
          handout: handout, course: course.title, lessonTitle: handout.lesson.flatMap { titles[$0] },
          hasLessons: hasLessons
        ).text)
    }
    let index = HandoutIndexPage(handouts: course.handouts, course: course.title)
    return [SitePage(path: "handouts/index.html", text: index.text)] + pages
  }

  /// A lesson alone, as the end of a file's name says.
  package static func text(of lesson: PlayedLesson, forFile path: String) throws(SiteError) -> String {
    if path.hasSuffix(".html") { return LessonPage(lesson: lesson, place: nil).text }
    if path.hasSuffix(".md") { return LessonMarkdown(lesson: lesson).text }
    throw SiteError(
      "migsh: the end of `\(path)` does not say what kind of file it is\n  expected: a name that ends in .html or .md")
  }

  /// Writes pages into a folder, which is made when there is none. Before anything is written, looks whether something is in the
  /// way: no file is replaced that this program has not made.
  package static func write(_ pages: [SitePage], to folder: String) throws(SiteError) {
    try makeFolder(folder)
    for page in pages { try Files.mayReplace("\(folder)/\(page.path)") }
    for page in pages {
      if let end = page.path.lastIndex(of: "/") { try makeFolder("\(folder)/\(page.path[..<end])") }
      try Files.write(page.text, to: "\(folder)/\(page.path)")
    }
  }

  /// Writes a lesson alone.
  package static func write(_ text: String, toFile path: String) throws(SiteError) {
    try Files.mayReplace(path)
    try Files.write(text, to: path)
  }

  private static func makeFolder(_ path: String) throws(SiteError) {
    if isFolder(path) { return }
    guard !Files.exists(path) else {
      throw SiteError(
        "migsh: `\(path)` is a file, and pages need a folder\n  name another one")
    }
    guard mkdir(path, 0o777) == 0 else {
      let error = FileError(path: path, code: errno)
      throw SiteError(
        "migsh: the folder `\(path)` cannot be made: \(error)\n  name one in a folder that exists, and that you may write to"
      )
    }
  }
}

/// What the pages need of the file system.
enum Files {
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Looks whether a file may be written: there is none, or this program has made it.
  static func mayReplace(_ path: String) throws(SiteError) {
    guard exists(path) else { return }
    guard !isFolder(path) else {
      throw SiteError(
        "migsh: `\(path)` is a folder, and a page should go there\n  name another folder, or rename this one")
    }
    let head = (try? readFile(path, limit: 4096)) ?? []
    let text = String(decoding: head.prefix(4096), as: UTF8.self)
    guard text.contains(PageFrame.mark) || text.hasPrefix(LessonMarkdown.mark) else {
      throw SiteError(
        "migsh: `\(path)` is there already, and migsh has not made it\n  name another folder or file, or move this one away"
      )
    }
  }

  static func write(_ text: String, to path: String) throws(SiteError) {
    do { try writeFile(text, to: path) } catch {
      throw SiteError("migsh: `\(path)` cannot be written: \(error)\n  name a folder that you may write to")
    }
  }
}
