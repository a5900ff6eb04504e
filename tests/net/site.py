#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""site.py - the plugins script and wheels, from a server of the site"""

import hashlib
import os
import shutil
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "matrix"))
from interpreters import VENVCTL, Scratch, Tap  # noqa: E402
from server import Authority, Server  # noqa: E402

SCRIPT = b"""import json, os, sys
context = json.load(sys.stdin)
open(os.path.join(context["env_dir"], "ran"), "w").write(context["env_name"])
"""
WHEEL = "acme_tool-1.0-py3-none-any.whl"


class Site:
    def __init__(self):
        self.scratch = Scratch("site")
        self.path = self.scratch.path
        for name in "ca", "tmp", "etc":
            os.mkdir(self.path(name))
        authority = Authority(self.path("ca"))
        subprocess.run([sys.executable, os.path.join(HERE, "..", "store", "wheelmaker.py"),
                        self.scratch.dir, "acme_tool", "1.0"], check=True)
        with open(self.path(WHEEL), "rb") as f:
            self.wheel = f.read()
        self.scripts = Server(SCRIPT, authority.good)
        self.wheels = Server(self.wheel, authority.good)
        self.env = dict(self.scratch.env, TMPDIR=self.path("tmp"), SSL_CERT_FILE=authority.ca,
                        VENVCTL_LOG_FILE=self.path("log"))
        for name in list(self.env):
            if name.lower().endswith("_proxy"):
                del self.env[name]

    def create(self, want, env, plugin, says=""):
        p = subprocess.run([VENVCTL, "create", "-p", "/usr/bin/python3", "--plugin", plugin,
                            self.path(env)], env=self.env, cwd=self.scratch.dir,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, universal_newlines=True)
        assert p.returncode == want, "status %d, not %d: %s" % (p.returncode, want, p.stderr)
        assert says in p.stderr, "no '%s' in: %s" % (says, p.stderr)
        assert want == 0 or not os.path.exists(self.path(env)), "the environment stayed"
        left = os.listdir(self.path("tmp"))
        left += [n for n in os.listdir(self.scratch.dir) if n.startswith(".venvctl")]
        assert not left, "left behind: %s" % left

    def test_a_script_from_a_url(self):
        url = self.scripts.url("/file/setup.py")
        self.create(0, "a", "script:source=" + url)
        with open(self.path("a", "ran")) as f:
            assert f.read() == "a"
        self.create(0, "b", "script:source=%s,sha256=%s" % (
            url, hashlib.sha256(SCRIPT).hexdigest()))
        self.create(7, "c", "script:source=%s,sha256=%s" % (url, "0" * 64), "SHA-256")
        self.create(7, "c", "script:source=" + self.scripts.url("/none.py"))

    def test_a_wheel_from_a_url(self):
        base = "wheels:packages=acme-tool,find-links=" + self.wheels.url("/file/" + WHEEL)
        self.create(0, "w", base)
        said = subprocess.run([self.path("w", "bin", "acme_tool")], check=True,
                              stdout=subprocess.PIPE).stdout
        assert said == b"1.0\n", said
        self.create(7, "x", base + ",sha256=" + "0" * 64, "SHA-256")
        # It is there when it is known whether it fits.
        self.create(6, "x", base.replace("py3-none", "cp27-cp27m"), "another Python")
        self.create(7, "x", "wheels:packages=acme_tool,find-links=" + self.wheels.url("/none/" + WHEEL))

    def interrupt(self, ready, *options):
        """SIGINT once READY, while it works; False if it was done before that."""
        p = subprocess.Popen([VENVCTL, "create", "-p", "/usr/bin/python3", *options,
                              self.path("i")], env=self.env, cwd=self.scratch.dir,
                             stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while p.poll() is None and not ready():
            pass
        p.send_signal(signal.SIGINT)
        status = p.wait(timeout=30)
        done = status == 0
        assert done or status == -signal.SIGINT, status
        assert os.path.exists(self.path("i")) == done, "the environment stayed"
        left = os.listdir(self.path("tmp")) + [
            n for n in os.listdir(self.scratch.dir) if n.startswith(".venvctl")]
        assert not left, "left behind: %s" % left
        if done:
            shutil.rmtree(self.path("i"))
        return not done

    def test_files_interrupted(self):
        skeleton = self.path("skeleton")
        os.mkdir(skeleton)

        def is_at_work():
            return any(n.startswith(".venvctl") for n in os.listdir(self.scratch.dir))

        for size in 2000, 8000, 32000:
            for n in range(size):
                with open(os.path.join(skeleton, str(n)), "w") as f:
                    f.write("__VENV_DIR__")
            if self.interrupt(is_at_work, "--plugin",
                              "files:source=%s,placeholders=quoted" % skeleton):
                return
        raise AssertionError("it was always done before it was interrupted")

    def test_a_script_interrupted(self):
        marker = self.path("started")
        with open(self.path("slow.py"), "w") as f:
            f.write("import time\nopen(%r, 'w').close()\ntime.sleep(60)\n" % marker)
        assert self.interrupt(lambda: os.path.exists(marker), "--plugin",
                              "script:source=" + self.path("slow.py"))

    def test_policy_comes_first(self):
        with open(self.path("etc", "venvctl.ini"), "w") as f:
            f.write("[policy]\nrequire-sha256 = yes\n")
        self.env["TEST_SYSCONFDIR"] = self.path("etc")
        del self.scripts.seen[:], self.wheels.seen[:]
        self.create(8, "p", "script:source=" + self.scripts.url("/file/x.py"), "venvctl.ini:2")
        self.create(8, "p", "wheels:packages=acme-tool,find-links=" +
                    self.wheels.url("/file/" + WHEEL), "venvctl.ini:2")
        assert not self.scripts.seen and not self.wheels.seen, "it asked the server"
        # The digest of a pin is a digest.
        base = "wheels:requirements=%s,find-links=%s" % (
            self.path("pins"), self.wheels.url("/file/" + WHEEL))
        self.pin(hashlib.sha256(self.wheel).hexdigest())
        self.create(0, "p", base)
        self.pin("1" * 64)
        self.create(7, "q", base, "SHA-256")

    def pin(self, digest):
        with open(self.path("pins"), "w") as f:
            f.write("Acme-Tool == 1.0 ; python_version > '3' --hash=sha256:%s\n" % digest)

    def test_a_link_that_nobody_asks_for_is_not_fetched(self):
        self.wheels.seen.clear()
        self.create(0, "l", "wheels:packages=acme-tool,find-links=%s,find-links=%s" % (
            self.wheels.url("/none/other-1.0-py3-none-any.whl"), self.wheels.url("/file/" + WHEEL)))
        assert [path for path, _ in self.wheels.seen] == ["/file/" + WHEEL], self.wheels.seen


def main():
    tap = Tap()
    site = Site()
    try:
        for name in sorted(n for n in dir(site) if n.startswith("test_")):
            tap.check(name[5:].replace("_", " "), getattr(site, name))
    finally:
        site.scratch.remove()
    tap.done()


main()
