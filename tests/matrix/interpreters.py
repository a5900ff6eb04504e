# SPDX-License-Identifier: MIT
"""interpreters.py - what the tests that run for every interpreter share"""

import concurrent.futures
import multiprocessing
import os
import subprocess
import sys
import tempfile

HOME = os.path.expanduser("~")
PREFIX = os.environ["TEST_PREFIX"]
VENVCTL = os.path.join(PREFIX, "bin", "venvctl")


class Interpreter:
    def __init__(self, path):
        self.path = path
        out = subprocess.run(
            [path, "-E", "-s", "-S", "-c",
             "import sys, os; print(sys.hexversion, sys.implementation.name,"
             " int(os.path.exists(os.path.join(os.path.dirname(os.__file__),"
             " 'ensurepip', '__init__.py'))))"],
            env=clean_env(), stdout=subprocess.PIPE, check=True, universal_newlines=True).stdout.split()
        self.hexversion = int(out[0])
        self.implementation = out[1]
        self.has_ensurepip = out[2] == "1"
        self.xy = (self.hexversion >> 24, self.hexversion >> 16 & 255)
        self.is_pypy = self.implementation == "pypy"

    def __str__(self):
        text = "%d.%d.%d" % (self.xy + (self.hexversion >> 8 & 255,))
        return "%s %s (%s)" % (self.implementation, text, self.path)


def find():
    """Debian's python3 and pypy3, and what pyenv has installed."""
    places = ["/usr/bin/python3", "/usr/bin/pypy3"]
    versions = os.path.join(os.environ.get("PYENV_ROOT", os.path.join(HOME, ".pyenv")), "versions")
    if os.path.isdir(versions):
        for name in sorted(os.listdir(versions)):
            places.append(os.path.join(versions, name, "bin", "python3"))
    found = []
    for path in places:
        if os.access(path, os.X_OK):
            try:
                found.append(Interpreter(path))
            except (subprocess.CalledProcessError, OSError, AttributeError, IndexError) as e:
                print("# passing over %s: %s" % (path, e))
    found = [i for i in found if i.xy >= (3, 6)]
    if os.environ.get("VENVCTL_QUICK"):
        # For builds that differ in the compiler alone: the oldest, the newest, and PyPy.
        cpython = sorted((i for i in found if not i.is_pypy), key=lambda i: i.xy)
        found = cpython[:1] + cpython[1:][-1:] + [i for i in found if i.is_pypy]
    return found


def clean_env(**more):
    """The caller's environment without what would change an interpreter or pip."""
    drop = ("PYTHON", "PIP_", "VIRTUAL_ENV", "VENVCTL_", "XDG_", "PYENV_")
    env = {k: v for k, v in os.environ.items() if not k.startswith(drop)}
    env["PATH"] = "/usr/local/bin:/usr/bin:/bin"
    env["LANG"] = env["LC_ALL"] = "C.UTF-8"
    env["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    env.update(more)
    return env


class Scratch:
    """A directory of its own, with a HOME and a cache."""

    def __init__(self, name):
        self.dir = tempfile.mkdtemp(prefix="venvctl-%s-" % name)
        self.dir = os.path.realpath(self.dir)
        os.mkdir(os.path.join(self.dir, "home"))
        self.env = clean_env(HOME=os.path.join(self.dir, "home"),
                             VENVCTL_CACHE_DIR=os.path.join(self.dir, "cache"),
                             TEST_SYSCONFDIR=os.path.join(self.dir, "etc"),
                             TEST_LOGDIR=os.path.join(self.dir, "log"))

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def run(self, *argv, **kw):
        """Run and return (status, output); a status other than 0 is not an error."""
        kw.setdefault("env", self.env)
        kw.setdefault("cwd", self.dir)
        p = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           universal_newlines=True, **kw)
        return p.returncode, p.stdout

    def must(self, *argv, **kw):
        status, out = self.run(*argv, **kw)
        if status:
            raise AssertionError("%s: status %d\n%s" % (" ".join(argv), status, out))
        return out

    def venvctl(self, *args, **kw):
        return self.must(VENVCTL, *args, **kw)

    def remove(self):
        subprocess.run(["rm", "-rf", self.dir], check=False)


class Skip(Exception):
    """Raised by a test that can show nothing on this machine: it says why."""


def tried(name, function, *args):
    try:
        return True, name, function(*args) or ""
    except Skip as why:
        return None, name, why
    except Exception as e:  # a test that cannot run has failed
        return False, name, "%s: %s" % (type(e).__name__, e)


def in_order(group):
    scratch, tests = group
    try:
        return [tried(*test) for test in tests]
    finally:
        scratch.remove()


class Tap:
    """Test results as TAP; the plan comes last."""

    def __init__(self):
        self.n = 0
        self.failed = 0

    def result(self, ok, name, detail=""):
        """OK is None for a test that was skipped for the reason DETAIL."""
        if ok is None:
            self.skip(name, detail)
            return
        self.n += 1
        if not ok:
            self.failed += 1
        print("%sok %d - %s" % ("" if ok else "not ", self.n, name))
        for line in str(detail).splitlines():
            print("# " + line)
        sys.stdout.flush()

    def skip(self, name, why):
        self.n += 1
        print("ok %d - %s # SKIP %s" % (self.n, name, why))

    def check(self, name, function, *args):
        """ok if FUNCTION returns; what it returns are notes for the reader."""
        self.result(*tried(name, function, *args))

    def each(self, tests, why_not=""):
        """Check each test_ of TESTS with its `one`, or skip each for the reason WHY_NOT.

        Their names say in words what is tested.
        """
        for name in sorted(n for n in dir(tests) if n.startswith("test_")):
            words = name[5:].replace("_", " ")
            if why_not:
                self.skip(words, why_not)
            else:
                self.check(words, tests.one, getattr(tests, name))

    def together(self, groups, at_once=0):
        """Groups of a Scratch and its tests, (name, function, arguments...), in their order.

        Each group is run by a process, as many at once as there are cores, or AT_ONCE.
        """
        with concurrent.futures.ProcessPoolExecutor(
                at_once or os.cpu_count(), multiprocessing.get_context("fork")) as pool:
            for results in pool.map(in_order, groups):
                for result in results:
                    self.result(*result)

    def done(self):
        print("1..%d" % self.n)
        sys.exit(1 if self.failed else 0)
