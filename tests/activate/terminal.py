# SPDX-License-Identifier: MIT
"""terminal.py - an interactive shell on a pseudo-terminal"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time


class Terminal:
    """A terminal that is wide enough that nothing is wrapped."""

    def __init__(self, argv, env, cwd, timeout=30):
        self.timeout = timeout
        self.seen = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(cwd)
                os.execve(argv[0], argv, env)
            finally:
                os._exit(127)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 4000, 0, 0))

    def expect(self, pattern):
        """Read until PATTERN comes; what came before it, and the match."""
        end = time.monotonic() + self.timeout
        while True:
            found = re.search(pattern, self.seen)
            if found:
                before, self.seen = self.seen[:found.start()], self.seen[found.end():]
                return before, found
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                raise AssertionError("no %r in %r" % (pattern, self.seen[-2000:]))
            try:
                got = os.read(self.fd, 65536)
            except OSError:  # how Linux tells that the other end is closed
                got = b""
            if not got:
                raise AssertionError("the shell ended: %r" % self.seen[-2000:])
            self.seen += got

    def type(self, line):
        os.write(self.fd, line.encode() + b"\n")

    def close(self):
        os.close(self.fd)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
