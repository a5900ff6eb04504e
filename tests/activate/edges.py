# SPDX-License-Identifier: MIT
"""edges.py - activation under every option of a shell, from every place, and back

What a name cannot be in PATH, a script that cannot tell where it is, a prompt that is a
list or very long; the standard library before the environment before the host; and what
deactivate gives back.
"""

import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "matrix"))

# pylint: disable=wrong-import-position
from interpreters import Scratch, Tap, find  # noqa: E402
from shells import SHELLS  # noqa: E402
from terminal import Terminal  # noqa: E402

BY_NAME = {s.name: s for s in SHELLS if s.path}
FAMILY = ["bash", "dash", "busybox", "mksh", "ksh93", "yash", "zsh"]


def env(s, **more):
    return dict(s.env, TERM="dumb", PATH="/usr/bin:/bin", **more)


def run(s, shell, text, name="script", **more):
    """TEXT as a script of its own; status, and what it prints."""
    path = s.path(name + "." + shell.script.rsplit(".")[-1])
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    p = subprocess.run(shell.run_batch(path), cwd=s.dir, env=env(s, **more), stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
    return p.returncode, p.stdout.decode("utf-8", "replace"), p.stderr.decode("utf-8", "replace")


def make(s, name, *args):
    s.run("rm", "-rf", s.path(name))
    s.venvctl("create", "--without-pip", *args, "--", s.path(name))
    return s.path(name)


def path_options(s, shell):
    """dash and busybox take some words in PATH for options; what works answers."""
    for name in ("x%func", "y%builtin", "%funcz"):
        make(s, name)
        status, out, err = run(s, shell, "p=$PATH\n. ./%s/bin/activate || echo no $?\n"
                               "echo ${VIRTUAL_ENV-unset}\n[ \"$PATH\" = \"$p\" ] && echo same\n" % name)
        assert (status, out) == (0, "no 1\nunset\nsame\n") and "%func and %builtin" in err, (out, err)
    for name in ("100%", "a%b", "%fun", "%"):
        make(s, name)
        out = run(s, shell, ". ./%s/bin/activate\npython -c 'import sys; print(sys.prefix)'\n" % name)
        assert out == (0, s.path(name) + "\n", ""), out


# To switch these would end the shell, or its output, or the test.
NO_OPTIONS = {
    "bash": {"noexec", "onecmd", "privileged", "verbose", "xtrace", "history", "monitor", "restricted_shell",
             "login_shell", "interactive-comments"},
    "dash": {"noexec", "verbose", "xtrace", "interactive", "stdin", "monitor", "vi", "emacs", "debug"},
    "busybox": {"noexec", "verbose", "xtrace", "interactive", "stdin", "monitor", "vi", "debug"},
    "mksh": {"noexec", "verbose", "xtrace", "interactive", "stdin", "monitor", "login", "privileged", "restricted",
             "inherit-xtrace", "vi-esccomplete"},
    "ksh93": {"noexec", "exec", "verbose", "xtrace", "interactive", "stdin", "monitor", "login_shell", "privileged",
              "restricted", "showme", "multiline", "rc"},
    "yash": {"exec", "verbose", "xtrace", "interactive", "stdin", "monitor", "login", "cmdline", "hashondef"},
    "zsh": {"exec", "verbose", "xtrace", "interactive", "shinstdin", "stdin", "onecmd", "monitor", "login", "privileged", "restricted",
            "singlecommand", "zle", "sourcetrace", "rcs", "globalrcs"},
}
LISTS = {
    "bash": ("set -o | while read -r a b; do echo \"$a\"; done\nshopt | while read -r a b; do echo \"shopt $a\"; done\n"),
    "zsh": "print -rl -- ${(k)options}\n",
}


def options(s, shell):
    """Each on, and each off: it works, says nothing, and leaves the option as it was."""
    make(s, "env", "--prompt=o'\u4e01$(touch canary)")
    names = run(s, shell, LISTS.get(shell.name, "set -o | while read -r a b; do echo \"$a\"; done\n"))[1].split("\n")
    names = [n for n in names if n and " settings" not in n and "Current" not in n
             and n.split()[-1] not in NO_OPTIONS[shell.name]]
    wrong = []
    for name in names:
        on, off = "set -o " + name, "set +o " + name
        state = "set -o | grep '^%s '" % name
        if name.startswith("shopt "):
            name = name[6:]
            on, off, state = "shopt -s " + name, "shopt -u " + name, "shopt " + name
        if shell.name == "zsh":
            state = "print -r -- ${options[%s]}" % name
        for switch in (on, off):
            text = (switch + " 2>/dev/null || exit 9\nPS1='> '\none=$({0})\n. ./env/bin/activate\n"
                    "'echo' \"$VIRTUAL_ENV\"\ncase $PATH in \"$VIRTUAL_ENV\"/bin:*) 'echo' first ;; esac\n"
                    "deactivate\ntwo=$({0})\n[ \"$one\" = \"$two\" ] && 'echo' same\n'exit' 0\n").format(state)
            status, out, err = run(s, shell, text)
            want = s.path("env") + "\nfirst\nsame\n"
            if status != 9 and ((status, out) != (0, want) or (err and "verbose" not in switch)):
                wrong.append("%s: %d %r %r" % (switch, status, out, err))
    assert len(names) > 5 and not wrong, "%d options\n%s" % (len(names), "\n".join(wrong))
    return "%d options" % len(names)


# Change with whatever a shell does.
VOLATILE = ("_", "RANDOM", "SECONDS", "LINENO", "BASH_", "EPOCH", "SRANDOM", "PIPESTATUS", "TTYIDLE", "?", "status",
            "history", "histcmd", "HISTCMD", "jobstates", "dump", "one", "OPTIND", "FUNCNAME", ".sh", "pipestatus",
            "funcstack", "parameters", "errnos", "_AST_FEATURES", "!", "$", "ERRNO", "COLUMNS", "LINES", "KSH_MATCH")
DUMPS = {
    "bash": "declare -p; declare -f; alias -p; set -o; shopt",
    "zsh": "typeset -m \"*\"; functions; alias -L; setopt",
    "ksh93": "set; typeset -f deactivate; echo; typeset +f; alias; set -o",
    "mksh": "set; typeset -f; alias; set -o",
    "yash": "set; typeset -fp; alias; set -o",
}


def dump(text):
    lines = []
    for line in text.split("\n"):
        words = line.replace("=", " ").split()
        if words[:1] in (["declare"], ["typeset"], ["integer"], ["array"], ["readonly"], ["float"]):
            words = [w for w in words[1:] if not w.startswith("-") and w not in ("readonly", "array", "integer")]
        if not (words and words[0].startswith(VOLATILE) and (len(words[0]) < 2 or words[0] in VOLATILE
                                                             or not words[0].startswith("_"))):
            lines.append(line)
    return lines


def given_back(s, shell):
    """Variables, functions, aliases and options are what they were, the user's own ones, too."""
    make(s, "env")
    mine = ["PS1='mine> '", "deactivate() { echo mine; }" if shell.name not in ("dash", "busybox") else ":",
            "alias pydoc='echo my'"]
    mine += ["psvar=(a '' b)", "setopt cshjunkiequotes"] if shell.name == "zsh" else []
    text = "\n".join(mine + ["once() { %s; }" % DUMPS.get(shell.name, "set; alias; set -o"),
                             "once >one.txt", ". ./env/bin/activate", "deactivate", "once >two.txt", ""])
    status, out, err = run(s, shell, text)
    assert (status, out, err) == (0, "", ""), (status, out, err)
    with open(s.path("one.txt"), encoding="utf-8", errors="replace") as one, \
            open(s.path("two.txt"), encoding="utf-8", errors="replace") as two:
        before, after = dump(one.read()), dump(two.read())
    lost, left = [x for x in before if x not in after], [x for x in after if x not in before]
    assert not lost and not left, (lost[:20], left[:20])


def psvar(s, shell):
    """What stands in psvar stays, also what is put behind ours; and no list is left."""
    make(s, "env")
    cases = [("psvar=(a b)", "", "2 a,b,"), ("psvar=()", "", "0 ,"), ("psvar=(a '' c)", "", "3 a,,c,"),
             ("psvar=(a)", "psvar[4]=d", "4 a,,,d,"), ("psvar=('(env) ' b)", "", "2 (env) ,b,")]
    for before, between, want in cases:
        out = run(s, shell, "PS1='> '\n%s\n. ./env/bin/activate\nprint -rn -- ${(%%)PS1}\n%s\ndeactivate\n"
                  "print -r -- \"|$#psvar ${(j:,:)psvar},${precmd_functions+left}\"\n" % (before, between))
        assert out == (0, "(env) > |%s\n" % want, ""), (before, between, out)


def prompt_list(s, shell):
    """csh: a prompt of several words, or none, is activated, drawn and given back."""
    make(s, "env")
    for words in ("(a b)", "()", "''", "'a b'"):
        out = run(s, shell, "set prompt = %s\nsource env/bin/activate.csh\n"
                  "echo $#prompt $?VIRTUAL_ENV\ndeactivate\necho $#prompt $prompt:q=\n"
                  "echo $?VIRTUAL_ENV\n" % words)
        count = "2" if words == "(a b)" else "1"
        n = "1" if words == "''" else "0" if words == "()" else count
        word = {"(a b)": "a b=", "()": "=", "''": "=", "'a b'": "a b="}[words]
        assert out == (0, "%s 1\n%s %s\n0\n" % (count, n, word), ""), (words, out)


def drawn(t, shell, tag):
    t.type(shell.say.format(tag))
    return t.expect(b"done %s\r?\n" % tag.encode())[0]


def newline(s, shell):
    """A line end takes nothing with it."""
    make(s, "env", "--prompt=first\nlast")
    t = Terminal(shell.interactive(), env(s), s.dir)
    try:
        t.type(shell.set_prompt)
        t.type(shell.sources.format("env/bin/" + shell.script))
        drawn(t, shell, "a")
        text = drawn(t, shell, "b").replace(b"\r", b"")
        assert b"first\nlast" in text or b"first last" in text or b"firstlast" in text, text
    finally:
        t.close()


def long_prompt(s, shell):
    """4,000 characters are drawn at once, whatever they are."""
    limit = 900 if shell.name == "bsd-csh" else 4000
    for piece in ("a", "$`", "\u4e01", "!%\\"):
        if shell.name == "bsd-csh" and piece == "\u4e01":
            limit //= 3
        text = (piece * limit)[:limit]
        make(s, "env", "--prompt=" + text)
        t = Terminal(shell.interactive(), env(s), s.dir, 60)
        try:
            t.type(shell.set_prompt)
            drawn(t, shell, "start")
            began = time.monotonic()
            t.type(shell.sources.format("env/bin/" + shell.script))
            drawn(t, shell, "a")
            seen = drawn(t, shell, "b")
            took = time.monotonic() - began
            assert took < 20, (piece, took)
            assert text.encode()[:200] in seen or shell.name in ("xonsh", "fish", "zsh", "yash", "tcsh"), seen[:300]
        finally:
            t.close()


REFUSALS = {}
for _n in FAMILY:
    REFUSALS[_n] = ["eval \"$(cat moved/bin/activate)\"", ". ./wrapper"]
REFUSALS["fish"] = ["cat moved/bin/activate.fish | source", "eval (cat moved/bin/activate.fish | string collect)"]
REFUSALS["tcsh"] = REFUSALS["bsd-csh"] = ["source moved/bin/activate.csh"]
REFUSALS["xonsh"] = ["exec(open('moved/bin/activate.xsh').read(), {'__name__': 'x', '__file__': None})"]


def vanished(s, shell):
    """Moved, and read so that a shell cannot tell where it is: refused, and nothing changed."""
    make(s, "env")
    s.run("rm", "-rf", s.path("moved"))
    os.rename(s.path("env"), s.path("moved"))
    with open(s.path("wrapper"), "w", encoding="ascii") as f:
        f.write("eval \"$(cat moved/bin/activate)\"\n")
    with open(s.path("moved", "bin", "wrapper"), "w", encoding="ascii") as f:
        f.write("eval \"$(cat moved/bin/activate)\"\n")
    ways = list(REFUSALS[shell.name]) + ([". ./moved/bin/wrapper"] if shell.name in FAMILY else [])
    for way in ways:
        again = " || echo no" if shell.name in FAMILY else ""
        status, out, err = run(s, shell, "%s%s\n%s\n" % (way, again, shell.save.format("out.txt")))
        assert shell.name == "xonsh" or os.path.exists(s.path("out.txt")), (way, status, out, err)
        if os.path.exists(s.path("out.txt")):
            with open(s.path("out.txt"), "rb") as f:
                assert b"VIRTUAL_ENV" not in f.read(), way
            os.unlink(s.path("out.txt"))
        assert "no environment is there" in out + err, (way, status, out, err)
        assert not again or out == "no\n", (way, out)
    if shell.name in FAMILY:
        p = subprocess.run([*shell.interactive()], cwd=s.dir, env=env(s), stdout=subprocess.PIPE, check=False,
                           stdin=open(s.path("moved", "bin", "activate"), "rb"), stderr=subprocess.PIPE)
        assert p.returncode and b"no environment is there" in p.stderr, p


def colon(s, shell):
    """Moved to where PATH cannot hold it: refused."""
    make(s, "env")
    s.run("rm", "-rf", s.path("a:b"))
    os.rename(s.path("env"), s.path("a:b"))
    status, out, err = run(s, shell, "\n".join([
        "" if shell.name in FAMILY else shell.before, shell.sources.format("a:b/bin/" + shell.script),
        shell.save.format("out.txt"), ""]))
    if os.path.exists(s.path("out.txt")):
        with open(s.path("out.txt"), "rb") as f:
            assert b"VIRTUAL_ENV" not in f.read(), out
        os.unlink(s.path("out.txt"))
    assert "PATH cannot hold a " in out + err or "environment is there" in out + err, (status, out, err)


def from_python(s, interpreter):
    """sysconfig, the order of modules, PATH, and back; with and without site."""
    path = make(s, "env", "-p", interpreter.path)
    site = [os.path.join(base, "site-packages") for base, dirs, _ in os.walk(path) if "site-packages" in dirs][0]
    os.makedirs(s.path("host"), exist_ok=True)
    for name in ("colorsys", "both"):
        for where in (site, s.path("host")):
            with open(os.path.join(where, name + ".py"), "w", encoding="ascii") as f:
                f.write("")
    with open(os.path.join(site, "order.pth"), "w", encoding="ascii") as f:
        f.write("import colorsys, both; import sys; sys.path.insert(0, '/inserted')\n")
    for flags in ([], ["-S"], ["-c", "import sysconfig"]):
        first = "import sysconfig\n" if flags[:1] == ["-c"] else ""
        code = first + """
import os, runpy, sys
before = list(sys.path), sys.prefix, dict(os.environ)
deactivate = runpy.run_path('env/bin/activate_this.py')['deactivate']
import sysconfig
for name in 'purelib', 'platlib', 'scripts':
    found = sysconfig.get_path(name, 'posix_prefix')
    assert found.startswith(sys.argv[1] + os.sep), found
import both, colorsys
assert both.__file__.startswith(sys.argv[1] + os.sep), both
assert not colorsys.__file__.startswith((sys.argv[1] + os.sep, os.getcwd())), colorsys
assert '/inserted' in sys.path
assert '' not in os.environ['PATH'].split(':'), os.environ['PATH']
assert os.environ['PATH'].split(':')[0] == sys.argv[1] + '/bin'
deactivate()
assert (list(sys.path), sys.prefix, dict(os.environ)) == before
for name in 'purelib', 'platlib':
    assert not sysconfig.get_path(name, 'posix_prefix').startswith(sys.argv[1]), name
"""
        out = s.run(interpreter.path, *(f for f in flags if f == "-S"), "-c", code, path,
                    env=env(s, PYTHONPATH=s.path("host"), PYTHONDONTWRITEBYTECODE="1", PATH_=""
                            ) | {"PATH": ":/usr/bin::/bin:"})
        assert out[0] == 0, out[1]
    # Through another name: the environment is where it was made, whatever that name is.
    for alias in ("alias", "al:ias", "%func"):
        if not os.path.islink(s.path(alias)):
            os.symlink("env", s.path(alias))
        out = s.run(interpreter.path, "-c", "import runpy, os; runpy.run_path('%s/bin/activate_this.py'); "
                    "print(os.environ['VIRTUAL_ENV'])" % alias, env=env(s))
        assert out == (0, path + "\n"), out


def from_xonsh(s, shell):
    """Whatever encoding scripts are read in, and whatever the user has called builtins."""
    prompt, names = "it's +ACc- ~{ 100% \\ \u4e01 caf\u00e9", ("bytes", "type", "sorted", "isinstance", "str", "print")
    path = make(s, "e+ACc-\u00e9", "--prompt=" + prompt)
    for encoding in ("utf-8", "gbk", "big5", "utf-7", "hz", "cp864", "shift_jis_2004"):
        text = "\n".join(["%s = 'mine'" % n for n in names if n != "print"]) + """
source @(%a)
__import__('builtins').print(ascii((${'VIRTUAL_ENV'}, ${'VIRTUAL_ENV_PROMPT'})))
deactivate
""" % (path + "/bin/activate.xsh")
        status, out, err = run(s, shell, text, XONSH_ENCODING=encoding)
        assert (status, out) == (0, "%a\n" % ((path, prompt),)), (encoding, status, out, err)


def main():
    tap = Tap()
    s = Scratch("edges")
    for name, shell in BY_NAME.items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        if name in FAMILY:
            tap.check(name + ": every option", options, s, shell)
            tap.check(name + ": deactivate gives all back", given_back, s, shell)
        if name in ("dash", "busybox"):
            tap.check(name + ": what PATH takes for options", path_options, s, shell)
        if name == "zsh":
            tap.check("zsh: psvar", psvar, s, shell)
        if name in ("tcsh", "bsd-csh"):
            tap.check(name + ": a prompt that is a list", prompt_list, s, shell)
            tap.check(name + ": a line end in a prompt", newline, s, shell)
        if name in REFUSALS:
            tap.check(name + ": a script that cannot tell where it is", vanished, s, shell)
        if shell.script and name not in ("dash", "busybox", "mksh", "yash", "PowerShell", "nushell"):
            tap.check(name + ": moved to a name with a colon", colon, s, shell)
        if name == "xonsh":
            tap.check("xonsh: encodings and names of builtins", from_xonsh, s, shell)
        if shell.draws and not shell.slow:
            tap.check(name + ": a prompt of 4,000 characters", long_prompt, s, shell)
    for interpreter in find():
        if not sys.argv[1:] or "python" in sys.argv[1:]:
            tap.check("activate_this.py: %s" % interpreter, from_python, s, interpreter)
    found = [f for _, _, files in os.walk(s.path()) for f in files if f.startswith("canary")]
    tap.result(not found, "nothing was run", found)
    s.remove()
    tap.done()


if __name__ == "__main__":
    main()
