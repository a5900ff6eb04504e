#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""picture.py - docs/session.svg, the picture of a session in the README

    tools/picture.py VENVCTL >docs/session.svg

Runs the commands below with the program VENVCTL, in a directory of its own and on a terminal, and
draws what they print. --text prints that as text, which a test compares with the picture.
"""

import os
import pty
import re
import shutil
import sys
import tempfile
from xml.sax.saxutils import escape

COMMANDS = [
    "venvctl create -p 3",
    "venvctl run python -c 'import sys; print(sys.prefix)'",
    "mv .venv env",
    "venvctl check env",
    "venvctl check --fix env",
    "env/bin/pip --version",
    "venvctl list",
    "venvctl remove env",
]
PLACE = "/home/you/project"     # what the directory is called in the picture
COLOURS = {"31": "#ff7b72", "33": "#e3b341", "36": "#76e3ea", "32": "#7ee787", "1": "#ffffff"}
COLUMNS, SIZE, LINE, MARGIN = 100, 14, 20, 18


def run(command, cwd, env):
    """What COMMAND prints on a terminal."""
    pid, fd = pty.fork()
    if not pid:
        os.chdir(cwd)
        os.execve("/bin/sh", ["sh", "-c", command], env)
    text = b""
    while True:
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        text += data
    os.waitpid(pid, 0)
    os.close(fd)
    return text.decode("utf-8", "replace").replace("\r", "")


def session(program):
    top = os.path.realpath(tempfile.mkdtemp(prefix="venvctl-picture-"))
    project, programs = os.path.join(top, "project"), os.path.join(top, "programs")
    for directory in (project, programs):
        os.mkdir(directory)
    os.symlink(os.path.abspath(program), os.path.join(programs, "venvctl"))
    env = {"PATH": programs + ":/usr/bin:/bin", "HOME": top, "LC_ALL": "C.UTF-8", "TERM": "xterm", "SHELL": "/bin/bash",
           "VENVCTL_CACHE_DIR": os.path.join(top, "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    env.update((k, os.environ[k]) for k in ("TEST_SYSCONFDIR",) if k in os.environ)
    lines = []
    try:
        # What takes a while the first time only is no part of the picture.
        run("venvctl create -q -p 3 .venv; rm -r .venv", project, env)
        for command in COMMANDS:
            printed = run(command, project, env).replace(project, PLACE)
            lines.append("$ " + command)
            lines += printed.rstrip("\n").split("\n") if printed.strip() else []
    finally:
        shutil.rmtree(top)
    return lines


def spans(line):
    """The line with its colours, as SVG."""
    found, colour = [], None
    for part in re.split("(\x1b\\[[0-9;]*[A-Za-z])", line):
        if part.startswith("\x1b["):
            codes = part[2:-1].split(";")
            colour = next((COLOURS[c] for c in codes if c in COLOURS), None) if part.endswith("m") else colour
        elif part:
            fill = ' fill="%s"' % colour if colour else ""
            found.append("<tspan%s>%s</tspan>" % (fill, escape(part)))
    return "".join(found)


def plain(line):
    return re.sub("\x1b\\[[0-9;]*[A-Za-z]", "", line)


def wrapped(lines):
    for line in lines:
        # None is so long that a colour would be cut.
        while len(plain(line)) > COLUMNS:
            cut = line.rfind(" ", 0, COLUMNS)
            cut = cut if cut > 0 else COLUMNS
            yield line[:cut]
            line = "    " + line[cut:].lstrip()
        yield line


def draw(lines):
    lines = list(wrapped(lines))
    width, height = int(COLUMNS * SIZE * 0.602) + 2 * MARGIN, len(lines) * LINE + 2 * MARGIN
    out = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d">'
           % (width, height, width, height),
           "<!-- SPDX-License-Identifier: MIT; made by tools/picture.py -->",
           "<title>A session with venvctl</title>",
           '<rect width="100%" height="100%" rx="8" fill="#161b22"/>',
           '<g font-family="ui-monospace, DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="%d" fill="#c9d1d9"'
           ' xml:space="preserve">' % SIZE]
    for i, line in enumerate(lines):
        y = MARGIN + LINE * i + SIZE
        text = '<tspan fill="#7ee787">$ </tspan><tspan fill="#ffffff">%s</tspan>' % escape(line[2:]) \
            if line.startswith("$ ") else spans(line)
        out.append('<text x="%d" y="%d">%s</text>' % (MARGIN, y, text))
    return "\n".join(out + ["</g>", "</svg>", ""])


def main():
    text = "--text" in sys.argv[1:]
    programs = [a for a in sys.argv[1:] if a != "--text"]
    if len(programs) != 1:
        sys.exit(__doc__)
    lines = session(programs[0])
    sys.stdout.write("".join(plain(line) + "\n" for line in wrapped(lines)) if text else draw(lines))


main()
