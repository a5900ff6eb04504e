# SPDX-License-Identifier: MIT
"""posix.py - activation in the shells of the sh family, and tcsh, that are set up oddly

Options that change how prompts are drawn, before and after; prompts that child shells
inherit; functions and aliases of the names that scripts use; hooks; a moved environment.
"""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "matrix"))

# pylint: disable=wrong-import-position
from interpreters import Scratch, Tap  # noqa: E402
from shells import OPTIONS, Bash, Busybox, Dash, Ksh93, Mksh, Tcsh, Yash, Zsh  # noqa: E402
from terminal import Terminal  # noqa: E402

FAMILY = (Bash(), Dash(), Busybox(), Mksh(), Ksh93(), Yash(), Zsh())

NAMES = ["plain", "a`touch canary`b$(touch canary)c", "!x!! !", "%n%m%% 100%", "$HOME ${x:-y} $((1+1)) $ $$",
         "\\u\\w\\[\\e[31m\\]\\", "' \" ~ {a,b} *?[x]", "}}{{ %F{red} %(?.a.b)", "`", "a & b; c | d",
         "\u4e2d\u6587 \U0001f40d", "x" * 200]

def env(s):
    return dict(s.env, TERM="dumb", PATH="/usr/bin:/bin")


def make(s, name):
    path = s.path("env")
    s.run("rm", "-rf", path)
    s.venvctl("create", "--without-pip", "--prompt=" + name, path)
    return path


def no_canary(s):
    found = [f for _, _, files in os.walk(s.dir) for f in files if f.startswith("canary")]
    assert not found, found


def drawn(t, shell, tag):
    t.type(shell.say.format(tag))
    return t.expect(b"done %s\r?\n" % tag.encode())[0]


def options_after(s, shell, name):
    """Whatever is switched after activation, the prompt is the text."""
    make(s, name)
    t = Terminal(shell.interactive(), env(s), s.dir)
    want = os.fsencode("(%s) READY> " % name)
    try:
        t.type(shell.set_prompt)
        t.type(shell.sources.format("env/bin/" + shell.script))
        drawn(t, shell, "start")
        for i, option in enumerate(OPTIONS[shell.name]):
            t.type(option)
            drawn(t, shell, "%da" % i)
            text = drawn(t, shell, "%db" % i)
            assert want in text, (name, option, text)
        t.type("deactivate")
        drawn(t, shell, "c")
        text = drawn(t, shell, "d")
        assert b") READY> " not in text and b"READY> " in text, (name, text)
    finally:
        t.close()
    no_canary(s)


def options_before(s, shell, name):
    for i, option in enumerate(OPTIONS[shell.name]):
        make(s, name)
        t = Terminal(shell.interactive(), env(s), s.dir)
        try:
            t.type(shell.set_prompt)
            t.type(option)
            t.type(shell.sources.format("env/bin/" + shell.script))
            drawn(t, shell, "%da" % i)
            text = drawn(t, shell, "%db" % i)
            assert os.fsencode("(%s) READY> " % name) in text, (name, option, text)
            t.type("deactivate")
            drawn(t, shell, "%dc" % i)
            text = drawn(t, shell, "%dd" % i)
            assert b") READY> " not in text and b"READY> " in text, (name, option, text)
        finally:
            t.close()
    no_canary(s)


def answers(t, shell, tag):
    """What is typed while a shell sets up the terminal may be lost: type it again."""
    patience, t.timeout = t.timeout, 0.7
    for _ in range(40):
        t.type(shell.say.format(tag))
        try:
            t.expect(b"\ndone %s\r?\n" % tag.encode())
            break
        except AssertionError:
            pass
    else:
        raise AssertionError("no answer %s: %r" % (tag, t.seen[-500:]))
    t.timeout = patience


def children(s, shell, name):
    """A shell that inherits the prompt, of whatever kind, runs nothing of it."""
    make(s, name)
    t = Terminal(shell.interactive(), env(s), s.dir)
    try:
        t.type(shell.set_prompt)
        t.type(". env/bin/activate")
        t.type("export PS1")
        drawn(t, shell, "start")
        for i, child in enumerate(FAMILY):
            flags = " -o prompt_subst" if child.name == "zsh" else ""
            t.type(" ".join(child.interactive()) + " -i" + flags)
            answers(t, child, "%da" % i)
            drawn(t, child, "%db" % i)
            t.type("exit")
            answers(t, shell, "%dc" % i)
    finally:
        t.close()
    no_canary(s)


def script(s, shell, text):
    """TEXT as a script of its own; what it prints."""
    path = s.path("script")
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    p = subprocess.run(shell.run_batch(path), cwd=s.dir, env=env(s), stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False)
    assert p.returncode == 0, (shell.name, p.returncode, p.stdout)
    return p.stdout.decode("utf-8", "replace")


SHADOWED = ["cd", "hash", "printf", "pwd", "test", "python", "which"]
# Where functions come before special builtins, too.
SHADOWED_ALL = SHADOWED + ["unset", "export", "eval", "set", "shopt", "unalias", "emulate", "local", "whence",
                           "command", "setopt"]


def shadowed(s, shell):
    """Functions and aliases of the names that a script uses are not taken, and stay."""
    path = make(s, "plain")
    names = SHADOWED_ALL if shell.name in ("bash", "zsh") else SHADOWED
    lines = ["%s() { echo bad; : >canary-%s; }" % (n, n) for n in names]
    out = script(s, shell, "\n".join(lines) + "\n. ./env/bin/activate\necho \"$VIRTUAL_ENV\"\n"
                 "case $PATH in \"$VIRTUAL_ENV\"/bin:*) echo first;; esac\ndeactivate\n"
                 "echo \"${VIRTUAL_ENV-gone} $PATH\"\n")
    assert out == "%s\nfirst\ngone /usr/bin:/bin\n" % path, out
    no_canary(s)


