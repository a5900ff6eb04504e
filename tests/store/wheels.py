# SPDX-License-Identifier: MIT
"""wheels.py - wheels of every kind through host->install_wheel: what is installed, what is refused"""

import csv
import fcntl
import glob
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
import warnings

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "matrix"))

# pylint: disable=wrong-import-position
from interpreters import PREFIX, Scratch, Tap, VENVCTL  # noqa: E402
from wheelmaker import Wheel, digest  # noqa: E402

PYTHON = "/usr/bin/python3"
PLUGIN = os.path.join(PREFIX, "mocks", "preinstall.so")


def create(s, wheel, *args, env="env", **kw):
    return s.run(VENVCTL, "create", "-p", PYTHON, "--plugin=%s:wheel=%s" % (PLUGIN, wheel), *args,
                 s.path(env), **kw)


def must_create(s, wheel, *args, env="env", **kw):
    status, out = create(s, wheel, *args, env=env, **kw)
    assert status == 0, (status, out)
    return s.path(env)


def site(env):
    return glob.glob(os.path.join(env, "lib", "python3.*", "site-packages"))[0]


def refused(s, wheel, text, status=7):
    got, out = create(s, wheel, env="refused")
    assert got == status and text in out, (got, out)
    assert not os.path.exists(s.path("refused"))
    assert not glob.glob(s.path(".venvctl-*"))
    assert not glob.glob(s.path("cache", "store", "new-*")), os.listdir(s.path("cache", "store"))
    assert not os.path.exists(s.path("evil")) and not os.path.exists("/tmp/evil")


def ordinary(s):
    w = Wheel().add("acme/__init__.py", "answer = 42\n").add("acme/data.txt", "text\n")
    w.add("acme/broken.py", "def (\n").add("acme/tool.sh", "#!/bin/sh\n", mode=0o100755)
    w.add("acme/with, comma.txt", "x")
    w.add(w.info + "/entry_points.txt",
          "[console_scripts]\nacme = acme:main.run\nacme-two=acme : other [extra]\n[other]\nx = y:z\n")
    env = must_create(s, w.write(s.dir))
    here = site(env)
    names = sorted(os.listdir(os.path.join(here, "acme")))
    assert names == ["__init__.py", "__pycache__", "broken.py", "data.txt", "tool.sh",
                     "with, comma.txt"], names
    pyc = os.listdir(os.path.join(here, "acme", "__pycache__"))
    assert len(pyc) == 1 and pyc[0].startswith("__init__."), pyc
    assert os.access(os.path.join(here, "acme", "tool.sh"), os.X_OK)
    assert not os.access(os.path.join(here, "acme", "data.txt"), os.X_OK)
    assert open(os.path.join(here, w.info, "INSTALLER")).read() == "venvctl\n"
    assert open(os.path.join(here, w.info, "REQUESTED")).read() == ""
    record = open(os.path.join(here, w.info, "RECORD"), newline="").read()
    rows = record.split("\r\n")
    paths = [row[0] for row in csv.reader(rows[:-1])]
    assert rows[-1] == "" and paths == sorted(paths), record
    assert '"acme/with, comma.txt",%s,1' % digest(b"x") in rows
    assert "../../../bin/acme," in record and "../../../bin/acme-two," in record
    assert "acme-1.0.dist-info/RECORD,," in rows
    # Every row names a file, every file has a row.
    listed = set(os.path.normpath(os.path.join(here, path)) for path in paths)
    found = set(os.path.join(b, f) for b, _, fs in os.walk(here) for f in fs)
    assert found <= listed and all(os.path.lexists(p) for p in listed), found ^ listed
    # The byte code is taken: no other is written.
    out = s.must(os.path.join(env, "bin", "python"), "-v", "-c", "import acme; print(acme.answer)")
    assert "42" in out and "code object from" in out and "wrote" not in out.split("acme")[-1], out


