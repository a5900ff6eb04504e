#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ezsetup.py - setuptools by an ez_setup.py, for each interpreter that can run one

Ours does what the old ones did: it downloads the source archive into the directory that
it runs in, unpacks it among the temporary files and runs its setup.py.  Where the index
can be reached a real one is run as well, from the archive of its setuptools.
"""

import glob
import io
import os
import shutil
import subprocess
import sys
import tarfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from case import Case  # noqa: E402
import interpreters  # noqa: E402
from interpreters import VENVCTL, Scratch, Tap  # noqa: E402
from server import Authority, Server  # noqa: E402

REAL = "18.5"
SCRIPT = b'''import os, shutil, subprocess, sys, tarfile, tempfile
from distutils import log
from urllib.request import urlopen

NAME = "setuptools-1.0.tar.gz"
base = sys.argv[sys.argv.index("--download-base") + 1]
if not os.path.exists(NAME):
    log.warn("Downloading " + base + NAME)
    data = urlopen(base + NAME).read()
    with open(NAME, "wb") as f:
        f.write(data)
archive, where, old = os.path.abspath(NAME), tempfile.mkdtemp(), os.getcwd()
try:
    os.chdir(where)
    with tarfile.open(archive) as tar:
        tar.extractall()
    os.chdir("setuptools-1.0")
    status = subprocess.call([sys.executable, "setup.py", "install"])
finally:
    os.chdir(old)
    shutil.rmtree(where)
sys.exit(2 if status else 0)
'''
SETUP = b"""from distutils.core import setup
setup(name="setuptools", version="1.0", py_modules=["setuptools"])
"""


def make_archive(setup=SETUP):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, text in (("setup.py", setup), ("setuptools.py", b"__version__ = '1.0'\n")):
            info = tarfile.TarInfo("setuptools-1.0/" + name)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text))
    return out.getvalue()


class Tests:
    def __init__(self, ca):
        self.ca = ca
        self.script = Server(SCRIPT, ca.good)
        self.archive = Server(make_archive(), ca.good)
        self.broken = Server(make_archive(b"raise SystemExit('no compiler')\n"), ca.good)

    def one(self, test, *args):
        case = Case(self.ca.ca)
        # What a script asks instead, before the variable that our server goes by.
        for name in ("CURL_CA_BUNDLE", "SSL_CERT_DIR"):
            case.env.pop(name, None)
        try:
            return test(case, *args)
        finally:
            case.scratch.remove()

    def create(self, c, python, archive, *options, script=None):
        p = subprocess.run([VENVCTL, "create", "-p", python.path, "--plugin=ezsetup", "-o",
                            "ezsetup.url=" + (script or self.script).url("/file/ez_setup.py"),
                            "-o", "ezsetup.args=--download-base", "-o",
                            "ezsetup.args=" + archive, *options, c.path("env")], env=c.env,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, universal_newlines=True)
        c.said = p.stderr
        left = os.listdir(c.path("tmp"))
        assert not left, left
        return p.returncode

    def version(self, c):
        return c.scratch.must(c.path("env", "bin", "python3"), "-c",
                              "import setuptools; print(setuptools.__version__)").strip()

    def works(self, c, python):
        status = self.create(c, python, self.archive.url("/file/"))
        assert status == 0, c.said
        assert c.said == "Installing setuptools ...done.\nInstalled setuptools 1.0.\n", c.said
        assert self.version(c) == "1.0"
        left = [n for n in os.listdir(c.path("env", "bin")) if "setup" in n]
        assert not left, left

    def fails(self, c, python):
        for archive in self.archive.url("/none/"), self.broken.url("/file/"):
            assert self.create(c, python, archive) == 6, c.said
            assert "hint: its whole output is in" in c.said, c.said
            assert not os.path.exists(c.path("env"))
        # What is kept has neither the script nor the archive.
        assert self.create(c, python, self.broken.url("/file/"), "--on-failure=keep") == 6
        left = [n for n in os.listdir(c.path("env", "bin")) if "setup" in n]
        assert not left, left

    def cannot(self, c, python):
        before = len(self.script.seen)
        assert self.create(c, python, self.archive.url("/file/")) == 6, c.said
        assert "'wheels'" in c.said and "distutils" in c.said, c.said
        assert not os.path.exists(c.path("env")) and len(self.script.seen) == before

    def real(self, c, python):
        """False if it cannot be had."""
        env = dict(os.environ, HOME=c.env["HOME"])
        status, out = c.scratch.run(python.path, "-m", "pip", "--disable-pip-version-check",
                                    "download", "-q", "--no-binary=:all:", "--no-deps",
                                    "--retries=0", "--timeout=10", "setuptools==" + REAL, env=env)
        found = glob.glob(c.path("setuptools-%s.*" % REAL))
        if status or not found:
            return False
        name = "setuptools-" + REAL
        shutil.unpack_archive(found[0], c.path("source"))
        # It wants a zip, whatever the index has.
        shutil.make_archive(c.path(name), "zip", c.path("source"), name)
        with open(c.path("source", name, "ez_setup.py"), "rb") as f:
            script = Server(f.read(), self.ca.good)
        with open(c.path(name + ".zip"), "rb") as f:
            archive = Server(f.read(), self.ca.good)
        try:
            status = self.create(c, python, archive.url("/file/"), script=script)
            assert status == 0, c.said
            assert "Installed setuptools %s." % REAL in c.said, c.said
            assert self.version(c) == REAL
            assert not glob.glob(c.path("env", "bin", "*setup*")), "something stayed in bin"
        finally:
            script.close()
            archive.close()
        return True


def main():
    tap = Tap()
    scratch = Scratch("ca")
    try:
        tests = Tests(Authority(scratch.dir))
        pythons = interpreters.find()
        able = [p for p in pythons if p.xy < (3, 12)]
        for python in able:
            tap.check("setuptools by ezsetup for %s" % python, tests.one, tests.works, python)
        for python in pythons:
            if python not in able:
                tap.check("no ezsetup for %s" % python, tests.one, tests.cannot, python)
        if able:
            tap.check("what fails leaves nothing", tests.one, tests.fails, able[0])
        name = "a real ez_setup.py of setuptools %s" % REAL
        # Later ones lack what it imports.
        old = [p for p in able if p.xy < (3, 9) and not p.is_pypy]
        try:
            if old and tests.one(tests.real, old[0]):
                tap.result(True, name)
            else:
                tap.skip(name, "no Python of its time" if not old else "no index can be reached")
        except AssertionError as e:
            tap.result(False, name, e)
    finally:
        scratch.remove()
    tap.done()


main()
