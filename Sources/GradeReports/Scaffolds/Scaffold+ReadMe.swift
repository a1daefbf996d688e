import Course
import Shell

extension Scaffold {
  /// What the teacher does with the files.
  func readMe(for exercise: Lesson) -> String {
    """
    # \(InertText.line(exercise.title)) on \(platform)

    Written by migsh \(migshVersion) for the exercise `\(exercise.name)`, which is worth \(exercise.points) points.

    \(steps.enumerated().map { "\($0 + 1). \($1)" }.joined(separator: "\n"))

    ## The course's secret

    Every student has numbers of their own in the exercise. They follow from the name of the student, the name of the exercise
    and the course's secret, so that nobody can work out the numbers of others. When you give out the exercise
    (`migsh exercise release \(exercise.name) --student ID`), ID must be exactly what the platform calls the student:
    \(studentName)

    \(secret)

    ## What students see

    \(visibility)

    """
  }

  private var studentName: String {
    switch self {
    case .gradescope:
      "the address (email) that Gradescope has, such as `ada@uni.edu`. The result shows the numbers, too."
    case .classroom50, .github: "the name of the account at GitHub."
    case .autolab: "what you set in `MIGSH_STUDENT`, or `everybody` when you set nothing."
    case .moodle: "the number that Moodle has for the user."
    }
  }

  private var platform: String {
    switch self {
    case .gradescope: "Gradescope"
    case .classroom50: "Classroom 50"
    case .github: "GitHub"
    case .autolab: "Autolab"
    case .moodle: "Moodle, with the Virtual Programming Lab"
    }
  }

  private var steps: [String] {
    switch self {
    case .gradescope:
      [
        "Copy the program `migsh`, built for the system that you choose at Gradescope, to this folder.",
        "Pack the files, and not the folder: `zip -r autograder.zip setup.sh run_autograder exercise.migsh migsh` "
          + "(and `course-secret`, if there is one).",
        "Upload `autograder.zip` as the autograder of a programming assignment, and set its points to those of the exercise.",
        "Students hand in one file whose name ends in `.migsh`.",
      ]
    case .classroom50:
      [
        "Copy the program `migsh`, built for Ubuntu, to this folder.",
        "Copy `autograder.py`, `exercise.migsh` and `migsh` to `CLASSROOM/autograders/ASSIGNMENT/` in your repository "
          + "`classroom50`, and push.",
        "Say in the assignment's `runtime` which packages migsh needs: "
          + #"`{"apt": ["libedit2", "libnettle8", "libyaml-0-2"]}`."#,
        "Students hand in one file whose name ends in `.migsh`, at the top of their repository.",
        "Scores are whole numbers there: they are hundredths of points.",
      ]
    case .github:
      [
        "Copy the program `migsh`, built for Ubuntu, to `.github/classroom/migsh`, or install it in a step of the workflow.",
        "Copy the folder `.github` to the template repository of the assignment, and push.",
        "Students hand in one file whose name ends in `.migsh`, at the top of their repository.",
        "Protect `.github` from changes: whoever can change it can change what it reports.",
        "A point there is a check that passed. Use `migsh grade` with `--format csv` for the exact points.",
      ]
    case .autolab:
      [
        "Copy the program `migsh`, built for the grading machine, to `autograde/migsh`.",
        "Type `make`: it packs `autograde.tar`.",
        "Set the assessment's handin filename to `handin.migsh`, and make a problem for each step of the exercise, "
          + "with its name and its points.",
        "Upload `autograde-Makefile` and `autograde.tar` as the assessment's autograder.",
      ]
    case .moodle:
      [
        "Make an activity of the Virtual Programming Lab, with one requested file, for instance `answer.migsh`.",
        "Upload `vpl_run.sh`, `vpl_evaluate.sh`, `exercise.migsh` and the program `migsh`, built for the execution server, as "
          + "execution files.",
        "Mark `migsh` and `exercise.migsh` (and `course-secret`, if there is one) as files to keep when running.",
        "Allow Run and Evaluate in the execution options. The grade is scaled to the activity's own.",
      ]
    }
  }

  private var secret: String {
    switch self {
    case .gradescope:
      "Write the secret in a file `course-secret` in this folder, and pack it with the others. Students cannot read it: a "
        + "submission reads no file but its own. Without it, migsh warns."
    case .classroom50:
      "Grading runs in the student's repository, and everybody who knows its address can read the bundle. So there is no "
        + "place for a secret there: students can work out each other's numbers. Grade again with the secret yourself, if that matters."
    case .github:
      "Make it a secret of the organization, with the name `MIGSH_COURSE_SECRET`: the workflow takes it from there."
    case .autolab:
      "Write the secret in a file `autograde/course-secret` before you type `make`. Autolab does not tell a grading machine "
        + "who the student is: so all students have the same numbers, unless you set `MIGSH_STUDENT` in `autograde-Makefile` "
        + "by a hook of the assessment."
    case .moodle:
      "Write the secret in an execution file `course-secret`, or set `MIGSH_COURSE_SECRET` on the execution server. The "
        + "student's name is the number that Moodle has for the user."
    }
  }

  private var visibility: String {
    let usual =
      "Of hidden checks they see whether they passed, and of the others as much as the exercise's `@details` allow."
    switch self {
    case .gradescope, .autolab, .moodle: return usual
    case .classroom50, .github:
      return usual
        + " But `exercise.migsh` is where they can read it: hidden checks and solutions are not secret there."
    }
  }
}
