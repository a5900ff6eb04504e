# SPDX-License-Identifier: MIT
"""case.py - a create with a script that is fetched, in a place of its own"""

import hashlib
import os
import resource
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "matrix"))
from interpreters import VENVCTL, Scratch, Tap  # noqa: E402
from server import Authority  # noqa: E402

PYTHON = "/usr/bin/python3"
# What a script has to leave where pip or setuptools was promised: something that runs.
PIP = b"""import os, sysconfig
for name in "pip", "setuptools":
    where = os.path.join(sysconfig.get_path("purelib"), name)
    os.makedirs(where, exist_ok=True)
    open(os.path.join(where, "__init__.py"), "w").close()
    open(os.path.join(where, "__main__.py"), "w").write("print('pip 1.0')\\n")
"""
# What is fetched: it says that it ran, where, and with what.
BODY = PIP + b"""import os, sys
here = os.path.dirname(os.path.abspath(__file__))
open(os.path.join(here, "..", "ran"), "w").write(repr(sys.argv) + os.getcwd())
print("said by the script")
sys.exit(int(os.environ.get("SCRIPT_EXIT", "0")))
"""
DIGEST = hashlib.sha256(BODY).hexdigest()
WRONG = "0" * 64


def run(make):
    """Each test of what MAKE makes of a new authority."""
    tap = Tap()
    scratch = Scratch("ca")
    try:
        tap.each(make(Authority(scratch.dir)))
    finally:
        scratch.remove()
    tap.done()


class Case:
    """A directory with its own cache, TMPDIR and site configuration."""

    def __init__(self, ca):
        self.scratch = Scratch("net")
        self.env = self.scratch.env
        self.env["TMPDIR"] = self.path("tmp")
        self.env["SSL_CERT_FILE"] = ca
        # Not into the machine's own place for logs, when this is root.
        self.env["VENVCTL_LOG_FILE"] = self.path("log")
        for name in list(self.env):
            if name.lower().endswith("_proxy") or name in (
                    "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
                del self.env[name]
        os.mkdir(self.path("tmp"))
        os.mkdir(self.path("etc"))
        self.limit = None  # bytes that a file may have

    def path(self, *names):
        return self.scratch.path(*names)

    def site(self, text):
        with open(self.path("etc", "venvctl.ini"), "w") as f:
            f.write(text)

    def create(self, *options, plugin="getpip", env="env", python=PYTHON, **more):
        argv = [VENVCTL, "create", "-p", python, "--plugin", plugin]
        for option in options:
            argv += [option] if option.startswith("-") else ["-o", option]
        p = subprocess.run(argv + [self.path(env)], env=dict(self.env, **more),
                           preexec_fn=self.limited if self.limit else None,
                           cwd=self.scratch.dir, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           universal_newlines=True)
        self.said = p.stderr
        return p.returncode

    def limited(self):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.limit, self.limit))

    def works(self, *options, **kw):
        status = self.create(*options, **kw)
        assert status == 0, "status %d: %s" % (status, self.said)
        env = self.path(kw.get("env", "env"))
        assert os.path.exists(os.path.join(env, "ran")), "the script did not run"
        left = [n for n in os.listdir(os.path.join(env, "bin")) if "pip" in n or "ez" in n]
        assert not left, "left in bin: %s" % left
        self.is_clean()

    def fails(self, status, says, *options, **kw):
        found = self.create(*options, **kw)
        assert found == status, "status %d, not %d: %s" % (found, status, self.said)
        assert says in self.said, "no '%s' in: %s" % (says, self.said)
        assert not os.path.exists(self.path("env")), "the environment stayed"
        self.is_clean()

    def is_clean(self):
        left = os.listdir(self.path("tmp"))
        left += [n for n in os.listdir(self.scratch.dir) if n.startswith(".venvctl")]
        left += [n for n in self.cached() if "." in n]
        assert not left, "left behind: %s" % left

    def cached(self):
        directory = self.path("cache", "download")
        return os.listdir(directory) if os.path.isdir(directory) else []
