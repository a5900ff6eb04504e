#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""virtualenv_plugin.py - the creator and the seeder venvctl, in the oldest virtualenv and the newest"""

import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "matrix"))
sys.path.append(HERE)
from envbuilder import sanitized  # noqa: E402
from index import why_not  # noqa: E402
from interpreters import VENVCTL, Scratch, Skip, Tap  # noqa: E402

# "" is the newest; tests/release/virtualenv.sh has more.
VERSIONS = os.environ.get("VIRTUALENV_VERSIONS", "20.13.4").split() + [""]
SOURCES = os.path.realpath(os.path.join(HERE, "..", "..", "python"))
ENTRY_POINTS = """[virtualenv.create]
venvctl = pyvenvctl_virtualenv:Creator
[virtualenv.seed]
venvctl = pyvenvctl_virtualenv:Seeder
"""
PYTHON = "/usr/bin/python3"
BOTH = "--creator", "venvctl", "--seeder", "venvctl"
# What tox, build and others ask a session for.
SESSION = """
import sys, virtualenv
s = virtualenv.cli_run(sys.argv[1:])
c = s.creator
print(c.exe, c.bin_dir, c.script_dir, c.purelib, c.platlib, c.interpreter.version_info[0],
      c.env_name, type(c).__module__, sep="\\n")
"""
# As if this virtualenv had not got what the module needs; argv is for virtualenv.
STRANGE = """
import sys
sys.modules["virtualenv.create.via_global_ref.api"] = None
import pyvenvctl_virtualenv
del sys.modules["virtualenv.create.via_global_ref.api"]
from virtualenv.__main__ import run_with_catch
run_with_catch(sys.argv[1:])
"""


