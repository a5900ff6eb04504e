# SPDX-License-Identifier: MIT
"""table.py - activation in every shell, for every kind of name

A shell that is slow to start, and one of a build that differs in the compiler alone, gets
some of the names; TABLE=all gives each shell all of them.
"""

import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "matrix"))

# pylint: disable=wrong-import-position
from interpreters import Scratch, Tap  # noqa: E402
from names import DIRECTORIES, PROMPTS  # noqa: E402
from shells import SHELLS  # noqa: E402
from terminal import Terminal  # noqa: E402

# Not ours to restore, or changed by the shell with every command; ksh93 exports
# _AST_FEATURES when it has done something often enough.
VOLATILE = {"_", "_AST_FEATURES", "SHLVL", "PWD", "OLDPWD", "COLUMNS", "LINES"}


TABLE = os.environ.get("TABLE") or ("quick" if os.environ.get("VENVCTL_QUICK") else "")


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
    cases = [Case(scratch, i, name, None) for i, name in enumerate(DIRECTORIES)]
    for prompt in PROMPTS:
        cases.append(Case(scratch, len(cases), "prompt%d" % len(cases), prompt))
    for case in cases:
        args = ["--prompt=" + case.prompt] if case.dir.endswith("prompt%d" % case.number) else []
        scratch.venvctl("create", "--without-pip", *args, "--", case.dir)
        os.symlink(case.dir, scratch.path("n", str(case.number)))
    return cases


def place_of(shell, shared):
    """A directory for one shell, in which it finds the environments of all."""
    scratch = Scratch("table-" + shell.command)
    os.symlink(shared.path("n"), scratch.path("n"))
    os.mkdir(scratch.path("out"))
    return scratch


def read_env(path):
    with open(path, "rb") as f:
        pairs = [os.fsdecode(v).split("=", 1) for v in f.read().split(b"\0") if v]
    return {k: v for k, v in pairs if k not in VOLATILE}


def no_canary(scratch):
    shared = os.path.dirname(os.path.realpath(scratch.path("n")))
    found = [os.path.join(base, name) for top in (scratch.dir, shared)
             for base, dirs, files in os.walk(top) for name in files if name.startswith("canary")]
    for path in found:
        os.unlink(path)
    assert not found, "something ran: %r" % found


def expected(scratch, shell, case, start):
    """The environment START with CASE active."""
    place = scratch.path("n", str(case.number)) if shell.place_first else case.dir
    path = [place + "/bin"] + [p for p in [start.get("PATH")] if p]
    want = dict(start, VIRTUAL_ENV=place, VIRTUAL_ENV_PROMPT=case.prompt, PATH=":".join(path))
    want.pop("PYTHONHOME", None)
    return want


def same(found, want):
    assert found == want, sorted(set(found.items()) ^ set(want.items()))


