# SPDX-License-Identifier: MIT
"""pip.py - the pip that was placed works, and whatever it does leaves the store as it is"""

import glob
import hashlib
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "matrix"))

# pylint: disable=wrong-import-position
from interpreters import Scratch, Skip, Tap, VENVCTL, find  # noqa: E402
from wheelmaker import Wheel  # noqa: E402


def store_digest(s):
    """Names, times, modes and contents of all that is in the store."""
    h = hashlib.sha256()
    for base, dirs, files in os.walk(s.path("cache", "store")):
        dirs.sort()
        for name in sorted(files):
            path = os.path.join(base, name)
            st = os.lstat(path)
            with open(path, "rb") as f:
                h.update(repr((path, st.st_mode, st.st_mtime, st.st_size)).encode() + f.read())
    return h.hexdigest()


def env_python(env):
    return os.path.join(env, "bin", "python")


def wheels_of(python):
    """pip's wheels that an interpreter's own ensurepip has."""
    code = "import ensurepip, os; print(os.path.dirname(ensurepip.__file__))"
    out = subprocess.run([python.path, "-c", code], stdout=subprocess.PIPE, check=False,
                         universal_newlines=True).stdout.strip()
    return glob.glob(os.path.join(out, "_bundled", "pip-*.whl")) if out else []


def version_key(path):
    return [int(n) for n in os.path.basename(path).split("-")[1].split(".")]


def everything(s, python, newer):
    env = s.path("env")
    s.venvctl("create", "-p", python.path, env)
    before = store_digest(s)
    pip = os.path.join(env, "bin", "pip")
    assert "pip " in s.must(pip, "--version")
    assert "No broken requirements" in s.must(pip, "check")
    listed = s.must(pip, "list")
    assert "pip" in listed and ("setuptools" in listed) == (python.xy < (3, 12)), listed
    wheel = Wheel("acme", "1.0").add("acme.py", "x = 1\n").write(s.dir)
    s.must(pip, "install", "--no-index", wheel)
    s.must(env_python(env), "-c", "import acme")
    s.must(pip, "uninstall", "--yes", "acme")
    if newer:
        s.must(env_python(env), "-m", "pip", "install", "--no-index", "--find-links",
               os.path.dirname(newer), "--upgrade", "pip==" + os.path.basename(newer).split("-")[1])
        assert os.path.basename(newer).split("-")[1] in s.must(pip, "--version")
    s.must(env_python(env), "-m", "pip", "uninstall", "--yes", "pip")
    left = [p for p in glob.glob(os.path.join(env, "bin", "pip*"))]
    assert not left and not glob.glob(os.path.join(env, "lib*", "p*", "site-packages", "pip*")), left
    assert store_digest(s) == before, "the store was changed"
    # What was taken away comes back.
    s.venvctl("create", "-p", python.path, env)
    s.must(pip, "--version")
    return "also upgraded to " + os.path.basename(newer) if newer else "no newer pip for it here"


def left_out(s, python):
    """--no-pip, --no-setuptools: only what is named is missing."""
    for options, pip, setuptools in ((["--no-pip"], False, True), (["--no-setuptools"], True, False)):
        env = s.path("no-" + options[0].strip("-"))
        s.venvctl("create", "-p", python.path, *options, env)
        for name, wanted in (("pip", pip), ("setuptools", setuptools and python.xy < (3, 12))):
            status, _ = s.run(env_python(env), "-I", "-c", "import " + name)
            assert (status == 0) == wanted, (options, name)


def warm(s, python):
    """Once the store has it, nothing is started and nothing is compiled."""
    if sanitized():
        raise Skip("sanitizers start a process of their own")
    env = s.path("warm")
    trace = s.path("trace")
    s.must("strace", "-f", "-qq", "-e", "trace=execve,clone,clone3,fork,vfork", "-o", trace, VENVCTL,
           "create", "-p", python.path, env)
    lines = open(trace).read().splitlines()
    assert len(lines) == 1, lines
    out = s.must(env_python(env), "-v", "-m", "pip", "--version")
    assert "# wrote" not in out, [l for l in out.splitlines() if "# wrote" in l][:3]


def sanitized():
    with open(VENVCTL, "rb") as f:
        return b"__asan_init" in f.read()


def main():
    tap, groups = Tap(), []
    pythons = [p for p in find() if p.has_ensurepip]
    newest = {}
    for other in pythons:
        for wheel in wheels_of(other):
            newest[wheel] = other.xy
    for python in pythons:
        # Wheels that this interpreter can run: those of interpreters that are not newer by much.
        mine = wheels_of(python)
        newer = [w for w in newest if (not mine or version_key(w) > version_key(mine[0])) and
                 newest[w] <= max(python.xy, (3, 9)) and (python.xy >= (3, 7))]
        best = max(newer, key=version_key) if newer else None
        s = Scratch("pip")
        groups.append((s, [("%s: pip" % python, everything, s, python, best),
                           ("%s: left out" % python, left_out, s, python),
                           ("%s: warm" % python, warm, s, python)]))
    tap.together(groups)
    tap.done()


main()
