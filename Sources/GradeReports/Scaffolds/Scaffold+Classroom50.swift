/// Classroom 50 runs autograder.py in the student's repository; what lies beside it in the bundle comes along
/// (https://github.com/foundation50/classroom50/wiki/Advanced-Autograding).
extension Scaffold {
  /// - Parameter points: those of the exercise, for who hands in nothing.
  static func classroom50Files(points: Int) -> [File] {
    [File("autograder.py", classroom50Script.replacing("POINTS", with: "\(points)"))]
  }

  private static let classroom50Script = #"""
    """Grades a submission to an exercise of migsh, as Classroom 50 runs it: in the student's repository.

    Writes result.json there. Ends with another status than 0 when grading itself fails.
    """
    import datetime
    import json
    import os
    import pathlib
    import shutil
    import subprocess
    import sys
    import tempfile

    HERE = pathlib.Path(__file__).resolve().parent
    RESULT = pathlib.Path("result.json")
    MOST = POINTS * 100  # Scores are hundredths of points.


    def submission_time():
        """When the submission was made, in UTC: the time of the commit."""
        run = subprocess.run(["git", "log", "-1", "--format=%ct"], capture_output=True, text=True, check=False)
        now = datetime.datetime.now(datetime.timezone.utc)
        time = datetime.datetime.fromtimestamp(int(run.stdout), datetime.timezone.utc) if run.stdout.strip() else now
        return time.strftime("%Y-%m-%dT%H:%M:%SZ")


    def refuse(message, time):
        """Tells the student what to hand in."""
        values = {
            key: os.environ.get(name) or "unknown"
            for key, name in (
                ("classroom", "CLASSROOM"), ("assignment", "ASSIGNMENT"), ("submission", "SUBMISSION_TAG"),
                ("commit", "COMMIT_URL"), ("release", "RELEASE_URL"))
        }
        test = {"test-name": "submission", "passed": False, "score": 0, "max-score": MOST, "message": message}
        result = {
            "schema": "classroom50/result/v1", **values, "review": os.environ.get("REVIEW_URL") or values["commit"],
            "datetime": time, "score": 0, "max-score": MOST, "tests": [test],
        }
        RESULT.write_text(json.dumps(result, indent=2), encoding="utf-8")


    def main():
        RESULT.unlink(missing_ok=True)
        time = submission_time()
        files = sorted(pathlib.Path.cwd().glob("*.migsh"))
        if len(files) != 1:
            refuse(f"Hand in one file, whose name ends in .migsh. There are {len(files)}.", time)
            return 0
        if files[0].is_symlink() or not files[0].is_file():
            refuse("What ends in .migsh is no file.", time)
            return 0
        with tempfile.TemporaryDirectory() as folder:
            # A bundle may have lost that migsh is a program.
            migsh = pathlib.Path(folder) / "migsh"
            shutil.copyfile(HERE / "migsh", migsh)
            migsh.chmod(0o755)
            # A submission may read its folder, so it gets one of its own.
            own = pathlib.Path(folder) / "own"
            own.mkdir()
            submission = shutil.copy(files[0], own)
            student = os.environ.get("OWNER") or os.environ.get("USERNAME") or "unknown"
            run = subprocess.run(
                [migsh, "grade", HERE / "exercise.migsh", submission, f"--student={student}", "--format", "classroom50",
                 "--exit-mode", "harness", "--output", RESULT],
                env={**os.environ, "SUBMISSION_TIME": time}, check=False)
        return run.returncode


    sys.exit(main())

    """#
}
