#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""pips.py - a real pip in an environment of each interpreter, by a get-pip style script

The script carries the wheel of the interpreter's own ensurepip, as get-pip.py carries
pip's, and comes from an HTTPS server of this test.
"""

import base64
import glob
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "matrix"))
import interpreters  # noqa: E402
from interpreters import VENVCTL, Scratch, Skip, Tap  # noqa: E402
from server import Authority, Server  # noqa: E402

SCRIPT = """import base64, os, shutil, sys, tempfile
where = tempfile.mkdtemp()
try:
    wheel = os.path.join(where, %r)
    with open(wheel, "wb") as f:
        f.write(base64.b64decode(%r))
    sys.path.insert(0, wheel)
    try:
        from pip._internal.cli.main import main
    except ImportError:
        from pip._internal import main
    args = [a for a in sys.argv[1:] if not a.startswith("--no-setup")]
    what = [] if any(a.startswith("pip") for a in args) else ["pip"]
    status = main(["install", "--no-index", "--find-links", where, "--upgrade"] + what + args)
finally:
    shutil.rmtree(where)
sys.exit(status)
"""


def find_wheel(python):
    """The wheel of pip that the interpreter came with."""
    stdlib = subprocess.run([python.path, "-E", "-s", "-S", "-c",
                             "import os; print(os.path.dirname(os.__file__))"],
                            env=interpreters.clean_env(), stdout=subprocess.PIPE, check=True,
                            universal_newlines=True).stdout.strip()
    for directory in (stdlib + "/ensurepip/_bundled", "/usr/share/python-wheels"):
        found = sorted(glob.glob(directory + "/pip-*.whl"))
        if found:
            return found[-1]
    return None


def make_script(wheel):
    with open(wheel, "rb") as f:
        return (SCRIPT % (os.path.basename(wheel), base64.b64encode(f.read()))).encode()


def one(python, wheel, ca, scratch):
    server = Server(make_script(wheel), ca.good)
    env = dict(scratch.env, SSL_CERT_FILE=ca.ca, TMPDIR=scratch.path("tmp"))
    target = scratch.path("env with pip")
    version = os.path.basename(wheel).split("-")[1]
    try:
        out = scratch.must(VENVCTL, "create", "-p", python.path, "--plugin=getpip", "-o",
                           "getpip.url=" + server.url("/file/get-pip.py"), target, env=env)
        assert "Installing pip ...done.\n" in out and "pip " + version in out, out
        exe = os.path.join(target, "bin", "python3")
        assert version in scratch.must(exe, "-m", "pip", "--version", env=env)
        assert version in scratch.must(os.path.join(target, "bin", "pip"), "--version", env=env)
        assert not os.path.exists(os.path.join(target, "bin", "get-pip.py"))
        # pip itself leaves things there, its old versions do.
        ours = glob.glob(scratch.path("tmp", "venvctl-*"))
        assert not ours, ours
    finally:
        server.close()
    return "%s, pip %s" % (python, version)


def no_such_version(python, wheel, ca, scratch):
    """pip fails: nothing is left of the environment."""
    server = Server(make_script(wheel), ca.good)
    env = dict(scratch.env, SSL_CERT_FILE=ca.ca, TMPDIR=scratch.path("tmp"),
               VENVCTL_LOG_FILE=scratch.path("log"))
    try:
        status, out = scratch.run(VENVCTL, "create", "-p", python.path, "--plugin=getpip", "-o",
                                  "getpip.url=" + server.url("/file/get-pip.py"), "-o",
                                  "getpip.version=0.0.1", scratch.path("none"), env=env)
    finally:
        server.close()
    assert status == 6 and "No matching distribution" in out, out
    assert not os.path.exists(scratch.path("none"))


def from_index(scratch):
    """With what one's own pip is told about its index, which we did not choose."""
    env = dict(os.environ, HOME=scratch.env["HOME"],
               VENVCTL_CACHE_DIR=scratch.env["VENVCTL_CACHE_DIR"])
    exe = scratch.path("env with pip", "bin", "python3")
    status, out = scratch.run(exe, "-m", "pip", "--disable-pip-version-check", "install",
                              "--retries=0", "--timeout=10", "six", env=env)
    if status and "No matching distribution" in out:
        raise Skip("no index can be reached")
    assert not status, out
    scratch.must(exe, "-c", "import six", env=scratch.env)


def place():
    scratch = Scratch("pips")
    os.mkdir(scratch.path("tmp"))
    return scratch


def main():
    tap, groups, certificates = Tap(), [], Scratch("ca")
    try:
        ca = Authority(certificates.dir)
        pythons = [(p, find_wheel(p)) for p in interpreters.find()]
        newest = max((p for p, wheel in pythons if wheel and not p.is_pypy), key=lambda p: p.xy)
        for python, wheel in pythons:
            if not wheel:
                tap.skip("pip by getpip for %s" % python, "it came without a wheel of pip")
                continue
            scratch = place()
            tests = [("pip by getpip for %s" % python, one, python, wheel, ca, scratch)]
            if not groups:
                tests.append(("a pip that cannot be had", no_such_version, python, wheel, ca, scratch))
            if python is newest:
                tests.append(("pip from getpip installs from the index", from_index, scratch))
            groups.append((scratch, tests))
        tap.together(groups)
    finally:
        certificates.remove()
    tap.done()


main()
