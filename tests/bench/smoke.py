# SPDX-License-Identifier: MIT
"""smoke.py - `make bench` with few runs: what it writes is whole, and what is missing is said"""

import contextlib
import io
import json
import os
import subprocess
import sys
from xml.dom import minidom

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "matrix")]
from interpreters import Scratch, Tap  # noqa: E402
import picture  # noqa: E402
from cold import then_pip  # noqa: E402
from scenarios import COPY, how_many  # noqa: E402
from tools import Tool  # noqa: E402
from turns import measure  # noqa: E402

TITLES = ["one, bare", "3 in one call, bare"]
WITH_PIP = ["one, linked", "one, copied", "one, shared", "cold, bundled pip, compiled",
            "cold, bundled pip, not compiled", "warm, until pip --version has answered", "3 in one call, linked", "3 in one call, copied",
            "3 in one call, shared"]


def has_ensurepip():
    return subprocess.run(["/usr/bin/python3", "-c", "import ensurepip"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False).returncode == 0


def check_run(run):
    found = {s["title"]: s for s in run["scenarios"]}
    for title in TITLES + (WITH_PIP if has_ensurepip() else []):
        assert title in found, (title, sorted(found), run["missing"])
    for s in run["scenarios"]:
        tools = {t["name"]: t for t in s["tools"]}
        ours = next((t for t in s["tools"] if t["name"].startswith("venvctl")), None)
        assert ours and ours["ratio"] == 1 and ours["minimum"] <= ours["median"], s
        assert all(t["ratio"] > 0 and t["runs"] > 0 for t in s["tools"]), s
        if "floor" not in tools:
            continue
        # The same tree, with fewer calls.
        floor = tools["floor"]
        assert 500 < floor["peak_kib"] < 1 << 20 and 500 < ours["peak_kib"] < 1 << 20, s
        if "inodes" in floor:
            assert floor["inodes"] == ours["inodes"] >= 10, s
        if "calls" in floor:
            assert floor["calls"] < ours["calls"], s
            assert floor["processes"] <= ours["processes"], s
    for name in ("virtualenv", "uv", "python -m venv"):
        assert any(m.startswith(name) for m in run["missing"]), run["missing"]


def few(scratch, *more):
    """The command line of the fewest runs."""
    return ["python3", "-B", os.path.join(HERE, "bench.py"), "--runs", "1", "--slow-runs", "1", "--cold-runs", "1",
            "--many-runs", "1", "--peers", "none", "--dir", scratch.dir, "--json", scratch.path("bench.json"), *more]


def smoke(scratch):
    os.chmod(scratch.dir, 0o755)
    out = scratch.must(*few(scratch, "--many", "3", "--svg", scratch.path("bench.svg")))
    with open(scratch.path("bench.json"), encoding="utf-8") as f:
        found = json.load(f)
    assert found["schema"] == 1 and found["machine"]["cpu"] and found["machine"]["kernel"], found["machine"]
    assert [r["as"] for r in found["runs"]] == ["user"] or found["runs"][0]["as"] == "root"
    for run in found["runs"]:
        check_run(run)
        assert not any("it failed" in m for m in run["missing"]), run["missing"]
    last = out.strip().splitlines()[-1]
    assert last.startswith("missing: ") and "virtualenv (not wanted)" in last and "uv (not wanted)" in last, out
    svg = minidom.parse(scratch.path("bench.svg")).documentElement
    words = " ".join(t.firstChild.data for t in svg.getElementsByTagName("text"))
    for part in ("Without pip", "venvctl", "floor", found["date"], found["machine"]["kernel"]):
        assert part in words, words
    # No name of the machine, and no path on it.
    assert os.uname().nodename not in words and "/" not in words.replace("://", ""), words
    left = [n for n in os.listdir(scratch.dir) if n.startswith("venvctl-bench-")]
    assert not left, left


def lacking(scratch):
    """No compiler, and for an ordinary user no interpreter either."""
    os.mkdir(scratch.path("mine"), 0o700)
    os.symlink("/usr/bin/python3", scratch.path("mine", "python3"))
    done = subprocess.run(few(scratch, "--many", "1", "--python", scratch.path("mine", "python3")),
                          env=dict(scratch.env, CC="false"), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          universal_newlines=True, check=False)
    assert done.returncode == 0 and "Traceback" not in done.stdout, done.stdout
    wanted = ["floors (false:", "memory (false:"]
    if os.geteuid() == 0:
        wanted.append("an ordinary user (users cannot run the interpreter)")
    for words in wanted:
        assert "missing: " + words in done.stdout and words in done.stdout.splitlines()[-1], (words, done.stdout)


class Few:
    """A Bench for tools that need nothing."""
    def __init__(self, scratch):
        self.scratch, self.env, self.missing, self.scenarios = scratch.dir, scratch.env, [], []
        self.strace, self.peak = False, None

    def lacks(self, what, why):
        self.missing.append((what, why))


def failing(scratch):
    """A tool that fails, is not there or answers with something else is missing, and no other is."""
    with contextlib.redirect_stdout(io.StringIO()):
        fail_in(scratch)


def fail_in(scratch):
    bench = Few(scratch)
    measure(bench, "these", [
        Tool("floor", ["mkdir", "{}"]), Tool("venvctl", ["mkdir", "{}"]), Tool("gone", [scratch.path("gone")]),
        Tool("broken", ["sh", "-c", "echo it broke >&2; exit 3"]), Tool("other", ["echo", "pip 1"], answer="pip 2"),
        Tool("once", ["sh", "-c", "mkdir %s" % scratch.path("once")])], runs=2, counts=False)
    assert [t["name"] for t in bench.scenarios[0]["tools"]] == ["floor", "venvctl"], bench.scenarios
    why = dict(bench.missing)
    assert sorted(why) == ["these: broken", "these: gone", "these: once", "these: other"], why
    assert why["these: broken"] == "it broke" and "No such file" in why["these: gone"], why
    assert why["these: other"] == "it says 'pip 1', not 'pip 2'" and "exists" in why["these: once"], why
    bench = Few(scratch)
    measure(bench, "these", [Tool("floor", ["true"]), Tool("venvctl", ["false"])], runs=1, counts=False)
    assert not bench.scenarios[0]["tools"] and len(bench.missing) == 2, bench.missing


def quoting(scratch):
    """A directory with a blank and a quote, as a word and as part of one."""
    os.mkdir(scratch.path("a 'dir"))
    with open(scratch.path("pip"), "w", encoding="ascii") as f:
        f.write("#!/bin/sh\necho asked for $1\n")
    os.chmod(scratch.path("pip"), 0o755)
    line = then_pip(["mkdir", "-p", "{}/bin"], ["ln", "-s", scratch.path("pip"), "{}/bin"], ["test", "-d", "{}"])
    tool = Tool("any", line, answer="asked for --version")
    tool.run(Few(scratch), [scratch.path("a 'dir", "env")])
    assert not tool.error and os.path.islink(scratch.path("a 'dir", "env", "bin", "pip")), tool.error


def room(_):
    """Copies are made as far as they fit into half of what is free."""
    for free in (20e9, 1e9, 1e6):
        n = how_many(1000, 3, free)
        assert n == 1 or n * COPY * 15 <= free / 2 < 2 * n * COPY * 15, (free, n)
    assert how_many(1000, 3, 1e15) == 1000


def shown(_):
    """The picture of the README is that of the figures beside it, which have all that it promises."""
    docs = os.path.join(HERE, "..", "..", "docs")
    with open(os.path.join(docs, "bench.json"), encoding="utf-8") as f:
        found = json.load(f)
    with open(os.path.join(docs, "bench.svg"), encoding="utf-8") as f:
        assert f.read() == picture.draw(found), "make the picture anew: tests/bench/picture.py docs/bench.json"
    with open(os.path.join(docs, "..", "README.md"), encoding="utf-8") as f:
        assert "](docs/bench.svg)" in f.read()
    assert {"uv", "virtualenv"} <= set(found["peers"]) and {"bundled", "newest"} == set(found["pips"]), found["pips"]
    titles = {s["title"] for r in found["runs"] for s in r["scenarios"]}
    for title in TITLES[:1] + WITH_PIP[:6] + ["cold, newest pip, compiled", "cold, newest pip, not compiled"]:
        assert title in titles, (title, titles)


def main():
    tap = Tap()
    scratch = Scratch("bench")
    tap.check("few runs of make bench: figures, JSON, picture, and what is missing", smoke, scratch)
    tap.check("without a compiler, and with an interpreter that users cannot run, it goes on", lacking, scratch)
    tap.check("a tool that fails is missing", failing, scratch)
    tap.check("commands get the directory, and its pip is asked", quoting, scratch)
    tap.check("as many copies as there is room for", room, scratch)
    tap.check("the picture of the README is drawn from the figures beside it", shown, scratch)
    scratch.remove()
    tap.done()


if __name__ == "__main__":
    main()
