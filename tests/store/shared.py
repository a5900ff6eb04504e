# SPDX-License-Identifier: MIT
"""shared.py - what pip can do, done by a pip that lies in the store (--link-mode shared)

What a pip must pass before src/store/shared.c may list its version: all checks, and the store
is afterwards what it was.  The suite runs all of them on each pip that comes with an interpreter
of this machine, with one interpreter each, and on the newest pip, if an index can be reached:
here on the newest that is brought and the newest of all, in shared-bundled.py on the others.
With SHARED=all it is each interpreter with the pip that it brings, and every listed version.
"""

import glob
import hashlib
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "matrix"))

# pylint: disable=wrong-import-position
from interpreters import PREFIX, Scratch, Skip, Tap, VENVCTL, find  # noqa: E402
from wheelmaker import Wheel  # noqa: E402

ALL = os.environ.get("SHARED") == "all"
# A build that differs in the compiler alone is not one more pip.
QUICK = bool(os.environ.get("VENVCTL_QUICK"))
PREINSTALL = os.path.join(PREFIX, "mocks", "preinstall.so")

BACKEND = '''
import base64, hashlib, os, zipfile
def get_requires_for_build_wheel(config_settings=None): return []
get_requires_for_build_editable = get_requires_for_build_wheel
def make(directory, files):
    info = "built-1.0.dist-info/"
    files = dict(files)
    files[info + "METADATA"] = "Metadata-Version: 2.1\\nName: built\\nVersion: 1.0\\n"
    files[info + "WHEEL"] = "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    rows = ""
    with zipfile.ZipFile(os.path.join(directory, "built-1.0-py3-none-any.whl"), "w") as z:
        for name, text in files.items():
            d = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
            rows += "%s,sha256=%s,%d\\n" % (name, d, len(text))
            z.writestr(name, text)
        z.writestr(info + "RECORD", rows + info + "RECORD,,\\n")
    return "built-1.0-py3-none-any.whl"
def build_wheel(directory, config_settings=None, metadata_directory=None):
    return make(directory, {"built.py": "made = 'wheel'\\n"})
def build_editable(directory, config_settings=None, metadata_directory=None):
    return make(directory, {"built.pth": os.getcwd() + "\\n"})
'''


def tree_digest(store):
    """Names, owners, times, modes and contents of all that is in a store; but what venvctl itself
    adds to an entry that is copied a second time."""
    h = hashlib.sha256()
    for base, dirs, files in os.walk(store):
        dirs.sort()
        for name in sorted(files) + dirs:
            path = os.path.join(base, name)
            if os.path.dirname(os.path.dirname(path)) == store and name.startswith("pack"):
                continue
            st = os.lstat(path)
            # A directory's size is its file system's affair.
            what = (path, st.st_mode, st.st_uid, st.st_mtime if name in files else 0)
            h.update(repr(what).encode())
            if name in files:
                with open(path, "rb") as f:
                    h.update(f.read())
    return h.hexdigest()


