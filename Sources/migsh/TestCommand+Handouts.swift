import Course
import CourseSite
import LineEditor
import Shell

/// The handouts of a course: their scripts run, their pictures are drawn, their numbers can be filled in, and their words are in
/// a dictionary.
extension TestCommand {
  func proveHandouts(_ folder: String, _ lessons: [Lesson]) throws -> Bool {
    let handouts = try HandoutBook.handouts(inFolder: folder, for: lessons)
    guard !handouts.isEmpty else { return true }
    var isGood = true
    let spelling = Spelling(words: folder + "/words.txt")
    for handout in handouts where !Interrupt.isRequested {
      do throws(PlayedLesson.Failure) {
        _ = try handout.played(isInterrupted: { Interrupt.isRequested })
      } catch {
        Terminal.write(error.description + "\n")
        isGood = false
      }
      if spelling?.isGood(handout.proseLines) == false { isGood = false }
    }
    let verdict = isGood ? "proved" : "not proved"
    Terminal.write("\(counted(handouts.count, "handout")): \(verdict)\n")
    return isGood
  }
}
