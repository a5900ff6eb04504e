# SPDX-License-Identifier: MIT
"""bench.py - venvctl, its floors and its peers, side by side in one run

Whole processes, by the clock of the operating system, from their start until they have been
waited for.  The tools take turns, venvctl right beside its floor: a machine whose speed drifts
is the same for all.  Each environment gets a directory of its own, and nothing is deleted
before a scenario is over, because ext4 makes files slowly right after a mass deletion.  A floor
(floor.c) makes the very same tree with no call but those that make it.  No figure is a pass or
a fail.

    bench.py [--runs N] [--slow-runs N] [--many N] [--dir DIR] [--python PATH] [--peers WHICH]
             [--json FILE] [--svg FILE]

Root measures once more as an ordinary user.  What could not be had is said at the end.
"""

import argparse
import json
import os
import platform
import re
import shlex
import shutil
import stat
import statistics
import subprocess
import sys
import tempfile
import time

import picture

HERE = os.path.dirname(os.path.abspath(__file__))
USER = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
CALL = re.compile(r"^\d+ +[a-z_0-9]+\(")
PROCESS = re.compile(r" (execve|execveat|fork|vfork|clone|clone3)\(")
OBJECT = re.compile(r'open(at)?\(.*\.so(\.[0-9]+)*",.* = [0-9]')


class Bench:
    def __init__(self, args, scratch):
        self.args, self.scratch = args, scratch
        self.missing, self.scenarios = [], []
        self.counts = self.uv_seeds = False
        drop = ("PYTHON", "PIP_", "VIRTUAL_ENV", "VENVCTL_", "XDG_", "UV_", "PYENV_")
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(drop)}
        self.env.update(HOME=self.place("home"), PATH="/usr/local/bin:/usr/bin:/bin", LANG="C.UTF-8")
        self.ours = [args.venvctl, "create", "-p", args.python]
        self.peers = {}

    def place(self, name):
        path = os.path.join(self.scratch, name)
        os.makedirs(path, exist_ok=True)
        return path

    def lacks(self, what, why):
        print("missing: %s (%s)" % (what, why))
        self.missing.append("%s (%s)" % (what, why))

    def quietly(self, argv, env=None):
        return subprocess.run(argv, env=env or self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              universal_newlines=True, check=False)


