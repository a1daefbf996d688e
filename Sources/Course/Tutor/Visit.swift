import CommandLanguage
import Shell

/// A learner's way through a lesson.
struct Visit {
  /// What is expected next.
  enum Phase {
    /// A prediction; of that dimension, where it is a number.
    case asking(Lesson.Question, Dimension?)
    /// The step.
    case working
    /// That the learner goes on.
    case done
  }

  /// A state of the world and of the lesson to which the learner can go back.
  struct Moment {
    let state: SessionState
    let stage: Stage
  }

  let lesson: Lesson
  var stage: Stage
  /// The step under way.
  var index = 0
  var phase = Phase.working
  /// What stands before the step and has not been shown yet.
  var pending: ArraySlice<Lesson.Preamble> = []
  /// How things stood when each step was come to, before what is set up for it.
  var arrivals: [Int: Moment] = [:]
  /// How things stood when the step began.
  var start: Moment?
  /// How things stood when the question was asked.
  var asked: Moment?
  /// How things stood when the step was done.
  var finished: SessionState?
  /// The names of the checks that passed when they were looked at last.
  var passed: Set<String> = []
  var hintCount = 0
  /// The names of those that passed when the step began.
  var passedAtStart: Set<String> = []
  /// What is known of the exercise; nil in what is taken as a lesson.
  var exercise: TakenExercise?
  /// How things stood when the checks were looked at last.
  var latest: SessionState?
  /// Whether the learner was told that some checks are open, and what can be done.
  var hasToldOpen = false
  /// Whether the learner's own commands have made the world, and not the lesson's solutions alone.
  var hasOwnWorld = false

  var step: Lesson.Step { lesson.steps[index] }
  var isLast: Bool { index + 1 == lesson.steps.count }
}
