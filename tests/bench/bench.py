# SPDX-License-Identifier: MIT
"""bench.py - venvctl, its floors and its peers, side by side in one run

Whole processes, by the clock of the operating system, from their start until they have been
waited for.  The tools take turns, venvctl right beside its floor: a machine whose speed drifts
is the same for all.  Each environment gets a directory of its own, and nothing is deleted
before a scenario is over, because ext4 makes files slowly right after a mass deletion.  A floor
(floor.c) makes the very same tree with no call but those that make it.  No figure is a pass or
a fail.

    bench.py [--runs N] [--slow-runs N] [--cold-runs N] [--many N] [--many-runs N] [--dir DIR]
             [--python PATH] [--peers WHICH] [--json FILE] [--svg FILE]

Root measures once more as an ordinary user.  What could not be had is said at the end.
"""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time

import picture
from scenarios import run_all

USER = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


class Bench:
    """What the scenarios share: the arguments, a scratch directory, and what was found and missed."""

    def __init__(self, args, scratch):
        self.args, self.scratch = args, scratch
        self.missing, self.scenarios = [], []
        self.strace, self.peak = False, None
        drop = ("PYTHON", "PIP_", "VIRTUAL_ENV", "VENVCTL_", "XDG_", "UV_", "PYENV_")
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(drop)}
        self.env.update(HOME=self.place("home"), PATH="/usr/local/bin:/usr/bin:/bin", LANG="C.UTF-8")
        self.ours = [args.venvctl, "create", "-p", args.python]

    def place(self, name):
        path = os.path.join(self.scratch, name)
        os.makedirs(path, exist_ok=True)
        return path

    def lacks(self, what, why):
        words = "%s (%s)" % (what, " ".join(why.split())[-300:])
        print("missing: " + words)
        self.missing.append(words)

    def quietly(self, argv, env=None):
        return subprocess.run(argv, env=env or self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              universal_newlines=True, check=False)


def machine(scratch):
    """What the figures depend on, and nothing that says whose machine it is."""
    cpu = platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as f:
            cpu = re.search(r"^model name\s*: (.*)$", f.read(), re.M).group(1)
    except (OSError, AttributeError):
        pass
    fs = subprocess.run(["df", "--output=fstype", scratch], stdout=subprocess.PIPE, universal_newlines=True,
                        check=False).stdout.split()[-1:]
    return {"cpu": cpu, "processors": len(os.sched_getaffinity(0)), "file_system": " ".join(fs),
            "kernel": " ".join((platform.system(), re.match(r"[\d.]*", platform.release()).group(0).rstrip(".")))}


def runs(line):
    """Whether LINE can be run, and ends well."""
    try:
        return subprocess.run(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0
    except OSError:
        return False


def as_user(args, argv):
    """The same as an ordinary user, in a process of its own; what it found, or why not."""
    if not shutil.which("setpriv"):
        return None, "no setpriv"
    for what, line in (("venvctl", [args.venvctl, "--version"]), ("the interpreter", [args.python, "-c", ""]),
                       ("bench.py", ["python3", "-B", os.path.abspath(__file__), "--help"])):
        # By way of another program: setpriv itself still may what root may.
        if not runs(USER + ["env"] + line):
            return None, "users cannot run " + what
    scratch = tempfile.mkdtemp(prefix="venvctl-bench-", dir=args.dir)
    found = os.path.join(scratch, "found.json")
    try:
        os.chmod(scratch, 0o755)
        os.chown(scratch, 65534, 65534)
        if not runs(USER + ["env", "test", "-w", scratch]):
            return None, "users cannot reach the directory"
        line = USER + ["python3", "-B", os.path.abspath(__file__)] + argv + ["--dir", scratch, "--json", found, "--svg", "",
                                                                             "--inner"]
        if subprocess.run(line, env=dict(os.environ, PATH="/usr/local/bin:/usr/bin:/bin"), check=False).returncode:
            return None, "it failed"
        with open(found, encoding="utf-8") as f:
            return json.load(f)["runs"][0], None
    finally:
        subprocess.run(["rm", "-rf", scratch], check=False)


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=25)
    parser.add_argument("--slow-runs", type=int, default=3, help="of virtualenv and python -m venv")
    parser.add_argument("--cold-runs", type=int, default=9, help="until pip --version has answered")
    parser.add_argument("--many", type=int, default=1000, help="environments in one call, beside 10 if more")
    parser.add_argument("--many-runs", type=int, default=3)
    parser.add_argument("--dir", default=None, help="where to create (its file system matters)")
    parser.add_argument("--python", default="/usr/bin/python3")
    parser.add_argument("--peers", choices=("index", "path", "none"), default="index")
    parser.add_argument("--json", default=None)
    parser.add_argument("--svg", default=None)
    parser.add_argument("--inner", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--venvctl", default=os.path.join(os.environ.get("TEST_PREFIX", ""), "bin/venvctl"))
    args = parser.parse_args()
    for program in ([args.python, "-c", ""], [args.venvctl, "--version"]):
        if not runs(program):
            parser.error("%s does not run" % program[0])
    return args


def main():
    args = parse()
    scratch = os.path.realpath(tempfile.mkdtemp(prefix="venvctl-bench-", dir=args.dir))
    try:
        bench = Bench(args, scratch)
        who = "root" if os.geteuid() == 0 else "user"
        found = {"schema": 1, "date": time.strftime("%Y-%m-%d", time.gmtime()), "machine": machine(scratch),
                 "python": bench.quietly([args.python, "-c", "import platform as p; print(p.python_version())"]).stdout.strip(),
                 "venvctl": bench.quietly([args.venvctl, "--version"]).stdout.split("\n")[0]}
        print("%(cpu)s, %(processors)d processors, %(kernel)s, %(file_system)s" % found["machine"])
        print("as %s, Python %s" % (who, found["python"]))
        peers = run_all(bench)
        found["peers"] = peers.versions
        found["pips"] = {which: version for which, (_, version) in peers.pips.items()}
        found["runs"] = [{"as": who, "scenarios": bench.scenarios, "missing": bench.missing}]
        if who == "root":
            print("\nand as an ordinary user")
            sys.stdout.flush()
            run, why = as_user(args, sys.argv[1:])
            if run:
                found["runs"].append(run)
            else:
                bench.lacks("an ordinary user", why)
        elif not args.inner:
            bench.lacks("root", "run it as root for both")
    finally:
        subprocess.run(["rm", "-rf", scratch], check=False)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump(found, f, indent=1)
            f.write("\n")
    if args.svg:
        with open(args.svg, "w", encoding="utf-8") as f:
            f.write(picture.draw(found))
    if args.inner:
        return
    print("\nmissing: " + ("; ".join(dict.fromkeys(m for r in found["runs"] for m in r["missing"])) or "nothing"))


if __name__ == "__main__":
    if sys.version_info < (3, 8):
        sys.exit("bench.py needs Python 3.8")
    main()
