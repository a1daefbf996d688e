/// A question bank in the GIFT format of Moodle: plain text, a question a paragraph.
///
/// The signs `~ = # { } :` have a meaning there and stand behind a backslash where they are meant as themselves. Texts are
/// HTML; in these, braces and backslashes stand as character references, since there are readers that look for the brace
/// that ends a question without minding backslashes.
enum GIFT {
  static func text(_ questions: [BankQuestion]) -> String {
    var text = ""
    var category: [String] = []
    for question in questions {
      if question.category != category {
        category = question.category
        let path = (["$course$", "top"] + category.map { $0.replacing("/", with: "//") }).joined(separator: "/")
        text += "$CATEGORY: \(path)\n\n"
      }
      text += "::\(escaped(question.title))::[html]\(html(question.text.html)){\(answers(question.answer))"
      let explanation = html(question.explanation.html)
      text += (explanation.isEmpty ? "" : "####\(explanation)") + "}\n\n"
    }
    return text
  }

  private static func answers(_ answer: BankQuestion.Answer) -> String {
    switch answer {
    case .choices(let choices, _):
      let lines = choices.map { choice in
        let feedback = html(choice.feedback.html)
        return "\n" + (choice.isRight ? "=" : "~") + html(choice.text.inlineHTML)
          + (feedback.isEmpty ? "" : "#\(feedback)")
      }
      return lines.joined() + "\n"
    case .number(let number): return "#\(number.value):\(number.tolerance)"
    }
  }

  private static func html(_ html: String) -> String {
    escaped(
      html.replacing("{", with: "&#123;").replacing("}", with: "&#125;").replacing("\\", with: "&#92;"))
  }

  /// A text with a backslash before each sign that has a meaning. A question is one paragraph, so that lines in it are
  /// parted by `\n`.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "~", "=", "#", "{", "}", ":", "\\": escaped += "\\\(character)"
      case "\n": escaped += "\\n"
      default: escaped.append(character)
      }
    }
    return escaped
  }
}
