# SPDX-License-Identifier: MIT
"""tools.py - what is measured: a program that makes environments, run, timed and counted"""

import os
import re
import tempfile
import time

CALL = re.compile(r"^[a-z_0-9]+\(")
FORK = re.compile(r"^(fork|vfork|clone|clone3)\((?!.*CLONE_THREAD)")
OBJECT = re.compile(r'^open(at)?\(.*\.so(\.[0-9]+)*",.* = [0-9]')


class Tool:
    """NAME is made by ARGV, with {} for the directory, or for all of them if it takes SEVERAL."""

    def __init__(self, name, argv, slow=False, several=False, env=None, prepare=None, answer=None):
        self.name, self.argv, self.slow, self.several = name, argv, slow, several
        self.env, self.prepare = env, prepare       # PREPARE makes an environment for each run
        self.answer = answer                        # what it has to print
        self.times, self.error, self.counts = [], None, {}

    def calls(self, dirs):
        """DIRS, as far as one process makes them."""
        return [dirs] if self.several else [[d] for d in dirs]

    def line(self, dirs):
        """The command line that makes DIRS."""
        line = []
        for word in self.argv:
            line += dirs if word == "{}" else [word.replace("{}", dirs[0])]
        return line

    def run(self, bench, dirs, wrap=()):
        """Make DIRS; how many milliseconds it took."""
        log = os.path.join(bench.scratch, "log")
        env = self.prepare() if self.prepare else self.env or bench.env
        took = 0.0
        for some in self.calls(dirs):
            line = [*wrap, *self.line(some)]
            actions = [(os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
                       (os.POSIX_SPAWN_DUP2, 1, 2)]
            begin = time.perf_counter()
            try:
                pid = os.posix_spawnp(line[0], line, env, file_actions=actions)
            except OSError as e:
                self.error = str(e)
                break
            status = os.waitpid(pid, 0)[1]
            took += time.perf_counter() - begin
            if status or self.answer:
                with open(log, encoding="utf-8", errors="replace") as f:
                    said = " ".join(f.read().split())
                if status:
                    self.error = said[-300:] or ("signal %d" % (status & 127) if status & 127 else "status %d" % (status >> 8))
                elif self.answer not in said:
                    self.error = "it says '%s', not '%s'" % (said[-80:], self.answer)
            if self.error:
                break
        return took * 1000

    def warm(self, bench, dirs):
        """The first run, which is not timed; its memory is looked at."""
        if not bench.peak:
            self.run(bench, dirs)
            return
        most, file = 0, os.path.join(bench.scratch, "most")
        for some in self.calls(dirs):
            self.run(bench, some, [bench.peak, file])
            if self.error:
                return
            with open(file, encoding="ascii") as f:
                most = max(most, int(f.read()))
        self.counts["peak_kib"] = most

    def count(self, bench, dirs):
        """System calls, processes, shared objects, and inodes, for one of DIRS."""
        some = self.calls(dirs)[0]
        if bench.strace:
            lines = []
            with tempfile.TemporaryDirectory(dir=bench.scratch) as traces:
                # A file for each thread: no call is torn in two by another's.
                self.run(bench, some, ["strace", "-ff", "-qq", "-o", os.path.join(traces, "t")])
                for name in os.listdir(traces):
                    with open(os.path.join(traces, name), encoding="utf-8", errors="replace") as f:
                        lines += [line for line in f if CALL.match(line)]
            if self.error:
                return
            found = {"calls": len(lines), "processes": 1 + sum(bool(FORK.search(x)) for x in lines),
                     "objects": sum(bool(OBJECT.search(x)) for x in lines)}
            self.counts.update((k, round(v / len(some), 1) if len(some) > 1 else v) for k, v in found.items())
        else:
            self.run(bench, some)
        if not self.error:
            self.counts["inodes"] = inodes(dirs[0])


def inodes(top):
    """Those of its own: a hard link into a store is none."""
    found = 1
    for where, dirs, files in os.walk(top):
        found += len(dirs) + sum(os.lstat(os.path.join(where, n)).st_nlink == 1 for n in files)
    return found
