# SPDX-License-Identifier: MIT
"""matrix.py - the tree of `venvctl create` against that of `python -m venv`

For every interpreter, with and without pip, links and copies.  What may differ is
allowed for a reason; everything else is a failure.

The slowest by far is the pip of `python -m venv`.  What it installs does not depend on how
the interpreter got there, so `--copies` takes the place of the links in the environment
that has pip already; MATRIX=all lets venv make that one from nothing as well.
"""

import glob
import os
import re
import stat

from interpreters import Scratch, Tap, find

ACTIVATORS = {"activate", "activate.csh", "activate.fish", "Activate.ps1"}
OUR_ACTIVATORS = {"activate.ps1", "activate.nu", "activate.xsh", "activate_this.py"}


def tree(root):
    """path -> (kind, mode, link target)"""
    found = {}
    for base, dirs, files in os.walk(root):
        for name in dirs + files:
            path = os.path.join(base, name)
            st = os.lstat(path)
            kind = stat.S_IFMT(st.st_mode)
            found[os.path.relpath(path, root)] = (
                {stat.S_IFDIR: "directory", stat.S_IFLNK: "link"}.get(kind, "file"),
                stat.S_IMODE(st.st_mode) if kind != stat.S_IFLNK else None,
                os.readlink(path) if kind == stat.S_IFLNK else None)
    return found


def read(root, *names):
    with open(os.path.join(root, *names), "rb") as f:
        return f.read().decode("utf-8")


def cfg(root):
    pairs = [line.split(" = ", 1) for line in read(root, "pyvenv.cfg").splitlines()]
    return dict(pairs), [p[0] for p in pairs]


class Comparison:
    def __init__(self, python, options, theirs, ours):
        self.python, self.options = python, options
        self.theirs, self.ours = theirs, ours
        self.allowed, self.wrong = {}, []
        self.with_pip = "--without-pip" not in options
        self.copies = "--copies" in options

    def allow(self, why, what):
        self.allowed.setdefault(why, []).append(what)

    def extra(self, path):
        """We have it, they have not: why may that be?"""
        xy, name = self.python.xy, os.path.basename(path)
        if path == "CACHEDIR.TAG":
            return "tells backup programs to pass it by"
        if path == ".gitignore" and xy < (3, 13):
            return "venv writes one since 3.13"
        if path == "bin/python%d.%d" % xy and xy < (3, 9):
            return "venv makes this name since 3.9"
        if path == "bin/Activate.ps1" and xy < (3, 8):
            return "venv has it on POSIX since 3.8"
        if path.startswith("bin/") and name in OUR_ACTIVATORS:
            return "more shells than venv knows"
        return None

    def missing(self, path):
        if path.startswith("bin/") and os.path.basename(path) == "\U0001d70bthon":
            return "a joke of 3.14 that breaks archivers"
        if self.python.is_pypy and path.startswith("share"):
            return "Debian's patched ensurepip leaves its wheels in share"
        if self.python.is_pypy and self.copies and path.startswith("lib/") \
                and not path.startswith("lib/pypy3"):
            return "PyPy's venv copies what lies beside its library, here all of /usr/lib"
        return None

    def mode(self, path, theirs, ours):
        if ours in (0o444, 0o555) and ours == (0o444 if theirs == 0o644 else 0o555) \
                and "site-packages/" in path:
            return "files that are shared with the store are read-only"
        return None

    def compare(self):
        a, b = tree(self.theirs), tree(self.ours)
        for path in sorted(set(a) | set(b)):
            if path not in a or path not in b:
                why = self.extra(path) if path in b else self.missing(path)
                what = "%s only %s" % (path, "here" if path in b else "there")
                self.allow(why, what) if why else self.wrong.append(what)
                continue
            self.compare_entry(path, a[path], b[path])
        self.compare_cfg()
        if self.with_pip:
            self.compare_records()
        return self

    def compare_entry(self, path, theirs, ours):
        if theirs[0] != ours[0]:
            self.wrong.append("%s is a %s, there a %s" % (path, ours[0], theirs[0]))
        elif theirs[2] != ours[2]:
            self.wrong.append("%s -> %s, there %s" % (path, ours[2], theirs[2]))
        elif theirs[1] != ours[1]:
            why = self.mode(path, theirs[1], ours[1])
            what = "%s has mode %o, there %o" % (path, ours[1], theirs[1])
            self.allow(why, "modes") if why else self.wrong.append(what)

    def compare_cfg(self):
        (theirs, _), (ours, order) = cfg(self.theirs), cfg(self.ours)
        for key, value in theirs.items():
            if key == "command":
                self.allow("says how it was made", "pyvenv.cfg: command")
            elif ours.get(key) != value:
                self.wrong.append("pyvenv.cfg: %s = %s, there %s" % (key, ours.get(key), value))
        if order[0] != "home":
            self.wrong.append("pyvenv.cfg does not begin with home")
        more = [key for key in order if key not in theirs]
        if more:
            self.allow("more keys than venv of this version writes", "pyvenv.cfg: " + " ".join(more))

    def compare_records(self):
        for path in sorted(tree(self.theirs)):
            if not path.endswith(".dist-info/RECORD"):
                continue
            a, b = read(self.theirs, path), read(self.ours, path)
            rows = zip(a.split("\r\n"), b.split("\r\n"))
            if a.count("\r\n") != b.count("\r\n") or a.count("\n") != b.count("\n"):
                self.wrong.append("%s: another number of lines" % path)
            for there, here in rows:
                if there == here:
                    continue
                if re.match(r"(\.\./)+bin/", here) and here.split(",")[0] == there.split(",")[0]:
                    self.allow("console scripts are our own text", path + ": their rows")
                else:
                    self.wrong.append("%s: '%s', there '%s'" % (path, here, there))

    def notes(self):
        lines = []
        for why, what in sorted(self.allowed.items()):
            shown = ", ".join(sorted(set(what))[:4])
            if len(set(what)) > 4:
                shown += " and %d more" % (len(set(what)) - 4)
            lines.append("allowed: %s (%s)" % (shown, why))
        return "\n".join(lines)


