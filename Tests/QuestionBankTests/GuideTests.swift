import CommandLanguage
import Course
import Shell
import Testing

@testable import QuestionBank

/// The guide for teachers says of the course what is so.
@Suite struct GuideTests {
  /// A section of the guide, under a heading of two or three number signs.
  private struct Section {
    let heading: String
    var text = ""
  }

  private let guide: String
  private let lessons: [Lesson]

  init() throws {
    guide = try readSource("\(ReadBackTests.folder)/guide.md").text
    let table = Session { _ in }.table
    lessons = try CourseOutline(folder: ReadBackTests.folder).lessons.map {
      try Lesson(parsing: try readSource("\(ReadBackTests.folder)/\($0)"), table: table)
    }
  }

  private func sections(_ mark: String) -> [Section] {
    var sections: [Section] = []
    for line in guide.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix(mark + " ") {
        sections.append(Section(heading: String(line.dropFirst(mark.count + 1))))
      } else if line.hasPrefix("#"), line.prefix(while: { $0 == "#" }).count <= mark.count {
        sections.append(Section(heading: ""))
      } else if !sections.isEmpty {
        sections[sections.count - 1].text += line + "\n"
      }
    }
    return sections.filter { !$0.heading.isEmpty }
  }

  /// The sections that are about no lesson.
  private static let general = ["Paths", "From exercise to mark"]

  /// Every lesson has a section, in the order of the course, with its title and its minutes.
  @Test func everyLessonHasASection() {
    let expected = lessons.filter(\.asks).compactMap { lesson in
      lesson.goal.map { "\(lesson.name): \(lesson.title) (\($0.minutes) minutes)" }
    }
    #expect(expected.count == 21)
    #expect(sections("##").map(\.heading).filter { !Self.general.contains($0) } == expected)
  }

  @Test func everySectionSaysWhatATeacherAsksFor() {
    let parts = [
      "**What it is for.**", "**On the board.**", "**Ask the class.**", "**What goes wrong.**",
      "**What the engine leaves out.**",
    ]
    for section in sections("##") where !Self.general.contains(section.heading) {
      let bold = section.text.matches(of: /(?m)^\*\*[A-Z][^*]*\*\*/).map { String($0.output) }
      #expect(bold == parts, "\(section.heading)")
      let questions = section.text.split(separator: "**What goes wrong.**")[0].matches(of: #/(?m)^- /#).count
      #expect((2...3).contains(questions), "\(section.heading)")
      #expect(section.text.contains("- They type `"), "\(section.heading)")
    }
  }

  /// The lessons of a path are there, in the order of the course, and its minutes are theirs together.
  @Test func pathsAddUp() throws {
    let paths = sections("###")
    #expect(paths.map { $0.heading.prefix { $0 != ":" } } == ["One lecture", "One week", "Two weeks"])
    for path in paths {
      let steps = path.text.matches(of: /(?m)^- ([a-z-]+): (\d+) minutes$/)
      #expect(steps.count == path.text.matches(of: #/(?m)^- /#).count)
      var sum = 0
      var places: [Int] = []
      for step in steps {
        let place = try #require(lessons.firstIndex { $0.name == step.1 }, "\(step.1)")
        #expect(lessons[place].goal?.minutes == Int(step.2), "\(step.1)")
        places.append(place)
        sum += lessons[place].goal?.minutes ?? 0
      }
      #expect(path.heading.hasSuffix(": \(sum) minutes"), "\(path.heading)")
      #expect(places == places.sorted() && Set(places).count == places.count, "\(path.heading)")
    }
    #expect(paths.last?.text.matches(of: #/(?m)^- /#).count == lessons.count(where: \.asks))
  }

  /// Where some commands can be tried.
  private static let cast = """
    node add a b c d e
    spawn p1 --on a
    spawn p2 --on a --pages 4096
    spawn held --on a --hold
    spawn friend --on c --program idle
    run 10ms
    fail e
    migrate p2 b --async
    """

  /// What people mistype is refused, and what they should type is not.
  @Test func whatIsMistypedIsRefused() throws {
    let slips = guide.matches(of: /They type `([^`]+)` for `([^`]+)`/)
    #expect(slips.count == 21)
    var before = Session { _ in }
    #expect(before.execute(SourceText(name: "", text: Self.cast)) == .success)
    for slip in slips {
      for (command, isGood) in [(slip.1, false), (slip.2, true)] {
        var session = before
        var said = ""
        session.write = { said += $0 }
        let status = session.execute(SourceText(name: "", text: String(command)))
        #expect((status == .success) == isGood, "\(command): \(said)")
      }
    }
  }
}