def byte_code_that_cannot_be_written(s):
    w = Wheel()
    for i in range(20):
        w.add("acme/m%d.py" % i, "x = %d\n" % i)
    wheel = w.write(s.dir)
    # py_compile renames what it wrote, and venvctl has other calls for that.
    status, out = s.run("strace", "-f", "-o", s.path("trace"), "-e", "trace=rename", "-e",
                        "inject=rename:error=ENOSPC:when=7", VENVCTL, "create", "-v", "-p", PYTHON,
                        "--plugin=%s:wheel=%s" % (PLUGIN, wheel), s.path("env"))
    assert "ENOSPC" in open(s.path("trace")).read()
    # First in the store, then, as if that were full, for this environment alone.
    assert status == 1 and out.count("cannot write the byte code of 'acme/m") == 2, (status, out)
    assert "nothing more is kept in the cache " in out and "No space left on device" in out, out
    assert not os.path.exists(s.path("env"))
    assert not os.listdir(s.path("cache", "store"))
    env = must_create(s, wheel)
    assert len(os.listdir(os.path.join(site(env), "acme", "__pycache__"))) == 20


def a_full_store(s):
    w = Wheel().add("acme/__init__.py", "x = 1\n" * 100).add("acme/data.bin", os.urandom(3 << 20))
    wheel = w.write(s.dir)
    mount = "mkdir %s && mount -t tmpfs -o size=1m,mode=700 none %s" % (s.path("cache"), s.path("cache"))
    status, out = s.run("unshare", "-m", "sh", "-c", mount + ' && exec "$@"', "sh", VENVCTL, "create", "-v",
                        "-p", PYTHON, "--plugin=%s:wheel=%s" % (PLUGIN, wheel), s.path("env"))
    assert status == 0, (status, out)
    assert "nothing more is kept in the cache " in out and "No space left on device" in out, out
    here = os.path.join(site(s.path("env")), "acme")
    assert os.path.getsize(os.path.join(here, "data.bin")) == 3 << 20
    assert len(os.listdir(os.path.join(here, "__pycache__"))) == 1


def scripts_of_hostile_paths(s):
    w = Wheel().add("acme.py", "import sys\ndef main():\n    print('ran', sys.prefix)\n")
    w.add(w.info + "/entry_points.txt", "[console_scripts]\nacme = acme:main\n")
    wheel = w.write(s.dir)
    for name in ("with blank", "$(touch evil)", "`touch evil`", 'd"q', "s'q", "back\\slash", "\\t\\x\\",
                 "semi;touch evil", "'''", '"""', "a$HOME", "\u00fcml\u00e4ut \u65e5\u672c", "n" * 150, "%s {x} #",
                 "tail\\'"):
        env = must_create(s, wheel, env=name)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            compile(open(os.path.join(env, "bin", "acme"), encoding="utf-8").read(), "acme", "exec")
        out = s.must(os.path.join(env, "bin", "acme"))
        assert out == "ran %s\n" % env, (name, out)
        # Also through a PATH, with the name alone, and from elsewhere.
        out = s.must("acme", cwd="/", env=dict(s.env, PATH=os.path.join(env, "bin") + ":/usr/bin:/bin"))
        assert out == "ran %s\n" % env, (name, out)
        assert not os.path.exists(s.path("evil")) and not os.path.exists("evil")