class Shared:
    """An environment whose pip is shared, and what the checks need: all without a network."""

    def __init__(self, s, python, wheel=None):
        self.s, self.python = s, python
        self.env = s.path("env")
        how = ["--plugin=%s:wheel=%s" % (PREINSTALL, wheel)] if wheel else []
        s.venvctl("create", "--link-mode", "shared", "-p", python.path, *how, self.env)
        self.site = glob.glob(os.path.join(self.env, "lib", "p*", "site-packages"))[0]
        with open(os.path.join(self.site, "pip", "__init__.py"), encoding="ascii") as f:
            assert "shared by many environments" in f.read()
        self.where = re.search("from (.*) [(]python", self.pip("--version")).group(1)
        self.version = self.pip("--version").split()[1]
        self.key = tuple(int(n) for n in re.findall("[0-9]+", self.version)[:2])
        assert self.where.startswith(s.path("cache", "store")), self.where
        self.before = tree_digest(s.path("cache", "store"))
        self.make_packages()

    def make_packages(self):
        self.links = self.s.path("links")
        os.makedirs(self.links, exist_ok=True)
        self.acme = Wheel("acme").add("acme.py", "x = 1\n").add(
            "acme-1.0.dist-info/entry_points.txt", "[console_scripts]\nacme = acme:x\n").write(self.links)
        Wheel("backend").add("backend.py", BACKEND).write(self.links)
        self.source = self.s.path("source")
        os.makedirs(self.source, exist_ok=True)
        with open(os.path.join(self.source, "pyproject.toml"), "w", encoding="ascii") as f:
            f.write('[build-system]\nrequires = ["backend"]\nbuild-backend = "backend"\n')
        with open(os.path.join(self.source, "built.py"), "w", encoding="ascii") as f:
            f.write("made = 'here'\n")

    def run(self, name, *args, **kw):
        return self.s.must(os.path.join(self.env, "bin", name), *args, **kw)

    def pip(self, *args, **kw):
        return self.run("pip", *args, **kw)

    def offline(self, command, *args, **kw):
        return self.pip(command, "--no-index", "--find-links", self.links, *args, **kw)

    def code(self, text):
        return self.run("python", "-c", text)

    def since(self, *version):
        if self.key < version:
            raise Skip("pip %s cannot do it yet" % self.version)

    def refresh(self):
        """A pip that is shared again, once a check has replaced or removed it."""
        self.run("python", "-c", "pass")
        self.s.venvctl("create", "--link-mode", "shared", "--clear", "-p", self.python.path, *self.how(), self.env)

    def how(self):
        return ["--plugin=%s:wheel=%s" % (PREINSTALL, self.wheel)] if self.wheel else []

    wheel = None


# The checks, in their order.

def version(e):
    assert "pip " + e.version in e.pip("--version")
    major, minor = e.python.xy
    assert e.run("pip%d" % major, "--version") == e.run("pip%d.%d" % (major, minor), "--version")


def module(e):
    assert "pip " + e.version in e.run("python", "-m", "pip", "--version")
    assert "pip " + e.version in e.run("python", "-I", "-m", "pip", "--version")


def byte_code_is_taken(e):
    out = e.run("python", "-v", "-m", "pip", "--version")
    # The stub's own, the first time.
    assert not [l for l in out.splitlines() if l.startswith("# wrote '" + e.where)]


def listed(e):
    assert re.search(r"^pip +%s *$" % re.escape(e.version), e.pip("list"), re.M)


def outdated_without_an_index(e):
    assert "pip" not in e.offline("list", "--outdated")


def checked(e):
    assert "No broken requirements" in e.pip("check")


def shown(e):
    out = e.pip("show", "-f", "pip")
    assert "Version: " + e.version in out and "Location: " + e.site in out, out
    assert "pip/__init__.py" in out and "../../../bin/pip" in out and "_internal" not in out, out


def frozen(e):
    assert "pip==" + e.version in e.pip("freeze", "--all")


def inspected(e):
    e.since(22, 2)
    assert '"version": "%s"' % e.version in e.pip("inspect")


def configured(e):
    assert "site" in e.pip("config", "debug")
    e.pip("config", "list")


def debugged(e):
    assert "sys.executable" in e.pip("debug")


def helped(e):
    for command in ("install", "download", "wheel", "hash", "search", "cache"):
        assert "Usage:" in e.pip(command, "--help")


def completed(e):
    assert "_pip_completion" in e.pip("completion", "--bash")


def hashed(e):
    assert "sha256:" in e.pip("hash", e.acme)


def cached(e):
    assert e.pip("cache", "dir").strip()


def install(e):
    e.offline("install", "acme")
    e.code("import acme")


def uninstall(e):
    e.pip("uninstall", "--yes", "acme")
    assert not os.path.exists(os.path.join(e.env, "bin", "acme"))


def downloaded(e):
    e.offline("download", "-d", e.s.path("got"), "acme")
    assert os.listdir(e.s.path("got")) == [os.path.basename(e.acme)]


def into_a_target(e):
    e.offline("install", "--target", e.s.path("target"), "acme")
    assert os.path.exists(e.s.path("target", "acme.py"))


def into_a_prefix(e):
    e.offline("install", "--prefix", e.s.path("prefix"), "acme")
    assert glob.glob(e.s.path("prefix", "lib", "*", "site-packages", "acme.py"))


def source_with_isolation(e):
    e.offline("install", e.source)
    assert "wheel" in e.code("import built; print(built.made)")
    e.pip("uninstall", "--yes", "built")


