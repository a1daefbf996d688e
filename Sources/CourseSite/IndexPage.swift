import Course
import Shell

/// The first page of the site: the lessons in order, and what the course teaches.
struct IndexPage {
  let course: PlayedCourse
  /// Handouts with their titles, and whether there are slides, when these are part of the site.
  var handouts: [(name: String, title: String)] = []
  var hasSlides = false

  var text: String {
    let body = """
      <h1>\(HTML.text(course.title))</h1>
      <p>\(HTML.text(summary)) Whatever a command shows here, the engine has printed when this page was made.</p>
      \(search)<h2 id="lessons">Lessons</h2>
      <ol class="lessons">
      \(groups.map(entry).joined())</ol>
      \(onPaper)\(statements)
      """
    return PageFrame(
      title: course.title,
      script: (SearchScript.text, SearchScript.digest, SearchIndex(course).text)
    ).page(body)
  }

  private var summary: String {
    let lessons = course.lessons.filter { !$0.isExercise }
    let minutes = lessons.reduce(0) { $0 + ($1.minutes ?? 0) }
    let whole = minutes < 60 ? counted(minutes, "minute") : counted((minutes + 30) / 60, "hour")
    let time = minutes > 0 ? ", about \(whole) together" : ""
    return
      "\(counted(lessons.count, "lesson"))\(time), and \(counted(course.lessons.count - lessons.count, "exercise"))."
  }

  private var search: String {
    """
    <form id="search" role="search" hidden="hidden">
    <h2><label for="query">Search</label></h2>
    <p><input id="query" type="search" autocomplete="off" placeholder="dirty page"/></p>
    <p id="count" role="status"></p>
    <ol id="results"></ol>
    </form>

    """
  }

  // MARK: - Lessons

  /// A lesson, and the exercises that follow it.
  private var groups: [(head: PlayedLesson, exercises: [PlayedLesson])] {
    var groups: [(head: PlayedLesson, exercises: [PlayedLesson])] = []
    for lesson in course.lessons {
      if course.isUnderLesson(lesson), !groups.isEmpty {
        groups[groups.count - 1].exercises.append(lesson)
      } else {
        groups.append((lesson, []))
      }
    }
    return groups
  }

  private func entry(_ head: PlayedLesson, _ exercises: [PlayedLesson]) -> String {
    let minutes = head.minutes.map { " <span class=\"small\">\(counted($0, "minute"))</span>" } ?? ""
    let goal = head.goal.map { "<br/>\(HTML.line($0))" } ?? ""
    let list = exercises.isEmpty ? "" : "<ul>\n\(exercises.map(exercise).joined())</ul>\n"
    return "<li>\(link(head))\(minutes)\(goal)\n\(list)</li>\n"
  }

  private func exercise(_ lesson: PlayedLesson) -> String {
    let points = lesson.isExercise ? ", \(counted(lesson.points, "point"))" : ""
    return "<li>Exercise: \(link(lesson))<span class=\"small\">\(points)</span></li>\n"
  }

  private func link(_ lesson: PlayedLesson) -> String {
    HTML.link(lesson.title, to: "lessons/\(lesson.name).html")
  }

  // MARK: - What is taught, and what is on paper

  private var onPaper: String {
    guard !handouts.isEmpty || hasSlides else { return "" }
    let items = handouts.map { "<li>\(HTML.link($0.title, to: "handouts/\($0.name).html"))</li>\n" }
    let slides = hasSlides ? "<p>\(HTML.link("A slide for each picture", to: "slides.html"))</p>\n" : ""
    let list = items.isEmpty ? "" : "<p>One page of A4 for each mechanism:</p>\n<ul>\n\(items.joined())</ul>\n"
    return "<h2 id=\"paper\">To print and to show</h2>\n\(list)\(slides)"
  }

  private var statements: String {
    guard !course.statements.isEmpty else { return "" }
    let items = course.statements.map { entry in
      let steps = entry.steps.map { step -> String in
        let parts = step.split(separator: "/", maxSplits: 1).map(String.init)
        let anchor = parts.count > 1 ? "#\(LessonPage.anchor(parts[1]))" : ""
        return HTML.link(step, to: "lessons/\(parts.first ?? step).html\(anchor)")
      }
      let taught = steps.isEmpty ? "" : "<br/><span class=\"small\">\(steps.joined(separator: ", "))</span>"
      return "<li value=\"\(entry.number)\">\(HTML.text(entry.text))\(taught)</li>\n"
    }
    return """
      <h2 id="statements">What the course teaches, and where</h2>
      <ol class="statements">
      \(items.joined())</ol>

      """
  }
}

/// The same as Markdown.
struct IndexMarkdown {
  let course: PlayedCourse

  var text: String {
    var body = "\(LessonMarkdown.mark)\n\n# \(LessonMarkdown.escaped(course.title))\n\n## Lessons\n\n"
    var number = 0
    for lesson in course.lessons {
      let link = "[\(LessonMarkdown.escaped(lesson.title))](lessons/\(lesson.name).md)"
      if course.isUnderLesson(lesson), number > 0 {
        body += "    - Exercise: \(link), \(counted(lesson.points, "point"))\n"
      } else {
        number += 1
        let minutes = lesson.minutes.map { ", \(counted($0, "minute"))" } ?? ""
        let goal = lesson.goal.map { ". \(LessonMarkdown.line($0))" } ?? ""
        body += "\(number). \(link)\(minutes)\(goal)\n"
      }
    }
    guard !course.statements.isEmpty else { return body }
    body += "\n## What the course teaches, and where\n\n"
    for entry in course.statements {
      let steps = entry.steps.map { step in
        let lesson = step.split(separator: "/").first.map(String.init) ?? step
        return "[\(LessonMarkdown.escaped(step))](lessons/\(lesson).md)"
      }
      body += "- \(entry.number): \(LessonMarkdown.escaped(entry.text)) \(steps.joined(separator: ", "))\n"
    }
    return body
  }
}
