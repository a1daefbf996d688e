import Course
import Shell

/// A slide for each picture of a course, one below the other; printed, each is a page in landscape.
struct SlidesPage {
  let course: PlayedCourse

  /// A picture, and where it comes from.
  private struct Slide {
    let origin: String
    let picture: DrawnPicture
  }

  private var slides: [Slide] {
    let lessons = course.lessons.filter { !$0.isExercise }.flatMap { lesson in
      lesson.steps.flatMap { step in
        let setups = step.preamble.flatMap { item -> [DrawnPicture] in
          if case .setup(let transcript) = item { transcript.pictures } else { [] }
        }
        return (setups + step.solution.pictures).map {
          Slide(origin: "\(lesson.title) (\(step.name))", picture: $0)
        }
      }
    }
    return lessons + course.handouts.map { Slide(origin: "Handout: \($0.title)", picture: $0.picture) }
  }

  var text: String {
    let all = slides
    let sections = all.enumerated().map { index, slide in
      let number = index + 1
      return """
        <section class="slide" aria-labelledby="slide\(number)">
        <h2 id="slide\(number)">\(number). \(HTML.text(slide.origin)): \(HTML.text(slide.picture.title))</h2>
        \(HTML.figure(slide.picture, name: "picture\(number)", hasText: false))<p>\(HTML.text(Self.sentence(slide.picture)))</p>
        <p class="small">\(HTML.text(course.title)), \(number) of \(all.count)</p>
        </section>

        """
    }
    let empty = all.isEmpty ? "<p>No command of the course draws a picture.</p>\n" : ""
    return PageFrame(title: "Pictures - \(course.title)", style: PageStyle.text + Self.style).page(
      "<h1>\(HTML.text(course.title)): the pictures</h1>\n\(empty)\(Self.list(all))\(sections.joined())")
  }

  /// Links to all slides, on the screen alone.
  private static func list(_ slides: [Slide]) -> String {
    guard !slides.isEmpty else { return "" }
    let items = slides.enumerated().map { index, slide in
      "<li>\(HTML.link("\(slide.origin): \(slide.picture.title)", to: "#slide\(index + 1)"))</li>\n"
    }
    return
      "<nav class=\"list\" aria-label=\"All pictures\">\n\(HTML.details("All pictures", "<ol>\n\(items.joined())</ol>\n"))</nav>\n"
  }

  /// One sentence about a picture: the first of its description that says something.
  static func sentence(_ picture: DrawnPicture) -> String {
    picture.sentences.first { !$0.isEmpty } ?? picture.title
  }

  private static let style = """
    main{max-width:1296px}
    .slide{display:flex;flex-direction:column;aspect-ratio:16/9;border:1px solid #8a8f98;border-radius:8px;padding:24px 32px;\
    margin:0 0 24px}
    .slide h2{margin:0 0 8px;font-size:28px}
    .slide figure{flex:1;min-height:0;margin:0 0 8px;overflow:hidden;display:flex;justify-content:center}
    .slide svg{max-width:100%;max-height:100%;width:auto;height:100%}
    .slide p{margin:0;max-width:none}
    @media screen and (max-width:900px){.slide{aspect-ratio:auto;padding:12px}.slide svg{height:auto}}
    @media print{
    @page{size:1280px 720px;margin:0}
    h1,.list{display:none}
    .slide{width:1280px;height:720px;margin:0;border:0;border-radius:0;break-after:page;break-inside:avoid;font-size:17px}
    .slide:last-child{break-after:auto}
    .slide .small{display:block}
    }

    """
}