def data_directories(s):
    w = Wheel().add("acme.py", "x = 1\n")
    w.add("acme-1.0.data/scripts/acme-run", "#!python -E\nimport acme; print('script', acme.x)\n",
          mode=0o100755)
    w.add("acme-1.0.data/scripts/acme-sh", "#!/bin/sh\necho shell\n", mode=0o100755)
    w.add("acme-1.0.data/data/share/acme/a.txt", "data\n")
    w.add("acme-1.0.data/headers/acme.h", "#define ACME\n")
    w.add("acme-1.0.data/purelib/acme_pure.py", "pure = 1\n")
    env = must_create(s, w.write(s.dir))
    assert s.must(os.path.join(env, "bin", "acme-run")) == "script 1\n"
    assert s.must(os.path.join(env, "bin", "acme-sh")) == "shell\n"
    assert open(os.path.join(env, "share", "acme", "a.txt")).read() == "data\n"
    assert glob.glob(os.path.join(env, "include", "site", "python3.*", "acme", "acme.h"))
    s.must(os.path.join(env, "bin", "python"), "-c", "import acme_pure")
    record = open(os.path.join(site(env), w.info, "RECORD"), newline="").read()
    assert "../../../share/acme/a.txt,sha256=" in record and "acme_pure.py," in record, record
    assert not os.path.exists(os.path.join(site(env), "acme-1.0.data"))


def hostile_names(s):
    for path, text in (("../evil", "would lead out"), ("/tmp/evil", "absolute name"),
                       ("a/../../evil", "would lead out"), ("..\\evil", "backslash"),
                       ("a\\b", "backslash"), ("a//b", "would lead out"), ("./a", "would lead out"),
                       ("a/\x01", "control character"), ("n" * 256, "too long"),
                       ("acme-1.0.data/data/../../../evil", "would lead out")):
        refused(s, Wheel().add(path, "x").write(s.dir), text)
    refused(s, Wheel().add("a", "/etc/passwd", mode=0o120777).write(s.dir), "is a link")
    refused(s, Wheel().add("a", "", mode=0o010644).write(s.dir), "special file")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile tells of names that are there twice
        # libzip may say it first, in words of its own.
        refused(s, Wheel().add("a", "1").add("a", "2", row=None).write(s.dir), "wheels")
    refused(s, Wheel().add("A.py", "1").add("a.py", "2").write(s.dir), "there twice")
    refused(s, Wheel().add("a", "1").add("a/b", "2").write(s.dir), "where a directory has to be")


def names_of_the_environment(s):
    """No wheel puts anything in the place of the interpreter, or of what activates it."""
    xy = "python%d.%d" % sys.version_info[:2]
    points = "[console_scripts]\n%s = acme:main\n"
    owned = ["python", "python3", os.path.basename(os.path.realpath(PYTHON)), "Python", "activate",
             "activate.csh", "activate_this.py", "Activate.ps1", "deactivate.bat"]
    for name in owned:
        w = Wheel()
        refused(s, w.add(w.info + "/entry_points.txt", points % name).write(s.dir),
                "would replace 'bin/%s' of" % name)
    for path in ("scripts/python3", "scripts/activate", "data/bin/python", "data/bin/activate.fish",
                 "data/pyvenv.cfg", "data/PYVENV.CFG", "data/lib64", "data/.venvctl-incomplete"):
        name = path.split("/", 1)[1]
        refused(s, Wheel().add("acme-1.0.data/" + path, "x").write(s.dir), "would replace '%s%s' of" % (
            "bin/" if path.startswith("scripts") else "", name))
    # What only looks alike is a package's.
    w = Wheel().add("acme.py", "def main():\n    print('ran')\n")
    w.add("acme-1.0.data/scripts/python-acme", "#!/bin/sh\necho ran\n", mode=0o100755)
    w.add("acme-1.0.data/data/etc/pyvenv.cfg", "x")
    w.add(w.info + "/entry_points.txt", "[console_scripts]\n" + "".join(
        "%s = acme:main\n" % name for name in ("activate-acme", "python2.6", "pydoc", xy + "-acme")))
    env = must_create(s, w.write(s.dir))
    for name in ("activate-acme", "python2.6", "pydoc", xy + "-acme", "python-acme"):
        assert s.must(os.path.join(env, "bin", name)) == "ran\n", name
    # An installed RECORD that names them removes the rest.
    record = glob.glob(os.path.join(site(env), "acme-1.0.dist-info", "RECORD"))[0]
    with open(record, "a") as f:
        f.write("../../../bin/python,,\n../../../bin/activate,,\n../../../pyvenv.cfg,,\n")
    must_create(s, Wheel(version="2").write(s.dir))
    assert s.must(os.path.join(env, "bin", "python"), "-c", "import sys; print(sys.prefix)") == env + "\n"
    assert os.path.exists(os.path.join(env, "bin", "activate"))
    assert not os.path.exists(os.path.join(env, "bin", "python-acme"))


