import Course
import Shell

/// The page about a lesson: a reader predicts and tries first, and opens hints, answers and the solution when they like. The
/// page about an exercise holds neither answers nor solutions.
struct LessonPage {
  let lesson: PlayedLesson
  /// Its neighbours in the course, and what the course is called; nil where the page stands alone.
  let place: CoursePlace?

  /// Where a lesson stands in its course.
  struct CoursePlace {
    let course: String
    var previous: (name: String, title: String)?
    var next: (name: String, title: String)?
    /// The titles of lessons by their names.
    let titles: [String: String]
  }

  static func anchor(_ step: String) -> String { "step-\(step)" }

  var text: String {
    var names = PictureNames()
    var body = "<h1>\(HTML.text(lesson.title))</h1>\n" + introduction + contents
    for (index, step) in lesson.steps.enumerated() { body += section(step, number: index + 1, &names) }
    return PageFrame(
      title: place.map { "\(lesson.title) - \($0.course)" } ?? lesson.title, header: header,
      footer: neighbours("footer")
    ).page(body)
  }

  // MARK: - Around the steps

  private var header: String {
    guard let place else { return "" }
    return """
      <header>
      <nav aria-label="Course">
      <ul class="bar">
      <li>\(HTML.link(place.course, to: "../index.html"))</li>
      <li>\(HTML.link("Search", to: "../index.html#search"))</li>
      </ul>
      </nav>
      </header>

      """
  }