class Tool:
    """What is measured: argv with {} for the directory, or several of them."""

    def __init__(self, name, argv, slow=False, several=False, env=None, prepare=None):
        self.name, self.argv, self.slow, self.several = name, argv, slow, several
        self.env, self.prepare = env, prepare
        self.times, self.error, self.counts = [], None, {}

    def lines(self, dirs):
        """The command lines that make DIRS."""
        each = [dirs] if self.several else [[d] for d in dirs]
        for some in each:
            line = []
            for word in self.argv:
                line += some if word == "{}" else [word.replace("{}", some[0])]
            yield line

    def run(self, bench, dirs, wrap=()):
        log = os.path.join(bench.scratch, "log")
        took = 0.0
        env = self.prepare() if self.prepare else self.env or bench.env
        for line in self.lines(dirs):
            line = list(wrap) + line
            actions = [(os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
                       (os.POSIX_SPAWN_DUP2, 1, 2)]
            begin = time.perf_counter()
            pid = os.posix_spawnp(line[0], line, env, file_actions=actions)
            status = os.waitpid(pid, 0)[1]
            took += time.perf_counter() - begin
            if status:
                with open(log, encoding="utf-8", errors="replace") as f:
                    self.error = f.read().strip()[-300:] or "status %d" % status
        return took * 1000

    def count(self, bench, dirs):
        """System calls, processes and shared objects; what it made is counted in the first of DIRS."""
        trace = os.path.join(bench.scratch, "trace")
        if bench.counts:
            self.run(bench, dirs, ["strace", "-f", "-qq", "-o", trace])
            with open(trace, encoding="utf-8", errors="replace") as f:
                lines = [line for line in f if CALL.match(line)]
            self.counts = {"calls": len(lines), "processes": sum(bool(PROCESS.search(x)) for x in lines),
                           "objects": sum(bool(OBJECT.search(x)) for x in lines)}
        else:
            self.run(bench, dirs)
        if os.path.isdir(dirs[0]):
            self.counts["inodes"] = inodes(dirs[0])


def inodes(top):
    """Those of its own: a hard link into a store is none."""
    found = 1
    for where, dirs, files in os.walk(top):
        found += len(dirs) + sum(os.lstat(os.path.join(where, n)).st_nlink == 1 for n in files)
    return found


def write_model(env_dir, model, store):
    """What floor.c makes the tree ENV_DIR from; files that lie in STORE are linked from there."""
    there = {}
    for where, _, files in os.walk(store):
        there.update((os.lstat(os.path.join(where, n)).st_ino, os.path.join(where, n)) for n in files)
    with open(model, "wb") as out:
        def entry(kind, mode, path, data, end=b""):
            name = os.path.relpath(path, env_dir)
            out.write(b"%s %o %d %s\n" % (kind, mode, len(data), os.fsencode(name)) + data + end)
        for where, dirs, files in os.walk(env_dir):
            for path in [os.path.join(where, n) for n in dirs + files]:
                st = os.lstat(path)
                if stat.S_ISDIR(st.st_mode):
                    entry(b"d", 0, path, b"")
                elif stat.S_ISLNK(st.st_mode):
                    entry(b"l", 0, path, os.fsencode(os.readlink(path)), b"\n")
                elif st.st_nlink > 1:
                    entry(b"h", 0, path, os.fsencode(there[st.st_ino]), b"\n")
                else:
                    with open(path, "rb") as f:
                        entry(b"f", st.st_mode & 0o777, path, f.read())


def measure(bench, title, tools, n=1, runs=None, counts=True):
    """TOOLS make N environments each; the first two, a floor and venvctl, with nothing between."""
    tools = [t for t in tools if t]
    area = tempfile.mkdtemp(prefix="area-", dir=bench.scratch)
    made = iter(range(10 ** 9))

    def dirs():
        where = os.path.join(area, "%d" % next(made))
        os.mkdir(where)
        return [os.path.join(where, "e%d" % i) for i in range(n)]
    for tool in tools:
        if not tool.prepare:
            tool.run(bench, dirs()[:1])  # warm
        if counts:
            tool.count(bench, dirs())
    runs = runs or bench.args.runs
    for turn in range(runs):
        pair, rest = tools[:2], tools[2:]
        rest = rest[turn % len(rest):] + rest[:turn % len(rest)] if rest else []
        for tool in (pair if turn % 2 else pair[::-1]) + rest:
            if not tool.error and (not tool.slow or turn < bench.args.slow_runs):
                tool.times.append(tool.run(bench, dirs()))
    subprocess.run(["rm", "-rf", area], check=False)
    report(bench, title, tools, n)


def report(bench, title, tools, n):
    base = next(t for t in tools if t.name.startswith("venvctl"))
    rows = []
    print("\n%s, milliseconds%s" % (title, " for each of %d" % n if n > 1 else ""))
    print("%-30s %9s %9s %5s %7s %8s %5s %5s %7s" % ("", "median", "minimum", "runs", "ratio", "calls",
                                                      "proc", "libs", "inodes"))
    for tool in tools:
        if tool.error or not tool.times or not base.times:
            bench.lacks("%s: %s" % (title, tool.name), tool.error or "not run")
            continue
        median, least = statistics.median(tool.times) / n, min(tool.times) / n
        ratio = median * n / statistics.median(base.times)
        counts = {k: round(v / n, 1) if n > 1 and k != "inodes" else v for k, v in tool.counts.items()}
        rows.append(dict(name=tool.name, median=median, minimum=least, runs=len(tool.times), ratio=ratio,
                         minimum_ratio=least * n / min(base.times), **counts))
        print("%-30s %9.3f %9.3f %5d %7.2f %8s %5s %5s %7s" % (
            (tool.name, median, least, len(tool.times), ratio)
            + tuple(counts.get(k, "-") for k in ("calls", "processes", "objects", "inodes"))))
    sys.stdout.flush()
    bench.scenarios.append({"title": title, "environments": n, "tools": rows})


PEERS_MISSING = {"none": "not wanted", "path": "not on PATH", "index": "not to be had from the package index"}


def find_peers(bench):
    """virtualenv and uv from PATH, else from the package index into the scratch directory."""
    for name in ("virtualenv", "uv"):
        found = shutil.which(name) if bench.args.peers != "none" else None
        if not found and bench.args.peers == "index":
            place = os.path.join(bench.scratch, "peers")
            pip = os.path.join(place, "bin", "pip")
            more = {k: v for k, v in os.environ.items() if k in ("PIP_CERT", "PIP_INDEX_URL", "PIP_FIND_LINKS")}
            if not os.path.exists(pip):
                bench.quietly([bench.args.python, "-m", "venv", place])
            p = bench.quietly([pip, "install", "-q", name], dict(bench.env, **more)) if os.path.exists(pip) else None
            found = os.path.join(place, "bin", name) if p and not p.returncode else None
        if found:
            bench.peers[name] = found
        else:
            bench.lacks(name, PEERS_MISSING[bench.args.peers])
    if bench.args.peers == "none":
        bench.lacks("python -m venv", PEERS_MISSING["none"])
    uv = bench.peers.get("uv")
    if uv:
        # Filled from the index once; offline afterwards, without byte code.
        index = {k: os.environ[k] for k in ("SSL_CERT_FILE",) if k in os.environ}
        p = bench.quietly([uv, "venv", "-q", "--seed", "-p", bench.args.python, bench.place("uv") + "/first"],
                          dict(bench.env, **index))
        if p.returncode:
            bench.lacks("uv venv --seed", "its cache cannot be filled")
        bench.uv_seeds = not p.returncode


def floors(bench):
    """A tool for each way: venvctl makes one environment, and floor.c the same again."""
    program = os.path.join(bench.scratch, "floor")
    cc = shlex.split(os.environ.get("CC") or "cc")
    subprocess.run([*cc, "-O2", "-D_GNU_SOURCE", "-w", os.path.join(HERE, "floor.c"), "-o", program], check=True)
    found = {}
    for way, more in WAYS.items():
        env_dir = os.path.join(bench.place("models"), way)
        p = bench.quietly(bench.ours + more + [env_dir])
        if p.returncode:
            bench.lacks(way, p.stdout.strip()[-300:])
            continue
        model = env_dir + ".model"
        write_model(env_dir, model, bench.env["HOME"])
        found[way] = [program, model, "{}"]
    return found


WAYS = {"bare": ["--without-pip"], "linked": ["--link-mode", "hardlink"], "copied": ["--link-mode", "copy"],
        # Setuptools is never shared.
        "shared": ["--link-mode", "shared", "--no-setuptools"]}


def venv(bench, argv, **more):
    """The standard library's, unless no peer is wanted."""
    if bench.args.peers == "none":
        return None
    bare = "--without-pip" in argv
    return Tool("python -m venv --without-pip" if bare else "python -m venv", argv, slow=True, **more)


def one_at_a_time(bench, floor):
    python, uv, virtualenv = bench.args.python, bench.peers.get("uv"), bench.peers.get("virtualenv")
    seeds = uv and bench.uv_seeds
    peers = {
        "bare": [Tool("uv venv", [uv, "venv", "-q", "-p", python, "{}"]) if uv else None,
                 Tool("virtualenv --no-seed", [virtualenv, "-q", "-p", python, "--no-seed", "{}"], slow=True)
                 if virtualenv else None,
                 venv(bench, [python, "-m", "venv", "--without-pip", "{}"])],
        "linked": [Tool("uv venv --seed", [uv, "venv", "-q", "--seed", "--offline", "-p", python, "{}"])
                   if seeds else None,
                   Tool("virtualenv", [virtualenv, "-q", "-p", python, "{}"], slow=True) if virtualenv else None,
                   venv(bench, [python, "-m", "venv", "{}"])],
        "copied": [Tool("uv venv --seed, copies", [uv, "venv", "-q", "--seed", "--offline", "--link-mode", "copy",
                                                   "-p", python, "{}"]) if seeds else None],
        "shared": [],
    }
    for way, line in floor.items():
        measure(bench, "one, " + way, [Tool("floor", line), Tool("venvctl", bench.ours + WAYS[way] + ["{}"])]
                + peers[way])


def by_shim(bench):
    root = os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))
    if not os.access(os.path.join(root, "shims", "python3"), os.X_OK):
        bench.lacks("pyenv shim", "no pyenv")
        return
    env = dict(bench.env, PYENV_ROOT=root, PATH=os.path.join(root, "shims") + ":" + bench.env["PATH"])
    measure(bench, "one, bare, python3 is a shim of pyenv", [
        Tool("venvctl", [bench.args.venvctl, "create", "--without-pip", "{}"], env=env),
        venv(bench, ["python3", "-m", "venv", "--without-pip", "{}"], env=env)])


