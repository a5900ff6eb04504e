# SPDX-License-Identifier: MIT
"""damages.py - environments of four creators, damaged in many ways: what check and upgrade do

Each row of DAMAGES is done to an environment of each creator.  `check` finds it by its id;
`check --fix` says that it mended it, and the tree is then what an undamaged one is that was
upgraded (and, of our own, what a fresh one is); or it names it, and nothing is changed.
`upgrade` of the same leaves what is told in the row.

venv and venvctl are at hand; virtualenv and uv are taken from PATH, or with DAMAGES=all from
the package index.  What there is none of is skipped by name.
"""

import hashlib
import json
import os
import shutil
import stat
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "matrix"))
from interpreters import VENVCTL, Scratch, Skip, Tap  # noqa: E402

PYTHON = "/usr/bin/python3"


class Env:
    """An environment that is to be damaged."""

    def __init__(self, scratch, path):
        self.scratch = scratch
        self.path = path
        self.lib = [n for n in os.listdir(self.at("lib")) if n.startswith("python")][0]
        self.xy = self.lib[len("python"):]
        self.site = self.at("lib", self.lib, "site-packages")
        self.has_pip = os.path.exists(self.at("bin", "pip"))

    def at(self, *names):
        return os.path.join(self.path, *names)

    def names(self):
        """The names of the interpreter in bin."""
        return [n for n in os.listdir(self.at("bin")) if n.startswith("python")]

    def cfg(self, change):
        with open(self.at("pyvenv.cfg"), encoding="utf-8") as f:
            lines = f.read().splitlines()
        with open(self.at("pyvenv.cfg"), "w", encoding="utf-8") as f:
            f.writelines(line + "\n" for line in change(lines))

    def needs_pip(self):
        if not self.has_pip:
            raise Skip("it has no pip")

    def pip_files(self):
        return [os.path.join(self.site, n) for n in os.listdir(self.site)
                if n == "pip" or n.startswith("pip-")]


def key(line):
    return line.split("=", 1)[0].strip()


# ---- the damages: each takes an Env, and returns where it is then if that is elsewhere ----

def lose_base(e):
    def change(lines):
        return [line.replace("/usr/bin", "/usr/gone/bin") for line in lines]
    e.cfg(change)
    for name in e.names():
        link = e.at("bin", name)
        if os.readlink(link).startswith("/"):
            os.unlink(link)
            os.symlink("/usr/gone/bin/python3", link)


def older_patch(e):
    e.cfg(lambda lines: ["%s = %s.0" % (key(line), e.xy) if key(line) in
                         ("version", "version_info") else line for line in lines])


def older_minor(e):
    e.cfg(lambda lines: ["%s = 3.4.1" % key(line) if key(line) in
                         ("version", "version_info") else line for line in lines])
    os.rename(e.at("lib", e.lib), e.at("lib", "python3.4"))
    os.mkdir(e.at("lib", "python3.4", "site-packages", "old-1.0.dist-info"))


def move(e):
    os.rename(e.path, e.path + "-moved")
    return e.path + "-moved"


def copy(e):
    shutil.copytree(e.path, e.path + "-copy", symlinks=True)
    return e.path + "-copy"


def half_build(e):
    mock = os.path.join(os.environ["TEST_PREFIX"], "mocks", "mock-step.so")
    status, out = e.scratch.run(VENVCTL, "create", "--on-failure=keep", "--without-pip", "-p", PYTHON,
                                "--add-plugin=%s:do=fail" % mock, e.path)
    assert status == 6, out


def lose_first_link(e):
    for name in e.names():
        if os.readlink(e.at("bin", name)).startswith("/"):
            os.unlink(e.at("bin", name))


def foreign_link(e):
    os.symlink("nowhere", e.at("bin", "tool"))


def lose_lib64(e):
    if not os.path.islink(e.at("lib64")):
        raise Skip("it has no lib64")
    os.unlink(e.at("lib64"))
    os.symlink("gone", e.at("lib64"))


def lose_python(e):
    for name in e.names():
        os.unlink(e.at("bin", name))


def empty_python(e):
    for name in e.names():
        os.unlink(e.at("bin", name))
        with open(e.at("bin", name), "w"):
            pass
        os.chmod(e.at("bin", name), 0o755)


def lose_pip(e):
    e.needs_pip()
    for path in e.pip_files():
        if os.path.isdir(path):
            shutil.rmtree(path)
        else:
            os.unlink(path)


def pip_of_another(e):
    e.needs_pip()
    os.makedirs(e.at("lib", "python3.4", "site-packages"))
    for path in e.pip_files():
        shutil.move(path, e.at("lib", "python3.4", "site-packages"))