def source_without_isolation(e):
    e.offline("install", "backend")
    e.offline("install", "--no-build-isolation", e.source)
    e.pip("uninstall", "--yes", "built", "backend")


def editable(e):
    e.offline("install", "-e", e.source)
    assert "here" in e.code("import built; print(built.made)")
    e.pip("uninstall", "--yes", "built")


def wheel(e):
    e.offline("wheel", "-w", e.s.path("wheels"), e.source)
    assert os.listdir(e.s.path("wheels")) == ["built-1.0-py3-none-any.whl"]


def ensured(e):
    assert e.python.has_ensurepip
    assert "already satisfied" in e.run("python", "-m", "ensurepip")
    assert e.pip("--version").split()[3].startswith(e.s.path("cache"))


def metadata(e):
    if e.python.xy < (3, 8):
        raise Skip("this Python has no importlib.metadata")
    out = e.code("from importlib.metadata import version, files\nprint(version('pip'))\n"
                 "print([str(p) for p in files('pip') if not p.locate().exists()])")
    assert out == "%s\n[]\n" % e.version, out


def resources(e):
    if e.python.xy < (3, 9):
        raise Skip("this Python has no importlib.resources.files")
    e.code("import importlib.resources as r; assert (r.files('pip') / 'py.typed').is_file()")
    e.code("import pip, inspect; assert inspect.getsource(pip).strip(); import importlib; importlib.reload(pip)")


def certificates(e):
    e.code("from pip._vendor import certifi; assert open(certifi.where()).read(1)")


def other_python(e):
    e.since(22, 3)
    e.s.venvctl("create", "--without-pip", "-p", e.python.path, e.s.path("other"))
    e.pip("--python", e.s.path("other"), "install", "--no-index", e.acme)
    e.s.must(e.s.path("other", "bin", "python"), "-c", "import acme")


def newer_pip(e):
    """A wheel of pip that this interpreter can run, newer if there is one."""
    key = lambda path: tuple(int(n) for n in re.findall("[0-9]+", os.path.basename(path))[:3])
    mine = [w for w in WHEELS if WHEELS[w] <= max(e.python.xy, (3, 9)) and e.python.xy >= (3, 7)]
    return max(mine, key=key)


def is_own(e):
    """pip is one that lies in the environment, all of it."""
    assert e.pip("--version").split()[3].startswith(e.env)
    return os.path.exists(os.path.join(e.site, "pip", "_internal", "__init__.py"))


def upgraded_by_module(e):
    e.run("python", "-m", "pip", "install", "--no-index", "--force-reinstall", newer_pip(e))
    assert is_own(e)
    e.offline("install", e.source)
    e.refresh()


def upgraded_by_script(e):
    e.pip("install", "--no-index", "--force-reinstall", newer_pip(e))
    assert is_own(e)
    e.refresh()


def uninstalled(e):
    e.run("python", "-m", "pip", "uninstall", "--yes", "pip")
    left = glob.glob(os.path.join(e.env, "bin", "pip*")) + glob.glob(os.path.join(e.site, "pip*"))
    assert not left, left
    e.refresh()
    assert "pip " + e.version in e.pip("--version")


def untouched(e):
    assert tree_digest(e.s.path("cache", "store")) == e.before, "the store was changed"


LONG = [version, module, byte_code_is_taken, listed, outdated_without_an_index, checked, shown, frozen, inspected,
        configured, debugged, helped, completed, hashed, cached, install, uninstall, downloaded, into_a_target,
        into_a_prefix, source_with_isolation, source_without_isolation, editable, wheel, ensured, metadata,
        resources, certificates, other_python, upgraded_by_module, upgraded_by_script, uninstalled, untouched]
# Each of these failed with some stub, or tells where pip is.
SHORT = [version, byte_code_is_taken, shown, install, uninstall, source_with_isolation, metadata, certificates,
         other_python, upgraded_by_module, uninstalled, untouched]


def pass_all(s, python, path, checks):
    e = Shared(s, python, path)
    e.wheel = path
    done, cannot = 0, []
    for check in checks:
        try:
            check(e)
            done += 1
        except Skip as why:
            cannot.append("%s: %s" % (check.__name__, why))
        except Exception as error:
            raise AssertionError("%s: %s" % (check.__name__, error)) from error
    return "\n".join(["%d checks of %d" % (done, len(checks))] + cannot)


