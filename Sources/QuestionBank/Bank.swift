import Course
import Shell

/// The questions of a course: those of its concept inventory, and what its lessons ask before each step.
public struct Bank: Sendable {
  /// What the course is called.
  public let title: String
  /// The inventory first, then the lessons in their order. The variants of a question, one for each seed, stand together;
  /// where two seeds make the same question it is there once.
  public let questions: [BankQuestion]

  /// - Parameters:
  ///   - title: what the course is called.
  ///   - lessons: in their order.
  ///   - inventory: nil when the course has none.
  ///   - seeds: each makes a variant of every question.
  ///   - isInterrupted: asked now and then; once it is true, no more questions are made.
  /// - Throws: what is wrong with a lesson or with the inventory.
  public init(
    title: String, lessons: [Lesson], inventory: Inventory?, seeds: ClosedRange<UInt64>,
    isInterrupted: () -> Bool = { false }
  ) throws(CourseOutline.Mistake) {
    self.title = title
    var found = Variants()
    for seed in seeds where !isInterrupted() {
      let asked = try inventory?.questions(seed: seed, category: [title, "Concept inventory"]) ?? []
      for question in asked { found.add(question) }
    }
    for lesson in lessons where lesson.asks {
      for seed in seeds where !isInterrupted() {
        for prediction in try Self.predictions(lesson, seed) {
          guard let question = BankQuestion(prediction, category: [title, lesson.title]) else {
            throw CourseOutline.Mistake(
              "\(lesson.source.name): the answer to `\(prediction.name)` is none that a question bank can hold")
          }
          found.add(question)
        }
      }
    }
    questions = found.all
  }

  private static func predictions(_ lesson: Lesson, _ seed: UInt64) throws(CourseOutline.Mistake) -> [Prediction] {
    do { return try lesson.predictions(seed: seed) } catch { throw CourseOutline.Mistake(error.rendered()) }
  }
}

/// Questions in the order in which the first of each category came.
private struct Variants {
  private var categories: [[String]] = []
  private var questions: [[BankQuestion]] = []

  var all: [BankQuestion] { questions.flatMap { $0 } }

  mutating func add(_ question: BankQuestion) {
    guard let index = categories.lastIndex(of: question.category) else {
      categories.append(question.category)
      questions.append([question])
      return
    }
    let isKnown = questions[index].contains { $0.text == question.text && $0.answer == question.answer }
    if !isKnown { questions[index].append(question) }
  }
}
