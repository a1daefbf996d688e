"""Says how much sooner independent worlds are done on all processors, and that their results are the same.

    cores.py [--json] MIGSH

Each work is done by one job and by as many as there are processors, in turn, three times each: the median counts. What it prints
and writes must not depend on that.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 3
EXERCISE = """\
@lesson move "Move a process" needs total-freezing
@goal "You can move a process while it works." minutes 5
@param pages 64..256

@setup
node add a b
spawn shop --on a --pages $pages --program hot
run 20ms

| Move `shop` to `b`.

@step move points 4
@check at shop.node == b "shop should be on b" weight 2
@check any shop.node == b hidden seeds 20
@hint Use `migrate`
@solution
migrate shop b
"""
EXPERIMENT = """\
node add a b c d
workload add w --on a,b,c,d --rate $rate --service exponential --mean 100ms --jobs 2000
run
let response = jobs.meanResponse
"""
WORKS = {
    "torture": ["torture", "--seeds", "24", "--no-shrink"],
    "sweep": ["sweep", "pretransfer", "on-reference", "hybrid", "total-freezing"],
    "grade": ["grade", "move.migsh", "class", "--format", "csv", "--exit-mode", "harness"],
    "experiment": ["experiment", "rate.migsh", "--vary", "rate=2,4,6,8", "--seeds", "4"],
}


def prepare(folder):
    """Writes what the works read."""
    os.mkdir(os.path.join(folder, "class"))
    texts = {"move.migsh": EXERCISE, "rate.migsh": EXPERIMENT}
    for number in range(200):
        texts["class/s%03d.migsh" % number] = "@step move\nmigrate shop b\n"
    for name, text in texts.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)


def run(migsh, words, jobs, folder):
    """How long it takes by the clock on the wall, and what it prints but for how long it took."""
    environment = dict(os.environ, MIGSH_COURSE_SECRET="a benchmark")
    begun = time.monotonic()
    done = subprocess.run(
        [migsh] + words + ["--jobs", str(jobs)], cwd=folder, env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    seconds = time.monotonic() - begun
    if done.returncode != 0:
        sys.exit("benchmark: `migsh %s` ended with %d: %s" % (" ".join(words), done.returncode, done.stderr[-400:]))
    return seconds, re.sub(r" in [0-9.]+ m?s\b.*", "", done.stdout)


def main():
    words = sys.argv[1:]
    as_data = "--json" in words
    migsh = os.path.abspath([word for word in words if word != "--json"][0])
    jobs = len(os.sched_getaffinity(0))
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        for name, work in WORKS.items():
            one, many, prints = [], [], set()
            for _ in range(ROUNDS):
                for times, number in ((one, 1), (many, jobs)):
                    seconds, text = run(migsh, work, number, folder)
                    times.append(seconds)
                    prints.add(text)
            if len(prints) > 1:
                sys.exit("benchmark: %s: what `%s` prints depends on the number of jobs" % (name, " ".join(work)))
            row = {"work": name, "jobs": jobs, "one": statistics.median(one), "many": statistics.median(many)}
            row["factor"] = row["one"] / row["many"]
            rows.append(row)
    if as_data:
        print(json.dumps(rows))
        return
    print("%-12s %10s %10s %7s" % ("", "1 job", "%d jobs" % jobs, "FASTER"))
    for row in rows:
        print("%-12s %8.2f s %8.2f s %6.2fx" % (row["work"], row["one"], row["many"], row["factor"]))


if __name__ == "__main__":
    main()
