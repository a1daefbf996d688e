import Shell

/// A lesson that has been played from beginning to end with its solutions: its texts with their numbers put in, and what its
/// commands showed. Pages about the lesson are made of it.
package struct PlayedLesson: Sendable {
  /// What the shell calls it.
  package let name: String
  /// What people call it.
  package let title: String
  /// What a learner can do afterwards; nil when the lesson does not say.
  package let goal: String?
  /// How many minutes it takes.
  package let minutes: Int?
  /// The names of lessons that come before it.
  package let needs: [String]
  /// The numbers that differ from student to student, with the values that it was played with.
  package let parameters: [Parameter]
  /// The points of all steps; 0 in a lesson that is not graded.
  package let points: Int
  /// The steps in order.
  package let steps: [Step]

  /// Whether it is graded, so that its pages must not give it away.
  package var isExercise: Bool { points > 0 }

  /// A number that differs from student to student.
  package struct Parameter: Sendable {
    package let name: String
    package let range: ClosedRange<Int64>
    package let value: Int64
  }

  /// A step, and what came of it.
  package struct Step: Sendable {
    package let name: String
    package let points: Int
    /// What comes before the task, in order.
    package var preamble: [Preamble]
    /// What the learner should do, in lines of light Markdown, as all prose here.
    package let task: [String]
    /// From the vaguest to the plainest.
    package let hints: [String]
    package let solution: Transcript
    package let checks: [Check]
    /// What is said once the step is done.
    package let explanation: [[String]]
    /// The numbers of the course's statements that it teaches.
    package let covers: [Int]
  }

  /// Something that comes before the task of a step.
  package enum Preamble: Sendable {
    case prose([String])
    case setup(Transcript)
    case question(Question)
  }

  /// A question that is answered by doing the step.
  package struct Question: Sendable {
    package let name: String
    package let text: String
    /// Empty when the answer is a number.
    package let choices: [String]
    /// How far a right prediction may be from the answer, as a share of it.
    package let tolerance: Double?
    /// What the engine says, once the step is done.
    package var answer = ""
    /// What is said to those who chose something else.
    package var replies: [Reply] = []

    /// What is said to those who chose one of these.
    package struct Reply: Sendable {
      package var choices: [String]
      package let text: [String]
    }
  }

  /// A check of a step, which the solution has passed.
  package struct Check: Sendable {
    package let name: String
    package let isHidden: Bool
    /// Whether this is something that must not happen.
    package let isForbidden: Bool
    /// What the learner reads when it fails, or what must not happen.
    package let message: String?
    /// The same where nothing is filled in, so that it tells of no student's numbers.
    package let plainMessage: String?
    package let verdict: String
  }

  /// Statements, each with what it showed.
  package struct Transcript: Sendable {
    package var entries: [Entry] = []

    /// A statement and what it showed.
    package struct Entry: Sendable {
      package let statement: String
      package var output: [Output] = []
    }

    package enum Output: Sendable {
      case text(String)
      case picture(DrawnPicture)
    }

    /// The pictures in it, in order.
    package var pictures: [DrawnPicture] {
      entries.flatMap(\.output).compactMap { if case .picture(let picture) = $0 { picture } else { nil } }
    }

    package init() {}

    mutating func add(_ part: ShownPart) {
      switch part {
      case .statement(let text): entries.append(Entry(statement: text))
      case .text(let text): add(text)
      case .picture(let picture): addOutput(.picture(picture))
      }
    }

    mutating func add(_ text: String) {
      if case .text(let before)? = entries.last?.output.last {
        entries[entries.count - 1].output[entries[entries.count - 1].output.count - 1] = .text(before + text)
      } else {
        addOutput(.text(text))
      }
    }

    private mutating func addOutput(_ output: Output) {
      if entries.isEmpty { entries.append(Entry(statement: "")) }
      entries[entries.count - 1].output.append(output)
    }
  }

  /// Why a lesson cannot be shown, in words for people.
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
    package let status: ScriptStatus

    package init(description: String, status: ScriptStatus) {
      self.description = description
      self.status = status
    }
  }

  package init(
    name: String, title: String, goal: String?, minutes: Int?, needs: [String], parameters: [Parameter], points: Int,
    steps: [Step]
  ) {
    self.name = name
    self.title = title
    self.goal = goal
    self.minutes = minutes
    self.needs = needs
    self.parameters = parameters
    self.points = points
    self.steps = steps
  }
}

/// Gathers what a session shows.
package final class TranscriptKeeper {
  private var transcript = PlayedLesson.Transcript()

  /// A session whose output is gathered here. It reads and writes no file.
  package func makeSession(isInterrupted: @escaping () -> Bool) -> Session {
    var options = Session.Options()
    options.files = .none
    var session = Session(options: options) { [self] in transcript.add($0) }
    session.showPart = { [self] in transcript.add($0) }
    session.isInterrupted = isInterrupted
    return session
  }

  package init() {}

  /// What has been gathered since this was asked last.
  package func take() -> PlayedLesson.Transcript {
    defer { transcript = PlayedLesson.Transcript() }
    return transcript
  }
}
