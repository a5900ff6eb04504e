# SPDX-License-Identifier: MIT
"""smoke.py - `make bench` with few runs: what it writes is whole, and what is missing is said"""

import json
import os
import subprocess
import sys
from xml.dom import minidom

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "matrix"))
from interpreters import Scratch, Tap  # noqa: E402

TITLES = ["one, bare", "10 in one call, bare", "12 in one call, bare"]
WITH_PIP = ["one, linked", "one, copied", "one, shared", "cold, until pip --version has answered",
            "warm, until pip --version has answered", "12 in one call, linked", "12 in one call, copied",
            "12 in one call, shared"]


def has_ensurepip():
    return subprocess.run(["/usr/bin/python3", "-c", "import ensurepip"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False).returncode == 0


def check_run(run):
    found = {s["title"]: s for s in run["scenarios"]}
    for title in TITLES + (WITH_PIP if has_ensurepip() else []):
        assert title in found, (title, sorted(found), run["missing"])
    for s in run["scenarios"]:
        tools = {t["name"]: t for t in s["tools"]}
        ours = tools.get("venvctl")
        assert ours and ours["ratio"] == 1 and ours["minimum"] <= ours["median"], s
        assert all(t["ratio"] > 0 and t["runs"] > 0 for t in s["tools"]), s
        if "floor" not in tools:
            continue
        # The same tree, with fewer calls.
        floor = tools["floor"]
        if "inodes" in floor:
            assert floor["inodes"] == ours["inodes"] >= 10, s
        if "calls" in floor:
            assert floor["calls"] < ours["calls"], s
            assert floor["processes"] <= ours["processes"], s
    for name in ("virtualenv", "uv", "python -m venv"):
        assert any(m.startswith(name) for m in run["missing"]), run["missing"]


def smoke(scratch):
    out = scratch.must("python3", "-B", os.path.join(HERE, "bench.py"), "--runs", "1", "--slow-runs", "1",
                       "--many", "12", "--many-runs", "1", "--peers", "none", "--dir", scratch.dir,
                       "--json", scratch.path("bench.json"), "--svg", scratch.path("bench.svg"))
    with open(scratch.path("bench.json"), encoding="utf-8") as f:
        found = json.load(f)
    assert found["schema"] == 1 and found["machine"]["cpu"] and found["machine"]["kernel"], found
    assert [r["as"] for r in found["runs"]] == ["user"] or found["runs"][0]["as"] == "root"
    for run in found["runs"]:
        check_run(run)
    last = out.strip().splitlines()[-1]
    assert last.startswith("missing: ") and "virtualenv (not wanted)" in last and "uv (not wanted)" in last, out
    svg = minidom.parse(scratch.path("bench.svg")).documentElement
    words = " ".join(t.firstChild.data for t in svg.getElementsByTagName("text"))
    for part in ("one, bare", "venvctl", "floor", found["date"], found["machine"]["kernel"]):
        assert part in words, words
    # No name of the machine, and no path on it.
    assert os.uname().nodename not in words and "/" not in words.replace("://", ""), words
    left = [n for n in os.listdir(scratch.dir) if n.startswith("venvctl-bench-")]
    assert not left, left


def main():
    tap = Tap()
    scratch = Scratch("bench")
    tap.check("few runs of make bench: figures, JSON, picture, and what is missing", smoke, scratch)
    scratch.remove()
    tap.done()


if __name__ == "__main__":
    main()
