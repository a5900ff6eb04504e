# SPDX-License-Identifier: MIT
"""parallel.py - one user's creates side by side, and `cache clean` and `prune` beside them

Counted, not timed: an entry of the store is built once however many want it at once; neither
side fails whatever the other one does.  PARALLEL=NUMBER rounds each; the suite takes few.
"""

import glob
import os
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "matrix"))
from interpreters import VENVCTL, Scratch, Tap  # noqa: E402

ROUNDS = int(os.environ.get("PARALLEL", "2"))
PYTHON = "/usr/bin/python3"


class Creates:
    def __init__(self, scratch):
        self.scratch = scratch
        self.cache = scratch.path("cache")
        self.env = dict(scratch.env, VENVCTL_CACHE_DIR=self.cache)
        self.n = 0

    def cold(self):
        shutil.rmtree(self.cache, ignore_errors=True)
        shutil.rmtree(self.scratch.path("e"), ignore_errors=True)

    def start(self, *args):
        self.n += 1
        return subprocess.Popen(
            [VENVCTL, "create", "-v", "-p", PYTHON, "--link-mode=hardlink", *args,
             self.scratch.path(f"e/{self.n}")],
            env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def cache_command(self, *args):
        return subprocess.Popen([VENVCTL, "cache", *args], env=self.env,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    @staticmethod
    def end(processes):
        """What they said; all have done it."""
        said = []
        for p in processes:
            out = p.communicate(timeout=60)[0].decode("utf-8", "replace")
            assert p.returncode == 0, (p.args, p.returncode, out)
            said.append(out)
        return said

    def works(self):
        for env in glob.glob(self.scratch.path("e/*")):
            assert glob.glob(env + "/lib/python3*/site-packages/pip/__init__.py"), env
            assert os.path.exists(env + "/bin/pip"), env

    def entries(self):
        return [n for n in os.listdir(self.cache + "/store") if not n.startswith("new-")]

    def left_over(self):
        store = self.cache + "/store"
        return [n for n in os.listdir(store) if n.startswith("new-")] if os.path.isdir(store) else []


def compiles(said):
    return sum(out.count(", once") for out in said)


def one_builder(c, n=8):
    c.cold()
    said = c.end([c.start() for _ in range(n)])
    wheels = len(c.entries())
    assert wheels >= 1 and compiles(said) == wheels, (compiles(said), wheels)
    c.works()
    assert not c.left_over(), c.left_over()


def damaged_is_made_once(c, n=5):
    c.cold()
    c.end([c.start()])
    for name in c.entries():
        os.chmod(f"{c.cache}/store/{name}", 0o700)
        with open(f"{c.cache}/store/{name}/index.new", "w") as f:
            f.write("nothing\n")
        os.rename(f"{c.cache}/store/{name}/index.new", f"{c.cache}/store/{name}/index")
    said = c.end([c.start() for _ in range(n)])
    assert compiles(said) == len(c.entries()), (compiles(said), c.entries())
    c.works()


def wait_for_builder(c):
    """Until somebody is building: the process that does."""
    p = c.start()
    until = time.monotonic() + 60
    while time.monotonic() < until and not c.left_over():
        time.sleep(0.002)
    assert c.left_over(), "nobody builds"
    return p


def dead_builder(c):
    """The lock of a builder that was killed is free, and what it left is taken away."""
    c.cold()
    builder = wait_for_builder(c)
    builder.send_signal(signal.SIGSTOP)
    waiting = [c.start() for _ in range(4)]
    time.sleep(0.3)
    assert all(p.poll() is None for p in waiting), "somebody did not wait"
    builder.send_signal(signal.SIGKILL)
    builder.communicate()
    said = c.end(waiting)
    assert compiles(said) == len(c.entries()), (compiles(said), c.entries())
    c.works()
    assert not c.left_over(), c.left_over()


def cancelled_while_waiting(c):
    c.cold()
    builder = wait_for_builder(c)
    builder.send_signal(signal.SIGSTOP)
    p = c.start()
    time.sleep(0.3)
    p.send_signal(signal.SIGINT)
    out = p.communicate(timeout=20)[0].decode()
    assert p.returncode == -signal.SIGINT, (p.returncode, out)
    builder.send_signal(signal.SIGCONT)
    c.end([builder])


def beside(c, command):
    """ROUNDS times five creates with COMMAND again and again beside them; how often that was."""
    n = 0
    for cold in range(ROUNDS):
        if cold % 2 == 0:
            c.cold()
        creates = [c.start() for _ in range(5)]
        while any(p.poll() is None for p in creates):
            c.end([c.cache_command(*command)])
            n += 1
            time.sleep(0.01)
        c.end(creates)
        c.works()
    c.end([c.cache_command(*command)])
    assert not c.left_over(), c.left_over()
    return n


def rounds(function, c, n=ROUNDS):
    for _ in range(n):
        function(c)
    return f"{n} rounds"


def beside_rounds(c, command):
    n = beside(c, command)
    return f"{n} times beside {5 * ROUNDS} creates"


def main():
    tap = Tap()
    scratch = Scratch("parallel")
    # A process that is killed here and its leaks are none of this test's.
    scratch.env["ASAN_OPTIONS"] = "detect_leaks=0"
    c = Creates(scratch)
    tap.check("a cold cache: each entry is built once, however many want it", rounds,
              one_builder, c)
    tap.check("a damaged entry is made again once", rounds, damaged_is_made_once, c)
    tap.check("who waits for a builder that is killed takes its place", rounds, dead_builder, c)
    tap.check("a wait is cancelled by INT", cancelled_while_waiting, c)
    for command in (["clean"], ["prune", "--older-than", "0"]):
        tap.check(f"cache {command[0]} beside creates: neither fails", beside_rounds, c, command)
    scratch.remove()
    tap.done()


if __name__ == "__main__":
    main()
