# SPDX-License-Identifier: MIT
"""scenarios.py - one environment and many, in each way, beside their floors and the peers"""

import os
import shlex
import shutil
import stat
import subprocess

from cold import cold, warm
from peers import Peers
from tools import Tool
from turns import measure

HERE = os.path.dirname(os.path.abspath(__file__))
WAYS = {"bare": ["--without-pip"], "linked": ["--link-mode", "hardlink"], "copied": ["--link-mode", "copy"],
        # Setuptools is never shared.
        "shared": ["--link-mode", "shared", "--no-setuptools"]}
COPY = 15e6     # what one environment with a copy of pip and setuptools takes


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


def compiled(bench, name):
    """The path of the C program NAME, or None."""
    program = os.path.join(bench.scratch, name)
    line = shlex.split(os.environ.get("CC") or "cc")
    # A cache of compilers would be in root's home for the user as well.
    env = dict(os.environ, HOME=bench.env["HOME"], CCACHE_DISABLE="1")
    try:
        done = bench.quietly([*line, "-O2", "-D_GNU_SOURCE", "-w", os.path.join(HERE, name + ".c"), "-o", program], env)
        why = done.returncode and (done.stdout or "status %d" % done.returncode)
    except OSError as e:
        why = str(e)
    if why:
        bench.lacks("floors" if name == "floor" else "memory", "%s: %s" % (line[0], why))
        return None
    return program


def floors(bench):
    """The ways that work, each with a line that makes the same again: venvctl makes one, and floor.c that."""
    program = compiled(bench, "floor")
    found = {}
    for way, more in WAYS.items():
        env_dir = os.path.join(bench.place("models"), way)
        done = bench.quietly(bench.ours + more + [env_dir])
        if done.returncode:
            bench.lacks(way, done.stdout)
            continue
        model = env_dir + ".model"
        write_model(env_dir, model, bench.env["HOME"])
        found[way] = program and [program, model, "{}"]
    return found


def one_at_a_time(bench, peers, floor):
    others = {"bare": [peers.uv_venv(), peers.virtualenv_tool("--no-seed"), peers.venv_tool("--without-pip")],
              "linked": [peers.uv_seeded(), peers.virtualenv_tool(), peers.venv_tool()],
              "copied": [peers.uv_seeded("--link-mode", "copy", what=", copies")]}
    for way, line in floor.items():
        measure(bench, "one, " + way, [line and Tool("floor", line), Tool("venvctl", bench.ours + WAYS[way] + ["{}"])]
                + others.get(way, []))


def by_shim(bench, peers):
    root = os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))
    if not os.access(os.path.join(root, "shims", "python3"), os.X_OK):
        bench.lacks("pyenv shim", "no pyenv")
        return
    env = dict(bench.env, PYENV_ROOT=root, PATH=os.path.join(root, "shims") + ":" + bench.env["PATH"])
    measure(bench, "one, bare, python3 is a shim of pyenv", [
        Tool("venvctl", [bench.args.venvctl, "create", "--without-pip", "{}"], env=env),
        peers.venv_tool("--without-pip", python="python3", env=env)])


def how_many(n, runs, free):
    """So many copies of N fit: three tools make them in each run, to be warm, and to be counted."""
    while n > 1 and n * COPY * 3 * (runs + 2) > free / 2:
        n //= 2
    return n


def many(bench, peers, floor):
    jobs = str(max(2, len(os.sched_getaffinity(0))))
    others = {"bare": [peers.uv_venv(name="uv venv, ten times"), peers.venv_tool("--without-pip", several=True)],
              "linked": [peers.uv_seeded(what=", ten times")]}
    sizes = [(10, bench.args.runs)] if bench.args.many > 10 else []
    for n, runs in sizes + [(bench.args.many, bench.args.many_runs)]:
        for way, line in floor.items():
            count = how_many(n, runs, shutil.disk_usage(bench.scratch).free) if way == "copied" else n
            if count < n:
                bench.lacks("%d copied" % n, "no more than %d fit" % count)
            ours = bench.ours + WAYS[way] + ["{}"]
            tools = [line and Tool("floor", line, several=True), Tool("venvctl", ours, several=True),
                     Tool("venvctl -j %s" % jobs, ours + ["-j", jobs], several=True)]
            measure(bench, "%d in one call, %s" % (count, way), tools + (others.get(way, []) if n == 10 else []), count,
                    runs, n <= 10)


def run_all(bench):
    """Everything, into bench.scenarios and bench.missing; the peers that were there."""
    with open(bench.args.venvctl, "rb") as f:
        sanitized = b"__asan_init" in f.read()
    bench.strace = bool(shutil.which("strace")) and not sanitized
    if not bench.strace:
        bench.lacks("system calls, processes, shared objects",
                    "sanitizers make calls of their own" if sanitized else "no strace")
    bench.peak = compiled(bench, "peak")
    peers = Peers(bench)
    floor = floors(bench)
    parts = [(one_at_a_time, floor), (by_shim,), (many, floor)]
    if "linked" in floor:
        parts[2:2] = [(cold, "bundled"), (cold, "newest"), (warm, WAYS["shared"])]
    for part, *more in parts:
        try:
            part(bench, peers, *more)
        except (OSError, subprocess.SubprocessError) as e:
            bench.lacks(part.__name__, str(e))
    return peers
