#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""pep508.py - versions, specifiers and markers: the plugin wheels against `packaging`

Judged by the library that the newest pip of this machine carries.
"""

import glob
import os
import platform
import random
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "matrix"))
from interpreters import Tap  # noqa: E402

PROGRAM = os.path.join(os.environ["top_builddir"], "tests", "plugins", "pep508")
VERSIONS = """1 1.0 1.0.0 1.0.1 1.1 1.10 2 2.0a1 2.0b2 2.0rc1 2.0 2.0.post1 2.0.post1.dev3 2.0.dev4
    2.0a1.dev1 2.0a1.post2 1!0.5 3.9 3.12.1 3.15.0a1 10.0 v1.0 1.0-1 2.0c1 2.0-alpha.1 1.0+local.1
    24.3.1 2004a 0.0.1 1.2.3.4.5.6""".split()
PYTHONS = {0x03060FF0: "3.6.15", 0x030800F0: "3.8.0", 0x03090AF0: "3.9.10", 0x030C01F0: "3.12.1",
           0x030F00A1: "3.15.0a1", 0x030E00C2: "3.14.0rc2"}
IMPLEMENTATIONS = {"cpython": "CPython", "pypy": "PyPy"}


def find_packaging():
    """From a wheel of pip: import what it carries."""
    wheels = glob.glob(os.path.expanduser(
        "~/.pyenv/versions/*/lib/python3*/ensurepip/_bundled/pip-*.whl"))
    wheels += glob.glob("/usr/share/python-wheels/pip-*.whl")
    major = [w for w in wheels if int(os.path.basename(w).split("-")[1].split(".")[0]) >= 21]
    if not major:
        return None
    sys.path.insert(0, max(major, key=lambda w: [
        int(n) for n in os.path.basename(w).split("-")[1].split(".") if n.isdigit()]))
    from pip._vendor import packaging
    from pip._vendor.packaging import markers, specifiers, utils  # noqa: F401
    return packaging


def ours(lines):
    p = subprocess.run([PROGRAM], input="".join(line + "\n" for line in lines), check=True,
                       stdout=subprocess.PIPE, universal_newlines=True)
    answers = p.stdout.splitlines()
    assert len(answers) == len(lines), "%d answers" % len(answers)
    return answers


def same(questions, answers, theirs):
    wrong = ["%r: %s, not %s" % (q, a, t) for q, a, t in zip(questions, answers, theirs)
             if a.split()[0] != str(int(t))]
    assert not wrong, "%d of %d: %s" % (len(wrong), len(theirs), "; ".join(wrong[:8]))
    # A test in which everything is true, or false, says nothing.
    assert len(theirs) / 10 < sum(theirs) < len(theirs) * 9 / 10, "it is one-sided"
    return "%d questions" % len(theirs)


def specifiers(packaging, rand):
    questions, theirs = [], []
    while len(questions) < 3000:
        parts = []
        for _ in range(rand.choice((1, 1, 2))):
            op, v = rand.choice(("==", "!=", "<", "<=", ">", ">=", "~=", "===")), rand.choice(VERSIONS)
            if op in ("==", "!=") and rand.random() < .4:
                # Of a release: for others packaging has changed its mind.
                v = ".".join(re.match(r"v?((\d+!)?[\d.]+\d|\d)", v).group(1).split(".")[:2]) + ".*"
            if "+" in v and op not in ("==", "!="):
                v = v.split("+")[0]
            parts.append(op + rand.choice(("", " ")) + v)
        version, text = rand.choice([v for v in VERSIONS if "+" not in v]), ",".join(parts)
        try:
            # Of what nobody writes packaging takes the text for another.
            odd = [v for v in (version, text) if "v1" in v or "c1" in v or "1-1" in v or "-a" in v or "4a" in v]
            if "+" in text or odd and ("===" in text or "~=" in text):
                continue
            theirs.append(packaging.specifiers.SpecifierSet(text).contains(version, True))
        except packaging.specifiers.InvalidSpecifier:
            continue
        questions.append("version\t%s\t%s" % (version, text))
    return same(questions, ours(questions), theirs)


def comparison(rand):
    version = rand.choice(("3.6", "3.8", "3.9", "3.12", "3", "3.9.10", "3.15", "3.15.0a1", "4.0"))
    quote = rand.choice("'\"")
    blank = rand.choice(("", " "))
    name = rand.choice(("python_version", "python_full_version"))
    kind = rand.randrange(6)
    if kind == 0:
        op = rand.choice(("==", "!=", "<", "<=", ">", ">=", "~="))
        if op == "~=" and "." not in version:
            version += ".0"
        return name + blank + op + blank + quote + version + quote
    if kind == 1:
        return quote + version + quote + " %s " % rand.choice(("<", "<=", "==", ">")) + name
    if kind == 2:
        return "python_version %s '3.6, 3.8, 3.12'" % rand.choice(("in", "not in"))
    if kind == 3:
        return name + " == '%s.*'" % rand.choice(("3", "3.8", "3.9", "3.12"))
    variable, values = rand.choice((
        ("os_name", ("posix", "nt")), ("sys_platform", ("linux", "win32", "darwin")),
        ("platform_system", ("Linux", "Windows")), ("implementation_name", ("cpython", "pypy")),
        ("platform_machine", (platform.machine(), "sparc")),
        ("platform_python_implementation", ("CPython", "PyPy")), ("extra", ("test", ""))))
    op = rand.choice(("==", "!="))
    return variable + blank + op + blank + quote + rand.choice(values) + quote


def expression(rand, depth=0):
    if depth > 2 or rand.random() < .4:
        return comparison(rand)
    parts = [expression(rand, depth + 1) for _ in range(rand.choice((2, 2, 3)))]
    text = parts[0]
    for part in parts[1:]:
        text += " %s " % rand.choice(("and", "or")) + part
    return "(%s)" % text if depth else text


def markers(packaging, rand):
    questions, theirs = [], []
    # Before 22 it left out Pythons that were not released yet.
    old = int(packaging.__version__.split(".")[0]) < 22
    pythons = [h for h, full in PYTHONS.items() if full.replace(".", "").isdigit() or not old]
    while len(questions) < 3000:
        text = expression(rand)
        if old and "a1" in text:
            continue
        hexversion, implementation = rand.choice(pythons), rand.choice(list(IMPLEMENTATIONS))
        full = PYTHONS[hexversion]
        theirs.append(packaging.markers.Marker(text).evaluate({
            "python_version": "%d.%d" % (hexversion >> 24, hexversion >> 16 & 255),
            "python_full_version": full, "implementation_name": implementation, "extra": "",
            "platform_python_implementation": IMPLEMENTATIONS[implementation]}))
        questions.append("marker\t%x\t%s\t%s" % (hexversion, implementation, text))
    return same(questions, ours(questions), theirs)


def names(packaging, rand):
    letters = ["".join(rand.choice("aAbB-_.") for _ in range(rand.randrange(1, 5)))
               for _ in range(60)]
    pairs = [(a, b) for a in letters for b in letters]
    theirs = [packaging.utils.canonicalize_name(a) == packaging.utils.canonicalize_name(b)
              for a, b in pairs]
    answers = ours(["same\t%s\t%s" % pair for pair in pairs])
    wrong = [p for p, a, t in zip(pairs, answers, theirs) if a != str(int(t))]
    assert not wrong and sum(theirs) > len(letters), wrong[:9]


def refusals():
    for text, why in (("", "missing"), ("python_version", "comparison"), ("os_name == 'posix", "quote"),
                      ("(os_name == 'posix'", "parenthesis"), ("os_name == 'a' os_name", "left behind"),
                      ("platform_release > '5'", "not known"), ("os_name < 'posix'", "only versions"),
                      ("'a' == 'a'", "variable"), ("os_name not 'x'", "'not'"),
                      ("os_name == 'posix' and", "missing"), ("(" * 99, "too deep"),
                      ("os_name ==== 'x'", "comparison")):
        answer = ours(["marker\t30c01f0\tcpython\t" + text])[0]
        assert answer.startswith("-1 ") and why in answer, (text, answer)
    for text in ("~=1", ">=1.*", "=1", ">=", "==x", "!!1", "1.0"):
        assert ours(["version\t1.0\t" + text]) == ["-1"], text


def main():
    tap = Tap()
    rand = random.Random(508)
    packaging = find_packaging()
    tap.check("what is refused", refusals)
    for name, test in (("specifiers", specifiers), ("markers", markers), ("names", names)):
        if packaging:
            tap.check(name + " as packaging has them", test, packaging, rand)
        else:
            tap.skip(name + " as packaging has them", "there is no pip of 2021 or later")
    tap.done()


main()