  private func neighbours(_ tag: String) -> String {
    guard let place else { return "" }
    let previous = place.previous.map {
      "<li>\(HTML.link("Back: \($0.title)", to: "\($0.name).html", attributes: " rel=\"prev\""))</li>\n"
    }
    let next = place.next.map {
      "<li class=\"last\">\(HTML.link("Next: \($0.title)", to: "\($0.name).html", attributes: " rel=\"next\""))</li>\n"
    }
    guard previous != nil || next != nil else { return "" }
    return """
      <\(tag)>
      <nav aria-label="Lessons before and after">
      <ul class="bar">
      \(previous ?? "")\(next ?? "")</ul>
      </nav>
      </\(tag)>

      """
  }

  private var introduction: String {
    var text = ""
    if let goal = lesson.goal { text += "<p class=\"goal\">\(HTML.line(goal))</p>\n" }
    var facts: [String] = []
    if let minutes = lesson.minutes { facts.append("About \(counted(minutes, "minute")).") }
    if lesson.isExercise { facts.append("An exercise, worth \(counted(lesson.points, "point")).") }
    if !lesson.needs.isEmpty { facts.append("Comes after \(lesson.needs.map(link).joined(separator: ", ")).") }
    facts.append("To do it, type <code>migsh lesson \(HTML.text(lesson.name))</code>.")
    text += "<p>\(facts.joined(separator: " "))</p>\n"
    if let remark = PageText.ownNumbers(lesson) { text += "<p class=\"small\">\(HTML.text(remark))</p>\n" }
    return text
  }

  private func link(_ name: String) -> String {
    guard let title = place?.titles[name] else { return "<code>\(HTML.text(name))</code>" }
    return HTML.link(title, to: "\(name).html")
  }

  private var contents: String {
    guard lesson.steps.count > 1 else { return "" }
    let items = lesson.steps.map { "<li>\(HTML.link($0.name, to: "#\(Self.anchor($0.name))"))</li>\n" }
    return "<nav aria-label=\"Steps\">\n<ol class=\"small\">\n\(items.joined())</ol>\n</nav>\n"
  }

  // MARK: - A step

  private func section(_ step: PlayedLesson.Step, number: Int, _ names: inout PictureNames) -> String {
    let anchor = HTML.text(Self.anchor(step.name))
    let points = step.points > 0 ? " (\(counted(step.points, "point")))" : ""
    var body = "<section aria-labelledby=\"\(anchor)\">\n"
    body += "<h2 id=\"\(anchor)\">\(number). \(HTML.text(step.name))\(points)</h2>\n"
    for item in step.preamble {
      switch item {
      case .prose(let lines): body += HTML.prose(lines)
      case .question(let question): body += self.question(question)
      case .setup(let transcript): body += setup(transcript, &names)
      }
    }
    body += "<div class=\"box task\">\n<h3>Your task</h3>\n\(HTML.prose(step.task))"
    body += lesson.isExercise ? checked(step) : ""
    body += hints(step) + "</div>\n"
    if !lesson.isExercise { body += solution(step, &names) }
    return body + "</section>\n"
  }

  /// What was executed before the step. An exercise does not show that: how things are is for the student to find out.
  private func setup(_ transcript: PlayedLesson.Transcript, _ names: inout PictureNames) -> String {
    guard !lesson.isExercise, !transcript.entries.isEmpty else { return "" }
    let count = transcript.entries.count
    return HTML.details(
      "The set-up, \(counted(count, "command")) that \(count == 1 ? "was" : "were") executed for you",
      HTML.transcript(transcript, &names), isOpen: !transcript.pictures.isEmpty)
  }

  private func question(_ question: PlayedLesson.Question) -> String {
    var body = "<p><strong>Predict.</strong> \(HTML.line(question.text))</p>\n"
    if !question.choices.isEmpty {
      body += "<ul>\n\(question.choices.map { "<li>\(HTML.text($0))</li>\n" }.joined())</ul>\n"
    } else if let tolerance = question.tolerance {
      body += "<p class=\"small\">A prediction within \(PageText.percent(tolerance)) counts as right.</p>\n"
    }
    guard !lesson.isExercise else { return "<div class=\"box\">\n\(body)</div>\n" }
    var answer = "<p>\(HTML.text(question.answer))</p>\n"
    for reply in question.replies {
      let said = reply.choices.map { "<em>\(HTML.text($0))</em>" }.joined(separator: " or ")
      answer += "<p>If you said \(said):</p>\n" + HTML.prose(reply.text)
    }
    return "<div class=\"box\">\n\(body)\(HTML.details("Answer", answer))</div>\n"
  }

  private func checked(_ step: PlayedLesson.Step) -> String {
    let (told, others) = PageText.checks(of: step)
    guard !told.isEmpty else { return "" }
    let more = others > 0 ? "<li>\(counted(others, "more check"))</li>\n" : ""
    return "<p>What is checked:</p>\n<ul>\n\(told.map { "<li>\(checkText($0))</li>\n" }.joined())\(more)</ul>\n"
  }

  private func checkText(_ check: PlayedLesson.Check) -> String {
    if check.isForbidden { return "this must not happen: \(HTML.text(check.message ?? check.name))" }
    return "<code>\(HTML.text(check.name))</code>" + (check.message.map { ": \(HTML.line($0))" } ?? "")
  }

  /// One hint inside another, so that a reader opens no more than they need.
  private func hints(_ step: PlayedLesson.Step) -> String {
    let shown = PageText.shownHints(step, of: lesson)
    var nested = ""
    for (index, hint) in shown.enumerated().reversed() {
      nested = HTML.details("Hint \(index + 1) of \(step.hints.count)", "<p>\(HTML.line(hint))</p>\n" + nested)
    }
    guard shown.count < step.hints.count else { return nested }
    return nested + "<p class=\"small\">The plainest hint is told in the shell: type <code>hint</code>.</p>\n"
  }

  private func solution(_ step: PlayedLesson.Step, _ names: inout PictureNames) -> String {
    var body = HTML.transcript(step.solution, &names)
    let checks = step.checks.map { check in
      "<li><span class=\"\(check.verdict == "passed" ? "passed" : "small")\">\(HTML.text(check.verdict))</span> "
        + "\(checkText(check))</li>\n"
    }
    if !checks.isEmpty { body += "<ul class=\"checks\">\n\(checks.joined())</ul>\n" }
    for part in step.explanation { body += HTML.prose(part) }
    return HTML.details("A solution, what it shows, and why", body)
  }
}

/// What several kinds of pages say alike.
enum PageText {
  /// A share in whole percent, where it is one.
  static func percent(_ share: Double) -> String { "\(formatNumber(share * 100))%" }

  /// What a page says of the numbers of an exercise; nil where all students have the same.
  static func ownNumbers(_ lesson: PlayedLesson) -> String? {
    guard lesson.isExercise, !lesson.parameters.isEmpty else { return nil }
    return "Each student has numbers of their own. Those on this page are an example."
  }

  /// The checks of an exercise that a page tells: none that is hidden, and of the others those whose text holds no number of a
  /// student. And how many others there are that are not hidden.
  static func checks(of step: PlayedLesson.Step) -> (told: [PlayedLesson.Check], others: Int) {
    let shown = step.checks.filter { !$0.isHidden }
    let told = shown.filter { $0.plainMessage != nil }
    return (told, shown.count - told.count)
  }

  /// The hints that a page shows. The plainest of an exercise often names the commands, so that is left out.
  static func shownHints(_ step: PlayedLesson.Step, of lesson: PlayedLesson) -> [String] {
    lesson.isExercise && step.hints.count > 1 ? Array(step.hints.dropLast()) : step.hints
  }
}
