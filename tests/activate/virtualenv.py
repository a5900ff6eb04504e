# SPDX-License-Identifier: MIT
"""virtualenv.py - what activation scripts set besides, where they were made as virtualenv

That is PKG_CONFIG_PATH, and TCL_LIBRARY and TK_LIBRARY if the former was set then: as with
virtualenv itself. Whatever the names are, deactivate gives each variable back.
"""

import os
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "matrix"))

# pylint: disable=wrong-import-position
import table  # noqa: E402
from interpreters import VENVCTL, Interpreter, Scratch, Tap, find  # noqa: E402
from names import DIRECTORIES  # noqa: E402

NAMES = ("PKG_CONFIG_PATH", "TCL_LIBRARY", "TK_LIBRARY")
STARTS = {
    "unset": {},
    "empty": {name: "" for name in NAMES},
    "set": {"PKG_CONFIG_PATH": "/o'ther $(touch canary):/b", "TCL_LIBRARY": "/t'cl `touch canary`",
            "TK_LIBRARY": '/"tk %'},
}


def candidates():
    """The Python that runs activate_this.py here, which has to be of its version, and others."""
    system = Interpreter(shutil.which("python3", path="/usr/local/bin:/usr/bin:/bin"))
    return [system] + [p for p in find() if p.path != system.path]


def with_tk(scratch, top):
    """(interpreter, Tcl's directory, Tk's): one that has tkinter, best of the system's version."""
    say = "import tkinter; print(tkinter.Tcl().eval('info library'), tkinter.TkVersion)"
    found = candidates()
    for python in sorted(found, key=lambda p: p.xy != found[0].xy):
        status, out = scratch.run(python.path, "-c", say)
        tcl, version = (out.split() + ["", ""])[:2]
        beside = os.path.join(os.path.dirname(tcl), "tk" + version)
        if not status and os.path.exists(os.path.join(beside, "tk.tcl")):
            links = os.path.join(top, "t'c l$(touch canary)`touch canary`&"), os.path.join(top, "tk" + version)
            os.makedirs(top)
            os.symlink(tcl, links[0])
            os.symlink(beside, links[1])
            return (python,) + links
    return found[0], None, None


def make_like(scratch, top, directory, *args):
    """(DIRECTORY, Tcl's, Tk's): one as virtualenv makes it; what is needed for that is in TOP."""
    python, tcl, tk = with_tk(scratch, os.path.join(top, "t"))
    os.makedirs(top, exist_ok=True)
    os.symlink(VENVCTL, os.path.join(top, "virtualenv"))
    env = dict(scratch.env, TCL_LIBRARY=tcl) if tcl else scratch.env
    scratch.must(os.path.join(top, "virtualenv"), "-p", python.path, "--without-pip", "--clear", *args, "--",
                 directory, env=env)
    return directory, tcl, tk


class Case(table.Case):
    tcl = tk = None
    like = True     # virtualenv


def make(scratch):
    python, tcl, tk = with_tk(scratch, scratch.path("t"))
    os.mkdir(scratch.path("envs"))
    os.mkdir(scratch.path("n"))
    os.symlink(VENVCTL, scratch.path("virtualenv"))
    cases = []
    for name in DIRECTORIES[::9] + ["no tcl", "no virtualenv"]:
        case = Case(scratch, len(cases), name, None)
        tool = [scratch.path("virtualenv")]
        env = dict(scratch.env)
        if name == "no virtualenv":
            tool, case.like = [VENVCTL, "create"], False
        elif tcl and name != "no tcl":
            case.tcl, case.tk, env["TCL_LIBRARY"] = tcl, tk, tcl
        if name == "no virtualenv" and tcl:
            env["TCL_LIBRARY"] = tcl
        scratch.must(*tool, "-p", python.path, "--without-pip", "--", case.dir, env=env)
        os.symlink(case.dir, scratch.path("n", str(case.number)))
        cases.append(case)
    return cases, tcl, python.xy == candidates()[0].xy


def expected(scratch, shell, case, start):
    want = table.expected(scratch, shell, case, start)
    if case.like:
        old = [v for v in [start.get("PKG_CONFIG_PATH")] if v]
        want["PKG_CONFIG_PATH"] = ":".join([want["VIRTUAL_ENV"] + "/lib/pkgconfig"] + old)
    if case.tcl:
        want.update(TCL_LIBRARY=case.tcl, TK_LIBRARY=case.tk)
    return want


def steps(scratch, shell, cases, start):
    """One after the other, then out: all is as it was."""
    env = dict(table.environ(scratch), **STARTS[start])
    before = table.run_script(scratch, shell, shell.steps([c.number for c in cases]), env)
    assert {n: before.get(n) for n in NAMES} == {n: STARTS[start].get(n) for n in NAMES}, before
    for i, case in enumerate(cases):
        table.same(table.read_env(scratch.path("out", "%d.in" % i)), expected(scratch, shell, case, before))
    table.same(table.read_env(scratch.path("out", "0.out")), before)
    table.no_canary(scratch)
    return "%d environments" % len(cases)


def main():
    tap, groups = Tap(), []
    shared = Scratch("virtualenv")
    cases, tcl, is_systems = make(shared)
    if not tcl:
        tap.skip("TCL_LIBRARY and TK_LIBRARY", "no interpreter here has tkinter")
    for shell in table.shells_here(tap):
        if shell.name == "python" and not is_systems:
            tap.skip(shell.name, "the one with tkinter is another version than the system's")
            continue
        scratch = table.place_of(shell, shared)
        tests = [("%s: %s" % (shell.name, start), steps, scratch, shell, [cases[0]] + cases, start)
                 for start in STARTS]
        groups.append((scratch, tests))
    tap.together(groups)
    shared.remove()
    tap.done()


if __name__ == "__main__":
    main()