def make_home(version):
    """An environment with that virtualenv, and this package beside it."""
    s = Scratch("virtualenv")
    s.env["PATH"] = os.path.dirname(VENVCTL) + ":" + s.env["PATH"]
    s.env["PYTHONDONTWRITEBYTECODE"] = "1"
    s.home = s.path("host")
    if sanitized():
        s.why_not = "sanitizers: the tool is a program of its own, which others test"
        return s
    s.must(VENVCTL, "create", "-p", PYTHON, s.home)
    s.why_not = why_not(s, s.home, "virtualenv" + (version and "==" + version))
    if not s.why_not:
        site = s.must(os.path.join(s.home, "bin", "python"), "-c",
                      "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
        info = os.path.join(site, "pyvenvctl-0.1.0.dist-info")
        os.mkdir(info)
        for name, text in (("METADATA", "Metadata-Version: 2.1\nName: pyvenvctl\nVersion: 0.1.0\n"),
                           ("entry_points.txt", ENTRY_POINTS), ("RECORD", "")):
            with open(os.path.join(info, name), "w") as f:
                f.write(text)
        with open(os.path.join(site, "pyvenvctl.pth"), "w") as f:
            f.write(SOURCES + "\n")
    return s


class Tests:
    def __init__(self, scratch):
        self.s = scratch

    def one(self, test):
        if self.s.why_not:
            raise Skip(self.s.why_not)
        env = self.s.path("env")
        shutil.rmtree(env, ignore_errors=True)
        return test(env)

    def python(self, code, *args, **kw):
        return self.s.run(os.path.join(self.s.home, "bin", "python"), "-c", code, *args, **kw)

    def virtualenv(self, *args, status=0, **more):
        got, said = self.s.run(os.path.join(self.s.home, "bin", "python"), "-m", "virtualenv",
                               *args, env=dict(self.s.env, **more))
        assert (got == 0) == (status == 0), "status %d: %s" % (got, said)
        return said

    def cfg(self, env):
        with open(os.path.join(env, "pyvenv.cfg")) as f:
            return dict(line.rstrip("\n").split(" = ", 1) for line in f)

    def works(self, env, ours=True, pip=True):
        cfg = self.cfg(env)
        assert ("venvctl" in cfg) == ours, cfg
        for key in "virtualenv", "version_info", "base-executable", "home":
            assert key in cfg, (key, cfg)
        out = self.s.must(os.path.join(env, "bin", "python"), "-c",
                          "import sys; print(sys.prefix)").strip()
        assert out == env, out
        assert os.path.exists(os.path.join(env, "bin", "activate"))
        if pip:
            assert env in self.s.must(os.path.join(env, "bin", "pip"), "--version")
        else:
            assert not os.path.exists(os.path.join(env, "bin", "pip"))

    def test_both(self, env):
        self.virtualenv(*BOTH, env)
        self.works(env)
        self.virtualenv("--clear", *BOTH, env)
        self.works(env)

    def test_both_by_the_environments_variables(self, env):
        self.virtualenv(env, VIRTUALENV_CREATOR="venvctl", VIRTUALENV_SEEDER="venvctl")
        self.works(env)

    def test_the_same_pip_as_virtualenvs_own_seeder_has(self, env):
        versions = []
        for args in (BOTH, ()):
            shutil.rmtree(env, ignore_errors=True)
            self.virtualenv(*args, "--no-periodic-update", env)
            versions.append(self.s.must(os.path.join(env, "bin", "pip"), "--version").split()[1])
        assert versions[0] == versions[1], versions

    def test_the_creator_alone(self, env):
        self.virtualenv("--creator", "venvctl", "--no-periodic-update", env)
        self.works(env)

    def test_the_seeder_alone(self, env):
        self.virtualenv("--seeder", "venvctl", env)
        self.works(env, ours=False)

    def test_options(self, env):
        said = self.virtualenv(*BOTH, "--no-seed", "--system-site-packages", "--no-vcs-ignore",
                               "--copies", "--activators", "bash", env)
        self.works(env, pip=False)
        assert self.cfg(env)["include-system-site-packages"] == "true"
        assert not os.path.exists(os.path.join(env, ".gitignore"))
        assert not os.path.islink(os.path.join(env, "bin", "python3")) or \
            not os.path.islink(os.path.join(env, "bin", "python")), said
        assert not os.path.exists(os.path.join(env, "bin", "activate.fish"))

    def test_a_session_is_read_back(self, env):
        status, said = self.python(SESSION, *BOTH, env)
        assert not status, said
        lines = said.splitlines()[-8:]
        bin_dir = os.path.join(env, "bin")
        assert lines[0].startswith(bin_dir) and os.access(lines[0], os.X_OK), lines
        assert lines[1:3] == [bin_dir, bin_dir] and lines[5:7] == ["3", "env"], lines
        assert os.path.isdir(lines[3]) and lines[3].startswith(env), lines
        assert lines[7] == "pyvenvctl_virtualenv", lines

    def test_configuration_and_policy_of_the_site(self, env):
        etc = self.s.path("etc")
        os.makedirs(os.path.join(etc, "skeleton"))
        try:
            with open(os.path.join(etc, "skeleton", "acme"), "w") as f:
                f.write("acme\n")
            with open(os.path.join(etc, "venvctl.ini"), "w") as f:
                f.write("[create]\npost-setup += files\n[plugin:files]\nsource = %s/skeleton\n" % etc)
            self.virtualenv(*BOTH, env)
            self.works(env)
            assert os.path.exists(os.path.join(env, "acme"))
            shutil.rmtree(env)
            with open(os.path.join(etc, "venvctl.ini"), "w") as f:
                f.write("[policy]\nallowed-plugins = ensurepip\n")
            said = self.virtualenv(*BOTH, env, status=1)
            assert "wheels" in said and "allowed" in said, said
            assert not os.path.exists(os.path.join(env, "pyvenv.cfg"))
        finally:
            shutil.rmtree(etc)

    def test_a_failure_says_why(self, env):
        said = self.virtualenv(*BOTH, "--pip", "1.2.3", env, status=1)
        assert "1.2.3" in said and "Traceback" not in said, said
        assert not os.path.exists(env)

    def test_others_are_not_disturbed_without_the_command(self, env):
        self.virtualenv("--no-periodic-update", env, PATH="/usr/bin:/bin")
        self.works(env, ours=False)
        said = self.virtualenv("--creator", "venvctl", env, status=1, PATH="/usr/bin:/bin")
        assert "venvctl" in said, said

    def test_others_are_not_disturbed_by_a_virtualenv_that_is_strange(self, env):
        status, said = self.python(STRANGE, "--no-periodic-update", env)
        assert not status, said
        self.works(env, ours=False)
        status, said = self.python(STRANGE, *BOTH, env)
        assert status and "venvctl" in said, said


def main():
    tap = Tap()
    groups = []
    for version in VERSIONS:
        s = make_home(version)
        tests = Tests(s)
        groups.append((s, [("virtualenv %s: %s" % (version or "of today", name[5:].replace("_", " ")),
                            tests.one, getattr(tests, name))
                           for name in sorted(dir(tests)) if name.startswith("test_")]))
    tap.together(groups)
    tap.done()


main()
