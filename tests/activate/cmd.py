# SPDX-License-Identifier: MIT
"""cmd.py - activate.bat and deactivate.bat in the cmd of wine, where that is installed

wine is too big to be one of the packages that the tests need. Its cmd always begins with
PROMPT=$P$G, also where one cmd starts another, and has no UTF-8 without a console. With an
argument all names are tried and not each fourth.
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
from virtualenv import NAMES, make_like  # noqa: E402

WINE = shutil.which("wine", path="/usr/local/bin:/usr/bin:/bin")
RUNS = "\"^&copy nul canary^&rem \""    # a value that is a command where it is read unquoted


def run(s, lines):
    """A batch file of LINES, which is to print nothing."""
    with open(s.path("t.bat"), "w", encoding="utf-8", newline="\r\n") as f:
        f.write("\n".join(["@echo off", "chcp 65001 >nul"] + lines + [""]))
    env = dict(s.env, WINEPREFIX=s.path("wine"), WINEDEBUG="-all", WINEDLLOVERRIDES="mscoree,mshtml=")
    p = subprocess.run([WINE, "cmd", "/d", "/c", "t.bat"], env=env, cwd=s.dir, timeout=300, check=False,
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert not p.stdout.strip(), p.stdout
    found = [f for _, _, files in os.walk(s.path()) for f in files if f.startswith("canary")]
    assert not found, found


def saved(s, name):
    with open(s.path(name + ".txt"), "rb") as f:
        text = f.read().decode("utf-8", "replace")
    return dict(line.split("=", 1) for line in text.split("\r\n") if "=" in line)


def same(found, want):
    assert found == want, sorted(set(found.items()) ^ set(want.items()))


def active(before, path, prompt):
    """BEFORE with an environment active; what is kept of before is not looked at."""
    want = {k: v for k, v in before.items() if k != "PYTHONHOME"}
    want.update(VIRTUAL_ENV=path, VIRTUAL_ENV_PROMPT=prompt,
                PATH=path + "\\bin;" + before["PATH"],
                PROMPT="(%s) $P$G" % prompt.replace("$", "$$"))
    if not prompt:
        del want["VIRTUAL_ENV_PROMPT"]
        want["PROMPT"] = before["PROMPT"]
    return want


def visible(found):
    return {k: v for k, v in found.items() if not k.startswith("_OLD_VIRTUAL_")}


def make(s, name, prompt):
    args = [] if prompt is None else ["--prompt=" + prompt]
    s.venvctl("create", "--without-pip", "--activators=cmd", *args, "--", s.path("envs", name))
    return s.path("envs", name)


def names(s):
    """Every name: the values are the text, and nothing of it runs."""
    # No path has a quote in it there; and none is longer than this.
    cases = [(name, None) for name in DIRECTORIES if '"' not in name and len(name) < 200]
    cases += [("prompt%d" % i, prompt) for i, prompt in enumerate(PROMPTS)]
    cases = [c for c in cases if re.fullmatch("[\\x00-\\x09\\x0e-\\x7f]*", c[1] if c[1] is not None else c[0])]
    lines, want = ["set >start.txt"], []
    os.mkdir(s.path("n"))
    cases = cases if sys.argv[1:] else cases[::4]
    for i, (name, prompt) in enumerate(cases):
        path = make(s, name, prompt)
        os.symlink(path, s.path("n", str(i)))
        lines += ["call n\\%d\\bin\\activate.bat" % i, "set >%d.in.txt" % i,
                  "call n\\%d\\bin\\deactivate.bat" % i, "set >%d.out.txt" % i]
        want.append((path, name if prompt is None else prompt))
    run(s, lines)
    start, wrong = saved(s, "start"), []
    for i, (path, prompt) in enumerate(want):
        try:
            same(visible(saved(s, "%d.in" % i)), active(start, path, prompt))
            same(saved(s, "%d.out" % i), start)
        except AssertionError as e:
            wrong.append("%r: %s" % (prompt, e))
    assert not wrong, "\n".join(wrong)
    return "%d names" % len(cases)


STARTS = {
    "unset": [],
    "set": ["set PYTHONHOME=C:\\p", "set VIRTUAL_ENV=C:\\o ther", "set VIRTUAL_ENV_PROMPT=o"],
    "set to what runs": ["set %s=x%s" % (n, RUNS) for n in (
        "PYTHONHOME", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT")] +
                        ["set PATH=%%PATH%%;x%s" % RUNS],
    "with what others left": ["set _OLD_VIRTUAL_%s=x%s" % (n, RUNS) for n in (
        "PATH", "PROMPT", "PYTHONHOME", "VIRTUAL_ENV", "ACTIVE", "DRAWN")] +
                             ["set _VENV_%s=x%s" % (n, RUNS) for n in ("CODEPAGE", "PATH", "PROMPT")],
}


def restored(s, lines):
    """One, the same, another, and out: all is as it was; twice, so that nothing is left over."""
    one, two = make(s, "a & b", "p%1"), make(s, "two", "!")
    call = "call \"envs\\%s\\bin\\%s.bat\""
    lines = ["set " + n + "=" for n in ("PYTHONHOME", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT")] + lines
    lines += ["set >start.txt", call % ("a & b", "activate"), call % ("a & b", "activate"), "set >0.in.txt",
              call % ("two", "activate"), "set >1.in.txt", call % ("two", "deactivate"), "set >1.out.txt",
              call % ("two", "deactivate"), "set >2.out.txt"]
    run(s, lines)
    start = {k: v for k, v in saved(s, "start").items() if not k.startswith(("_OLD_VIRTUAL_", "_VENV_"))}
    same(visible(saved(s, "0.in")), active(start, one, "p%1"))
    same(visible(saved(s, "1.in")), active(start, two, "!"))
    same(saved(s, "1.out"), start)
    same(saved(s, "2.out"), start)


def quiet(s):
    """VIRTUAL_ENV_DISABLE_PROMPT: a prompt that is set in between stays."""
    make(s, "plain", None)
    run(s, ["set VIRTUAL_ENV_DISABLE_PROMPT=1", "call envs\\plain\\bin\\activate.bat",
            "set >0.in.txt", "set PROMPT=mine", "call envs\\plain\\bin\\deactivate.bat", "set >0.out.txt"])
    assert saved(s, "0.in")["PROMPT"] == "$P$G"
    assert saved(s, "0.out")["PROMPT"] == "mine"


def like_virtualenv(s, lines):
    """What virtualenv's scripts set besides, and a plain one after it."""
    path, tcl, tk = make_like(s, s.path("like"), s.path("envs", "a ^& b%"), "--activators=batch")
    other = make(s, "other", None)
    os.symlink(path, s.path("like", "n"))
    lines = ["set %s=" % n for n in NAMES] + lines + [
        "set >start.txt", "call like\\n\\bin\\activate.bat", "set >0.in.txt",
        "call envs\\other\\bin\\activate.bat", "set >1.in.txt", "call envs\\other\\bin\\deactivate.bat",
        "set >1.out.txt", "call like\\n\\bin\\activate.bat", "call like\\n\\bin\\activate.bat",
        "set >2.in.txt", "call like\\n\\bin\\deactivate.bat", "set >2.out.txt"]
    run(s, lines)
    start = saved(s, "start")
    want = active(start, path, "a ^& b%")
    want["PKG_CONFIG_PATH"] = ";".join([path + "\\lib\\pkgconfig"] + [v for v in [start.get(NAMES[0])] if v])
    if tcl:
        want.update(TCL_LIBRARY=tcl, TK_LIBRARY=tk)
    same(visible(saved(s, "0.in")), want)
    same(visible(saved(s, "2.in")), want)
    same(visible(saved(s, "1.in")), active(start, other, "other"))
    same(saved(s, "1.out"), start)
    same(saved(s, "2.out"), start)
    shutil.rmtree(s.path("like"))


def main():
    tap = Tap()
    if not WINE:
        tap.skip("cmd", "wine is not here")
        tap.done()
        return
    s = Scratch("cmd")
    run(s, [])                  # makes what wine calls a prefix
    for start, lines in STARTS.items():
        tap.check("cmd: restored from " + start, restored, s, lines)
    tap.check("cmd: VIRTUAL_ENV_DISABLE_PROMPT", quiet, s)
    tap.check("cmd: like virtualenv, unset", like_virtualenv, s, [])
    tap.check("cmd: like virtualenv, set to what runs", like_virtualenv, s,
              ["set %s=x%s" % (name, RUNS) for name in NAMES])
    tap.check("cmd: activate and deactivate", names, s)
    subprocess.run(["wineserver", "-k", "-w"], env=dict(s.env, WINEPREFIX=s.path("wine")), check=False)
    s.remove()
    tap.done()


main()
