/// The directives of the lesson format.
enum Directive: String, CaseIterable {
  case lesson, goal, param, details, continues, fixed, allow, withhold, setup, ask, answer
  case reply = "if"
  case step, teaches, covers, check, forbid, hint, solution, wrong, accept, explain

  /// How it is written.
  var usage: String {
    switch self {
    case .lesson: "@lesson NAME \"Title\" [needs NAME...]"
    case .goal: "@goal \"You can …\" minutes N"
    case .param: "@param NAME LOW..HIGH"
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
    case .forbid: "@forbid KIND [kept]"
    case .hint: "@hint TEXT"
    case .solution: "@solution, and commands on the lines that follow"
    case .wrong: "@wrong NAME fails CHECK|KIND|refused, and commands on the lines that follow"
    case .accept: "@accept ATTEMPT \"reason\""
    case .explain: "@explain TEXT, or @explain when EXPRESSION | TEXT"
    }
  }
}