def names_of_projects(s):
    """The name in METADATA leads nowhere, and is the one of .dist-info."""
    for name in ("../../../../evil", "/evil", "..", "a/b", "", "acme\u00fc"):
        w = Wheel().add("acme-1.0.data/headers/acme.h", "x")
        w.entries = [e for e in w.entries if not e[0].filename.endswith("METADATA")]
        w.add(w.info + "/METADATA", "Metadata-Version: 2.1\nName: %s\nVersion: 1.0\n" % name)
        refused(s, w.write(s.dir), "no name and version")
    w = Wheel()
    w.entries = [e for e in w.entries if not e[0].filename.endswith("METADATA")]
    w.add(w.info + "/METADATA", "Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    refused(s, w.write(s.dir), "needs pip", status=6)


def files_of_two_wheels(s):
    """As with pip the later one has it."""
    one = Wheel("one").add("tests/__init__.py", "who = 'one'\n").write(s.dir)
    two = Wheel("two").add("tests/__init__.py", "who = 'two'\n").write(s.dir)
    for mode in ("auto", "hardlink", "copy"):
        s.must(VENVCTL, "create", "-p", PYTHON, "--link-mode", mode,
               "--plugin=wheels:packages=%s,packages=%s" % (one, two), s.path(mode))
        out = s.must(os.path.join(s.path(mode), "bin", "python"), "-c",
                     "import tests; print(tests.who)")
        assert out == "two\n", (mode, out)


def wrong_contents(s):
    refused(s, Wheel().add("a.py", "x", row="a.py,%s,1" % digest(b"y")).write(s.dir),
            "not what RECORD says")
    refused(s, Wheel().add("a.py", "x", row=None).write(s.dir), "does not list 'a.py'")
    w = Wheel()
    refused(s, w.write(s.dir, record="gone.py,%s,1\n" % digest(b"x") + "".join(
        r + "\n" for _, _, r in w.entries)), "lists 'gone.py'")
    refused(s, Wheel().write(s.dir, record=False), "RECORD is missing")
    w = Wheel()
    w.entries = [e for e in w.entries if not e[0].filename.endswith("METADATA")]
    refused(s, w.write(s.dir), "METADATA is missing")
    with open(s.path("junk-1.0-py3-none-any.whl"), "w") as f:
        f.write("PK no zip")
    refused(s, s.path("junk-1.0-py3-none-any.whl"), "is no wheel")
    path = Wheel().add("big.txt", os.urandom(100000)).write(s.dir)
    with open(path, "r+b") as f:
        f.truncate(50000)
    refused(s, path, "is no wheel")
    path = Wheel().add("big.txt", os.urandom(100000)).write(s.dir)
    with open(path, "r+b") as f:  # a bit in the middle of the data
        f.seek(40000)
        byte = f.read(1)
        f.seek(40000)
        f.write(bytes([byte[0] ^ 1]))
    got, out = create(s, path, env="refused")
    assert got == 7 and not os.path.exists(s.path("refused")), (got, out)


def bombs(s):
    refused(s, Wheel().add("zeros", b"\0" * (40 << 20)).write(s.dir), "grows suspiciously")


def left_to_pip(s):
    w = Wheel().add("a.py", "x", row="a.py,md5=abc,1")
    refused(s, w.write(s.dir), "needs pip", status=6)
    w = Wheel().add("other-1.0.dist-info/METADATA", "")
    refused(s, w.write(s.dir), "needs pip", status=6)
    w = Wheel().add("acme-1.0.data/scripts/sub/tool", "#!python\n")
    refused(s, w.write(s.dir), "needs pip", status=6)


def wrong_digest(s):
    wheel = Wheel().add("a.py", "x = 1\n").write(s.dir)
    status, out = create(s, wheel, "-o", "preinstall.sha256=" + "0" * 64)
    assert status == 7 and "is not the one expected" in out, (status, out)
    assert not os.path.exists(s.path("env"))


def link_modes(s):
    wheel = Wheel().add("acme/a.py", "x = 1\n").write(s.dir)
    must_create(s, wheel, "--link-mode", "hardlink", env="hard")
    must_create(s, wheel, "--link-mode", "copy", env="copy")
    must_create(s, wheel, env="auto")
    hard, copy = (os.lstat(os.path.join(site(s.path(n)), "acme", "a.py")) for n in ("hard", "copy"))
    assert hard.st_nlink >= 2 and stat.S_IMODE(hard.st_mode) == 0o444, hard
    assert copy.st_nlink == 1 and stat.S_IMODE(copy.st_mode) == 0o644, copy
    if os.geteuid() == 0:
        auto = os.lstat(os.path.join(site(s.path("auto")), "acme", "a.py"))
        assert auto.st_nlink == 1, auto
    assert copy.st_mtime == hard.st_mtime
    status, out = create(s, wheel, "--link-mode", "reflink", env="ref")
    if status:  # most file systems have no clones: asked for by name, that is an error
        assert status == 1 and "cannot write" in out and not os.path.exists(s.path("ref")), out
    for name in ("hard", "copy"):
        out = s.must(os.path.join(s.path(name), "bin", "python"), "-v", "-c", "import acme.a")
        assert "wrote" not in out.split("acme")[-1], out


def umask(s):
    wheel = Wheel().add("acme/a.py", "x = 1\n").write(s.dir)
    s.must("sh", "-c", 'umask 077; exec "$@"', "sh", VENVCTL, "create", "-p", PYTHON,
           "--plugin=%s:wheel=%s" % (PLUGIN, wheel), "--link-mode", "copy", s.path("env"))
    mode = os.lstat(os.path.join(site(s.path("env")), "acme", "a.py")).st_mode
    assert stat.S_IMODE(mode) == 0o600, oct(mode)


def entry(s):
    found = glob.glob(s.path("cache", "store", "*-cpython-*"))
    assert len(found) == 1, found
    return found[0]


def damaged_entries(s):
    wheel = Wheel().add("acme/a.py", "x = 1\n").add("acme/b.py", "y = 2\n").write(s.dir)
    first = must_create(s, wheel, env="first")
    a = os.path.join(entry(s), "site", "acme", "a.py")

    os.chmod(a, 0o644)  # put right
    must_create(s, wheel, env="second")
    assert stat.S_IMODE(os.lstat(a).st_mode) == 0o444
    for damage in ("grown", "gone", "time", "index"):
        old = os.stat(a).st_ino
        if damage == "grown":
            os.chmod(a, 0o644)
            with open(a, "a") as f:
                f.write("z = 3\n")
        elif damage == "gone":
            os.unlink(a)
        elif damage == "time":
            os.utime(a, (1, 1))
        else:
            path = os.path.join(entry(s), "index")
            os.chmod(path, 0o644)
            with open(path, "r+") as f:
                f.truncate(os.path.getsize(path) - 4)
        env = must_create(s, wheel, env="after-" + damage)
        assert open(os.path.join(site(env), "acme", "a.py")).read() == "x = 1\n", damage
        assert os.stat(a).st_ino != old or damage == "gone", damage
    assert s.must(os.path.join(first, "bin", "python"), "-c", "import acme.b; print(acme.b.y)") == "2\n"
    assert not glob.glob(s.path("cache", "store", "damaged-*"))


def odd_names(s):
    """Whatever a file is called, the entry that has it is whole the next time."""
    wheel = Wheel().add(" blank.txt", "x").add("a/  two.txt", "y").add("-", "z").write(s.dir)
    must_create(s, wheel, env="first")
    status, out = create(s, wheel, "-v", env="second")
    assert status == 0 and "damaged" not in out, (status, out)
    assert open(os.path.join(site(s.path("second")), " blank.txt")).read() == "x"


def links_in_use(s):
    """Into a published environment nothing is written, or removed, through a link."""
    late = "--plugin=%s:wheel=%%s" % os.path.join(PREFIX, "mocks", "mock-late.so")
    old = Wheel(version="1").add("acme/old.py", "").add("acme/sub/old.py", "").write(s.dir)
    other = Wheel("other").add("acme/sub/new.py", "").write(s.dir)
    new = Wheel(version="2").add("elsewhere/new.py", "").write(s.dir)
    s.must(VENVCTL, "create", "-p", PYTHON, late % old, s.path("env"))
    acme, out = os.path.join(site(s.path("env")), "acme"), s.path("out")
    os.rename(acme, out)
    os.symlink(out, acme)
    before = sorted(f for _, _, files in os.walk(out) for f in files)
    for wheel, text in ((other, "is a link, where a directory has to be"), (new, "cannot remove")):
        status, got = s.run(VENVCTL, "create", "-p", PYTHON, late % wheel, s.path("env"))
        assert status and text in got, (status, got)
        assert sorted(f for _, _, files in os.walk(out) for f in files) == before, os.listdir(out)
        assert os.path.islink(acme)


def killed_builders(s):
    w = Wheel()
    for i in range(300):
        w.add("acme/m%d.py" % i, "x = %d\n" % i)
    wheel = w.write(s.dir)
    for delay in (0.02, 0.05, 0.1, 0.2):
        p = subprocess.Popen([VENVCTL, "create", "-p", PYTHON,
                              "--plugin=%s:wheel=%s" % (PLUGIN, wheel), s.path("env")], env=s.env,
                             cwd=s.dir, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        p.send_signal(signal.SIGKILL)
        p.wait()
    env = must_create(s, wheel, env="after")
    assert len(os.listdir(os.path.join(site(env), "acme"))) == 301


def builders_at_once(s):
    wheel = Wheel().add("acme/a.py", "x = 1\n").write(s.dir)
    argv = [VENVCTL, "create", "-p", PYTHON, "--plugin=%s:wheel=%s" % (PLUGIN, wheel)]
    jobs = [subprocess.Popen(argv + [s.path("e%d" % i)], env=s.env, cwd=s.dir) for i in range(6)]
    assert [p.wait() for p in jobs] == [0] * 6
    assert entry(s) and not glob.glob(s.path("cache", "store", "new-*"))


def leftovers_of_builders(s):
    """What a killed builder left goes with the next build; what somebody builds stays."""
    must_create(s, Wheel().add("acme/a.py", "x = 1\n").write(s.dir))
    for name in ("new-dead", "new-alive"):
        os.makedirs(s.path("cache", "store", name, "site"))
        open(s.path("cache", "store", name, "site", "a.py"), "w").close()
    fd = os.open(s.path("cache", "store", "new-alive"), os.O_RDONLY)
    fcntl.flock(fd, fcntl.LOCK_EX)
    must_create(s, Wheel(version="2").add("acme/a.py", "x = 2\n").write(s.dir), env="two")
    assert os.path.exists(s.path("cache", "store", "new-alive", "site", "a.py"))
    assert not os.path.exists(s.path("cache", "store", "new-dead"))
    os.close(fd)
    must_create(s, Wheel(version="3").add("acme/a.py", "x = 3\n").write(s.dir), env="three")
    assert not glob.glob(s.path("cache", "store", "new-*"))


def repairers_at_once(s):
    """Of many who find an entry damaged one makes it again, and the others use that."""
    w = Wheel()
    for i in range(150):
        w.add("acme/m%d.py" % i, "x = %d\n" % i)
    wheel = w.write(s.dir)
    must_create(s, wheel)
    argv = [VENVCTL, "create", "-v", "-p", PYTHON, "--plugin=%s:wheel=%s" % (PLUGIN, wheel)]
    for turn in range(4):
        mode = ["--link-mode", ("hardlink", "copy")[turn % 2]]
        os.unlink(os.path.join(entry(s), "site", "acme", "m%d.py" % turn))
        # With it copies would not ask for the files.
        if os.path.exists(os.path.join(entry(s), "pack")):
            os.unlink(os.path.join(entry(s), "pack"))
        jobs = [subprocess.Popen(argv + mode + [s.path("e%d-%d" % (turn, i))], env=s.env, cwd=s.dir, text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for i in range(5)]
        said = [p.communicate()[0] for p in jobs]
        assert [p.returncode for p in jobs] == [0] * 5, said
        assert sum("compiling" in out for out in said) == 1, said
        for i in range(5):
            assert len(os.listdir(os.path.join(site(s.path("e%d-%d" % (turn, i))), "acme"))) == 151
    assert os.listdir(s.path("cache", "store")) == [os.path.basename(entry(s))]


def changed_while_read(s):
    """What is unpacked is what the digest is of."""
    w = Wheel()
    for i in range(200):
        w.add("acme/m%d.py" % i, "x = %d\n" % i)
    wheel = w.write(s.dir)
    p = subprocess.Popen([VENVCTL, "create", "-p", PYTHON, "--plugin=%s:wheel=%s" % (PLUGIN, wheel),
                          s.path("env")], env=s.env, cwd=s.dir, text=True, stderr=subprocess.PIPE)
    while p.poll() is None:
        os.utime(wheel)
        time.sleep(0.005)
    said = p.stderr.read()
    assert p.returncode == 7 and "was changed while it was read" in said, (p.returncode, said)
    assert not glob.glob(s.path("cache", "store", "*-cpython-*")) and not os.path.exists(s.path("env"))
    must_create(s, wheel)


def without_cache(s):
    wheel = Wheel().add("acme/a.py", "x = 1\n").write(s.dir)
    tmp = s.path("tmp")
    os.mkdir(tmp)
    env = dict(s.env, TMPDIR=tmp)
    del env["HOME"], env["VENVCTL_CACHE_DIR"]
    out = s.run(VENVCTL, "create", "-v", "-p", PYTHON, "--plugin=%s:wheel=%s" % (PLUGIN, wheel),
                s.path("none"), env=env)
    assert out[0] == 0 and "there is no cache" in out[1], out
    assert os.lstat(os.path.join(site(s.path("none")), "acme", "a.py")).st_nlink == 1
    assert os.listdir(tmp) == [], os.listdir(tmp)
    assert not [f for b, d, fs in os.walk(s.path("none")) for f in d + fs if f.startswith(".venvctl")]
    # It goes straight there.
    env["TMPDIR"] = s.path("nowhere")
    s.must(VENVCTL, "create", "-p", PYTHON, "--plugin=%s:wheel=%s" % (PLUGIN, wheel), s.path("straight"),
           env=env)
    for mode in ("hardlink", "reflink"):
        status, out = s.run(VENVCTL, "create", "-p", PYTHON, "--plugin=%s:wheel=%s" % (PLUGIN, wheel),
                            "--link-mode", mode, s.path("refused"), env=env)
        assert status == 1 and out.count("\n") == 2 and "there is no cache that" in out, (status, out)
        assert not os.path.exists(s.path("refused"))
    # One that others may write is not used, either.
    os.makedirs(s.path("open"), exist_ok=True)
    os.chmod(s.path("open"), 0o777)
    env = dict(s.env, VENVCTL_CACHE_DIR=s.path("open"), TMPDIR=tmp)
    s.must(VENVCTL, "create", "-p", PYTHON, "--plugin=%s:wheel=%s" % (PLUGIN, wheel), s.path("none2"),
           env=env)
    assert os.listdir(s.path("open")) == [] and os.listdir(tmp) == []


def site_store(s):
    wheel = Wheel().add("acme/a.py", "x = 1\n").write(s.dir)
    must_create(s, wheel, env="first")
    os.rename(s.path("cache", "store"), s.path("shared"))
    os.makedirs(s.path("etc"), exist_ok=True)
    with open(s.path("etc", "venvctl.ini"), "w") as f:
        f.write("[store]\nsite-dir = %s\n" % s.path("shared"))
    mode = "hardlink" if os.geteuid() == 0 else "auto"
    env = must_create(s, wheel, "--link-mode", mode, env="second")
    if os.geteuid() == 0:
        inode = os.stat(glob.glob(s.path("shared", "*", "site", "acme", "a.py"))[0]).st_ino
        assert os.stat(os.path.join(site(env), "acme", "a.py")).st_ino == inode
        assert not os.path.exists(s.path("cache", "store")) or not os.listdir(s.path("cache", "store"))


def versions(s):
    """An older version is replaced, the same and a newer one stay."""
    old = Wheel(version="1.9").add("acme/old.py", "x = 1\n").add("acme/__init__.py", "v = 1\n")
    new = Wheel(version="1.10").add("acme/__init__.py", "v = 2\n")
    old, new = old.write(s.dir), new.write(s.dir)
    env = must_create(s, old)
    s.must(os.path.join(env, "bin", "python"), "-c", "import acme.old")
    must_create(s, new)
    names = os.listdir(site(env))
    assert "acme-1.10.dist-info" in names and "acme-1.9.dist-info" not in names, names
    assert sorted(os.listdir(os.path.join(site(env), "acme"))) == ["__init__.py", "__pycache__"]
    must_create(s, old)
    assert "acme-1.9.dist-info" not in os.listdir(site(env))
    # A failure behind it brings the older one back: here the digest is wrong.
    must_create(s, old, env="back")
    status, _ = create(s, new, "--add-plugin=%s" % os.path.join(PREFIX, "mocks", "mock-step.so"), "-o",
                       "mock-step.do=fail", env="back")
    names = os.listdir(site(s.path("back")))
    assert status == 6, status
    assert "acme-1.9.dist-info" in names and "acme-1.10.dist-info" not in names, names
    assert os.path.exists(os.path.join(site(s.path("back")), "acme", "old.py"))
    # What has no RECORD, or an empty one, is left to pip.
    record = os.path.join(site(env), "acme-1.10.dist-info", "RECORD")
    for leave in (lambda: open(record, "w").close(), lambda: os.unlink(record)):
        leave()
        status, out = create(s, Wheel(version="2").write(s.dir))
        assert status == 6 and "needs pip" in out, (status, out)


def sanitized():
    with open(VENVCTL, "rb") as f:
        return b"__asan_init" in f.read()


def main():
    tap = Tap()
    needs = {
        byte_code_that_cannot_be_written: (
            shutil.which("strace") and not sanitized(), "needs strace, and no sanitizers"),
        a_full_store: (subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"],
                                      stderr=subprocess.DEVNULL).returncode == 0, "no mounts here"),
    }
    for test in (ordinary, byte_code_that_cannot_be_written, a_full_store, scripts_of_hostile_paths,
                 data_directories, hostile_names, names_of_the_environment, names_of_projects,
                 files_of_two_wheels, wrong_contents, bombs, left_to_pip, wrong_digest, link_modes,
                 umask, damaged_entries, odd_names, links_in_use, killed_builders, builders_at_once,
                 leftovers_of_builders, repairers_at_once, changed_while_read, without_cache,
                 site_store, versions):
        if not needs.get(test, (True,))[0]:
            tap.skip(test.__name__.replace("_", " "), needs[test][1])
            continue
        scratch = Scratch("wheels")
        tap.check(test.__name__.replace("_", " "), test, scratch)
        scratch.remove()
    tap.done()


main()