def foreign_shebang(e):
    e.needs_pip()
    with open(e.at("bin", "pip"), encoding="utf-8") as f:
        text = f.read()
    assert e.at("bin") in text, text
    with open(e.at("bin", "pip"), "w", encoding="utf-8") as f:
        f.write(text.replace(e.at("bin"), "/some/other/env/bin", 1))


def own_script(e):
    with open(e.at("bin", "mine"), "w", encoding="utf-8") as f:
        f.write("#!/some/other/env/bin/python\nprint(1)\n")
    os.chmod(e.at("bin", "mine"), 0o755)


def empty_cfg(e):
    e.cfg(lambda lines: [])


def no_home(e):
    e.cfg(lambda lines: [line for line in lines if key(line) != "home"])


def home_twice(e):
    e.cfg(lambda lines: lines + ["home = /opt/python/bin"])


def cut_cfg(e):
    with open(e.at("pyvenv.cfg"), "r+b") as f:
        f.seek(0, 2)
        f.write(b"\0\0\0\0\0\0\0\0")


def latin_cfg(e):
    with open(e.at("pyvenv.cfg"), "ab") as f:
        f.write(b"note = caf\xe9\n")


def another_lib(e):
    os.makedirs(e.at("lib", "python3.4", "site-packages", "old-1.0.dist-info"))


def old_names(e):
    os.symlink("python3", e.at("bin", "python3.4"))
    with open(e.at("bin", "pip3.4"), "w", encoding="utf-8") as f:
        f.write("#!%s\n" % e.at("bin", "python"))
    os.chmod(e.at("bin", "pip3.4"), 0o755)


def no_x(e):
    e.needs_pip()
    os.chmod(e.at("bin", "pip"), 0o644)


def open_bin(e):
    os.chmod(e.at("bin"), 0o777)


MENDED, NAMED = "mended", "named"
# name, what does it, the id, what --fix does, more arguments of it, and the ids that `upgrade`
# leaves, or its exit status where it refuses
DAMAGES = [
    ("the base interpreter is gone", lose_base, "base-gone", NAMED, [], 3),
    ("the base is gone, another one chosen", lose_base, "base-gone", MENDED, ["-p", "BASE"], 3),
    ("the base was upgraded within its X.Y", older_patch, "base-changed", MENDED, [], []),
    ("the base is of another X.Y", older_minor, "base-changed", NAMED, [], ["mixed-versions"]),
    ("it was moved", move, "moved", MENDED, [], []),
    ("it was copied", copy, "moved", MENDED, [], []),
    ("a create was killed", half_build, "half-built", MENDED, [], []),
    ("the link to the base is gone", lose_first_link, "broken-link", MENDED, [], []),
    ("a link of somebody's leads nowhere", foreign_link, "broken-link", NAMED, [], ["broken-link"]),
    ("lib64 leads nowhere", lose_lib64, "broken-link", MENDED, [], ["broken-link"]),
    ("bin/python is gone", lose_python, "no-python", MENDED, [], []),
    ("bin/python is empty", empty_python, "no-python", MENDED, [], []),
    ("pip is gone", lose_pip, "no-pip", MENDED, [], []),
    ("pip is of another Python", pip_of_another, "no-pip", MENDED, [], ["mixed-versions"]),
    ("pip starts another environment", foreign_shebang, "bad-shebang", MENDED, [], []),
    ("a script of somebody's starts nothing", own_script, "bad-shebang", NAMED, [], ["bad-shebang"]),
    ("pyvenv.cfg is empty", empty_cfg, "bad-cfg", MENDED, [], []),
    ("pyvenv.cfg has no home", no_home, "bad-cfg", MENDED, [], []),
    ("pyvenv.cfg has home twice", home_twice, "bad-cfg", MENDED, [], []),
    ("pyvenv.cfg ends in NUL bytes", cut_cfg, "bad-cfg", MENDED, [], []),
    ("pyvenv.cfg is not UTF-8", latin_cfg, "bad-cfg", MENDED, [], []),
    ("packages of another Python", another_lib, "mixed-versions", NAMED, [], ["mixed-versions"]),
    ("names of an old version", old_names, "stale-name", MENDED, [], ["stale-name"]),
    ("pip may not be run", no_x, "bad-mode", MENDED, [], ["bad-mode"]),
    ("everybody may write bin", open_bin, "bad-mode", NAMED, [], ["bad-mode"]),
]


# ---- trees ----