def run_script(scratch, shell, text, env):
    for name in os.listdir(scratch.path("out")):
        os.unlink(scratch.path("out", name))
    script = scratch.path("batch." + shell.script.rsplit(".")[-1])
    with open(script, "w", encoding="utf-8") as f:
        f.write(text)
    done = subprocess.run(shell.run_batch(script), cwd=scratch.dir, env=env,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 0 and not done.stdout, done
    return read_env(scratch.path("out", "start"))


def batch(scratch, shell, cases):
    """All in one process that reads no terminal."""
    start = run_script(scratch, shell, shell.batch([c.number for c in cases]), environ(scratch))
    wrong = []
    for case in cases:
        try:
            same(read_env(scratch.path("out", "%d.in" % case.number)),
                 expected(scratch, shell, case, start))
            same(read_env(scratch.path("out", "%d.out" % case.number)), start)
        except (AssertionError, OSError) as e:
            wrong.append("%s: %s" % (case.label(), e))
    assert not wrong, "\n".join(wrong)
    no_canary(scratch)
    return "%d names" % len(cases)


# What a shell may find when it begins.
STARTS = {
    "unset": {"PATH": None, "PYTHONHOME": None, "VIRTUAL_ENV": None, "VIRTUAL_ENV_PROMPT": None},
    "empty": {"PATH": "", "PYTHONHOME": "", "VIRTUAL_ENV": "", "VIRTUAL_ENV_PROMPT": ""},
    "set": {"PATH": "/usr/bin:/bin", "PYTHONHOME": "/usr", "VIRTUAL_ENV": "/o'ther $(x)",
            "VIRTUAL_ENV_PROMPT": "o'ther `x` %n!"},
}


# Whatever is in them is not ours, and nothing of it is run.
RUNS = "$(touch canary)`touch canary`;touch canary;'\"; touch canary #"
ATTACK = {name: RUNS for name in (
    "_OLD_VIRTUAL_PATH", "_OLD_VIRTUAL_SET", "_OLD_VIRTUAL_PYTHONHOME", "_OLD_VIRTUAL_VIRTUAL_ENV",
    "_OLD_VIRTUAL_ENV", "_OLD_VIRTUAL_ENV_PROMPT", "_OLD_VIRTUAL_VIRTUAL_ENV_PROMPT", "_OLD_VIRTUAL_PS1",
    "_OLD_VIRTUAL_YASH_PS1", "_OLD_VIRTUAL_PREFIX", "_OLD_VIRTUAL_PYDOC", "_OLD_VIRTUAL_PROMPT",
    "_OLD_VIRTUAL_HOOKS", "_OLD_FISH_PROMPT_OVERRIDE", "_VENV_PROMPT", "_VENV_YASH_PROMPT", "_venv_file",
    "_venv_run", "_venv_place", "_venv_rest", "_venv_name", "_venv_hook", "_venv_files", "_venv_do",
    "_venv_prompt", "_venv_hooks", "_venv_word", "_venv_count", "_venv_draw", "VIRTUAL_ENV",
    "VIRTUAL_ENV_PROMPT", "PYTHONHOME", "CDPATH", "IFS", "PS1", "pydoc", "deactivate")}


def attacked(scratch, shell, cases):
    """The environment is full of what looks like ours; there is a program deactivate, too."""
    os.makedirs(scratch.path("programs"), exist_ok=True)
    with open(scratch.path("programs", "deactivate"), "w", encoding="utf-8") as f:
        f.write("#!/bin/sh\n: >%s\n" % scratch.path("canary"))
    os.chmod(scratch.path("programs", "deactivate"), 0o755)
    env = dict(environ(scratch), **ATTACK)
    env["PATH"] = scratch.path("programs") + ":" + env["PATH"]
    if shell.name in ("python", "xonsh"):
        del env["PYTHONHOME"]   # they are Python
    del env["HOME"]
    one, two = cases[1], cases[9]
    before = others(run_script(scratch, shell, shell.steps([one.number, two.number]), env))
    for i, case in enumerate((one, two)):
        found = others(read_env(scratch.path("out", "%d.in" % i)))
        # The prompt is another, as it should be.
        want = expected(scratch, shell, case, before)
        same(dict(found, PS1=""), dict(want, PS1=""))
    same(others(read_env(scratch.path("out", "0.out"))), before)
    no_canary(scratch)


def others(variables):
    return {k: v for k, v in variables.items() if not k.startswith(("_OLD_", "_VENV_", "_venv_"))}


def restore(scratch, shell, cases, start):
    """The same one twice, then another, then out: all is as it was."""
    env = dict(environ(scratch), **STARTS[start])
    env = {k: v for k, v in env.items() if v is not None}
    one, two = cases[1], cases[9]
    before = run_script(scratch, shell, shell.steps([one.number, one.number, two.number]), env)
    for i, case in enumerate((one, one, two)):
        found = read_env(scratch.path("out", "%d.in" % i))
        want = expected(scratch, shell, case, before)
        # Some shells have a PATH of their own, which they do not export.
        if "PATH" not in before and found["PATH"].startswith(want["PATH"] + ":"):
            want["PATH"] = found["PATH"]
        same(found, want)
    after = read_env(scratch.path("out", "0.out"))
    if "PATH" not in before and after.get("PATH") == want["PATH"].split(":", 1)[-1]:
        del after["PATH"]
    same(after, before)


def environ(scratch):
    return dict(scratch.env, PYTHONHOME="", TERM="dumb", PATH="/usr/bin:/bin")


def drawn(terminal, shell, tag):
    """What is on the screen between two commands: the prompt."""
    terminal.type(shell.say.format(tag))
    return terminal.expect(b"done %s\r?\n" % tag.encode())[0]


def second_prompt(t, shell, one, two):
    """Over another one: the prompt is that of the second, and gone with it."""
    for case in (one, two):
        t.type(shell.sources.format("n/%d/bin/%s" % (case.number, shell.script)))
    drawn(t, shell, "second-a")
    text = drawn(t, shell, "second-b")
    old, new = (os.fsencode("(" + c.prompt + ") ") for c in (one, two))
    wrong = [] if new + b"READY> " in text and old not in text else ["second: %r" % text]
    t.type(shell.leave)
    drawn(t, shell, "second-c")
    text = drawn(t, shell, "second-d")
    return wrong + ([] if new not in text and old not in text else ["second, left: %r" % text])


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
            want = os.fsencode("(%s) " % case.prompt if case.prompt else "") + b"READY> "
            plain = not re.search("[\x00-\x1f\x7f\u2028\udc80-\udcff]", case.prompt)
            if plain and want not in text:
                wrong.append("%s: drawn %r" % (case.label(), text))
            t.type(shell.leave)
            drawn(t, shell, "%dc" % case.number)
            text = drawn(t, shell, "%dd" % case.number)
            if b") READY> " in text or b"READY> " not in text:
                wrong.append("%s: left, drawn %r" % (case.label(), text))
        wrong += second_prompt(t, shell, cases[1], cases[7])
    finally:
        t.close()
    assert not wrong, "\n".join(wrong)
    no_canary(scratch)
    return "%d prompts" % len(cases)


def is_text(prompt):
    return not re.search("[\udc80-\udcff]", prompt)


def some(cases, slow, step):
    """Each STEP-th for a slow shell, and more in a run of all."""
    if TABLE == "all":
        return cases
    return cases[::step * (2 if TABLE else 1)] if slow else cases[::4 if TABLE else 1]


def tests_of(scratch, shell, cases):
    """What there is to be tested of a shell."""
    mine = [c for c in cases if shell.reads_bytes or is_text(c.prompt)]
    yield "activate and deactivate", batch, scratch, shell, some(mine, shell.slow, 3)
    for start in STARTS:
        yield "restored from " + start, restore, scratch, shell, cases, start
    yield "an environment full of traps", attacked, scratch, shell, cases
    if shell.draws:
        yield "prompt", prompts, scratch, shell, some(mine, shell.slow, 6)


def shells_here(tap):
    """The shells that were asked for, or all; those that are not here are skipped by name."""
    for shell in SHELLS:
        if sys.argv[1:] and shell.name not in sys.argv[1:]:
            continue
        if shell.path:
            yield shell
        else:
            tap.skip(shell.name, "it is not here")


def each_shell(tap, shared, tests, cases):
    """TESTS(scratch, shell, cases) of every shell, several shells at once; and the end."""
    groups = []
    for shell in shells_here(tap):
        scratch = place_of(shell, shared)
        groups.append((scratch, [("%s: %s" % (shell.name, name), *test)
                                 for name, *test in tests(scratch, shell, cases)]))
    tap.together(groups)
    shared.remove()
    tap.done()


def main():
    shared = Scratch("table")
    each_shell(Tap(), shared, tests_of, make(shared))


if __name__ == "__main__":
    main()
