"""Runs pairs of processes that answer each other in migsh, SimGrid and SimPy, and says how many messages a second each simulates.

    compare.py ROUNDS MIGSH SIMGRID-PROGRAM FOLDER

Each program runs twice a round, for many messages and for few. What counts is the difference, so that neither starting nor
building the cluster does. The programs take turns, on one core.
"""

import json
import os
import re
import resource
import statistics
import subprocess
import sys

# Pairs; messages of the shorter and of the longer run.
SHAPES = {"ping-pong": (1, 40_000, 440_000), "storm of 1,000 pairs": (1000, 40_000, 440_000)}
HERE = os.path.dirname(os.path.abspath(__file__))
MODELS = {
    "migsh": "kernels that send, acknowledge and deliver, schedulers of cores, windows, a ledger of all messages",
    "SimGrid": "hosts, and lines whose bandwidth is shared by a fluid model (its default, LV08)",
    "SimPy": "a delay for each message, and nothing else",
}


def script(pairs, messages):
    """What migsh runs."""
    lines = [
        'program caller { repeat %d { send $peer "hello"  receive as m } }' % (messages // 2 // pairs),
        "network set --latency 10us --bandwidth 100Mbps",
        "node add " + " ".join("n%d" % number for number in range(2 * pairs)),
    ]
    for pair in range(pairs):
        lines.append("spawn server%d --on n%d --program echo --pages 1" % (pair, 2 * pair))
        lines.append("spawn client%d --on n%d --program caller --pages 1 --set peer=server%d" % (pair, 2 * pair + 1, pair))
    return "\n".join(lines + ["run", 'say "delivered $(message.delivered)"', ""])


def command(name, arguments, shape, messages, folder):
    """What runs so many messages."""
    pairs = SHAPES[shape][0]
    trips = str(messages // 2 // pairs)
    if name == "SimGrid":
        return [arguments["simgrid"], str(pairs), trips, "--log=root.thresh:critical"]
    if name == "SimPy":
        return ["/usr/bin/python3", os.path.join(HERE, "pairs.py"), str(pairs), trips]
    path = os.path.join(folder, "%d-%d.migsh" % (pairs, messages))
    with open(path, "w", encoding="utf-8") as file:
        file.write(script(pairs, messages))
    return [arguments["migsh"], "run", path]


def seconds(words, messages):
    """The seconds of a processor that a run takes. It has to deliver every message."""
    core = str(max(os.sched_getaffinity(0)))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(["taskset", "-c", core] + words, stdout=subprocess.PIPE, check=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    delivered = re.search(r"delivered (\d+)", run.stdout)
    if delivered is None or int(delivered.group(1)) != messages:
        sys.exit("compare-peers: `%s` did not deliver %d messages: %s" % (" ".join(words), messages, run.stdout[-300:]))
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(shape, rounds, arguments, folder):
    """For each simulator, the messages a second of each round."""
    _, few, many = SHAPES[shape]
    rates = {name: [] for name in MODELS}
    for turn in range(rounds):
        # Whoever is first finds other caches than the others do: so each is, in turn.
        names = list(MODELS)[turn % 3:] + list(MODELS)[:turn % 3]
        for name in names:
            less, more = (seconds(command(name, arguments, shape, size, folder), size) for size in (few, many))
            rates[name].append((many - few) / (more - less))
    return rates


def main():
    rounds, folder = int(sys.argv[1]), sys.argv[4]
    arguments = {"migsh": os.path.abspath(sys.argv[2]), "simgrid": os.path.abspath(sys.argv[3])}
    results = {}
    for shape in SHAPES:
        rates = measure(shape, rounds, arguments, folder)
        medians = {name: statistics.median(rates[name]) for name in MODELS}
        print("%s: messages a second, median of %d rounds (least to most), one core" % (shape, rounds))
        for name in MODELS:
            line = "  %-8s %9.0f  (%.0f to %.0f)" % (name, medians[name], min(rates[name]), max(rates[name]))
            if name != "migsh":
                # Of the same round, so that a slow minute slows both.
                ratios = [ours / theirs for ours, theirs in zip(rates["migsh"], rates[name])]
                line += "   migsh does %.2f times as many (%.2f to %.2f)" % (
                    statistics.median(ratios), min(ratios), max(ratios))
            print(line)
        sys.stdout.flush()
        results[shape] = medians
    print("what they simulate of a message:")
    for name, text in MODELS.items():
        print("  %-8s %s" % (name, text))
    with open(os.path.join(folder, "results.json"), "w", encoding="utf-8") as file:
        json.dump(results, file, indent=2)


main()