def content(path, name):
    with open(path, "rb") as f:
        data = f.read()
    if name == "pyvenv.cfg":
        # The options of an upgrade stand in one, and their hash in the other.
        data = b"\n".join(line for line in data.split(b"\n") if line.split(b" ")[0] not in
                          (b"command", b"venvctl-recipe"))
    return hashlib.sha256(data).hexdigest()


def tree(root):
    """Everything below ROOT, as NAME: what it is."""
    found = {}
    for where, dirs, files in os.walk(root):
        for name in dirs + files:
            path = os.path.join(where, name)
            rel = os.path.relpath(path, root)
            st = os.lstat(path)
            mode = "%o" % stat.S_IMODE(st.st_mode)
            if stat.S_ISLNK(st.st_mode):
                found[rel] = "link to " + os.readlink(path)
            elif stat.S_ISDIR(st.st_mode):
                found[rel] = "directory " + mode
            else:
                found[rel] = "file %s %s" % (mode, content(path, rel))
    return found


def without_byte_code(found):
    """Byte code has the path of its source, and the time when that was installed."""
    return {n: "byte code" if n.endswith(".pyc") else what for n, what in found.items()}


# What venv's own upgrade does not write, and a mended one of others has anew.
CMD = ("bin/activate.bat", "bin/deactivate.bat", "bin/Deactivate.ps1", "bin/pydoc.bat")


def same(found, wanted, passed_over=()):
    for name in sorted(set(found) | set(wanted)):
        if name in CMD:
            continue
        if found.get(name) != wanted.get(name) and not name.startswith(tuple(passed_over) or "\0"):
            raise AssertionError("%s is %s, and should be %s" % (name, found.get(name),
                                                                 wanted.get(name)))


# ---- creators ----

def fetch(scratch, name):
    """Where the tool NAME is, from PATH or the index."""
    own = shutil.which(name)
    if own:
        return {}, [own]
    if os.environ.get("DAMAGES") != "all":
        raise Skip("%s is not installed; DAMAGES=all fetches it" % name)
    to = scratch.path("tools-" + name)
    status, out = scratch.run(PYTHON, "-m", "pip", "install", "-q", "--target", to, name)
    if status:
        raise Skip("%s cannot be fetched: %s" % (name, out.strip().splitlines()[-1:]))
    return dict(scratch.env, PYTHONPATH=to), [os.path.join(to, "bin", name)]


def make_venv(scratch, path):
    status, out = scratch.run(PYTHON, "-m", "venv", path)
    if status:
        raise Skip("no venv with pip: " + out)


def make_virtualenv(scratch, path):
    env, tool = fetch(scratch, "virtualenv")
    scratch.must(*(tool + ["-q", "-p", PYTHON, path]), env=env or scratch.env)


def make_uv(scratch, path):
    env, tool = fetch(scratch, "uv")
    scratch.must(*(tool + ["venv", "-q", "-p", PYTHON, path]), env=env or scratch.env)


def make_ours(scratch, path):
    scratch.venvctl("create", "-p", PYTHON, path)


CREATORS = [("venv", make_venv), ("virtualenv", make_virtualenv), ("uv", make_uv),
            ("venvctl", make_ours)]


def thin(path):
    """Leave few files of what is installed: each test copies and compares them all."""
    lib = os.path.join(path, "lib")
    for python in os.listdir(lib):
        site = os.path.join(lib, python, "site-packages")
        for package in ("pip", "setuptools", "pkg_resources", "wheel"):
            for name in os.listdir(os.path.join(site, package)) if os.path.isdir(
                    os.path.join(site, package)) else ():
                inner = os.path.join(site, package, name)
                if os.path.isdir(inner):
                    shutil.rmtree(inner)
                elif name != "__init__.py":
                    os.unlink(inner)


