# SPDX-License-Identifier: MIT
"""peers.py - what venvctl is compared with, and the wheels of pip that all of them install"""

import glob
import os
import re
import shutil

from tools import Tool

WHY = {"none": "not wanted", "path": "not on PATH", "index": "not to be had from the package index"}
# What may be needed to reach the package index.
INDEX = ("SSL_CERT_FILE", "PIP_CERT", "PIP_INDEX_URL", "PIP_FIND_LINKS", "UV_DEFAULT_INDEX", "UV_INDEX_URL")
# From 3.12 on a new environment has pip alone: else wheels of setuptools lie there too.
BUNDLED = """import ensurepip, glob, os, sys, sysconfig
where = sysconfig.get_config_var('WHEEL_PKG_DIR') or os.path.join(os.path.dirname(ensurepip.__file__), '_bundled')
print(*[w for n in ['pip', 'setuptools'][:1 + (sys.version_info < (3, 12))] for w in glob.glob(os.path.join(where, n + '-*.whl'))])
"""


class Peers:
    """Paths of the programs (None: not there), their versions, and directories with one wheel of pip each."""

    def __init__(self, bench):
        self.bench, self.python = bench, bench.args.python
        self.index = dict(bench.env, **{k: v for k, v in os.environ.items() if k in INDEX})
        self.venv = bench.args.peers != "none"
        if not self.venv:
            bench.lacks("python -m venv", WHY["none"])
        self.versions, self.pips = {}, {}
        self.virtualenv, self.uv = self.find("virtualenv"), self.find("uv")
        self.pip_alone, self.seeds = True, None
        self.bundled()
        self.newest()

    def pip(self, *line):
        """A pip of our own does LINE; how it ended, or None."""
        place = os.path.join(self.bench.scratch, "peers")
        pip = os.path.join(place, "bin", "pip")
        if not os.path.exists(pip):
            self.bench.quietly([self.python, "-m", "venv", place])
        return self.bench.quietly([pip, *line], self.index) if os.path.exists(pip) else None

    def find(self, name):
        """From PATH, else from the package index into the scratch directory."""
        which = self.bench.args.peers
        found = shutil.which(name) if which != "none" else None
        if not found and which == "index":
            done = self.pip("install", "-q", name)
            found = os.path.join(self.bench.scratch, "peers", "bin", name) if done and not done.returncode else None
        said = self.bench.quietly([found, "--version"]) if found else None
        version = re.match(name + r" (\d[\w.+]*)", said.stdout) if said and not said.returncode else None
        if not version:
            self.bench.lacks(name, "it does not run" if found else WHY[which])
            return None
        self.versions[name] = version.group(1)
        return found

    def keep(self, which, wheel):
        """A directory with nothing but WHEEL, which is the pip called WHICH."""
        where = self.bench.place("pip-" + which)
        if os.path.dirname(wheel) != where:
            shutil.copy(wheel, where)
        self.pips[which] = (where, os.path.basename(wheel).split("-")[1])

    def bundled(self):
        """The interpreter's own."""
        said = self.bench.quietly([self.python, "-c", BUNDLED])
        words = said.stdout.split()
        if said.returncode or not words:
            self.bench.lacks("the interpreter's pip", "no wheel of its ensurepip")
            return
        self.keep("bundled", words[0])
        self.pip_alone = len(words) == 1
        if self.uv:
            self.fill_uv(words)

    def newest(self):
        """The index's, downloaded once."""
        if self.bench.args.peers == "index":
            where = self.bench.place("pip-newest")
            self.pip("download", "-q", "--no-deps", "--only-binary", ":all:", "-d", where, "pip")
            for wheel in glob.glob(os.path.join(where, "pip-*.whl")):
                self.keep("newest", wheel)
        if "newest" not in self.pips:
            self.bench.lacks("cold, newest pip", WHY[self.bench.args.peers])

    def local(self, wheels, env=None):
        """What has uv install the WHEELS of a directory, without network."""
        return dict(env or self.bench.env, UV_FIND_LINKS=wheels, UV_NO_INDEX="1", UV_OFFLINE="1")

    def fill_uv(self, bundled):
        """Its cache, until it can seed with the BUNDLED wheels, and, where it wants that too, the package wheel."""
        where = self.bench.place("seeds")
        for wheel in bundled:
            shutil.copy(wheel, where)
        if not self.pip_alone:
            self.pip("download", "-q", "-d", where, "wheel")
        env = self.local(where)
        done = self.bench.quietly([self.uv, "venv", "-q", "--seed", "-p", self.python, self.bench.place("uv") + "/e"], env)
        if done.returncode:
            self.bench.lacks("uv venv --seed", done.stdout)
        else:
            self.seeds = env

    # Tools that make one environment each; None is none.

    def uv_venv(self, *more, name="uv venv"):
        return Tool(name, [self.uv, "venv", "-q", *more, "-p", self.python, "{}"]) if self.uv else None

    def uv_seeded(self, *more, what=""):
        if not self.seeds:
            return None
        name = "uv venv --seed" + ("" if self.pip_alone else " (wheel too)") + what
        return Tool(name, [self.uv, "venv", "-q", "--seed", *more, "-p", self.python, "{}"], env=self.seeds)

    def virtualenv_tool(self, *more):
        line = [self.virtualenv, "-q", "-p", self.python, *more, "{}"]
        return Tool(" ".join(["virtualenv", *more]), line, slow=True) if self.virtualenv else None

    def venv_tool(self, *more, python=None, **rest):
        line = [python or self.python, "-m", "venv", *more, "{}"]
        return Tool(" ".join(["python -m venv", *more]), line, slow=True, **rest) if self.venv else None
