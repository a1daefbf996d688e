/// Autolab copies autograde-Makefile (as Makefile), autograde.tar and what the student handed in to a clean machine, and
/// runs make there (https://docs.autolabproject.com/lab/#writing-autograders).
extension Scaffold {
  static let autolabFiles = [
    File("Makefile", autolabPacking), File("autograde-Makefile", autolabGrading),
    File("autograde/driver.sh", autolabDriver, isExecutable: true),
  ]

  private static let autolabPacking = """
    # Packs what the grading machine needs in autograde.tar: type make.
    autograde.tar: autograde/driver.sh autograde/exercise.migsh autograde/migsh
    \ttar -chf $@ autograde

    .PHONY: clean
    clean:
    \trm -f autograde.tar

    """

  private static let autolabGrading = """
    # Autolab runs this beside autograde.tar and handin.migsh, and reads the last lines of its output.
    .PHONY: all
    all:
    \t@tar -xf autograde.tar
    \t@bash autograde/driver.sh handin.migsh

    """

  private static let autolabDriver = #"""
    #!/usr/bin/env bash
    # Grades one submission: Autolab reads the last two lines that this prints. Ends with another status than 0, and prints
    # no such lines, when grading itself fails.
    #   driver.sh SUBMISSION
    set -euo pipefail

    here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
    if [[ -z ${MIGSH_COURSE_SECRET:-} && -r $here/course-secret ]]; then
      MIGSH_COURSE_SECRET=$(<"$here/course-secret")
      export MIGSH_COURSE_SECRET
    fi
    # A submission may read its folder, so it gets one of its own.
    own=$(mktemp -d)
    trap 'rm -rf "$own"' EXIT
    cp -P -- "$1" "$own/handin.migsh"
    "$here/migsh" grade "$here/exercise.migsh" "$own/handin.migsh" --student="${MIGSH_STUDENT:-everybody}" \
      --format autolab --exit-mode harness

    """#
}