class Damaged:
    """Environments of one creator, always at the same place."""

    def __init__(self, creator, make):
        self.creator = creator
        self.make = make
        self.scratch = Scratch("damages")
        self.env = self.scratch.path("env")
        self.kept = self.scratch.path("kept")
        self.ready = None

    def prepare(self):
        """The undamaged one, and what it is when it was upgraded."""
        if self.ready is None:
            self.ready = False
            self.make(self.scratch, self.env)
            thin(self.env)
            shutil.copytree(self.env, self.kept, symlinks=True)
            self.fresh = tree(self.env)
            self.base = self.scratch.venvctl("info", "--field", "python.base_executable",
                                             self.env).strip()
            self.scratch.venvctl("create", "--upgrade", "--without-pip", self.env)
            self.upgraded = tree(self.env)
            self.ready = True
        elif not self.ready:
            raise Skip("no " + self.creator)

    def begin(self):
        for name in ("env", "env-moved", "env-copy"):
            shutil.rmtree(self.scratch.path(name), ignore_errors=True)
        shutil.copytree(self.kept, self.env, symlinks=True)

    def problems(self, path, *more):
        """The problems that check tells of PATH, and its exit status."""
        status, out = self.scratch.run(VENVCTL, "check", "--json", path, *more)
        lines = [line for line in out.splitlines() if line.startswith("{")]
        assert len(lines) == 1 and status in (0, 1), (status, out)
        found = json.loads(lines[0])
        assert (status == 0) == found["ok"], out
        return found["problems"], out

    def undamaged(self):
        self.prepare()
        self.begin()
        found, out = self.problems(self.env)
        assert not found, out

    def fix(self, damage, wanted, what, args):
        self.prepare()
        self.begin()
        path = damage(Env(self.scratch, self.env)) or self.env
        before = tree(path)
        found, out = self.problems(path)
        mine = [p for p in found if p["id"] == wanted]
        assert mine, "not found: " + out
        assert tree(path) == before, "check changed something"
        args = [self.base if arg == "BASE" else arg for arg in args]
        found, out = self.problems(path, "--fix", *args)
        mine = [p for p in found if p["id"] == wanted]
        assert mine, out
        assert all(p["fixed"] == (what == MENDED) for p in mine), out
        if what == NAMED:
            assert all(p["todo"] for p in mine), out
            assert tree(path) == before, "what is only named was changed"
            return "; ".join("%s: %s (%s)" % (p["id"], p["text"], p["todo"]) for p in mine)
        found, out = self.problems(path)
        assert wanted not in [p["id"] for p in found], out
        self.compare(path, damage)
        self.scratch.must(os.path.join(path, "bin", "python"), "-c",
                          "import sys; assert sys.prefix == %r, sys.prefix" % path)
        return "; ".join("%s: %s (mended)" % (p["id"], p["text"]) for p in mine)

    def compare(self, path, damage):
        """The mended tree with one that was never damaged."""
        # A pip that is brought again is the interpreter's own, its scripts of our making.
        passed = ()
        # Its links name the base by another name than what it wrote, which is gone.
        if damage in (empty_cfg, no_home) and self.creator != "venvctl":
            passed = ("bin/", "pyvenv.cfg")
        if damage in (lose_pip, pip_of_another):
            passed = ("lib/", "lib64/", "bin/pip")
            self.scratch.must(os.path.join(path, "bin", "pip"), "--version")
        if damage is half_build:
            # What was there comes back.
            same(tree(path), self.fresh)
            return
        if path == self.env:
            same(tree(path), self.upgraded, passed)
            if self.creator == "venvctl":
                same(tree(path), self.fresh, passed)
            return
        # At another place: what is made there.
        mended = tree(path)
        old = (self.env + "/").encode()
        for name in os.listdir(os.path.join(path, "bin")):
            if os.path.isfile(os.path.join(path, "bin", name)):
                with open(os.path.join(path, "bin", name), "rb") as f:
                    text = f.read()
                assert old not in text and self.env.encode() + b"\n" not in text, name
        shutil.rmtree(path)
        self.make(self.scratch, path)
        thin(path)
        if self.creator != "venvctl":
            self.scratch.venvctl("create", "--upgrade", "--without-pip", path)
        if self.creator == "venvctl":
            same(mended, tree(path))
        else:
            same(without_byte_code(mended), without_byte_code(tree(path)))

    def upgrade(self, damage, left):
        self.prepare()
        self.begin()
        path = damage(Env(self.scratch, self.env)) or self.env
        status, out = self.scratch.run(VENVCTL, "upgrade", path)
        if isinstance(left, int):
            assert status == left, (status, out)
            return
        assert status == 0, out
        found, out = self.problems(path)
        assert [p["id"] for p in found] == left, out


def main():
    tap = Tap()
    groups = []
    only = sys.argv[1:]
    for creator, make in CREATORS:
        if only and creator not in only:
            continue
        d = Damaged(creator, make)
        tests = [("%s: undamaged, nothing is found" % creator, d.undamaged)]
        for name, damage, wanted, what, args, left in DAMAGES:
            tests.append(("%s: %s: %s, %s" % (creator, name, wanted, what), d.fix, damage, wanted,
                          what, args))
            tests.append(("%s: %s: upgrade" % (creator, name), d.upgrade, damage, left))
        groups.append((d.scratch, tests))
    if only:
        # By hand: each result as it comes.
        for scratch, tests in groups:
            for test in tests:
                tap.check(*test)
            scratch.remove()
    else:
        tap.together(groups)
    tap.done()


main()
