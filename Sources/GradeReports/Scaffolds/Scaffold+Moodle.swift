/// Moodle's Virtual Programming Lab runs vpl_run.sh or vpl_evaluate.sh beside the student's files. Each makes the program
/// vpl_execution, which is then run (https://vpl.dis.ulpgc.es/documentation/).
extension Scaffold {
  static let moodleFiles = [
    File("vpl_run.sh", moodleRun, isExecutable: true), File("vpl_evaluate.sh", moodleEvaluate, isExecutable: true),
  ]

  private static let moodleRun = #"""
    #!/bin/bash
    # What the button Run does: runs the student's script, and shows what it prints.
    # shellcheck source=/dev/null
    [ ! -r vpl_environment.sh ] || . ./vpl_environment.sh
    printf '#!/bin/bash\nchmod +x ./migsh\nexec ./migsh run %q\n' "./${VPL_SUBFILE0:-}" >vpl_execution
    chmod +x vpl_execution

    """#

  private static let moodleEvaluate = #"""
    #!/bin/bash
    # What the button Evaluate does: grades the student's script. The lab shows the comments and takes the grade from what
    # vpl_execution prints; without a grade it says that the evaluation failed.
    # shellcheck source=/dev/null
    [ ! -r vpl_environment.sh ] || . ./vpl_environment.sh
    if [ -z "${VPL_SUBFILE0:-}" ]; then
      cat >vpl_execution <<'END'
    #!/bin/bash
    printf '%s\n' '<|--' '>Hand in one file, whose name ends in .migsh.' '--|>' 'Grade :=>> 0'
    END
    else
      {
        printf '#!/bin/bash\nfile=%q\nstudent=%q\n' "./$VPL_SUBFILE0" "${MOODLE_USER_ID:-unknown}"
        printf 'export VPL_GRADEMIN=%q VPL_GRADEMAX=%q\n' "${VPL_GRADEMIN:-}" "${VPL_GRADEMAX:-}"
        [ -z "${MIGSH_COURSE_SECRET:-}" ] || printf 'export MIGSH_COURSE_SECRET=%q\n' "$MIGSH_COURSE_SECRET"
        cat <<'END'
    if [ -r course-secret ]; then
      MIGSH_COURSE_SECRET=$(cat course-secret)
      export MIGSH_COURSE_SECRET
    fi
    # A submission may read its folder, so it gets one of its own.
    own=$(mktemp -d)
    trap 'rm -rf "$own"' EXIT
    cp -P -- "$file" "$own/answer.migsh" || exit
    chmod +x ./migsh
    ./migsh grade exercise.migsh "$own/answer.migsh" --student="$student" --format vpl --exit-mode harness
    END
      } >vpl_execution
    fi
    chmod +x vpl_execution

    """#
}
