# SPDX-License-Identifier: MIT
"""compile.py - byte code by several processes: what py_compile makes of each file, or no entry"""

import glob
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "matrix"))

# pylint: disable=wrong-import-position
from interpreters import PREFIX, Scratch, Skip, Tap, VENVCTL, find  # noqa: E402
from wheelmaker import Wheel  # noqa: E402

PREINSTALL = os.path.join(PREFIX, "mocks", "preinstall.so")

# Files that no two interpreters take for the same, and some that none takes at all.
SOURCES = {"plain": "def f(a, b=1):\n    '''text'''\n    return [x for x in a if x != b]\n" * 30,
           "broken": "def (\n", "nul": "x = 1\0\n", "latin": "# \xe9\nx = 1\n", "empty": "",
           "deep": "x = " + "(" * 300 + ")" * 300 + "\n", "warns": "x = 1 is 1\ny = '\\d'\n",
           "names": "".join("name%d = '%d'\n" % (i % 40, i) for i in range(400)),
           "klass": "class A:\n    join = path = self = name = 1\n    def write(self, name): return self.join\n"}

ONE_BY_ONE = """
import marshal, os, py_compile, sys, warnings
warnings.simplefilter('ignore')
is_pypy = sys.implementation.name == 'pypy'
top, to = sys.argv[1:]
os.chdir(top)
same = 0
for base, dirs, files in os.walk('.'):
    for name in sorted(f for f in files if f.endswith('.py')):
        path = os.path.join(base, name)[2:]
        made = os.path.join(base, '__pycache__', '%s.%s.pyc' % (name[:-3], sys.implementation.cache_tag))
        try:
            py_compile.compile(path, cfile=to, dfile=path, doraise=True)
        except Exception:
            assert not os.path.exists(made), path
            continue
        with open(to, 'rb') as a, open(made, 'rb') as b:
            a, b = a.read(), b.read()
            # PyPy's bytes are not always the same; its code is.
            assert a == b or (is_pypy and a[:16] == b[:16] and
                              marshal.loads(a[16:]) == marshal.loads(b[16:])), path
        os.unlink(to)
        same += 1
print(same)
"""


def identical(s, python):
    w = Wheel()
    for i in range(6):
        for name, text in SOURCES.items():
            w.add("acme/%s%d.py" % (name, i), text.encode("latin-1"))
    s.venvctl("create", "-p", python.path, "--link-mode", "copy",
              "--plugin=%s:wheel=%s" % (PREINSTALL, w.write(s.dir)), s.path("env"))
    entry = glob.glob(s.path("cache", "store", "*", "site"))[0]
    # The same base that the program has: byte code tells whether a name is in use elsewhere.
    out = s.must(python.path, "-E", "-s", "-S", "-c", ONE_BY_ONE, entry, s.path("one.pyc"))
    # Some parsers say on stderr what is too deep for them.
    n = int(out.split()[-1])
    assert n >= 5 * 6, out
    return "%d files, %d processors" % (n, len(os.sched_getaffinity(0)))


def child_of(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as f:
        return [int(n) for n in f.read().split()]


def killed(s, python):
    """A process that the kernel ends leaves no entry, and no environment that lacks byte code."""
    if len(os.sched_getaffinity(0)) < 2:
        raise Skip("one processor: there is one process")
    if not os.path.exists("/proc/self/task/%d/children" % os.getpid()):
        raise Skip("this system does not say which children a process has")
    w = Wheel()
    for i in range(40):
        w.add("acme/m%d.py" % i, "x = [%s]\n" % ", ".join("'%d'" % n for n in range(20000)))
    args = [VENVCTL, "create", "-p", python.path, "--plugin=%s:wheel=%s" % (PREINSTALL, w.write(s.dir)), s.path("env")]
    with subprocess.Popen(args, env=s.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          universal_newlines=True) as p:
        victim = None
        while victim is None and p.poll() is None:
            # The plugin runs in a child, which starts Python, which forks.
            for one in child_of(p.pid):
                for two in child_of(one):
                    for three in child_of(two):
                        victim = three
            time.sleep(0.01)
        assert victim, p.communicate()
        os.kill(victim, signal.SIGKILL)
        out = p.communicate()[0]
    assert p.returncode != 0 and "was killed (signal 9) while it compiled" in out, (p.returncode, out)
    assert not os.path.exists(s.path("env")) and not os.listdir(s.path("cache", "store")), out
    s.must(*args)
    assert len(glob.glob(s.path("env", "lib", "*", "site-packages", "acme", "__pycache__", "*.pyc"))) == 40
    return out


def main():
    tap, groups = Tap(), []
    pythons = find()
    for python in pythons:
        s = Scratch("compile")
        groups.append((s, [("%s: byte code is py_compile's" % python, identical, s, python)]))
    s = Scratch("compile")
    python = max((p for p in pythons if not p.is_pypy), key=lambda p: p.xy)
    groups.append((s, [("a process that is killed leaves nothing", killed, s, python)]))
    tap.together(groups)
    tap.done()


main()