def bundled(python):
    """The wheel of pip that an interpreter's ensurepip installs, as far as it is known from outside."""
    code = ("import ensurepip as e, os, sysconfig, glob\n"
            "dirs = [sysconfig.get_config_var('WHEEL_PKG_DIR'), os.path.dirname(e.__file__) + '/_bundled',"
            " '/usr/share/python-wheels']\n"
            "for d in dirs:\n"
            "    for w in sorted(glob.glob('%s/pip-%s-*.whl' % (d, e.version()))): print(w)\n")
    out = subprocess.run([python.path, "-c", code], stdout=subprocess.PIPE, check=False,
                         universal_newlines=True).stdout.split()
    return out[0] if out else None


def listed_versions():
    path = os.path.join(os.environ["top_srcdir"], "src", "store", "shared.c")
    with open(path, encoding="ascii") as f:
        return re.findall('"([0-9.]+)"', re.search(r"tried\[\] = [{](.*?)[}]", f.read(), re.S).group(1))


class Index:
    """Wheels of pip from the package index, by a pip that is not shared."""

    def __init__(self, python):
        self.s = Scratch("shared-pips")
        self.s.venvctl("create", "-p", python.path, self.s.path("loader"))

    def get(self, what):
        """The wheel's path; None if it cannot be had."""
        status, _ = self.s.run(self.s.path("loader", "bin", "pip"), "download", "-q", "--no-deps", "-d",
                               self.s.path(what), what, timeout=60)
        return None if status else glob.glob(self.s.path(what, "pip-*.whl"))[0]


def version_of(path):
    return os.path.basename(path).split("-")[1]


def number(text):
    return tuple(int(n) for n in text.split("."))


WHEELS = {}


class Plan:
    """Which pips are run, with which interpreters and checks."""

    def __init__(self, tap):
        self.tap, self.tried, self.groups, self.seen = tap, listed_versions(), [], set()
        self.pythons = sorted((p for p in find() if p.has_ensurepip and not p.is_pypy and bundled(p)),
                              key=lambda p: p.xy, reverse=True)
        for python in self.pythons:
            path = bundled(python)
            WHEELS[path] = max(python.xy, WHEELS.get(path, (0, 0)))

    def add(self, python, v, path=None):
        name = "%s: shared pip %s" % (python, v)
        if v not in self.tried:
            self.tap.skip(name, "src/store/shared.c does not list this version")
            return
        s = Scratch("shared")
        self.groups.append((s, [(name, pass_all, s, python, path, SHORT if QUICK else LONG)]))

    def bundled(self, newest):
        """The newest of the versions that interpreters bring, or the others."""
        for python in self.pythons:
            v = version_of(bundled(python))
            if ALL or (v not in self.seen and newest == (not self.seen)):
                self.add(python, v)
            self.seen.add(v)

    def from_index(self, index):
        """The newest pip there is, and with SHARED=all every listed version that none brings."""
        path = index.get("pip")
        if not path:
            self.tap.skip("the newest pip" + (", and those that are not bundled here" if ALL else ""),
                          "no index can be reached")
            return
        if version_of(path) not in self.tried:
            # A release of pip is a fault of nobody's here: it is a release of ours that waits for it.
            self.tap.result(False if ALL else None, "pip %s, the newest, is listed" % version_of(path),
                            "add it to src/store/shared.c, and run this with SHARED=all")
        for v in self.tried if ALL else [max(self.tried, key=number)]:
            if v not in self.seen:
                # Python 3.12 took away what older ones import.
                python = next(p for p in self.pythons if number(v)[0] > 22 or p.xy < (3, 12))
                self.add(python, v, path if v == version_of(path) else index.get("pip==" + v))


def main(newest=True):
    tap = Tap()
    plan = Plan(tap)
    plan.bundled(newest)
    index = Index(plan.pythons[0]) if newest and plan.pythons and not QUICK else None
    if index:
        plan.from_index(index)
    tap.together(plan.groups, os.cpu_count() if ALL else max(len(plan.groups), 1))
    if index:
        index.s.remove()
    tap.done()


if __name__ == "__main__":
    main()
