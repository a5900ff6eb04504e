#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""typed.py - programs that use pyvenvctl, as mypy --strict sees them"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.realpath(os.path.join(HERE, "..", ".."))
sys.path.insert(0, os.path.join(HERE, "..", "matrix"))
sys.path.append(HERE)
from envbuilder import sanitized  # noqa: E402
from index import why_not  # noqa: E402
from interpreters import Scratch, Skip, Tap  # noqa: E402

RIGHT = """
import subprocess
import types
from typing import Any, Callable, Optional

import pyvenvctl as venv


class Builder(venv.EnvBuilder):
    def __init__(self, *args: Any, progress: Optional[Callable[[str], None]] = None,
                 **kwargs: Any) -> None:
        self.progress = progress
        super().__init__(*args, **kwargs)

    def setup_scripts(self, context: types.SimpleNamespace) -> None:
        super().setup_scripts(context)
        self.install_scripts(context, "scripts")

    def post_setup(self, context: types.SimpleNamespace) -> None:
        said: bytes = subprocess.check_output([context.env_exe, "--version"])
        if self.progress is not None:
            self.progress(said.decode())


venv.create("env", system_site_packages=False, clear=True, symlinks=True, with_pip=True,
            prompt="name", upgrade_deps=False)
Builder(symlinks=True, progress=print).create("env")
venv.main(["--without-pip", "env"])
"""
# Each line is wrong, and has to be told.
WRONG = """
venv.EnvBuilder(symlinks="no")
venv.EnvBuilder(nonsense=True)
venv.EnvBuilder().create()
venv.create(17)
venv.main(17)
venv.EnvBuilder().creates("env")
"""


class Tests:
    def __init__(self, scratch):
        self.s = scratch
        self.s.env["PYTHONDONTWRITEBYTECODE"] = "1"
        self.home = scratch.path("host")

    def prepare(self):
        """An environment with mypy, and pyvenvctl as pip installs it; or why not."""
        if sanitized():
            return "sanitizers: there is nothing of the library in it"
        if sys.version_info < (3, 11):
            return "pyvenvctl is built with Python 3.11 or later"
        self.s.venvctl("create", "-p", sys.executable, self.home)
        self.s.must(os.path.join(self.home, "bin", "pip"), "install", "--no-index", "--no-compile",
                    os.path.join(TOP, "python"))
        return why_not(self.s, self.home, "mypy")

    def mypy(self, *args):
        return self.s.run(os.path.join(self.home, "bin", "python"), "-m", "mypy", "--strict",
                          "--cache-dir", "/dev/null", *args)

    def one(self, test):
        test()

    def test_a_subclass_and_the_functions(self):
        with open(self.s.path("right.py"), "w") as f:
            f.write(RIGHT)
        status, said = self.mypy(self.s.path("right.py"))
        assert status == 0, said

    def test_what_is_wrong_is_told(self):
        with open(self.s.path("wrong.py"), "w") as f:
            f.write("import pyvenvctl as venv\n" + WRONG.lstrip("\n"))
        status, said = self.mypy(self.s.path("wrong.py"))
        lines = {int(line.split(":")[1]) for line in said.splitlines() if ": error:" in line}
        assert status == 1 and lines == set(range(2, 2 + len(WRONG.split("\n")) - 2)), said

    def test_the_package_itself(self):
        status, said = self.mypy("-p", "pyvenvctl")
        assert status == 0, said


def main():
    tap = Tap()
    scratch = Scratch("typed")
    try:
        tests = Tests(scratch)
        tap.each(tests, tests.prepare())
    finally:
        scratch.remove()
    tap.done()


main()
