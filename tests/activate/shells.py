# SPDX-License-Identifier: MIT
"""shells.py - how to talk to each shell; one small class a shell

A driver never has to quote a hostile name: an environment is reached through a link
with a plain name, n/NUMBER.
"""

import os
import shutil


class Shell:
    """What follows is right for most; SAVE writes the environment to a file."""
    name = command = script = None
    flags = ()
    sources = "source {}"
    leave = "deactivate"
    save = "/usr/bin/env -0 >{}"
    answers = "answer >{}"  # run a program that only the environment has
    exports = "export {}={}"
    set_prompt = "set prompt = 'READY> '"
    say = "echo done'' {}"   # what is typed does not look like what is printed
    before = ""             # first lines of a batch
    slow = False
    draws = True            # has a prompt that can be looked at here
    reads_bytes = True      # also what is no UTF-8
    place_first = False     # VIRTUAL_ENV is the path by which the script was found

    @property
    def path(self):
        return shutil.which(self.command, path="/usr/local/bin:/usr/bin:/bin")

    def batch(self, numbers):
        """A script: the environment at the start, in each, after each."""
        lines = [self.before, self.save.format("out/start")]
        for n in numbers:
            lines += [self.sources.format("n/%d/bin/%s" % (n, self.script)),
                      self.save.format("out/%d.in" % n),
                      self.leave,
                      self.save.format("out/%d.out" % n)]
        return "\n".join(lines + [""])

    def steps(self, numbers):
        """A script: activate one after the other, then leave once."""
        lines = [self.before, self.save.format("out/start")]
        for i, n in enumerate(numbers):
            lines += [self.sources.format("n/%d/bin/%s" % (n, self.script)),
                      self.save.format("out/%d.in" % i)]
        return "\n".join(lines + [self.leave, self.save.format("out/0.out"), ""])

    def run_batch(self, file):
        return [self.path, *self.flags, file]

    def interactive(self):
        return [self.path, *self.flags]


class Sh(Shell):
    """What sh, and what is like it, has in common; with the options that break scripts."""
    script = "activate"
    sources = ". ./{}"
    before = "set -euC"
    set_prompt = "PS1='READY> '"


class Bash(Sh):
    """VENVCTL_TEST_BASH: the path of another one, such as an old one that was built by hand."""
    name = command = "bash"
    flags = ("--norc",)

    @property
    def path(self):
        return os.environ.get("VENVCTL_TEST_BASH") or super().path


class Dash(Sh):
    name = command = "dash"


class Busybox(Sh):
    name = command = "busybox"
    flags = ("sh",)


class Mksh(Sh):
    name = command = "mksh"


class Ksh93(Sh):
    name = command = "ksh93"


class Yash(Sh):
    name = command = "yash"
    flags = ("--norcfile",)
    reads_bytes = False


class Zsh(Sh):
    name = command = "zsh"
    flags = ("-f",)


class Tcsh(Shell):
    name = command = "tcsh"
    script = "activate.csh"
    flags = ("-f",)
    exports = "setenv {} {}"


class BsdCsh(Tcsh):
    name = command = "bsd-csh"


class TcshOptions(Tcsh):
    """With the options that change what a backslash and ! mean."""
    name = "tcsh, backslash_quote and histchars"
    before = "set backslash_quote\nset histchars = '%,'"
    set_prompt = Tcsh.set_prompt + "; set backslash_quote; set histchars = '@,'; set promptchars = 'ab'"


class Fish(Shell):
    name = command = "fish"
    script = "activate.fish"
    flags = ("--private",)
    exports = "set -gx {} {}"
    set_prompt = "function fish_prompt; echo -n 'READY> '; end"


class Xonsh(Shell):
    name = command = "xonsh"
    script = "activate.xsh"
    flags = ("--no-rc", "-DXONSH_SHOW_TRACEBACK=1", "-DXONSH_HISTORY_BACKEND=dummy")
    set_prompt = "$PROMPT = 'READY> '; $MULTILINE_PROMPT = ''"
    say = "printf 'done %s\\n' {}"
    exports = None          # is a Python, which asks for the locale once
    slow = True


class Python(Shell):
    name = "python"
    command = "python3"
    script = "activate_this.py"
    before = """
import os, runpy
def save(path):
    with open(path, "wb") as f:
        f.write(b"".join(k + b"=" + v + b"\\0" for k, v in os.environb.items()))
"""
    sources = "deactivate = runpy.run_path('{}')['deactivate']"
    leave = "deactivate()"
    save = "save('{}')"
    answers = """import subprocess
with open('{}', 'w') as told:
    try:
        subprocess.call(['answer'], stdout=told)
    except OSError as missing:
        print(missing)"""
    draws = False


class PowerShell(Shell):
    name = "PowerShell"
    command = "pwsh"
    script = "Activate.ps1"
    flags = ("-NoProfile", "-NonInteractive", "-File")
    sources = ". ./{}"
    save = "/bin/sh -c '/usr/bin/env -0 >{}'"
    draws = False
    place_first = True


class Nushell(Shell):
    name = "nushell"
    command = "nu"
    script = "activate.nu"
    flags = ("--no-config-file",)
    sources = "overlay use {}"
    save = "^/bin/sh -c '/usr/bin/env -0 >{}'"
    draws = False


SHELLS = [Bash(), Dash(), Busybox(), Mksh(), Ksh93(), Yash(), Zsh(), Tcsh(), BsdCsh(),
          TcshOptions(), Fish(), Xonsh(), Python(), PowerShell(), Nushell()]

# What changes how a prompt is drawn.
OPTIONS = {
    "bash": ["shopt -u promptvars", "set -o posix", "shopt -s promptvars", "set +o posix", "BASH_COMPAT=4.2",
             "BASH_COMPAT=5.1", "shopt -u patsub_replacement", "set -u", "shopt -u promptvars; set -o posix"],
    "tcsh": ["set histchars = '^!'", "set histchars = ',#'", "unset histchars", "set backslash_quote",
             "set promptchars = 'ab'", "unset backslash_quote"],
    "yash": ["set -o posixly-correct", "set +o posixly-correct"],
    "zsh": ["setopt prompt_subst", "setopt prompt_bang", "setopt ksharrays", "setopt nounset", "emulate sh",
            "emulate ksh", "emulate zsh", "unsetopt prompt_subst prompt_bang", "setopt prompt_subst"],
}
