import CommandLanguage
import Shell

extension Lesson {
  /// What the shell's help says of lessons to those who take one and to those who write one: `help lesson`, and for each
  /// directive `help @check` and its like.
  public static let helpTopics: [HelpTopic] =
    [
      HelpTopic(name: "lesson") { columns in helpText(columns: columns) },
      HelpTopic(name: "exercise") { _ in exerciseText },
    ]
    + Directive.allCases.map { directive in
      HelpTopic(name: "@" + directive.rawValue, isListed: false) { columns in directive.help(columns: columns) }
    }
    + Directive.wordsOfHelp.map { word, directive in
      HelpTopic(name: word, isListed: false) { columns in directive.help(columns: columns) }
    }

  private static let exerciseText = """
    To take one, at the prompt or from the system's shell:
      exercise list                        which there are, and what you have earned
      exercise start move-it               takes it, with the numbers of the seed
      exercise start move-it --student ada with those of ada; --step shop begins there
      exercise start ./move-it.exercise    the file that your teacher gave you
      migsh exercise start move-it         the same without a prompt before it
    In it:
      check                                what holds of what you may see, and points
      hint                                 the next hint
      next, back                           to another step; what you typed stays
      again                                begins the step anew
      hand-in move-it.migsh                writes what you typed, and grades it here
      leave                                what you typed is kept
    What you hand in has what you typed and did not undo. A check that forbids
    something sees what you undid as well: then all that you typed is in it.
    To give one to students:
      migsh exercise release move-it --student ada
      migsh grade move-it ada.migsh

    """

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
