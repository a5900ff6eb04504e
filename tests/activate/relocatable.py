# SPDX-License-Identifier: MIT
"""relocatable.py - `create --relocatable`: moved and copied, in every shell

Copies lie beside the environment that they were made of, which none of them may be taken for.
How a locale reads their names is for locales.py.
"""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "matrix"))

# pylint: disable=wrong-import-position
from edges import FAMILY, REFUSALS, env, run  # noqa: E402
from interpreters import Scratch, Tap  # noqa: E402
from names import DIRECTORIES  # noqa: E402
from table import TABLE, Case, batch, each_shell, is_text, no_canary, restore, some  # noqa: E402

PROMPT = "$(touch canary)'`touch canary`"


def make(scratch):
    """One environment, and a copy of it for each name."""
    for name in ("envs", "n"):
        os.mkdir(scratch.path(name))
    scratch.venvctl("create", "--without-pip", "--relocatable", "--prompt=" + PROMPT,
                    "--activators=sh csh fish powershell nushell xonsh python cmd", "--", scratch.path("made"))
    cases = [Case(scratch, i, name, PROMPT) for i, name in enumerate(DIRECTORIES)]
    for case in cases:
        subprocess.run(["cp", "-a", "--", scratch.path("made"), case.dir], check=True)
        os.symlink(case.dir, scratch.path("n", str(case.number)))
    return cases


def says_no_place(scratch):
    """Nothing but pyvenv.cfg says where it was made."""
    for base, _, files in os.walk(scratch.path("made")):
        for name in files:
            path = os.path.join(base, name)
            with open(path, "rb") as f:
                assert name == "pyvenv.cfg" or os.fsencode(scratch.dir) not in f.read(), path


def from_inside(s, shell, directory):
    """Read by a short name, from its own directory, with options that break scripts."""
    name = "bin/" + shell.script
    for cwd, path in ((directory, name), (directory + "/bin", shell.script)):
        sources = shell.sources.format(path)
        if shell.name in FAMILY and "/" not in path:
            sources = ". ./" + path
        text = "\n".join([shell.before, "", sources, shell.save.format(s.path("in.txt")), shell.leave, ""])
        batch_file = s.path("inside." + shell.script.rsplit(".")[-1])
        with open(batch_file, "w", encoding="utf-8") as f:
            f.write(text)
        p = subprocess.run(shell.run_batch(batch_file), cwd=cwd, env=env(s), stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False)
        with open(s.path("in.txt"), "rb") as f:
            found = f.read().split(b"\0")
        os.unlink(s.path("in.txt"))
        assert b"VIRTUAL_ENV=" + os.fsencode(directory) in found and not p.stdout, (path, p)
    no_canary(s)


def refused(s, shell, directory):
    """Read so that the shell cannot tell where from: nothing is activated, and it is said."""
    link = s.path("moved")
    os.symlink(directory, link)
    with open(s.path("wrapper"), "w", encoding="ascii") as f:
        f.write("eval \"$(cat moved/bin/activate)\"\n")
    for way in REFUSALS[shell.name]:
        status, out, err = run(s, shell, "%s\n%s\n" % (way, shell.save.format("out.txt")))
        if os.path.exists(s.path("out.txt")):
            with open(s.path("out.txt"), "rb") as f:
                assert b"VIRTUAL_ENV" not in f.read(), way
            os.unlink(s.path("out.txt"))
        assert "no environment is there" in out + err, (way, status, out, err)
    no_canary(s)


def tests_of(scratch, shell, cases):
    mine = [c for c in cases if shell.reads_bytes or is_text(c.dir)]
    yield "copies of every name", batch, scratch, shell, some(mine if TABLE == "all" else mine[::3], shell.slow, 3)
    yield "one after another, and back", restore, scratch, shell, cases, "set"
    yield "from inside", from_inside, scratch, shell, cases[1].dir
    if shell.name in REFUSALS and "csh" not in shell.name:
        yield "that cannot tell where it is", refused, scratch, shell, cases[1].dir


def main():
    tap = Tap()
    shared = Scratch("relocatable")
    cases = make(shared)
    tap.check("nothing in it says where it was made", says_no_place, shared)
    each_shell(tap, shared, tests_of, cases)


if __name__ == "__main__":
    main()
