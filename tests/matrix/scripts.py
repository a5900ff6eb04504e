# SPDX-License-Identifier: MIT
"""scripts.py - install_scripts(): the same directory by each Python's own venv and by us

What differs is on purpose, and is said in DIFFERENCES; anything else is a fault.
"""

import os
import shutil

from interpreters import Scratch, Tap, find

# The prompt is that of the specification, "(name) ", also where a later venv has it bare.
THEIRS = """
import logging, shlex, sys, venv
logging.disable(logging.CRITICAL)
env_dir, scripts, placeholders = sys.argv[1:]
if placeholders == "raw":
    shlex.quote = str
builder = venv.EnvBuilder(symlinks=True)
context = builder.ensure_directories(env_dir)
builder.create_configuration(context)
builder.setup_python(context)
context.prompt = "(%s) " % context.env_name
builder.install_scripts(context, scripts)
"""

ALL = "__VENV_DIR__|__VENV_NAME__|__VENV_PROMPT__|__VENV_BIN_NAME__|__VENV_PYTHON__"

# In ours alone, or with other contents.
DIFFERENCES = {
    "binary": "venv leaves out what is no UTF-8; the specification has it copied",
    "nul": "venv replaces in what has NUL bytes, and can break a program",
}


def write(path, content, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(content)
    os.chmod(path, mode)


def make(top):
    """A directory of scripts with everything that may be in one."""
    text = ALL.encode() + b"\n"
    for name in ("tool", "tool.sh", "tool.csh", "tool.fish", "tool.py", "tool.ps1", "tool.bat"):
        write(top + "/posix/" + name, text, 0o755)
    write(top + "/common/module.py", b"#!/usr/bin/env python3\n" + text)
    write(top + "/common/both", b"from common\n")
    write(top + "/posix/both", b"from posix\n")
    write(top + "/common/empty", b"")
    write(top + "/common/plain", b"nothing to replace, \xc3\xa9\n", 0o600)
    write(top + "/common/crlf.bat", text.replace(b"\n", b"\r\n"))
    write(top + "/common/twice", ALL.encode() * 2 + b"no end of line")
    write(top + "/common/near", b"__VENV_DIR_ _VENV_DIR__ __venv_dir__ __VENV_OTHER__ $__VENV_NAME__\n")
    write(top + "/common/read-only", text, 0o444)
    write(top + "/common/odd.bits", text, 0o751)
    write(top + "/common/sub/deeper/tool", text, 0o755)
    write(top + "/common/binary", b"\x7fELF\xff\xfe " + text, 0o755)
    write(top + "/common/nul", b"\0" + text)
    write(top + "/nt/windows.bat", text)
    write(top + "/java/other", text)
    write(top + "/ignored", text)
    os.makedirs(top + "/posix/no-files")
    os.symlink("plain", top + "/common/link")
    os.symlink("sub", top + "/common/link-to-directory")


def tree(path):
    found = {}
    for base, dirs, files in os.walk(path):
        for name in dirs + files:
            full = os.path.join(base, name)
            mode = os.lstat(full).st_mode
            text = None
            if os.path.isfile(full) and not os.path.islink(full):
                with open(full, "rb") as f:
                    text = f.read()
            found[os.path.relpath(full, path)] = (oct(mode), text)
    return {k: v for k, v in found.items() if not k.startswith(("python", "pypy", "libpypy"))
            and not k.startswith(("activate", "Activate"))}


def both(scratch, python, name, scripts, placeholders):
    env_dir = scratch.path(name)
    scratch.must(python.path, "-I", "-c", THEIRS, env_dir, scripts, placeholders)
    theirs = tree(env_dir + "/bin")
    shutil.rmtree(env_dir)
    scratch.venvctl("create", "-p", python.path, "--plugin=script:placeholders=" + placeholders,
                    "-o", "script.scripts=" + scripts, env_dir)
    ours = tree(env_dir + "/bin")
    return theirs, ours


def raw(scratch, python, scripts):
    """Values as they are; a venv that quotes them is kept from it."""
    theirs, ours = both(scratch, python, "raw it's", scripts, "raw")
    # This one is quoted by a function that cannot be taken away.
    if theirs["tool.ps1"][1].startswith(b"'"):
        del theirs["tool.ps1"], ours["tool.ps1"]
    for name in DIFFERENCES:
        theirs.pop(name, None)
        with open(scripts + "/common/" + name, "rb") as f:
            assert ours.pop(name)[1] == f.read(), name
    assert "windows.bat" not in ours and "ignored" not in ours and "sub/deeper/tool" in ours
    wrong = sorted(k for k in set(ours) | set(theirs) if ours.get(k) != theirs.get(k))
    assert not wrong, [(k, theirs.get(k), ours.get(k)) for k in wrong]
    return "%d files and directories" % len(ours)


PRINT = "for v in %s; do printf '%%s\\n' \"$v\"; done\n" % ALL.replace("|", " ")


def quoted(scratch, python):
    """What a shell makes of the values: the same from both, and the names themselves."""
    scripts, name = scratch.path("shell"), "q'q $(touch canary) `x` \"y\" \\ é"
    write(scripts + "/posix/show", b"#!/bin/sh\n" + PRINT.encode(), 0o755)
    write(scripts + "/posix/show.sh", PRINT.encode(), 0o755)
    theirs, ours = both(scratch, python, name, scripts, "quoted")
    env_dir = scratch.path(name)
    want = [env_dir, name, "(%s) " % name, "bin"]
    for script in ("show", "show.sh"):
        out = scratch.must("sh", env_dir + "/bin/" + script).splitlines()
        assert out[:4] == want and out[4].startswith(env_dir + "/bin/p"), out
        if b"'" not in theirs[script][1].split(b";")[0].replace(name.encode(), b""):
            continue
        write(env_dir + "/bin/theirs", theirs[script][1])
        assert scratch.must("sh", env_dir + "/bin/theirs").splitlines() == out
    assert not os.path.exists(scratch.path("canary")) and set(theirs) == set(ours)
    shutil.rmtree(scripts)


def main():
    tap = Tap()
    for python in find():
        scratch = Scratch("scripts")
        scripts = scratch.path("scripts")
        make(scripts)
        tap.check("%s: raw" % python, raw, scratch, python, scripts)
        tap.check("%s: quoted" % python, quoted, scratch, python)
        scratch.remove()
    tap.done()


main()
