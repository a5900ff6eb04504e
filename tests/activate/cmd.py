# SPDX-License-Identifier: MIT
"""cmd.py - activate.bat and deactivate.bat in the cmd of Wine

There is no other cmd on the systems that these tests run on. Left out are: names that are
not ASCII, because its "set" writes them in another encoding; "%", because it takes what is
in a value for a variable once more; and what Windows has no room for in a path.
"""

import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "matrix"))

# pylint: disable=wrong-import-position
from interpreters import Scratch, Tap  # noqa: E402
from names import DIRECTORIES, PROMPTS  # noqa: E402

NAMES = ["PATH", "PROMPT", "PYTHONHOME", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT"]


class Wine:
    def __init__(self, scratch):
        self.scratch = scratch
        self.number = 0
        self.env = dict(scratch.env, WINEPREFIX=scratch.path("wine"), WINEDEBUG="-all")

    def run(self, lines, **variables):
        """What the variables are wherever LINES have "save NAME"."""
        self.number += 1
        work = scratch_dir(self.scratch, "run%d" % self.number)
        text = "@echo off\r\n" + "".join(
            re.sub(r"^save (.*)", r"set >\1.txt", line) + "\r\n" for line in lines)
        with open(os.path.join(work, "test.bat"), "w", encoding="ascii", newline="") as f:
            f.write(text)
        done = subprocess.run(["wine", "cmd", "/c", "test.bat"], cwd=work, timeout=300,
                              env=dict(self.env, **variables), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        found = {name[:-4]: read(os.path.join(work, name))
                 for name in os.listdir(work) if name.endswith(".txt")}
        assert not [n for n in os.listdir(work) if n.startswith("canary")], "something ran"
        return found, done.stdout.decode("latin-1")

    def end(self):
        subprocess.run(["wineserver", "-k"], env=self.env, check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def scratch_dir(scratch, name):
    os.mkdir(scratch.path(name))
    return scratch.path(name)


def read(path):
    with open(path, encoding="latin-1", newline="") as f:
        pairs = [line.split("=", 1) for line in f.read().split("\r\n") if "=" in line]
    return {k.upper(): v for k, v in pairs}


def ours(variables):
    return {k: v for k, v in variables.items() if k in NAMES or k.startswith("_OLD_VIRTUAL")}


def source(scratch, number, script="activate"):
    return "call %s\\bin\\%s.bat" % (scratch.path("n", str(number)).replace("/", "\\"), script)


def make(scratch):
    os.mkdir(scratch.path("n"))
    os.mkdir(scratch.path("envs"))
    names = [n for n in DIRECTORIES + PROMPTS
             if n.isascii() and n.isprintable() and "%" not in n and len(n) < 200]
    if os.environ.get("VENVCTL_QUICK"):
        names = names[::4]
    for i, name in enumerate(names):
        where = scratch.path("envs", name if name in DIRECTORIES else "prompt%d" % i)
        prompt = [] if name in DIRECTORIES else ["--prompt=" + name]
        scratch.venvctl("create", "--without-pip", "--activators=cmd", *prompt, "--", where)
        os.symlink(where, scratch.path("n", str(i)))
    return names


def table(scratch, wine, names):
    lines = ["save start"]
    for i in range(len(names)):
        lines += [source(scratch, i), "save in%d" % i, source(scratch, i, "deactivate"),
                  "save out%d" % i]
    found, out = wine.run(lines)
    start, wrong = ours(found["start"]), []
    for i, name in enumerate(names):
        where = os.path.realpath(scratch.path("n", str(i)))
        # In a prompt of cmd "$$" is a dollar.
        want = {"VIRTUAL_ENV": where, "VIRTUAL_ENV_PROMPT": name,
                "PATH": where.replace('"', "") + "\\bin;" + start["PATH"],
                "PROMPT": "(" + name.replace("$", "$$") + ") " + start["PROMPT"]}
        if not name:
            del want["VIRTUAL_ENV_PROMPT"]
        got = {k: v for k, v in found["in%d" % i].items() if k in NAMES}
        if got != want:
            wrong.append("%d %r: %r" % (i, name, sorted(set(got.items()) ^ set(want.items()))))
        if ours(found["out%d" % i]) != start:
            wrong.append("%d %r, left: %r" % (i, name, ours(found["out%d" % i])))
    assert not wrong, "\n".join(wrong) + "\n" + out
    return "%d names" % len(names)


def restore(scratch, wine, variables):
    """The same one twice, then another, then out: all is as it was."""
    found, out = wine.run(
        ["save start", source(scratch, 0), source(scratch, 0), source(scratch, 7), "save in",
         source(scratch, 7, "deactivate"), "save out"], **variables)
    for name in variables:
        assert found["start"].get(name) == variables[name], "the test set nothing: " + out
    assert found["in"]["VIRTUAL_ENV"] == os.path.realpath(scratch.path("n", "7")), out
    assert "PYTHONHOME" not in found["in"]
    assert found["out"] == found["start"], out


def main():
    tap = Tap()
    if not shutil.which("wine"):
        tap.skip("cmd", "there is no wine (some 650 MB)")
        tap.done()
        return
    scratch = Scratch("cmd")
    wine = Wine(scratch)
    names = make(scratch)
    wine.run(["ver"])
    tap.check("activate and deactivate", table, scratch, wine, names)
    tap.check("restored from unset", restore, scratch, wine, {})
    tap.check("restored from set", restore, scratch, wine, {
        "PYTHONHOME": "C:\\x & y^ (z)", "VIRTUAL_ENV": "/o'ther & echo x>canary",
        "VIRTUAL_ENV_PROMPT": 'o"ther & echo x>canary & ("!'})
    wine.end()
    scratch.remove()
    tap.done()


main()
