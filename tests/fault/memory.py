# SPDX-License-Identifier: MIT
"""memory.py - an allocation that fails: no crash of ours, no part that passes for a whole

Each command is run once for each allocation that it makes, which then fails; or fails with
all that follow.  It ends with everything, or with an error that says something; a create
that fails leaves nothing.  What crashes inside a library of others is counted by library.

The suite tries a sample, another one each day; SWEEP=all tries all, SWEEP=NUMBER so many of
each command, SWEEP_SEED=NUMBER the same ones again.
"""

import collections
import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", name) for name in ("matrix", "store")]
from interpreters import PREFIX, VENVCTL, Scratch, Tap  # noqa: E402
from wheelmaker import Wheel  # noqa: E402

SWEEP = os.environ.get("SWEEP", "25")
PYTHON = "/usr/bin/python3"
SITE = """[venvctl]
plugin-path = %s
[create]
prompt = it
[network]
proxy = http://user:geheim@proxy.example:3128
[plugin:early]
use = mock-seed
tag = first
after = ensurepip
[plugin:mock-seed]
secret = geheim
[policy]
allowed-hosts = a.example b.example
max-download = 1M
trusted-users = daemon
trusted-groups = daemon
"""
# With an empty cache: an interpreter is learnt and pip compiled, which takes seconds each time.
COLD = "create, with an empty cache"
# An environment that is there, for those that look at one.
MADE = "{top}/made/env"
SHARED = "{top}/shared"
COMMANDS = [
    ("config show", ["config", "show", "--show-origin"]),
    ("config show --json", ["config", "show", "--json"]),
    ("plugins list", ["plugins", "list"]),
    ("plugins list --json", ["plugins", "list", "--json"]),
    ("python list", ["python", "list"]),
    ("python list --json", ["python", "list", "--json"]),
    ("config check --json", ["config", "check", "--json"]),
    ("cache size --json", ["cache", "size", "--json"]),
    ("plugins info --json", ["plugins", "info", "--json", "mock-seed"]),
    ("info --json", ["info", "--json", MADE]),
    ("list --json", ["list", "--json", os.path.dirname(MADE)]),
    ("check --json", ["check", "--json", MADE]),
    ("check --json, of a pip that is shared", ["check", "--json", SHARED]),
    ("create, bare", ["create", "--without-pip", "-p", PYTHON, "env"]),
    ("create --json, bare", ["create", "--json", "--without-pip", "-p", PYTHON, "env"]),
    ("create -j, from a list", ["create", "--json", "--keep-going", "--without-pip", "-p", PYTHON, "-j", "2",
                                "--from-file", "{top}/list"]),
    ("create -n", ["create", "-n", "-p", PYTHON, "env"]),
    ("create", ["create", "--link-mode", "hardlink", "-p", PYTHON, "env"]),
    ("create, of pins and a skeleton", ["create", "--link-mode", "hardlink", "--without-pip", "-p", PYTHON,
                                        "--plugin", "wheels:requirements={top}/pins,find-links={top}/wheels",
                                        "--plugin", "files:source={top}/skeleton", "env"]),
    (COLD, ["create", "--link-mode", "hardlink", "-p", PYTHON, "env"]),
]


def tree(top):
    """The names of all there is, what it is and how long."""
    found = {}
    for where, dirs, files in os.walk(top):
        for name in dirs + files:
            path = os.path.join(where, name)
            st = os.lstat(path)
            found[os.path.relpath(path, top)] = (st.st_mode, st.st_size if name in files else 0)
    return found