def cold(bench):
    """Until `pip --version` has answered, from an empty cache; and that alone in a new environment."""
    def fresh():
        return dict(bench.env, HOME=tempfile.mkdtemp(prefix="home-", dir=bench.scratch))

    def then_pip(argv):
        return ["sh", "-c", " ".join(shlex.quote(w) for w in argv) + ' "$0" && exec "$0/bin/pip" --version', "{}"]
    python, virtualenv = bench.args.python, bench.peers.get("virtualenv")
    runs = bench.args.slow_runs
    measure(bench, "cold, until pip --version has answered", [
        Tool("venvctl", then_pip(bench.ours), prepare=fresh),
        Tool("venvctl --no-compile", then_pip(bench.ours + ["--no-compile"]), prepare=fresh),
        Tool("virtualenv", then_pip([virtualenv, "-q", "-p", python]), prepare=fresh) if virtualenv else None,
        venv(bench, then_pip([python, "-m", "venv"]), prepare=fresh)], runs=runs, counts=False)
    measure(bench, "warm, until pip --version has answered", [
        Tool("venvctl", then_pip(bench.ours)),
        Tool("venvctl, shared", then_pip(bench.ours + WAYS["shared"])),
        Tool("virtualenv", then_pip([virtualenv, "-q", "-p", python])) if virtualenv else None,
        venv(bench, then_pip([python, "-m", "venv"]))], runs=runs, counts=False)


