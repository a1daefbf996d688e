/// The variables of the environment that change what migsh does, for the manual page.
enum EnvironmentVariable: String, CaseIterable {
  case courseSecret = "MIGSH_COURSE_SECRET"
  case lessons = "MIGSH_LESSONS"
  case plain = "MIGSH_PLAIN"
  case noColor = "NO_COLOR"
  case forceColor = "CLICOLOR_FORCE"
  case terminal = "TERM"
  case locale = "LC_ALL"
  case characters = "LC_CTYPE"
  case messages = "LC_MESSAGES"
  case language = "LANG"
  case pager = "PAGER"
  case less = "LESS"
  case lessSecure = "LESSSECURE"
  case editorSettings = "EDITRC"
  case home = "HOME"
  case stateHome = "XDG_STATE_HOME"

  /// What it does, as a sentence.
  var meaning: String {
    switch self {
    case .courseSecret: "Decides, with the exercise and the student, which numbers each student is given (migsh grade)."
    case .lessons: "The folder with the lessons that have names, in place of the installed one."
    case .plain:
      "When it is set and not 0, every shell tells pictures in sentences, for screen readers, as with --plain."
    case .noColor: "When it is set and not empty, nothing is coloured, and no command is suggested behind the cursor."
    case .forceColor: "When it is set and not 0, output is coloured even when it goes to no terminal."
    case .terminal: "The kind of terminal. One that is dumb is told pictures in sentences."
    case .locale, .characters, .language:
      "The first of LC_ALL, LC_CTYPE and LANG that is set decides whether a terminal is shown more than ASCII."
    case .messages:
      "The first of LC_ALL, LC_MESSAGES and LANG that is set says in which language lessons are shown that are translated."
    case .pager: "The program that shows what is longer than the screen; empty for none."
    case .less: "Options of less, when that is the pager."
    case .lessSecure: "Whether less writes files and starts programs; unless it is set, it does not."
    case .editorSettings: "A file with settings of the line editor, in place of .editrc in the home folder."
    case .home: "Where .editrc is, and the history when XDG_STATE_HOME is not set."
    case .stateHome: "The folder below which history and progress are kept, and what was typed in exercises."
    }
  }
}
