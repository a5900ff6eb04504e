# SPDX-License-Identifier: MIT
"""many.py - many environments in one call: killed in the middle and run again, and what it takes

A list of MANY environments (60; the release takes 1000) is made by `create --from-file -j`,
which is killed when some are there.  The same again with --existing reuse makes those that are
missing and leaves alone those that were made; then each is what one is that nothing happened
to, byte by byte, and nothing else is there.  And a call for ten times as many takes no more
memory.
"""

import json
import os
import signal
import stat
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "matrix"))
from interpreters import PREFIX, VENVCTL, Scratch, Skip, Tap  # noqa: E402

MANY = int(os.environ.get("MANY", "60"))
PYTHON = "/usr/bin/python3"
FATAL = os.path.join(PREFIX, "mocks", "mock-fatal.so")
# What a call for ten times as many may take more: the list itself, and what is where differs.
MORE_KB = 1024
KINDS = {
    "bare": ["--without-pip"],
    "linked": ["--link-mode", "hardlink"],
    "copied": ["--link-mode", "copy"],
    "shared": ["--link-mode", "shared"],
    "with a plugin of others": ["--without-pip", "--add-plugin", FATAL],
}


def size(kind):
    """How many: a linked one has 125 directories, a copied one 13 MB."""
    if kind == "copied":
        return MANY // 10
    return MANY // 3 if kind == "linked" and MANY < 1000 else MANY


