# SPDX-License-Identifier: MIT
"""sweep.py - a fault at each system call of a create leaves the old tree or the new one

For each way to publish, with and without a step behind it, every system call from the
staging directory on is made to fail (EIO, ENOSPC), or the process is killed or
interrupted there.  Failed or interrupted: all is as before.  Killed: the next create
puts all as it was before it does anything else, or finds the finished environment.  Files
of a user, beside the target and in it, are part of what is compared.

The suite tries a sample, another one each day; SWEEP=all tries all, SWEEP=NUMBER so
many of each kind.  SWEEP_SEED repeats a sample, SWEEP_CASE=TEXT keeps to some cases.
"""

import ctypes
import os
import random
import re
import shutil
import signal
import stat
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "matrix"))
from interpreters import PREFIX, VENVCTL, Scratch, Tap  # noqa: E402

STEP = os.path.join(PREFIX, "mocks", "mock-step.so")
SWEEP = os.environ.get("SWEEP", "9")
# What changes a file system, and what may run out of room.
MAKES = {"write", "mkdirat", "symlinkat", "linkat", "openat", "renameat", "renameat2"}
# What a create does not do to the disk, or cannot go on without (memory).
PASSED_OVER = {"brk", "mmap", "munmap", "mprotect", "mremap", "madvise", "exit_group", "geteuid",
               "getuid", "getpid", "rt_sigaction", "rt_sigprocmask", "getcwd", "restart_syscall",
               "execve", "futex", "ioctl", "dup", "fcntl",
               # Between the two processes of a create with a plugin of others.
               "sendmsg", "recvmsg", "recvfrom", "ppoll", "wait4", "kill", "umask",
               # The end of a handler, which comes when it comes, and is no call of anybody's.
               "rt_sigreturn"}


def tree(top):
    """Everything below a directory: what it is, its mode and its content."""
    found = {}
    for where, dirs, files in os.walk(top):
        for name in dirs + files:
            path = os.path.join(where, name)
            st = os.lstat(path)
            if stat.S_ISLNK(st.st_mode):
                content = os.readlink(path)
            elif stat.S_ISREG(st.st_mode):
                with open(path, "rb") as f:
                    content = f.read()
            else:
                content = None
            found[os.path.relpath(path, top)] = (stat.S_IFMT(st.st_mode), stat.S_IMODE(st.st_mode),
                                                 content)
    return found


def difference(a, b):
    return sorted(k for k in set(a) | set(b) if a.get(k) != b.get(k))


