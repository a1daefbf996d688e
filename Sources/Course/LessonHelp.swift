import CommandLanguage
import Shell

extension Lesson {
  /// What the shell's help says of lessons to those who take one and to those who write one: `help lesson`, and for each
  /// directive `help @check` and its like.
  public static let helpTopics: [HelpTopic] =
    [HelpTopic(name: "lesson") { columns in helpText(columns: columns) }]
    + Directive.allCases.map { directive in
      HelpTopic(name: "@" + directive.rawValue, isListed: false) { columns in directive.help(columns: columns) }
    }
    + Directive.wordsOfHelp.map { word, directive in
      HelpTopic(name: word, isListed: false) { columns in directive.help(columns: columns) }
    }

  private static func helpText(columns: Int?) -> String {
    """
    To take one, at the prompt or from the system's shell:
      lesson                               which lessons there are; in one, where you are
      lesson why-move                      enters it
      lesson why-move --step move          enters it at a step
      migsh lesson why-move                the same without a prompt before it
      migsh lesson why-move --language de  in German, where it is translated
    To write one:
      migsh lesson new NAME                a small lesson that is proved as it is; --exercise
      migsh check NAME.migsh               what cannot be read, and what is hardly meant
      migsh lesson ./NAME.migsh            teaches it to you
      migsh test NAME.migsh                proves it
      migsh lesson translate NAME fr       a file for a translation into French
    A lesson is a script with two more kinds of line: prose begins with `|`, a
    directive with `@`. `help @check` tells how that one is written.

    """
      + sheet(Directive.allCases.map { ("  @" + $0.rawValue, $0.summary) }, columns: columns)
  }
}
