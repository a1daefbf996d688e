import Course
import Shell

/// What the search looks at: for each step the words of its texts, each once.
struct SearchIndex {
  private let entries: [JSON]

  init(_ course: PlayedCourse) {
    entries = course.lessons.flatMap { lesson in
      lesson.steps.map { step in
        .object([
          ("title", .string(lesson.title)), ("step", .string(step.name)),
          ("address", .string("lessons/\(lesson.name).html#\(LessonPage.anchor(step.name))")),
          ("words", .string(Self.words(of: step, lesson).joined(separator: " "))),
        ])
      }
    }
  }

  /// As it stands in a page: nothing in it ends a script.
  var text: String {
    JSON.array(entries).encoded.replacing("<", with: "\\u003c").replacing(">", with: "\\u003e")
      .replacing("&", with: "\\u0026")
  }

  /// The words that readers of the page can see, in alphabetical order.
  static func words(of step: PlayedLesson.Step, _ lesson: PlayedLesson) -> [String] {
    var texts = [lesson.title, lesson.goal ?? "", step.name] + step.task
    for item in step.preamble {
      switch item {
      case .prose(let lines): texts += lines
      case .question(let question): texts += [question.text] + question.choices
      case .setup: break
      }
    }
    if !lesson.isExercise {
      texts += step.explanation.flatMap(\.self) + step.solution.entries.map(\.statement)
    }
    var words: Set<String> = []
    for text in texts {
      for word in text.lowercased().split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "-" }) {
        let trimmed = word.drop { $0 == "-" }
        if trimmed.count > 1 { words.insert(String(trimmed)) }
      }
    }
    return words.sorted()
  }
}

/// The program of the search. It runs from a file as well as from a server, and asks for nothing.
enum SearchScript {
  /// The base64 of its SHA-256, which the page's policy names. A test says what it has to be.
  static let digest = "aEPd7SmOwzYNMzLK8U+fEsY+XC5e3P+d2iDjd1dIWXw="

  static let text = """
    (function () {
      "use strict";
      var entries = JSON.parse(document.getElementById("data").textContent);
      var form = document.getElementById("search"), query = document.getElementById("query");
      var results = document.getElementById("results"), count = document.getElementById("count");
      var most = 30;
      function wordsOf(text) { return text.toLowerCase().split(/[^\\p{L}\\p{N}-]+/u).filter(Boolean); }
      function search() {
        var wanted = wordsOf(query.value), found = [];
        results.textContent = "";
        if (wanted.length === 0) { count.textContent = ""; return; }
        entries.forEach(function (entry) {
          var words = " " + entry.words, title = " " + wordsOf(entry.title + " " + entry.step).join(" ");
          var isFound = wanted.every(function (word) { return words.indexOf(" " + word) >= 0; });
          if (!isFound) { return; }
          var inTitle = wanted.every(function (word) { return title.indexOf(" " + word) >= 0; });
          found.push({ entry: entry, rank: inTitle ? 0 : 1, place: found.length });
        });
        found.sort(function (one, other) { return one.rank - other.rank || one.place - other.place; });
        found.slice(0, most).forEach(function (one) {
          var item = document.createElement("li"), link = document.createElement("a");
          link.href = one.entry.address;
          link.textContent = one.entry.title + ": " + one.entry.step;
          item.appendChild(link);
          results.appendChild(item);
        });
        count.textContent = found.length === 0 ? "Nothing has all of these words."
          : (found.length === 1 ? "1 step" : found.length + " steps")
            + (found.length > most ? "; these are the first " + most : "");
      }
      query.addEventListener("input", search);
      form.addEventListener("submit", function (event) { event.preventDefault(); search(); });
      form.hidden = false;
      if (location.hash === "#search") { query.focus(); }
      search();
    })();

    """
}
