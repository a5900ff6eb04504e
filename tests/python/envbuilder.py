#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""envbuilder.py - builder_cases.py with each interpreter for which pyvenvctl is"""

import ast
import glob
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "matrix"))
from interpreters import PREFIX, VENVCTL, Scratch, Skip, Tap, find  # noqa: E402


def sanitized():
    with open(VENVCTL, "rb") as f:
        return b"__asan_init" in f.read()


def environment(scratch):
    """Where a program finds the package and the library, and nothing of this machine."""
    libraries = glob.glob(os.path.join(PREFIX, "kit", "**", "libvenvctl.so.0"), recursive=True)
    return dict(scratch.env, PYTHONDONTWRITEBYTECODE="1",
                PYTHONPATH=os.path.join(HERE, "..", "..", "python"),
                LD_LIBRARY_PATH=os.path.dirname(libraries[0]))


def run(interpreter, scratch):
    """The results of all tests: what does not end well is a failure of its own."""
    p = subprocess.run([interpreter.path, os.path.join(HERE, "builder_cases.py")],
                       env=environment(scratch), cwd=scratch.dir, stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
    results = {}
    for line in p.stdout.splitlines():
        word, name, why = (part.strip() for part in line.split("\t"))
        results.setdefault(name, (word, ast.literal_eval(why)))
        if word == "not ok":
            results[name] = word, ast.literal_eval(why)
    if p.returncode and not any(word == "not ok" for word, _ in results.values()):
        raise AssertionError("status %d: %s" % (p.returncode, p.stderr))
    assert len(results) > 20, p.stderr
    return results


def all_of(interpreter, scratch):
    if sanitized():
        raise Skip("sanitizers: the interpreter would have to be built with them, too")
    results = run(interpreter, scratch)
    bad = ["%s: %s" % (name, why) for name, (word, why) in results.items() if word == "not ok"]
    assert not bad, "\n".join(bad)
    return "\n".join("%s: %s%s" % (word, name, why and " (%s)" % why)
                     for name, (word, why) in results.items())


def main():
    tap = Tap()
    groups = []
    for interpreter in find():
        if interpreter.xy >= (3, 8):
            scratch = Scratch("python")
            groups.append((scratch, [("EnvBuilder in " + str(interpreter), all_of, interpreter,
                                      scratch)]))
    tap.together(groups)
    tap.done()


if __name__ == "__main__":
    main()