def many(bench, floor):
    jobs = str(max(2, len(os.sched_getaffinity(0))))
    python, uv = bench.args.python, bench.peers.get("uv")
    for n in (10, bench.args.many):
        for way, line in floor.items():
            count = n
            free = shutil.disk_usage(bench.scratch).free
            # 14 MB each, of three tools, in each run.
            while way == "copied" and count > 1 and count * 14e6 * 3 * (bench.args.many_runs + 2) > free / 2:
                count //= 2
            if count < n:
                bench.lacks("%d copied" % n, "%d fit" % count)
            ours = bench.ours + WAYS[way] + ["{}"]
            tools = [Tool("floor", line, several=True), Tool("venvctl", ours, several=True),
                     Tool("venvctl -j %s" % jobs, ours + ["-j", jobs], several=True)]
            if n == 10 and way == "bare":
                tools += [Tool("uv venv, ten times", [uv, "venv", "-q", "-p", python, "{}"]) if uv else None,
                          venv(bench, [python, "-m", "venv", "--without-pip", "{}"], several=True)]
            measure(bench, "%d in one call, %s" % (count, way), tools, count,
                    bench.args.runs if n == 10 else bench.args.many_runs, n == 10 and way != "copied")


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


def run_all(bench):
    find_peers(bench)
    with open(bench.args.venvctl, "rb") as f:
        sanitized = b"__asan_init" in f.read()
    bench.counts = shutil.which("strace") and not sanitized
    if not bench.counts:
        bench.lacks("system calls, processes, shared objects",
                    "sanitizers make calls of their own" if sanitized else "no strace")
    floor = floors(bench)
    one_at_a_time(bench, floor)
    by_shim(bench)
    if "linked" in floor:
        cold(bench)
    many(bench, floor)


def as_user(args, argv):
    """The same as an ordinary user, in a process of its own; what it found, or why not."""
    scratch = tempfile.mkdtemp(prefix="venvctl-bench-", dir=args.dir)
    os.chmod(scratch, 0o755)
    os.chown(scratch, 65534, 65534)
    found = os.path.join(scratch, "found.json")
    try:
        line = USER + ["python3", "-B", os.path.abspath(__file__)] + argv + ["--dir", scratch, "--json", found, "--svg", "",
                       "--inner"]
        if not shutil.which("setpriv"):
            return None, "no setpriv"
        if subprocess.run(USER + [args.venvctl, "--version"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, check=False).returncode:
            return None, "users cannot reach venvctl"
        if subprocess.run(line, env=dict(os.environ, PATH="/usr/local/bin:/usr/bin:/bin"), check=False).returncode:
            return None, "it failed"
        with open(found, encoding="utf-8") as f:
            return json.load(f)["runs"][0], None
    finally:
        subprocess.run(["rm", "-rf", scratch], check=False)


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=25)
    parser.add_argument("--slow-runs", type=int, default=3)
    parser.add_argument("--many", type=int, default=1000, help="environments in one call, beside 10")
    parser.add_argument("--many-runs", type=int, default=3)
    parser.add_argument("--dir", default=None, help="where to create (its file system matters)")
    parser.add_argument("--python", default="/usr/bin/python3")
    parser.add_argument("--peers", choices=("index", "path", "none"), default="index")
    parser.add_argument("--json", default=None)
    parser.add_argument("--svg", default=None)
    parser.add_argument("--inner", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--venvctl", default=os.path.join(os.environ.get("TEST_PREFIX", ""), "bin/venvctl"))
    return parser.parse_args()


def main():
    args = parse()
    scratch = os.path.realpath(tempfile.mkdtemp(prefix="venvctl-bench-", dir=args.dir))
    try:
        bench = Bench(args, scratch)
        who = "root" if os.geteuid() == 0 else "user"
        found = {"schema": 1, "date": time.strftime("%Y-%m-%d", time.gmtime()), "machine": machine(scratch),
                 "python": bench.quietly([args.python, "-c", "import platform as p; print(p.python_version())"]).stdout.strip(),
                 "venvctl": bench.quietly([args.venvctl, "--version"]).stdout.split("\n")[0], "runs": []}
        print("%(cpu)s, %(processors)d processors, %(kernel)s, %(file_system)s" % found["machine"])
        print("as %s, Python %s" % (who, found["python"]))
        run_all(bench)
        found["runs"].append({"as": who, "scenarios": bench.scenarios, "missing": bench.missing})
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
