#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""test_venv.py - CPython's own tests of venv, with pyvenvctl in its place"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "matrix"))
from envbuilder import environment, sanitized  # noqa: E402
from interpreters import Scratch, Skip, Tap, find  # noqa: E402

# As `python -m test -u cpu test_venv`, by which the tests with pip are run, too.
CODE = """
import sys, unittest
import pyvenvctl
sys.modules["venv"] = pyvenvctl
from test import support
support.use_resources = ["cpu"]
from test import test_venv
assert test_venv.venv is pyvenvctl
unittest.main(module=test_venv, verbosity=2, argv=["test_venv"])
"""


def passes(interpreter, scratch):
    if sanitized():
        raise Skip("sanitizers: the interpreter would have to be built with them, too")
    env = environment(scratch)
    if subprocess.run([interpreter.path, "-c", "import test.test_venv"], env=env,
                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        raise Skip("this Python came without its tests")
    p = subprocess.run([interpreter.path, "-c", CODE], env=env, cwd=scratch.dir,
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, universal_newlines=True)
    assert p.returncode == 0, p.stdout
    # The summary, and what they skipped by themselves.
    return "\n".join(line for line in p.stdout.splitlines()
                     if line.startswith(("Ran ", "OK")) or " skipped " in line)


def main():
    tap = Tap()
    groups = []
    for interpreter in find():
        if not interpreter.is_pypy and interpreter.xy >= (3, 9):
            scratch = Scratch("test-venv")
            groups.append((scratch, [("test.test_venv of " + str(interpreter), passes, interpreter,
                                      scratch)]))
    tap.together(groups)
    tap.done()


if __name__ == "__main__":
    main()
