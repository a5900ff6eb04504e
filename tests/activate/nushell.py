# SPDX-License-Identifier: MIT
"""nushell.py - activate.nu in the nushell that the package index has, which is one for Windows

No distribution that the tests run on has nushell.  wine and a cross compiler, for the one
function that this wine lacks, are too big to be among the packages that the tests need: before
a release somebody installs wine64, wine and gcc-mingw-w64-x86-64.
"""

import glob
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "matrix"))

# pylint: disable=wrong-import-position
from interpreters import Scratch, Tap, find  # noqa: E402
from names import DIRECTORIES, PROMPTS  # noqa: E402
from virtualenv import NAMES, make_like  # noqa: E402

NEEDED = ("/usr/bin/wine", "/usr/bin/x86_64-w64-mingw32-gcc")
MISSING = """#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE to, SIZE_T n) { return SystemFunction036(to, (ULONG)n); }
"""
SAVE = "print ({dir: $env.VIRTUAL_ENV?, prompt: $env.VIRTUAL_ENV_PROMPT?," \
       " home: (^cmd /c 'echo %PYTHONHOME%' | str trim), kept: ($env.PYTHONHOME? | default '-')," \
       " drawn: (if ($env.PROMPT_COMMAND? | describe) == 'closure' { do $env.PROMPT_COMMAND } else { '-' })}" \
       " | to json --raw)"


def nushell(s):
    """Have nu.exe, and the function that it takes from a library that wine does not have."""
    pip = next(p for p in find() if p.has_ensurepip and not p.is_pypy and p.xy >= (3, 8))
    s.must(pip.path, "-m", "venv", s.path("pip"))
    s.must(s.path("pip", "bin", "python"), "-m", "pip", "download", "-q", "--no-deps", "-d", s.dir,
           "nushell-testing", env=dict(os.environ, HOME=s.env["HOME"]))
    with zipfile.ZipFile(glob.glob(s.path("nushell_testing*.whl"))[0]) as z, \
            open(s.path("nu.exe"), "wb") as f:
        f.write(z.read("nushell_testing/data/nu.exe"))
    with open(s.path("missing.c"), "w", encoding="ascii") as f:
        f.write(MISSING)
    s.must(NEEDED[1], "-shared", "-o", s.path("bcryptprimitives.dll"), s.path("missing.c"), "-ladvapi32")


def run(s, script, **env):
    with open(s.path("t.nu"), "w", encoding="utf-8") as f:
        f.write(script)
    out = subprocess.run([NEEDED[0], s.path("nu.exe"), "-n", "Z:" + s.path("t.nu").replace("/", "\\")],
                         env=dict(s.env, WINEPREFIX=s.path("wine"), WINEDEBUG="-all",
                                  WINEDLLOVERRIDES="mscoree,mshtml=", **env),
                         cwd=s.dir, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, check=False).stdout.decode("utf-8", "replace")
    found = [name for _, _, names in os.walk(s.path("envs")) for name in names + os.listdir(s.dir)
             if name.startswith("canary")]
    assert not found, found
    return [json.loads(line) for line in out.split("\n") if line.startswith("{")], out


def make(s, name, prompt):
    args = [] if prompt is None else ["--prompt=" + prompt]
    s.venvctl("create", "--without-pip", "--activators=nushell", *args, "--", s.path("envs", name))
    return s.path("envs", name)


def names(s):
    """All in one process, which has seen an overlay of that name before."""
    # No path has one of these in it there, or ends like this; and none is longer.
    cases = [(name, None) for name in DIRECTORIES if not re.search('["<>|*?:\\\\]|[. ]$', name) and len(name) < 200]
    cases += [("prompt%d" % i, prompt) for i, prompt in enumerate(PROMPTS)]
    os.mkdir(s.path("n"))
    lines, want, wrong = [SAVE], [], []
    for i, (name, prompt) in enumerate(cases):
        path = make(s, name, prompt)
        # A directory is found through a plain link: its name is in the script itself.
        os.symlink(path, s.path("n", str(i)))
        lines += ["overlay use n/%d/bin/activate.nu" % i, SAVE, "deactivate", SAVE]
        # What is not UTF-8 it cannot hold.
        want.append((path, re.sub("[\udc80-\udcff]", "\ufffd", name if prompt is None else prompt)))
    said, out = run(s, "\n".join(lines + [""]))
    assert len(said) == 2 * len(want) + 1, out
    for i, (path, prompt) in enumerate(want):
        found, after = said[2 * i + 1:2 * i + 3]
        drawn = "(%s) " % prompt if prompt else ""
        if found["dir"] != path or (found["prompt"] or "") != prompt or not found["drawn"].startswith(drawn) \
                or after != said[0]:
            wrong.append("%r: %r, %r" % (prompt, found, after))
    assert not wrong, "\n".join(wrong)
    return "%d names" % len(cases)


def pythonhome(s):
    """Programs never see it while one is active, also at the second time; then it is back."""
    make(s, "home", None)
    use = "overlay use envs/home/bin/activate.nu"
    said, out = run(s, "\n".join([SAVE, use, SAVE, "deactivate", SAVE, use, SAVE, use, SAVE, "deactivate", SAVE]),
                    PYTHONHOME="/opt")
    assert [x["home"] for x in said] == ["/opt", "%PYTHONHOME%", "/opt", "%PYTHONHOME%", "%PYTHONHOME%", "/opt"], out
    assert [x["kept"] for x in said] == ["/opt", "-", "/opt", "-", "-", "/opt"], out


def like_virtualenv(s, env):
    """What virtualenv's scripts set besides; twice, and out."""
    path, tcl, tk = make_like(s, s.path("like"), s.path("envs", "r'#x $(y)"), "--activators=nushell")
    os.symlink(path, s.path("like", "n"))
    use = "overlay use like/n/bin/activate.nu"
    save = "print ({%s} | to json --raw)" % ", ".join("%s: $env.%s?" % (n, n) for n in NAMES)
    said, out = run(s, "\n".join([save, use, save, use, save, "deactivate", save]), **env)
    start = {name: env.get(name) for name in NAMES}
    want = dict(start, PKG_CONFIG_PATH=";".join([path + "\\lib\\pkgconfig"] + [v for v in [env.get(NAMES[0])] if v]))
    if tcl:
        want.update(TCL_LIBRARY=tcl, TK_LIBRARY=tk)
    shutil.rmtree(s.path("like"))
    assert said == [start, want, want, start], (want, out)


def main():
    tap = Tap()
    if not all(shutil.which(path) for path in NEEDED):
        tap.skip("nushell", "wine or gcc-mingw-w64-x86-64 is not here")
        tap.done()
        return
    s = Scratch("nushell")
    try:
        nushell(s)
        tap.check("nushell: PYTHONHOME", pythonhome, s)
        tap.check("nushell: like virtualenv, unset", like_virtualenv, s, {})
        tap.check("nushell: like virtualenv, set", like_virtualenv, s,
                  {"PKG_CONFIG_PATH": "C:\\o'ther;C:\\b", "TCL_LIBRARY": "t'cl", "TK_LIBRARY": '"tk'})
        tap.check("nushell: activate and deactivate", names, s)
    finally:
        subprocess.run(["wineserver", "-k", "-w"], env=dict(s.env, WINEPREFIX=s.path("wine")), check=False)
        s.remove()
    tap.done()


main()
