# SPDX-License-Identifier: MIT
"""others.py - activation in csh, tcsh, fish and xonsh, for every kind of name"""

import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "matrix"))

# pylint: disable=wrong-import-position
from interpreters import Scratch, Tap  # noqa: E402
from names import DIRECTORIES, PROMPTS  # noqa: E402
from shells import BsdCsh, Fish, Tcsh, TcshOptions, Xonsh  # noqa: E402
from terminal import Terminal  # noqa: E402

# Not ours to restore, or changed by the shell with every command.
VOLATILE = {"_", "SHLVL", "PWD", "OLDPWD", "COLUMNS", "LINES"}


class Case:
    def __init__(self, scratch, number, directory, prompt):
        self.number = number
        self.dir = scratch.path("envs", directory)
        self.prompt = directory if prompt is None else prompt

    def label(self):
        return "%d %r" % (self.number, self.prompt)


def make(scratch):
    os.mkdir(scratch.path("envs"))
    os.mkdir(scratch.path("n"))
    os.mkdir(scratch.path("out"))
    cases = [Case(scratch, i, name, None) for i, name in enumerate(DIRECTORIES)]
    for prompt in PROMPTS:
        cases.append(Case(scratch, len(cases), "prompt%d" % len(cases), prompt))
    for case in cases:
        args = ["--prompt=" + case.prompt] if case.dir.endswith("prompt%d" % case.number) else []
        scratch.venvctl("create", "--without-pip", *args, "--", case.dir)
        os.symlink(case.dir, scratch.path("n", str(case.number)))
    return cases


def read_env(path):
    with open(path, "rb") as f:
        pairs = [os.fsdecode(v).split("=", 1) for v in f.read().split(b"\0") if v]
    return {k: v for k, v in pairs if k not in VOLATILE}


def no_canary(scratch):
    found = [os.path.join(base, name) for base, dirs, files in os.walk(scratch.dir)
             for name in files if name.startswith("canary")]
    assert not found, "something ran: %r" % found


def check_case(scratch, case, start):
    inside = read_env(scratch.path("out", "%d.in" % case.number))
    want = dict(start, VIRTUAL_ENV=case.dir, VIRTUAL_ENV_PROMPT=case.prompt,
                PATH=case.dir + "/bin:" + start["PATH"])
    del want["PYTHONHOME"]
    assert inside == want, sorted(set(inside.items()) ^ set(want.items()))
    outside = read_env(scratch.path("out", "%d.out" % case.number))
    assert outside == start, sorted(set(outside.items()) ^ set(start.items()))


def batch(scratch, shell, cases):
    """All in one process that reads no terminal."""
    for name in os.listdir(scratch.path("out")):
        os.unlink(scratch.path("out", name))
    script = scratch.path("batch." + shell.script.rsplit(".")[-1])
    with open(script, "w", encoding="utf-8") as f:
        f.write(shell.batch([c.number for c in cases]))
    done = subprocess.run(shell.run_batch(script), cwd=scratch.dir, env=environ(scratch),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 0 and not done.stdout, done
    start = read_env(scratch.path("out", "start"))
    wrong = []
    for case in cases:
        try:
            check_case(scratch, case, start)
        except (AssertionError, OSError) as e:
            wrong.append("%s: %s" % (case.label(), e))
    assert not wrong, "\n".join(wrong)
    no_canary(scratch)
    return "%d names" % len(cases)


def environ(scratch):
    return dict(scratch.env, PYTHONHOME="", TERM="dumb", PATH="/usr/bin:/bin")


def drawn(terminal, shell, tag):
    """What is on the screen between two commands: the prompt."""
    terminal.type(shell.say.format(tag))
    return terminal.expect(b"done %s\r?\n" % tag.encode())[0]


def prompts(scratch, shell, cases):
    """At a terminal: the prompt is the name, exactly, and then the old one again."""
    t = Terminal(shell.interactive(), environ(scratch), scratch.dir)
    wrong = []
    try:
        t.type(shell.set_prompt)
        drawn(t, shell, "start")
        for case in cases:
            t.type(shell.sources.format("n/%d/bin/%s" % (case.number, shell.script)))
            drawn(t, shell, "%da" % case.number)
            text = drawn(t, shell, "%db" % case.number)
            want = os.fsencode("(" + case.prompt + ") ") + b"READY> "
            plain = not re.search("[\x00-\x1f\x7f\u2028\udc80-\udcff]", case.prompt)
            if plain and want not in text:
                wrong.append("%s: drawn %r" % (case.label(), text))
            t.type(shell.leave)
            drawn(t, shell, "%dc" % case.number)
            text = drawn(t, shell, "%dd" % case.number)
            if b") READY> " in text or b"READY> " not in text:
                wrong.append("%s: left, drawn %r" % (case.label(), text))
    finally:
        t.close()
    assert not wrong, "\n".join(wrong)
    no_canary(scratch)
    return "%d prompts" % len(cases)


def main():
    tap = Tap()
    scratch = Scratch("others")
    cases = make(scratch)
    for shell in (Tcsh(), BsdCsh(), TcshOptions(), Fish(), Xonsh()):
        if sys.argv[1:] and shell.name not in sys.argv[1:]:
            continue
        if not shell.path:
            tap.skip(shell.name, "it is not here")
            continue
        tap.check(shell.name + ": activate and deactivate", batch, scratch, shell,
                  cases[::3] if shell.slow else cases)
        tap.check(shell.name + ": prompt", prompts, scratch, shell,
                  cases[::6] if shell.slow else cases)
    scratch.remove()
    tap.done()


main()
