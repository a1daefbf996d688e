/// The directives of the lesson format.
enum Directive: String, CaseIterable {
  case lesson, goal, param, released, details, continues, fixed, allow, withhold, setup, ask, answer
  case reply = "if"
  case step, teaches, covers, check, unseen, forbid, hint, solution, wrong, accept, explain

  /// How it is written.
  var usage: String {
    switch self {
    case .lesson: "@lesson NAME \"Title\" [needs NAME...]"
    case .goal: "@goal \"You can …\" minutes N"
    case .param: "@param NAME LOW..HIGH [secret]"
    case .released: "@released [to \"STUDENT\"] seed N"
    case .details: "@details full|actual-only|none"
    case .continues: "@continues"
    case .fixed: "@fixed [network] [nodes]"
    case .allow: "@allow COMMAND..., for example @allow link-set"
    case .withhold: "@withhold COMMAND..."
    case .setup: "@setup, and commands on the lines that follow"
    case .ask: "@ask NAME \"question\" [within SHARE], or @ask NAME choice \"question\" \"answer\" \"answer\"..."
    case .answer: "@answer EXPRESSION, or @answer \"one of the choices\""
    case .reply: "@if EXPRESSION | prose"
    case .step: "@step NAME [points N]"
    case .teaches: "@teaches COMMAND [--flag]..."
    case .covers: "@covers NUMBER..., as statements.yaml counts what the course teaches"
    case .check: "@check NAME EXPRESSION [\"message\"] [hidden] [seeds N] [essential] [weight N] [guard]"
    case .unseen: "@unseen COUNT weight N"
    case .forbid: "@forbid KIND [kept]"
    case .hint: "@hint TEXT"
    case .solution: "@solution, and commands on the lines that follow"
    case .wrong: "@wrong NAME fails CHECK|KIND|refused, and commands on the lines that follow"
    case .accept: "@accept ATTEMPT \"reason\""
    case .explain: "@explain TEXT, or @explain when EXPRESSION | TEXT"
    }
  }

  /// What it says, in a line.
  var summary: String {
    switch self {
    case .lesson: "its name, its title, and the lessons that must come before it"
    case .goal: "what a learner can do afterwards, and how long that takes"
    case .param: "a number that is drawn for each student"
    case .released: "whose it is, in what `migsh exercise release` writes: steps have no solutions"
    case .details: "how much a student sees of a check that failed"
    case .continues: "a step counts only in the world that the student's own earlier steps made"
    case .fixed: "lines or machines cannot be changed"
    case .allow: "opens a command that is fixed or withheld"
    case .withhold: "commands that cannot be used"
    case .setup: "is executed without being shown"
    case .ask: "a prediction: a number with its unit, or one of some answers"
    case .answer: "stands right behind its question, and is worked out once the step is done"
    case .reply: "a reply to a prediction, shown once the step is done"
    case .step: "begins it; with points it is an exercise"
    case .teaches: "what it introduces: a solution may use only what was taught up to here"
    case .covers: "the statements of the course that the step teaches"
    case .check: "what must hold"
    case .unseen: "how many hidden checks are left out in what is released, and their weight"
    case .forbid: "an event that must not happen, not even in what is undone later"
    case .hint: "from the vaguest to the plainest"
    case .solution: "one way that passes"
    case .wrong: "commands that must not pass, and what must catch them"
    case .accept: "a way round that the battery tries, and that may earn all points"
    case .explain: "what is said afterwards"
    }
  }
}
