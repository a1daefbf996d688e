import CommandLanguage
import Course
import Shell
import Testing

@testable import Grading

/// Which submissions are alike up to names.
@Suite struct LikenessTests {
  private static let text = """
    @lesson workers "Workers"
    @param pages 8..64
    @setup
    node add a b
    | Spawn workers on `a`. `run until a.running == 0 and b.running == 0 and a.frozen == 0` waits for them.
    @step start points 2
    @check there count(a.processes) >= 2
    @solution
    spawn w1 --on a
    spawn w2 --on a
    @step move points 2
    @check moved b.processes > 0
    @hint `migrate` moves one.
    @solution
    migrate w1 b
    """

  private static let answer = """
    @step start
    let size = $pages * 2 + 1
    define start-on WHERE NAME { spawn $NAME --on $WHERE --pages $size --program hot }
    node add helper
    spawn w1 --on a --pages $size
    start-on a w2
    send w1 w2 "hello $size"
    @step move
    for p in w1 w2 { migrate $p b --async }
    migrate w1 helper
    """

  private func digest(_ text: String) throws -> String? {
    let exercise = try Lesson(
      parsing: SourceText(name: "workers.migsh", text: Self.text), table: Session { _ in }.table)
    let submission = Submission(
      student: "x", text: .success(SourceText(name: "x.migsh", text: text)), for: exercise)
    return Likeness(exercise).digest(of: submission)
  }

  @Test(arguments: [
    [("size", "n"), ("SIZE", "n")], [("start-on", "launch")], [("WHERE", "x"), ("NAME", "y")],
    [("w1", "first"), ("w2", "second")], [("helper", "third")], [("for p in", "for q in"), ("$p b", "$q b")],
    [("hello", "good day, and more")], [("--on a --pages $size", "--pages $size --on a")],
    [("\n", "\n\n  # a comment\n")], [(" * 2 + 1", " *2  +\\\n  1")], [("\nspawn w1", "; spawn w1")],
    [("{ migrate $p b --async }", "{\n  migrate --async $p b\n}")],
    [
      ("size", "w1"), ("spawn w1", "spawn size"), ("send w1", "send size"), ("in w1", "in size"),
      ("w1 helper", "size helper"),
    ],
  ]) func changesThatSayNothing(_ changes: [(String, String)]) throws {
    let changed = changes.reduce(Self.answer) { $0.replacing($1.0, with: $1.1) }
    #expect(changed != Self.answer)
    let original = try #require(try digest(Self.answer))
    #expect(try digest(changed) == original, "\(changed)")
  }

  @Test(arguments: [
    ("* 2 + 1", "* 2 + 2"), ("--program hot", "--program idle"), ("migrate w1 helper", "migrate w2 helper"),
    ("migrate w1 helper", "migrate w1 a"), (" --async", ""), ("node add helper\n", ""), ("send w1 w2", "send w2 w1"),
    ("hello $size", "hello $pages"), ("$pages * 2", "$size0 * 2"), ("--on a --pages", "--on b --pages"),
    ("spawn w1 --on a --pages $size\nstart-on a w2", "start-on a w2\nspawn w1 --on a --pages $size"),
    ("@step move\n", ""),
  ]) func changesThatSaySomething(_ old: String, _ new: String) throws {
    let changed = Self.answer.replacing(old, with: new)
    #expect(changed != Self.answer)
    #expect(try digest(changed) != digest(Self.answer), "\(changed)")
  }

  @Test func whatEverybodyWritesIsNotCompared() throws {
    #expect(try digest("") == nil)
    #expect(try digest("@step start\nspawn w1 --on a --pages 9\nspawn w2 --on a\n@step move\nmigrate w1 b\n") != nil)
    #expect(try digest("@step start\nspawn w1 --on a\n@step move\nmigrate w1 b\n") == nil)
    // What the exercise shows counts for nothing.
    let shown = "run until a.running == 0 and b.running == 0 and a.frozen == 0\n"
    #expect(try digest("@step start\nspawn w1 --on a\n\(shown)\(shown)@step move\nmigrate w1 b\n") == nil)
  }

  /// Nothing that is handed in takes long, or much stack, to be compared.
  @Test(arguments: ["{", "(", "\"$a", "\"$a\" ", "$(", "--a ", "spawn x; ", "\"\\q", "define a { ", "x"])
  func hostileTexts(_ part: String) throws {
    let most = Likeness.mostBytes / part.utf8.count
    _ = try digest("@step start\n" + String(repeating: part, count: most))
    #expect(try digest("@step start\n" + String(repeating: part, count: most + 12)) == nil)
  }
}
