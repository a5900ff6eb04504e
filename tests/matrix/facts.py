# SPDX-License-Identifier: MIT
"""facts.py - what an interpreter says when it runs in an environment of ours"""

import json
import os

from interpreters import Scratch, Tap, find

ASK = """
import json, os, site, sys
print(json.dumps({
    "prefix": sys.prefix, "exec_prefix": sys.exec_prefix,
    "base_prefix": sys.base_prefix, "base_exec_prefix": sys.base_exec_prefix,
    "executable": sys.executable, "version": sys.hexversion,
    "site": site.getsitepackages(), "path": sys.path, "os": os.__file__,
    "base_executable": getattr(sys, "_base_executable", None)}))
"""


def ask(scratch, python, *flags, **kw):
    return json.loads(scratch.must(python, *(flags + ("-c", ASK)), **kw))


def base_facts(scratch, python):
    return ask(scratch, python.path, "-I")


def check_env(scratch, python, env, exe=None):
    """The environment ENV behaves as one made from PYTHON."""
    base = base_facts(scratch, python)
    exe = exe or os.path.join(env, "bin", "python")
    f = ask(scratch, exe, "-I")
    assert f["prefix"] == f["exec_prefix"] == env, f
    assert f["base_prefix"] == base["prefix"], (f["base_prefix"], base["prefix"])
    assert f["base_exec_prefix"] == base["exec_prefix"], f
    assert f["executable"] == exe, f
    assert f["version"] == base["version"], f
    assert f["os"] == base["os"], f
    assert f["site"][0].startswith(env + os.sep), f
    assert any(p.startswith(env + os.sep) and p.endswith("site-packages") for p in f["path"]), f
    return f


def names(scratch, python):
    env = scratch.path("names")
    scratch.venvctl("create", "--without-pip", "-p", python.path, env)
    for name in ("python", "python3", "python%d.%d" % python.xy, os.path.basename(python.path)):
        check_env(scratch, python, env, os.path.join(env, "bin", name))


def isolation(scratch, python):
    base = ask(scratch, python.path, "-s")
    ours = [p for p in base["path"] if p.endswith(("site-packages", "dist-packages"))]
    for system in (False, True):
        env = scratch.path("system" if system else "isolated")
        option = "--system-site-packages" if system else "--no-system-site-packages"
        scratch.venvctl("create", "--without-pip", option, "-p", python.path, env)
        f = ask(scratch, os.path.join(env, "bin", "python"), "-s")
        seen = [p for p in ours if p in f["path"]]
        assert bool(seen) == (system and bool(ours)), (system, ours, f["path"])


def copies(scratch, python):
    env = scratch.path("copies")
    scratch.venvctl("create", "--without-pip", "--copies", "-p", python.path, env)
    check_env(scratch, python, env)


def nested(scratch, python):
    first, second, third = (scratch.path(n) for n in ("n1", "n2", "n3"))
    scratch.venvctl("create", "--without-pip", "-p", python.path, first)
    scratch.venvctl("create", "--without-pip", "-p", os.path.join(first, "bin", "python"), second)
    check_env(scratch, python, second)
    scratch.venvctl("create", "--without-pip", "--copies", "-p", second, third)
    check_env(scratch, python, third)
    # From inside: the environment's python is the first on PATH.
    inside = dict(scratch.env, PATH=os.path.join(first, "bin") + ":" + scratch.env["PATH"],
                  VIRTUAL_ENV=first)
    scratch.venvctl("create", "--without-pip", scratch.path("n4"), env=inside)
    check_env(scratch, python, scratch.path("n4"))


def through_links(scratch, python):
    os.makedirs(scratch.path("real"), exist_ok=True)
    if not os.path.islink(scratch.path("link")):
        os.symlink("real", scratch.path("link"))
    env = scratch.path("link", "env")
    scratch.venvctl("create", "--without-pip", "-p", python.path, env)
    check_env(scratch, python, env)
    text = open(os.path.join(env, "bin", "activate"), encoding="utf-8").read()
    assert "/link/env" in text and "/real/env" not in text, "the path as given is written"


def odd_places(scratch, python):
    for name in ("with blanks in it", "Umlaut-\u00e4\u00f6\u00fc-\u65e5\u672c", "n" * 60 + "/" + "m" * 60 + "/" + "o" * 80,
                 "quotes'\"and$dollars", "100%", "a,b;c&d"):
        env = scratch.path(name)
        scratch.venvctl("create", "--without-pip", "-p", python.path, env)
        check_env(scratch, python, env)


def relative(scratch, python):
    where = scratch.path("relative")
    os.makedirs(where)
    scratch.venvctl("create", "--without-pip", "-p", python.path, "./x/../env", cwd=where)
    check_env(scratch, python, os.path.join(where, "env"))
    assert os.listdir(where) == ["env"], os.listdir(where)


def extension_paths(scratch, python):
    """What sysconfig says in the environment is what it says in one of venv's."""
    code = "import json, sysconfig; print(json.dumps([sysconfig.get_paths(), sorted(sysconfig.get_scheme_names())]))"
    ours, theirs = scratch.path("c1", "env"), scratch.path("c2", "env")
    scratch.venvctl("create", "--without-pip", "-p", python.path, ours)
    scratch.must(python.path, "-m", "venv", "--without-pip", theirs)
    a = scratch.must(os.path.join(ours, "bin", "python"), "-c", code).replace("/c1/", "/c/")
    b = scratch.must(os.path.join(theirs, "bin", "python"), "-c", code).replace("/c2/", "/c/")
    assert a == b, (a, b)


def main():
    tap = Tap()
    tests = (names, isolation, copies, nested, through_links, odd_places, relative, extension_paths)
    for python in find():
        scratch = Scratch("facts")
        for test in tests:
            if python.is_pypy and test in (copies, nested) and os.path.islink(python.path):
                pass
            tap.check("%s: %s" % (python, test.__name__.replace("_", " ")), test, scratch, python)
        scratch.remove()
    tap.done()


main()