def seeds():
    return subprocess.run([PYTHON, "-c", "import ensurepip"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False).returncode == 0


class Place:
    def __init__(self, scratch, kind, n):
        self.scratch = scratch
        self.args = KINDS[kind]
        if "--link-mode" in self.args and not seeds():
            raise Skip(PYTHON + " has no ensurepip")
        self.names = ["e%d" % i for i in range(n)]
        self.work = scratch.path("work")
        self.list = scratch.path("list")
        subprocess.run(["rm", "-rf", self.work, scratch.path("second"), scratch.path("warm")], check=True)
        with open(self.list, "w", encoding="ascii") as f:
            f.write("# by many.py\n" + "".join(name + "\n" for name in self.names))
        os.mkdir(self.work)

    def argv(self, *more):
        return [VENVCTL, "create", "--json", "-p", PYTHON, "--from-file", self.list] + self.args + list(more)

    def start(self, *more):
        # Nobody reads it, and a full pipe would stop it.
        return subprocess.Popen(self.argv(*more), cwd=self.work, env=self.scratch.env,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def results(self, *more):
        # What it warns of, such as that one was interrupted, is no result.
        p = subprocess.run(self.argv(*more), cwd=self.work, env=self.scratch.env, check=False,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
        out = p.stdout
        assert p.returncode == 0, (p.returncode, p.stderr[-2000:])
        found = [json.loads(line) for line in out.splitlines()]
        assert [os.path.basename(r["env_dir"]) for r in found] == self.names, out[:2000]
        return found

    def whole(self):
        """The names that are there; an environment that is not whole has a journal."""
        return [name for name in os.listdir(self.work) if name[0] == "e"
                and not os.path.exists(os.path.join(self.work, name, ".venvctl-incomplete"))]

    def no_leftovers(self):
        assert sorted(os.listdir(self.work)) == sorted(self.names), \
            set(os.listdir(self.work)) ^ set(self.names)
        found = [os.path.join(where, n) for where, dirs, files in os.walk(self.work) for n in dirs + files
                 if n.startswith(".venvctl-")]
        assert not found, found

    def clean(self):
        subprocess.run(["rm", "-rf", self.work], check=True)
        os.mkdir(self.work)


def tree(top):
    """What is below TOP: of each name what lstat says."""
    return {os.path.relpath(os.path.join(where, name), top): os.lstat(os.path.join(where, name))
            for where, dirs, files in os.walk(top) for name in dirs + files}


def held(path, st):
    if stat.S_ISLNK(st.st_mode):
        return os.readlink(path)
    if not stat.S_ISREG(st.st_mode):
        return None
    with open(path, "rb") as f:
        return f.read()


def differences(one, other):
    """The names below ONE and OTHER that are not the same there, in mode or in what they hold."""
    a, b = tree(one), tree(other)
    for name in sorted(a.keys() | b.keys()):
        if name not in a or name not in b or a[name].st_mode != b[name].st_mode:
            yield name
        elif a[name].st_ino != b[name].st_ino and \
                held(os.path.join(one, name), a[name]) != held(os.path.join(other, name), b[name]):
            yield name


def kill_in_the_middle(place, jobs):
    """Killed when it has made some and not all; how many that were."""
    for share in (3, 6, 20, 50, 1000):
        p = place.start("-j", jobs, "--existing", "reuse")
        while p.poll() is None and len(place.whole()) <= len(place.names) // share:
            time.sleep(0.0005)
        p.send_signal(signal.SIGKILL)
        p.wait()
        made = len(place.whole())
        if p.returncode == -signal.SIGKILL and 0 < made < len(place.names):
            return made
        # It was faster than we.
        place.clean()
    raise AssertionError("it could not be killed in the middle")


def killed(scratch, kind, jobs):
    place = Place(scratch, kind, size(kind))
    # The interpreter is known, and the store filled: the kill meets the environments.
    scratch.venvctl("create", "-p", PYTHON, *place.args, scratch.path("warm"))
    made = kill_in_the_middle(place, jobs)
    # What it started may be on its way out.
    again = place.results("-j", jobs, "--existing", "reuse", "--wait")
    kept = sum(not r["changed"] for r in again)
    assert all(r["ok"] for r in again) and kept >= made, (kept, made)
    assert kept < len(place.names)
    place.no_leftovers()
    assert not any(r["changed"] for r in place.results("-j", jobs, "--existing", "reuse"))
    os.rename(place.work, scratch.path("second"))
    os.mkdir(place.work)
    place.results()
    for name in place.names:
        found = list(differences(scratch.path("second", name), os.path.join(place.work, name)))
        assert not found, (name, found[:10])
    return "%d were there when it was killed, %d of %d were left alone" % (made, kept, len(place.names))


def peak(place, jobs):
    """The most memory that the process took, in KB: read until it is gone."""
    most = 0
    with open(os.devnull, "wb") as null:
        p = subprocess.Popen(place.argv("-j", jobs), cwd=place.work, env=place.scratch.env, stdout=null)
        while p.poll() is None:
            try:
                with open("/proc/%d/status" % p.pid, encoding="ascii", errors="replace") as f:
                    found = [int(line.split()[1]) for line in f if line.startswith("VmHWM:")]
            except OSError:
                found = []
            most = max([most] + found)
            time.sleep(0.002)
    assert p.returncode == 0, p.returncode
    return most


def flat(scratch, kind, jobs, n):
    with open(VENVCTL, "rb") as f:
        if b"__asan_init" in f.read():
            raise Skip("sanitizers keep what was freed")
    scratch.venvctl("create", "-p", PYTHON, *KINDS[kind], scratch.path("warm"))
    found = []
    for count in (n // 10, n):
        place = Place(scratch, kind, count)
        found.append(peak(place, jobs))
        place.clean()
        os.rmdir(place.work)
    assert found[0] and found[1] <= found[0] + MORE_KB, found
    return "%d KB for %d, %d KB for %d" % (found[0], n // 10, found[1], n)


def main():
    tap = Tap()
    groups = []
    for kinds in (["bare", "with a plugin of others"], ["linked", "copied", "shared"]):
        scratch = Scratch("many")
        tests = [("many, %s, -j %s: killed and run again" % (kind, jobs), killed, scratch, kind, jobs)
                 for kind in kinds for jobs in (("1", "4") if kind == "bare" else ("4",))]
        tests += [("%s, -j %s: memory stays flat" % (kind, jobs), flat, scratch, kind, jobs, n)
                  for kind, n in (("bare", max(MANY, 1000)), ("shared", max(MANY, 100)), ("linked", MANY))
                  for jobs in ("1", "4") if kind in kinds and n >= 100]
        groups.append((scratch, tests))
    tap.together(groups)
    tap.done()


if __name__ == "__main__":
    main()
