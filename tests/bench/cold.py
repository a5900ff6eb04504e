# SPDX-License-Identifier: MIT
"""cold.py - until `pip --version` has answered: from an empty cache, and from a warm one

With the same pip, once the interpreter's own and once the newest: who compiles it is compared
with who compiles it, and who does not with who does not.  virtualenv brings a pip of its own.
"""

import shlex
import subprocess
import tempfile

from tools import Tool
from turns import measure, report, take_turns


def then_pip(*lines):
    """LINES of commands, in which {} is the environment, and its pip."""
    quoted = [" ".join('"$0"'.join(p and shlex.quote(p) for p in word.split("{}")) for word in line) for line in lines]
    return ["sh", "-c", " && ".join(quoted + ['exec "$0/bin/pip" --version']), "{}"]


def by_uv(peers, which, fresh, compiled):
    """uv with the pip WHICH from a directory; where it cannot seed with that alone, or as wanted, by two commands."""
    if not peers.uv:
        return None
    bare = [peers.uv, "venv", "-q", "-p", peers.python, "{}"]
    if not compiled and peers.pip_alone:
        return Tool("uv venv --seed", then_pip(bare[:-1] + ["--seed", "{}"]), prepare=fresh)
    install = [peers.uv, "pip", "install", "-q", "-p", "{}/bin/python", *(["--compile-bytecode"] if compiled else []), "pip"]
    return Tool("uv pip install" + (" --compile-bytecode" if compiled else ""), then_pip(bare, install), prepare=fresh)


def cold(bench, peers, which):
    if which not in peers.pips:
        return
    wheels, version = peers.pips[which]

    homes = tempfile.mkdtemp(prefix="homes-", dir=bench.scratch)

    def fresh(env=bench.env):
        return dict(env, HOME=tempfile.mkdtemp(dir=homes))

    def offline():
        return peers.local(wheels, fresh())
    python, others = peers.python, []
    ours = bench.ours + ["--no-setuptools"]
    if which == "newest":
        ours = bench.ours + ["--plugin=wheels", "-o", "wheels.packages=pip", "-o", "wheels.find-links=" + wheels]
        if peers.uv:
            more = "" if peers.pip_alone else ", setuptools too"
            others.append(Tool("uv venv --seed from index" + more,
                               then_pip([peers.uv, "venv", "-q", "--seed", "-p", python, "{}"]),
                               prepare=lambda: fresh(peers.index)))
    compiled = [Tool("venvctl", then_pip(ours + ["{}"]), prepare=fresh), by_uv(peers, which, offline, True)]
    if which == "bundled" and peers.venv:
        compiled.append(Tool("python -m venv" + ("" if peers.pip_alone else ", setuptools too"),
                             then_pip([python, "-m", "venv", "{}"]), prepare=fresh))
    plain = [Tool("venvctl --no-compile", then_pip(ours + ["--no-compile", "{}"]), prepare=fresh),
             by_uv(peers, which, offline, False), *others]
    groups = [[t for t in group if t] for group in (compiled, plain)]
    for tool in sum(groups, []):
        tool.answer = "pip %s from " % version
    if which == "newest" and peers.virtualenv:
        groups[1].append(Tool("virtualenv, with a pip of its own",
                              then_pip([peers.virtualenv, "-q", "-p", python, "{}"]), prepare=fresh))
    take_turns(bench, sum(groups, []), 1, bench.args.cold_runs, False)
    subprocess.run(["rm", "-rf", homes], check=False)
    report(bench, "cold, %s pip, compiled" % which, groups[0])
    report(bench, "cold, %s pip, not compiled" % which, groups[1])


def warm(bench, peers, shared):
    def made_by(tool):
        return tool and Tool(tool.name, then_pip(tool.argv), env=tool.env)
    measure(bench, "warm, until pip --version has answered", [
        Tool("venvctl", then_pip(bench.ours + ["{}"])), made_by(peers.uv_seeded()),
        Tool("venvctl, shared", then_pip(bench.ours + shared + ["{}"])),
        made_by(peers.virtualenv_tool()), made_by(peers.venv_tool())], runs=bench.args.cold_runs, counts=False)
