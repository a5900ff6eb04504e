# SPDX-License-Identifier: MIT
"""turns.py - tools take turns in one scenario, and what was found is told"""

import os
import statistics
import subprocess
import sys
import tempfile

# What a tool's counts are called in the table.
COUNTS = (("calls", "calls"), ("processes", "proc"), ("objects", "libs"), ("inodes", "inodes"), ("peak_kib", "KiB"))


def measure(bench, title, tools, n=1, runs=None, counts=True):
    """TOOLS make N environments each, in turn, and are compared with the first venvctl."""
    tools = [t for t in tools if t]
    take_turns(bench, tools, n, runs or bench.args.runs, counts)
    report(bench, title, tools, n)


def take_turns(bench, tools, n, runs, counts):
    """The first two, a floor and venvctl, follow each other with nothing between; the others rotate."""
    area = tempfile.mkdtemp(prefix="area-", dir=bench.scratch)
    made = iter(range(10 ** 9))

    def dirs():
        where = os.path.join(area, "%d" % next(made))
        os.mkdir(where)
        return [os.path.join(where, "e%d" % i) for i in range(n)]
    for tool in tools:
        if not tool.prepare:
            tool.warm(bench, dirs())
        if counts and not tool.error:
            tool.count(bench, dirs())
    for turn in range(runs):
        pair, rest = tools[:2], tools[2:]
        rest = rest[turn % len(rest):] + rest[:turn % len(rest)] if rest else []
        for tool in (pair if turn % 2 else pair[::-1]) + rest:
            if not tool.error and (not tool.slow or turn < bench.args.slow_runs):
                tool.times.append(tool.run(bench, dirs()))
    subprocess.run(["rm", "-rf", area], check=False)


def report(bench, title, tools, n=1):
    base = next(t for t in tools if t.name.startswith("venvctl"))
    rows = []
    print("\n%s, milliseconds%s" % (title, " for each of %d" % n if n > 1 else ""))
    width = max(len(t.name) for t in tools)
    print(("%-*s %9s %9s %5s %7s" + " %8s" * len(COUNTS))
          % ((width, "", "median", "minimum", "runs", "ratio") + tuple(short for _, short in COUNTS)))
    for tool in tools:
        if tool.error or not tool.times or base.error or not base.times:
            bench.lacks("%s: %s" % (title, tool.name), tool.error or "not run, or nothing to compare it with")
            continue
        median, least = statistics.median(tool.times), min(tool.times)
        ratio = median / statistics.median(base.times)
        rows.append(dict(name=tool.name, median=median / n, minimum=least / n, runs=len(tool.times), ratio=ratio,
                         minimum_ratio=least / min(base.times), **tool.counts))
        print(("%-*s %9.3f %9.3f %5d %7.2f" + " %8s" * len(COUNTS))
              % ((width, tool.name, median / n, least / n, len(tool.times), ratio)
                 + tuple(tool.counts.get(k, "-") for k, _ in COUNTS)))
    sys.stdout.flush()
    bench.scenarios.append({"title": title, "environments": n, "tools": rows})
