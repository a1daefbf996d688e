import CommandLanguage

/// A lesson to begin with: small, and proved as it is. Its comments say what an author puts in place of what.
public enum LessonSkeleton {
  /// - Returns: nil when a lesson cannot have that name.
  public static func text(name: String, isExercise: Bool) -> String? {
    guard CommandTable.isName(name) else { return nil }
    return "@lesson \(name) " + (isExercise ? exercise : lesson)
  }

  private static let lesson = """
    "Moving a process"
    # `help @check` in the shell says what a directive means, and so on for each; `help lesson` lists them.
    # One goal, which begins with "You can", and how many minutes the lesson takes.
    @goal "You can move a process and say how long it stood still." minutes 10
    # A number that differs from student to student; in lessons it is the middle.
    @param pages 64..256

    # What is said first. Prose begins with a bar; an empty one parts paragraphs.
    | A process can be moved while it is being executed.

    # Commands that make the cluster. Nobody sees them.
    @setup
    node add a b
    spawn p1 --on a --pages $pages
    run 10ms

    | Here is `p1`, with $(p1.pages) pages, on `a`.

    # A prediction, and right behind it the answer, which is worked out when the step is done.
    @ask longer choice "With more pages, how long would p1 stand still?" "longer" "shorter" "as long"
    @answer "longer"
    @if $longer != "longer" | All of its pages travel while `p1` stands still.

    # What a learner does, and what must then hold.
    @step move
    @teaches migrate
    | Move `p1` to `b`.
    @check at p1.node == b "p1 should be on b"
    # From the vaguest hint to the plainest.
    @hint Which command moves a process?
    @hint Type `migrate p1 b`
    @solution
    migrate p1 b
    # What is said afterwards. Write every quantity as `$( )`, so that it is what the engine says.
    @explain `p1` stood still for $(about(p1.migration.freezeTime)), while $(p1.migration.pagesSent) pages travelled.

    """

  private static let exercise = """
    "A short standstill"
    # `help @check` in the shell says what a directive means, and so on for each; `help lesson` lists them.
    # How much a student sees of a check that failed: full, actual-only or none.
    @details actual-only
    # A number that differs from student to student.
    @param pages 64..256

    # What is said first. Prose begins with a bar; an empty one parts paragraphs.
    | `p1` has $pages pages. Something on `b` waits for it.

    # Commands that make the cluster. Nobody sees them.
    @setup
    node add a b
    spawn p1 --on a --pages $pages --program idle
    run 10ms

    # What is asked for, and for how many points.
    @step move points 4
    @teaches migrate --pretransfer
    | Move `p1` to `b`, so that it stands still for less than $(10ms).
    # What must hold. Without what is `essential` the step earns nothing.
    @check at p1.node == b "p1 should be on b" essential
    @check brief p1.migration.freezeTime < 10ms "p1 should stand still for less than 10ms"
    # This holds when nothing is done, too: so it can lose points, and earn none.
    @check whole p1.remote == 0 "no page of p1 should be left behind" guard
    # What must not happen.
    @forbid process-killed
    @hint Which option sends pages before `p1` is stopped?
    @hint Type `migrate p1 b --pretransfer`
    @solution
    migrate p1 b --pretransfer
    # Commands that must not pass, and the check that must find them out.
    @wrong all-at-once fails brief
    migrate p1 b --total-freezing
    @wrong stays fails at
    run 1s
    # Ways round that `migsh test` tries, and that may pass.
    @accept mechanisms "a hybrid that leaves no page behind is as good"
    @accept trial-and-error "what counts is the move that was kept"
    @explain It stood still for $(about(p1.migration.freezeTime)). All other pages had gone before.

    """
}
