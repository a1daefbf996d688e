/// A workflow of GitHub that grades on every push, and hands the result to the reporter of autograding
/// (https://github.com/classroom-resources/autograding-grading-reporter).
extension Scaffold {
  static let githubFiles = [
    File(".github/workflows/grade.yml", githubWorkflow),
    File(".github/classroom/grade.sh", githubScript, isExecutable: true),
  ]

  private static let githubWorkflow = #"""
    name: Grade
    on: [push, workflow_dispatch]
    permissions:
      contents: read
      checks: write
      actions: read
    jobs:
      grade:
        runs-on: ubuntu-latest
        timeout-minutes: 10
        steps:
          - name: Check out the submission
            uses: actions/checkout@v4
          - name: Grade the submission
            id: migsh
            run: bash .github/classroom/grade.sh
            env:
              MIGSH_COURSE_SECRET: ${{ secrets.MIGSH_COURSE_SECRET }}
              MIGSH_STUDENT: ${{ github.actor }}
          - name: Report the result
            uses: classroom-resources/autograding-grading-reporter@v1
            env:
              MIGSH_RESULTS: "${{ steps.migsh.outputs.result }}"
            with:
              runners: migsh

    """#

  private static let githubScript = #"""
    #!/usr/bin/env bash
    # Grades the submission in a student's repository, and gives the result to the workflow in GITHUB_OUTPUT. Ends with
    # another status than 0 when grading itself fails.
    set -euo pipefail

    here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
    workspace=${GITHUB_WORKSPACE:-$PWD}
    output=${GITHUB_OUTPUT:-/dev/stdout}

    # Tells the student what to hand in.
    refuse() {
      local test
      test=$(printf '{"name":"submission","status":"fail","score":0,"message":"%s","test_code":"","filename":"","line_no":0,"duration":0}' "$1")
      printf 'result=%s\n' "$(printf '{"version":1,"status":"fail","max_score":1,"tests":[%s]}' "$test" | base64 -w 0)" >>"$output"
      exit 0
    }

    migsh=$here/migsh
    [[ -f $migsh ]] || migsh=$(command -v migsh)
    chmod +x "$migsh" 2>/dev/null || true

    shopt -s nullglob
    files=("$workspace"/*.migsh)
    ((${#files[@]} == 1)) || refuse "Hand in one file, whose name ends in .migsh. There are ${#files[@]}."
    [[ -f ${files[0]} && ! -L ${files[0]} ]] || refuse "What ends in .migsh is no file."

    # A submission may read its folder, so it gets one of its own.
    own=$(mktemp -d)
    trap 'rm -rf "$own"' EXIT
    cp -- "${files[0]}" "$own/"
    result=$("$migsh" grade "$here/exercise.migsh" "$own/${files[0]##*/}" --student="${MIGSH_STUDENT:-unknown}" \
      --format github --exit-mode harness)
    printf 'result=%s\n' "$result" >>"$output"

    """#
}
