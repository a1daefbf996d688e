import Shell

/// A question bank as Moodle's own XML, which Moodle imports with categories, feedback and tolerances.
///
/// What Moodle asks of it: every question has a name and a text; the fractions of choices are percentages, and the highest is 100;
/// a category is a question of its own type that counts for those behind it.
enum MoodleXML {
  static func text(_ questions: [BankQuestion]) -> String {
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<quiz>\n"
    var category: [String] = []
    for question in questions {
      if question.category != category {
        category = question.category
        text += element(category: category)
      }
      text += element(question)
    }
    return text + "</quiz>\n"
  }

  private static func element(category: [String]) -> String {
    // In the path of a category a slash that belongs to a name is doubled.
    let path = (["$course$", "top"] + category.map { $0.replacing("/", with: "//") }).joined(separator: "/")
    return "<question type=\"category\">\n<category><text>\(escapedForXML(path))</text></category>\n</question>\n"
  }

  private static func element(_ question: BankQuestion) -> String {
    switch question.answer {
    case .choices(let choices, let isShuffled):
      let answers = choices.map { choice in
        "<answer fraction=\"\(choice.isRight ? 100 : 0)\" format=\"html\">\n\(html(choice.text.inlineHTML))"
          + feedback("feedback", choice.feedback) + "</answer>\n"
      }
      return "<question type=\"multichoice\">\n" + head(question) + "<single>true</single>\n"
        + "<shuffleanswers>\(isShuffled)</shuffleanswers>\n<answernumbering>abc</answernumbering>\n"
        + answers.joined() + "</question>\n"
    case .number(let number):
      return "<question type=\"numerical\">\n" + head(question)
        + "<answer fraction=\"100\" format=\"moodle_auto_format\">\n"
        + "<text>\(number.value)</text>\n<tolerance>\(number.tolerance)</tolerance>\n"
        + feedback("feedback", RichText([]))
        + "</answer>\n<unitgradingtype>0</unitgradingtype>\n<showunits>3</showunits>\n</question>\n"
    }
  }

  private static func head(_ question: BankQuestion) -> String {
    "<name><text>\(escapedForXML(question.title))</text></name>\n"
      + "<questiontext format=\"html\">\n\(html(question.text.html))</questiontext>\n"
      + feedback("generalfeedback", question.explanation)
      + "<defaultgrade>1</defaultgrade>\n<penalty>0.3333333</penalty>\n<hidden>0</hidden>\n"
      + "<idnumber>\(escapedForXML(question.identifier))</idnumber>\n"
  }

  private static func feedback(_ name: String, _ text: RichText) -> String {
    "<\(name) format=\"html\">\n\(html(text.html))</\(name)>\n"
  }

  /// HTML inside XML. The end of a CDATA section cannot stand in one, so it is divided between two.
  static func html(_ html: String) -> String {
    guard !html.isEmpty else { return "<text></text>\n" }
    return "<text><![CDATA[\(html.replacing("]]>", with: "]]]]><![CDATA[>"))]]></text>\n"
  }
}
