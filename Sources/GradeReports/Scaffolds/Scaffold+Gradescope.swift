/// Gradescope unpacks a zip file in /autograder/source, runs its setup.sh once, and run_autograder for each submission
/// (https://gradescope-autograders.readthedocs.io/en/latest/specs/).
extension Scaffold {
  static let gradescopeFiles = [
    File("setup.sh", gradescopeSetup, isExecutable: true), File("run_autograder", gradescopeRun, isExecutable: true),
  ]

  private static let gradescopeSetup = #"""
    #!/usr/bin/env bash
    # Prepares a machine of Gradescope: installs the libraries that migsh needs, when they are missing.
    set -euo pipefail

    root=${AUTOGRADER_ROOT:-/autograder}
    migsh=$root/source/migsh

    if [[ ! -f $migsh ]]; then
      echo "setup.sh: migsh is not in the zip file: put the program beside setup.sh" >&2
      exit 1
    fi
    chmod +x "$migsh"
    if ! "$migsh" --version; then
      apt-get update
      apt-get install -y --no-install-recommends libedit2 libnettle8 libyaml-0-2
      "$migsh" --version
    fi

    """#

  private static let gradescopeRun = #"""
    #!/usr/bin/env bash
    # Grades one submission, and writes the result where Gradescope looks for it. To try it out, name another folder in
    # AUTOGRADER_ROOT. When grading itself fails there is no result, and Gradescope says that the autograder failed.
    set -euo pipefail

    root=${AUTOGRADER_ROOT:-/autograder}
    results=$root/results/results.json
    mkdir -p "${results%/*}"
    rm -f "$results"

    # Tells the student what to hand in.
    refuse() {
      printf '{"score": 0, "output": "%s", "visibility": "visible"}\n' "$1" >"$results"
      exit 0
    }

    shopt -s nullglob
    files=("$root"/submission/*.migsh)
    ((${#files[@]} > 0)) || files=("$root"/submission/*)
    ((${#files[@]} == 1)) || refuse "Hand in one file, whose name ends in .migsh. There are ${#files[@]}."

    # The numbers in the exercise are the student's own: they follow from the address and the course's secret.
    student=$(grep -o '"email": *"[^"]*"' "$root/submission_metadata.json" 2>/dev/null | head -n 1 | cut -d '"' -f 4) || true
    if [[ -z ${MIGSH_COURSE_SECRET:-} && -r $root/source/course-secret ]]; then
      MIGSH_COURSE_SECRET=$(<"$root/source/course-secret")
      export MIGSH_COURSE_SECRET
    fi
    "$root/source/migsh" grade "$root/source/exercise.migsh" "${files[0]}" --student="${student:-unknown}" \
      --format gradescope --exit-mode harness --output "$results"

    """#
}
