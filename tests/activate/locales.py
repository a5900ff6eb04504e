# SPDX-License-Identifier: MIT
"""locales.py - activation where a locale reads names otherwise than they were written

In most legacy multibyte charsets a byte that is not ASCII and the ASCII character behind
it may be one character, and a quote, a backslash, a brace or a backquote be swallowed.
Here each of the 64 last bytes that UTF-8 knows stands before whatever may be swallowed,
in names of directories and in prompts, for each shell in each of the charsets. Half of the
environments may be moved, and were.

The suite tries a sample, another one each day; SWEEP=all tries all (an hour),
SWEEP=NUMBER so many names, and SWEEP_SEED repeats a sample. Arguments are names of shells.
"""

import ctypes
import locale
import os
import random
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "matrix"))

# pylint: disable=wrong-import-position
from interpreters import Scratch, Tap  # noqa: E402
from shells import OPTIONS, SHELLS  # noqa: E402
from table import expected, no_canary, place_of, read_env  # noqa: E402
from terminal import Terminal  # noqa: E402

SWEEP = os.environ.get("SWEEP", "12")
SEED = os.environ.get("SWEEP_SEED", str(int(time.time()) // 86400))

# Charset -> what localedef makes it from.
CHARSETS = {
    "GBK": ("zh_CN", "GBK"), "GB18030": ("zh_CN", "GB18030"), "BIG5": ("zh_TW", "BIG5"),
    "BIG5-HKSCS": ("zh_HK", "BIG5-HKSCS"), "SHIFT_JIS": ("ja_JP", "SHIFT_JIS"), "JOHAB": ("ko_KR", "JOHAB"),
    "UHC": ("ko_KR", "CP949"), "EUC-JP": ("ja_JP", "EUC-JP"), "ISO-8859-1": ("en_US", "ISO-8859-1"),
    "UTF-8": None, "C": None,
}

# Z stands for a character whose last byte is the one that is tried.
PAYLOADS = [
    "Z$(touch canary)", "Z`touch canary`", "Z';touch canary;#", "Z\\';touch canary;#",
    'Z";touch canary;#', 'Z\\";touch canary;#', "Z\\$(touch canary)", "Z\\\\`touch canary`",
    "Z}$(touch canary)", "Z]`touch canary`", "Z|touch canary", "Z\\;touch canary;", "Z^;touch canary;'",
    "Z0$(touch canary)Z0'", "!Z!touch canary%Z%(?.a.b)", "{Z}(touch canary)@(Z)~Z", "Z(touch canary)Z\\",
]
PROMPTS = ["Z\n`touch canary`\nZ", "Z\\\n$(touch canary)"]
# Of characters that end with a byte, these have it behind one, two and three others.
FIRST = [b"\xc3", b"\xce", b"\xe4\xb8", b"\xe5\x88", b"\xe3\x81", b"\xed\x95", b"\xf0\x9f\x90"]

# Found by hand; tried each time.
ALWAYS = ["\u4e01$(touch canary)", "\u4e01';touch canary;#", "\u4e01\\';touch canary;#", "\u4e01\\",
          "a\u4f600", "\u5225';touch canary;#", "\u00e9$5", "\u4e01", "{\u3064}@(\u3064)~"]


class Case:
    def __init__(self, scratch, number, directory, prompt):
        self.number = number
        self.dir = scratch.path("envs", directory)
        self.prompt = prompt

    def label(self):
        return "%d %a %a" % (self.number, self.dir.rsplit("/", 1)[1], self.prompt)


def names():
    """Pairs of a name and a prompt, the whole table."""
    pairs = []
    for last in range(0x80, 0xc0):
        for i, payload in enumerate(PAYLOADS):
            first = FIRST[(last + i) % len(FIRST)]
            char = (first + bytes([last])).decode("utf-8")
            other = (PAYLOADS + PROMPTS)[(i * 7 + last) % (len(PAYLOADS) + len(PROMPTS))]
            pairs.append((payload.replace("Z", char), other.replace("Z", char)))
        # Before each character that may be swallowed.
        every = "".join(char + chr(c) for c in range(0x21, 0x7f)) + "$(touch canary)`touch canary`"
        pairs.append((char + "\\" + char, every))
    return pairs


def make(scratch):
    for name in ("envs", "n"):
        os.mkdir(scratch.path(name))
    pairs = names()
    if SWEEP != "all":
        pairs = random.sample(pairs, int(SWEEP))
    pairs = [(name, name) for name in ALWAYS] + pairs
    cases = [Case(scratch, i, "%d%s" % (i, d), p) for i, (d, p) in enumerate(pairs)]
    for case in cases:
        place = scratch.path("envs", "made") if case.number % 2 else case.dir
        scratch.venvctl("create", "--without-pip", *["--relocatable"] * (case.number % 2),
                        "--prompt=" + case.prompt, "--", place)
        if place != case.dir:
            os.rename(place, case.dir)
        os.symlink(case.dir, scratch.path("n", str(case.number)))
        # What answers to a name in PATH; starting as many Pythons would take hours.
        with open(os.path.join(case.dir, "bin", "answer"), "w", encoding="ascii") as f:
            f.write("#!/bin/sh\necho %d\n" % case.number)
        os.chmod(os.path.join(case.dir, "bin", "answer"), 0o755)
    return cases


def make_locales(scratch):
    """The environment of each charset; those that cannot be made are None."""
    os.mkdir(scratch.path("locales"))
    os.environ["LOCPATH"] = scratch.path("locales")
    running, found = {}, {}
    for charset, source in CHARSETS.items():
        if source:
            name = "%s.%s" % (source[0], charset)
            running[charset] = name, subprocess.Popen(
                ["localedef", "-c", "-i", source[0], "-f", source[1], scratch.path("locales", name)],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for charset in CHARSETS:
        name = {"UTF-8": "C.UTF-8"}.get(charset, charset)
        if charset in running:
            name = running[charset][0]
            running[charset][1].wait()
        env = dict(scratch.env, LC_ALL=name, LANG=name, TERM="dumb", PATH="/usr/bin:/bin",
                   LOCPATH=scratch.path("locales"))
        if charset in ("UTF-8", "C"):
            del env["LOCPATH"]
        told = subprocess.run(["locale", "charmap"], env=env, stdout=subprocess.PIPE, check=False,
                              stderr=subprocess.DEVNULL).stdout.decode().strip()
        want = {"UHC": "CP949", "C": "ANSI_X3.4-1968"}.get(charset, charset)
        found[charset] = env if told == want else None
    return found


class Charset:
    """What C makes of bytes in a locale, and of that again."""

    def __init__(self, env):
        self.libc = ctypes.CDLL(None)
        self.libc.mbrtowc.restype = self.libc.wcrtomb.restype = ctypes.c_ssize_t
        self.name = env["LC_ALL"]

    def read(self, text):
        """"same", "changed", or "bad" where a byte is part of no character."""
        locale.setlocale(locale.LC_CTYPE, self.name)
        try:
            return self._read(os.fsencode(text))
        finally:
            locale.setlocale(locale.LC_CTYPE, "C.UTF-8")

    def held_by_python(self, text):
        """Python's own codecs differ from C's in a few characters."""
        data, name = os.fsencode(text), self.name.partition(".")[2].replace("UHC", "CP949") or "UTF-8"
        return data.decode(name, "surrogateescape").encode(name, "surrogateescape") == data

    def _read(self, data):
        state, result = ctypes.create_string_buffer(32), "same"
        while data:
            char, again, back = ctypes.c_wchar(), ctypes.create_string_buffer(32), ctypes.create_string_buffer(32)
            n = self.libc.mbrtowc(ctypes.byref(char), data, ctypes.c_size_t(len(data)), state)
            if n < 0:
                result, n, state = "bad", 1, ctypes.create_string_buffer(32)
            elif n == 0:
                return "changed"    # the second half of a pair; shells take it for an end
            else:
                m = self.libc.wcrtomb(back, char, again)
                if m != n or back.raw[:n] != data[:n]:
                    return "changed"
            data = data[n:]
        return result


def may_fail(shell, charset, read, prompt=""):
    """What a shell cannot do by itself; READ is what the charset makes of the name."""
    if "tcsh" in shell.name and charset in ("SHIFT_JIS", "JOHAB") and "\n" in prompt:
        return True                 # has no backslash, and nothing else keeps a line end
    if shell.name == "yash":        # keeps characters, and no bytes
        return read != "same"
    if shell.name == "fish" and charset == "JOHAB":
        return True                 # writes no backslash
    if shell.name in ("fish", "xonsh", "python") or "tcsh" in shell.name:
        return read == "changed"
    return False


# A name that it refuses ends the activation, and not the batch.
PYTHON_SOURCES = """try:
    deactivate = runpy.run_path('{}')['deactivate']
except ValueError as refused:
    deactivate = lambda why=refused: print(why)"""


def script(shell, cases):
    sources = PYTHON_SOURCES if shell.name == "python" else shell.sources
    lines = [shell.before.replace("-euC", "-uC"), shell.save.format("out/start")]
    for c in cases:
        lines += [sources.format("n/%d/bin/%s" % (c.number, shell.script)),
                  shell.save.format("out/%d.in" % c.number), shell.answers.format("out/%d.who" % c.number),
                  shell.leave, shell.save.format("out/%d.out" % c.number)]
    return "\n".join(lines + [""])


def told(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError:
        return b""


def judge(scratch, shell, charset, reader, case, start):
    """None, "refused", or what is wrong."""
    found = read_env(scratch.path("out", "%d.in" % case.number))
    after = read_env(scratch.path("out", "%d.out" % case.number))
    if after != start:
        return "left behind %a" % sorted(set(after.items()) ^ set(start.items()))
    if found == start:
        if shell.name == "python" and not reader.held_by_python(case.dir):
            return "refused"
        return "refused" if may_fail(shell, charset, reader.read(case.dir), case.prompt) \
            else "refused, and should not be"
    want = expected(scratch, shell, case, start)
    if shell.name != "python" and may_fail(shell, charset, reader.read(case.prompt)):
        want["VIRTUAL_ENV_PROMPT"] = found.get("VIRTUAL_ENV_PROMPT")
    if found != want:
        return "%a" % sorted(set(found.items()) ^ set(want.items()))
    answer = told(scratch.path("out", "%d.who" % case.number))
    return None if answer == b"%d\n" % case.number else "answered %a" % answer


def activate(scratch, shell, charset, env, cases):
    for name in os.listdir(scratch.path("out")):
        os.unlink(scratch.path("out", name))
    batch = scratch.path("batch." + shell.script.rsplit(".")[-1])
    with open(batch, "w", encoding="utf-8") as f:
        f.write(script(shell, cases))
    done = subprocess.run(shell.run_batch(batch), cwd=scratch.dir, env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    no_canary(scratch)
    assert os.path.exists(scratch.path("out", "start")), "%d %a" % (done.returncode, done.stdout[-2000:])
    start, reader = read_env(scratch.path("out", "start")), Charset(env)
    wrong, refused = [], 0
    for case in cases:
        try:
            verdict = judge(scratch, shell, charset, reader, case, start)
        except OSError as e:
            verdict = "%s %a" % (e, done.stdout[-600:])
        if verdict == "refused":
            refused += 1
        elif verdict:
            wrong.append("%s: %s" % (case.label(), verdict))
    assert not wrong, "%d of %d\n%s" % (len(wrong), len(cases), "\n".join(wrong[:20]))
    return "%d names, %d that it cannot hold" % (len(cases), refused)


def drawn(terminal, shell, tag):
    terminal.type(shell.say.format(tag))
    return terminal.expect(b"done %s\r?\n" % tag.encode())[0]


# These draw what a locale cannot read as bytes, and count no columns that would matter.
TRANSPARENT = ("bash", "dash", "mksh", "bsd-csh")


def draw(scratch, shell, charset, env, cases):
    """Activated and drawn there, and activated in UTF-8 and drawn there."""
    wrong, reader = [], Charset(env)
    for first in (env, dict(env, LC_ALL="C.UTF-8")):
        t = Terminal(shell.interactive(), first, scratch.dir, 60)
        try:
            t.type(shell.set_prompt)
            drawn(t, shell, "start")
            for case in cases:
                if shell.name == "yash" and reader.read(case.dir) != "same":
                    continue
                t.type(shell.sources.format("n/%d/bin/%s" % (case.number, shell.script)))
                if first is not env:
                    t.type(shell.exports.format("LC_ALL", env["LC_ALL"]))
                drawn(t, shell, "%da" % case.number)
                text = drawn(t, shell, "%db" % case.number)
                want = os.fsencode("(%s) " % case.prompt)
                if shell.name in TRANSPARENT and case.prompt.isprintable() and want not in text:
                    wrong.append("%s: drawn %a" % (case.label(), text))
                if first is not env:
                    t.type(shell.exports.format("LC_ALL", "C.UTF-8"))
                if not may_fail(shell, charset, reader.read(case.dir), case.prompt):
                    t.type(shell.leave)
        finally:
            t.close()
    no_canary(scratch)
    assert not wrong, "\n".join(wrong[:20])
    return "%d prompts" % (2 * len(cases))


def options(scratch, shell, env, cases):
    """Whatever is switched, before or after, nothing of the prompt is run."""
    for case in cases:
        t = Terminal(shell.interactive(), env, scratch.dir, 60)
        try:
            t.type(shell.set_prompt)
            for option in OPTIONS[shell.name]:
                t.type(option)
                t.type(shell.sources.format("n/%d/bin/%s" % (case.number, shell.script)))
                drawn(t, shell, "a")
                for other in OPTIONS[shell.name]:
                    t.type(other)
                    drawn(t, shell, "b")
        finally:
            t.close()
    no_canary(scratch)
    return "%d names, %d times %d options" % (len(cases), len(OPTIONS[shell.name]), len(OPTIONS[shell.name]))


def tests_of(scratch, shell, envs, cases):
    tests = []
    mine = cases[::8] if shell.slow else cases
    few = mine if SWEEP != "all" else mine[:16] + mine[16::8]
    for charset, env in envs.items():
        # xonsh cannot bind its keys where the backslash is another character, and ends.
        if not env or (shell.name, charset) == ("xonsh", "JOHAB"):
            continue
        label = "%s, %s: " % (shell.name, charset)
        tests.append((label + "activate and deactivate", activate, scratch, shell, charset, env, mine))
        if shell.draws and shell.exports:
            tests.append((label + "prompts", draw, scratch, shell, charset, env, few))
        if shell.name in OPTIONS and charset in ("GBK", "SHIFT_JIS", "BIG5-HKSCS"):
            tests.append((label + "options", options, scratch, shell, env, cases[:len(ALWAYS) + 2][::3]))
    return tests


def main():
    tap = Tap()
    if not shutil.which("localedef"):
        tap.skip("locales", "there is no localedef")
        tap.done()
        return
    random.seed(SEED)
    print("# SWEEP=%s SWEEP_SEED=%s" % (SWEEP, SEED))
    shared = Scratch("locales")
    envs = make_locales(shared)
    cases = make(shared)
    locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    for charset in [c for c in envs if not envs[c]]:
        tap.skip(charset, "localedef cannot make it")
    shells = [s for s in SHELLS if s.path and s.name in (sys.argv[1:] or [s.name])]
    groups = []
    for shell in shells:
        scratch = place_of(shell, shared)
        groups.append((scratch, tests_of(scratch, shell, envs, cases)))
    tap.together(groups)
    shared.remove()
    tap.done()


main()
