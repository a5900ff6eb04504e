#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""wheel.py - the wheel of pyvenvctl: what it says of itself, and what it is when installed

Nothing is fetched: the wheel is made of what the tests have installed.  With VENVCTL_WHEEL that
one is taken, by every interpreter, and with virtualenv from the package index: so does
tests/release/wheel.sh.
"""

import configparser
import glob
import os
import re
import shutil
import subprocess
import sys
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.realpath(os.path.join(HERE, "..", ".."))
sys.path.insert(0, os.path.join(HERE, "..", "matrix"))
sys.path.append(HERE)
from envbuilder import sanitized  # noqa: E402
from index import why_not  # noqa: E402
from interpreters import PREFIX, VENVCTL, Scratch, Skip, Tap, find  # noqa: E402

GIVEN = os.environ.get("VENVCTL_WHEEL")
# Which library does the work, and one environment of it.
CREATE = """
import sys, pyvenvctl as venv
from pyvenvctl import _lib
venv.create(sys.argv[1], symlinks=True, with_pip=True)
print("library=" + _lib.__getattr__("lib")._name)
"""


def text(*names):
    with open(os.path.join(TOP, *names)) as f:
        return f.read()


def backend(s, code, status=0):
    """CODE in which the build backend is imported; it needs tomllib."""
    if sys.version_info < (3, 11):
        raise Skip("pyvenvctl is built with Python 3.11 or later")
    got, said = s.run(sys.executable, "-B", "-c", "import pyvenvctl_build as b\n" + code,
                      env=dict(s.env, PYTHONPATH=os.path.join(TOP, "python")))
    assert got == status, said
    return said.strip()


def make_wheel(s, out):
    """A wheel of what the tests have installed."""
    library = glob.glob(os.path.join(PREFIX, "kit", "**", "libvenvctl.so.0"), recursive=True)[0]
    os.makedirs(out, exist_ok=True)
    return os.path.join(out, backend(s, "print(b.build(%r, tree=%r, platform='linux_%s'))" % (
        out, os.path.dirname(os.path.dirname(library)), os.uname().machine)))


# ---- what it says of itself ----

def metadata(s):
    import email
    with zipfile.ZipFile(GIVEN or make_wheel(s, s.path("a"))) as z:
        names = z.namelist()
        info = next(n for n in names if n.endswith(".dist-info/METADATA"))[:-len("METADATA")]
        meta = email.message_from_bytes(z.read(info + "METADATA"))
        version = re.search(r"^AC_INIT\(\[venvctl\], \[(.*)\]\)$", text("configure.ac"), re.M).group(1)
        assert (meta["Name"], meta["Version"]) == ("pyvenvctl", version), meta.items()
        assert meta["Requires-Python"] == ">=3.8" and meta["License-Expression"].startswith("MIT")
        assert "import pyvenvctl as venv" in meta.get_payload()
        for name in meta.get_all("License-File"):
            assert info + "licenses/" + name in names, name
        points = configparser.ConfigParser(delimiters="=")
        points.read_string(z.read(info + "entry_points.txt").decode())
        assert {n: dict(points[n]) for n in points.sections()} == {
            "virtualenv.create": {"venvctl": "pyvenvctl_virtualenv:Creator"},
            "virtualenv.seed": {"venvctl": "pyvenvctl_virtualenv:Seeder"}}, points.sections()
        package = {n for n in names if n.endswith(".py") and "/data/" not in n}
        known = set(re.findall(r"python/(pyvenvctl(?:/|_virtualenv).*\.py)", text("python", "local.mk")))
        assert package == known, package ^ known
        assert "pyvenvctl/py.typed" in names


def same_again(s):
    one, two = make_wheel(s, s.path("a")), make_wheel(s, s.path("b"))
    with open(one, "rb") as f, open(two, "rb") as g:
        assert f.read() == g.read()


def licenses_are_listed(s):
    """Each library that configure.ac asks for, and what those need, has its licence listed."""
    ac = text("configure.ac")
    asked = re.findall(r"^PKG_CHECK_MODULES\(\[\w+\], \[(.*?)\]", ac, re.M) + \
        re.findall(r"^VENVCTL_MODULE\(\[\w+\], \[\w+\], \[(.*?)\]", ac, re.M)
    asked = {word for words in asked for word in words.split() if word[0].isalpha()}
    asked = (asked | {"ltdl"}) - {"cmocka"}
    rows = [line.split() for line in text("tools", "wheel", "vendored").splitlines()
            if line and not line.startswith("#")]
    assert all(len(row) == 4 for row in rows), rows
    listed = {name for row in rows for name in row[3].split(",")}
    # zlib is for libzip and libcurl, libssl for libcurl.
    assert listed - {"zlib", "libssl"} == asked, listed ^ asked
    assert len(asked) == 6, asked
    built = set(re.findall(r"^build_(\w+)\(\) \($", text("tools", "wheel", "libraries.sh"), re.M))
    assert built == {row[0] for row in rows}, built


def package_alone(s):
    """pip makes it from the sources, without network, for a system that has libvenvctl."""
    backend(s, "")
    home = s.path("alone")
    s.venvctl("create", "-p", sys.executable, home)
    said = s.must(os.path.join(home, "bin", "pip"), "install", "--no-index", "--no-compile",
                  os.path.join(TOP, "python"))
    assert "pyvenvctl" in said, said
    files = s.must(os.path.join(home, "bin", "pip"), "show", "-f", "pyvenvctl")
    assert "pyvenvctl/_lib.py" in files and ".so" not in files, files
    status, said = s.run(os.path.join(home, "bin", "python"), "-m", "pyvenvctl", "--version",
                         env=dict(s.env, PATH=os.path.dirname(VENVCTL) + ":/usr/bin:/bin"))
    assert status == 0 and said.startswith("venvctl "), said


# ---- what it is when installed ----

class Installed:
    def __init__(self, interpreter, scratch, wheel):
        self.s = scratch
        self.wheel = wheel
        self.interpreter = interpreter
        self.home = scratch.path("home env")
        self.env = scratch.path("env")

    def bin(self, name, home=None):
        return os.path.join(home or self.home, "bin", name)

    def works(self, env):
        with open(os.path.join(env, "pyvenv.cfg")) as f:
            assert "\nvenvctl = " in f.read()
        said = self.s.must(os.path.join(env, "bin", "python"), "-m", "pip", "--version")
        assert env in said, said
        shutil.rmtree(env)

    def libraries(self, home):
        """What of the wheel lies in HOME beside the package."""
        found = glob.glob(os.path.join(glob.escape(home), "lib*", "**"), recursive=True)
        return [p for p in found if "venvctl" in os.path.relpath(p, home)
                and os.path.isfile(p) and p.endswith((".so", ".so.0"))]

    def test_1_installed_without_the_index(self):
        self.s.venvctl("create", "-p", self.interpreter.path, self.home)
        self.s.must(self.bin("pip"), "install", "--no-index", "--no-compile", self.wheel)
        with open(self.bin("venvctl"), "rb") as f:
            assert f.read(4) == b"\x7fELF"
        assert len(self.libraries(self.home)) > 8, self.libraries(self.home)
        said = self.s.must(self.bin("venvctl"), "plugins", "list")
        assert os.path.join(self.home, "lib") in self.s.must(
            self.bin("venvctl"), "plugins", "info", "ensurepip"), said

    def test_2_the_command_and_python_m(self):
        self.s.must(self.bin("venvctl"), "create", self.env)
        self.works(self.env)
        self.s.must(self.bin("python"), "-m", "pyvenvctl", "create", self.env)
        self.works(self.env)
        status, said = self.s.run(self.bin("python"), "-m", "pyvenvctl", "create", "--nonsense")
        assert status == 2 and "--nonsense" in said, said
        said = self.s.must(self.bin("python"), "-m", "pyvenvctl", "--version")
        assert said == self.s.must(self.bin("venvctl"), "--version"), said

    def test_3_envbuilder(self):
        if sanitized() and not GIVEN:
            raise Skip("sanitizers: the interpreter would have to be built with them, too")
        said = self.s.must(self.bin("python"), "-c", CREATE, self.env)
        library = re.search("^library=(.*)$", said, re.M).group(1)
        assert library.startswith(self.home + "/lib"), library
        self.works(self.env)

    def test_4_virtualenv(self):
        if not GIVEN:
            raise Skip("virtualenv comes from the package index: see virtualenv_plugin.py")
        why = why_not(self.s, self.home, "virtualenv")
        if why:
            raise Skip(why)
        self.s.must(self.bin("python"), "-m", "virtualenv", "--creator", "venvctl", "--seeder",
                    "venvctl", self.env)
        self.works(self.env)

    def test_5_moved(self):
        moved = self.s.path("moved")
        os.rename(self.home, moved)
        try:
            said = self.s.must(self.bin("venvctl", moved), "plugins", "info", "ensurepip")
            assert os.path.join(moved, "lib") in said and self.home not in said, said
            self.s.must(self.bin("venvctl", moved), "create", "--json", self.env)
            self.works(self.env)
            self.s.must(self.bin("python", moved), "-m", "pyvenvctl", "create", self.env)
            self.works(self.env)
        finally:
            os.rename(moved, self.home)

    def test_6_a_directory_of_its_own(self):
        prefix = self.s.path("prefix")
        self.s.must(self.bin("pip"), "install", "--no-index", "--no-compile", "--prefix", prefix,
                    "--ignore-installed", self.wheel)
        self.s.must(self.bin("pip"), "uninstall", "-y", "-q", "pyvenvctl")
        package, = glob.glob(os.path.join(prefix, "lib", "*", "site-packages"))
        env = dict(self.s.env, PYTHONPATH=package)
        self.s.must(self.bin("python"), "-m", "pyvenvctl", "create", self.env, env=env)
        self.works(self.env)
        if not sanitized() or GIVEN:
            said = self.s.must(self.bin("python"), "-c", CREATE, self.env, env=env)
            assert "library=" + prefix in said, said
            self.works(self.env)

    def test_7_gone(self):
        self.s.must(self.bin("pip"), "install", "--no-index", self.wheel)
        self.s.must(self.bin("pip"), "uninstall", "-y", "-q", "pyvenvctl")
        assert not self.libraries(self.home), self.libraries(self.home)
        assert not os.path.exists(self.bin("venvctl"))


def interpreters():
    found = [i for i in find() if i.xy >= (3, 8)]
    if GIVEN:
        return found
    # One is like the other where the wheel does not differ: the oldest and the newest.
    cpython = sorted((i for i in found if not i.is_pypy), key=lambda i: i.xy)
    return cpython[:1] + cpython[1:][-1:]


def main():
    tap = Tap()
    # Nothing of the tests writes beside the package.
    s, wheels = Scratch("wheel"), Scratch("wheel")
    s.env["PYTHONDONTWRITEBYTECODE"] = "1"
    groups = [(s, [("metadata", metadata, s), ("the same again", same_again, s),
                   ("licences are listed", licenses_are_listed, s),
                   ("the package alone", package_alone, s)])]
    try:
        wheel = GIVEN or make_wheel(wheels, wheels.path("made"))
    except Skip as why:
        tap.skip("the wheel is used", why)
        wheel = None
    for interpreter in interpreters() if wheel else ():
        scratch = Scratch("wheel")
        scratch.env["PYTHONDONTWRITEBYTECODE"] = "1"
        installed = Installed(interpreter, scratch, wheel)
        groups.append((scratch, [
            ("%s: %s" % (interpreter, name[7:].replace("_", " ")), getattr(installed, name))
            for name in sorted(dir(installed)) if name.startswith("test_")]))
    tap.together(groups)
    wheels.remove()
    tap.done()


if __name__ == "__main__":
    main()