class Case:
    """One way to publish: what is there before, and what is asked for."""

    def __init__(self, scratch, name, prepare, args=(), target="env", cwd=".", no_exchange=False):
        self.scratch = scratch
        self.name = name
        self.args = list(args)
        self.target = target
        self.work = scratch.path("work")
        self.cwd = os.path.join(self.work, cwd)
        self.inject = ["-e", "inject=renameat2:error=EINVAL"] if no_exchange else []
        self.saved = scratch.path("saved-" + re.sub(r"\W", "-", name))
        self.overlay = False
        shutil.rmtree(self.work, ignore_errors=True)
        os.mkdir(self.work)
        prepare(self)
        os.rename(self.work, self.saved)

    def begin(self):
        self.old = self.restore()

    def restore(self):
        if self.overlay:
            mount_overlay(self.scratch, self.saved, self.work)
        else:
            shutil.rmtree(self.work, ignore_errors=True)
            shutil.copytree(self.saved, self.work, symlinks=True)
        return tree(self.work)

    def end(self):
        if self.overlay:
            subprocess.call(["umount", self.work], stderr=subprocess.DEVNULL)

    def venvctl(self, *args, trace=()):
        argv = [VENVCTL, "create", "--without-pip", "-p", "/usr/bin/python3"]
        p = subprocess.run(list(trace) + argv + list(args) + [self.target], cwd=self.cwd,
                           env=self.scratch.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return p.returncode, p.stdout.decode("utf-8", "replace")

    def create(self, *inject):
        log = self.scratch.path("strace")
        return self.venvctl(*self.args, trace=["strace", "-f", "-qq", "-o", log] + self.inject +
                            list(inject))

    def measure(self):
        """The calls from the staging directory on, and the tree that they make."""
        self.restore()
        status, out = self.create()
        assert status == 0, (status, out)
        self.new = tree(self.work)
        assert self.new != self.old and not leftovers(self.new), leftovers(self.new)
        counts, points, began = {}, [], False  # strace counts for each process
        first = None
        with open(self.scratch.path("strace"), encoding="utf-8", errors="replace") as f:
            for line in f:
                m = re.match(r"(\d+) +(\w+)\(", line)
                if not m:
                    continue
                pid, call = m.groups()
                first = first or pid
                counts[pid, call] = counts.get((pid, call), 0) + 1
                began |= call == "mkdirat"
                if began and call not in PASSED_OVER and not (self.inject and call == "renameat2"):
                    points.append((pid, call, counts[pid, call]))
        # Of a child those that the first process does not come to: it would not get so far.
        points = {(call, n) for pid, call, n in points
                  if pid == first or n > counts.get((first, call), 0)}
        return sorted(points)


def mount_overlay(scratch, lower, at):
    """What is in LOWER, as the lower layer of a fresh overlay at AT."""
    subprocess.call(["umount", at], stderr=subprocess.DEVNULL)
    upper, work = scratch.path("upper"), scratch.path("upper-work")
    for directory in (upper, work):
        shutil.rmtree(directory, ignore_errors=True)
        os.mkdir(directory)
    os.makedirs(at, exist_ok=True)
    subprocess.check_call(["mount", "-t", "overlay", "overlay", "-o",
                           "lowerdir=%s,upperdir=%s,workdir=%s" % (lower, upper, work), at],
                          stderr=subprocess.DEVNULL)


def can_overlay(scratch):
    """Into a mount namespace of our own, and whether there is overlayfs."""
    if os.geteuid() or ctypes.CDLL(None, use_errno=True).unshare(0x00020000):
        return False
    probe = scratch.path("probe")
    os.mkdir(probe)
    try:
        subprocess.check_call(["mount", "--make-rprivate", "/"])
        mount_overlay(scratch, probe, scratch.path("probe-at"))
        subprocess.check_call(["umount", scratch.path("probe-at")])
    except (subprocess.CalledProcessError, OSError):
        return False
    return True


def leftovers(files):
    return [k for k in files if ".venvctl-" in k]


def check_settled(case, when):
    """The next create, which fails before it changes anything, finds old or new."""
    status, out = case.venvctl("--plugin=%s:do=fail-in-seed" % STEP)
    now = tree(case.work)
    assert status == 6, "%s: the next create ends with %d: %s" % (when, status, out)
    assert now in (case.old, case.new), "%s: not repaired: %s" % (when, difference(now, case.old))


def errors_of(call):
    if call not in MAKES:
        return ["EIO"]
    return ["EIO", "ENOSPC"] if SWEEP == "all" else [random.choice(("EIO", "ENOSPC"))]


def fail(case, call, n):
    for error in errors_of(call):
        fail_with(case, call, n, error)


def fail_with(case, call, n, error):
    when = "%s of %s number %d" % (error, call, n)
    case.restore()
    status, out = case.create("-e", "inject=%s:error=%s:when=%d" % (call, error, n))
    now = tree(case.work)
    if status == 0 and leftovers(now):
        # Done is done; what could not be removed is named, and goes next time.
        assert "cannot remove" in out, (when, out)
        check_settled(case, when)
    elif status == 0:
        assert now == case.new, "%s: %s" % (when, difference(now, case.new))
    else:
        # The step's own calls are calls, too.
        want = 6 if "plugin 'mock-step'" in out else 1
        assert status == want, "%s: status %d: %s" % (when, status, out)
        assert out.count("error:") == 1, (when, out)
        assert now == case.old, "%s: %s\n%s" % (when, difference(now, case.old), out)


def kill(case, call, n):
    case.restore()
    status, out = case.create("-e", "inject=%s:signal=KILL:when=%d" % (call, n))
    when = "killed at %s number %d" % (call, n)
    if "--plugin" in "".join(case.args) and status in (1, 6):
        # It was the child, and who supervises it has put all back, unless it was done.
        now = tree(case.work)
        assert "was killed (Killed)" in out, (when, out)
        assert now == case.old or now == case.new or leftovers(now), \
            "%s: %s" % (when, difference(now, case.old))
    else:
        assert status == -signal.SIGKILL, (when, status, out)
    check_settled(case, when)


def interrupt(case, call, n):
    case.restore()
    name = random.choice(("INT", "TERM", "HUP"))
    status, out = case.create("-e", "inject=%s:signal=%s:when=%d" % (call, name, n))
    when = "%s at %s number %d" % (name, call, n)
    now = tree(case.work)
    if now == case.new:
        assert status in (0, -getattr(signal, "SIG" + name)), (when, status, out)
    else:
        assert now == case.old, "%s: %s" % (when, difference(now, case.old))
        assert status == -getattr(signal, "SIG" + name), (when, status, out)


def recover(case, call, n):
    """Killed, and then a fault at CALL number N of the create that repairs it."""
    seed = "--plugin=%s:do=fail-in-seed" % STEP
    when = "a fault of the recovery at %s number %d" % (call, n)
    case.restore()
    case.create("-e", "inject=%s:signal=KILL:when=%d" % case.killed_at)
    trace = ["strace", "-f", "-qq", "-o", case.scratch.path("strace"), "-e",
             "inject=%s:error=%s:when=%d" % (call, random.choice(("EIO", "EMFILE")), n)]
    status, out = case.venvctl(seed, trace=trace + case.inject)
    assert status in (1, 4, 6), (when, status, out)
    check_settled(case, when)


def recovery_points(case):
    """Kill it where most was done, and list the calls of the create that repairs it."""
    points = [p for p in case.measure() if p[0] in ("renameat", "renameat2", "unlinkat", "linkat")]
    case.killed_at = points[len(points) * 3 // 4]
    case.restore()
    case.create("-e", "inject=%s:signal=KILL:when=%d" % case.killed_at)
    log = case.scratch.path("strace")
    case.venvctl("--plugin=%s:do=fail-in-seed" % STEP, trace=["strace", "-f", "-qq", "-o", log])
    counts, points = {}, []
    with open(log, encoding="utf-8", errors="replace") as f:
        for line in f:
            m = re.match(r"\d+ +(\w+)\(", line)
            if not m:
                continue
            call = m.group(1)
            counts[call] = counts.get(call, 0) + 1
            # From the target on: what was configured before is another test's.
            if call in ("openat", "newfstatat", "statx", "renameat", "renameat2", "unlinkat",
                        "linkat", "mkdirat", "fstat") and (case.work in line or
                                                           ".venvctl-" in line or "old/" in line):
                points.append((call, counts[call]))
    return points


def sweep(case, kind):
    points = recovery_points(case) if kind is recover else case.measure()
    if SWEEP != "all" and len(points) > int(SWEEP):
        points = random.sample(points, int(SWEEP))
    for call, n in points:
        kind(case, call, n)
    return "%d calls" % len(points)


def make_cases(scratch, overlays):
    def nothing(case):
        open(os.path.join(case.work, "beside"), "w").close()

    def empty(case):
        nothing(case)
        os.mkdir(os.path.join(case.work, "env"), 0o751)

    def others(case):
        nothing(case)
        os.makedirs(os.path.join(case.work, "env", "bin"))
        for name in ("mine", "bin/tool"):
            with open(os.path.join(case.work, "env", name), "w") as f:
                f.write(name)

    def environment(case):
        others(case)
        os.makedirs(os.path.join(case.work, "env", "lib", "python3.11", "site-packages", "pkg"))
        for args in (["--prompt=old"],):
            status, out = case.venvctl(*args)
            assert status == 0, out
        # Files of the old one that the new one differs in.
        with open(os.path.join(case.work, "env", "bin", "activate"), "a") as f:
            f.write("# old\n")
        os.unlink(os.path.join(case.work, "env", "bin", "python"))

    def project(case):
        others(case)
        os.makedirs(os.path.join(case.work, "env", "lib", "src"))
        os.symlink("lib/src", os.path.join(case.work, "env", "link"))
        for name in ("lib/src/main.py", "lib/mine.c", "Makefile"):
            with open(os.path.join(case.work, "env", name), "w") as f:
                f.write(name)

    inside = {"target": ".", "cwd": "env"}
    for with_step in (False, True):
        step = ["--plugin=%s:do=succeed" % STEP] if with_step else []
        text = ", then a step" if with_step else ""
        for name, prepare, args, more in (
                ("new", nothing, [], {}),
                ("exchange", environment, ["--clear"], {}),
                ("replaced without exchange", environment, ["--clear"], {"no_exchange": True}),
                ("empty", empty, [], {}),
                ("beside", others, [], {}),
                ("a project, from inside", project, [], inside),
                ("in place", environment, ["--prompt=new"], {}),
                ("in place without exchange", environment, ["--prompt=new"], {"no_exchange": True}),
                ("upgrade", environment, ["--upgrade", "--prompt=new"], {}),
                ("replaced from inside", environment, ["--clear"], inside),
                ("replaced on overlayfs", environment, ["--clear"], {"overlay": True}),
                ("in place on overlayfs", environment, ["--prompt=new"], {"overlay": True})):
            name += text
            if os.environ.get("SWEEP_CASE", "") not in name:
                continue
            more = dict(more)
            overlay = more.pop("overlay", False)
            if overlay and not overlays:
                yield name, None
                continue
            case = Case(scratch, name, prepare, args + step, **more)
            case.overlay = overlay
            yield name, case


def main():
    tap = Tap()
    seed = os.environ.get("SWEEP_SEED", str(int(time.time()) // 86400))
    random.seed(seed)
    print("# SWEEP=%s SWEEP_SEED=%s" % (SWEEP, seed))
    scratch = Scratch("sweep")
    # LeakSanitizer cannot work where another process traces.
    scratch.env["ASAN_OPTIONS"] = "detect_leaks=0"
    for name, case in make_cases(scratch, can_overlay(scratch)):
        if not case:
            tap.skip(name, "no overlayfs here")
            continue
        case.begin()
        for kind in (fail, kill, interrupt, recover):
            tap.check("%s: %s" % (case.name, kind.__name__), sweep, case, kind)
        case.end()
    scratch.remove()
    tap.done()


if shutil.which("strace"):
    main()
else:
    print("1..0 # SKIP no strace")