def make_theirs(scratch, python, options, env, with_pip):
    """What `python -m venv` makes; WITH_PIP is an environment that has pip and links."""
    if options == ["--copies"] and os.environ.get("MATRIX") != "all":
        os.renames(with_pip, env)
        for name in glob.glob(os.path.join(env, "bin", "python*")):
            os.unlink(name)
        options = ["--copies", "--without-pip"]
    scratch.must(python.path, "-m", "venv", *options, env)


def one(scratch, python, options, number):
    # The same names and lengths on both sides, so that texts compare.
    theirs = scratch.path("a%d" % number, "env")
    ours = scratch.path("b%d" % number, "env")
    make_theirs(scratch, python, options, theirs, scratch.path("a%d" % (number - 1), "env"))
    scratch.venvctl("create", "-p", python.path, *options, ours)
    c = Comparison(python, options, theirs, ours).compare()
    if c.wrong:
        raise AssertionError("\n".join(c.wrong[:30]))
    return c.notes()


def main():
    tap, groups = Tap(), []
    for python in find():
        scratch, tests = Scratch("matrix"), []
        groups.append((scratch, tests))
        for number, options in enumerate((
                ["--without-pip"], ["--without-pip", "--copies"],
                ["--without-pip", "--system-site-packages"], [], ["--copies"])):
            name = "%s %s" % (python, " ".join(options) or "with pip")
            if "--without-pip" not in options and not python.has_ensurepip:
                tap.skip(name, "it has no ensurepip (package python3-venv or pypy3-venv)")
            elif python.is_pypy and "--copies" in options:
                tap.skip(name, "PyPy's own venv --copies copies all of /usr/lib, for minutes")
            else:
                tests.append((name, one, scratch, python, options, number))
    tap.together(groups)
    tap.done()


main()