def aliased(s, shell):
    path = make(s, "plain")
    t = Terminal(shell.interactive(), env(s), s.dir)
    try:
        t.type(shell.set_prompt)
        for name in SHADOWED_ALL + ["deactivate"]:
            t.type("alias %s=': >canary-%s; false'" % (name, name))
        t.type(". env/bin/activate")
        t.type('/usr/bin/env | /bin/grep ^VIRTUAL_ENV=')
        t.expect(b"VIRTUAL_ENV=" + os.fsencode(path) + b"\r?\n")
        t.type("deactivate")
        t.type("/bin/echo count=$(/usr/bin/env | /bin/grep -c ^VIRTUAL_ENV=)=")
        t.expect(b"count=0=")
    finally:
        t.close()
    no_canary(s)


def own_pydoc(s, shell):
    """The user's alias is used in the environment, and is there afterwards."""
    make(s, "plain")
    t = Terminal(shell.interactive(), env(s), s.dir)
    try:
        for words in ("echo mine", "/bin/echo mine"):
            t.type("alias pydoc='%s'" % words)
            for line in (". env/bin/activate", ". env/bin/activate", "deactivate"):
                t.type(line)
                t.type("pydoc $((1+1))=")
                t.expect(b"mine 2=")
    finally:
        t.close()


def hooks(s, shell):
    """In the order of their names, whatever globbing is set to; noclobber is no harm."""
    path = make(s, "plain")
    for kind in ("activate.d", "deactivate.d"):
        os.makedirs(os.path.join(path, "etc", "venvctl", kind), exist_ok=True)
        for name in ("20-b", "10 a", "30$(touch canary)"):
            with open(os.path.join(path, "etc", "venvctl", kind, name + ".sh"), "w") as f:
                f.write("echo '%s %s'\nHOOK=%s; export HOOK\n" % (kind, name, name[:2]))
        with open(os.path.join(path, "etc", "venvctl", kind, "40.txt"), "w") as f:
            f.write("echo bad\n")
    befores = ["set -eu", "set -f", "set -C"]
    befores += ["shopt -s failglob", "shopt -s nullglob"] if shell.name == "bash" else []
    befores += ["setopt ksharrays", "setopt nullglob", "emulate sh"] if shell.name == "zsh" else []
    want = "".join("%s %s\n" % (k, n) for k in ("activate.d", "deactivate.d")
                   for n in ("10 a", "20-b", "30$(touch canary)"))
    for before in befores:
        out = script(s, shell, before + "\n. ./env/bin/activate\ndeactivate\necho $-\n")
        assert out.startswith(want), (before, out)
        flags = out[len(want):]
        assert ("f" in flags) == (before == "set -f") or shell.name == "zsh", (before, flags)
    # None there: nothing is said, also where a pattern without a file is an error.
    s.run("rm", "-rf", os.path.join(path, "etc"))
    os.makedirs(os.path.join(path, "etc", "venvctl", "activate.d"))
    for before in befores:
        assert script(s, shell, before + "\n. ./env/bin/activate\ndeactivate\n") == "", before
    no_canary(s)


def moved(s, shell):
    """Where a shell tells a script its place, a moved environment is where it is now."""
    make(s, "plain")
    s.run("rm", "-rf", s.path("new $(touch canary)"))
    os.rename(s.path("env"), s.path("new $(touch canary)"))
    out = script(s, shell, ". './new $(touch canary)/bin/activate'\necho \"$VIRTUAL_ENV\"\n"
                 "echo \"${PATH%%:*}\"\ndeactivate\n")
    new = s.path("new $(touch canary)")
    assert out == "%s\n%s/bin\n" % (new, new), out
    # A link to the environment is no move: what was given is kept.
    make(s, "plain")
    if not os.path.islink(s.path("link")):
        os.symlink("env", s.path("link"))
    out = script(s, shell, "CDPATH=/usr\n. ./link/bin/activate\necho \"$VIRTUAL_ENV\"\n")
    assert out == s.path("env") + "\n", out
    no_canary(s)


def each(s, test, shell, names):
    for name in names:
        test(s, shell, name)


def tests_of(s, shell):
    """What there is to be tested of a shell."""
    if shell.name in OPTIONS:
        yield "options set after activation", each, s, options_after, shell, NAMES
        yield "options set before", each, s, options_before, shell, NAMES[1:6]
    if shell not in FAMILY:
        return
    yield "an exported prompt", each, s, children, shell, NAMES[1:3] + NAMES[4:9:4]
    yield "functions named like builtins", shadowed, s, shell
    yield "aliases named like builtins", aliased, s, shell
    yield "an alias pydoc", own_pydoc, s, shell
    yield "hooks", hooks, s, shell
    if shell.name in ("bash", "zsh", "ksh93"):
        yield "a moved environment", moved, s, shell


def main():
    tap, groups = Tap(), []
    for shell in FAMILY + (Tcsh(),):
        if sys.argv[1:] and shell.name not in sys.argv[1:]:
            continue
        if not shell.path:
            tap.skip(shell.name, "it is not here")
            continue
        s = Scratch("posix")
        groups.append((s, [("%s: %s" % (shell.name, name), *test)
                           for name, *test in tests_of(s, shell)]))
    # Nearly all of the time is spent waiting for what a terminal shows.
    tap.together(groups, len(groups))
    tap.done()


main()
