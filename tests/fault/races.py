# SPDX-License-Identifier: MIT
"""races.py - several at once on one path: with locks, and where locks fail

Each round starts all of them together.  Afterwards there is one whole environment or none,
nothing of ours beside or in it, and what a user put there; every process that failed said
that another one was at work, or that the target was moved or appeared.

RACES=NUMBER rounds each; the suite takes few, 200 are for by hand.
"""

import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "matrix"))
from interpreters import VENVCTL, Scratch, Tap  # noqa: E402

ROUNDS = int(os.environ.get("RACES", "6"))
NO_LOCKS = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=flock:error=ENOLCK"]
# What the loser of a race may say.
LOST = ("another venvctl is at work on", "appeared while it was being made",
        "was moved, removed or replaced while it was being made")


class Race:
    def __init__(self, scratch, locks):
        self.scratch = scratch
        self.work = scratch.path("work")
        self.env = scratch.path("work/env")
        self.trace = [] if locks else NO_LOCKS
        self.won = self.lost = 0

    def start(self, *args):
        argv = self.trace + [VENVCTL, "create", "--without-pip", "-p", "/usr/bin/python3"]
        return subprocess.Popen(argv + list(args) + [self.env], env=self.scratch.env,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def must(self, *args):
        p = self.start(*args)
        out = p.communicate()[0].decode()
        assert p.returncode == 0, (p.returncode, out)

    def end(self, processes):
        said = [p.communicate()[0].decode("utf-8", "replace") for p in processes]
        for p, out in zip(processes, said):
            if p.returncode == 0:
                self.won += 1
                continue
            self.lost += 1
            assert p.returncode == 4 and any(text in out for text in LOST), (p.returncode, out)

    def works(self):
        out = subprocess.run([os.path.join(self.env, "bin", "python"), "-c",
                              "import sys; print(sys.prefix)"], env=self.scratch.env,
                             stdout=subprocess.PIPE, check=True).stdout.decode().strip()
        assert out == self.env, out

    def clean(self, *more):
        """Nothing but what is told: no staging, no journal."""
        found = [n for where, dirs, files in os.walk(self.work) for n in dirs + files
                 if n.startswith(".venvctl-")]
        assert not found, found
        names = set(os.listdir(self.work)) - set(more)
        assert names <= {"env"}, names

    def begin(self):
        shutil.rmtree(self.work, ignore_errors=True)
        os.mkdir(self.work)


def create(race):
    race.begin()
    race.end([race.start() for _ in range(4)])
    race.works()
    race.clean()


def clear(race):
    race.begin()
    race.must()
    race.end([race.start("--clear") for _ in range(4)])
    race.works()
    race.clean()


def removed(race):
    """A user removes it meanwhile: it is there whole, or not there."""
    race.begin()
    race.must()
    processes = [race.start("--clear"), race.start()]
    subprocess.call(["rm", "-rf", race.env], stderr=subprocess.DEVNULL)
    for p in processes:
        out = p.communicate()[0].decode("utf-8", "replace")
        # rm takes away what is being looked at: that may be any step of it.
        assert p.returncode in (0, 1, 4), (p.returncode, out)
    # The next one makes it whole, and takes away what could not be.
    race.must("--clear", "--force")
    race.works()
    race.clean()


def moved(race):
    """A user moves it away meanwhile, with his work in it: that is not touched."""
    race.begin()
    race.must()
    with open(os.path.join(race.env, "thesis.txt"), "w") as f:
        f.write("work")
    processes = [race.start(), race.start("--upgrade")]
    there = race.scratch.path("work/moved")
    subprocess.call(["mv", race.env, there], stderr=subprocess.DEVNULL)
    for p in processes:
        out = p.communicate()[0].decode("utf-8", "replace")
        assert p.returncode in (0, 4) or "No such file" in out, (p.returncode, out)
    with open(os.path.join(there, "thesis.txt")) as f:
        assert f.read() == "work"
    assert os.path.exists(os.path.join(there, "pyvenv.cfg")), os.listdir(there)
    shutil.rmtree(there)
    race.must("--clear", "--force")
    race.works()
    race.clean()


def rounds(scratch, kind, locks):
    race = Race(scratch, locks)
    for _ in range(ROUNDS):
        kind(race)
    return "%d rounds, %d made it, %d were told" % (ROUNDS, race.won, race.lost)


def main():
    tap = Tap()
    scratch = Scratch("races")
    scratch.env["ASAN_OPTIONS"] = "detect_leaks=0"
    for locks in (True, False):
        for kind in (create, clear, removed, moved):
            name = "%s, %s" % (kind.__name__, "with locks" if locks else "without")
            if not locks and not shutil.which("strace"):
                tap.skip(name, "no strace")
            else:
                tap.check(name, rounds, scratch, kind, locks)
    scratch.remove()
    tap.done()


main()
