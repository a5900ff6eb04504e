#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""pep508.py - versions, specifiers and markers: ours against `packaging`

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
    assert min(theirs.count(n) for n in (0, 1)) > len(theirs) / 10, "it is one-sided"
    return "%d questions" % len(theirs)


def any_version(rand):
    """Whatever PEP 440 lets people write, and now and then what it does not."""
    def sep():
        return rand.choice(("", ".", "-", "_"))

    def number():
        return rand.choice(("", "0", "1", "2", "10", "007", "9" * 30))

    v = rand.choice(("", "", "", "", "v", "V")) + rand.choice(("", "", "", "0!", "1!", "02!"))
    v += ".".join(rand.choice(("0", "1", "1", "2", "10", "01"))
                  for _ in range(rand.choice((1, 2, 2, 2, 3, 3, 5, 14))))
    if rand.random() < .35:
        v += sep() + rand.choice("alpha a beta b preview pre c rc RC Alpha".split()) + sep() + number()
    if rand.random() < .3:
        v += rand.choice(("-1", "-02", sep() + rand.choice("post rev r Post".split()) + sep() + number()))
    if rand.random() < .3:
        v += sep() + rand.choice(("dev", "DEV")) + sep() + number()
    if rand.random() < .2:
        v += "+" + rand.choice("abc 1 01 ubuntu.1 1.abc ABC 1_2-3 a..b 10 9a".split())
    if rand.random() < .03:
        v += rand.choice((".x", ".", "-", "+", "!1", " ", ".*"))
    return v


def read(packaging, text):
    try:
        return packaging.version.Version(text)
    except packaging.version.InvalidVersion:
        return None


def versions(packaging, rand):
    """Which of two is the newer one, and which are pre-releases."""
    questions, theirs = [], []
    pool = [any_version(rand) for _ in range(300)]
    known = [v for v in pool if read(packaging, v)]
    assert len(known) > 200 and len(known) < len(pool), len(known)
    while len(questions) < 5000:
        a = rand.choice(known)
        b = rand.choice((rand.choice(known), a.upper(), a.replace("alpha", "a").replace("-", "."),
                         a + ".0", a + "0", a + ".dev1", a + ".post1", str(read(packaging, a))))
        x, y = read(packaging, a), read(packaging, b)
        # What is no version is older than all that are.
        theirs.append(1 if y is None else (x > y) - (x < y))
        questions.append("compare\t%s\t%s" % (a, b))
    for v in pool:
        theirs.append(int(bool(read(packaging, v)) and read(packaging, v).is_prerelease))
        questions.append("pre\t" + v)
    wrong = [(q, a, t) for q, a, t in zip(questions, ours(questions), theirs) if a != str(t)]
    assert not wrong, "%d of %d: %s" % (len(wrong), len(theirs), wrong[:8])
    assert min(theirs.count(n) for n in (-1, 0, 1)) > len(theirs) / 10, "it is one-sided"
    return "%d questions" % len(theirs)


def in_doubt(packaging, version, op, than):
    """Has packaging changed its mind on this one since it was in the first pip of these?"""
    v, t = read(packaging, version), read(packaging, than)
    if not t:
        # A prefix of other than a release.
        return than.endswith(".*") and not re.match(r"[0-9]+(\.[0-9]+)*$", than[:-2])
    if op == "===":
        return str(v) != version
    if op == "~=":
        return str(t) != than
    # What lies near a post-release, and local versions near a pre-release.
    return (op == "<" and t.is_postrelease and v.base_version == t.base_version or
            op == ">" and (v.local or v.is_postrelease) and t.is_prerelease and
            v.base_version == t.base_version)


def specifiers(packaging, rand):
    questions, theirs = [], []
    pool = [any_version(rand) for _ in range(300)]
    # It took nearly everything for a specifier.
    old = int(packaging.__version__.split(".")[0]) < 22
    while len(questions) < 6000:
        version, parts = rand.choice(pool), []
        v = read(packaging, version)
        for _ in range(rand.choice((1, 1, 1, 2))):
            than = rand.choice((rand.choice(pool), version.split("+")[0], version.split("+")[0] + ".0",
                                str(v), v.base_version if v else "1", version))
            if rand.random() < .15:
                near = read(packaging, than) or v
                than = (near.base_version if near else "1") + ".*"
            op = rand.choice("== != < <= > >= ~= ===".split())
            parts.append((op, rand.choice(("", " ")), than, rand.choice(("", " "))))
        if v and any(in_doubt(packaging, version, p[0], p[2].strip()) for p in parts):
            continue
        text = ",".join("".join(p) for p in parts)
        try:
            for p in parts:
                packaging.specifiers.Specifier("".join(p))
            answer = int(packaging.specifiers.SpecifierSet(text).contains(version, True)) if v else -1
        except packaging.specifiers.InvalidSpecifier:
            answer = -1
        if not v and old:
            continue
        theirs.append(answer)
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
    for name, test in (("versions", versions), ("specifiers", specifiers),
                       ("markers", markers), ("names", names)):
        if packaging:
            tap.check(name + " as packaging has them", test, packaging, rand)
        else:
            tap.skip(name + " as packaging has them", "there is no pip of 2021 or later")
    tap.done()


main()