class Starved:
    """Runs of one command."""

    def __init__(self, scratch, library, argv, cold):
        self.scratch, self.library, self.argv, self.cold = scratch, library, argv, cold
        self.work = scratch.path("work")
        self.log = scratch.path("log")
        self.theirs = collections.Counter()
        self.status, self.out, self.err, n = self.run({})
        assert self.status == 0, (self.status, self.err)
        # What is learnt by the first run is known to the others.
        self.status, self.out, self.err, n = self.run({})
        assert self.status == 0 and self.out + self.err or argv[0] == "create"
        self.count = int(re.search(r"count (\d+)", n).group(1))
        self.tree = tree(self.work)

    def run(self, env):
        shutil.rmtree(self.work, ignore_errors=True)
        os.mkdir(self.work)
        if self.cold:
            shutil.rmtree(self.scratch.path("cache"), ignore_errors=True)
        if os.path.exists(self.log):
            os.unlink(self.log)
        env = dict(self.scratch.env, LD_PRELOAD=self.library, STARVE_LOG=self.log, **env)
        p = subprocess.run([VENVCTL] + self.argv, cwd=self.work, env=env, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        with open(self.log, encoding="utf-8") as f:
            log = f.read()
        return (p.returncode, p.stdout.decode("utf-8", "replace"),
                p.stderr.decode("utf-8", "replace"), log)

    def crash(self, log):
        """None if it was the code of others that crashed, else where ours did."""
        frames = [line.split(" ", 2)[1:] for line in log.splitlines() if line.startswith("in ")]
        for place, symbol in frames:
            library = os.path.basename(place.split("+")[0])
            if re.match(r"(starve|libc\.so|ld-linux|libasan|libpthread)", library):
                continue
            if library == "venvctl" or place.startswith(PREFIX):
                return "%s %s" % (place, symbol)
            self.theirs[library] += 1
            return None
        self.theirs["libc.so or the loader"] += 1
        return None

    def check(self, kind, n):
        status, out, err, log = self.run({kind: str(n)})
        when = "%s=%d: status %d, stdout %r, stderr %r" % (kind, n, status, out[-300:], err[-600:])
        if status < 0:
            where = self.crash(log)
            assert not where, "crashed at %s, %s" % (where, when)
            return
        now = tree(self.work)
        assert "geheim" not in out + err, "a secret is told, " + when
        if self.cold:
            self.again(when)
        if status == 0:
            assert out == self.out, "not all of its output, " + when
            assert (self.warned(err) >= self.warned(self.err) or
                    re.search("is not known|a message is lost", err)), "a warning is missing, " + when
            assert now == self.tree, "not all of its files, %s: %s" % (
                when, sorted(k for k in set(now) | set(self.tree) if now.get(k) != self.tree.get(k))[:9])
            return
        said = re.search(r"^(venvctl: )?error: (.+)", err, re.M)
        if not said and out.startswith("{"):
            said = [a.get("error", {}).get("message") or a.get("problems") or
                    [p["error"] for p in a.get("plugins", []) if p.get("error")]
                    for a in map(json.loads, out.splitlines())]
            said = any(said)
        assert said, "no error is told, " + when
        assert "(null)" not in out + err, when
        # Made, but not all that was to be said of it; or nothing there, but for what cannot be
        # removed without any memory: the next create takes it away.
        if not self.is_whole(now):
            rest = {k: v for k, v in now.items() if not k.startswith(".venvctl-")}
            assert kind == "STARVE_FROM" and self.is_whole(rest), "%s left behind, %s" % (sorted(now)[:9], when)
            self.again(when)

    @staticmethod
    def warned(err):
        return set(re.findall("warning: .*", err))

    def is_whole(self, now):
        """Each environment is there or not, and nothing else is."""
        def part(names, top):
            return {k: v for k, v in names.items() if k.split("/")[0] == top}
        tops = {k.split("/")[0] for k in list(now) + list(self.tree)}
        return all(part(now, top) in ({}, part(self.tree, top)) for top in tops)

    def again(self, when):
        """What is left, in the cache and where the environment was to be, is in nobody's way."""
        again = subprocess.run([VENVCTL] + self.argv, cwd=self.work, env=self.scratch.env,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert again.returncode == 0 and tree(self.work) == self.tree, "%s; then %s" % (when, again)


def sample(points, how_many, rng):
    if SWEEP == "all" or len(points) <= how_many:
        return points
    return sorted(rng.sample(points, how_many))


def starve(name, scratch, library, argv, rng):
    s = Starved(scratch, library, argv, name == COLD)
    done, faults = 0, []
    points = list(range(1, s.count + 1))
    many = 25 if SWEEP == "all" else int(SWEEP)
    many = many // 10 if name == COLD else many
    tried = [("STARVE_AT", n) for n in sample(points, many, rng)]
    tried += [("STARVE_FROM", n) for n in sample(points, many // 3 or 1, rng)]
    for kind, n in tried:
        try:
            s.check(kind, n)
        except (AssertionError, subprocess.TimeoutExpired) as e:
            faults.append("%s=%d: %s" % (kind, n, e))
        done += 1
    assert not faults, "%d of %d:\n%s" % (len(faults), done, "\n".join(faults[:12]))
    return "%d of %d allocations, %d runs%s" % (
        len([k for k, _ in tried if k == "STARVE_AT"]), s.count, done,
        "".join("; %d crashed in %s" % (n, lib) for lib, n in sorted(s.theirs.items())))


def make_wheel(scratch):
    """One that needs another, which is not there, its pin, and files of a site's own."""
    os.mkdir(scratch.path("wheels"))
    path = Wheel("acme", headers=["Requires-Dist: other (>=2)"]).add("acme.py", "x = 1\n").write(scratch.path("wheels"))
    with open(path, "rb") as f, open(scratch.path("pins"), "w", encoding="ascii") as pins:
        pins.write("# one\nacme==1.0 \\\n  --hash=sha256:%s\n" % hashlib.sha256(f.read()).hexdigest())
    os.makedirs(scratch.path("skeleton", "etc", "acme"))
    for name in "etc/acme/a", "b":
        with open(scratch.path("skeleton", name), "w", encoding="ascii") as f:
            f.write("text of %s\n" % name)


def sanitized():
    with open(VENVCTL, "rb") as f:
        return b"__asan_init" in f.read()


def main():
    tap = Tap()
    scratch = Scratch("memory")
    library = scratch.path("starve.so")
    seed = int(os.environ.get("SWEEP_SEED") or time.time() // 86400)
    why = "a build with sanitizers has an allocator of its own" if sanitized() else None
    if not why and subprocess.run(os.environ.get("CC", "cc").split() +
                                  ["-shared", "-fPIC", "-O1", os.path.join(HERE, "starve.c"), "-o", library],
                                  check=False).returncode:
        why = "the allocator that fails cannot be built: it is for glibc"
    print("# SWEEP_SEED=%d" % seed)
    os.makedirs(scratch.path("etc"))
    with open(scratch.path("etc", "venvctl.ini"), "w", encoding="utf-8") as f:
        f.write(SITE % os.path.join(PREFIX, "mocks"))
    scratch.env["PATH"] = "/usr/bin:/bin"
    with open(scratch.path("list"), "w", encoding="ascii") as f:
        f.write("# two\none\ntwo\n")
    make_wheel(scratch)
    if not why:
        scratch.venvctl("create", "--link-mode", "hardlink", "-p", PYTHON, scratch.path("made", "env"))
        scratch.venvctl("create", "--link-mode", "shared", "-p", PYTHON, scratch.path("shared"))
    wanted = sys.argv[1:]
    for name, argv in COMMANDS:
        if wanted and name not in wanted:
            continue
        if why:
            tap.skip(name, why)
        else:
            argv = [a.replace("{top}", scratch.dir) for a in argv]
            tap.check(name, starve, name, scratch, library, argv, random.Random(seed))
    scratch.remove()
    tap.done()


main()
