import CommandLanguage
import Course
import Shell

/// Texts that are read and not executed.
extension Subject {
  // MARK: - Scripts

  /// What `check`, the prompt, `save` and Tab do with a text.
  func feedSyntax(_ input: [UInt8]) -> Outcome {
    var outcome = Outcome()
    guard let source = text(input, &outcome) else { return outcome }
    let manner = Feature.hash(input)
    let options = Parser.Options(allowAbbreviatedFlags: manner & 1 == 0)
    var parser = Parser(source: source, table: table, options: options)
    do throws(Diagnostic) {
      let statements = try parser.parseScript()
      outcome.reach(UInt64(200 + min(20, statements.count)))
      var shape = Shape()
      shape.add(statements)
      outcome.features += shape.features
      outcome.finding = flaw(in: statements, of: source, parser.table, options)
    } catch {
      note(error, &outcome)
    }
    outcome.reach(Parser.isIncomplete(source.text) ? 1 : 2)
    if manner >> 1 & 7 == 0, outcome.finding == nil {
      let lines = source.text.split(separator: "\n").prefix(40)
      let line = lines.isEmpty ? "" : String(lines[Int(manner >> 8 & 63) % lines.count])
      outcome.finding = flawInCompletion(of: line, everywhere: manner >> 4 & 15 == 0)
    }
    return outcome
  }

  /// What is wrong with the statements of a script. They must not overlap and must be in order. Each must be the same
  /// statement when it is parsed alone, as it is saved.
  private func flaw(
    in statements: [Statement], of source: SourceText, _ table: CommandTable, _ options: Parser.Options
  ) -> String? {
    var end = 0
    for statement in statements.prefix(30) {
      let span = statement.span
      guard span.start >= end, span.end > span.start, span.end <= source.utf8.count else {
        return "a statement lies at \(span.start) to \(span.end), behind \(end)"
      }
      end = span.end
      // Without one of these, the statements after it may mean something else.
      if source.text.contains("source") || source.text.contains("define") { continue }
      var parser = Parser(source: source, table: table, options: options, span: span)
      guard (try? parser.parseScript()) == [statement] else {
        return "by itself this is another statement: \(source.text(span))"
      }
    }
    return nil
  }

  /// What is wrong with the colours of a line, and with the completions at its end or at each place in it.
  private func flawInCompletion(of line: String, everywhere: Bool) -> String? {
    let length = line.utf8.count
    for part in scene.highlight(line) where part.range.isEmpty || part.range.upperBound > length {
      return "in `\(line)`, \(part.range) is \(part.kind)"
    }
    for cursor in everywhere && length < 80 ? Array(0...length) : [length / 2, length] {
      let completion = scene.complete(line, at: cursor)
      guard (0...cursor).contains(completion.start) else {
        return "completed at \(cursor), `\(line)` is to be replaced from \(completion.start)"
      }
      let typed = line.utf8.prefix(cursor).dropFirst(completion.start)
      for candidate in completion.candidates where !candidate.text.utf8.starts(with: typed) {
        return "completed at \(cursor), `\(line)` is offered `\(candidate.text)`"
      }
    }
    return nil
  }

  // MARK: - Courses

  func feedCourse(_ input: [UInt8]) -> Outcome {
    var outcome = Outcome()
    guard let source = text(input, &outcome) else { return outcome }
    if Lesson.isLesson(source) {
      do throws(Diagnostic) {
        let lesson = try Lesson(parsing: source, table: table)
        outcome.reach(UInt64(300 + min(20, lesson.steps.count)))
        // Since it is interrupted from the start, the prover judges only the text and plays nothing.
        var prover = Prover(lesson, isInterrupted: { true })
        for problem in prover.prove(seeds: 1...1) { note(problem.diagnostic, &outcome) }
        for mistake in CourseOutline.mistakes(inOrder: [lesson]) { note(mistake, &outcome) }
      } catch {
        note(error, &outcome)
      }
    } else if input.starts(with: Array("title".utf8)) {
      do throws(CourseOutline.Mistake) {
        outcome.reach(UInt64(400 + min(20, try CourseOutline(parsing: source).lessons.count)))
      } catch {
        // The messages of the YAML parser quote the text.
        outcome.reach(Feature.hash(error.description.filter { !$0.isNumber }.prefix { $0 != "\n" }.utf8.prefix(40)))
        outcome.finding = Self.flaw(in: error.description, isJSON: false)
      }
    } else if let exercise = exercise(named: source.text, isQuick: true) {
      let submission = Submission(student: "ada", text: .success(source), for: exercise)
      for mistake in submission.mistakes { note(mistake, &outcome) }
      outcome.reach(UInt64(500 + submission.parts.count))
    }
    return outcome
  }
}
