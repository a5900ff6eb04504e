#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""documentation.py - the example in CPython's documentation of venv, by pyvenvctl

ExtendedEnvBuilder is not ours to have here.  It is taken from where that documentation is
installed (Debian's python3-doc), or from the file VENV_DOCUMENTATION, and run twice: as it is,
and with `import pyvenvctl as venv` as the only change.  tests/release/wheel.sh gets the package;
builder_cases.py has a builder of the same shape for everywhere else.
"""

import glob
import os
import re
import shutil
import sys
import textwrap

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "matrix"))
sys.path.append(HERE)
from envbuilder import environment, sanitized  # noqa: E402
from interpreters import Scratch, Skip, Tap, find  # noqa: E402

PLACES = "/usr/share/doc/python3*/html/_sources/library/venv.rst.txt"
# The example downloads two scripts and runs them: here they are ours.
RUN = """
import os, runpy, sys, urllib.request
def urlretrieve(url, path):
    with open(path, "w") as f:
        f.write('import sys; print("in", sys.prefix); open(sys.prefix + "/%s", "w").close()'
                % os.path.basename(path))
urllib.request.urlretrieve = urlretrieve
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def example(path):
    """The indented block with the class in it."""
    with open(path, encoding="utf-8") as f:
        text = f.read()
    block, = [b for b in re.findall(r"((?:^    .*\n|^\n)+)", text, re.M)
              if "class ExtendedEnvBuilder" in b]
    return textwrap.dedent(block)


def runs(interpreter, scratch, code):
    if sanitized():
        raise Skip("sanitizers: the interpreter would have to be built with them, too")
    changed, n = re.subn(r"^import venv$", "import pyvenvctl as venv", code, flags=re.M)
    assert n == 1, code
    env, said = scratch.path("env"), []
    for name, text in (("stdlib.py", code), ("ours.py", changed)):
        with open(scratch.path(name), "w") as f:
            f.write(text)
        said.append(scratch.must(interpreter.path, "-c", RUN, scratch.path(name), "--verbose", env,
                                 env=environment(scratch)))
        with open(os.path.join(env, "pyvenv.cfg")) as f:
            assert ("\nvenvctl = " in f.read()) == (name == "ours.py")
        scripts = {"ez_setup.py", "get-pip.py"}
        assert scripts <= set(os.listdir(env)), os.listdir(env)
        assert not scripts & set(os.listdir(os.path.join(env, "bin")))
        shutil.rmtree(env)
    assert said[0] == said[1] and "in " + env in said[0], said
    return said[1]


def main():
    tap = Tap()
    places = [os.environ["VENV_DOCUMENTATION"]] if "VENV_DOCUMENTATION" in os.environ else \
        sorted(glob.glob(PLACES))
    if not places:
        tap.skip("ExtendedEnvBuilder", "the documentation of Python (python3-doc) is not installed")
        tap.done()
    groups = []
    for interpreter in find():
        if interpreter.xy >= (3, 8):
            scratch = Scratch("documentation")
            groups.append((scratch, [("ExtendedEnvBuilder in " + str(interpreter), runs, interpreter,
                                      scratch, example(places[-1]))]))
    tap.together(groups)
    tap.done()


main()
